/** What a program adds to the graph by `extend`: held to the rules of our own fields, before anything starts. */

import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  isScalarType,
} from "graphql";
import { isPromise } from "../executor/run.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { type OwnCosts, untilDeadline } from "./elsewhere.ts";
import { isRule, scopeNames } from "./plugins/authorization.ts";

export type Builder = typeof builder;

/** Adds own fields and types to the graph. */
export type Extend = (builder: Builder) => void;

/** What was added breaks a rule; `message` names every field, one a line, and what to write. */
export class InvalidExtensionError extends Error {
  override readonly name = "InvalidExtensionError";
}

/** Fields of object types by their coordinates, as `Account.name`. */
type Fields = ReadonlyMap<string, { readonly type: GraphQLObjectType; readonly field: GraphQLField<unknown, unknown> }>;

/** What was added, by name: whole types, and fields of any type. Fields are known once a schema was built. */
type Own = { readonly types: ReadonlySet<string>; readonly fields: ReadonlySet<string> };

/** The graph of this process, once it is known what extends it. */
type Graph = {
  readonly extend: Extend | null;
  readonly own: Own;
  /** Its types and their fields, by number. */
  readonly size: number;
  /** Why it cannot be served. */
  readonly error: unknown;
};

let graph: Graph | null = null;

/**
 * Extends the graph, once in a process: types are defined on one builder (docs/decisions/0033-library.md).
 * @param build the schema as it stands.
 * @returns what to do with each schema that is built from now on.
 * @throws {InvalidExtensionError} when the process has another graph already, or what is added breaks a rule.
 */
export function extendGraph(extend: Extend | null, build: () => GraphQLSchema): (schema: GraphQLSchema) => void {
  graph ??= toGraph(extend, build);
  if (graph.extend !== extend) {
    throw new InvalidExtensionError(
      "`extend` differs from that of the first gateway in this process: all share one graph, so give each the same function",
    );
  }
  if (graph.error !== null) throw graph.error;
  const { own, size } = graph;
  return (schema) => {
    if (extend !== null && sizeOf(schema) !== size) {
      throw new InvalidExtensionError(
        "the builder was used after `extend` had returned: nothing has checked what that added",
      );
    }
    for (const field of fieldsOf(schema, own)) holdToCosts(field);
    for (const name of own.types) holdToJson(schema.getType(name));
  };
}

function sizeOf(schema: GraphQLSchema): number {
  const types = Object.values(schema.getTypeMap());
  return types.reduce((sum, type) => sum + 1 + (isObjectType(type) ? Object.keys(type.getFields()).length : 0), 0);
}

function toGraph(extend: Extend | null, build: () => GraphQLSchema): Graph {
  const types = new Set<string>();
  const fields = new Set<string>();
  const own: Own = { types, fields };
  if (extend === null) return { extend, own, size: 0, error: null };
  try {
    const schema = recordOwn(types, fields, () => {
      const returned: unknown = extend(builder);
      if (returned instanceof Promise) {
        returned.catch(() => {});
        throw new InvalidExtensionError("`extend` must not be async: read what it needs before");
      }
      return build();
    });
    const problems = [...findTypeProblems(schema, types), ...findFieldProblems(schema, fieldsOf(schema, own))];
    if (problems.length > 0) throw new InvalidExtensionError(problems.join("\n"));
    return { extend, own, size: sizeOf(schema), error: null };
  } catch (error) {
    return { extend, own, size: 0, error };
  }
}

/** The one type of ours that Pothos makes with the first schema. */
const madeWithSchema = "PageInfo";

/**
 * Pothos calls the functions that make fields when it builds the first schema: their names are known then, and they may
 * make types.
 * @param define calls `extend`, and builds the first schema.
 */
function recordOwn(types: Set<string>, fields: Set<string>, define: () => GraphQLSchema): GraphQLSchema {
  const store = builder.configStore;
  const { addFields, addTypeRef } = store;
  store.addTypeRef = (ref) => {
    if (ref.name !== madeWithSchema) types.add(ref.name);
    Reflect.apply(addTypeRef, store, [ref]);
  };
  store.addFields = (type, toFields) =>
    addFields.call(store, type, () => {
      const made = toFields();
      for (const name of Object.keys(made)) fields.add(`${store.getTypeConfig(type).name}.${name}`);
      return made;
    });
  try {
    return define();
  } finally {
    Object.assign(store, { addFields, addTypeRef });
  }
}

function fieldsOf(schema: GraphQLSchema, { types, fields }: Own): Fields {
  if (types.size === 0 && fields.size === 0) return new Map();
  const objects = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type));
  return new Map(
    objects.flatMap((type) => {
      const owners = [type, ...type.getInterfaces()].map(({ name }) => name);
      return Object.values(type.getFields())
        .filter(({ name }) => types.has(type.name) || owners.some((owner) => fields.has(`${owner}.${name}`)))
        .map((field) => [`${type.name}.${field.name}`, { type, field }] as const);
    }),
  );
}

function findTypeProblems(schema: GraphQLSchema, names: ReadonlySet<string>): readonly string[] {
  return [...names].flatMap((name) => {
    const type = schema.getType(name);
    const isNode =
      (isObjectType(type) || isInterfaceType(type)) && type.getInterfaces().some((one) => one.name === "Node");
    return [
      ...(isOfFederation(name) ? [`${name}: names that begin with _ are Apollo Federation's`] : []),
      ...(isObjectType(type) && ruleOf(type) === undefined
        ? [`${name} has no rule: write authScopes: ownedBy((row) => row.psuId), or who may see all of them`]
        : []),
      ...(isObjectType(type) && typeof ruleOf(type) !== "function" ? findRuleProblems(name, ruleOf(type)) : []),
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
    const { cost, rows = null } = field.extensions as Partial<OwnCosts>;
    const hasCost = typeof cost === "function";
    const isList = isListType(getNullableType(field.type)) && isCompositeType(getNamedType(field.type));
    return [
      ...(isOfFederation(field.name) ? [`${name}: names that begin with _ are Apollo Federation's`] : []),
      ...(isRoot && ruleOf(field) === undefined
        ? [`${name} has no rule: write authScopes: { read: true }, or who else may call it`]
        : []),
      ...findRuleProblems(name, ruleOf(field)),
      ...(hasCost || isExposed(field)
        ? []
        : [`${name} has no cost: write extensions: perBatch(loader), perRow(calls) or free()`]),
      ...(isList && rows === null && (hasCost || isExposed(field))
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

/** With a value that is not `true` it would say something else than it does. */
function findRuleProblems(name: string, rule: unknown): readonly string[] {
  if (rule === undefined || isRule(rule)) return [];
  return [`${name} has a rule that is none: write { read: true }, or another of ${scopeNames.join(", ")}`];
}

/** What a field declares is charged, and holds, whatever its resolver does; and it ends with the operation's time. */
function holdToCosts([name, { field }]: readonly [string, { readonly field: GraphQLField<unknown, unknown> }]): void {
  const { callsPerRow = 0, rows = null } = field.extensions as Partial<OwnCosts>;
  const { resolve } = field;
  if (resolve == null || (isExposed(field) && rows === null)) return;
  const checkRows = (value: unknown) => {
    if (rows === null || !Array.isArray(value) || value.length <= rows) return value;
    throw new Error(`${name} has more rows than it declares`);
  };
  field.resolve = (parent, args, context, info) => {
    const own = context as Context;
    own.operation.upstreamCalls += callsPerRow;
    const value: unknown = resolve(parent, args, context, info);
    return isPromise(value) ? untilDeadline(own, Promise.resolve(value)).then(checkRows) : checkRows(value);
  };
}

/** What an own scalar writes: one value that is no JSON would fail the whole answer, or be left out of it. */
function holdToJson(type: unknown): void {
  if (!isScalarType(type)) return;
  const { serialize } = type;
  type.serialize = (value) => {
    const written: unknown = serialize(value);
    if (written != null && JSON.stringify(written) === undefined) throw new TypeError(`${type.name} is no JSON`);
    return written;
  };
}
