/** Arbitrary documents that the schema allows. */

import fc, { type Arbitrary } from "fast-check";
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { Viewer } from "../../../src/auth/viewer.ts";
import { toSchema } from "../../../src/schema/index.ts";
import { allIds, cursors, ids, owners, people } from "./stage.ts";
import { spliced, words } from "./texts.ts";

export const schema = toSchema();

/** Which ids an argument wants, by its name or by what its field leads to. */
function wantedBy(name: string, field: string): string | null {
  const byName: Readonly<Record<string, string>> = {
    psuId: "PaymentServiceUser",
    connectorId: "Connector",
    connectionId: "BankConnection",
    accountId: "Account",
    linkAttemptChanged: "LinkAttempt",
    taskChanged: "Task",
  };
  const type = getNamedType(schema.getQueryType()?.getFields()[field]?.type ?? null);
  const wanted = byName[name] ?? byName[field] ?? type?.name ?? "";
  return wanted in ids ? wanted : null;
}

/** Puts the caller's own ids where a document has a placeholder. */
export function fillIn(document: string, { psuId }: Viewer): string {
  return document.replaceAll(/"own (\w+) (\d+)"/g, (_, type: string, at: string) => {
    const some = ids[type] ?? allIds;
    const own = some.filter((id) => psuId === null || type === "Connector" || owners.get(id) === psuId);
    return JSON.stringify(own[Number(at) % own.length] ?? some[0]);
  });
}

/** The names of the inputs around a literal. */
type Within = readonly string[];

/** Literals of a type, as GraphQL writes them. */
function literal(type: GraphQLInputType, name: string, field: string, within: Within = []): Arbitrary<string> {
  const wanted = getNullableType(type);
  if (isListType(wanted)) {
    const items = fc.array(literal(wanted.ofType, name, field, within), { minLength: 1, maxLength: 3 });
    return items.map((texts) => `[${texts.join(", ")}]`);
  }
  if (isEnumType(wanted)) return fc.constantFrom(...wanted.getValues().map((value) => value.name));
  if (isInputObjectType(wanted)) {
    // An input may hold one of its own kind: three of them are enough.
    const isDeep = within.filter((outer) => outer === wanted.name).length === 2;
    const fields = Object.values(wanted.getFields()).filter(
      (one) => !isDeep || !isInputObjectType(getNamedType(one.type)),
    );
    return given(fields, field, [...within, wanted.name]).map((text) => `{ ${text} }`);
  }
  const written = (texts: Arbitrary<string>) => texts.map((text) => JSON.stringify(text));
  const word = fc.constantFrom(...words);
  if (name === "after") return written(fc.constantFrom(...cursors));
  switch (getNamedType(type).name) {
    case "ID": {
      const kind = wantedBy(name, field);
      const kinds = fc.constantFrom(...(kind === null ? Object.keys(ids) : [kind]));
      return written(
        fc.oneof(
          { weight: 6, arbitrary: fc.tuple(kinds, fc.nat({ max: 9 })).map(([type, at]) => `own ${type} ${at}`) },
          { weight: 4, arbitrary: fc.constantFrom(...(ids[kind ?? ""] ?? allIds)) },
          { weight: 1, arbitrary: fc.constantFrom(...allIds) },
          { weight: 1, arbitrary: spliced },
          { weight: 1, arbitrary: fc.string() },
        ),
      );
    }
    case "Int":
      return fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 1, max: 4 }).map(String) },
        { weight: 1, arbitrary: fc.constantFrom("0", "-1", "100", "101") },
      );
    case "Metadata":
      return fc.constantFrom(...people).map(({ metadata }) => {
        const entries = Object.entries(metadata ?? {}).slice(0, 1);
        return `{ ${entries.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", ")} }`;
      });
    case "Boolean":
      return fc.constantFrom("true", "false");
    case "BigInt":
      return written(fc.constantFrom("0", "1000", "9007199254740993", "-5"));
    case "URL":
      return fc.constant('"https://app.example.com/"');
    case "DateTime":
      return written(fc.constantFrom("2026-01-01T00:00:00Z", "2020-02-02T02:02:02.123456Z", "yesterday"));
    default:
      return written(fc.oneof({ weight: 9, arbitrary: word }, { weight: 1, arbitrary: fc.string() }));
  }
}

/** Arguments, or fields of an input: all that must be there, and some of the rest. */
function given(
  places: readonly (GraphQLArgument | GraphQLInputField)[],
  field: string,
  within: Within = [],
): Arbitrary<string> {
  const texts = places.map((place) => {
    const text = literal(place.type, place.name, field, within).map((value) => `${place.name}: ${value}`);
    if (isNonNullType(place.type) && place.defaultValue === undefined) return text;
    // Most filters and cursors leave nothing to see, and a short page is soon read.
    const [some, none] = place.name === "first" ? [4, 1] : [1, 3];
    return fc.oneof({ weight: none, arbitrary: fc.constant("") }, { weight: some, arbitrary: text });
  });
  return fc.tuple(...texts).map((parts) => parts.filter((part) => part !== "").join(", "));
}

/** One field of a selection, with the way that it is written there. */
type Item = {
  readonly on: string;
  readonly field: string;
  readonly args: string;
  readonly items: readonly Item[];
  readonly wrap: "plain" | "alias" | "inline" | "untyped" | "include" | "fragment";
};

const wraps = fc.oneof(
  { weight: 6, arbitrary: fc.constant("plain" as const) },
  { weight: 4, arbitrary: fc.constantFrom("alias", "inline", "untyped", "include", "fragment") },
) as Arbitrary<Item["wrap"]>;

function item(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, depth: number): Arbitrary<Item> {
  const items = select(field.type, depth - 1);
  return fc.record({
    on: fc.constant(type.name),
    field: fc.constant(field.name),
    args: field.args.length === 0 ? fc.constant("") : given(field.args, field.name),
    items,
    wrap: wraps,
  });
}

/** Some fields of whatever a field answers, to a depth. */
function select(type: GraphQLField<unknown, unknown>["type"], depth: number): Arbitrary<readonly Item[]> {
  const named = getNamedType(type);
  if (isInterfaceType(named)) {
    return fc.subarray([...schema.getPossibleTypes(named)], { minLength: 1, maxLength: 4 }).chain((types) =>
      fc.tuple(...types.map((one) => select(one, depth))).map((all) =>
        // Two nodes of different types may not answer different kinds of values by one name: each field has its own.
        all.flat().map((one): Item => (one.wrap === "fragment" ? one : { ...one, wrap: "inline" })),
      ),
    );
  }
  if (!isObjectType(named)) return fc.constant([]);
  const leads = (field: GraphQLField<unknown, unknown>) => !isLeafType(getNamedType(field.type));
  const fields = Object.values(named.getFields()).filter((field) => !leads(field) || depth > 0);
  const size = { minLength: Math.min(1, fields.length), maxLength: Math.min(4, fields.length) };
  const some = fc.subarray(fields, size);
  return some.chain((chosen) => fc.tuple(...chosen.map((field) => item(named, field, depth))));
}

/** Writes a selection. Within `node` each type's fields go by names of their own. */
function write(items: readonly Item[], fragments: string[], isAbstract: boolean): string {
  if (items.length === 0) return "{ __typename }";
  const texts = items.map(({ on, field, args, items: inner, wrap }, at) => {
    const { type } = (schema.getType(on) as GraphQLObjectType).getFields()[field] ?? {};
    const named = getNamedType(type ?? null);
    const selection = isLeafType(named) ? "" : ` ${write(inner, fragments, isInterfaceType(named))}`;
    const alias = isAbstract ? `${on}_${field}: ` : wrap === "alias" ? `a${at}: ` : "";
    const directive = wrap === "include" ? " @include(if: true)" : "";
    const text = `${alias}${field}${args === "" ? "" : `(${args})`}${directive}${selection}`;
    switch (wrap) {
      case "inline":
        return `... on ${on} { ${text} }`;
      case "untyped":
        return `... { ${text} }`;
      case "fragment": {
        const name = `F${fragments.length}`;
        fragments.push(`fragment ${name} on ${on} { ${text} }`);
        return `...${name}`;
      }
      default:
        return text;
    }
  });
  return `{ ${texts.join(" ")} }`;
}

/** Documents that the schema allows, of queries and some mutations. */
export function documents(): Arbitrary<string> {
  const operation = (type: GraphQLObjectType | null | undefined, most: number, deepest: number) => {
    if (type == null) throw new Error("The schema has no such operation.");
    const fields = fc.array(fc.constantFrom(...Object.values(type.getFields())), { minLength: 1, maxLength: most });
    return fc
      .tuple(fields, fc.integer({ min: 1, max: deepest }))
      .chain(([chosen, depth]) => fc.tuple(...chosen.map((field) => item(type, field, depth))))
      .map((items) => {
        const fragments: string[] = [];
        // A field may come twice.
        const aliased = items.map((one) => write([{ ...one, wrap: "plain" }], fragments, false).slice(2, -2));
        const root = aliased.map((text, at) => `r${at}: ${text}`).join(" ");
        return [`${type.name.toLowerCase()} { ${root} }`, ...fragments].join("\n");
      });
  };
  return fc.oneof(
    { weight: 12, arbitrary: operation(schema.getQueryType(), 3, 5) },
    { weight: 1, arbitrary: operation(schema.getMutationType(), 1, 3) },
  );
}
