/** Reads a transaction of Plaid. */
import type { Counterparty, PaymentCategory, PaymentDetails } from "./payment-shape.ts";
import { at, firstText, toDay, toHttpsUrl, toItems, toMoment, toText } from "./raw.ts";

export function readPlaidPayment(raw: unknown): PaymentDetails {
  const pending = at(raw, "pending");
  const isPending = typeof pending === "boolean" ? pending : null;
  return {
    isPending,
    description: firstText(at(raw, "original_description"), at(raw, "name")),
    counterparty: counterpartyOf(raw),
    category: categoryOf(raw),
    // While it is pending, `date` is the day on which it occurred.
    bookedOn: isPending === true ? null : toDay(at(raw, "date")),
    valueOn: null,
    occurredAt: toMoment(at(raw, "authorized_datetime")) ?? toMoment(at(raw, "datetime")),
  };
}

/** The merchant, if there is one; else the one that is named first, such as a bank or a payment app. */
function counterpartyOf(raw: unknown): Counterparty | null {
  const named = toItems(at(raw, "counterparties")).filter((one) => toText(at(one, "name")) !== null);
  const listed = named.find((one) => at(one, "type") === "merchant") ?? named[0];
  const name = firstText(at(raw, "merchant_name"), at(listed, "name"));
  // Those of the row are the merchant's.
  const logoUrl = toHttpsUrl(at(raw, "logo_url")) ?? toHttpsUrl(at(listed, "logo_url"));
  const website = toHttpsUrl(at(raw, "website")) ?? toHttpsUrl(at(listed, "website"));
  return name === null && logoUrl === null && website === null ? null : { name, logoUrl, website };
}

function categoryOf(raw: unknown): PaymentCategory | null {
  const name = toText(at(raw, "personal_finance_category", "primary"));
  if (name !== null) {
    return { name, detailed: toText(at(raw, "personal_finance_category", "detailed")), source: "plaid" };
  }
  // Older rows have a list instead, from wide to narrow, in other words.
  const [widest, ...narrower] = toItems(at(raw, "category")).flatMap((one) => toText(one) ?? []);
  if (widest === undefined) return null;
  return { name: widest, detailed: toText(narrower.join(" > ")), source: "plaid-legacy" };
}
