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

/** The first of them that is a text. */
export function firstText(...values: readonly unknown[]): string | null {
  for (const value of values) {
    const text = toText(value);
    if (text !== null) return text;
  }
  return null;
}

const firstDay = "0001-01-01";

/** A day, also out of a time: `2026-11-20`. Go's zero time means that there is none. */
export function toDay(value: unknown): string | null {
  const [, day] = /^(\d{4}-\d\d-\d\d)(?:T.*)?$/.exec(toText(value) ?? "") ?? [];
  if (day === undefined || day === firstDay || day.startsWith("0000")) return null;
  const ms = Date.parse(`${day}T00:00:00Z`);
  // JavaScript reads February 30 as a day in March.
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day) ? day : null;
}

/** A time of a day in RFC 3339. Midnight sharp is how banks and providers write a day of which they know no time. */
export function toMoment(value: unknown): string | null {
  const parsed = time.safeParse(toText(value));
  if (!parsed.success || toDay(parsed.data) === null) return null;
  return /T00:00:00(?:\.0+)?(?:Z|[+-]\d\d:\d\d)$/.test(parsed.data) ? null : parsed.data;
}

/** An https URL; a host alone becomes one. What a page links to or shows must not be of any other kind. */
export function toHttpsUrl(value: unknown): string | null {
  const text = toText(value) ?? "";
  const url = hostAlone.test(text) ? `https://${text}` : text;
  // The URL parser drops line breaks and tabs, and reads a backslash as a slash.
  if (url.length > maxUrlLength || !/^https:\/\/[^\s\p{C}\\]+$/iu.test(url) || !URL.canParse(url)) return null;
  const { username, password } = new URL(url);
  return username === "" && password === "" ? url : null;
}

const maxUrlLength = 2048;
const hostAlone = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}{2,63}$/u;
