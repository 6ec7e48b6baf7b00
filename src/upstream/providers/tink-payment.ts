/** Reads a transaction of Tink. */
import type { PaymentDetails } from "./payment-shape.ts";
import { dayOrNull, firstText, memberAt, momentOrNull } from "./raw-payment.ts";

export function readTinkPayment(raw: unknown): PaymentDetails {
  const at = (...path: readonly string[]) => memberAt(raw, ...path);
  const occurredOn = dayOrNull(at("dates", "transaction"));
  return {
    isPending: isPendingOf(at("status")),
    description: firstText(
      at("descriptions", "display"),
      at("descriptions", "original"),
      at("descriptions", "detailed", "unstructured"),
    ),
    counterparty: null,
    category: null,
    bookedOn: dayOrNull(at("dates", "booked")) ?? dayOrNull(at("bookedDateTime")),
    valueOn: dayOrNull(at("dates", "value")) ?? dayOrNull(at("valueDateTime")),
    // A payment whose day is known did not occur when it was booked.
    occurredAt:
      momentOrNull(at("transactionDateTime")) ?? (occurredOn === null ? momentOrNull(at("bookedDateTime")) : null),
  };
}

/** Any other status says nothing. */
function isPendingOf(status: unknown): boolean | null {
  if (status === "PENDING") return true;
  return status === "BOOKED" ? false : null;
}
