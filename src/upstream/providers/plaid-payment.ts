/** Reads a transaction of Plaid. */
import type { Counterparty, PaymentCategory, PaymentDetails } from "./payment-shape.ts";
import { dayOrNull, firstText, httpsUrlOrNull, listOrNone, memberAt, momentOrNull, textOrNull } from "./raw-payment.ts";

export function readPlaidPayment(raw: unknown): PaymentDetails {
  const pending = memberAt(raw, "pending");
  const isPending = typeof pending === "boolean" ? pending : null;
  return {
    isPending,
    description: firstText(memberAt(raw, "original_description"), memberAt(raw, "name")),
    counterparty: counterpartyOf(raw),
    category: categoryOf(raw),
    // While it is pending, `date` is the day on which it occurred.
    bookedOn: isPending === true ? null : dayOrNull(memberAt(raw, "date")),
    valueOn: null,
    occurredAt: momentOrNull(memberAt(raw, "authorized_datetime")) ?? momentOrNull(memberAt(raw, "datetime")),
  };
}

/** The merchant, if there is one; else the one that is named first, such as a bank or a payment app. */
function counterpartyOf(raw: unknown): Counterparty | null {
  const named = listOrNone(memberAt(raw, "counterparties")).filter((one) => textOrNull(memberAt(one, "name")) !== null);
  const listed = named.find((one) => memberAt(one, "type") === "merchant") ?? named[0];
  const name = firstText(memberAt(raw, "merchant_name"), memberAt(listed, "name"));
  // Those of the row are the merchant's.
  const logoUrl = httpsUrlOrNull(memberAt(raw, "logo_url")) ?? httpsUrlOrNull(memberAt(listed, "logo_url"));
  const website = httpsUrlOrNull(memberAt(raw, "website")) ?? httpsUrlOrNull(memberAt(listed, "website"));
  return name === null && logoUrl === null && website === null ? null : { name, logoUrl, website };
}

function categoryOf(raw: unknown): PaymentCategory | null {
  const name = textOrNull(memberAt(raw, "personal_finance_category", "primary"));
  if (name !== null) {
    return { name, detailed: textOrNull(memberAt(raw, "personal_finance_category", "detailed")), source: "plaid" };
  }
  // Older rows have a list instead, from wide to narrow, in other words.
  const [widest, ...narrower] = listOrNone(memberAt(raw, "category")).flatMap((one) => textOrNull(one) ?? []);
  if (widest === undefined) return null;
  return { name: widest, detailed: textOrNull(narrower.join(" > ")), source: "plaid-legacy" };
}
