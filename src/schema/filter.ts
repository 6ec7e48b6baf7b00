/** Filters in the language of the upstream API, and which rows a viewer may see. */

import type { Viewer } from "../auth/viewer.ts";
import { UpstreamError } from "../upstream/errors.ts";
import type { Filter, Page } from "../upstream/wire-types.ts";
import { parseCompositeKey, toKey } from "./global-id.ts";
import { checkInput, metadata as metadataShape } from "./input.ts";

/** Whether the viewer may see what belongs to this PSU. What belongs to none is for operators. */
export function maySee(viewer: Viewer, psuId: string | null): boolean {
  return viewer.psuId === null || viewer.psuId === psuId;
}

/** `key` has one of these values. */
export function anyOf(key: string, values: readonly string[]): Filter {
  const matches = values.map((value): Filter => ({ $match: { [key]: value } }));
  const [only, ...more] = matches;
  return only !== undefined && more.length === 0 ? only : { $or: matches };
}

/** All of these hold; `undefined` when there are none. */
export function allOf(filters: readonly (Filter | undefined)[]): Filter | undefined {
  const given = filters.filter((filter) => filter !== undefined);
  return given.length > 1 ? { $and: given } : given[0];
}

/** Each given column has the given value. */
export function matching(columns: Readonly<Record<string, string | null | undefined>>): Filter[] {
  return Object.entries(columns).flatMap(([key, value]) => (value == null ? [] : [{ $match: { [key]: value } }]));
}

/** Every given entry is among the row's metadata. */
export function matchingMetadata(metadata: unknown, at = "filter.metadata"): readonly Filter[] {
  if (metadata == null) return [];
  const entries = Object.entries(checkInput(metadataShape, metadata, at));
  return entries.map(([key, value]) => ({ $match: { [`metadata[${key}]`]: value } }));
}

/**
 * Throws unless all rows are of the ids that the filter names. A proxy that drops the body of a GET drops the filter with
 * it, and the service then returns the rows of all PSUs.
 */
export function rowsOf<Row extends object>(filter: Filter | undefined, page: Page<Row>): Page<Row> {
  if (filter === undefined) return page;
  const test = toTest(filter);
  if (page.data.some((row) => test(row as Columns) === false)) {
    throw new UpstreamError("malformed", "the list holds rows that its filter excludes");
  }
  return page;
}

type Columns = Readonly<Record<string, unknown>>;

/** The members that hold the ids by which lists are filtered. The service compares other columns in ways of its own. */
const memberOf: ReadonlyMap<string, string> = new Map([
  ["id", "id"],
  ["psu_id", "psuID"],
  ["connector_id", "connectorID"],
  ["open_banking_connection_id", "openBankingConnectionID"],
  ["source_account_id", "sourceAccountID"],
  ["destination_account_id", "destinationAccountID"],
]);

/** `null`: that cannot be said here. It stays so when it is negated. */
function toTest(filter: Filter): (row: Columns) => boolean | null {
  if ("$and" in filter) {
    const tests = filter.$and.map(toTest);
    return (row) => combine(tests, row, false);
  }
  if ("$or" in filter) {
    const oneOf = toMembership(filter.$or);
    if (oneOf !== null) return oneOf;
    const tests = filter.$or.map(toTest);
    return (row) => combine(tests, row, true);
  }
  if ("$not" in filter) {
    const test = toTest(filter.$not);
    return (row) => negate(test(row));
  }
  if (!("$match" in filter)) return () => null;
  const [[column = "", value] = []] = Object.entries(filter.$match);
  const member = memberOf.get(column);
  return member === undefined ? () => null : (row) => row[member] === value;
}

/** Of a list of values of one column, which may be long: compared one by one, each row would be compared with each. */
function toMembership(filters: readonly Filter[]): ((row: Columns) => boolean) | null {
  let member: string | undefined;
  const values = new Set<unknown>();
  for (const filter of filters) {
    if (!("$match" in filter)) return null;
    const [column = "", ...others] = Object.keys(filter.$match);
    const own = memberOf.get(column);
    if (own === undefined || others.length > 0 || (member ?? own) !== own) return null;
    member = own;
    values.add(filter.$match[column]);
  }
  const name = member;
  return name === undefined ? null : (row) => values.has(row[name]);
}

/** `decisive`, if one of them is: `false` among an `$and`, `true` among an `$or`. */
function combine(tests: readonly ((row: Columns) => boolean | null)[], row: Columns, decisive: boolean) {
  let isUnknown = false;
  for (const test of tests) {
    const result = test(row);
    if (result === decisive) return decisive;
    if (result === null) isUnknown = true;
  }
  return isUnknown ? null : !decisive;
}

const negate = (result: boolean | null) => (result === null ? null : !result);

/** The rows that the viewer may see, chosen by the service and not by dropping rows afterwards. */
export function within(viewer: Viewer, filter: Filter | undefined): Filter | undefined {
  return viewer.psuId === null ? filter : allOf([{ $match: { psu_id: viewer.psuId } }, filter]);
}

type OwnerFilter = {
  readonly psuId?: string | null | undefined;
  readonly connectorId?: string | null | undefined;
  readonly connectionId?: string | null | undefined;
};

/** The conditions on the owner of accounts or payments, and the PSUs that they name. */
export function toOwner(filter: OwnerFilter | null | undefined) {
  const psuId = filter?.psuId == null ? null : toKey("PaymentServiceUser", filter.psuId, "filter.psuId");
  const connectorId = filter?.connectorId == null ? null : toKey("Connector", filter.connectorId, "filter.connectorId");
  const connection =
    filter?.connectionId == null
      ? null
      : parseCompositeKey(toKey("BankConnection", filter.connectionId, "filter.connectionId"));
  return {
    psuIds: [psuId, connection?.psuId].filter((id) => id != null),
    filters: [
      ...matching({ psu_id: psuId, connector_id: connectorId }),
      ...matching({
        psu_id: connection?.psuId,
        connector_id: connection?.connectorId,
        open_banking_connection_id: connection?.ownId,
      }),
    ],
  };
}
