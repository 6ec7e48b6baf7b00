import { describe, expect, it } from "vitest";
import type { Attempt } from "../../sandbox/models/attempt.ts";
import { day } from "../../sandbox/time.ts";
import { attemptGlobalId } from "../schema/global-ids.ts";
import { fairNow } from "../support/fair-clock.ts";
import { operator, psuViewer, type TestGateway, until } from "../support/helpers.ts";
import {
  attemptEvent,
  beforePollMs,
  delayFirstRefresh,
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

/** Resolves once another watcher, which refreshes every 50 ms, has refreshed so often. */
async function meanwhile(gateway: Stage, refreshes = 5): Promise<void> {
  const { attempt } = gateway.link(gateway.other, "powens");
  using times = recordCalls(gateway, ({ path }) => path.endsWith(attempt.id));
  await using _ = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
  await until(async () => times.length >= refreshes);
}

const refreshesOf = ({ sandbox }: TestGateway, { id }: Attempt) =>
  sandbox.calls.filter(({ path }) => path.endsWith(id)).length;

describe("subscribers of one thing", () => {
  it("share one watcher, and cost the reads of one", async () => {
    await using gateway = await stage({ live: slowly });
    const { attempt } = gateway.link(gateway.psu, "tink");
    await using cancellation = new AsyncDisposableStack();
    const streams = Array.from({ length: 200 }, () =>
      cancellation.use(gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) })),
    );
    for (const stream of streams) await stream.first(1);
    expect(gateway.live.watchers.size).toEqual({ watchers: 1, streams: 200, timers: 1 });
    expect(refreshesOf(gateway, attempt)).toBe(1);
  });

  it("all get the change from the one refresh after an invalidation", async () => {
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
    expect(refreshesOf(gateway, attempt)).toBe(2);
    expect(gateway.live.watchers.size).toEqual(nothing);
  });

  it("that come soon after a refresh get its state, without another", async () => {
    await using gateway = await stage({ live: slowly });
    await using first = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    const received = await first.first(3);
    const calls = await gateway.calls(async () => {
      await using second = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
      expect(await second.first(3)).toEqual(received);
    });
    expect(calls).toEqual([]);
    expect(first.messages).toHaveLength(3);
  });

  it("that come later than that cause a refresh, whose change all get", async () => {
    await using gateway = await stage();
    const { attempt } = gateway.link(gateway.psu, "tink");
    // So old that its watcher does not poll.
    Object.assign(attempt, { createdAt: gateway.world.now() - 2 * day });
    const id = attemptGlobalId(attempt);
    await using first = gateway.subscribe(StagedAttempt, { id });
    await first.first(1);
    await meanwhile(gateway);
    attempt.error = "new error";
    await using second = gateway.subscribe(StagedAttempt, { id });
    expect((await second.first(1))[0]?.linkAttemptChanged.error).toBe("new error");
    expect((await first.first(2))[1]?.linkAttemptChanged.error).toBe("new error");
    expect(refreshesOf(gateway, attempt)).toBe(2);
  });

  it("get only what they may see, also from another viewer's watcher", async () => {
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

describe("invalidations", () => {
  it("that come in a burst of a thousand merge into one refresh", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = await watched(gateway);
    for (let at = 0; at < 1000; at++) {
      if (at === 500) gateway.end(stream.token, "consent");
      await publishEvent(gateway, attemptEvent(stream.attempt));
    }
    expect(statuses(await stream.all())).toEqual(["PENDING", "COMPLETED"]);
    expect(refreshesOf(gateway, stream.attempt)).toBe(2);
  });

  it("that come one after the other cause refreshes that are 100 ms apart at least", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    await using stream = await watched(gateway);
    using refreshes = recordCalls(gateway, readsAttempt);
    await until(async () => {
      await publishEvent(gateway, attemptEvent(stream.attempt));
      return refreshes.length === 5;
    });
    const gaps = refreshes.slice(1).map((time, at) => time - (refreshes[at] ?? 0));
    // From the gateway to the sandbox a call may take some ms more or less.
    for (const gap of gaps) expect(gap).toBeGreaterThan(80);
  });

  it("during a refresh cause one more: a change before the response of the first is not lost", async () => {
    await using gateway = await stage({ live: slowly });
    const { token, attempt } = gateway.link(gateway.psu, "tink");
    using _ = delayFirstRefresh(gateway, attempt);
    const start = fairNow();
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await until(async () => refreshesOf(gateway, attempt) === 1);
    gateway.end(token, "consent");
    for (let at = 0; at < 20; at++) await publishEvent(gateway, attemptEvent(attempt));
    expect(statuses(await stream.all())).toEqual(["PENDING", "COMPLETED"]);
    expect(refreshesOf(gateway, attempt)).toBe(2);
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  });
});

describe("an event of a task", () => {
  it("invalidates the connections of the PSU that the task deletes from", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    await stream.first(3);
    const { connectorID, connectionID } = gateway.own("plaid");
    const id = gateway.world.deletions.connection(gateway.psu, connectorID, connectionID);
    gateway.clock.advance(1000);
    const start = fairNow();
    await publishEvent(gateway, { type: "UPDATED_TASK", payload: { id } });
    expect((await stream.first(4))[3]?.connectionChanged.kind).toBe("DELETED");
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  });
});

describe("a watcher", () => {
  it("ends with its last subscriber, and reads no more", async () => {
    await using gateway = await stage();
    const first = await watched(gateway);
    const second = gateway.subscribe(StagedAttempt, { id: first.id });
    await second.first(1);
    await second[Symbol.asyncDispose]();
    expect(gateway.live.watchers.size).toMatchObject({ watchers: 1, streams: 1 });
    await first[Symbol.asyncDispose]();
    expect(gateway.live.watchers.size).toEqual(nothing);
    await meanwhile(gateway, 1); // a refresh that was running may only now arrive
    const refreshes = refreshesOf(gateway, first.attempt);
    await publishEvent(gateway, attemptEvent(first.attempt));
    await meanwhile(gateway);
    expect(refreshesOf(gateway, first.attempt)).toBe(refreshes);
  });

  it("cancels the refresh that is running when its last subscriber unsubscribes", async () => {
    await using gateway = await stage();
    const { attempt } = gateway.link(gateway.psu, "tink");
    {
      using _ = gateway.sandbox.fault(readsAttempt, { delayMs: 100 });
      await using _stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
      await until(async () => refreshesOf(gateway, attempt) === 1);
    }
    expect(gateway.live.watchers.size).toEqual(nothing);
    await meanwhile(gateway, 8); // long enough for its answer, and for refreshes after that
    expect(refreshesOf(gateway, attempt)).toBe(1);
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
