/**
 * The filter language of lists: JSON such as `{"$or": [{"$match": {"psu_id": "…"}}, …]}`.
 *
 * The service turns it into SQL, so its faults are SQL's: `$in`, `$like` and `$exists` are read but make statements
 * that the database refuses (500), a malformed UUID is the caller's fault (400), and a comparison with null is neither
 * true nor false.
 */
import { ApiError, internal, invalid } from "../http/api-error.ts";
import { fromIntegerJson, parseJson, toGoType, toJson } from "../http/json.ts";
import type { Column, Columns } from "./columns.ts";

export type Filter =
  | { readonly kind: "all" | "any"; readonly items: readonly Filter[] }
  | { readonly kind: "not"; readonly item: Filter }
  | { readonly kind: "compare"; readonly operator: string; readonly key: string; readonly value: unknown };

export function parseFilter(text: string): Filter | null {
  if (text === "") return null;
  try {
    return toFilter(parseJson(text, fromIntegerJson));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw invalid((error as Error).message);
  }
}

/** A filter from a value that has been read already, as it is inside a cursor. */
export function toFilter(value: unknown): Filter | null {
  if (value === null || value === undefined) return null;
  const members = entries(value);
  return members.length === 0 ? null : toExpression(members);
}

function toExpression(members: readonly [string, unknown][]): Filter {
  const [operator, operand] = single(members, "");
  switch (operator) {
    case "$and":
    case "$or": {
      if (!Array.isArray(operand)) throw invalid(`parsing ${operator}: a list is expected`);
      const items = operand.map((item: unknown) => toExpression(entries(item)));
      return { kind: operator === "$and" ? "all" : "any", items };
    }
    case "$not":
      return { kind: "not", item: toExpression(entries(operand)) };
    case "$match":
    case "$gte":
    case "$lte":
    case "$gt":
    case "$lt":
    case "$exists":
    case "$like":
    case "$in": {
      const [key, value] = single(entries(operand), `parsing ${operator}: `);
      return { kind: "compare", operator, key, value };
    }
    default:
      throw invalid(`unexpected operator ${operator}`);
  }
}

function entries(value: unknown): readonly [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid(`unexpected type ${toGoType(value)}`);
  return Object.entries(value);
}

function single(members: readonly [string, unknown][], where: string): [string, unknown] {
  const [first] = members;
  if (first === undefined) throw invalid(`${where}expected single key, found none`);
  // As the service spells it.
  if (members.length > 1) throw invalid(`${where}expected single key, found more then one`);
  return first;
}

/** The filter as JSON again: what a cursor carries. */
export function toValue(filter: Filter): unknown {
  switch (filter.kind) {
    case "compare":
      return { [filter.operator]: { [filter.key]: filter.value } };
    case "not":
      return { $not: toValue(filter.item) };
    default:
      return { [filter.kind === "all" ? "$and" : "$or"]: filter.items.map(toValue) };
  }
}

/** True, false, or SQL's null. */
type Truth = boolean | null;
type Test<Row> = (row: Row) => Truth;

/** A test of rows. Throws the service's error when the filter cannot become working SQL. */
export function toTest<Row>(filter: Filter | null, columns: Columns<Row>): (row: Row) => boolean {
  if (filter === null) return () => true;
  const refused: ApiError[] = [];
  const test = build(filter, columns, refused);
  // The keys of the whole filter are checked before the database sees it.
  const [first] = refused;
  if (first !== undefined) throw first;
  return (row) => test(row) === true;
}

function build<Row>(filter: Filter, columns: Columns<Row>, refused: ApiError[]): Test<Row> {
  switch (filter.kind) {
    case "not": {
      const test = build(filter.item, columns, refused);
      return (row) => negate(test(row));
    }
    case "all": {
      const tests = filter.items.map((item) => build(item, columns, refused));
      return (row) => negate(anyOf(tests, (test) => negate(test(row))));
    }
    case "any": {
      // An empty list is "1 = 1" for both.
      if (filter.items.length === 0) return () => true;
      const keys = sameKey(filter.items);
      if (keys !== null) return oneOf(keys, columns, refused);
      const tests = filter.items.map((item) => build(item, columns, refused));
      return (row) => anyOf(tests, (test) => test(row));
    }
    case "compare":
      return compare(filter, columns, refused);
  }
}

const negate = (truth: Truth): Truth => (truth === null ? null : !truth);

function anyOf<Item>(items: readonly Item[], test: (item: Item) => Truth): Truth {
  let unknown = false;
  for (const item of items) {
    const truth = test(item);
    if (truth === true) return true;
    if (truth === null) unknown = true;
  }
  return unknown ? null : false;
}

type Comparison = Extract<Filter, { kind: "compare" }>;

/** The comparisons of an `$or` when they are many plain matches of one key: the batching case, worth a set. */
function sameKey(items: readonly Filter[]): readonly Comparison[] | null {
  const matches = items.filter(
    (item): item is Comparison =>
      item.kind === "compare" && item.operator === "$match" && typeof item.value === "string",
  );
  const key = matches[0]?.key;
  return matches.length > 3 && matches.length === items.length && matches.every((item) => item.key === key)
    ? matches
    : null;
}

function oneOf<Row>(matches: readonly Comparison[], columns: Columns<Row>, refused: ApiError[]): Test<Row> {
  const tests = matches.map((match) => compare(match, columns, refused));
  const column = columns.named[matches[0]?.key ?? ""];
  if (column === undefined || column.type === "integer" || column.normalize !== undefined) {
    return (row) => anyOf(tests, (test) => test(row));
  }
  const wanted = new Set(matches.map((match) => String(match.value)));
  return (row) => {
    const value = column.read(row);
    return value === null ? null : wanted.has(String(value));
  };
}

function compare<Row>({ operator, key, value }: Comparison, columns: Columns<Row>, refused: ApiError[]): Test<Row> {
  const column = Object.hasOwn(columns.named, key) ? columns.named[key] : undefined;
  if (column === undefined) return compareMetadata({ operator, key, value }, columns);
  if (column.takes === "match" && operator !== "$match") {
    throw invalid(`'${key}' column can only be used with $match`);
  }
  const wanted = column.normalize === undefined ? value : column.normalize(value);
  if (operator === "$in" || operator === "$like" || operator === "$exists") {
    refused.push(internal());
    return () => null;
  }
  if (wanted === null) return () => null;
  const comparable = toComparable(column, wanted);
  if (comparable instanceof ApiError) {
    refused.push(comparable);
    return () => null;
  }
  return (row) => {
    const actual = column.read(row);
    if (actual === null) return null;
    switch (operator) {
      case "$gte":
        return actual >= comparable;
      case "$gt":
        return actual > comparable;
      case "$lte":
        return actual <= comparable;
      case "$lt":
        return actual < comparable;
      default:
        return actual === comparable;
    }
  };
}

/** The value in the column's own type, or the error that the service makes of the database's refusal. */
function toComparable<Row>(column: Column<Row>, value: unknown): string | bigint | ApiError {
  if (column.type === "integer") {
    if (typeof value === "bigint") return value;
    if (typeof value !== "string") return internal();
    return /^\s*-?\d+\s*$/.test(value) ? BigInt(value) : invalid(`invalid input syntax for type numeric: "${value}"`);
  }
  // A number is written into the SQL as text, a list as JSON.
  const text = typeof value === "bigint" ? String(value) : Array.isArray(value) ? toJson(value) : value;
  if (typeof text !== "string") return internal();
  if (column.type === "text") return text;
  const dense = text.replaceAll("-", "").toLowerCase();
  if (!/^[\da-f]{32}$/.test(dense)) return invalid(`invalid input syntax for type uuid: "${text}"`);
  return [0, 8, 12, 16, 20].map((from, at, all) => dense.slice(from, all[at + 1] ?? 32)).join("-");
}

function compareMetadata<Row>({ operator, key, value }: Omit<Comparison, "kind">, columns: Columns<Row>): Test<Row> {
  const name = /metadata\[(.+)\]/.exec(key)?.[1];
  const { metadata } = columns;
  if (name === undefined || metadata === undefined) throw invalid(`unknown key '${key}' when building query`);
  if (operator !== "$match") throw invalid("'metadata' column can only be used with $match");
  return (row) => {
    const map = metadata(row);
    return map === null ? false : Object.hasOwn(map, name) && map[name] === value;
  };
}
