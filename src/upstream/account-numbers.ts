/** Numbers of bank accounts: masked as the service masks them, and taken out of what may quote them. */
import { checkDepth, isRawJson } from "./exact-json.ts";

/** What is masked already stays as it is. */
export function mask(text: string, before: number, after: number): string {
  if (text.length < before + after) return "*".repeat(text.length);
  const hidden = text.length - before - after;
  return text.slice(0, before) + "*".repeat(hidden) + text.slice(text.length - after);
}

/** How many characters stay readable. */
const kept = { iban: { before: 4, after: 4 }, accountNumber: { before: 2, after: 3 } } as const;

export type MaskedName = keyof typeof kept;

export const maskNumber = (name: MaskedName, text: string): string => mask(text, kept[name].before, kept[name].after);

/**
 * Where connectors note the numbers of an account: `com.formance.spec/owner/iban`, `com.column.spec/account_number`,
 * `com.atlar.spec/identifier/DE/IBAN` (the service's `pkg/domain/models/bank_accounts.go`, `ce/plugins/…`).
 */
const numberKey = /(?:^|[/.])(?:iban|number)$|account_?number$|\/identifier\//i;

/** JSON of a connector, such as the metadata or the raw data of an account, with its account numbers masked. */
export function withMaskedNumbers<Value>(value: Value, key = ""): Value {
  return maskIn(value, key, 0) as Value;
}

function maskIn(value: unknown, key: string, depth: number): unknown {
  const isNumber = ["string", "number", "bigint"].includes(typeof value) && numberKey.test(key);
  if (isNumber) return maskNumber(/^[A-Z]{2}\d{2}/i.test(String(value)) ? "iban" : "accountNumber", String(value));
  if (typeof value !== "object" || value === null || isRawJson(value)) return value;
  checkDepth(depth);
  if (Array.isArray(value)) return value.map((item) => maskIn(item, key, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskIn(item, name, depth + 1)]));
}

/** UUIDs, IBANs in groups of four, and words. */
const quoted =
  /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\b[a-z]{2}\d{2}(?:[ \u00a0\u202f][a-z\d]{1,4}){3,8}\b|[a-z\d]+/gi;
const longestNumber = 40;

/** A message without what may be an account number: short words with five digits or more. UUIDs stay. */
export function withoutNumbers(text: string): string {
  return text.replace(quoted, (word) => {
    const isUuid = word.includes("-");
    const isNumber = word.length <= longestNumber && word.replace(/\D/g, "").length >= 5;
    return !isUuid && isNumber ? "…" : word;
  });
}
