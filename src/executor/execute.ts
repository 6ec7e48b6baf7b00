/**
 * Executes operations as the specification says and graphql-js does, error by error, only faster: what depends on the
 * operation alone is worked out once and kept. Parsing, validation and the coercion of variables, arguments and leaves
 * are graphql-js's. An `Execution` can be given to graphql-js's `execute` and `subscribe` as it is: to go back to them,
 * import these two from "graphql".
 */
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from "graphql";
import { markAboutDocument } from "./about-document.ts";
import { coalesce } from "./coalesce.ts";
import type { Variables } from "./collect-fields.ts";
import { executeFields, executeFieldsSerially } from "./execute-fields.ts";
import { planOf } from "./plan.ts";
import { ErrorCollector, isPromise, type Run } from "./run.ts";
import { sizeOfValue } from "./size-of-value.ts";

export type Execution = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null | undefined;
  /** As the client gave them. */
  readonly variableValues: Variables;
  readonly contextValue: unknown;
};

export type SubscriptionExecution = Execution & {
  /**
   * Messages of one document that come at the same moment and have the same key are executed once: it must hold all that
   * a resolver may look at. `null`: the message is executed alone.
   */
  readonly coalesceBy: (message: unknown) => string | null;
};

type Result = ExecutionResult<Record<string, unknown>>;

/** A query or a mutation. Never throws, never rejects. */
export function execute(execution: Execution): Result | Promise<Result> {
  const variables = coerceVariables(execution);
  return Array.isArray(variables) ? { errors: variables } : run(execution, variables as Variables, undefined);
}

/**
 * A stream of results, one for each message; or errors, where the stream cannot be opened.
 * @param toStream makes a subclass that sees the results on their way.
 */
export async function subscribe(
  execution: SubscriptionExecution,
  toStream: (parts: StreamParts) => ResponseStream = (parts) => new ResponseStream(parts),
): Promise<Result | ResponseStream> {
  const variables = coerceVariables(execution);
  if (Array.isArray(variables)) return { errors: variables };
  const type = execution.schema.getSubscriptionType();
  // graphql-js would throw a TypeError where `@skip` or `@include` leave no field.
  if (type != null && planOf(execution, variables as Variables).rootOf(type).all.length === 0)
    return { errors: [new GraphQLError("A subscription must ask for a field that is not skipped.")] };
  const source = await createSourceEventStream(execution);
  if (!(Symbol.asyncIterator in source)) {
    for (const { originalError } of source.errors ?? []) {
      if (originalError instanceof GraphQLError && originalError.nodes !== undefined) markAboutDocument(originalError);
    }
    return source as Result;
  }
  return toStream({ execution, variables: variables as Variables, source: source[Symbol.asyncIterator]() });
}

export type StreamParts = {
  readonly execution: SubscriptionExecution;
  readonly variables: Variables;
  readonly source: AsyncIterator<unknown>;
};

/** A class, and no promise more than it takes: there are thousands at once. */
export class ResponseStream implements AsyncIterableIterator<Result> {
  readonly #execution: SubscriptionExecution;
  readonly #variables: Variables;
  readonly #source: AsyncIterator<unknown>;
  #isEnded = false;

  constructor({ execution, variables, source }: StreamParts) {
    this.#execution = execution;
    this.#variables = variables;
    this.#source = source;
  }

  /** @returns what is sent in place of the result. */
  protected onResult(result: Result): Result {
    return result;
  }

  /** @returns what is sent when a message cannot be had or executed; by default it is thrown. */
  protected onError(error: unknown): IteratorResult<Result> {
    throw error;
  }

  /** Called once, however the stream ends. */
  protected onEnd(): void {}

  next(): Promise<IteratorResult<Result>> {
    return this.#source.next().then(
      (item) => {
        if (item.done !== true) return this.#execute(item.value);
        this.#end();
        return item;
      },
      (error) => this.#fail(error),
    );
  }

  async #execute(message: unknown): Promise<IteratorResult<Result>> {
    try {
      const key = this.#execution.coalesceBy(message);
      const toResult = () => run(this.#execution, this.#variables, message);
      const result = await coalesce(this.#execution.document, key, toResult);
      return { done: false, value: this.onResult(result) };
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(error: unknown): IteratorResult<Result> {
    try {
      return this.onError(error);
    } finally {
      this.#end();
    }
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.onEnd();
  }

  async return(): Promise<IteratorResult<Result>> {
    this.#end();
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<Result>> {
    this.#end();
    await this.#source.return?.();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Each error quotes the variable that it is about: fifty errors of a large one would be larger than any request. */
const maxErrorsOf = (variables: Variables) => (sizeOfValue(variables, maxQuoted) > maxQuoted ? 1 : 50);
const maxQuoted = 500;

function coerceVariables({ schema, operation, variableValues }: Execution): Variables | GraphQLError[] {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues, {
    maxErrors: maxErrorsOf(variableValues),
  });
  return coerced ?? [...(errors ?? [])];
}

function run(execution: Execution, variables: Variables, rootValue: unknown): Result | Promise<Result> {
  const { schema, operation, contextValue } = execution;
  const type = schema.getRootType(operation.operation);
  const plan = planOf(execution, variables);
  const errors = new ErrorCollector();
  const running: Run = { plan, rootValue, contextValue, variables, errors };
  const toResult = (data: Record<string, unknown> | null): Result => {
    plan.keep();
    return errors.all.length === 0 ? { data } : { errors: errors.all, data };
  };
  const toNoData = (error: unknown): Result => {
    errors.add(error as GraphQLError, undefined);
    return toResult(null);
  };
  try {
    if (type == null) throw new GraphQLError("There are no such operations.", { nodes: operation });
    const isSerial = operation.operation === "mutation";
    const data = (isSerial ? executeFieldsSerially : executeFields)(running, plan.rootOf(type), rootValue, undefined);
    return isPromise(data) ? data.then(toResult, toNoData) : toResult(data);
  } catch (error) {
    return toNoData(error);
  }
}
