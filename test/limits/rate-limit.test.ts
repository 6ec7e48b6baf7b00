/** Rate limits in memory and in Redis. */
import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { GraphQLError } from "graphql";
import { createClient } from "redis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Viewer } from "../../src/auth/viewer.ts";
import { Reloadable } from "../../src/lib/reloadable.ts";
import {
  type RateLimitOptions,
  type RateLimitSubject,
  type RateLimits,
  type RateLimitValues,
  startRateLimits,
} from "../../src/limits/rate-limit.ts";
import { fairNow } from "../support/fair-clock.ts";
import { operator, psuViewer, until } from "../support/helpers.ts";
import { countResources, isInstalled, type RealServer, startRedis } from "../support/servers.ts";

const isRedisInstalled = isInstalled("redis-server");
const off: RateLimitValues = { psu: null, operator: null, address: null };
type Settings = Partial<RateLimitValues> & Partial<Omit<RateLimitOptions, "values">>;

function startWith({ psu = null, operator = null, address = null, ...options }: Settings): Promise<RateLimits> {
  return startRateLimits({
    values: new Reloadable({ psu, operator, address }),
    redis: null,
    onProblem: () => {},
    ...options,
  });
}

const toUrl = ({ port }: RealServer) => new URL(`redis://127.0.0.1:${port}`);
const anyPsu = () => psuViewer(randomUUID());
const subjectOf = (viewer: Viewer): RateLimitSubject => ({ viewer, address: null });
const subjectAt = (address: string): RateLimitSubject => ({ viewer: null, address });

/** `null` when the calls pass, or how long to wait. */
async function refusal(limits: RateLimits, subject: RateLimitSubject, calls: number): Promise<number | null> {
  try {
    await limits.consume(subject, calls);
    return null;
  } catch (error) {
    if (!(error instanceof GraphQLError) || error.extensions["code"] !== "RATE_LIMITED") throw error;
    return Number(error.extensions["retryAfterMs"]);
  }
}

const passes = async (limits: RateLimits, subject: RateLimitSubject, calls: number) =>
  (await refusal(limits, subject, calls)) === null;

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = fairNow();
  await work();
  return fairNow() - startedAt;
}

describe.each(["memory", "Redis"])("rate limits in %s", (place) => {
  describe.skipIf(place === "Redis" && !isRedisInstalled)("", () => {
    let server: RealServer | null = null;
    beforeAll(async () => {
      if (place === "Redis") server = await startRedis();
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    // Longer than Redis needs on a busy machine: what is counted here is counted there.
    const start = (settings: Settings) =>
      startWith({
        answerWithinMs: 5000,
        redis: server && toUrl(server),
        onProblem: (kind) => problems.push(kind),
        ...settings,
      });
    const problems: string[] = [];
    afterEach(() => expect(problems).toEqual([]));

    it("let the calls of a budget pass, and no more", async () => {
      await using limits = await start({ psu: 10 });
      const subject = subjectOf(anyPsu());
      for (let calls = 1; calls <= 10; calls += 1) expect(await passes(limits, subject, 1)).toBe(true);
      const refused = await Promise.try(() => limits.consume(subject, 1)).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(GraphQLError);
      expect(refused).toMatchObject({
        message: "Too much was asked for in a short time.",
        extensions: {
          code: "RATE_LIMITED",
          retryable: true,
          retryAfterMs: expect.closeTo(6000, -3),
          http: { status: 429, headers: { "retry-after": "6" } },
        },
      });
    });

    it("count calls, and charge nothing for refused ones", async () => {
      await using limits = await start({ psu: 10 });
      const subject = subjectOf(anyPsu());
      expect(await passes(limits, subject, 7)).toBe(true);
      for (let tries = 0; tries < 20; tries += 1) expect(await passes(limits, subject, 5)).toBe(false);
      expect(await passes(limits, subject, 3)).toBe(true);
      expect(await passes(limits, subject, 1)).toBe(false);
    });

    it("let refused calls pass after the given wait, however often they are tried before", async () => {
      await using limits = await start({ psu: 10, windowMs: 500 });
      const subject = subjectOf(anyPsu());
      const startedAt = performance.now();
      expect(await passes(limits, subject, 10)).toBe(true);
      let permittedAt = 0;
      let refused = 0;
      for (;;) {
        const triedAt = performance.now();
        const waitMs = await refusal(limits, subject, 6);
        if (waitMs === null) break;
        refused += 1;
        expect(waitMs).toBeLessThanOrEqual(300);
        // Within a millisecond for the rounding up, and one for the rounding of clocks.
        if (refused > 1) expect(triedAt).toBeLessThan(permittedAt + 2);
        permittedAt = performance.now() + waitMs;
        await setImmediate();
      }
      expect(refused).toBeGreaterThan(0);
      expect(performance.now() - startedAt).toBeGreaterThan(298);
    });

    it("refill evenly, up to the whole budget", async () => {
      await using limits = await start({ psu: 10, windowMs: 200 });
      const subject = subjectOf(anyPsu());
      expect(await passes(limits, subject, 10)).toBe(true);
      const fullLongAgo = performance.now() + 500;
      await until(async () => performance.now() > fullLongAgo);
      expect(await passes(limits, subject, 10)).toBe(true);
      expect(await passes(limits, subject, 10)).toBe(false);
    });

    it("return what was charged too much, and no more", async () => {
      await using limits = await start({ psu: 10 });
      const subject = subjectOf(anyPsu());
      expect(await passes(limits, subject, 10)).toBe(true);
      limits.reconcile(subject, -4);
      expect(await passes(limits, subject, 5)).toBe(false);
      expect(await passes(limits, subject, 4)).toBe(true);
      limits.reconcile(subject, -1000);
      expect(await passes(limits, subject, 10)).toBe(true);
      expect(await passes(limits, subject, 1)).toBe(false);
    });

    it("charge what was charged too little, up to a debt of one budget", async () => {
      await using limits = await start({ psu: 10 });
      const subject = subjectOf(anyPsu());
      expect(await passes(limits, subject, 1)).toBe(true);
      limits.reconcile(subject, 8);
      expect(await passes(limits, subject, 2)).toBe(false);
      limits.reconcile(subject, 6);
      expect(await refusal(limits, subject, 1)).toBeGreaterThan(35_000);
      for (let more = 0; more < 10; more += 1) limits.reconcile(subject, 1000);
      expect(await refusal(limits, subject, 10)).toBeGreaterThan(110_000);
      expect(await refusal(limits, subject, 10)).toBeLessThanOrEqual(120_000);
    });

    it("let an operation larger than the budget pass only when the budget is full", async () => {
      await using limits = await start({ psu: 10 });
      const subject = subjectOf(anyPsu());
      expect(await passes(limits, subject, 15)).toBe(true);
      expect(await refusal(limits, subject, 15)).toBeGreaterThan(85_000);
      const other = subjectOf(anyPsu());
      expect(await passes(limits, other, 1)).toBe(true);
      expect(await passes(limits, other, 15)).toBe(false);
    });

    it("count viewer and address separately, and charge neither when one refuses", async () => {
      await using limits = await start({ psu: 10, address: 20 });
      const [one, two] = [anyPsu(), anyPsu()];
      const address = randomUUID();
      expect(await passes(limits, { viewer: one, address }, 10)).toBe(true);
      expect(await passes(limits, { viewer: one, address }, 1)).toBe(false);
      expect(await passes(limits, { viewer: two, address }, 6)).toBe(true);
      expect(await passes(limits, subjectAt(address), 5)).toBe(false);
      expect(await passes(limits, { viewer: two, address }, 5)).toBe(false);
      expect(await passes(limits, { viewer: two, address: randomUUID() }, 4)).toBe(true);
      expect(await passes(limits, subjectAt(address), 4)).toBe(true);
      expect(await refusal(limits, { viewer: one, address }, 10)).toBeGreaterThan(55_000);
    });

    it("count a PSU with all its tokens, and operators by their subject", async () => {
      await using limits = await start({ psu: 5, operator: 10 });
      const psuId = randomUUID();
      expect(await passes(limits, subjectOf({ ...psuViewer(psuId), subject: "phone" }), 5)).toBe(true);
      expect(await passes(limits, subjectOf({ ...psuViewer(psuId), subject: "desk" }), 1)).toBe(false);
      expect(await passes(limits, subjectOf({ ...operator, subject: psuId }), 10)).toBe(true);
      expect(await passes(limits, subjectOf({ ...operator, subject: psuId, scopes: [] }), 1)).toBe(false);
      expect(await passes(limits, subjectOf({ ...operator, subject: null }), 10)).toBe(true);
      expect(await passes(limits, subjectOf({ ...operator, subject: null }), 1)).toBe(false);
      expect(await passes(limits, subjectOf({ ...operator, subject: "null" }), 10)).toBe(true);
    });

    it.each([
      ["2001:db8:0:7::1", "2001:0DB8::7:ffff:0:0:2", true],
      ["2001:db8:0:7::1", "2001:db8:0:8::1", false],
      ["2001:db8:1::1", "2001:db8:1:0:a:b:c:d", true],
      ["fe80::1%eth0", "fe80::2%eth1", true],
      ["::ffff:192.0.2.1", "192.0.2.1", true],
      ["::ffff:c000:0203", "192.0.2.3", true],
      ["::ffff:192.0.2.4", "::ffff:192.0.2.5", false],
      ["192.0.2.6", "192.0.2.7", false],
    ])("count %s and %s as one address: %s", async (one, other, areOne) => {
      await using limits = await start({ address: 10 });
      // Tests share a Redis: another test may have used these before.
      limits.reconcile(subjectAt(one), -1000);
      limits.reconcile(subjectAt(other), -1000);
      expect(await passes(limits, subjectAt(one), 10)).toBe(true);
      expect(await passes(limits, subjectAt(other), 10)).toBe(!areOne);
    });

    it("count nothing without a limit", async () => {
      await using limits = await start({ operator: 1 });
      const subject = { viewer: anyPsu(), address: "192.0.2.1" };
      expect(limits.consume(subject, 1e9)).toBeUndefined();
      limits.reconcile(subject, 1e9);
      expect(limits.consume(subject, 1e9)).toBeUndefined();
    });
  });
});

describe("rate limits in memory", () => {
  it("can change: a budget that is half used stays half used, and one that was off starts full", async () => {
    const values = new Reloadable<RateLimitValues>({ ...off, psu: 10 });
    await using limits = await startRateLimits({ values, windowMs: 3600_000, redis: null, onProblem: () => {} });
    const subject = subjectOf(anyPsu());
    expect(await passes(limits, subject, 5)).toBe(true);
    values.set({ ...off, psu: 100 });
    expect([await passes(limits, subject, 51), await passes(limits, subject, 50)]).toEqual([false, true]);
    values.set({ ...off, address: 2 });
    const both = { ...subject, address: "192.0.2.7" };
    expect([await passes(limits, both, 2), await passes(limits, both, 1)]).toEqual([true, false]);
  });

  it("answer at once, without a promise", async () => {
    await using limits = await startWith({ psu: 10 });
    const subject = subjectOf(anyPsu());
    expect(limits.consume(subject, 10)).toBeUndefined();
    expect(() => limits.consume(subject, 1)).toThrow("Too much was asked for in a short time.");
  });

  it("stay small under a flood from 200,000 addresses, and keep the budgets of viewers", async () => {
    const before = countResources();
    await using limits = await startWith({ psu: 10, address: 10, windowMs: 3600_000 });
    const viewer = anyPsu();
    expect(await passes(limits, subjectOf(viewer), 10)).toBe(true);
    collectGarbage();
    const heapBefore = process.memoryUsage().heapUsed;
    const flood = (from: number, to: number) => {
      for (let n = from; n < to; n += 1)
        limits.consume(subjectAt(`2001:db8:${(n >> 16).toString(16)}:${(n & 0xffff).toString(16)}::1`), 10);
    };
    flood(0, 200_000);
    expect(() => flood(199_999, 200_000)).toThrow();
    flood(0, 1); // evicted long ago
    collectGarbage();
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(30e6);
    expect(countResources().timers).toBeLessThanOrEqual(before.timers);
    expect(await passes(limits, subjectOf(viewer), 1)).toBe(false);
  });
});

describe.skipIf(!isRedisInstalled)("rate limits over Redis", () => {
  const psu = 100_000;

  async function startClient(server: RealServer) {
    const client = await createClient({ url: toUrl(server).href }).connect();
    return Object.assign(client, { [Symbol.dispose]: () => client.destroy() });
  }

  async function startReplica(server: RealServer, settings: Settings = {}) {
    const problems: string[] = [];
    const onProblem = (kind: string) => problems.push(kind);
    const limits = await startWith({ psu, redis: toUrl(server), onProblem, ...settings });
    return { ...limits, problems };
  }

  /** Resolves once a budget that another replica has spent in Redis is spent here, too. */
  async function sharesAgain(limits: RateLimits, server: RealServer): Promise<void> {
    await using other = await startReplica(server, { answerWithinMs: 5000 });
    const subject = subjectOf(anyPsu());
    await other.consume(subject, psu);
    expect(other.problems).toEqual([]);
    await until(async () => !(await passes(limits, subject, 100)));
  }

  it("are shared by all replicas", async () => {
    await using server = await startRedis();
    await using one = await startReplica(server, { answerWithinMs: 5000 });
    await using two = await startReplica(server, { answerWithinMs: 5000 });
    const subject = subjectOf(anyPsu());
    expect(await passes(one, subject, psu * 0.6)).toBe(true);
    expect(await passes(two, subject, psu * 0.6)).toBe(false);
    expect(await passes(two, subject, psu * 0.4)).toBe(true);
    two.reconcile(subject, -psu);
    await until(() => passes(one, subject, psu * 0.9));
  });

  it("store no names in Redis, and no key when the budget is full", async () => {
    await using server = await startRedis();
    const budgets = { psu: 10, operator: 10, address: 10, windowMs: 500, answerWithinMs: 5000 };
    await using limits = await startWith({ ...budgets, redis: toUrl(server) });
    using client = await startClient(server);
    await until(async () => (await client.keys("*")).length === 0); // the one of the start
    await limits.consume({ viewer: anyPsu(), address: "192.0.2.1" }, 10);
    await limits.consume(subjectOf({ ...operator, subject: "jane@example.com" }), 10);
    const keys = (await client.keys("*")).toSorted();
    const shape = (kind: string) =>
      expect.stringMatching(new RegExp(`^open-banking-gateway:v1:rate:${kind}:[\\w-]{22}$`));
    expect(keys).toEqual([shape("address"), shape("operator"), shape("psu")]);
    for (const key of keys) expect(await client.get(key)).toMatch(/^\d{16}$/); // to the microsecond
    await until(async () => (await client.keys("*")).length === 0);
  });

  it("continue in each replica while Redis is down, and use it again when it is back", async () => {
    await using server = await startRedis();
    await using limits = await startReplica(server, { answerWithinMs: 5000 });
    const subject = subjectOf(anyPsu());
    expect(await passes(limits, subject, psu)).toBe(true);
    await server.kill();
    const took = await elapsed(async () => {
      expect(await passes(limits, subject, psu)).toBe(true);
      expect(await passes(limits, subject, psu)).toBe(false);
      limits.reconcile(subject, -psu);
      await until(() => passes(limits, subject, psu * 0.9));
    });
    expect(took).toBeLessThan(600);
    await until(async () => limits.problems.length > 0);
    expect(limits.consume(subjectOf(anyPsu()), 1)).toBeUndefined();
    await server.restart();
    await sharesAgain(limits, server);
    expect(new Set(limits.problems).size).toBe(limits.problems.length);
  });

  it("make only running operations wait for a Redis that hangs, for a tenth of a second", async () => {
    await using server = await startRedis();
    await using limits = await startReplica(server);
    const subject = subjectOf(anyPsu());
    await limits.consume(subject, 1);
    await server.hang();
    const startedAt = performance.now();
    const first = await elapsed(async () => {
      const tries = await Promise.all([0.4, 0.4, 0.4].map((part) => passes(limits, subject, psu * part)));
      expect(tries.filter(Boolean)).toHaveLength(2);
    });
    expect(performance.now() - startedAt).toBeGreaterThan(90);
    expect(first).toBeLessThan(600);
    expect(limits.consume(subject, 1)).toBeUndefined();
    expect(limits.problems).toEqual(["ETIMEDOUT"]);
    server.wake();
    await sharesAgain(limits, server);
  });

  it("continue in memory, and report why, when Redis runs no scripts", async () => {
    await using server = await startRedis();
    using client = await startClient(server);
    await using limits = await startReplica(server, { answerWithinMs: 5000 });
    await client.sendCommand(["ACL", "SETUSER", "default", "-eval"]);
    const subject = subjectOf(anyPsu());
    expect(await passes(limits, subject, psu)).toBe(true);
    await until(async () => limits.problems.length > 0);
    expect(limits.problems).toEqual(["NOPERM"]);
    expect(limits.consume(subjectOf(anyPsu()), 1)).toBeUndefined();
    expect(await passes(limits, subject, psu)).toBe(false);
    await using late = await startReplica(server);
    expect(late.consume(subject, 1)).toBeUndefined();
    expect(late.problems).toEqual(["NOPERM"]);
    await client.sendCommand(["ACL", "SETUSER", "default", "+eval"]);
    await sharesAgain(limits, server);
  });

  it("leave no socket and no timer once disposed", async () => {
    await using server = await startRedis();
    const before = countResources();
    const left = async () => {
      const { sockets, timers } = countResources();
      return sockets <= before.sockets && timers <= before.timers;
    };
    const steady = await startReplica(server);
    expect(countResources().sockets).toBe(before.sockets + 1);
    await steady[Symbol.asyncDispose]();
    await until(left);

    const busy = await startReplica(server);
    await server.hang();
    busy.reconcile(subjectOf(anyPsu()), 1);
    const charging = passes(busy, subjectOf(anyPsu()), 1);
    await busy[Symbol.asyncDispose]();
    expect(await charging).toBe(true);
    await until(left);
    server.wake();
  });
});
