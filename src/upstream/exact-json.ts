/** JSON without rounding of numbers. */
import { UpstreamError } from "./errors.ts";

/**
 * Which numbers a text may hold: those that a provider wrote (`any`), integers of any size, or none but `small` ones, such
 * as the size of a page.
 */
export type Numbers = "any" | "integers" | "small";

/**
 * The service writes integers of any size; `JSON.parse` would corrupt those beyond 2^53.
 *
 * A text without a long run of digits takes the native path. Otherwise each number is read from its source text:
 * an integer that a double cannot hold becomes a bigint, any other number that would lose digits stays as written.
 */
export function parseJson(text: string, numbers: Numbers = "any"): unknown {
  const mayBeLong = numbers === "any" || (numbers === "integers" && hasLongRun(text));
  const isLong = mayBeLong && (longNumberInside.test(text) || longNumberAlone.test(text));
  return isLong ? JSON.parse(text, exactNumber) : JSON.parse(text);
}

const runLength = 16;

/** Sixteen digits in a row cover one of each sixteen places: only those are looked at. */
function hasLongRun(text: string): boolean {
  for (let at = runLength - 1; at < text.length; at += runLength) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let first = at;
    while (first > 0 && isDigit(text.charCodeAt(first - 1))) first -= 1;
    let end = at + 1;
    while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
    if (end - first >= runLength) return true;
  }
  return false;
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;

/**
 * Prepares a value for `JSON.stringify`, which then writes, digit for digit, what `parseJson` read.
 * @throws `malformed` for what is nested deeper than that could write: it would fail, and with it the whole answer; and
 * for what own code may give and no row has, such as a function.
 */
export function toJson(value: unknown, depth = 0): unknown {
  if (typeof value === "bigint") return rawJson(value.toString());
  if (typeof value === "function" || typeof value === "symbol") throw new TypeError("a value is no JSON");
  if (typeof value !== "object" || value === null || isRawJson(value)) return value;
  checkDepth(depth);
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toJson(member, depth + 1)]));
}

/** Real rows have ten levels at most; the stack of calls has space for some thousands. */
const maxDepth = 500;

/** For what walks JSON by calling itself. @throws `malformed` */
export function checkDepth(depth: number): void {
  if (depth === maxDepth) throw new UpstreamError("malformed", "the JSON is nested too deep");
}

// A double holds any number of up to 15 significant digits, and exponents of up to two digits beside them.
const longNumber = /\d[\d.]{15}|\d[eE][+-]?\d{3}/;
// Only numbers follow these characters directly. Ids are full of what looks like a long number, and exact parsing takes
// eight times as long.
const longNumberInside = /[:,[]\s*-?\d(?:[\d.]{15}|[\d.]*[eE][+-]?\d{3})/;
const longNumberAlone = /^\s*-?\d/;

function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined) return value;
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source);
  return String(value) !== source && longNumber.test(source) ? rawJson(source) : value;
}

/** V8 has had these since Node 21; TypeScript's library does not declare them yet. */
export const { rawJSON: rawJson, isRawJSON: isRawJson } = JSON as unknown as {
  rawJSON(text: string): object;
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
};
