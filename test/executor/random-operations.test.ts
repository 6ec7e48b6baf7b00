/** Operations at random behave as they do with graphql-js, whatever their resolvers do. */
import fc from "fast-check";
import { type ExecutionResult, type GraphQLError, getOperationAST, execute as graphqlExecute, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { execute } from "../../src/executor/execute.ts";
import { toComparable, withRejections } from "./compare.ts";
import { type Gen, toDocument, toVariables } from "./random-documents.ts";
import { schema, World } from "./random-schema.ts";

async function runBoth(
  text: string,
  runs: readonly { seed: number; variables: Record<string, unknown> }[],
  isSequential: boolean,
) {
  const document = parse(text);
  const operation = getOperationAST(document, "Random");
  if (operation == null) throw new Error("There is no operation.");
  const outcomes = [];
  for (const { seed, variables } of runs) {
    const ours = new World(seed, isSequential);
    const theirs = new World(seed, isSequential);
    const execution = { schema, document, operation, operationName: "Random", variableValues: variables };
    const [expected] = await withRejections(() =>
      theirs.settle(graphqlExecute({ ...execution, contextValue: theirs })),
    );
    const [result, unhandled] = await withRejections(() => ours.settle(execute({ ...execution, contextValue: ours })));
    expect(unhandled, text).toEqual([]);
    outcomes.push({ ours, theirs, result, expected });
  }
  return outcomes;
}

/** The path of the null that an error has left in the data. */
function toNullPath({ path = [] }: GraphQLError, data: unknown): string {
  let at = data;
  const nullPath: (string | number)[] = [];
  for (const key of path) {
    if (at === null) break;
    nullPath.push(key);
    at = (at as Record<string | number, unknown>)[key];
  }
  return nullPath.join("/");
}

const gens = fc.gen().map((gen) => gen as unknown as Gen);
/** More runs with TEST_RUNS. */
const runs = Number(process.env["TEST_RUNS"] ?? 1);

function toRuns(gen: Gen) {
  return Array.from({ length: 3 }, () => ({ seed: gen(() => fc.nat()), variables: toVariables(gen) }));
}

describe("an operation", () => {
  it(
    "has the data, the errors in their order and the calls of resolvers that it has with graphql-js",
    async () => {
      let withErrors = 0;
      let withData = 0;
      await fc.assert(
        fc.asyncProperty(gens, async (gen) => {
          const text = toDocument(gen);
          for (const { ours, theirs, result, expected } of await runBoth(text, toRuns(gen), true)) {
            expect(toComparable(result), text).toBe(toComparable(expected));
            expect(ours.calls).toEqual(theirs.calls);
            if (result.errors !== undefined) withErrors += 1;
            if (result.data != null) withData += 1;
          }
        }),
        { numRuns: 400 * runs, endOnFailure: true },
      );
      expect([withErrors, withData].every((count) => count > 50 * runs)).toBe(true);
    },
    120_000 * runs,
  );

  it(
    "has the same data, and an error for each null that stands for one, in whatever order promises settle",
    async () => {
      await fc.assert(
        fc.asyncProperty(gens, async (gen) => {
          const text = toDocument(gen);
          for (const { result, expected } of await runBoth(text, toRuns(gen), false)) {
            expect(JSON.stringify(result.data)).toBe(JSON.stringify(expected.data));
            const nullPaths = ({ errors = [], data }: ExecutionResult) =>
              new Set(errors.map((error) => toNullPath(error, data)));
            expect(nullPaths(result)).toEqual(nullPaths(expected));
          }
        }),
        { numRuns: 200 * runs, endOnFailure: true },
      );
    },
    120_000 * runs,
  );
});
