/** Reads a transaction of Tink. */
import type { PaymentDetails } from "./payment-shape.ts";
import { at, firstText, toDay, toMoment } from "./raw.ts";

export function readTinkPayment(raw: unknown): PaymentDetails {
  const occurredOn = toDay(at(raw, "dates", "transaction"));
  return {
    isPending: isPendingOf(at(raw, "status")),
    description: firstText(
      at(raw, "descriptions", "display"),
      at(raw, "descriptions", "original"),
      at(raw, "descriptions", "detailed", "unstructured"),
    ),
    counterparty: null,
    category: null,
    bookedOn: toDay(at(raw, "dates", "booked")) ?? toDay(at(raw, "bookedDateTime")),
    valueOn: toDay(at(raw, "dates", "value")) ?? toDay(at(raw, "valueDateTime")),
    // A payment whose day is known did not occur when it was booked.
    occurredAt:
      toMoment(at(raw, "transactionDateTime")) ?? (occurredOn === null ? toMoment(at(raw, "bookedDateTime")) : null),
  };
}

/** Any other status says nothing. */
function isPendingOf(status: unknown): boolean | null {
  if (status === "PENDING") return true;
  return status === "BOOKED" ? false : null;
}
