/**
 * JSON without rounding. The service writes integers of any size; `JSON.parse` would corrupt those beyond 2^53.
 *
 * A text without a long run of digits takes the native path. Otherwise each number is looked at in its source text:
 * an integer that a double cannot hold becomes a bigint, any other number that would lose digits stays as written.
 */
export function parseJson(text: string): unknown {
  return longNumber.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text);
}

/** Writes what `parseJson` read, digit for digit. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value, (_key, member) => (typeof member === "bigint" ? rawJson(member.toString()) : member));
}

// A double holds any number of up to 15 significant digits.
const longNumber = /\d[\d.]{15}/;

function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined || String(value) === source) return value;
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source);
  return source.length > 15 ? rawJson(source) : value;
}

/** `JSON.rawJSON` (V8 since Node 21), which TypeScript's library does not declare yet. */
const rawJson = (JSON as unknown as { rawJSON(text: string): object }).rawJSON;
