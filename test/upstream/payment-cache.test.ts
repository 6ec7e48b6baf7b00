/** The cache of payments in full: how much it keeps. */
import { describe, expect, it } from "vitest";
import { parseJson } from "../../src/upstream/exact-json.ts";
import { createKnownPayments, toState } from "../../src/upstream/payment-cache.ts";
import type { PaymentInFull } from "../../src/upstream/wire-types.ts";

const at = "2026-11-20T00:00:00Z";

function paymentWith(raw: unknown, id = "p"): PaymentInFull {
  const status = "SUCCEEDED";
  return {
    ...{
      id,
      connectorID: "c",
      provider: "plaid",
      reference: "r",
      createdAt: at,
      type: "PAYOUT",
      scheme: "OTHER",
      status,
    },
    ...{ initialAmount: 5n, amount: 5n, asset: "EUR/2", sourceAccountID: null, destinationAccountID: null, psuID: "u" },
    ...{ openBankingConnectionID: null, metadata: {} },
    adjustments: [{ id: "a", createdAt: at, status, amount: null, asset: null, raw }],
  };
}

const kilobytes = (count: number) => "x".repeat(1024 * count);

const rows: readonly (readonly [string, unknown, boolean])[] = [
  ["none", null, true],
  ["of some kB", { name: "Coffee", parts: Array.from({ length: 20 }, () => ({ text: "x".repeat(200) })) }, true],
  ["with an undefined value before others", [undefined, "x"], true],
  ["of one large text", { name: kilobytes(1024) }, false],
  ["with a large name", { [kilobytes(1024)]: 1 }, false],
  ["of many small values", Array.from({ length: 10_000 }, () => 0), false],
  ["with a number of many digits", parseJson(`{"n":${"9".repeat(200_000)}}`), false],
  ["with a decimal of many digits", parseJson(`{"n":0.${"9".repeat(100_000)}}`), false],
  ["nested deep", parseJson(`${"[".repeat(20_000)}${"]".repeat(20_000)}`), false],
];

describe("a payment is kept by the size of its row", () => {
  it.each(rows)("%s", (_title, raw, isKept) => {
    const known = createKnownPayments();
    const payment = paymentWith(raw);
    known.set("u", payment);
    expect(known.get("u", toState(payment))).toBe(isKept ? payment : undefined);
  });
});

it("all payments together take a bounded space, the newest ones", () => {
  const known = createKnownPayments();
  const payments = Array.from({ length: 1000 }, (_, index) => paymentWith(kilobytes(60), `p${index}`));
  for (const payment of payments) known.set(null, payment);
  const kept = payments.filter((payment) => known.get(null, toState(payment)) !== undefined);
  expect(kept.length * 60).toBeLessThanOrEqual(32 * 1024);
  expect(kept.length).toBeGreaterThan(500);
  expect(kept.at(-1)).toBe(payments.at(-1));
});
