/** The kinds, states and schemes of payments. Each enum is open: what the service may write one day is `OTHER_VALUE`. */

import { builder } from "../builder.ts";

/** What a text of the service that the enum does not know becomes. No filter takes it: the service knows no such text. */
export const otherValue = "OTHER_VALUE";

/** By the names of the graph: what the service writes, if that differs, and what it means. */
type Values = Readonly<Record<string, { readonly text?: string; readonly description?: string }>>;

function openEnum(name: string, textField: string, description: string, values: Values) {
  const entries = Object.entries(values).map(
    ([value, { text, ...rest }]) => [value, { ...rest, value: text ?? value }] as const,
  );
  const other = { value: otherValue, description: `A value that this graph does not know yet: see \`${textField}\`.` };
  const known: ReadonlySet<string> = new Set(entries.map(([, { value }]) => value));
  return {
    type: builder.enumType(name, { description, values: Object.fromEntries([...entries, [otherValue, other]]) }),
    /** The enum's value of a text of the service. */
    of: (text: string) => (known.has(text) ? text : otherValue),
  };
}

export const PaymentDirection = builder.enumType("PaymentDirection", {
  description: "Which way money went, seen from the user.",
  values: { IN: { description: "The user got it." }, OUT: { description: "The user paid it." } },
});

export const PaymentType = openEnum("PaymentType", "typeText", "Of which kind a payment is.", {
  PAY_IN: { text: "PAY-IN", description: "Money that came in." },
  PAYOUT: { description: "Money that went out." },
  TRANSFER: { description: "Between two accounts." },
  OTHER: { description: "Of another kind." },
  UNKNOWN: { description: "The provider does not say." },
});

export const PaymentStatus = openEnum(
  "PaymentStatus",
  "statusText",
  "How far a payment has come, as the payments stack states it. For whether a bank has booked it, see `isPending`.",
  {
    PENDING: { description: "Not booked yet." },
    SUCCEEDED: { description: "Done. Of some providers (Plaid) pending payments have it, too." },
    CANCELLED: { description: "Called off before it was done." },
    FAILED: { description: "Not done, and it will not be." },
    EXPIRED: { description: "Not done in time." },
    REFUNDED: { description: "Paid back, whole or in part." },
    REFUNDED_FAILURE: { description: "A refund failed." },
    REFUND_REVERSED: { description: "A refund was taken back." },
    DISPUTE: { description: "The payer disputes it." },
    DISPUTE_WON: { description: "A dispute ended, and the payment stands." },
    DISPUTE_LOST: { description: "A dispute ended, and the payment was taken back." },
    AMOUNT_ADJUSTMENT: { text: "AMOUNT_ADJUSTEMENT", description: "Its amount has changed." },
    AUTHORISATION: { description: "Authorised, and not captured yet." },
    CAPTURE: { description: "Captured after its authorisation." },
    CAPTURE_FAILED: { description: "Authorised, and its capture failed." },
    OTHER: { description: "The provider's state has no counterpart here." },
    UNKNOWN: { description: "The provider does not say." },
  },
);

export const PaymentScheme = openEnum("PaymentScheme", "schemeText", "By which rails money moved.", {
  CARD_VISA: { description: "A Visa card." },
  CARD_MASTERCARD: { description: "A Mastercard." },
  CARD_AMEX: { description: "An American Express card." },
  CARD_DINERS: { description: "A Diners Club card." },
  CARD_DISCOVER: { description: "A Discover card." },
  CARD_JCB: { description: "A JCB card." },
  CARD_UNION_PAY: { description: "A UnionPay card." },
  CARD_ALIPAY: { description: "Alipay." },
  CARD_CUP: { description: "A card of China UnionPay." },
  SEPA_DEBIT: { description: "A SEPA direct debit." },
  SEPA_CREDIT: { description: "A SEPA credit transfer." },
  SEPA: { description: "SEPA, of any kind." },
  GOOGLE_PAY: { description: "Google Pay." },
  APPLE_PAY: { description: "Apple Pay." },
  DOKU: { description: "DOKU." },
  DRAGON_PAY: { description: "Dragonpay." },
  MAESTRO: { description: "A Maestro card." },
  MOL_PAY: { description: "MOLPay." },
  A2A: { description: "From account to account." },
  ACH_DEBIT: { description: "An ACH debit." },
  ACH: { description: "ACH, of any kind." },
  RTP: { description: "The RTP network." },
  OTHER: { description: "Every payment of Plaid, Tink and Powens has it." },
  UNKNOWN: { description: "The provider does not say." },
});
