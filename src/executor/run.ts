/** What all fields of one execution share. */
import {
  type FieldNode,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  locatedError,
  responsePathAsArray,
} from "graphql";
import { isAboutDocument } from "./about-document.ts";
import type { Variables } from "./collect-fields.ts";

export type Path = GraphQLResolveInfo["path"];

/** One execution. */
export type Run = {
  readonly plan: Plan;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  readonly variables: Variables;
  readonly errors: ErrorCollector;
};

/** An operation whose condition variables are known: only arguments still depend on variables. */
export type Plan = Pick<GraphQLResolveInfo, "schema" | "operation" | "fragments"> & {
  /** What a field selects of its value, once the type of that is known. */
  below(field: Field, type: GraphQLObjectType): Fields;
};

/** The fields of one object type, and an object that has their keys in order, each with null. */
export type Fields = { readonly all: readonly Field[]; readonly template: Readonly<Record<string, unknown>> | null };

/** All that is needed to execute one response key of one type. */
export type Field = {
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly name: string;
  readonly type: GraphQLOutputType;
  readonly isNonNull: boolean;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  /** Its value has no fields: only an error needs its path. */
  readonly isLeaf: boolean;
  /** Its resolver has a fourth parameter. */
  readonly takesInfo: boolean;
  readonly toArgs: (variables: Variables) => Record<string, unknown>;
  readonly complete: Complete;
  readonly below: Map<GraphQLObjectType, Fields>;
};

/**
 * Makes a resolver's value part of the result. A value that does not fit its type is a fault of the server: an error
 * that, unlike graphql-js's, does not quote the value.
 */
export type Complete = (run: Run, field: Field, info: GraphQLResolveInfo, path: Path, value: unknown) => unknown;

/** The errors of one execution, but for those below a path that is null already. */
export class ErrorCollector {
  readonly all: GraphQLError[] = [];
  readonly #nulled = new Set<Path | undefined>();

  add(error: GraphQLError, path: Path | undefined): void {
    for (let at = path; at !== undefined; at = at.prev) if (this.#nulled.has(at)) return;
    if (this.#nulled.has(undefined)) return;
    this.#nulled.add(path);
    this.all.push(error);
  }
}

/**
 * The null that stands for an error.
 * @throws the error with its path where null is not allowed, so that its parent becomes null.
 */
export function handleError(run: Run, { nodes }: Field, path: Path, isNonNull: boolean, error: unknown): null {
  const located = locate(error, nodes, path);
  if (isNonNull) throw located;
  run.errors.add(located, path);
  return null;
}

/** Those with the path of one of our fields. */
const ownLocated = new WeakSet<GraphQLError>();

function locate(error: unknown, nodes: readonly FieldNode[], path: Path): GraphQLError {
  if (error instanceof GraphQLError && ownLocated.has(error)) return error;
  const at = responsePathAsArray(path);
  const located = isOfOther(error)
    ? new GraphQLError(error.message, { nodes, path: at, originalError: error })
    : locatedError(error, nodes, at);
  ownLocated.add(located);
  return located;
}

/** With a place in another document, as that of another service: graphql-js would show it as if it were in this one. */
function isOfOther(error: unknown): error is GraphQLError {
  if (!(error instanceof GraphQLError) || isAboutDocument(error)) return false;
  return error.path !== undefined || error.nodes !== undefined;
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && typeof (value as Promise<unknown>).then === "function";
}
