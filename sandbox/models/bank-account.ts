/** A bank account: what is stored, what a request may say, and what the wire shows. */
import { z } from "zod";
import { invalid } from "../http/api-error.ts";
import { isAlphanumeric, isCountry } from "../http/formats.ts";
import { check, optionalText, readJsonBody } from "../http/request-body.ts";
import { type Columns, text, uuid } from "../lists/columns.ts";
import { type Micros, toTimestamp } from "../time.ts";
import type { Metadata } from "./metadata.ts";

export type BankAccount = {
  readonly id: string;
  readonly createdAt: Micros;
  readonly name: string;
  readonly accountNumber: string | null;
  readonly iban: string | null;
  readonly swiftBicCode: string | null;
  readonly country: string | null;
  readonly metadata: Metadata | null;
  psuID: string | null;
  readonly relatedAccounts: { readonly accountID: string; readonly createdAt: Micros }[];
};

const body = z.object({
  name: optionalText,
  accountNumber: optionalText,
  iban: optionalText,
  swiftBicCode: optionalText,
  country: optionalText,
  metadata: z
    .record(z.string(), z.string())
    .nullish()
    .transform((map) => map ?? null),
});

export type BankAccountBody = z.output<typeof body>;

export function readBankAccountBody(text: string): BankAccountBody {
  const given = readJsonBody(text, body, "BankAccountsCreateRequest");
  if (given.name === null || given.name === "") throw invalid("Name is a required field");
  if ([...given.name].length > 1000) throw invalid("Name must be at maximum 1,000 characters in length");
  if (given.accountNumber === null && given.iban === null) throw invalid("AccountNumber is a required field");
  const hasLength = (min: number, max: number) => (value: string) =>
    isAlphanumeric(value) && value.length >= min && value.length <= max;
  check(given.accountNumber, isAlphanumeric, "AccountNumber can only contain alphanumeric characters");
  check(given.iban, hasLength(15, 31), "IBAN can only contain alphanumeric characters, from 15 to 31");
  check(given.swiftBicCode, hasLength(8, 11), "SwiftBicCode can only contain alphanumeric characters, from 8 to 11");
  check(given.country, isCountry, "Field validation for 'Country' failed on the 'country_code' tag");
  return given;
}

export const bankAccountColumns: Columns<BankAccount> = {
  named: {
    id: uuid("match", (row) => row.id),
    name: text("match", (row) => row.name),
    country: text("match", (row) => row.country),
    psu_id: uuid("match", (row) => row.psuID),
  },
  metadata: (row) => row.metadata,
};

/** A list does not decrypt the numbers. */
export const toListedBankAccount = (row: BankAccount) => ({
  id: row.id,
  createdAt: toTimestamp(row.createdAt),
  name: row.name,
  accountNumber: null,
  iban: null,
  swiftBicCode: null,
  country: row.country,
  metadata: row.metadata ?? {},
  relatedAccounts: row.relatedAccounts.map((one) => ({ ...one, createdAt: toTimestamp(one.createdAt) })),
});

export const toWireBankAccount = (row: BankAccount) => ({
  ...toListedBankAccount(row),
  accountNumber: mask(row.accountNumber, 2, 3),
  iban: mask(row.iban, 4, 4),
  swiftBicCode: row.swiftBicCode,
});

function mask(value: string | null, before: number, after: number): string | null {
  if (value === null) return null;
  const hidden = value.length - before - after;
  return hidden < 0
    ? "*".repeat(value.length)
    : value.slice(0, before) + "*".repeat(hidden) + value.slice(value.length - after);
}
