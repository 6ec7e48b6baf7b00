/** Token buckets in the memory of this process. */
import { LRUCache } from "lru-cache";

export type RateLimitKind = "psu" | "operator" | "address";

/**
 * What is taken from one bucket. It is counted in the microseconds in which the bucket refills by that much, so that the
 * whole state of a bucket is the time at which it is full again; one without a state is full.
 */
export type Debit = { readonly kind: RateLimitKind; readonly key: string; readonly costUs: number };

/** How many microseconds to wait, 0 when the debits were taken; `index`: for which of them. */
export type Wait = { readonly us: number; readonly index: number };

export type TokenBuckets<Result, Done> = {
  /** Takes all of the debits, or none. */
  debit(debits: readonly Debit[]): Result;
  /** Takes them in any case: a bucket may go into debt by as much as it holds. */
  force(debits: readonly Debit[]): Done;
};

const taken: Wait = { us: 0, index: 0 };

/** Of each kind; about 20 MB when all are in use. Addresses are the client's choice, so the least recently used are dropped. */
const maxBuckets = 100_000;

export function createMemoryBuckets(windowMs: number): TokenBuckets<Wait, void> {
  const windowUs = windowMs * 1000;
  // Apart by kind, so that a flood from many addresses drops no viewer's bucket.
  const fullAtByKind = new Map<RateLimitKind, LRUCache<string, number>>();

  /** Such a cache allocates its whole capacity at once, so there is none before it is needed. */
  function fullAt(kind: RateLimitKind): LRUCache<string, number> {
    let buckets = fullAtByKind.get(kind);
    if (buckets === undefined) {
      buckets = new LRUCache({ max: maxBuckets });
      fullAtByKind.set(kind, buckets);
    }
    return buckets;
  }

  function take(debits: readonly Debit[], mayRefuse: boolean): Wait {
    const now = Math.floor(performance.now() * 1000);
    const states = debits.map((debit) => ({ ...debit, at: Math.max(now, fullAt(debit.kind).get(debit.key) ?? now) }));
    const waits = states.map(({ at, costUs }) => at + Math.min(costUs, windowUs) - windowUs - now);
    const longest = Math.max(...waits);
    if (mayRefuse && longest > 0) return { us: longest, index: waits.indexOf(longest) };
    for (const { kind, key, costUs, at } of states) {
      // Also of one that is full again: deleting the last entry of such a cache clears its whole capacity.
      fullAt(kind).set(key, Math.min(at + costUs, now + 2 * windowUs));
    }
    return taken;
  }

  return { debit: (debits) => take(debits, true), force: (debits) => void take(debits, false) };
}
