/** `npm run bench`: the gateway against the floor, in one run. See RESULTS.md. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import autocannon from "autocannon";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { type QueryName, queries } from "./queries.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    queries: { type: "string", default: "Flat,One,Tree,Mixed" },
    callers: { type: "string", default: "1,10,50" },
    delays: { type: "string", default: "0,10" },
    write: { type: "boolean", default: false },
    /** A folder for a processor profile of each gateway. */
    profile: { type: "string" },
  },
});
const numbers = (text: string) => text.split(",").map(Number);
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);

/** What is measured runs alone on the first processor; the stack and the load on the others. */
const canPin = cpus().length > 1 && spawnSync("taskset", ["-c", "0", "true"]).status === 0;
const pin = (processors: string, command: readonly string[]) =>
  canPin ? ["taskset", "-c", processors, ...command] : [...command];
if (canPin) spawnSync("taskset", ["-cp", `1-${cpus().length - 1}`, String(process.pid)]);

type Program = AsyncDisposable & { readonly pid: number; readonly line: string };

async function startProgram(
  command: readonly string[],
  ready: RegExp,
  env: Record<string, string> = {},
  logFile?: string,
): Promise<Program> {
  const [file = "", ...args] = command;
  const child: ChildProcess = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.stdout === null) throw new Error("It has no output.");
  if (logFile !== undefined) child.stdout.pipe(createWriteStream(logFile));
  const line = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${command.join(" ")} ended with ${code}`)));
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.on("line", (text) => {
      if (ready.test(text)) resolve(text);
    });
  });
  return {
    pid: child.pid ?? 0,
    line,
    async [Symbol.asyncDispose]() {
      child.removeAllListeners("exit");
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Processor time of a process so far, in milliseconds, and its memory at peak, in MB. */
async function usage(pid: number) {
  const stat = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const ticks = Number(stat[11]) + Number(stat[12]);
  return { cpuMs: ticks * 10, peakMb: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024 };
}

type Measure = { perSecond: number; medianMs: number; p99Ms: number; cpuMs: number; calls: number; peakMb: number };
type Door = { readonly url: string; readonly pid: number; readonly headers: Record<string, string> };

async function measure(door: Door, name: QueryName | "Mixed", callers: number, psuId: string, stack: string) {
  const body = (query: QueryName) =>
    JSON.stringify({ operationName: query, query: queries[query], variables: query === "One" ? { psuId } : {} });
  const mixed: readonly QueryName[] = ["Flat", "One", "Flat", "One", "Tree", "Flat", "One", "Flat"];
  const requests = (name === "Mixed" ? mixed : [name]).map((query) => ({
    method: "POST" as const,
    path: "/graphql",
    headers: { "content-type": "application/json", accept: "application/json", ...door.headers },
    body: body(query),
  }));
  const run = (duration: number) => autocannon({ url: door.url, connections: callers, duration, requests });
  await run(Math.min(2, seconds));
  const asked = async () => Number(await (await fetch(`${stack}/requests`)).text());
  const before = { ...(await usage(door.pid)), calls: await asked() };
  const result = await run(seconds);
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx + result.errors} requests failed.`);
  const after = { ...(await usage(door.pid)), calls: await asked() };
  const { total, average } = result.requests;
  return {
    perSecond: average,
    medianMs: result.latency.p50,
    p99Ms: result.latency.p99,
    cpuMs: (after.cpuMs - before.cpuMs) / total,
    calls: (after.calls - before.calls) / total,
    peakMb: after.peakMb,
  } satisfies Measure;
}

const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
function medians(all: readonly Measure[]): Measure {
  const of = (key: keyof Measure) => median(all.map((one) => one[key]));
  return {
    perSecond: of("perSecond"),
    medianMs: of("medianMs"),
    p99Ms: of("p99Ms"),
    cpuMs: of("cpuMs"),
    calls: of("calls"),
    peakMb: of("peakMb"),
  };
}

const folder = await mkdtemp(join(tmpdir(), "bench-"));
const { publicKey, privateKey } = await generateKeyPair("ES256");
const keys = join(folder, "keys.json");
await writeFile(keys, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "bench", alg: "ES256" }] }));
const token = await new SignJWT({ sub: "bench", scope: "payments:read payments:write" })
  .setProtectedHeader({ alg: "ES256", kid: "bench" })
  .setIssuer("https://issuer.example.com")
  .setAudience("gateway")
  .setExpirationTime("2h")
  .sign(privateKey);

type Stack = { url: string; clientId: string; clientSecret: string; psuId: string };
const node = process.execPath;

async function startFloor({ url, clientId, clientSecret }: Stack, connections: number, how: string) {
  const command = [
    node,
    "--max-semi-space-size=64",
    "bench/floor.ts",
    url,
    clientId,
    clientSecret,
    String(connections),
    how,
  ];
  const program = await startProgram(pin("0", command), /^\{/);
  return { ...program, door: { url: JSON.parse(program.line).url as string, pid: program.pid, headers: {} } };
}

const toProfile = () => (options.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`]);

async function startGateway({ url, clientId, clientSecret }: Stack) {
  const { scripts } = JSON.parse(await readFile("package.json", "utf8")) as { scripts: { start: string } };
  const [, ...args] = scripts.start.split(" ");
  const env = {
    NODE_ENV: "production",
    PORT: "0",
    FORMANCE_API_URL: url,
    FORMANCE_CLIENT_ID: clientId,
    FORMANCE_CLIENT_SECRET: clientSecret,
    AUTH_JWKS_FILE: keys,
    AUTH_ISSUER: "https://issuer.example.com",
    AUTH_AUDIENCE: "gateway",
    // On, but never reached.
    RATE_LIMIT_OPERATOR: "999999999",
    RATE_LIMIT_ADDRESS: "999999999",
  };
  const program = await startProgram(
    pin("0", [node, ...toProfile(), ...args]),
    /GraphQL is at/,
    env,
    join(folder, "gateway.log"),
  );
  const gatewayUrl = /http:\/\/[^/]+/.exec(program.line)?.[0] ?? "";
  return { ...program, door: { url: gatewayUrl, pid: program.pid, headers: { authorization: `Bearer ${token}` } } };
}

const rows: string[] = [];
const round2 = (value: number) => value.toFixed(2);
try {
  for (const delay of numbers(options.delays)) {
    await using upstream = await startProgram(pin("1", [node, "bench/upstream.ts", String(delay)]), /^\{/);
    const stack = JSON.parse(upstream.line) as Stack;
    // The floor is the fastest of these.
    const kinds = [64, 256].flatMap((connections) =>
      (["request", "dispatch"] as const).map((how) => ({ connections, how })),
    );
    let best = { connections: 64, how: "dispatch" as string, perSecond: 0 };
    for (const { connections, how } of kinds) {
      await using floor = await startFloor(stack, connections, how);
      const { perSecond } = await measure(floor.door, "Tree", 10, stack.psuId, stack.url);
      if (perSecond > best.perSecond) best = { connections, how, perSecond };
    }
    process.stdout.write(`delay ${delay} ms: the floor has ${best.connections} connections and uses ${best.how}\n`);
    for (const name of options.queries.split(",") as (QueryName | "Mixed")[]) {
      for (const callers of numbers(options.callers)) {
        const floors: Measure[] = [];
        const gateways: Measure[] = [];
        for (let round = 0; round < rounds; round += 1) {
          if (options.profile === undefined) {
            await using floor = await startFloor(stack, best.connections, best.how);
            floors.push(await measure(floor.door, name, callers, stack.psuId, stack.url));
          }
          {
            await using gateway = await startGateway(stack);
            gateways.push(await measure(gateway.door, name, callers, stack.psuId, stack.url));
          }
        }
        if (options.profile !== undefined) continue;
        const [floor, gateway] = [medians(floors), medians(gateways)];
        const row = `| ${name} | ${delay} | ${callers} | ${gateway.perSecond.toFixed(0)} | ${round2(gateway.perSecond / floor.perSecond)} | ${round2(gateway.medianMs / floor.medianMs)} | ${round2(gateway.p99Ms / gateway.medianMs)} | ${round2(gateway.cpuMs)} (${round2(gateway.cpuMs / floor.cpuMs)}) | ${gateway.calls.toFixed(0)} / ${floor.calls.toFixed(0)} | ${gateway.peakMb.toFixed(0)} (${round2(gateway.peakMb / floor.peakMb)}) |`;
        process.stdout.write(`${row}\n`);
        rows.push(row);
      }
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
