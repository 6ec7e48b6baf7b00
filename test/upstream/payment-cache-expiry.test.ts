/** The cache of payments in full: for whom, in which state, how long, and how many. */
import { expect, it } from "vitest";
import { createKnownPayments, type PaymentState, toState } from "../../src/upstream/payment-cache.ts";
import type { PaymentInFull } from "../../src/upstream/wire-types.ts";

const payment = { id: "p", psuID: "me", status: "PENDING", amount: 1250n } as PaymentInFull;
const state = toState(payment);

/** `perf` of the cache never is at zero. */
const startedAt = 1000;

it("finds a payment for 60 seconds, and then not any more", () => {
  let now = startedAt;
  const known = createKnownPayments(() => now);
  known.set("me", payment);
  now += 60_000;
  expect(known.get("me", state)).toBe(payment);
  now += 1;
  expect(known.get("me", state)).toBeUndefined();
  known.set("me", payment);
  expect(known.get("me", state)).toBe(payment);
});

it("is not kept longer by being read", () => {
  let now = startedAt;
  const known = createKnownPayments(() => now);
  known.set("me", payment);
  for (let times = 0; times < 6; times += 1) {
    now += 10_000;
    expect(known.get("me", state)).toBe(payment);
  }
  now += 1;
  expect(known.get("me", state)).toBeUndefined();
});

it.each<[string, string | null, Partial<PaymentState>]>([
  ["another PSU", "other", {}],
  ["an operator", null, {}],
  ["another owner", "me", { psuID: "other" }],
  ["another status", "me", { status: "SUCCEEDED" }],
  ["another amount", "me", { amount: "1251" }],
  ["another id", "me", { id: "q" }],
])("finds nothing for %s", (_what, viewer, other) => {
  const known = createKnownPayments();
  known.set("me", payment);
  expect(known.get(viewer, { ...state, ...other })).toBeUndefined();
});

it("holds at most 2,000, those that were used last", () => {
  const known = createKnownPayments();
  const all = Array.from({ length: 2001 }, (_, at) => ({ ...payment, id: `p${at}` }));
  for (const one of all.slice(0, 2000)) known.set("me", one);
  expect(known.get("me", toState(firstRow(all)))).toBe(all[0]);
  known.set("me", all[2000] ?? payment);
  const found = all.filter((one) => known.get("me", toState(one)) !== undefined);
  expect(found).toHaveLength(2000);
  expect(all.filter((one) => !found.includes(one)).map(({ id }) => id)).toEqual(["p1"]);
});

const firstRow = ([row = payment]: readonly PaymentInFull[]) => row;
