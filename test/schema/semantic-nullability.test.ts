import { readFileSync } from "node:fs";
import { buildSchema, isListType, isNonNullType, isObjectType, Kind } from "graphql";
import { describe, expect, it } from "vitest";
import type { Call, Fault } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { costOf } from "../../src/schema/cost.ts";
import { toSchema } from "../../src/schema/index.ts";
import { startTestGateway } from "../support/helpers.ts";
import { accountGlobalId, psuGlobalId } from "./global-ids.ts";

const schema = toSchema();
const printed = buildSchema(readFileSync("schema.graphql", "utf8"));
const roots = [schema.getQueryType(), schema.getMutationType()];

const fields = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type) && !type.name.startsWith("__"))
  .flatMap((type) =>
    isObjectType(type) && type !== schema.getSubscriptionType()
      ? Object.values(type.getFields()).map((field) => ({ type, field, name: `${type.name}.${field.name}` }))
      : [],
  );

const directivesOf = (type: string, field: string) => {
  const parent = printed.getType(type);
  const node = isObjectType(parent) ? parent.getFields()[field]?.astNode : undefined;
  return node?.directives?.map(({ name }) => name.value) ?? [];
};

describe("a field that makes a call of its own, takes arguments, or is of Query or Mutation", () => {
  const failing = fields.filter(
    ({ type, field }) => costOf(field) !== null || field.args.length > 0 || roots.includes(type),
  );

  it.each(failing)("is nullable: $name", ({ field }) => {
    expect(isNonNullType(field.type)).toBe(false);
  });

  it("has rows that are never null inside its lists, except where each is looked up by its id", () => {
    const lists = failing.filter(({ field }) => isListType(field.type));
    expect(lists.length).toBeGreaterThan(3);
    const open = lists.filter(({ field }) => isListType(field.type) && !isNonNullType(field.type.ofType));
    expect(open.map(({ name }) => name)).toEqual(["Query.nodes"]);
  });
});

describe("the printed schema", () => {
  it("defines the directive as its clients know it", () => {
    const node = printed.getDirective("semanticNonNull")?.astNode;
    expect(node?.locations.map(({ value }) => value)).toEqual(["FIELD_DEFINITION"]);
    const [levels] = node?.arguments ?? [];
    expect([levels?.name.value, levels?.defaultValue?.kind]).toEqual(["levels", Kind.LIST]);
  });

  it("has it on what is null only with an error, and on nothing that comes with its row", () => {
    const marked = fields.filter(({ type, field }) => directivesOf(type.name, field.name).includes("semanticNonNull"));
    expect(marked.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Query.payments", "Mutation.createLink", "Account.balances", "LinkAttempt.connector"]),
    );
    for (const { field } of marked) expect(isNonNullType(field.type)).toBe(false);
    // Null for what is not there, without an error.
    for (const name of ["Query.account", "Query.node", "Account.connection", "Payment.sourceAccount"])
      expect(marked.map((one) => one.name)).not.toContain(name);
  });
});

type Case = {
  readonly title: string;
  /** @param account the second account of the user. */
  readonly broken: (call: Call, account: string) => boolean;
  readonly document: string;
  readonly expected: object;
  readonly failed: readonly (readonly (string | number)[])[];
};

const person = { size: { people: 1, connectionsEach: 2, accountsEach: 2 } };
const ok = expect.anything();
const accounts = (balances: readonly unknown[]) => balances.map((one) => ({ balances: one }));

const cases: readonly Case[] = [
  {
    title: "payments: everything else is there",
    broken: ({ path }) => path === "/payments",
    document: "query ($id: ID!) { paymentServiceUser(id: $id) { name payments { nodes { id } } accounts { name } } }",
    expected: { paymentServiceUser: { name: ok, payments: null, accounts: [ok, ok, ok, ok] } },
    failed: [["paymentServiceUser", "payments"]],
  },
  {
    title: "one of two queries: the other is there",
    broken: ({ path }) => path === "/payments",
    document: "{ payments { nodes { id } } connectors { nodes { name } } }",
    expected: { payments: null, connectors: ok },
    failed: [["payments"]],
  },
  {
    title: "one account's balances: every other account has its own",
    broken: ({ path }, account) => path.includes(`${account}/balances`),
    document: "query ($id: ID!) { paymentServiceUser(id: $id) { accounts { balances { amount { decimal } } } } }",
    expected: { paymentServiceUser: { accounts: accounts([ok, null, ok, ok]) } },
    failed: [["paymentServiceUser", "accounts", 1, "balances"]],
  },
  {
    title: "the connections: the user and the accounts are there",
    broken: ({ path }) => /\/connections$/.test(path),
    document:
      "query ($id: ID!) { paymentServiceUser(id: $id) { name connections { accounts { name } } accounts { name } } }",
    expected: { paymentServiceUser: { name: ok, connections: null, accounts: [ok, ok, ok, ok] } },
    failed: [["paymentServiceUser", "connections"]],
  },
  {
    title: "the accounts: the connections are there, without what is made of accounts",
    broken: ({ path }) => path === "/accounts",
    document: "query ($id: ID!) { paymentServiceUser(id: $id) { connections { status accounts { name } } } }",
    expected: {
      paymentServiceUser: {
        connections: [
          { status: ok, accounts: null },
          { status: ok, accounts: null },
        ],
      },
    },
    failed: [
      ["paymentServiceUser", "connections", 0, "accounts"],
      ["paymentServiceUser", "connections", 1, "accounts"],
    ],
  },
];

describe("a call that fails stops where it happens", () => {
  const fault: Fault = { status: 500, body: "" };

  async function stage() {
    const gateway = await startTestGateway({ sandbox: { world: createWorld(person) } });
    const [owner] = gateway.sandbox.world.people;
    return { gateway, id: psuGlobalId(owner?.id ?? "") };
  }

  it.each(cases)("$title", async ({ broken, document, expected, failed }) => {
    const { gateway, id } = await stage();
    await using _closed = gateway;
    const account = gateway.sandbox.world.accounts[1]?.id ?? "";
    using _fault = gateway.sandbox.fault((call) => broken(call, account), fault);
    const { data, errors } = await gateway.send<object>(document, { id });
    expect(data).toMatchObject(expected);
    expect(errors.map(({ path, extensions }) => ({ path, code: extensions.code }))).toEqual(
      failed.map((path) => ({ path, code: "UPSTREAM_UNAVAILABLE" })),
    );
  });

  it("a bad argument, too: a locale that nobody knows leaves the amount", async () => {
    const { gateway } = await stage();
    await using _closed = gateway;
    const { data, errors } = await gateway.send<object>(
      'query ($id: ID!) { account(id: $id) { balances { amount { decimal formatted(locale: "tlh-!") } } } }',
      { id: accountGlobalId(gateway.sandbox.world.accounts[0]?.id ?? "") },
    );
    const amount = { decimal: expect.stringMatching(/^-?\d/), formatted: null };
    expect(data).toEqual({ account: { balances: expect.arrayContaining([{ amount }]) } });
    expect(errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "locale" });
  });

  it("of two mutations the first keeps its result when the second is wrong", async () => {
    const { gateway } = await stage();
    await using _closed = gateway;
    const create = (name: string) =>
      `createPaymentServiceUser(input: { name: "${name}" }) { paymentServiceUser { psuId name } }`;
    const { data, errors } = await gateway.send<object>(`mutation { first: ${create("Ada")} second: ${create("")} }`);
    expect(data).toEqual({
      first: { paymentServiceUser: { psuId: expect.any(String), name: "Ada" } },
      second: null,
    });
    expect(errors).toMatchObject([{ path: ["second"], extensions: { code: "BAD_USER_INPUT", field: "input.name" } }]);
  });

  it("what was created and cannot be read back is named", async () => {
    const { gateway } = await stage();
    await using _closed = gateway;
    using _fault = gateway.sandbox.fault(
      ({ method, path }) => method === "GET" && path.startsWith("/payment-service-users/"),
      fault,
    );
    const { data, errors } = await gateway.send<object>(
      'mutation { createPaymentServiceUser(input: { name: "Ada" }) { paymentServiceUser { psuId } } }',
    );
    expect(data).toEqual({ createPaymentServiceUser: { paymentServiceUser: null } });
    expect(errors[0]?.extensions).toMatchObject({ createdId: expect.any(String) });
  });
});
