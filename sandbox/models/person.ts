/** A payment service user (PSU): what is stored, what a request may say, and what the wire shows. */
import { z } from "zod";
import { invalid } from "../http/api-error.ts";
import { isAlphanumeric, isCountry, isEmail, isLocale, isPhoneNumber, isPlainUuid } from "../http/formats.ts";
import { check, optionalText, readJsonBody } from "../http/request-body.ts";
import { type Columns, uuid } from "../lists/columns.ts";
import { type Micros, toTimestamp } from "../time.ts";
import type { Metadata } from "./metadata.ts";

const contactDetailsShape = z.object({ email: optionalText, phoneNumber: optionalText, locale: optionalText });

const addressShape = z.object({
  streetName: optionalText,
  streetNumber: optionalText,
  city: optionalText,
  region: optionalText,
  postalCode: optionalText,
  country: optionalText,
});

export type ContactDetails = Readonly<z.output<typeof contactDetailsShape>>;
export type Address = Readonly<z.output<typeof addressShape>>;

export type Person = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Micros;
  readonly contactDetails: ContactDetails | null;
  readonly address: Address | null;
  readonly metadata: Metadata | null;
};

export const createPerson = (given: Pick<Person, "id" | "name" | "createdAt"> & Partial<Person>): Person => ({
  metadata: null,
  ...given,
  contactDetails: orNull(given.contactDetails),
  address: orNull(given.address),
});

/** A group of which nothing is set is not stored, and read back as null. */
function orNull<Group extends object>(group: Group | null | undefined): Group | null {
  return group == null || Object.values(group).every((value) => value === null) ? null : group;
}

const personBody = z.object({
  name: optionalText,
  contactDetails: contactDetailsShape.nullish().transform((details) => details ?? null),
  address: addressShape.nullish().transform((lines) => lines ?? null),
  bankAccountIDs: z
    .array(z.string())
    .nullish()
    .transform((ids) => ids ?? []),
  metadata: z
    .record(z.string(), z.string())
    .nullish()
    .transform((map) => map ?? null),
});

export type PersonBody = z.output<typeof personBody>;

export function readPersonBody(body: string): PersonBody {
  const person = readJsonBody(body, personBody, "PaymentServiceUsersCreateRequest");
  const { contactDetails, address } = person;
  if (person.name === null || person.name === "") throw invalid("Name is a required field");
  if ([...person.name].length > 1000) throw invalid("Name must be at maximum 1,000 characters in length");
  check(contactDetails?.email, isEmail, "Email is invalid");
  check(contactDetails?.phoneNumber, isPhoneNumber, "PhoneNumber is invalid");
  check(contactDetails?.locale, isLocale, "Locale is invalid");
  check(address?.streetNumber, isAlphanumeric, "StreetNumber can only contain alphanumeric characters");
  check(
    address?.country,
    isCountry,
    "Key: 'PaymentServiceUsersCreateRequest.Address.Country' Error:Field validation for 'Country' failed on the 'country_code' tag",
  );
  for (const [at, id] of person.bankAccountIDs.entries()) {
    check(id, isPlainUuid, `BankAccountIDs[${at}] must be a valid UUID`);
  }
  return person;
}

export const personColumns: Columns<Person> = {
  named: { id: uuid("match", (row) => row.id) },
  metadata: (row) => row.metadata,
};

export const toWirePerson = (person: Person, bankAccountIDs: readonly string[]) => ({
  id: person.id,
  name: person.name,
  createdAt: toTimestamp(person.createdAt),
  contactDetails: person.contactDetails,
  address: person.address,
  bankAccountIDs: bankAccountIDs.length === 0 ? null : bankAccountIDs,
  metadata: person.metadata,
});
