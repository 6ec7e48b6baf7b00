/** Accounts and payments of Tink: amounts as text with a scale, and Go's zero time for a time that is not known. */
import { readAsset } from "../decimal.ts";
import type { EarlierState } from "../models/payment.ts";
import type { Product } from "../models/product.ts";
import { type Micros, second, startOfDay, toTimestamp, zeroTime } from "../time.ts";
import { absolute, type ProviderRows, type Transaction } from "./provider-rows.ts";

const kinds: Readonly<Record<Product["kind"], string>> = {
  checking: "CHECKING",
  savings: "SAVINGS",
  card: "CREDIT_CARD",
  mortgage: "MORTGAGE",
  crypto: "OTHER",
};

const statuses = {
  booked: { status: "SUCCEEDED", own: "BOOKED" },
  pending: { status: "PENDING", own: "PENDING" },
  undetermined: { status: "OTHER", own: "UNDEFINED" },
} as const;

function toAmount(amount: bigint, asset: string) {
  const { currency, scale } = readAsset(asset);
  return { currencyCode: currency, value: { scale: String(scale), unscaledValue: String(amount) } };
}

const none = { amount: { currencyCode: "", value: { scale: "", unscaledValue: "" } } };

function availableOf({ kind, asset }: Product, amount: bigint, limit: bigint) {
  if (kind !== "checking" && kind !== "card") return none;
  return { amount: toAmount(kind === "card" ? limit + amount : amount, asset) };
}

const toMilliseconds = (at: Micros): string => toTimestamp(at - (at % 1000));

/** Some banks tell the time of day, others the day alone. */
function timesOf({ at, refreshedAt, state }: Transaction, knowsTime: boolean) {
  const isBooked = state === "booked";
  const made = at - (at % second);
  const booked = Math.min(made + 5400 * second, refreshedAt - (refreshedAt % second));
  const time = (known: boolean, value: Micros) => (known ? toTimestamp(value) : zeroTime);
  return {
    createdAt: knowsTime ? made : startOfDay(made),
    times: {
      bookedDateTime: time(knowsTime && isBooked, booked),
      transactionDateTime: time(knowsTime, made),
      valueDateTime: time(knowsTime && isBooked, booked),
      dates: {
        booked: time(isBooked, startOfDay(booked)),
        transaction: time(true, startOfDay(made)),
        value: time(isBooked, startOfDay(booked)),
      },
    },
  };
}

export const tinkRows: ProviderRows = {
  accountReference: (random) => random.token(28),
  paymentReference: (random) => random.token(32),
  toStoredAmount: (_product, amount) => amount,
  // Neither its asset nor its connection is stored.
  account: () => ({ connectionID: null, defaultAsset: null, metadata: {} }),
  accountRaw: ({ reference, product, amount, refreshedAt }) => {
    const { asset, kind, name, usual } = product;
    const booked = toAmount(amount, asset);
    const limit = usual * 100n;
    return {
      id: reference,
      name,
      type: kinds[kind],
      balances: {
        booked: { amount: booked },
        available: availableOf(product, amount, limit),
        creditLimit: kind === "card" ? { amount: toAmount(limit, asset) } : none,
      },
      dates: { lastRefreshed: toMilliseconds(refreshedAt) },
    };
  },
  payment: (transaction) => {
    const { state, reference, random } = transaction;
    const knowsTime = random.float() < 0.6;
    // Some were seen while they were pending: they keep their id and their time.
    const wasPending = state === "booked" && random.fork(`${reference} was pending`).float() < 0.3;
    const earlier = wasPending ? [toState({ ...transaction, state: "pending" }, knowsTime)] : [];
    return { ...toState(transaction, knowsTime), earlier };
  },
};

function toState(transaction: Transaction, knowsTime: boolean): EarlierState {
  const { account, reference, asset, amount, state, payee } = transaction;
  const { times, createdAt } = timesOf(transaction, knowsTime);
  const { merchant, purpose } = payee;
  return {
    createdAt,
    amount: absolute(amount),
    status: statuses[state].status,
    raw: {
      id: reference,
      accountId: account.reference,
      status: statuses[state].own,
      ...times,
      amount: toAmount(amount, asset),
      descriptions: {
        detailed: { unstructured: merchant === null ? "" : `${purpose} at ${merchant}`.toUpperCase() },
        display: merchant ?? purpose,
        original: (merchant ?? purpose).toUpperCase(),
      },
    },
  };
}
