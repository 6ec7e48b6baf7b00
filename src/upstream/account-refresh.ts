/** When a bank was last read for an account, as its provider writes in the account's raw row. */
import { parseUpstreamId } from "./upstream-id.ts";
import { type Account, time } from "./wire-types.ts";

/**
 * RFC 3339; `null` where the provider does not say. Tink and Powens say it of every account, Plaid rarely (raw rows of
 * the service's plugins, 2026-07).
 */
export function refreshedAtOf({ provider, raw }: Account): string | null {
  switch (provider) {
    case "plaid":
      return toTime(at(at(raw, "balances"), "last_updated_datetime"));
    case "tink":
      return toTime(at(at(raw, "dates"), "lastRefreshed"));
    case "powens":
      return fromParis(at(raw, "last_update"));
    default:
      return null;
  }
}

/** Whether the service notes in a connection when its data came: of Plaid's alone, by an event. */
export function notesSyncTime(connectorId: string): boolean {
  return parseUpstreamId(connectorId)?.["Provider"] === "plaid";
}

function at(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** Go's zero time means that there is none. */
function toTime(value: unknown): string | null {
  const parsed = time.safeParse(value);
  return parsed.success && Date.parse(parsed.data) > 0 ? parsed.data : null;
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
