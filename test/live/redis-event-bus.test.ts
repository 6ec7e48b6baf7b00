import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { inspect } from "node:util";
import { createClient } from "redis";
import { describe, expect, it } from "vitest";
import { type Invalidation, taskTopic } from "../../src/live/connection-events.ts";
import type { EventBus } from "../../src/live/event-bus.ts";
import { startRedisEventBus } from "../../src/live/redis-event-bus.ts";
import { fairNow } from "../support/fair-clock.ts";
import { until } from "../support/helpers.ts";
import { countResources, freePort, isInstalled, startProxy, startRedis } from "../support/servers.ts";

const task = (id: number | string): Invalidation => ({ topics: [taskTopic(String(id))], event: null });
const connection = { psuId: "0b5cbf2a-8d0b-4f3a-9d53-0c5f0a1f6a01", connectorId: "plaid", connectionId: "item" };
const later = "2126-01-01T00:00:00Z";

type Replica = EventBus & { readonly problems: readonly string[]; readonly received: readonly Invalidation[] };

async function startReplica(port: number, url = `redis://127.0.0.1:${port}`): Promise<Replica> {
  const problems: string[] = [];
  const received: Invalidation[] = [];
  const bus = await startRedisEventBus({ url: new URL(url), onProblem: (kind) => problems.push(kind) });
  bus.subscribe((invalidation) => received.push(invalidation));
  return { ...bus, problems, received };
}

/** A plain client, to do what others may do to the same Redis. */
async function startClient(port: number, password?: string) {
  const client = createClient({ socket: { port, host: "127.0.0.1" }, ...(password !== undefined && { password }) });
  client.on("error", () => {});
  await client.connect();
  return Object.assign(client, { [Symbol.dispose]: () => client.destroy() });
}

async function listClients(client: Awaited<ReturnType<typeof startClient>>): Promise<readonly string[]> {
  return (await client.sendCommand<string>(["CLIENT", "LIST"])).trim().split("\n");
}

/** Takes connections and never says a word. */
async function startSilentServer() {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => {}).resume();
    socket.once("close", () => sockets.delete(socket));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    sockets: () => sockets.size,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = fairNow();
  await work();
  return fairNow() - startedAt;
}

const becomes = (bus: EventBus, state: ReturnType<EventBus["state"]>) => until(async () => bus.state() === state);

describe.skipIf(!isInstalled("redis-server"))("a bus over Redis", () => {
  describe("when Redis is killed", () => {
    it("is degraded, rejects what is published at once, and still notifies its own listeners", async () => {
      await using server = await startRedis();
      await using bus = await startReplica(server.port);
      await server.kill();
      await becomes(bus, "degraded");
      const took = await elapsed(() => expect(bus.publish(task(1))).rejects.toThrow("Redis cannot be reached."));
      expect(took).toBeLessThan(50);
      expect(bus.received).toEqual([task(1)]);
    });

    it("rejects an invalidation that was in flight", async () => {
      await using server = await startRedis();
      await using bus = await startReplica(server.port);
      await server.hang();
      const publishing = bus.publish(task(1));
      publishing.catch(() => {}); // awaited below
      await server.kill();
      await expect(publishing).rejects.toThrow("Redis has not done it");
    });

    it("carries invalidations both ways again within three seconds of its restart", async () => {
      await using server = await startRedis();
      await using first = await startReplica(server.port);
      await using last = await startReplica(server.port);
      await server.kill();
      await becomes(first, "degraded");
      await server.restart();
      const took = await elapsed(() => Promise.all([becomes(first, "connected"), becomes(last, "connected")]));
      expect(took).toBeLessThan(3000);
      await first.publish(task(1));
      await until(async () => last.received.length === 1);
      await last.publish(task(2));
      await until(async () => first.received.length === 2);
      expect(first.received).toEqual([task(1), task(2)]);
      expect(last.received).toEqual([task(1), task(2)]);
    });
  });

  it("reports a problem once, without address, however often it tries", async () => {
    await using server = await startRedis();
    await using proxy = await startProxy(server.port);
    proxy.cut();
    await using bus = await startReplica(proxy.port);
    await until(async () => proxy.refused >= 8);
    expect(bus.problems).toHaveLength(1);
    expect(bus.problems[0]).toMatch(/^[A-Za-z_]+$/);
  });

  it("recovers when Redis drops only the socket that listens", async () => {
    await using server = await startRedis();
    await using bus = await startReplica(server.port);
    using other = await startClient(server.port);
    await other.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
    await becomes(bus, "degraded");
    await becomes(bus, "connected");
    await using neighbour = await startReplica(server.port);
    await neighbour.publish(task(1));
    await until(async () => bus.received.length === 1);
  });

  it("does not take its own process for a silent Redis when that was busy past the deadline", async () => {
    await using server = await startRedis();
    await using bus = await startReplica(server.port);
    const publishing = bus.publish(task(1));
    await setImmediate(); // the command is written
    for (const end = performance.now() + 1200; performance.now() < end; );
    await publishing;
    expect(bus.state()).toBe("connected");
  });

  describe("when Redis hangs", () => {
    it("rejects what is published by its deadline, is degraded then, and recovers when Redis wakes", async () => {
      await using server = await startRedis();
      await using bus = await startReplica(server.port);
      await using other = await startReplica(server.port);
      await server.hang();
      const startedAt = performance.now();
      const took = await elapsed(() =>
        expect(bus.publish(task(1))).rejects.toThrow("Redis has not done it: ETIMEDOUT"),
      );
      expect(performance.now() - startedAt).toBeGreaterThan(900);
      expect(took).toBeLessThan(1500);
      expect(await elapsed(() => becomes(bus, "degraded"))).toBeLessThan(200);
      expect(await elapsed(() => expect(bus.publish(task(2))).rejects.toThrow())).toBeLessThan(50);
      await becomes(other, "degraded");
      server.wake();
      await Promise.all([becomes(bus, "connected"), becomes(other, "connected")]);
      await bus.publish(task(3));
      await until(async () => other.received.some(({ topics }) => topics[0] === taskTopic("3")));
    });

    it("is degraded within three seconds though nobody publishes", async () => {
      await using server = await startRedis();
      await using bus = await startReplica(server.port);
      await server.hang();
      expect(await elapsed(() => becomes(bus, "degraded"))).toBeLessThan(3000);
      expect(bus.problems).toContain("ETIMEDOUT");
    });

    it("starts degraded within three seconds, and has nothing left once it is disposed", async () => {
      await using server = await startRedis();
      await server.hang();
      const before = countResources();
      const took = await elapsed(async () => {
        await using bus = await startReplica(server.port);
        expect(bus.state()).toBe("degraded");
      });
      expect(took).toBeLessThan(3000);
      await until(async () => countResources().sockets <= before.sockets && countResources().timers <= before.timers);
    });
  });

  it("has nothing left once it is disposed while it is still connecting", async () => {
    await using silent = await startSilentServer();
    const before = countResources();
    const bus = await startReplica(silent.port, `rediss://127.0.0.1:${silent.port}`); // TLS never comes about
    expect(bus.state()).toBe("degraded");
    await until(async () => silent.accepted() === 4); // it tries again
    await bus[Symbol.asyncDispose]();
    const took = await elapsed(() => until(async () => silent.sockets() === 0));
    expect(took).toBeLessThan(200);
    expect(countResources().sockets).toBe(before.sockets);
    expect(countResources().timers).toBeLessThanOrEqual(before.timers);
  });

  describe("when Redis is down at the start", () => {
    it("starts degraded at once and recovers when Redis comes", async () => {
      await using server = await startRedis();
      await using witness = await startReplica(server.port);
      await server.kill();
      let bus: Replica | undefined;
      expect(
        await elapsed(async () => {
          bus = await startReplica(server.port);
        }),
      ).toBeLessThan(500);
      await using starting = bus;
      expect(starting?.state()).toBe("degraded");
      await server.restart();
      await until(async () => starting?.state() === "connected" && witness.state() === "connected");
      await witness.publish(task(1));
      await until(async () => starting?.received.length === 1);
    });

    it("has no timer left when it is disposed between two attempts", async () => {
      const port = await freePort();
      const before = countResources();
      const bus = await startReplica(port);
      expect(bus.state()).toBe("degraded");
      await bus[Symbol.asyncDispose]();
      await until(async () => countResources().sockets <= before.sockets && countResources().timers <= before.timers);
    });
  });

  it("drops anything on its channel that is no invalidation, and goes on", async () => {
    await using server = await startRedis();
    await using bus = await startReplica(server.port);
    using other = await startClient(server.port);
    const [channel = ""] = await other.pubSubChannels();
    expect(channel).toBe("open-banking-gateway:v1:invalidations:0");
    const event = { ...connection, kind: "RECONNECTED", at: "2026-08-05T12:00:00Z", reason: null };
    const send = (invalidation: unknown) =>
      other.publish(channel, JSON.stringify({ from: "a stranger", invalidation }));
    await other.publish(channel, "");
    await other.publish(channel, "{");
    await other.publish(channel, "null");
    await other.publish(channel, JSON.stringify(task(1)));
    await send(null);
    await send({ topics: "task:1", event: null });
    await send({ topics: ["task:"], event: null });
    await send({ topics: ["secrets:1"], event: null });
    await send({ topics: ["task:1"] });
    await send({ topics: ["task:1"], event: { ...event, kind: "DELETED" } });
    await send({ topics: ["task:1"], event: { ...event, psuId: 7 } });
    await send({ topics: ["task:1"], event: { ...event, at: "soon" } });
    await send({ topics: [`task:${"x".repeat(70_000)}`], event: null });
    await send({ topics: ["connections:p"], event: { ...event, extra: "dropped" } });
    await until(async () => bus.received.length > 0);
    expect(bus.received).toEqual([{ topics: ["connections:p"], event }]);
    expect(bus.state()).toBe("connected");
  });

  it("keeps apart from gateways on another database of the same Redis", async () => {
    await using server = await startRedis();
    await using zero = await startReplica(server.port);
    await using one = await startReplica(server.port, `redis://127.0.0.1:${server.port}/1`);
    await using alsoOne = await startReplica(server.port, `redis://127.0.0.1:${server.port}/1`);
    await zero.publish(task(0));
    await alsoOne.publish(task(1));
    await until(async () => one.received.length > 0);
    expect(one.received).toEqual([task(1)]);
    await zero.consents.keep(connection, later);
    expect(await one.consents.expiryOf(connection)).toBeNull();
  });

  describe("consents", () => {
    it("are kept in Redis until 400 days after they end", async () => {
      await using server = await startRedis();
      await using bus = await startReplica(server.port);
      using other = await startClient(server.port);
      await bus.consents.keep(connection, later);
      const key = `open-banking-gateway:v1:consent:${connection.psuId}:plaid:item`;
      expect(await other.keys("*")).toEqual([key]);
      expect(await other.pExpireTime(key)).toBe(Date.parse(later) + 400 * 86_400_000);
    });

    it("outlive the gateway that kept them", async () => {
      await using server = await startRedis();
      {
        await using bus = await startReplica(server.port);
        await bus.consents.keep(connection, later);
      }
      await using bus = await startReplica(server.port);
      expect(await bus.consents.expiryOf(connection)).toBe(later);
    });

    it("are read as null where something else stands in their place", async () => {
      await using server = await startRedis();
      await using bus = await startReplica(server.port);
      using other = await startClient(server.port);
      await bus.consents.keep(connection, later);
      await other.set(`open-banking-gateway:v1:consent:${connection.psuId}:plaid:item`, "<script>");
      expect(await bus.consents.expiryOf(connection)).toBeNull();
    });

    it("are answered from what this replica knows while Redis is down, and what is to be kept is refused", async () => {
      await using server = await startRedis();
      await using bus = await startReplica(server.port);
      const unknown = { ...connection, connectionId: "unknown" };
      await bus.consents.keep(connection, later);
      await server.kill();
      await becomes(bus, "degraded");
      expect(await bus.consents.expiryOf(connection)).toBe(later);
      expect(await bus.consents.expiryOf(unknown)).toBeNull();
      await expect(bus.consents.keep(unknown, later)).rejects.toThrow("Redis cannot be reached.");
      await expect(bus.consents.forget(connection)).rejects.toThrow("Redis cannot be reached.");
      expect(await bus.consents.expiryOf(connection)).toBeNull();
    });

    it("are answered within the deadline while Redis hangs", async () => {
      await using server = await startRedis();
      await using bus = await startReplica(server.port);
      await bus.consents.keep(connection, later);
      await server.hang();
      const took = await elapsed(async () => expect(await bus.consents.expiryOf(connection)).toBe(later));
      expect(took).toBeLessThan(1500);
    });
  });

  describe("with a password", () => {
    it("signs in with the one of the URL", async () => {
      await using server = await startRedis({ password: "p@ss/word" });
      await using bus = await startReplica(server.port, `redis://:p%40ss%2Fword@127.0.0.1:${server.port}`);
      expect(bus.state()).toBe("connected");
      await bus.publish(task(1));
    });

    it("is degraded with a wrong one, which no report and no error shows", async () => {
      await using server = await startRedis({ password: "right" });
      await using bus = await startReplica(server.port, `redis://:not-this-one@127.0.0.1:${server.port}`);
      expect(bus.state()).toBe("degraded");
      expect(bus.problems).toEqual(["WRONGPASS"]);
      const failure = await bus.publish(task(1)).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Error);
      expect(inspect(failure)).not.toMatch(/not-this-one|127\.0\.0\.1/);
    });
  });

  it("has no connection left at Redis once it is disposed", async () => {
    await using server = await startRedis();
    using other = await startClient(server.port);
    const clients = async () => (await listClients(other)).length;
    {
      await using _bus = await startReplica(server.port);
      expect(await clients()).toBe(3);
    }
    await until(async () => (await clients()) === 1);
  });

  it("has no more than its two sockets, however often the way to Redis was cut", async () => {
    await using server = await startRedis();
    await using proxy = await startProxy(server.port);
    const before = countResources();
    await using bus = await startReplica(proxy.port);
    for (const _cut of [1, 2, 3]) {
      proxy.cut();
      await becomes(bus, "degraded");
      proxy.restore();
      await becomes(bus, "connected");
    }
    // For each of its two: its own end, and the proxy's two.
    await until(async () => countResources().sockets - before.sockets === 6);
  });
});
