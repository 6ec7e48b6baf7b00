/** A short cache of payments in full, which each cost a call. */
import { LRUCache } from "lru-cache";
import type { PaymentInFull } from "./wire-types.ts";

/** One state of a payment, as a list has it. */
export type PaymentState = {
  readonly id: string;
  readonly psuID: string | null;
  readonly status: string;
  readonly amount: string;
};

/** For a PSU by its id; for operators by `null`. */
export type KnownPayments = {
  get(viewerPsuId: string | null, state: PaymentState): PaymentInFull | undefined;
  set(viewerPsuId: string | null, payment: PaymentInFull): void;
};

/** How long a new adjustment that leaves status and amount as they are may go unnoticed. */
const ttlMs = 60_000;
const maxEntries = 2000;
/** In about bytes. A row that a provider sent has some kB; what is larger than an entry may be is not kept. */
const maxSize = { entry: 64 * 1024, all: 32 * 1024 * 1024 } as const;

/**
 * An entry is found only with the owner, the status and the amount that the payment has now, and only by the PSU, or by
 * operators, for whom it was read. Absence is not cached.
 */
export function createKnownPayments(now = () => performance.now()): KnownPayments {
  const entries = new LRUCache<string, PaymentInFull>({
    ...{ max: maxEntries, ttl: ttlMs, ttlResolution: 0, perf: { now } },
    ...{ maxSize: maxSize.all, maxEntrySize: maxSize.entry, sizeCalculation: sizeOf },
  });
  return {
    get: (viewerPsuId, state) => entries.get(toKey(viewerPsuId, state)),
    set(viewerPsuId, payment) {
      entries.set(toKey(viewerPsuId, toState(payment)), payment);
    },
  };
}

export function toState({
  id,
  psuID,
  status,
  amount,
}: Omit<PaymentState, "amount"> & { amount: bigint }): PaymentState {
  return { id, psuID, status, amount: String(amount) };
}

function toKey(viewerPsuId: string | null, { id, psuID, status, amount }: PaymentState): string {
  return JSON.stringify([viewerPsuId, id, psuID, status, amount]);
}

/** Of an entry; of one that is too large, as far as that is seen. */
function sizeOf(payment: PaymentInFull): number {
  const values: unknown[] = [payment];
  let size = 0;
  while (values.length > 0 && size <= maxSize.entry) {
    const value = values.pop();
    size += 16;
    if (typeof value === "string") size += value.length;
    else if (typeof value === "bigint") size += value.toString(16).length;
    else if (typeof value === "object" && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        size += name.length;
        values.push(member);
      }
    }
  }
  return size;
}
