/**
 * What the raw rows of a provider mean that has a plugin of one's own in the stack. An account's are such as
 * `{"product": "card", "iban": "…", "currency": "EUR", "left": 12.5, "read_at": "2026-11-20T08:30:00Z"}`, a payment's
 * `{"state": "booked", "text": "…", "shop": {"name": "…", "site": "…"}, "sort": "food", "day": "2026-11-20"}`.
 */
import {
  type AccountKind,
  at,
  firstText,
  type Provider,
  toAmount,
  toDay,
  toDecimal,
  toHttpsUrl,
  toText,
  toTime,
} from "open-banking-graphql-gateway";

export const acme: Provider = {
  canLink: true,
  needs: ["COUNTRY"],
  account: (raw, defaultAsset) => ({
    kind: kinds.get(toText(at(raw, "product")) ?? "") ?? "UNKNOWN",
    mask: toText(at(raw, "iban")),
    available: toAmount(toDecimal(at(raw, "left")), toText(at(raw, "currency")), defaultAsset),
    refreshedAt: toTime(at(raw, "read_at")),
  }),
  payment(raw) {
    const category = toText(at(raw, "sort"));
    return {
      isPending: at(raw, "state") !== "booked",
      description: firstText(at(raw, "text"), at(raw, "reference")),
      counterparty: { name: toText(at(raw, "shop", "name")), website: toHttpsUrl(at(raw, "shop", "site")) },
      category: category === null ? null : { name: category },
      bookedOn: toDay(at(raw, "day")),
    };
  },
};

const kinds: ReadonlyMap<string, AccountKind> = new Map([
  ["current", "CHECKING"],
  ["savings", "SAVINGS"],
  ["card", "CREDIT_CARD"],
]);
