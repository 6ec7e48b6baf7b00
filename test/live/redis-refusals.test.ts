/** A Redis that answers but refuses counts as one that is down. */
import { readFile, rm } from "node:fs/promises";
import pLimit from "p-limit";
import { createClient } from "redis";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { Reloadable } from "../../src/lib/reloadable.ts";
import { startRateLimits } from "../../src/limits/rate-limit.ts";
import { type Invalidation, taskTopic, toInvalidation } from "../../src/live/connection-events.ts";
import type { EventBus } from "../../src/live/event-bus.ts";
import { startRedisEventBus } from "../../src/live/redis-event-bus.ts";
import { signWebhook } from "../../src/live/webhook-receiver.ts";
import { startFakeRedis } from "../support/fake-redis.ts";
import { psuViewer, until } from "../support/helpers.ts";
import { startGatewayCommand } from "../support/process.ts";
import { isInstalled, type RealServer, startRedis } from "../support/servers.ts";

const task = (id: string): Invalidation => ({ topics: [taskTopic(id)], event: null });
const connection = { psuId: "0b5cbf2a-8d0b-4f3a-9d53-0c5f0a1f6a01", connectorId: "plaid", connectionId: "item" };
const another = { ...connection, connectionId: "another" };
const later = "2126-01-01T00:00:00Z";
const toUrl = (port: number) => new URL(`redis://127.0.0.1:${port}`);

async function startBus(port: number, url = toUrl(port)) {
  const problems: string[] = [];
  const bus = await startRedisEventBus({ url, onProblem: (kind) => problems.push(kind) });
  return { ...bus, problems };
}

async function startLimits(port: number, url = toUrl(port)) {
  const problems: string[] = [];
  const limits = await startRateLimits({
    values: new Reloadable({ psu: 10, operator: null, address: null }),
    answerWithinMs: 5000,
    redis: url,
    onProblem: (kind) => problems.push(kind),
  });
  return { ...limits, problems };
}

const becomes = (part: { state(): string | null }, state: string) => until(async () => part.state() === state);

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

/** What each replica promises while Redis refuses something that it needs, and when it no longer does. */
async function checkRefused(bus: EventBus & { readonly problems: readonly string[] }, word: string): Promise<void> {
  await becomes(bus, "degraded");
  await until(async () => bus.problems.includes(word));
  expect(await failureOf(bus.publish(task("refused")))).toBeInstanceOf(Error);
  expect(await failureOf(bus.consents.keep(another, later))).toBeInstanceOf(Error);
  expect([await bus.consents.expiryOf(connection), await bus.consents.expiryOf(another)]).toEqual([later, later]);
  expect(bus.state()).toBe("degraded");
}

async function checkAllowed(bus: EventBus): Promise<void> {
  // A busy machine may miss the deadline of one of them.
  await until(async () => (await failureOf(bus.publish(task("allowed")))) === null);
  await until(async () => (await failureOf(bus.consents.keep(another, later))) === null);
  await becomes(bus, "connected");
  expect(await bus.consents.expiryOf(connection)).toBe(later);
}

const words = [
  ...["READONLY", "OOM", "NOPERM", "MISCONF", "LOADING", "MOVED", "CLUSTERDOWN", "NOSCRIPT", "WRONGPASS", "NOAUTH"],
  ...["MASTERDOWN", "NOREPLICAS", "TRYAGAIN", "BUSY", "ERR"],
];

/** Runs the check for each word, some at once. */
async function withEach(check: (word: string) => Promise<void>, atOnce = 3): Promise<void> {
  const limit = pLimit(atOnce);
  await Promise.all(
    words.map((word) =>
      limit(check, word).catch((error: unknown) => {
        throw new Error(`With ${word}: ${String(error)}`, { cause: error });
      }),
    ),
  );
}

describe(`a Redis that answers with any of ${words.join(", ")}`, () => {
  it.each(["PUBLISH", "SET", "GET", "PING", "SUBSCRIBE"])("to %s is as good as one that is away", (command) =>
    withEach(async (word) => {
      await using redis = await startFakeRedis();
      await using bus = await startBus(redis.port);
      await becomes(bus, "connected");
      await bus.consents.keep(connection, later);
      redis.refuse(command, word);
      if (command === "SUBSCRIBE") redis.cut();
      await checkRefused(bus, word);
      redis.allow();
      await checkAllowed(bus);
    }),
  );

  it("to the first use of a connection makes that use fail, not a later one", () =>
    withEach(async (word) => {
      await using redis = await startFakeRedis();
      await using bus = await startBus(redis.port);
      await becomes(bus, "connected");
      redis.refuse("SET", word);
      expect(await failureOf(bus.publish(task("first")))).toMatchObject({ code: word });
      expect(bus.state()).toBe("degraded");
    }, 1));

  it("to EVAL leaves each replica to limit rates alone, which it says", () =>
    withEach(async (word) => {
      await using redis = await startFakeRedis();
      await using limits = await startLimits(redis.port);
      await becomes(limits, "connected");
      redis.refuse("EVAL", word);
      const subject = { viewer: psuViewer(connection.psuId), address: null };
      await limits.consume(subject, 10);
      await becomes(limits, "degraded");
      expect(() => limits.consume(subject, 10)).toThrow("Too much was asked for in a short time.");
      await until(async () => limits.problems.includes(word));
      redis.allow();
      await becomes(limits, "connected");
    }));
});

type Client = { sendCommand(args: readonly string[]): Promise<unknown> };
type Refusal = {
  readonly word: string;
  refuse(client: Client, server: RealServer): Promise<unknown>;
  allow(client: Client): Promise<unknown>;
};

const refusals: readonly Refusal[] = [
  {
    word: "READONLY",
    refuse: (client) => client.sendCommand(["REPLICAOF", "127.0.0.1", "1"]),
    allow: (client) => client.sendCommand(["REPLICAOF", "NO", "ONE"]),
  },
  {
    word: "OOM",
    refuse: (client) => client.sendCommand(["CONFIG", "SET", "maxmemory", "1"]),
    allow: (client) => client.sendCommand(["CONFIG", "SET", "maxmemory", "0"]),
  },
  {
    word: "MISCONF",
    async refuse(client, { folder }) {
      await client.sendCommand(["CONFIG", "SET", "save", "3600 1"]);
      await rm(folder, { recursive: true });
      await client.sendCommand(["BGSAVE"]);
    },
    allow: (client) => client.sendCommand(["CONFIG", "SET", "stop-writes-on-bgsave-error", "no"]),
  },
  {
    word: "NOREPLICAS",
    refuse: (client) => client.sendCommand(["CONFIG", "SET", "min-replicas-to-write", "1"]),
    allow: (client) => client.sendCommand(["CONFIG", "SET", "min-replicas-to-write", "0"]),
  },
  ...["publish", "set", "get"].map((command) => ({
    word: "NOPERM",
    refuse: (client: Client) => client.sendCommand(["ACL", "SETUSER", "default", `-${command}`]),
    allow: (client: Client) => client.sendCommand(["ACL", "SETUSER", "default", `+${command}`]),
  })),
];

async function connectClient({ port }: RealServer) {
  const client = await createClient({ url: toUrl(port).href }).connect();
  return Object.assign(client, { [Symbol.dispose]: () => client.destroy() });
}

describe.skipIf(!isInstalled("redis-server"))("a real Redis", () => {
  it.each(refusals)("that has come to answer $word is as good as one that is away", async ({ word, refuse, allow }) => {
    await using server = await startRedis();
    await using bus = await startBus(server.port);
    await using limits = await startLimits(server.port);
    using client = await connectClient(server);
    await bus.consents.keep(connection, later);
    await refuse(client, server);
    await checkRefused(bus, word);
    await limits.consume({ viewer: psuViewer(connection.psuId), address: null }, 1);
    if (word !== "NOPERM") await becomes(limits, "degraded"); // scripts are another command
    await allow(client);
    await checkAllowed(bus);
    await becomes(limits, "connected");
  });

  it("in a cluster, of which it has a part, is of no use", async () => {
    await using server = await startRedis({ args: ["--cluster-enabled", "yes"] });
    using client = await connectClient(server);
    await client.sendCommand(["CONFIG", "SET", "cluster-require-full-coverage", "no"]);
    await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", "0", "8191"]);
    await using bus = await startBus(server.port);
    expect([bus.state(), bus.problems]).toEqual(["degraded", ["CLUSTERDOWN"]]);
  });

  it("needs to allow its user no more than the documents say", async () => {
    await using server = await startRedis();
    using client = await connectClient(server);
    const text = await readFile(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const [, rights = ""] = text.split("Its user needs");
    const commands = [...(rights.split(". ")[0] ?? "").matchAll(/`([A-Z]+)`/g)];
    const allowed = commands.map(([, name = ""]) => `+${name.toLowerCase()}`);
    expect(allowed.length).toBeGreaterThan(5);
    await client.sendCommand([
      ...["ACL", "SETUSER", "gateway", "on", ">password", "resetchannels", "-@all", ...allowed],
      ...["&open-banking-gateway:v1:*", "~open-banking-gateway:v1:*"],
    ]);
    const url = new URL(`redis://gateway:password@127.0.0.1:${server.port}`);
    await using bus = await startBus(server.port, url);
    await using limits = await startLimits(server.port, url);
    await bus.publish(task("allowed"));
    await bus.consents.keep(connection, later);
    await bus.consents.forget(connection);
    for (const calls of [5, 5]) await limits.consume({ viewer: psuViewer(connection.psuId), address: null }, calls);
    expect([bus.state(), limits.state(), bus.problems, limits.problems]).toEqual(["connected", "connected", [], []]);
  });

  it("brings the longest event that is read to the other replicas", async () => {
    await using server = await startRedis();
    await using bus = await startBus(server.port);
    await using other = await startBus(server.port);
    const received: Invalidation[] = [];
    other.subscribe((one) => received.push(one));
    const longest = toInvalidation({
      type: "payments.open_banking_user_connection_disconnected",
      payload: {
        ...{ psuID: connection.psuId, connectorID: "\u0001".repeat(256), connectionID: "\u0001".repeat(256) },
        ...{ at: "2026-08-05T12:00:00Z", reason: "\u0001".repeat(10_000) },
      },
    });
    if (longest === null) throw new Error("The event is not read.");
    await bus.publish(longest);
    await until(async () => received.length > 0);
    expect(received).toEqual([longest]);
  });

  it("that was emptied makes no replica forget what it knows, nor know again what was forgotten", async () => {
    await using server = await startRedis();
    await using bus = await startBus(server.port);
    await using other = await startBus(server.port);
    using client = await connectClient(server);
    for (const one of [bus, other]) await one.consents.keep(connection, later);
    await client.sendCommand(["FLUSHALL"]);
    expect(await bus.consents.expiryOf(connection)).toBe(later);
    for (const one of [bus, other]) await one.consents.keep(connection, later);
    await other.consents.forget(connection);
    expect([await bus.consents.expiryOf(connection), await other.consents.expiryOf(connection)]).toEqual([null, null]);
  });

  it("that was demoted makes webhooks 503 until what they say is kept; readiness, log and metrics say why", async () => {
    await using server = await startRedis();
    await using sandbox = await startSandbox();
    const secret = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
    await using gateway = await startGatewayCommand({
      FORMANCE_API_URL: sandbox.url,
      FORMANCE_CLIENT_ID: sandbox.clientId,
      FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
      FORMANCE_WEBHOOK_SECRETS: secret,
      CURSOR_SECRETS: "shared by all of the replicas: 32+",
      REDIS_URL: toUrl(server.port).href,
    });
    const { world } = sandbox;
    const active = world.connections.find(({ status }) => status === "ACTIVE");
    if (active === undefined) throw new Error("No connection works.");
    const { psuID, connectorID, connectionID } = active;
    const at = new Date(Date.now() + 7 * 86_400_000).toISOString();
    const body = JSON.stringify({
      type: "payments.open_banking_user_connection_pending_disconnect",
      payload: { psuID, connectorID, connectionID, at, reason: null },
    });
    async function deliver(): Promise<number> {
      const timestamp = Math.floor(Date.now() / 1000);
      const response = await fetch(`${gateway.url}/webhooks/formance`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "formance-webhook-id": "demoted",
          "formance-webhook-timestamp": String(timestamp),
          "formance-webhook-signature": signWebhook({ id: "demoted", timestamp, body, secret }),
        },
        body,
      });
      return response.status;
    }
    async function states(): Promise<unknown> {
      const response = await fetch(`${gateway.url}/health/ready`);
      return ((await response.json()) as { eventSources: unknown }).eventSources;
    }
    const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();
    expect(await states()).toEqual({ bus: "connected", rateLimits: "connected" });

    using client = await connectClient(server);
    await client.sendCommand(["REPLICAOF", "127.0.0.1", "1"]);
    expect(await deliver()).toBe(503);
    expect(await states()).toMatchObject({ bus: "degraded" });
    await fetch(`${gateway.url}/graphql?query={viewer{subject}}`); // a use of the rate limits
    expect(await deliver()).toBe(503);
    expect(gateway.output()).toMatch(/"kind":"READONLY","msg":"event bus is degraded"/);
    expect(await metrics()).toContain('gateway_degraded{part="bus"} 1');

    await client.sendCommand(["REPLICAOF", "NO", "ONE"]);
    await until(async () => (await deliver()) === 204);
    const key = `open-banking-gateway:v1:consent:${psuID}:${connectorID}:${connectionID}`;
    expect(await client.get(key)).toBe(at);
    await until(async () => (await metrics()).includes('gateway_degraded{part="bus"} 0'));
  });
});
