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
  readonly relatedAccounts: { readonly accountID: string; readonly connectorID: string; readonly createdAt: Micros }[];
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
  check(given.accountNumber, isAlphanumeric, "AccountNumber can only contain alphanumeric characters");
  checkCode(given.iban, "IBAN", 15, 31);
  checkCode(given.swiftBicCode, "SwiftBicCode", 8, 11);
  check(
    given.country,
    isCountry,
    "Key: 'BankAccountsCreateRequest.Country' Error:Field validation for 'Country' failed on the 'country_code' tag",
  );
  return given;
}

function checkCode(value: string | null, name: string, min: number, max: number): void {
  check(value, isAlphanumeric, `${name} can only contain alphanumeric characters`);
  check(value, ({ length }) => length >= min, `${name} must be at least ${min} characters in length`);
  check(value, ({ length }) => length <= max, `${name} must be at maximum ${max} characters in length`);
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
  relatedAccounts: row.relatedAccounts.map(({ accountID, createdAt }) => ({
    accountID,
    createdAt: toTimestamp(createdAt),
  })),
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
