/**
 * `npm run bench`: the gateway against the floor, in one run. Prints a table of ratios; `--write` puts it into RESULTS.md.
 *
 * Floor and gateway alternate, each in a new process alone on the first processor; the stack, which answers from memory,
 * and the load share the others. The figures are medians of the rounds.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import autocannon from "autocannon";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { mix, type QueryName, queries, toVariables } from "./queries.ts";
import { measureSubscriptions, subscriptionDefaults, toSubscriptionTable } from "./subscriptions.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
    queries: { type: "string", default: "Flat,FlatApart,One,OneApart,Tree,TreeApart,Mixed" },
    callers: { type: "string", default: "1,10,50" },
    /** Delays of the stack's responses, in milliseconds. */
    delays: { type: "string", default: "0,10" },
    /** The queries for a stack with a delay. */
    delayed: { type: "string", default: "Flat,One,Tree,Mixed" },
    write: { type: "boolean", default: false },
    /** A folder for a processor profile of each gateway: then nothing else is measured. */
    profile: { type: "string" },
    "no-subscriptions": { type: "boolean", default: false },
  },
});
const numbers = (text: string) => text.split(",").map(Number);
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const node = process.execPath;

const canPin = cpus().length > 1 && spawnSync("taskset", ["-c", "0", "true"]).status === 0;
const pin = (processors: string, command: readonly string[]) =>
  canPin ? ["taskset", "-c", processors, ...command] : [...command];
const others = `1-${cpus().length - 1}`;
if (canPin) spawnSync("taskset", ["-cp", others, String(process.pid)]);

type Program = AsyncDisposable & { readonly pid: number };

function toProgram(child: ChildProcess): Program {
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Starts a program that prints one line of JSON when it is ready. */
async function startProgram<Ready>(
  processors: string,
  command: readonly string[],
): Promise<Program & { ready: Ready }> {
  const [file = "", ...args] = pin(processors, command);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { ...toProgram(child), ready: JSON.parse(line) as Ready };
}

type Stack = { url: string; clientId: string; clientSecret: string; psuIds: string[] };
const startStack = (delayMs: number) => startProgram<Stack>(others, [node, "bench/upstream.ts", String(delayMs)]);

/** The process that is measured. */
type Target = Program & { readonly url: string; readonly token: string | null; readonly startMs: number };

type FloorKind = { readonly connections: number; readonly how: "request" | "dispatch" };

async function startFloor({ url, clientId, clientSecret }: Stack, { connections, how }: FloorKind): Promise<Target> {
  const args = ["bench/floor.ts", url, clientId, clientSecret, String(connections), how];
  const { ready, ...program } = await startProgram<{ url: string }>("0", [node, "--max-semi-space-size=64", ...args]);
  return { ...program, url: ready.url, token: null, startMs: Number.NaN };
}

const folder = await mkdtemp(join(tmpdir(), "bench-"));
const keys = join(folder, "keys.json");
const { publicKey, privateKey } = await generateKeyPair("ES256");
await writeFile(keys, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "bench", alg: "ES256" }] }));
const token = await new SignJWT({ sub: "bench", scope: "payments:read payments:write" })
  .setProtectedHeader({ alg: "ES256", kid: "bench" })
  .setIssuer("https://issuer.example.com")
  .setAudience("gateway")
  .setExpirationTime("2h")
  .sign(privateKey);
const { scripts } = JSON.parse(await readFile("package.json", "utf8")) as { scripts: { start: string } };
const [, ...startArgs] = scripts.start.split(" ");
/** As the image runs it, after `npm run build`. */
const compiledStartArgs = startArgs.map((word) => (word === "src/cli/bin.ts" ? "dist/src/cli/bin.js" : word));

/**
 * As in production: tokens are checked, rate limits are on but never reached, lines are logged to a file.
 * @param cache the folder of compiled code; the usual one when left out.
 */
async function startGateway(
  { url, clientId, clientSecret }: Stack,
  cache?: string,
  command: readonly string[] = startArgs,
): Promise<Target> {
  const logFile = join(folder, "gateway.log");
  const log = await open(logFile, "w");
  const profiled = options.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`];
  const [file = "", ...args] = pin("0", [node, ...profiled, ...command]);
  const startedAt = performance.now();
  const child = spawn(file, args, {
    stdio: ["ignore", log.fd, "inherit"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      PORT: "0",
      FORMANCE_API_URL: url,
      FORMANCE_CLIENT_ID: clientId,
      FORMANCE_CLIENT_SECRET: clientSecret,
      AUTH_JWKS_FILE: keys,
      AUTH_ISSUER: "https://issuer.example.com",
      AUTH_AUDIENCE: "gateway",
      RATE_LIMIT_OPERATOR: "999999999",
      RATE_LIMIT_ADDRESS: "999999999",
      ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }),
    },
  });
  await log.close();
  for (;;) {
    const [, found] = /GraphQL is at (http:\/\/[^/]+)/.exec(await readFile(logFile, "utf8")) ?? [];
    if (found !== undefined) return { ...toProgram(child), url: found, token, startMs: performance.now() - startedAt };
    if (child.exitCode !== null) throw new Error("The gateway did not start.");
    await wait(2);
  }
}

/** Processor time of a process so far, in milliseconds, and its memory now and at peak, in MB. */
async function usage(pid: number) {
  const stat = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const toMb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { cpuMs: (Number(stat[11]) + Number(stat[12])) * 10, mb: toMb("VmRSS"), peakMb: toMb("VmHWM") };
}

type Figures = {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Processor time of one query, in milliseconds. */
  readonly cpuMs: number;
  /** Upstream calls of one query. */
  readonly calls: number;
  readonly peakMb: number;
};

type LoadName = QueryName | "Mixed";

function toRequest({ url, token }: Target, query: QueryName, variables: object) {
  return {
    method: "POST" as const,
    path: "/graphql",
    headers: {
      host: new URL(url).host, // autocannon's own would be "undefined:undefined"
      "content-type": "application/json",
      accept: "application/json",
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ operationName: query, query: queries[query], variables }),
  };
}

/**
 * Meanwhile sockets are opened, caches are filled and code is compiled on the same processor, and requests may be refused
 * before the gateway knows its capacity. The measurement continues on the same sockets: Node accepts one connection per
 * iteration of its event loop, so that the last of fifty would measure only that.
 */
const warmUpMs = 4000;

async function measure(target: Target, name: LoadName, callers: number, { url, psuIds }: Stack): Promise<Figures> {
  const requests = (name === "Mixed" ? mix : [name]).map((query) => {
    const all = toVariables(query, psuIds).map((variables) => toRequest(target, query, variables));
    return { setupRequest: () => all[Math.floor(Math.random() * all.length)] ?? {} };
  });
  const counted = async () => ({
    ...(await usage(target.pid)),
    calls: Number(await (await fetch(`${url}/requests`)).text()),
  });
  const duration = warmUpMs / 1000 + seconds;
  const tookMs: number[] = [];
  let failed = 0;
  let startedAt = Number.NaN;
  const { promise: ended, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  const running = autocannon({ url: target.url, connections: callers, duration, requests }, (error, result) => {
    if (error == null) resolve(result);
    else reject(error as Error);
  });
  running.on("response", (_client, status, _bytes, ms) => {
    if (Number.isNaN(startedAt)) return;
    tookMs.push(ms);
    if (status !== 200) failed += 1;
  });
  await wait(warmUpMs);
  const before = await counted();
  startedAt = performance.now();
  const { errors } = await ended;
  const elapsedMs = performance.now() - startedAt;
  const after = await counted();
  const total = tookMs.length;
  if (failed + errors > 0)
    throw new Error(`${name}, ${callers} callers: ${failed + errors} of ${total} requests failed.`);
  tookMs.sort((a, b) => a - b);
  return {
    perSecond: (total * 1000) / elapsedMs,
    medianMs: tookMs[Math.floor(tookMs.length * 0.5)] ?? Number.NaN,
    p99Ms: tookMs[Math.floor(tookMs.length * 0.99)] ?? Number.NaN,
    cpuMs: (after.cpuMs - before.cpuMs) / total,
    calls: (after.calls - before.calls) / total,
    peakMb: after.peakMb,
  };
}

const median = (all: readonly number[]) => all.toSorted((a, b) => a - b)[all.length >> 1] ?? Number.NaN;

function toMedians(all: readonly Figures[]): Figures {
  const of = (key: keyof Figures) => median(all.map((one) => one[key]));
  return {
    perSecond: of("perSecond"),
    medianMs: of("medianMs"),
    p99Ms: of("p99Ms"),
    cpuMs: of("cpuMs"),
    calls: of("calls"),
    peakMb: of("peakMb"),
  };
}

/** Fills the stack's memory with each response before the measurement. */
async function fillStack(target: Target, psuIds: readonly string[]): Promise<void> {
  for (const query of Object.keys(queries) as QueryName[]) {
    for (const variables of toVariables(query, psuIds)) {
      const { path, method, headers, body } = toRequest(target, query, variables);
      const answer = await fetch(`${target.url}${path}`, { method, headers, body });
      const { errors } = (await answer.json()) as { errors?: object };
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
    }
  }
}

/** The fastest of these is the floor. */
const floorKinds = [64, 256].flatMap((connections) =>
  (["request", "dispatch"] as const).map((how): FloorKind => ({ connections, how })),
);

async function findFloor(stack: Stack): Promise<FloorKind> {
  const found: { kind: FloorKind; perSecond: number }[] = [];
  for (const kind of floorKinds) {
    await using floor = await startFloor(stack, kind);
    if (found.length === 0) await fillStack(floor, stack.psuIds);
    found.push({ kind, perSecond: (await measure(floor, "Tree", 10, stack)).perSecond });
  }
  const [best] = found.toSorted((a, b) => b.perSecond - a.perSecond);
  if (best === undefined) throw new Error("There is no floor.");
  return best.kind;
}

const lines: string[] = [];
function print(line: string): void {
  lines.push(line);
  process.stdout.write(`${line}\n`);
}
const ratio = (value: number) => (Number.isFinite(value) ? value.toFixed(2) : "");

async function compare(delayMs: number): Promise<void> {
  await using upstream = await startStack(delayMs);
  const stack = upstream.ready;
  const kind = await findFloor(stack);
  {
    await using gateway = await startGateway(stack);
    await fillStack(gateway, stack.psuIds);
  }
  print(
    `\nThe stack answers after ${delayMs} ms; the floor uses \`${kind.how}\` over ${kind.connections} connections.\n`,
  );
  print(
    "| query | callers | queries/s | of the floor | median ms | of the floor | p99 : median | the floor's | processor ms | of the floor | calls | peak MB | of the floor |",
  );
  print("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
  const names = delayMs === 0 ? options.queries : options.delayed;
  for (const name of names.split(",") as LoadName[]) {
    for (const callers of numbers(options.callers)) {
      const floors: Figures[] = [];
      const gateways: Figures[] = [];
      for (let round = 0; round < rounds; round += 1) {
        if (options.profile === undefined) {
          await using floor = await startFloor(stack, kind);
          floors.push(await measure(floor, name, callers, stack));
        }
        await using gateway = await startGateway(stack);
        gateways.push(await measure(gateway, name, callers, stack));
      }
      const [floor, own] = [toMedians(floors), toMedians(gateways)];
      const cells = [
        name,
        callers,
        own.perSecond.toFixed(0),
        ratio(own.perSecond / floor.perSecond),
        own.medianMs.toFixed(2),
        ratio(own.medianMs / floor.medianMs),
        ratio(own.p99Ms / own.medianMs),
        ratio(floor.p99Ms / floor.medianMs),
        own.cpuMs.toFixed(2),
        ratio(own.cpuMs / floor.cpuMs),
        `${own.calls.toFixed(1)} of ${floor.calls.toFixed(1)}`,
        own.peakMb.toFixed(0),
        ratio(own.peakMb / floor.peakMb),
      ];
      print(`| ${cells.join(" | ")} |`);
    }
  }
}

async function measureStart(): Promise<void> {
  if (spawnSync("npm", ["run", "build"]).status !== 0) throw new Error("`npm run build` failed.");
  await using upstream = await startStack(0);
  const starts = ["compiled", "first", "later"].map((name) => ({ name, ms: [] as number[], mb: [] as number[] }));
  for (let round = 0; round < 2 * rounds - 1; round += 1) {
    for (const { name, ms, mb } of starts) {
      const cache = join(folder, `${name === "compiled" ? "image" : "sources"}-${round}`);
      const command = name === "compiled" ? compiledStartArgs : startArgs;
      await using gateway = await startGateway(upstream.ready, cache, command);
      ms.push(gateway.startMs);
      await wait(1000);
      mb.push((await usage(gateway.pid)).mb);
    }
  }
  const [compiled, first, later] = starts.map(
    ({ ms, mb }) => `${median(ms).toFixed(0)} ms and ${median(mb).toFixed(0)} MB at rest`,
  );
  print(`\nFrom its start to ready, as the image runs it, compiled: ${compiled}.`);
  print(`By \`npm start\`, from the sources: ${first} the first time, ${later} from then on.`);
}

function toMachine(): string {
  const versions = `Node ${process.versions.node}`;
  const [{ model = "unknown" } = {}] = cpus();
  const pinned = canPin ? "the measured process alone on the first" : "nothing pinned";
  return `${cpus().length} processors (${model.trim()}), ${pinned}; ${(totalmem() / 2 ** 30).toFixed(0)} GB; ${versions}; ${rounds} rounds of ${seconds} s; ${new Date().toISOString().slice(0, 10)}.`;
}

try {
  print(toMachine());
  for (const delayMs of numbers(options.delays)) await compare(delayMs);
  if (options.profile === undefined) await measureStart();
  if (options.profile === undefined && !options["no-subscriptions"]) {
    print("\nSubscribers:\n");
    print(toSubscriptionTable(subscriptionDefaults, await measureSubscriptions(subscriptionDefaults)));
  }
  if (options.write) {
    const page = await readFile("bench/RESULTS.md", "utf8");
    const [head] = page.split("<!-- measured -->");
    await writeFile("bench/RESULTS.md", `${head}<!-- measured -->\n\n${lines.join("\n")}\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
