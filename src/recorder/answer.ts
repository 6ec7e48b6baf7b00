/**
 * What a recording keeps of an answer. A stack in use shows other people's rows and the secrets of its connectors: of
 * everything that is not the recorder's own, only members and their kinds are kept.
 */
import { parseJson, toJson } from "../upstream/exact-json.ts";
import { isMasked, kindOf, mask } from "./kinds.ts";
import { isPlaceholder, type Placeholders, putPlaceholders } from "./placeholders.ts";

type Members = Readonly<Record<string, unknown>>;

/** The recorder's own users, connections, accounts and payments, by their ids. */
export type Own = ReadonlySet<unknown>;

/** What the build is and can do. */
const isOfBuild = (path: string) => path.endsWith("/_info") || path.endsWith("/capabilities");

export function toKeptAnswer(path: string, text: string, own: Own, values: Placeholders): string {
  if (text === "" || text === "404 page not found\n") return text;
  let answer: unknown;
  try {
    answer = parseJson(text);
  } catch {
    return mask(text);
  }
  const kept = isError(answer) || isOfBuild(path) ? answer : withoutOthers(answer, own, values);
  return JSON.stringify(toJson(kept), (_key, value: unknown) =>
    typeof value === "string" ? putPlaceholders(value, values) : value,
  );
}

export const isMembers = (value: unknown): value is Members => kindOf(value) === "object";

export const isError = (answer: unknown): boolean => isMembers(answer) && typeof answer["errorCode"] === "string";

function withoutOthers(answer: unknown, own: Own, values: Placeholders): unknown {
  if (!isMembers(answer)) return maskAll(answer, values);
  const { cursor, data } = answer;
  if (isMembers(cursor) && Array.isArray(cursor["data"])) {
    const rows = cursor["data"].map((row: unknown) => (isOwn(row, own) ? row : maskAll(row, values)));
    const distinct = new Map(rows.map((row) => [isOwn(row, own) ? row : JSON.stringify(row), row]));
    return { ...answer, cursor: { ...cursor, data: [...distinct.values()] } };
  }
  return isOwn(data, own) ? answer : maskAll(answer, values);
}

function isOwn(row: unknown, own: Own): boolean {
  return isMembers(row) && ["id", "psuID", "connectionID", "accountID"].some((member) => own.has(row[member]));
}

/** The names of members in these are free. */
export const isFree = (member: string) => member === "metadata" || member === "raw";

function maskAll(value: unknown, values: Placeholders): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((item) => maskAll(item, values)))];
  if (isMembers(value)) {
    const masked = Object.entries(value).map(([name, member]) => {
      return [name, isFree(name) && member !== null ? mask(member) : maskAll(member, values)];
    });
    return Object.fromEntries(masked);
  }
  if (value === null) return null;
  const placeholder = typeof value === "string" ? putPlaceholders(value, values) : "";
  return isPlaceholder(placeholder) ? placeholder : mask(value);
}

/** Whether a kept row is somebody else's. The chosen connector counts as the recorder's. */
export function isOthers(row: unknown): boolean {
  return isMembers(row) && row["id"] !== "{C}" && Object.values(row).some(isMasked);
}
