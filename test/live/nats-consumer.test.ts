import { jetstreamManager, StorageType } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { type Invalidation, taskTopic, toInvalidation } from "../../src/live/connection-events.ts";
import { type NatsConsumer, startNatsConsumer } from "../../src/live/nats-consumer.ts";
import { fairNow } from "../support/fair-clock.ts";
import { until } from "../support/helpers.ts";
import { countResources, freePort, isInstalled, startNats, startProxy } from "../support/servers.ts";

const psuId = "0b5cbf2a-8d0b-4f3a-9d53-0c5f0a1f6a01";

/** An event as the stack's broker carries it. */
const event = (type: string, payload: object) => ({
  idempotency_key: "ik",
  date: "2026-08-05T12:00:00Z",
  app: "payments",
  version: "v3",
  type,
  payload,
});
const taskEvent = (id: number | string) => event("UPDATED_TASK", { id: String(id), status: "SUCCEEDED" });
const task = (id: number | string): Invalidation => ({ topics: [taskTopic(String(id))], event: null });

type Reader = NatsConsumer & { readonly received: readonly Invalidation[]; readonly problems: readonly string[] };

async function startReader(port: number, options: { subject?: string; url?: string } = {}): Promise<Reader> {
  const received: Invalidation[] = [];
  const problems: string[] = [];
  const reader = await startNatsConsumer({
    url: new URL(options.url ?? `nats://127.0.0.1:${port}`),
    subject: options.subject ?? "payments",
    onInvalidation: (invalidation) => received.push(invalidation),
    onProblem: (kind) => problems.push(kind),
  });
  return { ...reader, received, problems };
}

/** The stack's end: what it publishes, and the stream that it keeps. */
async function startStack(port: number) {
  // The server gives a client two seconds to introduce itself, which can be too few on a busy machine.
  const connection = await until(() =>
    connect({ servers: `127.0.0.1:${port}`, reconnect: false }).catch(() => false as const),
  );
  const manager = () => jetstreamManager(connection);
  return {
    async send(...events: readonly object[]): Promise<void> {
      for (const one of events) connection.publish("payments", JSON.stringify(one));
      await connection.flush();
    },
    async sendTo(subject: string, text: string | Uint8Array): Promise<void> {
      connection.publish(subject, text);
      await connection.flush();
    },
    async keepStream(subjects: readonly string[], storage: StorageType = StorageType.Memory): Promise<void> {
      await (await manager()).streams.add({ name: "stack", subjects: [...subjects], storage });
    },
    async dropStream(): Promise<void> {
      await (await manager()).streams.delete("stack");
    },
    async consumers(): Promise<number> {
      return (await (await manager()).streams.info("stack")).state.consumer_count;
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

const becomes = (reader: NatsConsumer, state: ReturnType<NatsConsumer["state"]>) =>
  until(async () => reader.state() === state);

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = fairNow();
  await work();
  return fairNow() - startedAt;
}

const isHere = isInstalled("nats-server");

for (const jetStream of [false, true]) {
  describe.skipIf(!isHere)(`a consumer of ${jetStream ? "a JetStream stream" : "a plain subject"}`, () => {
    /** The server and the stack's end of it. */
    async function start() {
      await using starting = new AsyncDisposableStack();
      const server = starting.use(await startNats({ jetStream }));
      const stack = starting.use(await startStack(server.port));
      if (jetStream) await stack.keepStream(["payments"]);
      const started = starting.move();
      return { server, stack, [Symbol.asyncDispose]: () => started.disposeAsync() };
    }

    it("turns each event that it knows into an invalidation, in order", async () => {
      await using here = await start();
      await using reader = await startReader(here.server.port);
      expect(reader.state()).toBe("connected");
      const base = { psuID: psuId, connectorID: "plaid" };
      const events = [
        event("OPEN_BANKING_USER_LINK_STATUS", { ...base, status: "completed" }),
        event("OPEN_BANKING_USER_CONNECTION_PENDING_DISCONNECT", {
          ...base,
          connectionID: "item",
          at: "2026-08-12T12:00:00Z",
          reason: "the consent ends",
        }),
        taskEvent("last"),
      ];
      await here.stack.send(...events);
      await until(async () => reader.received.length === 3);
      expect(reader.received).toEqual(events.map(toInvalidation));
      expect(reader.received[1]?.event).toMatchObject({ kind: "PENDING_DISCONNECT", at: "2026-08-12T12:00:00Z" });
      expect(reader.problems).toEqual([]);
    });

    it("receives every message as every other consumer does", async () => {
      await using here = await start();
      await using first = await startReader(here.server.port);
      await using second = await startReader(here.server.port);
      const ids = Array.from({ length: 1000 }, (_, index) => index);
      await here.stack.send(...ids.map(taskEvent));
      await until(async () => first.received.length >= 1000 && second.received.length >= 1000);
      expect(first.received).toEqual(ids.map(task));
      expect(second.received).toEqual(ids.map(task));
    });

    it("receives nothing that was sent before it started", async () => {
      await using here = await start();
      await here.stack.send(taskEvent("old"));
      await using reader = await startReader(here.server.port);
      await here.stack.send(taskEvent("new"));
      await until(async () => reader.received.length > 0);
      expect(reader.received).toEqual([task("new")]);
    });

    it("drops what is no event, and goes on", async () => {
      await using here = await start();
      await using reader = await startReader(here.server.port);
      for (const text of ["", "{", "null", "[]", '"payments"', '{"type":"UPDATED_TASK"}', "\u0000\uFFFD"]) {
        await here.stack.sendTo("payments", text);
      }
      await here.stack.sendTo("payments", Buffer.from(JSON.stringify(taskEvent("café")), "latin1"));
      await here.stack.send(
        event("SAVED_PAYMENT", { id: "p" }),
        event("OPEN_BANKING_USER_LINK_STATUS", { psuID: "no id", connectorID: "plaid" }),
        taskEvent(1),
      );
      await until(async () => reader.received.length > 0);
      expect(reader.received).toEqual([task(1)]);
      expect(reader.state()).toBe("connected");
      expect(reader.problems).toEqual([]);
    });

    it("goes on, and reports it, when its callback throws", async () => {
      await using here = await start();
      const received: Invalidation[] = [];
      const problems: string[] = [];
      await using _reader = await startNatsConsumer({
        url: `127.0.0.1:${here.server.port}`,
        subject: "payments",
        onInvalidation(invalidation) {
          received.push(invalidation);
          throw new TypeError("its own fault");
        },
        onProblem: (kind) => problems.push(kind),
      });
      await here.stack.send(taskEvent(1), taskEvent(2));
      await until(async () => received.length === 2);
      expect(problems).toEqual(["a listener failed: TypeError", "a listener failed: TypeError"]);
    });

    it("is degraded when the server is killed, and receives again within three seconds of its restart, though the server has no state left", async () => {
      await using here = await start();
      await using reader = await startReader(here.server.port);
      await here.server.kill();
      await becomes(reader, "degraded");
      await here.server.restart();
      await using stack = await startStack(here.server.port);
      if (jetStream) await stack.keepStream(["payments"]);
      expect(await elapsed(() => becomes(reader, "connected"))).toBeLessThan(3000);
      await stack.send(taskEvent(1));
      await until(async () => reader.received.length === 1);
      expect(reader.received).toEqual([task(1)]);
      expect(reader.problems.filter((kind) => kind === "ECONNREFUSED").length).toBeLessThanOrEqual(1);
      expect(reader.problems.join()).not.toMatch(/127\.0\.0\.1|\d{4}/);
    });

    it("starts degraded when the server is down, and recovers when it comes", async () => {
      const before = await start();
      await before.stack[Symbol.asyncDispose]();
      await using server = before.server;
      await server.kill();
      await using reader = await startReader(server.port);
      expect(reader.state()).toBe("degraded");
      await server.restart();
      await becomes(reader, "connected");
      await using stack = await startStack(server.port);
      await stack.send(taskEvent(1));
      await until(async () => reader.received.length === 1);
    });

    it("has no socket and no timer left once it is disposed", async () => {
      await using here = await start();
      const before = countResources();
      const reader = await startReader(here.server.port);
      await here.stack.send(taskEvent(1));
      await until(async () => reader.received.length === 1);
      await reader[Symbol.asyncDispose]();
      await until(async () => countResources().sockets <= before.sockets && countResources().timers <= before.timers);
      expect(reader.problems).toEqual([]);
    });
  });
}

describe.skipIf(!isHere)("a consumer of a JetStream stream", () => {
  it("has a consumer of its own, which is gone when it is disposed", async () => {
    await using server = await startNats({ jetStream: true });
    await using stack = await startStack(server.port);
    await stack.keepStream(["payments"]);
    {
      await using _first = await startReader(server.port);
      await using _second = await startReader(server.port);
      expect(await stack.consumers()).toBe(2);
    }
    expect(await stack.consumers()).toBe(0);
  });

  it("receives what was sent while its connection was cut, once", async () => {
    await using server = await startNats({ jetStream: true });
    await using proxy = await startProxy(server.port);
    await using stack = await startStack(server.port);
    await stack.keepStream(["payments"]);
    await using reader = await startReader(proxy.port);
    await stack.send(taskEvent(1));
    await until(async () => reader.received.length === 1);
    proxy.cut();
    await becomes(reader, "degraded");
    await stack.send(taskEvent(2), taskEvent(3));
    proxy.restore();
    await becomes(reader, "connected");
    await stack.send(taskEvent(4));
    await until(async () => reader.received.length >= 4);
    expect(reader.received).toEqual([1, 2, 3, 4].map(task));
  });

  it("receives only what is new of a stream that was recreated while it was disconnected", async () => {
    await using server = await startNats({ jetStream: true });
    await using proxy = await startProxy(server.port);
    await using stack = await startStack(server.port);
    await stack.keepStream(["payments"]);
    await using reader = await startReader(proxy.port);
    proxy.cut();
    await becomes(reader, "degraded");
    await stack.dropStream();
    await stack.keepStream(["payments"]);
    await stack.send(taskEvent(1), taskEvent(2));
    proxy.restore();
    await becomes(reader, "connected");
    await stack.send(taskEvent(3));
    await until(async () => reader.received.length > 0);
    expect(reader.received).toEqual([task(3)]);
  });

  it("goes on with a plain subscription when the stream is deleted", async () => {
    await using server = await startNats({ jetStream: true });
    await using stack = await startStack(server.port);
    await stack.keepStream(["payments"]);
    await using reader = await startReader(server.port);
    await stack.dropStream();
    await becomes(reader, "degraded");
    await becomes(reader, "connected");
    await stack.send(taskEvent(1));
    await until(async () => reader.received.length === 1);
  });

  it("receives only its subject of a stream that holds more", async () => {
    await using server = await startNats({ jetStream: true });
    await using stack = await startStack(server.port);
    await stack.keepStream(["stack.>"]);
    await using reader = await startReader(server.port, { subject: "stack.payments" });
    await using wide = await startReader(server.port, { subject: "*.payments" });
    expect(await stack.consumers()).toBe(1); // no stream holds all that `*.payments` means
    await stack.sendTo("stack.ledger", JSON.stringify(taskEvent("ledger")));
    await stack.sendTo("other.payments", JSON.stringify(taskEvent("other")));
    await stack.sendTo("stack.payments", JSON.stringify(taskEvent("payments")));
    await until(async () => reader.received.length > 0 && wide.received.length > 1);
    expect(reader.received).toEqual([task("payments")]);
    expect(wide.received).toEqual([task("other"), task("payments")]);
  });
});

describe.skipIf(!isHere)("a consumer of NATS", () => {
  it("finds out within six seconds that the server hangs, and recovers when it wakes", async () => {
    await using server = await startNats({ jetStream: false });
    await using reader = await startReader(server.port);
    await server.hang();
    expect(await elapsed(() => becomes(reader, "degraded"))).toBeLessThan(6000);
    server.wake();
    await becomes(reader, "connected");
    await using stack = await startStack(server.port);
    await stack.send(taskEvent(1));
    await until(async () => reader.received.length === 1);
  });

  it("starts degraded within three seconds when the server hangs, and has nothing left once it is disposed", async () => {
    await using server = await startNats({ jetStream: false });
    await server.hang();
    const before = countResources();
    const took = await elapsed(async () => {
      await using reader = await startReader(server.port);
      expect(reader.state()).toBe("degraded");
      expect(reader.problems).toEqual(["ETIMEDOUT"]);
    });
    expect(took).toBeLessThan(3000);
    await until(async () => countResources().sockets <= before.sockets && countResources().timers <= before.timers);
  });

  it("has no timer left when it is disposed between two attempts", async () => {
    const port = await freePort();
    const before = countResources();
    const reader = await startReader(port);
    expect(reader.state()).toBe("degraded");
    expect(reader.problems).toEqual(["ECONNREFUSED"]);
    await reader[Symbol.asyncDispose]();
    await until(async () => countResources().sockets <= before.sockets && countResources().timers <= before.timers);
  });

  it("signs in with user and password of the URL", async () => {
    await using server = await startNats({ jetStream: false, password: "p@ss" });
    await using reader = await startReader(server.port, { url: `nats://reader:p%40ss@127.0.0.1:${server.port}` });
    expect(reader.state()).toBe("connected");
  });

  it("is degraded with a wrong password, which no report shows", async () => {
    await using server = await startNats({ jetStream: false, password: "right" });
    await using reader = await startReader(server.port, { url: `nats://reader:wrong-one@127.0.0.1:${server.port}` });
    expect(reader.state()).toBe("degraded");
    expect(reader.problems).toEqual(["AuthorizationError"]);
  });

  it("tries the servers of its setting one after the other", async () => {
    await using server = await startNats({ jetStream: false });
    const received: Invalidation[] = [];
    await using reader = await startNatsConsumer({
      url: `nats://127.0.0.1:${await freePort()},nats://127.0.0.1:${server.port}`,
      subject: "payments",
      onInvalidation: (invalidation) => received.push(invalidation),
      onProblem: () => {},
    });
    await becomes(reader, "connected");
    await using stack = await startStack(server.port);
    await stack.send(taskEvent(1));
    await until(async () => received.length === 1);
  });
});
