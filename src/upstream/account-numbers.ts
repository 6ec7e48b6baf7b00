/** Numbers of bank accounts: masked as the service masks them, and taken out of what may quote them. */

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
  return maskIn(value, key) as Value;
}

function maskIn(value: unknown, key: string): unknown {
  if (typeof value === "string" && numberKey.test(key)) {
    return maskNumber(/^[A-Z]{2}\d{2}/i.test(value) ? "iban" : "accountNumber", value);
  }
  if (Array.isArray(value)) return value.map((item) => maskIn(item, key));
  if (typeof value !== "object" || value === null || isRawJson(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskIn(item, name)]));
}

const { isRawJSON: isRawJson } = JSON as unknown as { isRawJSON(value: unknown): boolean };

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
