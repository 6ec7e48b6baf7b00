/** Requests for one field, with the values of the other PSU in its arguments. */

import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isInputObjectType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { ClientError } from "../../support/helpers.ts";
import {
  asGiven,
  connector,
  givenRules,
  isId,
  isOpen,
  namesIn,
  rootTypes,
  ruleOf,
  schema,
  typeNameOf,
} from "./rules.ts";
import {
  foreign,
  foreignCursors,
  foreignIds,
  leavesOf,
  longMarkers,
  markers,
  nodeId,
  own,
  scene,
  select,
  splicedIds,
  textsAt,
} from "./scene.ts";

/** The other's values of a field. */
function idsAt(name: string): string[] {
  return textsAt(foreign, name);
}

type Field = GraphQLField<unknown, unknown>;

const isNodeId = (id: string) => /^(?!Node$)\w+$/.test(typeNameOf(id)) && schema.getType(typeNameOf(id)) !== undefined;

/**
 * The other's values in an answer. What the request itself has sent may come back in the words of an error, but not as
 * data.
 */
export function foreignIn(
  answer: { readonly data: unknown; readonly errors: readonly ClientError[] },
  sent: unknown = null,
) {
  let errors = JSON.stringify(answer.errors);
  for (const text of leavesOf(sent)) errors = errors.replaceAll(text, "");
  const shown = JSON.stringify(answer.data);
  return [
    ...leavesOf([answer.data, JSON.parse(errors)]).filter((leaf) => markers.has(leaf)),
    ...longMarkers.filter((text) => shown.includes(text) || errors.includes(text)),
  ];
}

/** A place for a value: an argument, or a field of an input below one. */
type Given = { readonly path: readonly string[]; readonly rule: string; readonly type: GraphQLInputType };

export function givensOf(
  at: string,
  given: readonly (GraphQLArgument | GraphQLInputField)[],
  within: readonly string[] = [],
): readonly Given[] {
  return given.flatMap(({ name, type }): readonly Given[] => {
    const input = getNamedType(type);
    if (!isInputObjectType(input)) return [{ path: [name], rule: givenRules[at]?.[name] ?? "", type }];
    // An input inside one of its own kind is met once.
    if (within.filter((outer) => outer === input.name).length > 1) return [];
    const inner = givensOf(input.name, Object.values(input.getFields()), [...within, input.name]);
    return inner.map((one) => ({ ...one, path: [name, ...one.path] }));
  });
}

export const takesId = ({ type }: Given) => isId(type);
export const choosesPerson = ({ rule }: Given) => rule.includes(".") && !isOpen(rule);

/** The other's values for a place; every id of theirs where an id goes. */
export function foreignValues(given: Given): readonly unknown[] {
  if (given.rule === "cursor") return foreignCursors;
  if (given.rule === "key") return idsAt("LinkAttempt.attemptId");
  if (!given.rule.includes(".")) return [];
  // Two of a kind are enough: they differ in nothing but their place in a list.
  const fitting = namesIn(given.rule).flatMap((name) => {
    return takesId(given) && isOpen(name) ? [] : (foreign.values.get(name) ?? []).slice(0, 2);
  });
  if (!takesId(given)) return fitting;
  const fittingSplices = splicedIds.filter((id) => namesIn(given.rule).some((kind) => isOf(kind, id)));
  return [...new Set([...foreignIds, ...fitting, ...fittingSplices])].map((id) => asGiven(given.type, id));
}

const asListed = (type: GraphQLInputType, value: unknown) => (isListType(getNullableType(type)) ? [value] : value);

/** The viewer's own value for a place. */
function ownValue(rule: string, type: GraphQLInputType): unknown {
  const [value] = namesIn(rule).flatMap((name) => own.values.get(name) ?? []);
  if (rule === connector) return scene.connectorId;
  if (value !== undefined) return asListed(type, asGiven(type, value));
  return getNamedType(type).name === "URL" ? "https://app.example.com/" : "some text";
}

/** Arguments with a value at `path` and the viewer's own wherever one must stand; with `all`, wherever an id can. */
export function fill(
  at: string,
  given: readonly (GraphQLArgument | GraphQLInputField)[],
  [head, ...rest]: readonly string[],
  value: unknown,
  all = false,
): Record<string, unknown> {
  const entries = given.flatMap((place): [string, unknown][] => {
    const { name, type } = place;
    const input = getNamedType(type);
    // Plaid wants the name of the application, which is no more than a word.
    const isRequired = (isNonNullType(type) && place.defaultValue === undefined) || name === "applicationName";
    if (isInputObjectType(input)) {
      if (name !== head && !isRequired) return [];
      const inner = fill(input.name, Object.values(input.getFields()), name === head ? rest : [], value, all);
      return [[name, inner]];
    }
    if (name === head) return [[name, asListed(type, value)]];
    // One of two numbers is required.
    if (name === "accountNumber") return [[name, "12345"]];
    if (!isRequired && !(all && input.name === "ID")) return [];
    return [[name, ownValue(givenRules[at]?.[name] ?? "", type)]];
  });
  return Object.fromEntries(entries);
}

/** A document that selects one field with its arguments as variables, at the root or of an object of the viewer's. */
export function toDocument(type: GraphQLObjectType, field: Field, sent: unknown): string {
  const passed = field.args.map(({ name }) => `${name}: $${name}`).join(", ");
  const declared = field.args.map((argument) => `$${argument.name}: ${argument.type}`).join(", ");
  const abstract = getNamedType(field.type);
  const isPossible = (name: string) =>
    isAbstractType(abstract) && schema.getPossibleTypes(abstract).some((type) => type.name === name);
  const [named = "Account"] = leavesOf(sent).filter(isNodeId).map(typeNameOf).filter(isPossible);
  const selection = isAbstractType(abstract)
    ? `{ __typename ... on ${named} ${select(schema.getType(named) as GraphQLObjectType, 0)} }`
    : select(field.type, 1);
  const selected = `${field.name}(${passed}) ${selection}`;
  if (!rootTypes.includes(type)) {
    const [id] = own.values.get(`${type.name}.id`) ?? [];
    return `query(${declared}) { ${nodeId(String(id))} { ... on ${type.name} { ${selected} } } }`;
  }
  const operation = type.name.toLowerCase();
  return declared === "" ? `${operation} { ${field.name} ${selection} }` : `${operation}(${declared}) { ${selected} }`;
}

/** Whether a field answered with nothing: null, an empty list or an empty page, wherever it stands. */
export function isNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.every(isNothing);
  if (typeof value !== "object") return false;
  const { edges, nodes, pageInfo, __typename, ...rest } = value as Record<string, unknown>;
  if (edges !== undefined) return isNothing(edges) && isNothing(nodes);
  return Object.values(rest).every(isNothing) && pageInfo === undefined && __typename === undefined;
}

export const codesOf = (errors: readonly ClientError[]) => errors.map(({ extensions }) => extensions.code);

/** Every field of these types that takes arguments, by name. */
export function fieldsOf(types: readonly (GraphQLObjectType | null | undefined)[]) {
  return types.flatMap((type) =>
    Object.values(type?.getFields() ?? {}).flatMap((field) => {
      const name = `${type?.name}.${field.name}`;
      return type && field.args.length > 0 ? [{ name, type, field, rule: ruleOf(type.name, field.name) }] : [];
    }),
  );
}

export const objectTypes = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !isIntrospectionType(type),
);

/** Whether a value can be one that this field answers. */
export function isOf(coordinate: string, value: string): boolean {
  const [type = "", field = ""] = coordinate.split(".");
  return field === "id" ? typeNameOf(value) === type : idsAt(coordinate).includes(value.toLowerCase());
}
