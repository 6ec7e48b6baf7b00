/** What Powens says of an account and of a payment: neither what it is for nor who is on the other side. */
import type { Provider } from "./provider.ts";
import { at, toDay, toMoment, toText, toTime } from "./raw.ts";

export const powens: Provider = {
  canLink: true,
  account: (raw) => ({ refreshedAt: fromParis(at(raw, "last_update")) }),
  payment(raw) {
    const type = toText(at(raw, "type"));
    return {
      // The service stores only what is booked.
      isPending: false,
      category: type === null || type === "unknown" ? null : { name: type },
      bookedOn: toDay(at(raw, "date")),
      occurredAt: fromUtc(at(raw, "date_time")),
    };
  },
};

/** `2026-11-20 08:30:00`, in UTC. */
function fromUtc(value: unknown): string | null {
  const [, day, clock] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)Z?$/.exec(toText(value) ?? "") ?? [];
  return day === undefined ? null : toMoment(`${day}T${clock}Z`);
}

/** Made when it is needed first: that loads the time zones, which takes 30 ms and 9 MB. */
let paris: Intl.DateTimeFormat | undefined;

/**
 * Powens writes local time of Paris, without a zone. An hour that there is twice, when summer time ends, is taken as the
 * earlier one; one that there is not, when it begins, as winter time.
 */
function fromParis(local: unknown): string | null {
  if (typeof local !== "string" || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(local)) return null;
  const [summer, winter] = ["+02:00", "+01:00"].map((zone) => toTime(`${local.replace(" ", "T")}${zone}`));
  if (summer == null || winter == null) return null;
  paris ??= new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris", dateStyle: "short", timeStyle: "medium" });
  const instant = new Date(paris.format(new Date(summer)) === local ? summer : winter);
  return instant.toISOString().replace(".000Z", "Z");
}
