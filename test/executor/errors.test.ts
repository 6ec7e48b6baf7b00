/** Errors: what they carry, and in which order they stand. */
import { type ExecutionResult, GraphQLError, execute as graphqlExecute, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { execute } from "../../src/executor/execute.ts";
import { compare, toExecution, toSchema } from "./compare.ts";

const text = `
  scalar Odd
  type Query { a: Int, b: Int, c: Int, late: Int, later: Int, node: Node, nodes: [Node], odd: Odd }
  type Subscription { a: Int }
  type Node { a: Int, late: Int, node: Node }
`;

/** Rejects after so many ticks: more than either executor puts between two fields. */
async function rejectAfter(ticks: number, message: string) {
  for (let tick = 0; tick < ticks; tick += 1) await null;
  throw new Error(message);
}

const throws = (error: unknown) => () => {
  throw error;
};

const schema = toSchema(text, {
  Query: {
    a: throws(new Error("a")),
    b: throws(new Error("b")),
    c: 3,
    late: () => rejectAfter(40, "late"),
    later: () => rejectAfter(80, "later"),
    node: () => ({}),
    nodes: () => [{}, { isLate: true }, {}],
  },
  Node: {
    a: ({ isLate }: { isLate?: boolean }) => (isLate ? rejectAfter(40, "late a") : throws(new Error("a"))()),
    late: () => rejectAfter(80, "late"),
    node: async () => ({}),
  },
});

describe("the order of errors", () => {
  it.each([
    "{ a b c }",
    "{ b a }",
    "{ late a }",
    "{ later late a }",
    "{ late node { a } }",
    "{ node { late a } later a }",
    "{ node { node { a } } a }",
    "{ nodes { a } }",
    "{ nodes { late } late }",
    "{ x: node { a } y: node { a } z: a }",
  ])("%s", async (query) => {
    await compare(schema, query);
  });
});

describe("what a resolver throws or returns as an error", () => {
  const errors: readonly (readonly [string, unknown])[] = [
    ["an Error", new Error("plain")],
    ["a TypeError", new TypeError("typed")],
    ["a GraphQLError", new GraphQLError("of GraphQL")],
    ["a GraphQLError with extensions", new GraphQLError("extended", { extensions: { code: "CODE", more: [1] } })],
    ["a GraphQLError with an original error", new GraphQLError("wrapped", { originalError: new Error("inner") })],
    ["an Error with extensions", Object.assign(new Error("extended"), { extensions: { code: "CODE" } })],
    ["an Error without a message", new Error()],
    ["a text", "a text"],
    ["null", null],
    ["undefined", undefined],
    ["an object", { message: "no error" }],
  ];
  const ways: readonly (readonly [string, (error: unknown) => () => unknown])[] = [
    ["thrown", throws],
    ["rejected", (error) => () => Promise.reject(error)],
    ["returned", (error) => () => error],
  ];
  it.each(
    ways.flatMap(([way, toResolver]) => errors.map(([title, error]) => [title, way, toResolver(error)] as const)),
  )("%s, %s", async (_title, _way, resolver) => {
    await compare(toSchema(text, { Query: { c: resolver } }), "{ node { a } renamed: c }");
  });

  // graphql-js would show the place of another service's error as if it were one in the client's document.
  it("has the place of its field, whatever place it brings along", async () => {
    const [node] = parse("{ elsewhere }").definitions;
    for (const place of [{ path: ["elsewhere", 1] }, { nodes: node ?? null }]) {
      const schema = toSchema(text, { Query: { c: throws(new GraphQLError("placed", place)) } });
      const result = await execute(toExecution(schema, "{ a renamed: c }"));
      expect(result.errors?.map((error) => error.toJSON())).toEqual([
        { message: "placed", locations: [{ line: 1, column: 5 }], path: ["renamed"] },
      ]);
    }
  });

  it("is the original error of what the result has", async () => {
    const error = new TypeError("typed");
    const { errors } = await compare(toSchema(text, { Query: { c: throws(error) } }), "{ c }");
    expect(errors?.map(({ originalError }) => originalError)).toEqual([error]);
  });
});

describe("leaves", () => {
  const serializers: readonly (readonly [string, (value: unknown) => unknown])[] = [
    ["a value", (value) => value],
    ["an object", () => ({ some: [1] })],
    ["false", () => false],
    ["null", () => null],
    ["undefined", () => undefined],
    ["an error", throws(new Error("not written"))],
  ];
  it.each(serializers)("serialize as %s", async (_title, serialize) => {
    const odd = toSchema(text, { Query: { odd: 1 }, Odd: { type: { serialize } } });
    await compare(odd, "{ odd }");
  });

  it.each([1, 1.5, "1", "one", true, 2 ** 31, Number.NaN, {}, [1], () => () => 1])("an Int of %o", async (value) => {
    await compare(toSchema(text, { Query: { c: value } }), "{ c }");
  });
});

describe("synchronous and asynchronous results", () => {
  const run = (query: string): ExecutionResult | Promise<ExecutionResult> => execute(toExecution(schema, query));

  it.each(["{ c }", "{ a b }", "{ node { a } }", "{ __typename }"])("%s is there at once", (query) => {
    expect(run(query)).not.toBeInstanceOf(Promise);
  });

  it.each(["{ late }", "{ c node { node { __typename } } }", "mutation { __typename }"])(
    "%s comes later",
    async (query) => {
      const some = toSchema(`${text} type Mutation { a: Int }`, { Query: { late: async () => 1 } });
      const running = execute(toExecution(query.startsWith("mutation") ? some : schema, query));
      expect(running).toBeInstanceOf(Promise);
      await running;
    },
  );

  it("a promise that is none of the language's is awaited", async () => {
    // biome-ignore lint/suspicious/noThenProperty: that is what is tested
    const thenable = { then: (resolve: (value: number) => void) => Promise.resolve(5).then(resolve) };
    const some = toSchema(text, { Query: { c: () => thenable } });
    expect(await execute(toExecution(some, "{ c }"))).toEqual({ data: { c: 5 } });
  });

  it("a field whose sibling fails still settles before the result", async () => {
    let isSettled = false;
    const settles = async () => {
      for (let tick = 0; tick < 20; tick += 1) await null;
      isSettled = true;
    };
    const some = toSchema("type Query { slow: Int, must: Int! }", { Query: { slow: settles, must: () => null } });
    await execute(toExecution(some, "{ slow must }"));
    expect(isSettled).toBe(true);
  });
});

it("an operation of a kind that the schema does not have is an error without a path", async () => {
  const execution = toExecution(toSchema("type Query { a: Int }", {}), "subscription { a }");
  const shape = ({ data, errors }: ExecutionResult) => [data, errors?.map(({ path, locations }) => [path, locations])];
  expect(shape(await execute(execution))).toEqual(shape(await graphqlExecute(execution)));
});
