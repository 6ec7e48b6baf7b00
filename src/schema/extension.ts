/** What a program adds to the graph by `extend`: held to the rules of our own fields, before anything starts. */

import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isObjectType,
} from "graphql";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { costOf } from "./cost.ts";
import type { OwnCosts } from "./elsewhere.ts";

export type Builder = typeof builder;

/** Adds own fields and types to the graph. */
export type Extend = (builder: Builder) => void;

/** What was added breaks a rule; `message` names every field, one a line, and what to write. */
export class InvalidExtensionError extends Error {
  override readonly name = "InvalidExtensionError";
}

/** The fields of the object types of a schema, by their coordinates, as `Account.name`. */
type Fields = ReadonlyMap<string, { readonly type: GraphQLObjectType; readonly field: GraphQLField<unknown, unknown> }>;

/** The graph of this process, once it is known what extends it. */
type Graph = {
  readonly extend: Extend | null;
  /** The fields that it has added. */
  readonly own: ReadonlySet<string>;
  /** Why it cannot be served. */
  readonly error: unknown;
};

let graph: Graph | null = null;

/**
 * Extends the graph, once in a process: types are defined on one builder (docs/decisions/0033-library.md).
 * @param toBuilt the schema as it stands.
 * @returns what to do with each schema that is built from now on.
 * @throws {InvalidExtensionError} when the process has another graph already, or what is added breaks a rule.
 */
export function extendGraph(extend: Extend | null, toBuilt: () => GraphQLSchema): (schema: GraphQLSchema) => void {
  if (graph === null) graph = toGraph(extend, toBuilt);
  if (graph.extend !== extend) {
    throw new InvalidExtensionError(
      "`extend` differs from that of the first gateway in this process: all share one graph, so give each the same function",
    );
  }
  if (graph.error !== null) throw graph.error;
  const { own } = graph;
  return (schema) => countCalls(schema, own);
}

function toGraph(extend: Extend | null, toBuilt: () => GraphQLSchema): Graph {
  if (extend === null) return { extend, own: new Set(), error: null };
  const before = toBuilt();
  try {
    const returned: unknown = extend(builder);
    if (returned instanceof Promise) {
      returned.catch(() => {});
      throw new InvalidExtensionError("`extend` must not be async: read what it needs before");
    }
    const after = toBuilt();
    const known = fieldsOf(before);
    const fields = new Map([...fieldsOf(after)].filter(([name]) => !known.has(name)));
    const types = Object.keys(after.getTypeMap()).filter((name) => before.getType(name) === undefined);
    const problems = [...findTypeProblems(after, types), ...findFieldProblems(after, fields)];
    if (problems.length > 0) throw new InvalidExtensionError(problems.join("\n"));
    return { extend, own: new Set(fields.keys()), error: null };
  } catch (error) {
    return { extend, own: new Set(), error };
  }
}

function fieldsOf(schema: GraphQLSchema): Fields {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !isIntrospectionType(type));
  return new Map(
    (types as GraphQLObjectType[]).flatMap((type) =>
      Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, { type, field }] as const),
    ),
  );
}

function findTypeProblems(schema: GraphQLSchema, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const type = schema.getType(name);
    const isNode =
      (isObjectType(type) || isInterfaceType(type)) && type.getInterfaces().some((one) => one.name === "Node");
    return [
      ...(isOfFederation(name) ? [`${name}: names that begin with _ are Apollo Federation's`] : []),
      ...(isObjectType(type) && ruleOf(type) === undefined
        ? [`${name} has no rule: write authScopes: ownedBy((row) => row.psuId), or who may see all of them`]
        : []),
      ...(isNode ? [`${name} is a node, which own types cannot be: give it a query of its own`] : []),
    ];
  });
}

function findFieldProblems(schema: GraphQLSchema, fields: Fields): readonly string[] {
  return [...fields].flatMap(([name, { type, field }]) => {
    if (type === schema.getSubscriptionType()) {
      return [`${name}: own subscriptions cannot be served; own fields of what ours send can`];
    }
    const isRoot = type === schema.getQueryType() || type === schema.getMutationType();
    const { cost, hasRows } = field.extensions as Partial<OwnCosts>;
    const hasCost = typeof cost === "function";
    const isList = isListType(getNullableType(field.type)) && isCompositeType(getNamedType(field.type));
    return [
      ...(isOfFederation(field.name) ? [`${name}: names that begin with _ are Apollo Federation's`] : []),
      ...(isRoot && ruleOf(field) === undefined
        ? [`${name} has no rule: write authScopes: { read: true }, or who else may call it`]
        : []),
      ...(hasCost || isExposed(field)
        ? []
        : [`${name} has no cost: write extensions: perBatch(loader), perRow(calls) or free()`]),
      ...(isList && hasRows !== true && (hasCost || isExposed(field))
        ? [`${name} is a list without a bound: write rows, as in extensions: free({ rows: 20 })`]
        : []),
    ];
  });
}

const isOfFederation = (name: string) => /^_(?!_)/.test(name);

/** A property of its row, as it is. */
const isExposed = ({ extensions }: GraphQLField<unknown, unknown>) => "pothosExposedField" in extensions;

function ruleOf({ extensions }: { readonly extensions: Readonly<Record<string, unknown>> }): unknown {
  return ((extensions["pothosOptions"] ?? {}) as { readonly authScopes?: unknown }).authScopes;
}

/** What a field declares for each row is charged, whatever its resolver does. */
function countCalls(schema: GraphQLSchema, own: ReadonlySet<string>): void {
  if (own.size === 0) return;
  for (const [name, { field }] of fieldsOf(schema)) {
    const { callsPerRow = 0 } = field.extensions as Partial<OwnCosts>;
    const { resolve } = field;
    if (!own.has(name) || callsPerRow === 0 || costOf(field) === null || resolve == null) continue;
    field.resolve = (parent, args, context, info) => {
      (context as Context).operation.upstreamCalls += callsPerRow;
      return resolve(parent, args, context, info);
    };
  }
}
