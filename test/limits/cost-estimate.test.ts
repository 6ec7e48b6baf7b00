/** How the cost of a document is estimated: its shape, arguments, variables and ids. */
import { describe, expect, it } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import { accountGlobalId, oneOfEach, psuGlobalId } from "../schema/global-ids.ts";
import { callsOf, estimateOf } from "./estimates.ts";

describe("the estimate of a document", () => {
  const shapeOf = (text: string) => {
    const { depth, fields, aliases, directives } = estimateOf(text);
    return { depth, fields, aliases, directives };
  };

  it("counts depth, fields, aliases and directives", () => {
    expect(shapeOf("{ viewer { subject } }")).toEqual({ depth: 2, fields: 2, aliases: 0, directives: 0 });
    expect(
      shapeOf("query ($no: Boolean!) { a: viewer @skip(if: $no) { b: subject c: subject @include(if: true) } }"),
    ).toEqual({
      depth: 2,
      fields: 3,
      aliases: 3,
      directives: 2,
    });
  });

  it("counts a fragment at each spread, and inline fragments as no level", () => {
    const text = `
      { a: viewer { ...Who } b: viewer { ... on Viewer { ... @include(if: true) { ...Who @skip(if: false) } } } }
      fragment Who on Viewer { paymentServiceUser { n: name } }`;
    expect(shapeOf(text)).toEqual({ depth: 3, fields: 6, aliases: 4, directives: 2 });
  });

  it("counts introspection as one level without calls", () => {
    const { depth, calls, fields } = estimateOf("{ __schema { types { fields { type { ofType { name } } } } } }");
    expect({ depth, calls, fields }).toEqual({ depth: 1, calls: 0, fields: 6 });
  });

  it("counts only the named operation", () => {
    const text = "query One { viewer { subject } } query Two { accounts { nodes { balances { createdAt } } } }";
    expect(estimateOf(text, { name: "One" })).toMatchObject({ calls: 0, depth: 2 });
    expect(estimateOf(text, { name: "Two" })).toMatchObject({ calls: 16, depth: 4 });
  });
});

describe("the estimate with arguments and variables", () => {
  const users = "query ($first: Int) { paymentServiceUsers(first: $first) { nodes { connections { status } } } }";

  it("takes `first` as given, its default, or the largest page", () => {
    expect(callsOf(users, { first: 3 })).toBe(1 + 3);
    expect(callsOf(users.replace("$first)", "$first) @skip(if: false)"), { first: 3 })).toBe(1 + 3);
    for (const variables of [{}, { first: null }, null, undefined]) expect(callsOf(users, variables)).toBe(1 + 15);
    expect(callsOf(users.replace("Int)", "Int = 7)"))).toBe(1 + 7);
    expect(callsOf(users.replace("Int)", "Int = 7)"), { first: null })).toBe(1 + 15);
    expect(callsOf("{ paymentServiceUsers { nodes { connections { status } } } }")).toBe(1 + 15);
    expect(callsOf("{ paymentServiceUsers(first: null) { nodes { connections { status } } } }")).toBe(1 + 15);
    for (const first of [101, 2147483647, 1e300, Number.POSITIVE_INFINITY])
      expect(callsOf(users, { first })).toBe(1 + 100);
    for (const first of [0, -1, -2147483648]) expect(callsOf(users, { first })).toBe(1 + 1);
  });

  it("multiplies nested lists", () => {
    const pages = (first: number) =>
      callsOf(
        `{ paymentServiceUsers(first: ${first}) { nodes { payments(first: 10) { nodes { paymentServiceUser { payments { nodes { id } } } } } } } }`,
      );
    expect(pages(1)).toBe(1 + 1 + 10);
    expect(pages(100)).toBe(1 + 100 + 1000);
  });

  it("does not throw, whatever the variables are", () => {
    const text = `query ($first: Int, $ids: [ID!], $id: ID!, $filter: PaymentServiceUserFilter, $asset: String, $on: Boolean!) {
      paymentServiceUsers(first: $first, filter: $filter) { nodes { name @include(if: $on) } }
      inner: paymentServiceUsers(filter: { ids: $ids }) { nodes { name @skip(if: $on) } }
      nodes(ids: $ids) { id } one: nodes(ids: [$id]) { id } node(id: $id) { ... on Account { balances(asset: $asset) { createdAt } } }
      connection(id: $id) { accounts { id } } accounts(filter: { psuId: $id, connectionId: $id }) { nodes { id } }
    }`;
    const values = [
      null,
      undefined,
      0,
      -1,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      "",
      "x",
      "__proto__",
      true,
      [],
      [[null]],
      {},
      { ids: {} },
      { ids: [1] },
    ];
    for (const value of values) {
      const names = ["first", "ids", "id", "filter", "asset", "on", "__proto__"];
      const { calls } = estimateOf(text, { variables: Object.fromEntries(names.map((name) => [name, value])) });
      expect(calls).toBeGreaterThan(0);
      expect(calls).toBeLessThan(100);
      expect(estimateOf(text, { variables: value as never }).calls).toBeGreaterThan(0);
    }
  });

  it("uses the variables that execution uses, and no others", () => {
    expect(callsOf(users, JSON.parse('{"__proto__": {"first": 1}}'))).toBe(1 + 15);
    expect(callsOf(users, Object.create({ first: 1 }))).toBe(1 + 15);
    expect(callsOf(users.replace("$first)", "$constructor)").replace("$first:", "$constructor:"))).toBe(1 + 15);
  });

  it("honours @skip and @include, as literals and as variables", () => {
    const text = "query ($on: Boolean = true) { accounts { nodes { balances @include(if: $on) { createdAt } } } }";
    expect([{}, { on: true }, { on: false }].map((variables) => callsOf(text, variables))).toEqual([16, 16, 1]);
    expect(callsOf("{ accounts { nodes { id } } payments @skip(if: true) { nodes { id } } }")).toBe(1);
    expect(callsOf("{ accounts { nodes { id } } ... @include(if: false) { payments { nodes { id } } } }")).toBe(1);
    const spread =
      "query ($off: Boolean!) { accounts { nodes { id ...B @skip(if: $off) } } } fragment B on Account { balances { createdAt } }";
    expect([{ off: true }, { off: false }, {}].map((variables) => callsOf(spread, variables))).toEqual([1, 16, 16]);
  });

  it("takes lists from literals, from variables, and from a single value", () => {
    const { people } = createWorld({ size: { people: 3, connectionsEach: 1, accountsEach: 1 } });
    const ids = people.map(({ id }) => psuGlobalId(id));
    const text = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on PaymentServiceUser { connections { status } } } }";
    expect(callsOf(text, { ids })).toBe(1 + 3);
    expect(callsOf(text, { ids: [...ids, ...ids] })).toBe(1 + 3);
    expect(callsOf(text, { ids: ids[0] })).toBe(1 + 1);
    expect(callsOf(text, { ids: [] })).toBe(0);
    expect(callsOf(text.replace("$ids) {", `[${ids.map((id) => `"${id}"`)}]) {`), { ids: [] })).toBe(1 + 3);
    const filtered =
      "query ($ids: [ID!]) { paymentServiceUsers(filter: { ids: $ids }) { nodes { connections { id } } } }";
    expect(callsOf(filtered, { ids })).toBe(1 + 3);
    expect(callsOf(filtered)).toBe(1 + 15);
  });

  it("counts only the selections of an id's type", () => {
    const { Account, PaymentServiceUser, Connector } = oneOfEach(createWorld());
    const text = `query ($id: ID!) { node(id: $id) {
      ... on Account { balances { createdAt } }
      ... on PaymentServiceUser { connections { accounts { balances { createdAt } } } }
      ... on Node { ... on Connector { name } }
    } }`;
    const costs = [Account, PaymentServiceUser, Connector, "of no type"].map((id) => callsOf(text, { id }));
    expect(costs).toEqual([1 + 1, 1 + 1 + 1 + 6, 1, 0]);
  });

  it("does not take one id for several others", () => {
    const { accounts } = createWorld();
    const [a, b] = accounts.map(({ id }) => id);
    const ids = [a, b].map((id) => accountGlobalId(id ?? ""));
    const text =
      "query ($ids: [ID!]!, $id: ID!) { account(id: $id) { name } nodes(ids: $ids) { ... on Account { balances { createdAt } } } }";
    for (const id of [`${a} ${b}`, `${a},${b}`, `${a}","${b}`]) expect(callsOf(text, { ids, id })).toBe(1 + 2);
  });

  it("merges fields of the same response key, and reads the same keys once", () => {
    expect(
      callsOf(
        "{ accounts { nodes { id } } accounts { nodes { balances { createdAt } } } ...A } fragment A on Query { accounts { pageInfo { endCursor } } }",
      ),
    ).toBe(16);
    expect(callsOf("{ a: accounts { nodes { id } } b: accounts { nodes { id } } }")).toBe(2);
    expect(callsOf("{ accounts { nodes { a: balances { createdAt } b: balances { createdAt } } } }")).toBe(16);
    expect(
      callsOf('{ accounts { nodes { a: balances { createdAt } b: balances(asset: "EUR/2") { createdAt } } } }'),
    ).toBe(31);
  });
});
