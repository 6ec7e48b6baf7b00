import { hash } from "node:crypto";
import { isIPv6 } from "node:net";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import type { Viewer } from "../auth/viewer.ts";
import { rateLimited } from "../errors.ts";
import { type OpenConnection, startReconnectingConnection, toProblemKind } from "../lib/reconnecting-connection.ts";

/** Upstream calls a minute; `null`: no limit. They may change meanwhile: a budget that is half used stays half used. */
export type RateLimitOptions = {
  /** For one PSU, with all its tokens together. */
  readonly psu: number | null;
  /** For one operator; those whose tokens name no subject share one budget. */
  readonly operator: number | null;
  /** For one IPv4 address, or one IPv6 network of 64 bits. */
  readonly address: number | null;
  /** What the budgets are for, in place of a minute. */
  readonly windowMs?: number;
  /** How long an operation waits for Redis, 100 by default; the first that does ends the wait for those after it. */
  readonly answerWithinMs?: number;
  /** Told of each refusal, and whose budget has to be waited for longest. */
  readonly onRefusal?: (kind: BudgetKind) => void;
};

export type BudgetKind = "psu" | "operator" | "address";

/** Whose budgets pay for an operation; `null`: not known, and not counted. */
export type RateLimitSubject = { readonly viewer: Viewer | null; readonly address: string | null };

/**
 * Each budget is a bucket that holds the calls of a minute and fills evenly: after a pause all of them may come at
 * once, and then no more than the limit in each minute. So nobody who waits has to wait for a minute to turn, and what
 * fills again by itself needs no timer.
 */
export type RateLimits = AsyncDisposable & {
  /**
   * Takes the calls from the budgets of viewer and address: from both, or, when one of them is short, from none, so
   * that asking again does not make the wait longer. More calls than a whole budget pass when it is full. Answers at
   * once, without a promise, unless Redis is asked.
   * @throws RATE_LIMITED, also as a rejection, with the `retryAfterMs` after which the same calls pass; that is at most
   * a minute, or two when `settle` took more than there was.
   */
  consume(payer: RateLimitSubject, calls: number): void | Promise<void>;
  /**
   * An operation cost something else than it was charged before: takes the rest, or gives it back when negative. A
   * budget may go into debt by as much as it holds, and is never given more than it holds. Never refuses, never rejects.
   */
  reconcile(payer: RateLimitSubject, calls: number): void;
};

/**
 * With Redis the budgets are those of all replicas. While it is away or hangs, each replica goes on by itself with
 * budgets of its own, full at first; it comes back to Redis by itself. `onProblem` is told each kind of problem at most
 * once in half a minute.
 */
export async function startRateLimits(
  options: RateLimitOptions,
  redis: URL | null,
  onProblem: (kind: string) => void,
): Promise<RateLimits> {
  const { windowMs = 60_000, answerWithinMs = 100 } = options;
  const local = createLocalBudgets(windowMs);
  const shared = { windowMs, answerWithinMs, onProblem };
  const keeper = redis === null ? null : await startRedisBudgets(redis, shared);

  function toDraws({ viewer, address: from }: RateLimitSubject, calls: number): readonly Debit[] {
    const { psu, operator, address } = options;
    if (calls === 0) return [];
    const draws: Debit[] = [];
    function add(kind: Debit["kind"], limit: number | null, payer: string): void {
      if (limit === null) return;
      draws.push({ kind, key: `${kind}:${toDigest(payer)}`, costUs: Math.trunc((calls * windowMs * 1000) / limit) });
    }
    if (viewer !== null && viewer.psuId !== null) add("psu", psu, viewer.psuId);
    // The marks keep a missing subject apart from an empty one.
    else if (viewer !== null) add("operator", operator, JSON.stringify(viewer.subject));
    if (from !== null) add("address", address, toNetwork(from));
    return draws;
  }

  function refuse({ us, of }: Wait, draws: readonly Debit[]): void {
    if (us <= 0) return;
    const kind = draws[of]?.kind;
    if (kind !== undefined) options.onRefusal?.(kind);
    throw rateLimited(Math.ceil(us / 1000));
  }

  return {
    consume(payer, calls) {
      const draws = toDraws(payer, calls);
      if (draws.length === 0) return;
      const line = keeper?.current() ?? null;
      if (line === null) return refuse(local.debit(draws), draws);
      return line
        .debit(draws)
        .catch(() => local.debit(draws))
        .then((wait) => refuse(wait, draws));
    },
    reconcile(payer, calls) {
      const draws = toDraws(payer, calls);
      if (draws.length === 0) return;
      const line = keeper?.current() ?? null;
      if (line === null) return local.force(draws);
      line.force(draws).catch(() => local.force(draws));
    },
    async [Symbol.asyncDispose]() {
      await keeper?.[Symbol.asyncDispose]();
    },
  };
}

/**
 * What is taken from one budget. It is counted in the microseconds in which the budget fills by that much, so that the
 * whole state of a budget is the time at which it is full again; one without a state is full.
 */
type Debit = { readonly kind: BudgetKind; readonly key: string; readonly costUs: number };

/** How many microseconds to wait, 0 when it was taken; `of`: for which of the draws. */
type Wait = { readonly us: number; readonly of: number };

/** `force` always takes. */
type Budgets<Drawn, Done> = { debit(draws: readonly Debit[]): Drawn; force(draws: readonly Debit[]): Done };

const taken: Wait = { us: 0, of: 0 };

/** Of each kind; about 20 MB when all are in use. Addresses are the client's choice, so the longest unused are forgotten. */
const mostLocalBudgets = 100_000;

function createLocalBudgets(windowMs: number): Budgets<Wait, void> {
  const windowUs = windowMs * 1000;
  // Apart, so that a flood from many addresses makes no viewer forgotten.
  const kinds = new Map<Debit["kind"], LRUCache<string, number>>();
  /** Its room is taken at once, so none before there is something to count. */
  function fullAt(kind: Debit["kind"]): LRUCache<string, number> {
    let states = kinds.get(kind);
    if (states === undefined) {
      states = new LRUCache({ max: mostLocalBudgets });
      kinds.set(kind, states);
    }
    return states;
  }

  function take(draws: readonly Debit[], mayRefuse: boolean): Wait {
    const now = Math.floor(performance.now() * 1000);
    const states = draws.map((draw) => ({ ...draw, at: Math.max(now, fullAt(draw.kind).get(draw.key) ?? now) }));
    const waits = states.map(({ at, costUs }) => at + Math.min(costUs, windowUs) - windowUs - now);
    const longest = Math.max(...waits);
    if (mayRefuse && longest > 0) return { us: longest, of: waits.indexOf(longest) };
    for (const { kind, key, costUs, at } of states) {
      // Also of one that is full again: to delete the last state of such a cache clears all of its room.
      fullAt(kind).set(key, Math.min(at + costUs, now + 2 * windowUs));
    }
    return taken;
  }

  return { debit: (draws) => take(draws, true), force: (draws) => void take(draws, false) };
}

/**
 * The same as above in one step of Redis, by the one clock that the replicas share. A key expires when its budget is
 * full. A state beyond what can be was written before that clock was set back.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window = tonumber(ARGV[1])
local longest = 0
local of = 1
local states = {}
for i, key in ipairs(KEYS) do
  local at = tonumber(redis.call('GET', key) or '') or now
  local cost = tonumber(ARGV[i + 2])
  states[i] = math.max(now, math.min(at, now + 2 * window))
  local wait = states[i] + math.min(cost, window) - window - now
  if wait > longest then
    longest = wait
    of = i
  end
end
if ARGV[2] == 'draw' and longest > 0 then return { longest, of - 1 } end
for i, key in ipairs(KEYS) do
  local at = math.min(states[i] + tonumber(ARGV[i + 2]), now + 2 * window)
  if at > now then
    redis.call('SET', key, string.format('%.0f', at), 'PX', math.ceil((at - now) / 1000))
  else
    redis.call('DEL', key)
  end
end
return { 0, 0 }
`;

const answerShape = z.tuple([z.number(), z.number()]);

type RedisBudgets = OpenConnection & Budgets<Promise<Wait>, Promise<unknown>>;

type RedisBudgetsOptions = {
  readonly windowMs: number;
  readonly answerWithinMs: number;
  onProblem(kind: string): void;
};

async function startRedisBudgets(url: URL, { windowMs, answerWithinMs, onProblem }: RedisBudgetsOptions) {
  // Only here, so that who has no Redis does not load its client.
  const { openRedisConnection, prefix } = await import("../live/redis-event-bus.ts");

  async function open(signal: AbortSignal): Promise<RedisBudgets> {
    const line = await openRedisConnection({ url, signal, subscription: null });
    const failed = Promise.withResolvers<string>();

    async function take(draws: readonly Debit[], how: "draw" | "force", withinMs?: number): Promise<Wait> {
      const keys = draws.map(({ key }) => `${prefix}:rate:${key}`);
      const values = [windowMs * 1000, how, ...draws.map(({ costUs }) => costUs)].map(String);
      try {
        const [us, of] = answerShape.parse(await line.run(({ run }) => run(script, keys, values), withinMs));
        return { us, of };
      } catch (error) {
        failed.resolve(toProblemKind(error));
        throw error;
      }
    }

    // A Redis that may not be written to, or runs no scripts, is of no use: known here, no operation has to find out.
    try {
      await take([{ kind: "address", key: "trial", costUs: 1 }], "force");
    } catch (error) {
      await line[Symbol.asyncDispose]();
      throw error;
    }
    return {
      lost: Promise.race([line.lost, failed.promise]),
      debit: (draws) => take(draws, "draw", answerWithinMs),
      force: (draws) => take(draws, "force"),
      [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
    };
  }

  return await startReconnectingConnection({ open, onProblem });
}

/** Whoever pays is not named in Redis, and a long name takes no more room than a short one. */
function toDigest(payer: string): string {
  return hash("sha256", payer, "base64url").slice(0, 22);
}

/**
 * One customer of a provider has a whole IPv6 network of 64 bits: counted by address, each would have budgets without
 * end. IPv4 in the clothes of IPv6 is IPv4.
 */
function toNetwork(address: string): string {
  const [plain = ""] = address.split("%", 1);
  if (!isIPv6(plain)) return address;
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical);
  if (mapped !== null) {
    const words = mapped.slice(1).map((word) => Number.parseInt(word, 16));
    return words.flatMap((word) => [word >> 8, word & 0xff]).join(".");
  }
  const [head = [], tail = []] = canonical.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].slice(0, 4).join(":");
}
