/** Times as the service writes them: RFC 3339, mostly in UTC, with up to nanoseconds. */
import { regexes } from "zod";

/** Whether it is one, of a year that a DateTime can have. */
export function isTime(text: string): boolean {
  return isPlainTime(text) || (anyTime.test(text) && hasYear(text));
}

const anyTime = regexes.datetime({ offset: true });

/** From 1 to 9999, in UTC, too: no other can be written as a DateTime. */
function hasYear(text: string): boolean {
  if (text.endsWith("Z")) return !text.startsWith("0000");
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9999;
}

/**
 * `2026-07-22T10:00:00Z`, with or without a fraction, on a day that every month has. Nearly all are, a page has many, and
 * the regular expression takes several times as long.
 */
function isPlainTime(text: string): boolean {
  const { length } = text;
  if (length < 20 || length === 21 || text.charCodeAt(length - 1) !== utc) return false;
  for (let at = 0; at < length - 1; at += 1) {
    const code = text.charCodeAt(at);
    const mark = at < marks.length ? (marks[at] as number) : digit;
    if (mark === digit ? code < 0x30 || code > 0x39 : code !== mark) return false;
  }
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= 30 && (day <= 28 || month !== 2);
  const isClock = twoDigits(text, 11) < 24 && twoDigits(text, 14) < 60 && twoDigits(text, 17) < 60;
  return isDay && isClock && !text.startsWith("0000");
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 0x30) * 10 + text.charCodeAt(at + 1) - 0x30;
}

const utc = 0x5a;
/** Where a digit stands; otherwise the character itself. */
const digit = 0;
const marks = Uint8Array.from("0000-00-00T00:00:00.", (mark) => (mark === "0" ? digit : mark.charCodeAt(0)));
