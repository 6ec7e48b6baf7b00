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
/** A row that a provider sent has some kB. */
const maxEntries = 2000;

/**
 * An entry is found only with the owner, the status and the amount that the payment has now, and only by the PSU, or by
 * operators, for whom it was read. Absence is not cached.
 */
export function createKnownPayments(): KnownPayments {
  const entries = new LRUCache<string, PaymentInFull>({ max: maxEntries, ttl: ttlMs });
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
