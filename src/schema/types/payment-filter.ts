/** The filter of payments: its input, its checks, and what it becomes in the language of the upstream API. */

import type { InputRef, RecursivelyNormalizeNullableFields } from "@pothos/core";
import { badUserInput } from "../../errors.ts";
import type { Filter } from "../../upstream/wire-types.ts";
import { builder } from "../builder.ts";
import { allOf, anyOf, matching, matchingMetadata, toOwner } from "../filter.ts";
import { anyConnectorId, anyPsuId, toKey } from "../global-id.ts";
import { anyOfThese, maxAlternatives, toTime } from "../input.ts";
import { otherValue, PaymentScheme, PaymentStatus, PaymentType } from "./payment-enums.ts";

type Given<Value> = Value | null | undefined;

export type PaymentFilterInput = {
  psuId?: Given<string>;
  connectorId?: Given<string>;
  connectionId?: Given<string>;
  accountId?: Given<string>;
  sourceAccountId?: Given<string>;
  destinationAccountId?: Given<string>;
  types?: Given<readonly string[]>;
  statuses?: Given<readonly string[]>;
  schemes?: Given<readonly string[]>;
  asset?: Given<string>;
  minAmount?: unknown;
  maxAmount?: unknown;
  createdFrom?: unknown;
  reference?: Given<string>;
  metadata?: unknown;
  not?: Given<PaymentFilterInput>;
};

/** Of an amount. The service's database holds far more, and no asset needs as many. */
const maxDigits = 100;

const anyAccountId = "a global id, or the upstream's account id.";
const anyValue = `Any of these; ${maxAlternatives} at the most.`;

/** Its declaration can be emitted only with a name. */
type FilterRef = InputRef<RecursivelyNormalizeNullableFields<PaymentFilterInput>>;

export const PaymentFilter: FilterRef = builder.inputRef<PaymentFilterInput>("PaymentFilter").implement({
  description: "Which payments; all given fields must hold.",
  fields: (t) => ({
    psuId: t.id({ description: anyPsuId }),
    connectorId: t.id({ description: anyConnectorId }),
    connectionId: t.id({ description: "A connection's global id." }),
    accountId: t.id({ description: `From or to this account: ${anyAccountId}` }),
    sourceAccountId: t.id({ description: `From this account: ${anyAccountId}` }),
    destinationAccountId: t.id({ description: `To this account: ${anyAccountId}` }),
    types: t.field({ type: [PaymentType.type], description: anyValue }),
    statuses: t.field({ type: [PaymentStatus.type], description: anyValue }),
    schemes: t.field({ type: [PaymentScheme.type], description: anyValue }),
    asset: t.string({ description: 'With its scale: "USD/2".' }),
    minAmount: t.field({
      type: "BigInt",
      description:
        'In minor units of `asset`, which must be given: "1000" with "EUR/2" is 10 euros. Whichever way it went.',
    }) as never, // of a type that Pothos cannot compare with `unknown`, as are some below
    maxAmount: t.field({ type: "BigInt", description: "As `minAmount`." }) as never,
    createdFrom: t.field({
      type: "DateTime",
      description: "Only payments whose `createdAt` is this time or later. The last page may be empty.",
    }) as never,
    reference: t.string({ description: "The provider's own id." }),
    metadata: t.field({
      type: "Metadata",
      description: "Every given entry is among the payment's metadata.",
    }) as never,
    not: t.field({
      type: PaymentFilter,
      description:
        "Only payments for which not all of these fields hold. It takes no users, connections, accounts or times, and no further `not`.",
    }),
  }),
});

/** @throws BAD_USER_INPUT that names the field, before anything is sent upstream. */
export function readPaymentFilter(filter: Given<PaymentFilterInput>) {
  const owner = toOwner(filter);
  return {
    /** The PSUs that it names. */
    psuIds: owner.psuIds,
    conditions: [
      ...owner.filters,
      fromOrTo(readAccountId(filter?.accountId, "filter.accountId")),
      ...matching({
        source_account_id: readAccountId(filter?.sourceAccountId, "filter.sourceAccountId"),
        destination_account_id: readAccountId(filter?.destinationAccountId, "filter.destinationAccountId"),
      }),
      ...(filter == null ? [] : readColumns(filter, "filter", filter.asset)),
      filter?.not == null ? undefined : { $not: readNot(filter.not, filter.asset) },
    ],
    /** Not upstream's: it has no such filter. */
    createdFrom: filter?.createdFrom == null ? null : toTime(filter.createdFrom, "filter.createdFrom"),
  };
}

export function fromOrTo(accountId: string | undefined): Filter | undefined {
  if (accountId === undefined) return undefined;
  return { $or: matching({ source_account_id: accountId, destination_account_id: accountId }) };
}

function readAccountId(id: Given<string>, field: string): string | undefined {
  return id == null ? undefined : toKey("Account", id, field);
}

/**
 * Columns that can be null are not among them: in SQL the negation of a comparison with null is not true, so that `not` would
 * drop the rows that have none. `createdFrom` is not upstream's.
 */
const notNegated = [
  "psuId",
  "connectionId",
  "accountId",
  "sourceAccountId",
  "destinationAccountId",
  "createdFrom",
  "not",
] as const satisfies readonly (keyof PaymentFilterInput)[];

function readNot(filter: PaymentFilterInput, outerAsset: Given<string>): Filter {
  const refused = notNegated.find((name) => filter[name] != null);
  if (refused !== undefined) {
    const field = `filter.not.${refused}`;
    throw badUserInput(`\`${field}\` cannot be given: \`not\` does not take \`${refused}\`.`, field);
  }
  const connectorId =
    filter.connectorId == null ? null : toKey("Connector", filter.connectorId, "filter.not.connectorId");
  const negated = allOf([
    ...matching({ connector_id: connectorId }),
    ...readColumns(filter, "filter.not", filter.asset ?? outerAsset),
  ]);
  if (negated === undefined) throw badUserInput("`filter.not` must have a field.", "filter.not");
  return negated;
}

/** @param asset that amounts are of. */
function readColumns(filter: PaymentFilterInput, at: string, asset: Given<string>): readonly Filter[] {
  return [
    ...readValues("type", filter.types, `${at}.types`),
    ...readValues("status", filter.statuses, `${at}.statuses`),
    ...readValues("scheme", filter.schemes, `${at}.schemes`),
    ...matching({ asset: filter.asset, reference: filter.reference }),
    ...readAmounts(filter, at, asset),
    ...matchingMetadata(filter.metadata, `${at}.metadata`),
  ];
}

function readValues(column: string, values: Given<readonly string[]>, field: string): readonly Filter[] {
  const alternatives = anyOfThese(values, field);
  if (alternatives === undefined) return [];
  const other = alternatives.indexOf(otherValue);
  if (other !== -1) {
    const item = `${field}.${other}`;
    throw badUserInput(`\`${item}\` cannot be OTHER_VALUE: that stands for values that no filter can name.`, item);
  }
  return [anyOf(column, [...new Set(alternatives)])];
}

type Amounts = Pick<PaymentFilterInput, "minAmount" | "maxAmount">;

/** Both ways: of some providers (Powens) a debit is negative. */
function readAmounts({ minAmount, maxAmount }: Amounts, at: string, asset: Given<string>): readonly Filter[] {
  const min = checkAmount(minAmount, `${at}.minAmount`, asset);
  const max = checkAmount(maxAmount, `${at}.maxAmount`, asset);
  if (min !== null && max !== null && min > max) {
    throw badUserInput(`\`${at}.minAmount\` must not be more than \`${at}.maxAmount\`.`, `${at}.minAmount`);
  }
  if (min === null) return max === null ? [] : [between(-max, max)];
  if (max === null) return [{ $or: [{ $gte: { amount: String(min) } }, { $lte: { amount: String(-min) } }] }];
  return [{ $or: [between(min, max), between(-max, -min)] }];
}

/** As texts, which the database reads exactly (docs/decisions/0028-payments-that-can-be-found.md). */
function between(min: bigint, max: bigint): Filter {
  return { $and: [{ $gte: { amount: String(min) } }, { $lte: { amount: String(max) } }] };
}

/** An integer stands in a text: JavaScript rounds a large number before it is sent. */
function checkAmount(amount: unknown, field: string, asset: Given<string>): bigint | null {
  if (amount == null) return null;
  if (typeof amount !== "string" || !/^-?\d+$/.test(amount)) {
    throw badUserInput(`\`${field}\` must be an integer in quotes, such as "1000".`, field);
  }
  // Before it is read: that takes long for a text that is.
  if (amount.length > maxDigits) throw badUserInput(`\`${field}\` has ${maxDigits} digits at the most.`, field);
  const value = BigInt(amount);
  if (value < 0n) throw badUserInput(`\`${field}\` must not be negative: amounts have no sign here.`, field);
  if (asset == null || asset.trim() === "") {
    throw badUserInput(`\`${field}\` needs \`asset\` beside it: it is in the asset's minor units.`, field);
  }
  return value;
}
