/** Reads single values out of what a provider sent: what is of another kind than expected is `null`, never an error. */
import { time } from "../wire-types.ts";

/** The member behind these names, one inside the other; `undefined` where there is none. */
export function at(value: unknown, ...names: readonly string[]): unknown {
  let inner = value;
  for (const name of names) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, name)) return undefined;
    inner = (inner as Readonly<Record<string, unknown>>)[name];
  }
  return inner;
}

/** Go writes a text that there is none of as an empty one. */
export function toText(value: unknown): string | null {
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? null : text;
}

export function toItems(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** RFC 3339. Go's zero time means that there is none. */
export function toTime(value: unknown): string | null {
  const parsed = time.safeParse(value);
  return parsed.success && Date.parse(parsed.data) > 0 ? parsed.data : null;
}

/** Made when it is needed first: that loads the time zones, which takes 30 ms and 9 MB. */
let paris: Intl.DateTimeFormat | undefined;

/**
 * Powens writes local time of Paris, without a zone. An hour that there is twice, when summer time ends, is taken as the
 * earlier one; one that there is not, when it begins, as winter time.
 */
export function fromParis(local: unknown): string | null {
  if (typeof local !== "string" || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(local)) return null;
  const [summer, winter] = ["+02:00", "+01:00"].map((zone) => toTime(`${local.replace(" ", "T")}${zone}`));
  if (summer == null || winter == null) return null;
  paris ??= new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris", dateStyle: "short", timeStyle: "medium" });
  const instant = new Date(paris.format(new Date(summer)) === local ? summer : winter);
  return instant.toISOString().replace(".000Z", "Z");
}
