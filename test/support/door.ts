import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "graphql-ws";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { expect } from "vitest";
import WebSocket from "ws";
import { createRandom, type Random } from "../../sandbox/random.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { until } from "./helpers.ts";
import { startGatewayCommand } from "./process.ts";

export type Door = Awaited<ReturnType<typeof startDoor>>;

const secret = "the secret of the stack's webhook";
const issuer = "https://issuer.example.com";
const audience = "gateway";

/** Prints the size of what the process holds, once all that can be collected is. External memory counts: bodies are there. */
const probe = `
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  const gc = process.getBuiltinModule("node:vm").runInNewContext("gc");
  let count = 0;
  process.on("SIGUSR2", async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      gc();
      await new Promise(setImmediate);
    }
    const { heapUsed, external } = process.memoryUsage();
    process.stderr.write("held " + (count += 1) + ": " + (heapUsed + external) + " bytes\\n");
  });`;

/** The gateway in a process of its own, set up as in production, over a stack that is in this one. */
export async function startDoor() {
  await using starting = new AsyncDisposableStack();
  const sandbox = starting.use(await startSandbox());
  const folder = await mkdtemp(join(tmpdir(), "door-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const { publicKey, privateKey } = await generateKeyPair("EdDSA");
  const keys = join(folder, "keys.json");
  await writeFile(keys, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "EdDSA" }] }));
  const command = starting.use(
    await startGatewayCommand({
      NODE_ENV: "production",
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(probe)}`,
      FORMANCE_API_URL: sandbox.url,
      FORMANCE_CLIENT_ID: sandbox.clientId,
      FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
      FORMANCE_WEBHOOK_SECRETS: secret,
      AUTH_JWKS_FILE: keys,
      AUTH_ISSUER: issuer,
      AUTH_AUDIENCE: audience,
      RATE_LIMIT_PSU: "off",
      RATE_LIMIT_OPERATOR: "off",
      RATE_LIMIT_ADDRESS: "off",
    }),
  );
  const toToken = (claims: JWTPayload, expires = "10m") =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "EdDSA", kid: "one" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime(expires)
      .sign(privateKey);
  const own = Map.groupBy(sandbox.world.connections, ({ psuID }) => psuID);
  const [[connection] = []] = [...own.values()].filter(
    ([first, ...more]) => more.length === 0 && first?.status === "ACTIVE" && first.dataUpdatedAt,
  );
  if (connection === undefined) throw new Error("Nobody has exactly one connection that works.");
  const token = await toToken({ sub: "ops", scope: "payments:read payments:write" });
  const ended = await toToken({ sub: "ops", scope: "payments:read payments:write" }, "-1h");

  let samples = 0;
  async function held(): Promise<number> {
    process.kill(command.pid, "SIGUSR2");
    samples += 1;
    return Number((await command.waitFor(new RegExp(`held ${samples}: (\\d+) bytes`)))[1]);
  }

  const started = starting.move();
  return {
    seed: process.env["FUZZ_SEED"] ?? String(Date.now()),
    url: command.url,
    port: Number(new URL(command.url).port),
    token,
    /** A token that was good once. */
    ended,
    psuId: connection.psuID,
    connectorId: connection.connectorID,
    secret,
    held,
    output: command.output,
    /** What it still does for those who ask well: answers a query, takes a webhook, and tells a subscriber of it. */
    async serve(): Promise<void> {
      expect((await fetch(`${command.url}/health/live`)).status).toBe(200);
      const answer = await fetch(`${command.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: "{ paymentServiceUsers(first: 1) { nodes { name } } }" }),
      });
      expect(await answer.json()).toMatchObject({ data: { paymentServiceUsers: { nodes: [{}] } } });
      const client = createClient({
        url: `${command.url.replace("http", "ws")}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: { authorization: `Bearer ${token}` },
      });
      const query = "subscription ($psuId: ID!) { connectionChanged(psuId: $psuId) { kind } }";
      const changes = client.iterate({ query, variables: { psuId: connection.psuID } });
      expect(await changes.next()).toMatchObject({ value: { data: { connectionChanged: { kind: "CURRENT" } } } });
      const endpoint = `${command.url}/webhooks/formance`;
      const before = command.output().split('"accepted"').length;
      sandbox.sendWebhooks({ endpoint, secret, eventTypes });
      sandbox.world.syncConnection(connection);
      expect(await changes.next()).toMatchObject({ value: { data: { connectionChanged: { kind: "DATA_SYNCED" } } } });
      await until(async () => command.output().split('"accepted"').length > before);
      await client.dispose();
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

export type Finding = {
  /** With `FUZZ_SEED` set to it, the same comes again. */
  readonly seed: string;
  readonly script: number;
  readonly what: string;
  readonly sent: string;
  readonly got: string;
};

/** What came of one connection: how many malformed things were sent on it, and what was wrong with the answers. */
export type Outcome = {
  readonly cases: number;
  readonly answers: readonly (number | null)[];
  readonly faults: readonly { readonly what: string; readonly sent: string | Buffer; readonly got: string }[];
};

const atOnce = 48;
/** What stays of all that a half has sent. Each of its 5,000 leaves less than this divided by 5,000. */
const mostGrowth = 4 * 1024 * 1024;

/**
 * Plays scripts, each on a connection of its own and drawn from a stream of its own, until `count` malformed things were
 * sent, and expects that the gateway has nothing to say for itself: no fault in an answer, nothing in its log, memory
 * that is after the second half what it was after the first, and all as ever for those who ask well.
 * @returns how often each status or close code was the answer.
 */
export async function fuzz(
  door: Door,
  count: number,
  play: (random: Random) => Promise<Outcome>,
): Promise<ReadonlyMap<number | null, number>> {
  const { seed } = door;
  const findings: Finding[] = [];
  const answers = new Map<number | null, number>();
  let scripts = 0;
  let cases = 0;

  async function playUntil(total: number): Promise<void> {
    while (cases < total && findings.length < 20) {
      const script = scripts;
      scripts += 1;
      const outcome = await play(createRandom(`${seed}/${script}`));
      cases += outcome.cases;
      for (const answer of outcome.answers) answers.set(answer, (answers.get(answer) ?? 0) + 1);
      for (const { what, sent, got } of outcome.faults) {
        findings.push({ seed, script, what, sent: sent.toString("latin1").slice(0, 1500), got: got.slice(0, 1500) });
      }
    }
  }
  const half = (total: number) => Promise.all(Array.from({ length: atOnce }, () => playUntil(total)));

  await half(count / 2);
  const before = Math.min(await door.held(), await door.held(), await door.held());
  await half(count);
  let growth = (await door.held()) - before;
  for (const deadline = Date.now() + 5000; growth > mostGrowth && Date.now() < deadline; ) {
    growth = (await door.held()) - before;
  }
  expect(findings).toEqual([]);
  expect(growth, `bytes, with the seed ${seed}`).toBeLessThan(mostGrowth);
  const bad = door
    .output()
    .match(/^.*("level":[56]0|unexpected error|request failed|Warning:|"kind":"(?!cancelled)).*$/gm);
  expect(bad, `in the log, with the seed ${seed}`).toBeNull();
  await door.serve();
  return answers;
}

/** Nothing of the code may be in an answer. Metrics name the codes of all outcomes. */
export function toFault(got: string): string | null {
  if (/^content-type: text\/plain; version=/im.test(got)) return null;
  if (/INTERNAL_SERVER_ERROR/.test(got)) return "INTERNAL_SERVER_ERROR";
  if (/UPSTREAM_\w+/.test(got)) return "an error of the stack";
  if (/node_modules|node:internal|file:\/\/\/|\/src\/|\n\s+at |\\n\s+at /.test(got)) return "a trace or a path";
  return null;
}

/** How long nothing comes, in milliseconds, from a gateway that waits for more, and from one that has a lot to do. */
const silence = { short: 100, long: 1000 } as const;
const longest = 12_000;

/**
 * Writes to a connection of its own and reads to its end. After a silence the gateway is told that there is no more.
 * @param waits whether the gateway may be waiting for more; it also does with an event stream.
 * @returns what came, and whether the gateway kept the connection open for too long.
 */
export function exchange(
  port: number,
  bytes: Buffer,
  waits: boolean,
): Promise<{ readonly got: string; readonly isHeld: boolean }> {
  return new Promise((resolve) => {
    let got = "";
    let isHeld = false;
    let isEnded = false;
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.setTimeout(waits ? silence.short : silence.long);
    socket.on("timeout", () => {
      if (!isEnded) {
        isEnded = true;
        socket.setTimeout(longest);
        socket.end();
      } else {
        isHeld = true;
        socket.destroy();
      }
    });
    socket.on("data", (chunk) => {
      got += chunk.toString("latin1");
      if (!isEnded && /\btext\/event-stream; charset=utf-8\r\n/.test(got)) socket.setTimeout(silence.short);
    });
    socket.on("error", () => {}).on("close", () => resolve({ got, isHeld }));
  });
}

/** One request of several on a connection. */
export type Sent = { readonly bytes: Buffer; readonly waits: boolean; readonly isRefused?: boolean };

/** Sends the requests on one connection without waiting in between. Only the last may keep the gateway waiting. */
export async function sendAll(port: number, requests: readonly Sent[]): Promise<Outcome> {
  const waits = requests.some((request) => request.waits);
  const { got, isHeld } = await exchange(port, Buffer.concat(requests.map(({ bytes }) => bytes)), waits);
  const parts = got.split(/(?=HTTP\/1\.1 [2-5]\d\d )/).filter((part) => /^HTTP\/1\.1 [2-5]/.test(part));
  const statuses = parts.map((part) => Number(part.slice(9, 12)));
  const faults: { what: string; sent: Buffer; got: string }[] = [];
  for (const [at, part] of parts.entries()) {
    const status = statuses[at] ?? 0;
    // Behind one that is broken, who knows which answer is whose.
    const request = requests[Math.min(at, requests.length - 1)];
    const isTaken = request?.isRefused === true && status < 400;
    const what = status >= 500 ? `status ${status}` : isTaken ? "taken" : toFault(part);
    if (what !== null) faults.push({ what, sent: request?.bytes ?? Buffer.alloc(0), got: part });
  }
  if (isHeld) faults.push({ what: "held", sent: Buffer.concat(requests.map(({ bytes }) => bytes)), got });
  return { cases: requests.length, answers: statuses, faults };
}
