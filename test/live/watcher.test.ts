import { describe, expect, it } from "vitest";
import type { Attempt } from "../../sandbox/models/attempt.ts";
import { day } from "../../sandbox/time.ts";
import { attemptGlobalId } from "../schema/global-ids.ts";
import { operator, psuViewer, type TestGateway, until } from "../support/helpers.ts";
import {
  attemptEvent,
  delayFirstLook,
  longBeforeItself,
  publishEvent,
  readsAttempt,
  recordCalls,
  type Stage,
  StagedAttempt,
  StagedConnections,
  slowly,
  stage,
  statuses,
  watched,
} from "../support/live/stage.ts";

const nothing = { watchers: 0, streams: 0, timers: 0 };

/** Resolves once another watch, which looks every 50 ms, has looked so often. */
async function meanwhile(gateway: Stage, looks = 5): Promise<void> {
  const { attempt } = gateway.link(gateway.other, "powens");
  using times = recordCalls(gateway, ({ path }) => path.endsWith(attempt.id));
  await using _ = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
  await until(async () => times.length >= looks);
}

const looksAt = ({ sandbox }: TestGateway, { id }: Attempt) =>
  sandbox.calls.filter(({ path }) => path.endsWith(id)).length;

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
