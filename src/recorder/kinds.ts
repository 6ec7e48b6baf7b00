/** Of which kind a value on the wire is: what is compared in place of values that differ from stack to stack. */
import { isUuid } from "../lib/uuid.ts";
import { isRawJson } from "../upstream/exact-json.ts";
import { isPlaceholder } from "./placeholders.ts";

/** In place of a member that is not there. */
export const absent = Symbol("absent");

/** Not {account} and {payment}: which of a user's accounts comes first is chance. */
const compared = ["{A}", "{B}", "{C}", "{K}", "{N}"];

/** A value of which only the kind was kept, such as `<time>`. */
const maskedKind = /^<([a-zA-Z ]+)>$/;

export const mask = (value: unknown): string => `<${kindOf(value)}>`;
export const isMasked = (value: unknown): boolean => typeof value === "string" && maskedKind.test(value);

export function kindOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return kindOfText(value);
    case "number":
      return Number.isInteger(value) ? "integer" : "decimal";
    case "bigint":
      return "integer";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "list";
      return isRawJson(value) ? "decimal" : "object";
    case "symbol":
      return "absent";
    default:
      return typeof value;
  }
}

function kindOfText(text: string): string {
  const [, kind] = maskedKind.exec(text) ?? [];
  if (kind !== undefined) return kind;
  if (isPlaceholder(text)) return compared.includes(text) ? text : "encoded JSON";
  if (text === "") return "empty text";
  if (isUuid(text)) return "UUID";
  if (text.startsWith("0001-01-01T00:00:00")) return "zero time";
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)) return "time";
  // Base64url of `{"`: ids of connectors, accounts, payments and tasks, and cursors.
  if (text.startsWith("eyJ")) return "encoded JSON";
  return /^\w+:\/\/\S+$/.test(text) ? "URL" : "text";
}

/** A number that is kept as it was written, because it would lose digits. */
