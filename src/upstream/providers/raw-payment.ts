/** Reads values out of a payment as its provider sent it. Each is `null` unless it is of the kind that is wanted. */
import { time } from "../wire-types.ts";

/** The member at this path. */
export function memberAt(value: unknown, ...path: readonly string[]): unknown {
  let member = value;
  for (const name of path) {
    if (typeof member !== "object" || member === null || !Object.hasOwn(member, name)) return null;
    member = (member as Readonly<Record<string, unknown>>)[name];
  }
  return member;
}

export const listOrNone = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Without the spaces around it; never empty. */
export function textOrNull(value: unknown): string | null {
  return (typeof value === "string" && value.trim()) || null;
}

/** The first of them that is a text. */
export function firstText(...values: readonly unknown[]): string | null {
  for (const value of values) {
    const text = textOrNull(value);
    if (text !== null) return text;
  }
  return null;
}

const firstDay = "0001-01-01";

/** A day, also out of a time: `2026-11-20`. Go's zero time means that there is none. */
export function dayOrNull(value: unknown): string | null {
  const [, day] = /^(\d{4}-\d\d-\d\d)(?:T.*)?$/.exec(textOrNull(value) ?? "") ?? [];
  if (day === undefined || day === firstDay || day.startsWith("0000")) return null;
  const ms = Date.parse(`${day}T00:00:00Z`);
  // JavaScript reads February 30 as a day in March.
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day) ? day : null;
}

/** A time of a day in RFC 3339. Midnight sharp is how banks and providers write a day of which they know no time. */
export function momentOrNull(value: unknown): string | null {
  const parsed = time.safeParse(textOrNull(value));
  if (!parsed.success || dayOrNull(parsed.data) === null) return null;
  return /T00:00:00(?:\.0+)?(?:Z|[+-]\d\d:\d\d)$/.test(parsed.data) ? null : parsed.data;
}

/** An https URL; a host alone becomes one. What a page links to or shows must not be of any other kind. */
export function httpsUrlOrNull(value: unknown): string | null {
  const text = textOrNull(value) ?? "";
  const url = hostAlone.test(text) ? `https://${text}` : text;
  // The URL parser drops line breaks and tabs, and reads a backslash as a slash.
  if (url.length > maxUrlLength || !/^https:\/\/[^\s\p{C}\\]+$/iu.test(url) || !URL.canParse(url)) return null;
  const { username, password } = new URL(url);
  return username === "" && password === "" ? url : null;
}

const maxUrlLength = 2048;
const hostAlone = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}{2,63}$/u;
