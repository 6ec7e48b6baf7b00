/** What is kept of an operation: nothing of its requests, and no more than its text is worth. */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { GraphQLObjectType, GraphQLSchema, GraphQLString, getOperationAST, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { execute } from "../../src/executor/execute.ts";
import { toExecution } from "./compare.ts";
import { odd, point, schema, World } from "./random-schema.ts";

/** Runs an operation on `seen`, a field whose resolver is given. */
function toRun(text: string, resolve: (args: Record<string, unknown>) => unknown) {
  const args = { point: { type: point }, odd: { type: odd } };
  const seen = { type: GraphQLString, args, resolve: (_: unknown, args: Record<string, unknown>) => resolve(args) };
  const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: "Query", fields: { seen } }) });
  const execution = toExecution(schema, text);
  return (variableValues = {}) => execute({ ...execution, variableValues });
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

describe("what is kept of an operation", () => {
  it("are arguments that no resolver can change for later executions", async () => {
    const document = "{ seen(point: {ys: [1, 2], inner: {}}) }";
    const run = toRun(document, (args) => {
      const text = JSON.stringify(args);
      const { point } = args as { point: { x: number; ys: number[]; inner: { x: number } } };
      const changes = [
        () => (args["more"] = 1),
        () => (point.x = 8),
        () => point.ys.push(3),
        () => (point.inner.x = 9),
      ];
      for (const change of changes) expect(change).toThrow(TypeError);
      return text;
    });
    const result = await run();
    expect(result).toEqual({ data: { seen: JSON.stringify({ point: { x: 1, ys: [1, 2], inner: { x: 1 } } }) } });
    expect(await run()).toEqual(result);
  });

  it("is nothing of the variables of its first execution", async () => {
    let secret: object | undefined = { secret: "of the first" };
    const seen = new WeakRef(secret);
    const text = "query ($odd: Odd, $on: Boolean!) { seen(odd: $odd) @include(if: $on) }";
    const run = toRun(text, () => "seen");
    await run({ odd: secret, on: true });
    secret = undefined;
    await setImmediate();
    collectGarbage();
    expect(seen.deref()).toBeUndefined();
    expect(await run({ on: true })).toEqual({ data: { seen: "seen" } });
    expect(await run({ on: false })).toEqual({ data: {} });
  });

  it("is bounded by the length of its document, however many operations and conditions that has", async () => {
    const fields = Array.from({ length: 300 }, (_, at) => `f${at}: plain`).join(" ");
    const operations = Array.from(
      { length: 200 },
      (_, at) => `query Q${at}($a: Boolean!, $b: Boolean!, $c: Boolean!) { ...F }`,
    );
    const document = parse(
      `${operations.join("\n")} fragment F on Query { ${fields} a: plain @skip(if: $a) b: plain @skip(if: $b) c: plain @skip(if: $c) }`,
    );
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < 200; at += 1) {
      const operation = getOperationAST(document, `Q${at}`);
      if (operation == null) throw new Error("There is no such operation.");
      for (let state = 0; state < 8; state += 1) {
        const variableValues = { a: (state & 1) > 0, b: (state & 2) > 0, c: (state & 4) > 0 };
        await new World(1, false).settle(
          execute({
            schema,
            document,
            operation,
            operationName: `Q${at}`,
            variableValues,
            contextValue: new World(1, false),
          }),
        );
      }
    }
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20e6);
    expect(document.definitions).toHaveLength(201);
  }, 60_000);
});
