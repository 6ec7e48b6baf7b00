import { describe, expect, it } from "vitest";
import type { Fault } from "../../sandbox/server.ts";
import { day } from "../../sandbox/time.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { graphql } from "../graphql/gql.ts";
import { attemptGlobalId } from "../schema/global-ids.ts";
import { fairNow } from "../support/fair-clock.ts";
import type { TestGateway } from "../support/helpers.ts";
import { until } from "../support/helpers.ts";
import {
  attemptEvent,
  publishEvent,
  readsAttempt,
  readsConnections,
  recordCalls,
  StagedAttempt,
  StagedConnections,
  StagedTask,
  stage,
} from "../support/live/stage.ts";

const CadencePeople = graphql(`
  query CadencePeople {
    paymentServiceUsers(first: 20) { nodes { psuId } }
  }
`);

const pace = 0.02;
/** By how much a timer may fire early. */
const earlyMs = 2;
/** By how much a refresh may come late on a busy machine; where even that is not enough, the test gets another try. */
const lateMs = 250;
const measured = { retry: 3 };

/** A second at first, half as much again each time, never more than the longest; then the pace. */
const pausesUpTo = (longestMs: number, count: number) =>
  Array.from({ length: count }, (_, at) => pace * Math.min(longestMs, 1000 * 1.5 ** at));

const gapsOf = (times: readonly number[]) => times.slice(1).map((time, at) => time - (times[at] ?? 0));

function expectPauses(times: readonly number[], longestMs: number): void {
  const gaps = gapsOf(times);
  const pauses = pausesUpTo(longestMs, gaps.length);
  for (const [at, pause] of pauses.entries()) {
    expect(gaps[at]).toBeGreaterThan(0.8 * pause - earlyMs);
    expect(gaps[at]).toBeLessThan(pause + lateMs);
  }
  const parts = gaps.map((gap, at) => gap / (pauses[at] ?? 1)).sort((a, b) => a - b);
  expect(parts[parts.length >> 1]).toBeLessThan(1.15);
}

describe("a watcher polls", measured, () => {
  it("a pending attempt after a second, then with growing pauses, up to every 10 s", async () => {
    await using gateway = await stage({ live: { pace } });
    const { attempt } = gateway.link(gateway.psu, "tink");
    using refreshes = recordCalls(gateway, readsAttempt);
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await until(async () => refreshes.length === 12);
    expectPauses(refreshes, 10_000);
    expect(stream.messages).toHaveLength(1);
  });

  it.each([
    ["connections", readsConnections],
    ["a task", ({ path }: { path: string }) => path.startsWith("/tasks/")],
  ])("%s likewise, up to every 30 s", async (name, matches) => {
    await using gateway = await stage({ live: { pace } });
    const taskId = gateway.world.deletions.person(gateway.other);
    using refreshes = recordCalls(gateway, matches);
    await using _ =
      name === "a task"
        ? gateway.subscribe(StagedTask, { id: toGlobalId("Task", taskId) })
        : gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    await until(async () => refreshes.length === 12);
    expectPauses(refreshes, 30_000);
  });

  it("soon again after a change", async () => {
    await using gateway = await stage({ live: { pace } });
    const { attempt } = gateway.link(gateway.psu, "tink");
    using refreshes = recordCalls(gateway, readsAttempt);
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await until(async () => refreshes.length === 8);
    attempt.error = "something happened";
    await stream.first(2);
    const seen = refreshes.length;
    await until(async () => refreshes.length === seen + 8);
    expectPauses(refreshes.slice(seen - 1), 10_000);
    expect(gapsOf(refreshes.slice(seen - 1, seen + 1))[0]).toBeLessThan(gapsOf(refreshes)[6] ?? 0);
  });

  it("at another moment than others that began with it", async () => {
    await using gateway = await stage({ live: { pace: 0.1 } });
    await using cancellation = new AsyncDisposableStack();
    const times = new Map<string, number[]>();
    using _ = recordCalls(gateway, (call) => {
      if (readsAttempt(call)) times.set(call.path, [...(times.get(call.path) ?? []), performance.now()]);
      return false;
    });
    for (let at = 0; at < 30; at++) {
      const { attempt } = gateway.link(gateway.psu, "tink");
      cancellation.use(gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) }));
    }
    const nth = (at: number) => [...times.values()].flatMap((list) => list[at] ?? []);
    await until(async () => nth(6).length === 30);
    const spread = Math.max(...nth(6)) - Math.min(...nth(6));
    // The sixth pauses end from 1.6 s to 2.1 s after the first refresh; without chance they would within some ms.
    expect(spread).toBeGreaterThan(100);
  });

  it("no longer once the link has expired, but still refreshes when invalidated", async () => {
    await using gateway = await stage({ live: { pace } });
    const { token, attempt } = gateway.link(gateway.psu, "tink");
    Object.assign(attempt, { createdAt: gateway.world.now() - day - 1_000_000 });
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    expect((await stream.first(1))[0]?.linkAttemptChanged.isExpired).toBe(true);
    expect(gateway.live.watchers.size).toEqual({ watchers: 1, streams: 1, timers: 0 });
    gateway.end(token, "consent");
    await publishEvent(gateway, attemptEvent(attempt));
    expect((await stream.all()).map((received) => received.linkAttemptChanged.status)).toEqual([
      "PENDING",
      "COMPLETED",
    ]);
    expect(gateway.sandbox.calls.filter(readsAttempt)).toHaveLength(2);
  });

  it("until then: one that is open when the link expires stops", async () => {
    await using gateway = await stage({ live: { pace, linkLifetimeMs: 400 } });
    const { attempt } = gateway.link(gateway.psu, "tink");
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    expect((await stream.first(1))[0]?.linkAttemptChanged.isExpired).toBe(false);
    expect(gateway.live.watchers.size.timers).toBe(1);
    await until(async () => gateway.live.watchers.size.timers === 0 && Date.now() > attempt.createdAt / 1000 + 400);
    expect(gateway.live.watchers.size).toEqual({ watchers: 1, streams: 1, timers: 0 });
    expect(gateway.sandbox.calls.filter(readsAttempt).length).toBeGreaterThan(2);
  });
});

const faults: Readonly<Record<string, Fault>> = {
  "answers 503": { status: 503 },
  "answers 502 with HTML": { status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad Gateway</h1>" },
  "answers 429": { status: 429, headers: { "retry-after": "1" } },
  "refuses the gateway's token": { status: 403 },
  "breaks off": { reset: true },
  "answers half": { truncate: true },
  "does not answer": { delayMs: 60_000 },
  "answers 404 without the service's own body": { status: 404, body: "<h1>No such page</h1>" },
};

describe("a service that fails under an open stream", () => {
  it.each(Object.entries(faults))(
    "(%s) is no error to its subscribers, who learn soon after what changed",
    async (_name, fault) => {
      await using gateway = await stage({ live: { pace }, upstream: { timeoutMs: 150 } });
      const { token, attempt } = gateway.link(gateway.psu, "tink");
      await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
      await using connections = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
      await stream.first(1);
      await connections.first(3);
      {
        using _ = gateway.sandbox.fault((call) => readsAttempt(call) || readsConnections(call), fault);
        using refreshes = recordCalls(gateway, readsAttempt);
        gateway.end(token, "consent");
        await until(async () => refreshes.length >= 4);
      }
      const start = fairNow();
      expect((await stream.all()).map((received) => received.linkAttemptChanged.status)).toEqual([
        "PENDING",
        "COMPLETED",
      ]);
      expect((await connections.first(4))[3]?.connectionChanged.kind).toBe("CREATED");
      expect(fairNow() - start).toBeLessThan(2000);
    },
  );

  it("when the stream opens is no error either: its first message comes when the service is back", async () => {
    await using gateway = await stage({ live: { pace } });
    const { attempt } = gateway.link(gateway.psu, "tink");
    const fault = gateway.sandbox.fault(readsAttempt, { status: 500 });
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await until(async () => gateway.sandbox.calls.filter(readsAttempt).length >= 3);
    expect([stream.messages, stream.isOver]).toEqual([[], false]);
    fault[Symbol.dispose]();
    expect((await stream.first(1))[0]?.linkAttemptChanged.status).toBe("PENDING");
  });

  it("is read with growing pauses, up to every 3 s, and as usual once it is back", measured, async () => {
    await using gateway = await stage({ live: { pace } });
    const { attempt } = gateway.link(gateway.psu, "tink");
    const fault = gateway.sandbox.fault(readsAttempt, { status: 500 });
    // The newest fault counts, and this one never applies: it only records.
    using refreshes = recordCalls(gateway, readsAttempt);
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await until(async () => refreshes.length === 9);
    const pauses = Array.from({ length: 8 }, (_, at) => pace * Math.min(3000, 500 * 2 ** at));
    for (const [at, gap] of gapsOf(refreshes).entries()) {
      expect(gap).toBeGreaterThan(0.8 * (pauses[at] ?? 0) - earlyMs);
      expect(gap).toBeLessThan((pauses[at] ?? 0) + lateMs);
    }
    fault[Symbol.dispose]();
    await stream.first(1);
    const back = refreshes.length;
    await until(async () => refreshes.length === back + 8);
    expectPauses(refreshes.slice(back - 1), 10_000);
  });

  it("for one thing does not delay the watchers of others", async () => {
    await using gateway = await stage();
    const failing = gateway.link(gateway.psu, "tink").attempt;
    const { token, attempt } = gateway.link(gateway.psu, "tink");
    using _ = gateway.sandbox.fault(({ path }) => path.endsWith(failing.id), { delayMs: 60_000 });
    await using hangs = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(failing) });
    await until(async () => refreshesOf(gateway, failing.id) === 1);
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await stream.first(1);
    const start = fairNow();
    gateway.end(token, "consent");
    await stream.all();
    expect(fairNow() - start).toBeLessThan(1000);
    expect(hangs.messages).toEqual([]);
  });

  it("is not read by more than 32 watchers at once: queries find it free", async () => {
    await using gateway = await stage({ upstream: { timeoutMs: 10_000 } });
    await using cancellation = new AsyncDisposableStack();
    const fault = gateway.sandbox.fault(readsAttempt, { delayMs: 700 });
    using refreshes = recordCalls(gateway, readsAttempt);
    const streams = Array.from({ length: 100 }, () => {
      const { attempt } = gateway.link(gateway.psu, "tink");
      return cancellation.use(gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) }));
    });
    await until(async () => refreshes.length === 32);
    expect((await gateway.run(CadencePeople, {})).paymentServiceUsers.nodes).toHaveLength(2);
    expect(refreshes.length).toBe(32);
    expect(streams.every(({ messages }) => messages.length === 0)).toBe(true);
    fault[Symbol.dispose]();
    for (const stream of streams) await stream.first(1);
  });
});

const refreshesOf = ({ sandbox }: TestGateway, id: string) =>
  sandbox.calls.filter(({ path }) => path.endsWith(id)).length;
