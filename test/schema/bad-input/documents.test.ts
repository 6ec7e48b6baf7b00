import { describe, expect, it } from "vitest";
import { start } from "./refusals.ts";

describe("a document that GraphQL itself refuses", () => {
  it.each([
    ["is no GraphQL", "{ viewer {", {}, undefined],
    ["is empty", "", {}, undefined],
    ["selects a field that does not exist", "{ viewer { password } }", {}, undefined],
    ["leaves out a required argument", "{ account { id } }", {}, undefined],
    ["leaves out a required variable", "query ($id: ID!) { account(id: $id) { id } }", {}, "id"],
    [
      "gives a variable of another type",
      "query ($first: Int) { accounts(first: $first) { nodes { id } } }",
      { first: "ten" },
      "first",
    ],
    ["gives a literal of another type", '{ accounts(first: "ten") { nodes { id } } }', {}, undefined],
    ["names a value that an enum lacks", "{ accounts(filter: { type: SECRET }) { nodes { id } } }", {}, undefined],
    [
      "gives an input a field that it lacks",
      'mutation { createPaymentServiceUser(input: { name: "x", admin: true }) { __typename } }',
      {},
      undefined,
    ],
    ["leaves the selection out", "{ viewer }", {}, undefined],
  ])("because it %s is BAD_USER_INPUT with a request id", async (_why, document, variables, field) => {
    await using gateway = await start();
    const calls = await gateway.calls(async () => {
      const { errors } = await gateway.send(document, variables);
      expect(errors.length).toBeGreaterThan(0);
      for (const { extensions } of errors) {
        expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", retryable: false });
        expect(extensions["requestId"]).toMatch(/^[\da-f-]{36}$/);
        expect(extensions["field"]).toBe(field);
      }
    });
    expect(calls).toEqual([]);
  });

  const create =
    "mutation ($input: CreatePaymentServiceUserInput!) { createPaymentServiceUser(input: $input) { __typename } }";
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`f${at}`, 1]));
  it.each([
    ["fields that its input lacks", create, { input: { name: "x", ...many } }],
    ["such fields further down", create, { input: { name: "x", address: many } }],
    [
      "a long text in place of a number",
      "query ($n: Int) { accounts(first: $n) { __typename } }",
      { n: "x".repeat(2e5) },
    ],
    ["a list of wrong ids", "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids: Array(50_000).fill(null) }],
  ])("with %s in a variable is refused in few words", async (_what, document, variables) => {
    await using gateway = await start();
    const { errors } = await gateway.send(document, variables);
    expect(errors.map(({ extensions }) => extensions.code)).toContain("BAD_USER_INPUT");
    expect(JSON.stringify(errors).length).toBeLessThan(5000);
  });
});
