/** Reads what people know a payment by out of the row that its provider sent. */
import { memoize } from "../memoize.ts";
import type { PaymentInFull } from "../wire-types.ts";
import type { PaymentDetails } from "./payment-shape.ts";
import { readPlaidPayment } from "./plaid-payment.ts";
import { readPowensPayment } from "./powens-payment.ts";
import { readTinkPayment } from "./tink-payment.ts";

const unknown: PaymentDetails = {
  isPending: null,
  description: null,
  counterparty: null,
  category: null,
  bookedOn: null,
  valueOn: null,
  occurredAt: null,
};

/** Of any value of `raw`; nothing throws. A provider that is not known says nothing. */
export function readPaymentDetails(provider: string, raw: unknown): PaymentDetails {
  switch (provider) {
    case "plaid":
      return readPlaidPayment(raw);
    case "tink":
      return readTinkPayment(raw);
    case "powens":
      return readPowensPayment(raw);
    default:
      return unknown;
  }
}

/**
 * Of a payment's newest adjustment. Where its row does not say whether it is pending, a status of `PENDING` does; any other
 * status does not: that of Plaid's pending payments is `SUCCEEDED`.
 */
export const paymentDetailsOf = memoize((payment: PaymentInFull): PaymentDetails => {
  const [newest] = payment.adjustments;
  const details = readPaymentDetails(payment.provider, newest?.raw);
  const status = newest?.status ?? payment.status;
  return { ...details, isPending: details.isPending ?? (status === "PENDING" ? true : null) };
});
