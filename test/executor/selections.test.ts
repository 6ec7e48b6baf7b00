/** Which fields are executed: `@skip` and `@include`, fragments, aliases, and fields that are selected more than once. */
import type { GraphQLResolveInfo } from "graphql";
import { describe, expect, it } from "vitest";
import { asksFor } from "../../src/executor/collect-fields.ts";
import { compare, toSchema } from "./compare.ts";

const text = `
  type Query implements Node { a: String, b: String, deep: Deep, node: Node }
  interface Node { a: String, deep: Deep }
  type Deep implements Node { a: String, b: String, deep: Deep }
`;
const node = () => ({});
const schema = toSchema(text, {
  Query: { a: "a", b: "b", deep: node, node },
  Deep: { a: "deep a", b: "deep b", deep: node },
  Node: { type: { resolveType: () => "Deep" } },
});

describe("directives", () => {
  const values = [true, false];
  const places: readonly ((directives: string) => string)[] = [
    (directives) => `a b ${directives}`,
    (directives) => `a ... ${directives} { b }`,
    (directives) => `a ... on Query ${directives} { b }`,
    (directives) => `a ...B ${directives}`,
    (directives) => `a deep { a b ${directives} }`,
    (directives) => `a deep ${directives} { a b }`,
    (directives) => `a ${directives} b ${directives}`,
    (directives) => `deep ${directives} { a } deep { b }`,
  ];
  const cases = places.flatMap((place) =>
    values.flatMap((one) => [
      place(`@skip(if: ${one})`),
      place(`@include(if: ${one})`),
      ...values.map((other) => place(`@skip(if: ${one}) @include(if: ${other})`)),
    ]),
  );
  it.each(cases)("{ %s }", async (selections) => {
    const fragment = selections.includes("...B") ? " fragment B on Query { b }" : "";
    await compare(schema, `{ ${selections} }${fragment}`);
  });

  const variables = [{ on: true }, { on: false }, { on: null }, {}, { on: "yes" }];
  const operations = [
    "query ($on: Boolean!) { a b @skip(if: $on) }",
    "query ($on: Boolean!) { a b @include(if: $on) }",
    "query ($on: Boolean = true) { a b @skip(if: $on) }",
    "query ($on: Boolean = false) { a deep { a b @include(if: $on) } }",
    "query ($on: Boolean! = true) { ... @include(if: $on) { a } ... @skip(if: $on) { b } }",
  ];
  it.each(operations.flatMap((operation) => variables.map((given) => [operation, given] as const)))(
    "%s of %o",
    async (operation, variableValues) => {
      await compare(schema, operation, { variableValues });
    },
  );

  it("one document gives other fields for other variables, in any order", async () => {
    const operation = "query ($on: Boolean!) { a @skip(if: $on) b @include(if: $on) }";
    for (const on of [true, false, true, false]) {
      const { data } = await compare(schema, operation, { variableValues: { on } });
      expect(data).toEqual(on ? { b: "b" } : { a: "a" });
    }
  });
});

describe("selections", () => {
  it.each([
    "{ a }",
    "{ x: a y: a x: a }",
    "{ b a b }",
    "{ a ...F b } fragment F on Query { b a }",
    "{ ...F ...F a } fragment F on Query { a deep { a } }",
    "{ ...F deep { b } } fragment F on Query { deep { a } }",
    "{ deep { a } deep { b } deep { deep { a } } }",
    "{ ... { a ... { b } } }",
    "{ ... on Node { a } }",
    "{ node { ... on Deep { b } ... on Query { b } ...N } } fragment N on Node { a }",
    "{ node { a ... on Node { a deep { b } } deep { a } } }",
    "{ __typename deep { __typename type: __typename } }",
    "{ __proto__: a constructor: b }",
    '{ __schema { queryType { name } } __type(name: "Deep") { kind } }',
    "{ deep { ...Loop } } fragment Loop on Deep { a deep { b } ...Loop }",
  ])("%s", async (query) => {
    await compare(schema, query);
  });

  it.each([
    ["query A { a } query B { b }", "A", { a: "a" }],
    ["query A { a } query B { b }", "B", { b: "b" }],
    ["query A { ...F } query B { b ...F } fragment F on Query { a }", "B", { b: "b", a: "a" }],
  ])("%s: %s", async (query, operationName, expected) => {
    const { data } = await compare(schema, query, { operationName });
    expect(JSON.stringify(data)).toBe(JSON.stringify(expected));
  });
});

describe("asksFor", () => {
  it.each([
    ["deep { a }", true],
    ["deep { b }", false],
    ["deep { x: a }", true],
    ["deep { a: b }", false],
    ["deep { b } deep { a }", true],
    ["deep { ... { a } }", true],
    ["deep { ...F }", true],
    ["deep { ... on Query { a } }", false],
    ["deep { deep { a } }", false],
    ["deep { a @skip(if: $on) }", false],
    ["deep { a @include(if: $on) }", true],
    ["node { a }", false],
  ])("{ %s }: %s", async (selections, expected) => {
    const answers: boolean[] = [];
    const see = (_source: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
      answers.push(asksFor(info, "a"));
      return null;
    };
    const seeing = toSchema(text, { Query: { deep: see, node: see } });
    const fragment = selections.includes("...F") ? "fragment F on Node { a }" : "";
    await compare(seeing, `query ($on: Boolean!) { ${selections} } ${fragment}`, { variableValues: { on: true } });
    expect(answers).toEqual([expected, expected, expected]); // of graphql-js's info, and twice of ours
  });
});
