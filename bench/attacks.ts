/**
 * `npm run attacks`: what one caller can cost the gateway. Each attack meets a new gateway as `npm start` runs it, and
 * is measured by the processor time and the resident memory of its process (Linux: from /proc). The rows stand in
 * docs/resilience.md.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { startSandbox } from "../sandbox/server.ts";
import { readArguments, readOrExit } from "../src/cli/command.ts";
import { ExplainedError } from "../src/cli/explained-error.ts";
import { onStopSignal } from "../src/cli/stop-signals.ts";
import { guardRun, runEnvironment } from "../test/support/guard.ts";
import { readStartArguments } from "./systems/session.ts";

const usageText = `npm run attacks -- [<folder>]

  <folder>  of another checkout; else this one
  --help    print this
`;

const checkout = readOrExit(usageText, (args) => {
  const [folder = ".", extra] = readArguments(args, { allowPositionals: true, options: {} }).positionals;
  if (extra !== undefined) throw new ExplainedError(`Unexpected argument '${extra}': see --help.`);
  if (!existsSync(join(folder, "package.json"))) throw new ExplainedError(`There is no checkout in "${folder}".`);
  return resolve(folder);
});
guardRun();
const folder = await mkdtemp(join(tmpdir(), "attacks-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
onStopSignal(() => process.exit(130));
const webhookSecret = Buffer.alloc(24, 7).toString("base64");
const { publicKey, privateKey } = await generateKeyPair("ES256");
const keys = join(folder, "keys.json");
await writeFile(keys, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "attacks", alg: "ES256" }] }));
const sign = (claims: Record<string, string>) =>
  new SignJWT({ sub: "attacker", ...claims })
    .setProtectedHeader({ alg: "ES256", kid: "attacks" })
    .setIssuer("https://issuer.example.com")
    .setAudience("gateway")
    .setExpirationTime("1h")
    .sign(privateKey);
const psuToken = await sign({ psu_id: randomUUID() });

await using stack = await startSandbox({});

type Gateway = AsyncDisposable & { readonly url: string; readonly process: ChildProcess };

async function startGateway(): Promise<Gateway> {
  const gateway = spawn(process.execPath, await readStartArguments(checkout), {
    cwd: checkout,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...runEnvironment(),
      NODE_ENV: "production",
      PORT: "0",
      FORMANCE_API_URL: stack.url,
      FORMANCE_CLIENT_ID: stack.clientId,
      FORMANCE_CLIENT_SECRET: stack.clientSecret,
      FORMANCE_WEBHOOK_SECRETS: webhookSecret,
      AUTH_JWKS_FILE: keys,
      AUTH_ISSUER: "https://issuer.example.com",
      AUTH_AUDIENCE: "gateway",
    },
  });
  const end = () => gateway.kill("SIGKILL");
  process.on("exit", end);
  gateway.once("exit", () => process.off("exit", end));
  let output = "";
  gateway.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (output.length < 100_000) output += text;
  });
  let url: string | undefined;
  while (url === undefined) {
    await wait(10);
    if (gateway.exitCode !== null) throw new Error(`The gateway did not start:\n${output}`);
    url = /GraphQL is at (http:\/\/[^/]+)/.exec(output)?.[1];
  }
  return {
    url,
    process: gateway,
    async [Symbol.asyncDispose]() {
      if (gateway.exitCode !== null || gateway.signalCode !== null) return;
      const ended = once(gateway, "exit");
      gateway.kill("SIGKILL");
      await ended;
    },
  };
}

/** Its processor time in seconds, and its resident memory, now and at most, in MB. */
async function usage({ pid }: ChildProcess): Promise<{ seconds: number; resident: number; peak: number }> {
  const [, stat = ""] = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ");
  const [user, system] = stat.split(" ").slice(11, 13).map(Number) as [number, number];
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const read = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return { seconds: (user + system) / 100, resident: read("VmRSS"), peak: read("VmHWM") };
}

async function post(url: string, body: string): Promise<string> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${psuToken}` };
  const response = await fetch(`${url}/graphql`, { method: "POST", headers, body });
  return response.text();
}

/** The error codes of responses, each with how often it came. */
function toCodes(responses: readonly string[]): string {
  const codes = responses.map((text) => /"code":"(\w+)"/.exec(text)?.[1] ?? "data");
  return [...Map.groupBy(codes, (code) => code)].map(([code, all]) => `${all.length} ${code}`).join(", ");
}

async function largeFilter(url: string, atOnce: number): Promise<string> {
  const metadata = Object.fromEntries(Array.from({ length: 24_000 }, (_, at) => [at.toString(36), ""]));
  const fields = Array.from({ length: 50 }, (_, at) => `a${at}: payments(filter: {metadata: $m}) { nodes { id } }`);
  const body = JSON.stringify({ query: `query ($m: Metadata) { ${fields.join(" ")} }`, variables: { m: metadata } });
  return toCodes(await Promise.all(Array.from({ length: atOnce }, () => post(url, body))));
}

const postHead =
  "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 262000\r\n\r\n";
const upgradeHead =
  "GET /graphql HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
  "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n" +
  "sec-websocket-protocol: graphql-transport-ws\r\n\r\n";
/** Of a WebSocket's message of 262,000 bytes. */
const frameHead = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 3, 0xff, 0x70, 0, 0, 0, 0]);

async function unfinishedMessages(url: string, kind: "POST" | "WebSocket"): Promise<string> {
  const { port } = new URL(url);
  const part = Buffer.alloc(250_000, " ");
  const sockets: Socket[] = [];
  for (let at = 0; at < 2500; at += 1) {
    const socket = connect(Number(port), "127.0.0.1").on("error", () => {});
    sockets.push(socket.resume());
    if (kind === "POST") {
      socket.write(postHead);
      socket.write(part);
    } else {
      socket.write(upgradeHead);
      socket.once("data", () => socket.write(Buffer.concat([frameHead, part])));
    }
    if (at % 50 === 0) await wait(10);
  }
  await wait(3000);
  const startedAt = performance.now();
  const answer = toCodes([await post(url, '{"query":"{ viewer { subject } }"}')]);
  const answeredIn = Math.round(performance.now() - startedAt);
  for (const socket of sockets) socket.destroy();
  return `a signed-in user meanwhile: ${answer} in ${answeredIn} ms`;
}

async function largeDocuments(url: string): Promise<string> {
  const responses: string[] = [];
  const selections = Array.from({ length: 480 }, () => "viewer{subject}").join(" ");
  for (let at = 0; at < 150; at += 1) {
    responses.push(await post(url, JSON.stringify({ query: `{${selections}${" ".repeat(at)}}` })));
  }
  return toCodes(responses);
}

async function consentWarnings(url: string, end: string): Promise<string> {
  const statuses: number[] = [];
  async function deliver(at: number): Promise<void> {
    const payload = { psuID: randomUUID(), connectorID: "plaid", connectionID: `item-${at}`, at: end };
    const type = "payments.open_banking_user_connection_pending_disconnect";
    const date = new Date().toISOString();
    const body = JSON.stringify({ idempotency_key: `${at}`, date, app: "payments", version: "v3", type, payload });
    const id = randomUUID();
    const timestamp = `${Math.floor(Date.now() / 1000)}`;
    const signature = createHmac("sha256", webhookSecret).update(`${id}.${timestamp}.${body}`).digest("base64");
    const headers = {
      "content-type": "application/json",
      "formance-webhook-id": id,
      "formance-webhook-timestamp": timestamp,
      "formance-webhook-signature": `v1,${signature}`,
    };
    const response = await fetch(`${url}/webhooks/formance`, { method: "POST", headers, body });
    await response.arrayBuffer();
    statuses.push(response.status);
  }
  for (let at = 0; at < 10_000; at += 20) await Promise.all(Array.from({ length: 20 }, (_, one) => deliver(at + one)));
  return [...Map.groupBy(statuses, (status) => status)].map(([status, all]) => `${all.length} ${status}`).join(", ");
}

const attacks: readonly (readonly [name: string, attack: (url: string) => Promise<string>])[] = [
  ["a filter of 24,000 keys, used by 50 aliases", (url) => largeFilter(url, 1)],
  ["the same, three at once", (url) => largeFilter(url, 3)],
  ["2,500 bodies without a token that never end", (url) => unfinishedMessages(url, "POST")],
  [
    "2,500 WebSockets without a token, each with a message that never ends",
    (url) => unfinishedMessages(url, "WebSocket"),
  ],
  ["150 documents of 480 equal fields", largeDocuments],
  ["10,000 warnings of consents that end in 2099", (url) => consentWarnings(url, "2099-01-01T00:00:00Z")],
  [
    "the same, that end in a month",
    (url) => consentWarnings(url, new Date(Date.now() + 30 * 86_400_000).toISOString()),
  ],
];

for (const [name, attack] of attacks) {
  await using gateway = await startGateway();
  for (let at = 0; at < 30; at += 1)
    await post(gateway.url, '{"query":"{ viewer { subject } payments { nodes { id } } }"}');
  const before = await usage(gateway.process);
  const answers = await attack(gateway.url).catch((error: Error) => `failed: ${error.cause ?? error}`);
  await wait(500);
  if (gateway.process.exitCode !== null || gateway.process.signalCode !== null) {
    process.stdout.write(`${name}: the process ended\n`);
    continue;
  }
  const after = await usage(gateway.process);
  const seconds = (after.seconds - before.seconds).toFixed(1);
  process.stdout.write(`${name}: ${seconds} s, +${after.peak - before.resident} MB at most (${answers})\n`);
}
