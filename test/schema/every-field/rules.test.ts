import { buildSchema, extendSchema, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { faultsOf, schema } from "./rules.ts";

describe("the table of rules", () => {
  it("has one for every field, argument and input field, and none for what is not there", () => {
    expect(faultsOf(schema)).toEqual([]);
  });

  it("names what was added without one, and what is gone", () => {
    const more = extendSchema(
      schema,
      parse(`
        extend type Account { newField: String, newAccounts(of: ID): [Account!] }
        extend input AccountFilter { newId: ID }
        extend type Query { news(id: ID!): NewType }
        type NewType { text: String }
      `),
    );
    expect(faultsOf(more).toSorted()).toEqual([
      "Account.newAccounts has no rule",
      "Account.newAccounts.of has no rule",
      "Account.newField has no rule",
      "AccountFilter.newId has no rule",
      "NewType.text has no rule",
      "Query.news has no rule",
      "Query.news.id has no rule",
    ]);
    const fewer = buildSchema("type Query { node(id: ID!): Node } interface Node { id: ID! }");
    expect(faultsOf(fewer)).toEqual(
      expect.arrayContaining(["Query.viewer is not there", "Task.taskId is not there", "Query.nodes.ids is not there"]),
    );
  });
});
