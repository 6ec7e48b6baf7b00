/** How many upstream calls a viewer and an address may cost in a minute. */
import { hash } from "node:crypto";
import type { Viewer } from "../auth/viewer.ts";
import { rateLimited } from "../errors.ts";
import { toNetwork } from "../lib/network/ip-network.ts";
import { keepRecent } from "../lib/recent.ts";
import type { Reloadable } from "../lib/reloadable.ts";
import { startRedisBuckets } from "./redis-token-bucket.ts";
import { createMemoryBuckets, type Debit, type RateLimitKind, type Wait } from "./token-bucket.ts";

/** Upstream calls a minute; `null`: no limit. */
export type RateLimitValues = {
  /** For one PSU, with all its tokens together. */
  readonly psu: number | null;
  /** For one operator; those whose tokens name no subject share one. */
  readonly operator: number | null;
  /** For one IPv4 address, or one IPv6 network of 64 bits. */
  readonly address: number | null;
};

export type RateLimitOptions = {
  /** May be replaced meanwhile: a bucket that is half used stays half used. */
  readonly values: Reloadable<RateLimitValues>;
  /** In place of a minute. */
  readonly windowMs?: number;
  /** How long an operation waits for Redis, 100 by default; the first that does ends the wait for those after it. */
  readonly answerWithinMs?: number;
  /** Called with each refusal, with the kind of limit that has to be waited for longest. */
  readonly onRefusal?: (kind: RateLimitKind) => void;
  /** `null`: the buckets are this process's own. */
  readonly redis: URL | null;
  /** Called at most once in half a minute for each kind of problem with Redis. */
  readonly onProblem: (kind: string) => void;
};

/** What is charged; `null`: not known, and not counted. */
export type RateLimitSubject = { readonly viewer: Viewer | null; readonly address: string | null };

/**
 * Each limit is a token bucket that holds the calls of a minute and refills evenly: after a pause all of them may come at
 * once, and then no more than the limit in each minute.
 */
export type RateLimits = AsyncDisposable & {
  /**
   * Takes the calls from the buckets of viewer and address: from both, or, when one of them is short, from none, so that
   * trying again does not make the wait longer. More calls than a whole bucket pass when it is full. Returns at once,
   * without a promise, unless Redis is in use.
   * @throws RATE_LIMITED, also as a rejection, with the `retryAfterMs` after which the same calls pass; that is at most a
   * minute, or two when `reconcile` took more than there was.
   */
  consume(subject: RateLimitSubject, calls: number): void | Promise<void>;
  /**
   * An operation cost something else than was consumed before: takes the rest, or gives it back when negative. A bucket
   * may go into debt by as much as it holds, and is never given more than it holds. Never refuses, never rejects.
   */
  reconcile(subject: RateLimitSubject, calls: number): void;
  /** `degraded`: each replica counts alone, though they have a Redis. `null`: they have none. */
  state(): "connected" | "degraded" | null;
};

/**
 * With Redis the buckets are shared by all replicas. While it is away, hangs or refuses, each replica goes on with buckets
 * of its own, full at first; it comes back to Redis by itself.
 */
export async function startRateLimits(options: RateLimitOptions): Promise<RateLimits> {
  const { windowMs = 60_000, answerWithinMs = 100, redis, onProblem } = options;
  const local = createMemoryBuckets(windowMs);
  const shared = redis === null ? null : await startRedisBuckets(redis, { windowMs, answerWithinMs, onProblem });

  function toDebits({ viewer, address: from }: RateLimitSubject, calls: number): readonly Debit[] {
    const { psu, operator, address } = options.values.get();
    if (calls === 0) return [];
    const debits: Debit[] = [];
    function add(kind: RateLimitKind, limit: number | null, name: string): void {
      if (limit === null) return;
      debits.push({ kind, key: `${kind}:${toDigest(name)}`, costUs: Math.trunc((calls * windowMs * 1000) / limit) });
    }
    if (viewer !== null && viewer.psuId !== null) add("psu", psu, viewer.psuId);
    // As JSON, so that a missing subject is not the same as an empty one.
    else if (viewer !== null) add("operator", operator, JSON.stringify(viewer.subject));
    if (from !== null) add("address", address, toNetwork(from));
    return debits;
  }

  function throwIfRefused({ us, index }: Wait, debits: readonly Debit[]): void {
    if (us <= 0) return;
    const kind = debits[index]?.kind;
    if (kind !== undefined) options.onRefusal?.(kind);
    throw rateLimited(Math.ceil(us / 1000));
  }

  return {
    consume(subject, calls) {
      const debits = toDebits(subject, calls);
      if (debits.length === 0) return;
      const buckets = shared?.current() ?? null;
      if (buckets === null) return throwIfRefused(local.debit(debits), debits);
      return buckets
        .debit(debits)
        .catch(() => local.debit(debits))
        .then((wait) => throwIfRefused(wait, debits));
    },
    reconcile(subject, calls) {
      const debits = toDebits(subject, calls);
      if (debits.length === 0) return;
      const buckets = shared?.current() ?? null;
      if (buckets === null) return local.force(debits);
      buckets.force(debits).catch(() => local.force(debits));
    },
    state: () => shared && (shared.current() === null ? "degraded" : "connected"),
    async [Symbol.asyncDispose]() {
      await shared?.[Symbol.asyncDispose]();
    },
  };
}

/** Redis holds no names, and a long name takes no more memory than a short one. */
const toDigest = keepRecent((name) => hash("sha256", name, "base64url").slice(0, 22));
