/** Null where it is not allowed makes the nearest parent null that may be so, with one error. */
import { describe, expect, it } from "vitest";
import { compare, toSchema } from "./compare.ts";

const text = `
  type Query { node: Node, needed: Node! }
  type Node {
    value: Int
    mustBe: Int!
    late: Int
    lateMustBe: Int!
    node: Node
    needed: Node!
    lateNode: Node
    lateNeeded: Node!
    nodes: [Node]
    neededNodes: [Node!]!
  }
`;

type Failure = "throw" | "reject" | "null" | "late null" | "error";

const failures: Readonly<Record<Failure, (name: string) => unknown>> = {
  throw(name) {
    throw new Error(`${name} throws`);
  },
  reject: (name) => Promise.reject(new Error(`${name} rejects`)),
  null: () => null,
  "late null": async () => null,
  error: (name) => new Error(`${name} is an error`),
};

function schemaThatFailsBy(failure: Failure) {
  const fail = failures[failure];
  const node = () => ({});
  const lateNode = async () => ({});
  return toSchema(text, {
    Query: { node, needed: node },
    Node: {
      value: () => fail("value"),
      mustBe: () => fail("mustBe"),
      late: async () => fail("late"),
      lateMustBe: async () => fail("lateMustBe"),
      node,
      needed: node,
      lateNode,
      lateNeeded: lateNode,
      nodes: () => [{}, lateNode()],
      neededNodes: () => [lateNode(), {}],
    },
  });
}

const queries = [
  "{ node { value } }",
  "{ node { mustBe } }",
  "{ node { late } }",
  "{ node { lateMustBe } }",
  "{ needed { mustBe } }",
  "{ needed { lateMustBe } }",
  "{ node { value mustBe } }",
  "{ node { late mustBe } }",
  "{ node { mustBe late } }",
  "{ node { mustBe lateMustBe } }",
  "{ node { value late node { value late } } }",
  "{ node { needed { needed { mustBe } } } }",
  "{ node { lateNeeded { needed { lateMustBe } } } }",
  "{ node { lateNode { mustBe } value } }",
  "{ node { nodes { mustBe } } }",
  "{ node { nodes { lateMustBe } } }",
  "{ node { neededNodes { mustBe } } }",
  "{ node { neededNodes { lateMustBe } value } }",
  "{ node { neededNodes { late } } }",
  "{ needed { needed { neededNodes { needed { lateMustBe } } } } }",
  "{ a: node { mustBe } b: node { value } c: node { value } }",
  "{ a: node { lateMustBe } b: node { needed { mustBe } } c: needed { value } }",
];

describe.each(Object.keys(failures) as Failure[])("fields that fail: %s", (failure) => {
  it.each(queries)("%s", async (query) => {
    await compare(schemaThatFailsBy(failure), query);
  });
});

describe("an error", () => {
  const schema = schemaThatFailsBy("throw");

  it("has its own path, not that of the parent that is null for it", async () => {
    const { data, errors } = await compare(schema, "{ node { needed { needed { mustBe } } } }");
    expect(data).toEqual({ node: null });
    expect(errors?.map(({ path }) => path)).toEqual([["node", "needed", "needed", "mustBe"]]);
  });

  it("leaves no data where nothing above may be null", async () => {
    const { data } = await compare(schema, "{ needed { mustBe } }");
    expect(data).toBeNull();
  });

  it("is the only one of a parent that is null already", async () => {
    const { errors } = await compare(schema, "{ node { mustBe lateMustBe value late } }");
    expect(errors).toHaveLength(1);
  });
});
