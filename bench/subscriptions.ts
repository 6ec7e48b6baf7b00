/**
 * The costs of subscribers: memory while they are idle, and the time until the last of them has a message. `npm run bench`
 * includes these figures; `node bench/subscriptions.ts` measures nothing else.
 *
 * The gateway runs as `npm start` runs it, alone on the first processor; the stack, the sender of webhooks and the
 * subscribers share the others. Each subscriber has a socket of its own.
 */
import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { type Attempt, toWireAttempt } from "../sandbox/models/attempt.ts";
import { type Connection, toWireConnection } from "../sandbox/models/connection.ts";
import { toTimestamp } from "../sandbox/time.ts";
import { createWorld } from "../sandbox/world.ts";
import { signWebhook, webhookPath } from "../src/live/webhook-receiver.ts";
import { toCompositeKey, toGlobalId } from "../src/schema/global-id.ts";
import { guardRun } from "../test/support/guard.ts";
import { median } from "./measure/figures.ts";
import type { Order, Report, TransportName } from "./subscribers.ts";
import { startGateway } from "./systems/gateway.ts";
import { leaveFirstProcessor, usage } from "./systems/program.ts";
import { createSession, type Session } from "./systems/session.ts";
import type { Stack } from "./systems/stack.ts";

export type SubscriptionOptions = {
  readonly rounds: number;
  /** How many are idle. */
  readonly idle: number;
  /** How many get a message. */
  readonly notified: number;
  readonly transports: readonly TransportName[];
  /** `one`: all watch the connections of one user; `each`: each an attempt of its own. */
  readonly cases: readonly Case[];
  /** From the last subscription until memory is read, in milliseconds: V8 shrinks after ten or twenty idle seconds. */
  readonly idleMs: number;
  /** Flags of Node for the gateway. */
  readonly flags?: readonly string[];
};
type Case = "one" | "each";

export type SubscriptionFigures = {
  readonly transport: TransportName;
  readonly subject: Case;
  /** Resident memory in MB: without subscribers, with all idle, and then after a full garbage collection. */
  readonly restMb: number;
  readonly idleMb: number;
  readonly collectedMb: number;
  /** The memory of one idle subscriber, in kB, after a full garbage collection. */
  readonly kbEach: number;
  /** From the first webhook until the last subscriber has its message, and the gateway's processor time in between. */
  readonly notifiedMs: number;
  readonly notifiedCpuMs: number;
};

export const subscriptionDefaults: SubscriptionOptions = {
  rounds: 1, // memory hardly differs from one to the next, and each takes a minute
  idle: 10_000,
  notified: 5000,
  transports: ["WebSocket", "SSE"],
  cases: ["one", "each"],
  idleMs: 60_000,
};

const secret = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
const clientId = "bench";
const now = () => performance.timeOrigin + performance.now();

const documents: Record<Case, string> = {
  one: "subscription One($psuId: ID!) { connectionChanged(psuId: $psuId) { kind at connectionId connection { status dataUpdatedAt connector { name } } } }",
  each: "subscription Each($id: ID!) { linkAttemptChanged(id: $id) { attemptId status error createdAt } }",
};

/** A stack that answers from memory in the sandbox's format: one user with one connection, and many attempts. */
async function startStack(attemptCount: number) {
  const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 0 } });
  const [connection] = world.connections as Connection[];
  const connector = world.connectors.find(({ id }) => id === connection?.connectorID);
  if (connection === undefined || connector === undefined) throw new Error("The world is empty.");
  const { connectorID } = connection;
  const attempts = new Map<string, Attempt>();
  const resetAttempts = () => {
    attempts.clear();
    for (let at = 0; at < attemptCount; at += 1) {
      const id = randomUUID();
      const clientRedirectURL = "https://app.example.com/";
      const state = { createdAt: world.now(), status: "pending", error: null } as const;
      attempts.set(id, { id, psuID: randomUUID(), connectorID, clientRedirectURL, ...state });
    }
  };
  const data = (value: unknown) => ({ data: value });
  const page = (rows: readonly unknown[]) => ({ cursor: { pageSize: 100, hasMore: false, data: rows } });
  function toAnswer(path: string): unknown {
    const attempt = attempts.get(/\/link-attempts\/(.+)$/.exec(path)?.[1] ?? "");
    if (attempt !== undefined) return data(toWireAttempt(attempt));
    if (path.endsWith("/oauth/token")) return { access_token: "bench", token_type: "Bearer", expires_in: 36_000 };
    if (path.endsWith("/connectors")) {
      const { id, name, provider, createdAt, reference } = connector as NonNullable<typeof connector>;
      return page([{ id, name, provider, reference, createdAt: toTimestamp(createdAt), config: connector?.config }]);
    }
    const isOurs = path.includes(connection?.psuID ?? "");
    if (path.endsWith("/connections")) return page(isOurs ? [toWireConnection(connection as Connection)] : []);
    return {};
  }
  const server = createServer((request, response) => {
    request.resume();
    const text = JSON.stringify(toAnswer((request.url ?? "").split("?")[0] ?? ""));
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    response.end(text);
  });
  server.keepAliveTimeout = 60_000;
  await once(server.listen(0, "127.0.0.1"), "listening");
  resetAttempts();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientId,
    clientSecret: clientId,
    resetAttempts,
    variables: (subject: Case, count: number): readonly object[] =>
      subject === "one"
        ? Array.from({ length: count }, () => ({ psuId: connection.psuID }))
        : [...attempts.values()].slice(0, count).map(({ id: ownId, psuID: psuId, connectorID: connectorId }) => ({
            id: toGlobalId("LinkAttempt", toCompositeKey({ psuId, connectorId, ownId })),
          })),
    /** Changes the watched data, and returns the events of the change. */
    change(subject: Case): readonly object[] {
      if (subject === "one") {
        connection.dataUpdatedAt = world.now();
        const { psuID, connectionID } = connection;
        const payload = { psuID, connectorID, connectionID, at: toTimestamp(connection.dataUpdatedAt) };
        return [toEvent("open_banking_user_connection_data_synced", payload)];
      }
      return [...attempts.values()].map((attempt) => {
        attempt.status = "completed";
        const payload = { psuID: attempt.psuID, connectorID, status: "completed" };
        return toEvent("open_banking_user_link_status", payload);
      });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toEvent(type: string, payload: object): object {
  const date = new Date().toISOString();
  return { idempotencyKey: randomUUID(), date, app: "payments", version: "v3", type: `payments.${type}`, payload };
}

/** As the stack's worker sends them, but all at once. */
async function sendWebhooks(url: string, events: readonly object[]): Promise<void> {
  await using pool = Object.assign(new Pool(url, { connections: 50 }), {
    [Symbol.asyncDispose]: () => pool.close(),
  });
  await Promise.all(
    events.map(async (event) => {
      const id = randomUUID();
      const body = JSON.stringify(event);
      const timestamp = Math.floor(Date.now() / 1000);
      const headers = {
        "content-type": "application/json",
        "formance-webhook-id": id,
        "formance-webhook-timestamp": String(timestamp),
        "formance-webhook-signature": signWebhook({ id, timestamp, body, secret }),
        "formance-webhook-idempotency-key": id,
      };
      const { statusCode, body: answer } = await pool.request({ method: "POST", path: webhookPath, headers, body });
      await answer.dump();
      if (statusCode !== 204) throw new Error(`A webhook was answered with ${statusCode}.`);
    }),
  );
}

/** Collects all garbage on a signal. */
const collecting = `
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  const gc = process.getBuiltinModule("node:vm").runInNewContext("gc");
  process.on("SIGUSR2", async () => {
    for (let round = 0; round < 5; round += 1) {
      gc({ type: "major", flavor: "last-resort" });
      await new Promise(setImmediate);
    }
    process.stderr.write("collected\\n");
  });`;

async function startWatched(stack: Omit<Stack, "psuIds">, session: Session, flags: readonly string[]) {
  const collector = `--import=data:text/javascript,${encodeURIComponent(collecting)}`;
  const gateway = await startGateway(stack, session, {
    flags: [...flags, collector],
    env: { FORMANCE_WEBHOOK_SECRETS: secret },
    pipesErrors: true,
  });
  const { child, pid } = gateway;
  if (child.stderr === null) throw new Error("The gateway has no errors to read.");
  const errors = createInterface({ input: child.stderr });
  errors.on("line", (line) => line !== "collected" && process.stderr.write(`${line}\n`));
  return {
    ...gateway,
    async collect() {
      const collected = once(errors, "line");
      process.kill(pid, "SIGUSR2");
      await collected;
    },
    residentMb: async () => (await usage(pid)).mb,
    cpuMs: async () => (await usage(pid)).cpuMs,
  };
}

function startSubscribers() {
  const child = fork(new URL("subscribers.ts", import.meta.url), { execArgv: [] });
  const nextReport = async () => ((await once(child, "message")) as [Report])[0].at;
  const order = (what: Order) => {
    child.send(what);
    return nextReport();
  };
  return {
    order,
    nextReport,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

/** Measures subscribers by transport and subject: medians of some rounds, each with a new gateway. */
export async function measureSubscriptions(
  options: SubscriptionOptions = subscriptionDefaults,
): Promise<readonly SubscriptionFigures[]> {
  const { rounds, idle, notified, idleMs, flags = [] } = options;
  using session = await createSession();
  const { token } = session;
  await using stack = await startStack(idle);

  async function measureOnce(transport: TransportName, subject: Case): Promise<SubscriptionFigures> {
    stack.resetAttempts();
    await using gateway = await startWatched(stack, session, flags);
    await using subscribers = startSubscribers();
    const query = documents[subject];
    const open = (variables: readonly object[]) =>
      subscribers.order({ kind: "open", transport, url: `${gateway.url}/graphql`, token, query, variables });
    // The first ones load code and fill caches, which no subscriber should be charged for.
    await open(stack.variables(subject, 100));
    await subscribers.order({ kind: "close", count: 100 });
    await wait(500);
    await gateway.collect();
    const restMb = await gateway.residentMb();
    await open(stack.variables(subject, idle));
    await wait(idleMs);
    const idleMb = await gateway.residentMb();
    await gateway.collect();
    const collectedMb = await gateway.residentMb();

    await subscribers.order({ kind: "close", count: idle - notified });
    await wait(1000);
    const deliveries: { readonly ms: number; readonly cpuMs: number }[] = [];
    // An attempt changes only once.
    for (let delivery = 0; delivery < (subject === "one" ? 3 : 1); delivery += 1) {
      await subscribers.order({ kind: "await" });
      const events = stack.change(subject);
      const cpuMs = await gateway.cpuMs();
      const allReceived = subscribers.nextReport();
      const startedAt = now();
      await sendWebhooks(gateway.url, events);
      const ms = (await allReceived) - startedAt;
      deliveries.push({ ms, cpuMs: (await gateway.cpuMs()) - cpuMs });
      await wait(500);
    }
    const notifiedMs = median(deliveries.map(({ ms }) => ms));
    const notifiedCpuMs = median(deliveries.map(({ cpuMs }) => cpuMs));
    const kbEach = ((collectedMb - restMb) * 1024) / idle;
    return { transport, subject, restMb, idleMb, collectedMb, kbEach, notifiedMs, notifiedCpuMs };
  }

  const figures: SubscriptionFigures[] = [];
  for (const transport of options.transports) {
    for (const subject of options.cases) {
      const all: SubscriptionFigures[] = [];
      for (let round = 0; round < rounds; round += 1) all.push(await measureOnce(transport, subject));
      const of = (key: Exclude<keyof SubscriptionFigures, "transport" | "subject">) =>
        median(all.map((one) => one[key]));
      figures.push({
        transport,
        subject,
        restMb: of("restMb"),
        idleMb: of("idleMb"),
        collectedMb: of("collectedMb"),
        kbEach: of("kbEach"),
        notifiedMs: of("notifiedMs"),
        notifiedCpuMs: of("notifiedCpuMs"),
      });
    }
  }
  return figures;
}

/** The figures as rows of a table. */
export function toSubscriptionTable({ idle, notified }: SubscriptionOptions, figures: readonly SubscriptionFigures[]) {
  return [
    `| | watching | at rest, MB | ${idle} idle, MB | collected, MB | kB each | ${notified} notified, ms | of the gateway's processor, ms |`,
    "|---|---|---|---|---|---|---|---|",
    ...figures.map(({ transport, subject, restMb, idleMb, collectedMb, kbEach, notifiedMs, notifiedCpuMs }) =>
      [
        "",
        transport,
        subject === "one" ? "the same user" : "an attempt each",
        ...[restMb, idleMb, collectedMb].map((mb) => mb.toFixed(0)),
        kbEach.toFixed(1),
        ...[notifiedMs, notifiedCpuMs].map((ms) => ms.toFixed(0)),
        "",
      ]
        .join(" | ")
        .trim(),
    ),
  ].join("\n");
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: String(subscriptionDefaults.rounds) },
      idle: { type: "string", default: String(subscriptionDefaults.idle) },
      notified: { type: "string", default: String(subscriptionDefaults.notified) },
      transports: { type: "string", default: subscriptionDefaults.transports.join() },
      cases: { type: "string", default: subscriptionDefaults.cases.join() },
      flags: { type: "string", default: "" },
    },
  });
  guardRun();
  leaveFirstProcessor();
  const options = {
    ...subscriptionDefaults,
    rounds: Number(values.rounds),
    idle: Number(values.idle),
    notified: Number(values.notified),
    transports: values.transports.split(",") as TransportName[],
    cases: values.cases.split(",") as Case[],
    flags: values.flags.split(" ").filter(Boolean),
  };
  process.stdout.write(`${toSubscriptionTable(options, await measureSubscriptions(options))}\n`);
}
