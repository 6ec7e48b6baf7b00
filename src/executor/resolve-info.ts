/** The fourth argument of resolvers. */
import type { GraphQLResolveInfo } from "graphql";
import type { Field, Path, Run } from "./run.ts";

/** It is its own path, and looks up the rest when it is read: there is one for each field of each object. */
export class ResolveInfo implements GraphQLResolveInfo {
  readonly #run: Run;
  readonly #field: Field;
  readonly prev: Path | undefined;
  readonly key: string;

  constructor(run: Run, field: Field, prev: Path | undefined) {
    this.#run = run;
    this.#field = field;
    this.prev = prev;
    this.key = field.key;
  }
  get typename() {
    return this.#field.parentType.name;
  }
  get path(): Path {
    return this;
  }
  get fieldName() {
    return this.#field.name;
  }
  get fieldNodes() {
    return this.#field.nodes;
  }
  get returnType() {
    return this.#field.type;
  }
  get parentType() {
    return this.#field.parentType;
  }
  get schema() {
    return this.#run.plan.schema;
  }
  get fragments() {
    return this.#run.plan.fragments;
  }
  get rootValue() {
    return this.#run.rootValue;
  }
  get operation() {
    return this.#run.plan.operation;
  }
  get variableValues() {
    return this.#run.variables as Record<string, unknown>;
  }
}
