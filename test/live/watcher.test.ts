import { describe, expect, it } from "vitest";
import { type Attempt, toWireAttempt } from "../../sandbox/models/attempt.ts";
import { day } from "../../sandbox/time.ts";
import { ConflatingQueue } from "../../src/live/conflating-queue.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { graphql } from "../graphql/gql.ts";
import { attemptGlobalId, connectionGlobalId, connectorGlobalId, psuGlobalId } from "../schema/global-ids.ts";
import { createTestGateway, operator, psuViewer, type TestGateway, until } from "../support/helpers.ts";
import {
  attemptEvent,
  publishEvent,
  readsAttempt,
  readsConnections,
  recordCalls,
  type Stage,
  StagedAttempt,
  StagedConnections,
  StagedTask,
  stage,
} from "../support/live/stage.ts";

const WatchedAttempt = graphql(`
  query WatchedAttempt($id: ID!) {
    linkAttempt(id: $id) { status }
  }
`);

const WatchedAttempts = graphql(`
  query WatchedAttempts($psuId: ID!, $connectorId: ID!) {
    paymentServiceUser(id: $psuId) { linkAttempts(connectorId: $connectorId, first: 10) { nodes { status } } }
  }
`);

const WatchedConnections = graphql(`
  query WatchedConnections($psuId: ID!) {
    paymentServiceUser(id: $psuId) { connections { status } }
  }
`);

const WatchedTask = graphql(`
  query WatchedTask($id: ID!) {
    task(id: $id) { status }
  }
`);

const WatchedCreateLink = graphql(`
  mutation WatchedCreateLink($input: CreateLinkInput!) {
    createLink(input: $input) { link attempt { id } }
  }
`);

const WatchedUpdateLink = graphql(`
  mutation WatchedUpdateLink($input: UpdateLinkInput!) {
    updateLink(input: $input) { link attempt { id } }
  }
`);

const WatchedDeleteConnection = graphql(`
  mutation WatchedDeleteConnection($input: DeleteConnectionInput!) {
    deleteConnection(input: $input) { deletedId }
  }
`);

const WatchedDeletePsu = graphql(`
  mutation WatchedDeletePsu($input: DeletePaymentServiceUserInput!) {
    deletePaymentServiceUser(input: $input) { deletedId }
  }
`);

const WatchedDeletePsuConnector = graphql(`
  mutation WatchedDeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {
    deletePaymentServiceUserConnector(input: $input) { deletedId }
  }
`);

const nothing = { watchers: 0, streams: 0, timers: 0 };
const clientRedirectUrl = "https://app.example.com/back";

/** After its first look a watch does not look by itself for 2.4 s at least: what is told before was caused. */
const slowly = { pace: 3 };
const longBeforeItself = 1500;

/** A pending attempt, whose first state has been told. */
async function watched(gateway: Stage) {
  const { token, attempt } = gateway.link(gateway.psu, "tink");
  const id = attemptGlobalId(attempt);
  const stream = gateway.subscribe(StagedAttempt, { id });
  await stream.first(1);
  return Object.assign(stream, { token, attempt, id });
}

/** Resolves once another watch, which looks every 50 ms, has looked so often. */
async function meanwhile(gateway: Stage, looks = 5): Promise<void> {
  const { attempt } = gateway.link(gateway.other, "powens");
  using times = recordCalls(gateway, ({ path }) => path.endsWith(attempt.id));
  await using _ = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
  await until(async () => times.length >= looks);
}

const looksAt = ({ sandbox }: TestGateway, { id }: Attempt) =>
  sandbox.calls.filter(({ path }) => path.endsWith(id)).length;
const statuses = (told: readonly { linkAttemptChanged: { status: string } }[]) =>
  told.map(({ linkAttemptChanged }) => linkAttemptChanged.status);

/** The first look finds the attempt pending; before its answer arrives, the attempt can change. */
function delayFirstLook(gateway: Stage, attempt: Attempt) {
  const body = JSON.stringify({ data: toWireAttempt(attempt) });
  let looks = 0;
  return gateway.sandbox.fault((call) => readsAttempt(call) && ++looks === 1, { delayMs: 200, body });
}

describe("subscribers of one thing", () => {
  it("share one watch, and cost the reads of one", async () => {
    await using gateway = await stage({ live: slowly });
    const { attempt } = gateway.link(gateway.psu, "tink");
    await using cancellation = new AsyncDisposableStack();
    const streams = Array.from({ length: 200 }, () =>
      cancellation.use(gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) })),
    );
    for (const stream of streams) await stream.first(1);
    expect(gateway.live.watchers.size).toEqual({ watchers: 1, streams: 200, timers: 1 });
    expect(looksAt(gateway, attempt)).toBe(1);
  });

  it("are all told by the one look that a hint causes", async () => {
    await using gateway = await stage({ live: slowly });
    const { token, attempt } = gateway.link(gateway.psu, "tink");
    await using cancellation = new AsyncDisposableStack();
    const streams = Array.from({ length: 50 }, () =>
      cancellation.use(gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) })),
    );
    for (const stream of streams) await stream.first(1);
    gateway.end(token, "consent");
    await publishEvent(gateway, attemptEvent(attempt));
    for (const stream of streams) expect(statuses(await stream.all())).toEqual(["PENDING", "COMPLETED"]);
    expect(looksAt(gateway, attempt)).toBe(2);
    expect(gateway.live.watchers.size).toEqual(nothing);
  });

  it("who come soon after a look are told what it showed, without another", async () => {
    await using gateway = await stage({ live: slowly });
    await using first = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    const told = await first.first(3);
    const calls = await gateway.calls(async () => {
      await using second = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
      expect(await second.first(3)).toEqual(told);
    });
    expect(calls).toEqual([]);
    expect(first.messages).toHaveLength(3);
  });

  it("who come later than that cause a look, which tells all", async () => {
    await using gateway = await stage();
    const { attempt } = gateway.link(gateway.psu, "tink");
    // So old that its watch does not look by itself.
    Object.assign(attempt, { createdAt: gateway.world.now() - 2 * day });
    const id = attemptGlobalId(attempt);
    await using first = gateway.subscribe(StagedAttempt, { id });
    await first.first(1);
    await meanwhile(gateway);
    attempt.error = "news";
    await using second = gateway.subscribe(StagedAttempt, { id });
    expect((await second.first(1))[0]?.linkAttemptChanged.error).toBe("news");
    expect((await first.first(2))[1]?.linkAttemptChanged.error).toBe("news");
    expect(looksAt(gateway, attempt)).toBe(2);
  });

  it("are told only what they may see, whoever opened the watch", async () => {
    await using gateway = await stage({
      authenticate: async (header) => (header === null ? operator : psuViewer(header)),
    });
    await using stream = await watched(gateway);
    await using own = gateway.subscribe(StagedAttempt, { id: stream.id }, gateway.psu);
    await own.first(1);
    await using foreign = gateway.subscribe(StagedAttempt, { id: stream.id }, gateway.other);
    expect(await foreign.codes()).toEqual(["NOT_FOUND"]);
  });
});

describe("hints", () => {
  it("that come in a burst of a thousand merge into one look", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = await watched(gateway);
    for (let at = 0; at < 1000; at++) {
      if (at === 500) gateway.end(stream.token, "consent");
      await publishEvent(gateway, attemptEvent(stream.attempt));
    }
    expect(statuses(await stream.all())).toEqual(["PENDING", "COMPLETED"]);
    expect(looksAt(gateway, stream.attempt)).toBe(2);
  });

  it("that come one after the other cause looks that are 100 ms apart at least", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    await using stream = await watched(gateway);
    using looks = recordCalls(gateway, readsAttempt);
    await until(async () => {
      await publishEvent(gateway, attemptEvent(stream.attempt));
      return looks.length === 5;
    });
    const gaps = looks.slice(1).map((time, at) => time - (looks[at] ?? 0));
    // From the gateway to the sandbox the way may take some ms more or less.
    for (const gap of gaps) expect(gap).toBeGreaterThan(80);
  });

  it("during a look cause one more: what changed before that look had its answer is not lost", async () => {
    await using gateway = await stage({ live: slowly });
    const { token, attempt } = gateway.link(gateway.psu, "tink");
    using _ = delayFirstLook(gateway, attempt);
    const start = performance.now();
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await until(async () => looksAt(gateway, attempt) === 1);
    gateway.end(token, "consent");
    for (let at = 0; at < 20; at++) await publishEvent(gateway, attemptEvent(attempt));
    expect(statuses(await stream.all())).toEqual(["PENDING", "COMPLETED"]);
    expect(looksAt(gateway, attempt)).toBe(2);
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  });
});

describe("an event of a task", () => {
  it("is a hint for the connections of the PSU that the task deletes from", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    await stream.first(3);
    const { connectorID, connectionID } = gateway.own("plaid");
    const id = gateway.world.deletions.connection(gateway.psu, connectorID, connectionID);
    gateway.clock.advance(1000);
    const start = performance.now();
    await publishEvent(gateway, { type: "UPDATED_TASK", payload: { id } });
    expect((await stream.first(4))[3]?.connectionChanged.kind).toBe("DELETED");
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  });
});

describe("a watch", () => {
  it("ends with its last subscriber, and reads no more", async () => {
    await using gateway = await stage();
    const first = await watched(gateway);
    const second = gateway.subscribe(StagedAttempt, { id: first.id });
    await second.first(1);
    await second[Symbol.asyncDispose]();
    expect(gateway.live.watchers.size).toMatchObject({ watchers: 1, streams: 1 });
    await first[Symbol.asyncDispose]();
    expect(gateway.live.watchers.size).toEqual(nothing);
    await meanwhile(gateway, 1); // a look that was under way may only now arrive
    const looks = looksAt(gateway, first.attempt);
    await publishEvent(gateway, attemptEvent(first.attempt));
    await meanwhile(gateway);
    expect(looksAt(gateway, first.attempt)).toBe(looks);
  });

  it("gives up the look that is under way when its last subscriber leaves", async () => {
    await using gateway = await stage();
    const { attempt } = gateway.link(gateway.psu, "tink");
    {
      using _ = gateway.sandbox.fault(readsAttempt, { delayMs: 100 });
      await using _stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
      await until(async () => looksAt(gateway, attempt) === 1);
    }
    expect(gateway.live.watchers.size).toEqual(nothing);
    await meanwhile(gateway, 8); // long enough for its answer, and for looks after that
    expect(looksAt(gateway, attempt)).toBe(1);
    await using next = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    expect(statuses(await next.first(1))).toEqual(["PENDING"]);
  });
});

describe("a query of this gateway makes a watch look, when it sees", () => {
  it("an attempt that has ended silently", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = await watched(gateway);
    gateway.end(stream.token, "consent");
    const start = performance.now();
    expect((await gateway.run(WatchedAttempt, { id: stream.id })).linkAttempt?.status).toBe("COMPLETED");
    expect(statuses(await stream.all())).toEqual(["PENDING", "COMPLETED"]);
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  });

  it("such an attempt while a look is under way that began earlier", async () => {
    await using gateway = await stage({ live: slowly });
    const { token, attempt } = gateway.link(gateway.psu, "tink");
    using _ = delayFirstLook(gateway, attempt);
    const start = performance.now();
    const id = attemptGlobalId(attempt);
    await using stream = gateway.subscribe(StagedAttempt, { id });
    await until(async () => looksAt(gateway, attempt) === 1);
    gateway.end(token, "consent");
    await gateway.run(WatchedAttempt, { id });
    expect(statuses(await stream.all())).toEqual(["PENDING", "COMPLETED"]);
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  });

  it("such an attempt in a list", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = await watched(gateway);
    gateway.end(stream.token, "consent");
    const start = performance.now();
    const connectorId = connectorGlobalId(gateway.connector("tink"));
    await gateway.run(WatchedAttempts, { psuId: gateway.psu, connectorId });
    expect(statuses(await stream.all())).toEqual(["PENDING", "COMPLETED"]);
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  });

  it("no attempt where there was one", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = await watched(gateway);
    gateway.world.deletions.person(gateway.psu);
    gateway.clock.advance(1000);
    const start = performance.now();
    expect((await gateway.run(WatchedAttempt, { id: stream.id })).linkAttempt).toBeNull();
    expect(await stream.codes()).toEqual(["NOT_FOUND"]);
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  });

  it("a connection that has changed", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    await stream.first(3);
    gateway.clock.advance(10);
    gateway.world.breakConnection(gateway.own("plaid"), "silently");
    const start = performance.now();
    await gateway.run(WatchedConnections, { psuId: gateway.psu });
    expect((await stream.first(4))[3]?.connectionChanged).toMatchObject({ kind: "DISCONNECTED", reason: "silently" });
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  });

  it("a task that has ended", async () => {
    await using gateway = await stage({ live: slowly });
    const id = toGlobalId("Task", gateway.world.deletions.person(gateway.psu));
    await using stream = gateway.subscribe(StagedTask, { id });
    await stream.first(1);
    gateway.clock.advance(1000);
    const start = performance.now();
    await gateway.run(WatchedTask, { id });
    expect((await stream.all()).map(({ taskChanged }) => taskChanged.status)).toEqual(["PROCESSING", "SUCCEEDED"]);
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  });

  it("and none when it sees what is known", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = await watched(gateway);
    await using connections = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    await connections.first(3);
    let queries = 0;
    const calls = await gateway.calls(async () => {
      // Longer than a hint would be held back, shorter than a watch waits by itself.
      for (const end = performance.now() + 500; performance.now() < end; queries++) {
        await gateway.run(WatchedAttempt, { id: stream.id });
        await gateway.run(WatchedConnections, { psuId: gateway.psu });
      }
    });
    expect(calls.filter(readsAttempt)).toHaveLength(queries);
    expect(calls.filter(readsConnections)).toHaveLength(queries);
  });
});

describe("a mutation of this gateway makes the watches look that it concerns", () => {
  /** The looks that watches of the PSU's connections and of an attempt at Tink make within the time. */
  async function looksCausedBy(mutation: (gateway: Stage) => Promise<unknown>, own: number, at = readsConnections) {
    await using gateway = await stage({ live: slowly });
    await using _attempt = await watched(gateway);
    await using connections = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    await connections.first(3);
    using looks = recordCalls(gateway, at);
    const start = performance.now();
    await mutation(gateway);
    await until(async () => looks.length > own);
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  }

  it("deleteConnection", async () => {
    await looksCausedBy(
      (gateway) =>
        gateway.run(WatchedDeleteConnection, { input: { connectionId: connectionGlobalId(gateway.own("plaid")) } }),
      1,
    );
  });

  it("deletePaymentServiceUser", async () => {
    await looksCausedBy((gateway) => gateway.run(WatchedDeletePsu, { input: { psuId: psuGlobalId(gateway.psu) } }), 0);
  });

  it.each([
    ["connections", readsConnections],
    ["attempts", readsAttempt],
  ])("deletePaymentServiceUserConnector, at the %s", async (_name, at) => {
    await looksCausedBy(
      (gateway) =>
        gateway.run(WatchedDeletePsuConnector, {
          input: { psuId: gateway.psu, connectorId: gateway.connector("tink") },
        }),
      0,
      at,
    );
  });

  const key = { clientRedirectUrl, applicationName: "Watch", idempotencyKey: "key" };

  it("createLink with a key", async () => {
    await looksCausedBy(
      (gateway) =>
        gateway.run(WatchedCreateLink, {
          input: { psuId: gateway.psu, connectorId: gateway.connector("tink"), ...key },
        }),
      2, // whether the key was used, and the attempt
      readsAttempt,
    );
  });

  it("updateLink with a key", async () => {
    await looksCausedBy(
      (gateway) =>
        gateway.run(WatchedUpdateLink, { input: { connectionId: connectionGlobalId(gateway.own("tink")), ...key } }),
      2,
      readsAttempt,
    );
  });

  it("and often for a while, so that a deletion that takes its time is told soon, though no event comes", async () => {
    await using gateway = await stage();
    await using stream = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    using looks = recordCalls(gateway, readsConnections);
    await until(async () => looks.length === 9); // the next pause by itself is of 1 s or more, of 1.5 s at the most
    const id = connectionGlobalId(gateway.own("plaid"));
    await gateway.run(WatchedDeleteConnection, { input: { connectionId: id } });
    await until(async () => looks.length >= 12);
    gateway.clock.advance(1000);
    const start = performance.now();
    expect((await stream.first(4))[3]?.connectionChanged).toMatchObject({ kind: "DELETED", connectionId: id });
    expect(performance.now() - start).toBeLessThan(500);
  });

  it("on other replicas, too", async () => {
    await using gateway = await stage({ live: slowly });
    await using replica = createTestGateway(gateway.sandbox, { bus: gateway.bus, live: slowly });
    await using stream = replica.subscribe(StagedConnections, { psuId: gateway.psu });
    await stream.first(3);
    using looks = recordCalls(gateway, readsConnections);
    const start = performance.now();
    await gateway.run(WatchedDeletePsu, { input: { psuId: gateway.psu } });
    await until(async () => looks.length > 0);
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  });
});

describe("what a watch sees change", () => {
  it("makes others look: a link's silent end brings its connection, on other replicas, too", async () => {
    await using gateway = await stage();
    await using replica = createTestGateway(gateway.sandbox, { bus: gateway.bus, live: slowly });
    await using connections = replica.subscribe(StagedConnections, { psuId: gateway.psu });
    await connections.first(3);
    await using attempt = await watched(gateway);
    const start = performance.now();
    gateway.end(attempt.token, "consent");
    await attempt.all();
    expect((await connections.first(4))[3]?.connectionChanged.kind).toBe("CREATED");
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  });

  it("makes others look: the end of a task brings the deletion", async () => {
    await using gateway = await stage();
    await using replica = createTestGateway(gateway.sandbox, { bus: gateway.bus, live: slowly });
    await using connections = replica.subscribe(StagedConnections, { psuId: gateway.psu });
    await connections.first(3);
    const plaid = gateway.own("plaid");
    const taskId = gateway.world.deletions.connection(plaid.psuID, plaid.connectorID, plaid.connectionID);
    await using task = gateway.subscribe(StagedTask, { id: taskId });
    await task.first(1);
    const start = performance.now();
    gateway.clock.advance(1000);
    await task.all();
    expect((await connections.first(4))[3]?.connectionChanged.kind).toBe("DELETED");
    expect(performance.now() - start).toBeLessThan(longBeforeItself);
  });
});

describe("the number of streams", () => {
  it("is bounded for one viewer: RATE_LIMITED beyond, and a place is free again when one has left", async () => {
    await using gateway = await stage({
      live: { limits: { streams: 100, streamsPerViewer: 2 } },
      authenticate: async (header) => psuViewer(header ?? ""),
    });
    const open = (psuId: string) => gateway.subscribe(StagedConnections, { psuId }, psuId);
    const first = open(gateway.psu);
    await using second = open(gateway.psu);
    await first.first(3);
    await second.first(3);
    await using refused = open(gateway.psu);
    expect(await refused.codes()).toEqual(["RATE_LIMITED"]);
    expect(refused.messages[0]?.errors[0]?.extensions).toMatchObject({
      retryable: true,
      requestId: expect.any(String),
    });
    await using other = open(gateway.other);
    await other.first(3);
    await first[Symbol.asyncDispose]();
    await using again = open(gateway.psu);
    await again.first(3);
    expect(gateway.live.watchers.size.streams).toBe(3);
  });

  it("is bounded for the process: RATE_LIMITED beyond, and a place is free again when one has ended", async () => {
    await using gateway = await stage({ live: { limits: { streams: 2, streamsPerViewer: 100 } } });
    await using attempt = await watched(gateway);
    await using connections = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    await connections.first(3);
    await using refused = gateway.subscribe(StagedConnections, { psuId: gateway.other });
    expect(await refused.codes()).toEqual(["RATE_LIMITED"]);
    gateway.end(attempt.token, "consent");
    await attempt.all();
    await using next = gateway.subscribe(StagedConnections, { psuId: gateway.other });
    await next.first(3);
    expect(gateway.live.watchers.size).toMatchObject({ watchers: 2, streams: 2 });
  });
});

describe("what a subscriber has yet to read", () => {
  it("is at most one message for each key, in the order of what is left", async () => {
    const mailbox = new ConflatingQueue<string>(() => {});
    for (const [key, message] of [
      ["a", "a, first"],
      ["b", "b"],
      ["a ending", "a ends soon"],
      ["a", "a, gone"],
    ] as const) {
      mailbox.put(key, message);
    }
    mailbox.end();
    const read = [];
    for await (const message of mailbox) read.push(message);
    expect(read).toEqual(["b", "a ends soon", "a, gone"]);
  });
});
