/**
 * Reads single values out of the row that a provider sent, for mappers of one's own as for the built-in ones. Nothing
 * throws: what is of another kind than expected is `null`.
 */
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

/** Trimmed. Go writes a text that there is none of as an empty one. */
export function toText(value: unknown): string | null {
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? null : text;
}

/** Of a list; of anything else there are none. */
export function toItems(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A time in RFC 3339, as it is. Go's zero time means that there is none. */
export function toTime(value: unknown): string | null {
  const parsed = time.safeParse(value);
  return parsed.success && Date.parse(parsed.data) > 0 ? parsed.data : null;
}

/** The first of them that is a text. */
export function firstText(...values: readonly unknown[]): string | null {
  for (const value of values) {
    const text = toText(value);
    if (text !== null) return text;
  }
  return null;
}

/** The word that a text is, or that stands before a colon: `CODE` of `CODE: some words`. */
export function firstWord(text: string): string | null {
  return /^(\w{1,100})(?::|$)/.exec(text)?.[1] ?? null;
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
