/**
 * The wire format of Formance Connectivity (Payments v3), as the service writes it.
 *
 * Each schema is both the type and the check of a response. Members that the gateway does not name are dropped while
 * checking: that is how a connector's `config`, which holds provider secrets, never enters the process's data.
 *
 * Source: the service's published OpenAPI document and, where the two differ, its handlers (Payments v3, 2026-07).
 */
import { z } from "zod";
import { isUuid } from "../lib/uuid.ts";
import { memoize } from "./memoize.ts";
import { isTime } from "./time.ts";

// Predicates with an overwrite, and not `transform`: that makes several objects of each value, which took a quarter of
// all that a page of users allocates.

/** What may be absent, or `null`, in the form that the code reads. */
const orAbsent = <Given, Read>(given: z.ZodType<Given>, read: (value: Given | null | undefined) => Read) =>
  z.nullish(given).pipe(z.any().overwrite(read)) as unknown as z.ZodType<Read>;

/** Absent, `null` and, for identifiers, `""` all mean "none" on this wire. */
const optionalText = orAbsent(z.string(), (text) => text || null);
/** Not a `z.record`, which drops an entry of the name `__proto__`. */
const metadata = orAbsent(z.custom<Readonly<Record<string, string>>>(isTextMap), (map) => map ?? {});
/** RFC 3339 as Go writes it: UTC, with up to nanoseconds. */
export const time = z.string().refine(isTime);
const uuid = z.string().refine(isUuid);
/** A JSON integer of any size; `parseJson` yields a bigint for those that a double cannot hold. */
const integer = z
  .custom<bigint>((value) => typeof value === "bigint" || Number.isSafeInteger(value))
  .overwrite((value) => BigInt(value));

/** `null`: a value that this gateway does not know. The row is good all the same; what depends on the value fails. */
const knownOf = <const Values extends readonly string[]>(values: Values) =>
  z
    .custom<Values[number] | null>((value) => typeof value === "string")
    .overwrite((text) => (text !== null && values.includes(text) ? text : null));

const orNull = <Value>(value: z.ZodType<Value>) => orAbsent(value, (given) => given ?? null);
/** Go writes an empty list as `null`, too. */
const orEmpty = <Value>(item: z.ZodType<Value>) => orAbsent(z.array(item), (items) => items ?? []);

function isTextMap(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === "string");
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
          // A list that is absent must not seem empty.
          data: (z.nullable(z.array(row)) as z.ZodType<Row[]>).overwrite((rows) => rows ?? []),
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
  id: uuid,
  name: z.string(),
  createdAt: time,
  contactDetails: orNull(contactDetails),
  address: orNull(address),
  bankAccountIDs: orEmpty(uuid),
  metadata,
});

/** It names no PSU: only the PSU's own row says whose it is. A list leaves the three numbers out. */
export const bankAccount = z.object({
  id: uuid,
  createdAt: time,
  name: z.string(),
  accountNumber: optionalText,
  iban: optionalText,
  swiftBicCode: optionalText,
  country: optionalText,
  metadata,
  relatedAccounts: orEmpty(z.object({ accountID: z.string() })),
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
  capabilities: orNull(z.array(z.string())),
  scheduledForDeletion: orNull(z.boolean()),
});

/** A connection to a bank. It carries no PSU id; before the first sync `dataUpdatedAt` is Go's zero time. */
export const bankConnection = z.object({
  connectionID: z.string(),
  connectorID: z.string(),
  createdAt: time,
  dataUpdatedAt: time,
  updatedAt: orNull(time),
  status: knownOf(["ACTIVE", "ERROR"]),
  error: optionalText,
  metadata,
});

export const linkAttempt = z.object({
  id: uuid,
  psuID: uuid,
  connectorID: z.string(),
  createdAt: time,
  status: knownOf(["pending", "completed", "exited"]),
  clientRedirectURL: optionalText,
  error: optionalText,
});

/** The response to create-link and update-link, which the service does not wrap in `data`. */
export const link = z.object({ attemptID: uuid, link: z.url({ protocol: /^https?$/ }) });

export const account = z.object({
  id: z.string(),
  connectorID: z.string(),
  connector: orNull(connectorBase),
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
  amount: orNull(integer),
  asset: optionalText,
  raw: z.unknown(),
});

/** Lists have payments without their adjustments, of which the newest is first. */
export const paymentInFull = payment.extend({
  adjustments: orEmpty(paymentAdjustment),
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
export const id = uuid;

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
