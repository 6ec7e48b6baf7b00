/** Reads a transaction of Powens, which names neither what it is for nor who is on the other side. */
import type { PaymentDetails } from "./payment-shape.ts";
import { at, toDay, toMoment, toText } from "./raw.ts";

export function readPowensPayment(raw: unknown): PaymentDetails {
  const type = toText(at(raw, "type"));
  return {
    // The service stores only what is booked; without a row there is nothing to say.
    isPending: typeof raw === "object" && raw !== null ? false : null,
    description: null,
    counterparty: null,
    category: type === null || type === "unknown" ? null : { name: type, detailed: null, source: "powens" },
    bookedOn: toDay(at(raw, "date")),
    valueOn: null,
    occurredAt: fromUtc(at(raw, "date_time")),
  };
}

/** `2026-11-20 08:30:00`, in UTC. */
function fromUtc(value: unknown): string | null {
  const [, day, clock] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)Z?$/.exec(toText(value) ?? "") ?? [];
  return day === undefined ? null : toMoment(`${day}T${clock}Z`);
}
