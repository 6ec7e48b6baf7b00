/**
 * The wire format of Formance Connectivity (Payments v3), as the service writes it.
 *
 * Each schema is both the type and the check of a response. Members that the gateway does not name are dropped while
 * checking: that is how a connector's `config`, which holds provider secrets, never enters the process's data.
 *
 * Source: the service's published OpenAPI document and, where the two differ, its handlers (Payments v3, 2026-07).
 */
import { z } from "zod";
import { memoize } from "./memoize.ts";

/** Absent, `null` and, for identifiers, `""` all mean "none" on this wire. */
const optionalText = z.nullish(z.string()).transform((text) => text || null);
/** Not a `z.record`, which drops an entry of the name `__proto__`. */
const metadata = z
  .nullish(z.custom<Readonly<Record<string, string>>>(isTextMap))
  .transform((map) => map ?? ({} as Readonly<Record<string, string>>));
/** RFC 3339 as Go writes it: UTC, with up to nanoseconds. */
export const time = z.iso.datetime({ offset: true }).refine(hasYear);
/** A JSON integer of any size; `parseJson` yields a bigint for those that a double cannot hold. */
const integer = z.union([z.bigint(), z.int().transform(BigInt)]);

/** `null`: a value that this gateway does not know. The row is good all the same; what depends on the value fails. */
const knownOf = <const Values extends readonly string[]>(values: Values) =>
  z.string().transform((text) => values.find((value): value is Values[number] => value === text) ?? null);

function isTextMap(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === "string");
}

/** Whether its year is one from 1 to 9999, in UTC, too: no other can be written as a DateTime. */
function hasYear(text: string): boolean {
  if (text.endsWith("Z")) return !text.startsWith("0000");
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9999;
}

/** A list: `{"cursor": {pageSize, hasMore, previous?, next?, data}}`. */
export const listOf = memoize(
  <Row>(row: z.ZodType<Row>): z.ZodType<Page<Row>> =>
    z
      .object({
        cursor: z.object({
          pageSize: z.int(),
          hasMore: z.boolean(),
          next: optionalText,
          // Go writes an empty list as `null`, too; a list that is absent must not seem empty.
          data: z.nullable(z.array(row)).transform((rows) => rows ?? []),
        }),
      })
      .transform((body) => body.cursor),
);

/** A single object: `{"data": …}`. */
export const dataOf = memoize(
  <Data>(data: z.ZodType<Data>): z.ZodType<Data> => z.object({ data }).transform((body) => body.data as Data),
);

export const contactDetails = z.object({ email: optionalText, phoneNumber: optionalText, locale: optionalText });

export const address = z.object({
  streetName: optionalText,
  streetNumber: optionalText,
  city: optionalText,
  region: optionalText,
  postalCode: optionalText,
  country: optionalText,
});

export const paymentServiceUser = z.object({
  id: z.guid(),
  name: z.string(),
  createdAt: time,
  contactDetails: z.nullish(contactDetails).transform((details) => details ?? null),
  address: z.nullish(address).transform((lines) => lines ?? null),
  bankAccountIDs: z.nullish(z.array(z.guid())).transform((ids) => ids ?? []),
  metadata,
});

/** It names no PSU: only the PSU's own row says whose it is. A list leaves the three numbers out. */
export const bankAccount = z.object({
  id: z.guid(),
  createdAt: time,
  name: z.string(),
  accountNumber: optionalText,
  iban: optionalText,
  swiftBicCode: optionalText,
  country: optionalText,
  metadata,
  relatedAccounts: z.nullish(z.array(z.object({ accountID: z.string() }))).transform((rows) => rows ?? []),
});

/** As accounts bring it along. `config` is left out on purpose, here and below: it holds the provider's secrets. */
export const connectorBase = z.object({
  id: z.string(),
  reference: z.string(),
  name: z.string(),
  createdAt: time,
  provider: z.string(),
});

/** As its own list has it. `null`: the service does not say; before v3.3.2 it names no capabilities. */
export const connector = connectorBase.extend({
  capabilities: z.nullish(z.array(z.string())).transform((names) => names ?? null),
  scheduledForDeletion: z.nullish(z.boolean()).transform((isScheduled) => isScheduled ?? null),
});

/** A connection to a bank. It carries no PSU id; before the first sync `dataUpdatedAt` is Go's zero time. */
export const bankConnection = z.object({
  connectionID: z.string(),
  connectorID: z.string(),
  createdAt: time,
  dataUpdatedAt: time,
  updatedAt: z.nullish(time).transform((at) => at ?? null),
  status: knownOf(["ACTIVE", "ERROR"]),
  error: optionalText,
  metadata,
});

export const linkAttempt = z.object({
  id: z.guid(),
  psuID: z.guid(),
  connectorID: z.string(),
  createdAt: time,
  status: knownOf(["pending", "completed", "exited"]),
  clientRedirectURL: optionalText,
  error: optionalText,
});

/** The response to create-link and update-link, which the service does not wrap in `data`. */
export const link = z.object({ attemptID: z.guid(), link: z.url({ protocol: /^https?$/ }) });

export const account = z.object({
  id: z.string(),
  connectorID: z.string(),
  connector: z.nullish(connectorBase).transform((base) => base ?? null),
  provider: z.string(),
  reference: z.string(),
  createdAt: time,
  type: knownOf(["UNKNOWN", "INTERNAL", "EXTERNAL"]),
  name: optionalText,
  defaultAsset: optionalText,
  psuID: optionalText,
  openBankingConnectionID: optionalText,
  metadata,
  raw: z.unknown(),
});

/** One amount of one asset over one span of time; a list of them is a history, newest first. */
export const balance = z.object({
  accountID: z.string(),
  createdAt: time,
  lastUpdatedAt: time,
  asset: z.string(),
  balance: integer,
});

export const payment = z.object({
  id: z.string(),
  connectorID: z.string(),
  provider: z.string(),
  reference: z.string(),
  createdAt: time,
  type: z.string(),
  initialAmount: integer,
  amount: integer,
  asset: z.string(),
  scheme: z.string(),
  status: z.string(),
  sourceAccountID: optionalText,
  destinationAccountID: optionalText,
  psuID: optionalText,
  openBankingConnectionID: optionalText,
  metadata,
});

/** One state of a payment, with the row that the provider sent then. */
export const paymentAdjustment = z.object({
  id: z.string(),
  createdAt: time,
  status: z.string(),
  amount: z.nullish(integer).transform((amount) => amount ?? null),
  asset: optionalText,
  raw: z.unknown(),
});

/** Lists have payments without their adjustments, of which the newest is first. */
export const paymentInFull = payment.extend({
  adjustments: z.nullish(z.array(paymentAdjustment)).transform((rows) => rows ?? []),
});

export const task = z.object({
  id: z.string(),
  connectorID: optionalText,
  status: knownOf(["PROCESSING", "SUCCEEDED", "FAILED"]),
  createdAt: time,
  updatedAt: time,
  createdObjectID: optionalText,
  error: optionalText,
});

/** The response to a create. */
export const id = z.guid();

/** The response to an asynchronous delete, and to the forward of a bank account. */
export const taskReference = z.object({ taskID: z.string().min(1) });

/** The error body of a 4xx or 5xx that the service itself wrote. */
export const errorBody = z.object({ errorCode: z.string(), errorMessage: z.nullish(z.string()) });

export const info = z.object({ version: z.string() });

export const tokenResponse = z.object({
  access_token: z.string().min(1),
  expires_in: z.nullish(z.number()),
});

export type PaymentServiceUser = z.output<typeof paymentServiceUser>;
export type ConnectorBase = z.output<typeof connectorBase>;
export type BankAccount = z.output<typeof bankAccount>;
export type Connector = z.output<typeof connector>;
export type BankConnection = z.output<typeof bankConnection>;
export type LinkAttempt = z.output<typeof linkAttempt>;
export type Link = z.output<typeof link>;
export type Account = z.output<typeof account>;
export type Balance = z.output<typeof balance>;
export type Payment = z.output<typeof payment>;
export type PaymentAdjustment = z.output<typeof paymentAdjustment>;
export type PaymentInFull = z.output<typeof paymentInFull>;
export type Task = z.output<typeof task>;

/** One page of a list. `next` is opaque, holds filter and page size, and is trusted by the service: never show it. */
export type Page<Row> = {
  readonly pageSize: number;
  readonly hasMore: boolean;
  readonly next: string | null;
  readonly data: readonly Row[];
};

/**
 * A filter over list columns. The service's `$in` fails on them, so many keys are an `$or` of `$match`. Amounts are texts of
 * digits (docs/decisions/0028-payments-that-can-be-found.md).
 */
export type Filter =
  | { readonly $match: Readonly<Record<string, string>> }
  | { readonly $gte: Readonly<Record<string, string>> }
  | { readonly $lte: Readonly<Record<string, string>> }
  | { readonly $not: Filter }
  | { readonly $and: readonly Filter[] }
  | { readonly $or: readonly Filter[] };

type Texts<Name extends string> = { readonly [name in Name]?: string | undefined };

export type NewPaymentServiceUser = {
  readonly name: string;
  readonly contactDetails?: Texts<"email" | "phoneNumber" | "locale"> | undefined;
  readonly address?: Texts<"streetName" | "streetNumber" | "city" | "region" | "postalCode" | "country"> | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
};

export type NewBankAccount = Texts<"accountNumber" | "iban" | "swiftBicCode" | "country"> & {
  readonly name: string;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
};

export type LinkRequest = {
  readonly clientRedirectURL: string;
  readonly applicationName?: string | undefined;
};
