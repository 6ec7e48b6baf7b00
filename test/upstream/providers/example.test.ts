/** The provider of examples/extended, on rows as its stack has them. */
import { expect, it } from "vitest";
import { acme } from "../../../examples/extended/provider.ts";
import { parseJson } from "../../../src/upstream/exact-json.ts";
import { createProviders } from "../../../src/upstream/providers/providers.ts";

const { accountDetailsOf, paymentDetailsOf } = createProviders({
  own: { acme },
  onError(error) {
    throw error;
  },
});

it.each([
  [
    '{"product": "card", "iban": "GB29NWBK60161331926819", "currency": "EUR", "left": 90071992547409931.01, "read_at": "2026-11-20T08:30:00Z"}',
    { kind: "CREDIT_CARD", mask: "6819", refreshedAt: "2026-11-20T08:30:00Z" },
    { asset: "EUR/2", amount: 9_007_199_254_740_993_101n },
  ],
  [
    '{"product": "toString", "left": "12", "currency": "EUR"}',
    { kind: "UNKNOWN", mask: null, refreshedAt: null },
    null,
  ],
  ["{}", { kind: "UNKNOWN", mask: null, refreshedAt: null }, null],
])("an account of %s has these details", (raw, details, available) => {
  const row = { provider: "acme", raw: parseJson(raw), defaultAsset: "EUR/2" };
  expect(accountDetailsOf(row as never)).toEqual({ officialName: null, limit: null, available, ...details });
});

it.each([
  [
    '{"state": "booked", "text": " Ramen ", "shop": {"name": "Shop", "site": "shop.example"}, "sort": "food", "day": "2026-11-20"}',
    {
      ...{ isPending: false, description: "Ramen", bookedOn: "2026-11-20" },
      counterparty: { name: "Shop", logoUrl: null, website: "https://shop.example" },
      category: { name: "food", detailed: null, source: "acme" },
    },
  ],
  [
    '{"state": "open", "reference": "R1", "day": "soon", "shop": "Shop"}',
    { isPending: true, description: "R1", bookedOn: null, counterparty: null, category: null },
  ],
])("a payment of %s has these details", (raw, details) => {
  const adjustments = [{ status: "SUCCEEDED", raw: parseJson(raw) }];
  const row = { provider: "acme", status: "SUCCEEDED", adjustments };
  expect(paymentDetailsOf(row as never)).toEqual({ valueOn: null, occurredAt: null, ...details });
});
