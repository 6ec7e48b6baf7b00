/** Executes an operation here and with graphql-js, and says whether the two results are the same. */
import { setImmediate } from "node:timers/promises";
import {
  buildSchema,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getOperationAST,
  execute as graphqlExecute,
  isObjectType,
  parse,
} from "graphql";
import { expect } from "vitest";
import { execute } from "../../src/executor/execute.ts";

/** The messages that differ on purpose: those for values that do not fit their types do not quote them. */
const ownMessages: readonly (readonly [RegExp, string])[] = [
  [/^Expected value of type "(\w+)" but got: .*$/s, 'A value of the type "$1" was expected.'],
  [/^Abstract type "(\w+)" (must resolve|was resolved) .*$/s, 'A value of the type "$1" is of none of its types.'],
  [/^Runtime Object type "\w+" is not a .* for "(\w+)"\.$/, 'A value of the type "$1" is of none of its types.'],
  [/^Expected `(\w+)\.serialize\(.*$/s, "A $1 cannot be written as nothing."],
];

/** A result as text, with messages as the executor writes them. */
export function toComparable({ errors, ...rest }: ExecutionResult): string {
  if (errors === undefined) return JSON.stringify(rest);
  const shown = errors.map((error) => {
    const message = ownMessages.reduce((text, [theirs, ours]) => text.replace(theirs, ours), error.message);
    return { ...error.toJSON(), message };
  });
  return JSON.stringify({ errors: shown, ...rest });
}

type Options = {
  readonly operationName?: string;
  readonly variableValues?: Readonly<Record<string, unknown>>;
  /** For each execution one of its own. */
  readonly createContext?: () => unknown;
};

export function toExecution(schema: GraphQLSchema, text: string, options: Options = {}) {
  const { operationName, variableValues = {}, createContext = () => null } = options;
  const document = parse(text);
  const operation = getOperationAST(document, operationName);
  if (operation == null) throw new Error("There is no such operation.");
  return { schema, document, operation, operationName, variableValues, contextValue: createContext() };
}

/** Collects the rejections that `work` leaves unhandled. */
export async function withRejections<Value>(work: () => Promise<Value>): Promise<readonly [Value, readonly unknown[]]> {
  const others = process.listeners("unhandledRejection");
  const reasons: unknown[] = [];
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", (reason) => reasons.push(reason));
  try {
    const value = await work();
    await setImmediate();
    return [value, reasons];
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
  }
}

type Executor = (execution: ReturnType<typeof toExecution>) => ExecutionResult | Promise<ExecutionResult>;

/** Expects the same data and the same errors in the same order of both executors, and returns them. */
export async function compare(schema: GraphQLSchema, text: string, options: Options = {}) {
  const execution = toExecution(schema, text, options);
  const run = (executor: Executor) =>
    withRejections(async () => {
      const running = executor({ ...execution, contextValue: options.createContext?.() });
      return { isAsync: running instanceof Promise, result: await running };
    });
  const [expected] = await run(graphqlExecute); // it leaves rejections unhandled in some cases
  const [first, unhandled] = await run(execute);
  const [again] = await run(execute); // with the plan of the first
  // Mutations are always asynchronous here.
  if (execution.operation.operation === "query") expect(first.isAsync).toBe(expected.isAsync);
  expect(unhandled, text).toEqual([]);
  for (const { result } of [first, again]) expect(toComparable(result), text).toBe(toComparable(expected.result));
  return first.result;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * A schema from its text, with a resolver or a value for fields by type, and under `type` what the type itself has
 * (`isTypeOf`, `resolveType`, `serialize`).
 */
export function toSchema(text: string, types: Readonly<Record<string, Members & { readonly type?: Members }>>) {
  const schema = buildSchema(text);
  for (const [typeName, { type: own = {}, ...members }] of Object.entries(types)) {
    const type = schema.getType(typeName);
    Object.assign(type as object, own);
    for (const [name, member] of Object.entries(members)) {
      const field = isObjectType(type) ? type.getFields()[name] : undefined;
      if (field === undefined) throw new Error(`There is no field ${typeName}.${name}.`);
      const resolve = typeof member === "function" ? member : () => member;
      field.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
    }
  }
  return schema;
}
