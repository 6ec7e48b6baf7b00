/** Estimated costs compared with the calls that operations really make. */
import { readFileSync } from "node:fs";
import { getOperationAST, parse, validate } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../../sandbox/world.ts";
import { examples } from "../../src/http/graphiql/examples.ts";
import {
  accountGlobalId,
  attemptGlobalId,
  connectionGlobalId,
  connectorGlobalId,
  firstOf,
  psuGlobalId,
} from "../schema/global-ids.ts";
import { psuViewer, startTestGateway, type TestGateway } from "../support/helpers.ts";
import { callsOf, type EstimateOptions, estimateOf, expectNear, schema, tree } from "./estimates.ts";

const gettingStarted = readFileSync(new URL("../../docs/getting-started.md", import.meta.url), "utf8");
const banks = /query Banks.*?\n```/s.exec(gettingStarted)?.[0] ?? "";

describe("the estimate compared with the real calls", () => {
  const world = createWorld();
  const regular = createWorld({ size: { people: 20, connectionsEach: 2, accountsEach: 3 } });
  let seeded: TestGateway;
  let sized: TestGateway;
  beforeAll(async () => {
    seeded = await startTestGateway({ sandbox: { world } });
    sized = await startTestGateway({ sandbox: { world: regular } });
  });
  afterAll(async () => {
    await seeded[Symbol.asyncDispose]();
    await sized[Symbol.asyncDispose]();
  });

  async function compare(gateway: TestGateway, text: string, options: EstimateOptions = {}) {
    expect(validate(schema, parse(text))).toEqual([]);
    const document = options.name === undefined ? text : only(text, options.name);
    const calls = await gateway.calls(async () => {
      const { errors } = await gateway.send(document, options.variables ?? {});
      expect(errors).toEqual([]);
    });
    expectNear(estimateOf(text, options).calls, calls.length);
  }

  it("is near for the query of a user's banks in the documentation", async () => {
    const psuId = psuGlobalId(firstOf(regular.people).id);
    await compare(seeded, banks.slice(0, -3), { variables: { psuId: psuOf(world, 6) } });
    await compare(sized, banks.slice(0, -3), { variables: { psuId } });
  });

  it("is near for the queries that GraphiQL opens with", async () => {
    const text = examples.map(({ document }) => document).join("\n");
    await compare(seeded, text, { name: "Everybody" });
    await compare(seeded, text, { name: "Connectors" });
    await compare(seeded, text, { name: "Accounts", variables: { psuId: psuOf(world, 6) } });
  });

  it("is exact for 20 users and their nested data", async () => {
    const users = (inner: string) => `{ paymentServiceUsers(first: 20) { nodes { name ${inner} } } }`;
    const batches: [string, number][] = [
      [users("connections { status }"), 21],
      [users("accounts { name connector { name } }"), 3],
      [tree, 143],
    ];
    for (const [text, real] of batches) {
      expect(callsOf(text)).toBe(real);
      expect(await sized.calls(() => sized.send(text))).toHaveLength(real);
    }
    const ids = regular.accounts.slice(0, 100).map(({ id }) => accountGlobalId(id));
    expect(callsOf(`{ ${ids.slice(0, 30).map((id, at) => `a${at}: account(id: "${id}") { id }`)} }`)).toBe(1);
    expect(callsOf("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids: ids.slice(0, 30) })).toBe(1);
    expect(callsOf("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids })).toBe(2);
    expect(callsOf("{ __typename viewer { subject } __schema { types { name } } }")).toBe(0);
  });

  it("is exact for accounts that are read ahead, and so not in the batch of the next step", async () => {
    const [person, other] = [firstOf(regular.people), firstOf(regular.people.slice(1))];
    const account = firstOf(regular.accounts, ({ psuID }) => psuID === other.id);
    const text = `{
      paymentServiceUser(id: "${person.id}") { connections { accounts { id } } }
      account(id: "${accountGlobalId(account.id)}") { paymentServiceUser { accounts { id } } }
    }`;
    expect(callsOf(text)).toBe(6);
    expect(await sized.calls(() => sized.send(text))).toHaveLength(6);
  });

  const of20: readonly string[] = [
    "{ paymentServiceUsers(first: 20) { nodes { payments(first: 5) { nodes { reference } } } } }",
    "{ paymentServiceUsers(first: 20) { nodes { payments { nodes { connector { name } paymentServiceUser { name } } } } } }",
    "{ paymentServiceUsers(first: 5) { nodes { accounts { balances { amount { decimal } } payments(first: 2) { nodes { id } } } } } }",
    "{ paymentServiceUsers(first: 5) { nodes { accounts { connection { status connector { name } } paymentServiceUser { name } } } } }",
    "{ paymentServiceUsers(first: 20) { nodes { connections { paymentServiceUser { name connections { id } accounts { id } } } } } }",
    "{ paymentServiceUsers(first: 20) { edges { node { id } } pageInfo { endCursor } } }",
    '{ paymentServiceUsers(first: 3) { nodes { accounts { a: balances { createdAt } b: balances(asset: "EUR/2") { createdAt } } } } }',
    "{ accounts(first: 30) { nodes { balances { amount { decimal } } } } }",
    "{ accounts(first: 30) { nodes { paymentServiceUser { name } } } }",
    "{ accounts(first: 30) { nodes { connection { status } } } }",
    "{ accounts(first: 10) { nodes { balanceHistory(first: 100) { nodes { createdAt account { name } } } } } }",
    "{ a: accounts(first: 5) { nodes { id } } b: accounts(first: 5) { nodes { id } } a: accounts(first: 5) { nodes { name } } }",
    "{ payments(first: 30) { nodes { sourceAccount { name } destinationAccount { name } } } }",
    "{ payments(first: 10) { nodes { paymentServiceUser { name accounts { name } } } } }",
    "{ connectors { nodes { name } } viewer { subject } }",
    "{ connectors(filter: { canLink: true }) { nodes { canLink needs capabilities isBeingRemoved } } }",
    "{ accounts(first: 30) { nodes { connector { canLink isBeingRemoved } } } }",
    "{ paymentServiceUsers(first: 5) { nodes { linkAttempts(first: 50) { nodes { status } } } } }",
  ];
  it.each(of20)("is near for %s", (text) => compare(sized, text));

  it("is near when arguments name the owner", async () => {
    const { people, connections, accounts } = regular;
    const [person, other] = [firstOf(people), firstOf(people.slice(1))];
    const own = connections.filter(({ psuID }) => psuID === person.id);
    const variables = {
      psu: psuGlobalId(person.id),
      uuid: person.id,
      other: psuGlobalId(other.id),
      connector: connectorGlobalId(firstOf(own).connectorID),
      connection: connectionGlobalId(firstOf(own)),
      ids: own.map(connectionGlobalId),
      psus: people.slice(0, 4).map(({ id }) => id),
      account: accountGlobalId(firstOf(accounts).id),
    };
    const types = { ids: "[ID!]!", psus: "[ID!]" } as Record<string, string>;
    const near = (inner: string) => {
      const used = Object.entries(variables).filter(([name]) => new RegExp(`\\$${name}\\b`).test(inner));
      const header = used.map(([name]) => `$${name}: ${types[name] ?? "ID!"}`).join(" ");
      return compare(sized, `query (${header}) { ${inner} }`, { variables: Object.fromEntries(used) });
    };
    await near("a: paymentServiceUser(id: $psu) { connections { id } } b: paymentServiceUser(id: $uuid) { name }");
    await near("a: paymentServiceUser(id: $psu) { name } b: paymentServiceUser(id: $other) { name }");
    await near("paymentServiceUser(id: $psu) { linkAttempts(connectorId: $connector) { nodes { status } } }");
    await near("paymentServiceUser(id: $psu) { linkAttempts { nodes { status } } }");
    await near(
      "paymentServiceUser(id: $psu) { connections(connectorIds: [$connector]) { accounts { balances { createdAt } } } }",
    );
    await near(
      "accounts(first: 100, filter: { psuId: $psu }) { nodes { balances { createdAt } paymentServiceUser { connections { id } } } }",
    );
    await near("accounts(filter: { connectionId: $connection }) { nodes { balances { createdAt } } }");
    await near(
      "paymentServiceUsers(filter: { ids: $psus }) { nodes { connections { accounts { balances { createdAt } } } } }",
    );
    await near("connection(id: $connection) { accounts { balances { createdAt } } paymentServiceUser { name } }");
    await near("nodes(ids: $ids) { ... on BankConnection { connector { name } accounts { balances { createdAt } } } }");
    await near(
      "node(id: $account) { ... on Account { balances { createdAt } } ... on PaymentServiceUser { connections { accounts { balances { createdAt } } } } }",
    );
    await near(
      "payments(filter: { accountId: $account }, first: 50) { nodes { sourceAccount { balances { createdAt } } destinationAccount { balances { createdAt } } } }",
    );
    await near("account(id: $account) { payments(first: 100) { nodes { paymentServiceUser { accounts { name } } } } }");
  });

  it("is near for queries of a PSU", async () => {
    const { id: psuId } = firstOf(regular.people);
    await using gateway = await startTestGateway({ sandbox: { world: regular }, viewer: psuViewer(psuId) });
    await compare(
      gateway,
      "{ viewer { paymentServiceUser { connections { accounts { balances { createdAt } } } } } }",
      { psuId },
    );
    await compare(
      gateway,
      "{ accounts(first: 100) { nodes { balances { createdAt } paymentServiceUser { connections { id } } } } }",
      { psuId },
    );
    await compare(gateway, "{ payments(first: 50) { nodes { paymentServiceUser { name connections { id } } } } }", {
      psuId,
    });
  });

  it("is near for a page after a cursor", async () => {
    const text =
      "query ($first: Int!, $after: String) { payments(first: $first, after: $after) { pageInfo { endCursor } } }";
    type Page = { payments: { pageInfo: { endCursor: string } } };
    for (const [before, first] of [
      [10, 10],
      [15, 15],
      [1, 100],
      [100, 100],
    ]) {
      const { data } = await seeded.send<Page>(text, { first: before });
      await compare(seeded, text, { variables: { first, after: data?.payments.pageInfo.endCursor } });
    }
  });

  it("is near for mutations and subscriptions", async () => {
    const connector = firstOf(world.connectors, ({ provider }) => provider === "plaid");
    const connection = firstOf(world.connections, ({ connectorID }) => connectorID === connector.id);
    const [connectionId, connectorId, psuId] = [connectionGlobalId(connection), connector.id, connection.psuID];
    const link = `applicationName: "x", clientRedirectUrl: "https://app.example.com/"`;
    await compare(
      seeded,
      `mutation { createPaymentServiceUser(input: { name: "Ada" }) { paymentServiceUser { name connections { id } } } }`,
    );
    for (const key of ["", `idempotencyKey: "key"`]) {
      await compare(
        seeded,
        `mutation { createLink(input: { psuId: "${psuId}", connectorId: "${connectorId}", ${link} ${key} }) { link attempt { status connector { name } paymentServiceUser { name } } } }`,
      );
      await compare(
        seeded,
        `mutation { updateLink(input: { connectionId: "${connectionId}", ${link} ${key} }) { link attempt { status } } }`,
      );
    }
    await compare(
      seeded,
      `mutation { a: deleteConnection(input: { connectionId: "${connectionId}" }) { task { status connector { name } } } b: deletePaymentServiceUserConnector(input: { psuId: "${psuId}", connectorId: "${connectorId}" }) { deletedId } }`,
    );

    const attempt = attemptGlobalId(firstOf(world.attempts, ({ status }) => status === "completed"));
    const person = firstOf(
      world.people,
      ({ id }) => world.connections.filter(({ psuID }) => psuID === id).length === 2,
    );
    const streams: [string, number][] = [
      [
        `subscription { linkAttemptChanged(id: "${attempt}") { status connector { name } paymentServiceUser { name } } }`,
        1,
      ],
      [
        `subscription { connectionChanged(psuId: "${person.id}") { kind connection { connector { name } accounts { name } } } }`,
        2,
      ],
    ];
    for (const [text, messages] of streams) {
      const calls = await seeded.calls(async () => {
        await using stream = seeded.subscribe(text, {});
        await stream.first(messages);
      });
      expectNear(callsOf(text), calls.length);
    }
  });
});

/** One operation of a document, so that it runs without a name. */
function only(text: string, name: string): string {
  const document = parse(text);
  const operation = getOperationAST(document, name);
  return text.slice(operation?.loc?.start, operation?.loc?.end);
}

/** The global id of a person with so many accounts. */
function psuOf({ people, accounts }: World, count: number): string {
  return psuGlobalId(firstOf(people, ({ id }) => accounts.filter(({ psuID }) => psuID === id).length === count).id);
}
