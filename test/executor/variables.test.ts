/** Arguments and variables: literals, defaults, null against nothing, and what cannot be coerced. */
import { describe, expect, it } from "vitest";
import { compare, toSchema } from "./compare.ts";

const schema = toSchema(
  `
  type Query {
    echo(
      int: Int, text: String = "default", flag: Boolean, float: Float, id: ID
      needed: Int! = 4, ints: [Int], sure: [Int!], matrix: [[Int]], color: Color = RED
      point: Point, points: [Point!] = [{ x: 1 }]
    ): String
    must(int: Int!): String
  }
  enum Color { RED GREEN }
  input Point { x: Int! = 1, y: Int, label: String = "here", inner: Point, colors: [Color!] }
`,
  {
    Query: {
      echo: (_source: unknown, args: object) => JSON.stringify(args),
      must: (_source: unknown, args: object) => JSON.stringify(args),
    },
  },
);

describe("arguments", () => {
  it.each([
    "echo",
    "echo(int: null, text: null)",
    'echo(int: 1, text: "text", flag: true, float: 1, id: 5)',
    "echo(needed: 1)",
    "echo(ints: [1, null], sure: 2, matrix: 3)",
    "echo(matrix: [[1], 2, null, []])",
    "echo(color: GREEN)",
    "echo(point: {})",
    "echo(point: { y: null, label: null, inner: { x: 2, colors: RED } })",
    "echo(points: { x: 2 })",
    "echo(points: [])",
    "must(int: 1)",
    "must",
    "must(int: null)",
    'must(int: "1")',
    "echo(int: 1.5)",
    "echo(sure: [null])",
    "echo(color: BLUE)",
    "echo(point: { x: null })",
    "a: must b: echo(int: 1)",
  ])("{ %s }", async (field) => {
    await compare(schema, `{ ${field} }`);
  });
});

type Case = readonly [definition: string, field: string, values: readonly unknown[]];

/** Each `$v` with each of the values, and without one. */
const cases: readonly Case[] = [
  ["Int", "echo(int: $v)", [1, null, "1", 1.5, 2 ** 31]],
  ["Int = 5", "echo(int: $v)", [1, null]],
  ["Int!", "must(int: $v)", [1, null]],
  ["Int! = 5", "must(int: $v)", [1, null]],
  ["Int = 5", "must(int: $v)", [1, null]],
  ["Int", "echo(needed: $v)", [1, null]],
  ["Int", "a: must(int: $v) b: echo", [null]],
  ["String", "echo(text: $v)", ["text", null, 1]],
  ["ID", "echo(id: $v)", ["a", 7, 1.5, {}]],
  ["Boolean", "echo(flag: $v)", [true, "true"]],
  ["Float", "echo(float: $v)", [1, 1.5, "1"]],
  ["Color", "echo(color: $v)", ["GREEN", "BLUE", null, 0]],
  ["[Int]", "echo(ints: $v)", [[1, null], 1, [], null, ["1"], [[1]]]],
  ["[Int!]", "echo(sure: $v)", [[1], [null, 1], 3]],
  ["[[Int]]", "echo(matrix: $v)", [[[1], null, 2], 3]],
  ["Int", "echo(ints: [1, $v], sure: [1])", [2, null]],
  ["Int!", "echo(sure: [1, $v], matrix: [[$v], []])", [2]],
  [
    "Point",
    "echo(point: $v)",
    [{}, { x: 2 }, { x: null }, { z: 1 }, { inner: { inner: {} } }, { colors: ["BLUE"] }, 1],
  ],
  ["Point = { x: 9 }", "echo(point: $v)", [{ y: 1 }, null]],
  ["Int", "echo(point: { y: $v, inner: { x: 3, y: $v } })", [2, null]],
  ["Int!", "echo(point: { x: $v })", [2]],
  ["[Point!]", "echo(points: $v)", [[{ x: 1 }, {}], { x: 4 }, [null]]],
  ["Unknown", "echo", [1]],
];

describe("variables", () => {
  it.each(
    cases.flatMap(([type, field, values]) => [
      [type, field, {}] as const,
      ...values.map((v) => [type, field, { v }] as const),
      [type, field, { w: 1 }] as const,
    ]),
  )("of %s in { %s } with %o", async (type, field, variableValues) => {
    await compare(schema, `query ($v: ${type}) { ${field} }`, { variableValues });
  });

  it("all that cannot be coerced are reported, up to 50", async () => {
    const names = Array.from({ length: 60 }, (_, at) => `v${at}`);
    const definitions = names.map((name) => `$${name}: Int!`).join(" ");
    const { errors } = await compare(schema, `query (${definitions}) { echo }`);
    expect(errors).toHaveLength(51);
  });

  it("one plan takes other variables each time", async () => {
    const text = "query ($v: Int, $point: Point) { echo(int: $v, point: $point, ints: [1, 2]) }";
    for (const v of [1, 2, null, undefined, 3]) {
      await compare(schema, text, { variableValues: { ...(v !== undefined && { v }), point: { y: v } } });
    }
  });
});
