import { readFileSync } from "node:fs";
import {
  type DocumentNode,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  getOperationAST,
  isCompositeType,
  isIntrospectionType,
  isObjectType,
  isRequiredArgument,
  parse,
  validate,
} from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import { createWorld, type World } from "../../sandbox/world.ts";
import { createGraphiql } from "../../src/http/graphiql.ts";
import { type CostEstimate, estimateCost } from "../../src/limits/cost-estimate.ts";
import { costOf } from "../../src/schema/cost.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { toSchema } from "../../src/schema/index.ts";
import { tokenPath } from "../../src/upstream/transport/transport.ts";
import {
  accountGlobalId,
  attemptGlobalId,
  connectionGlobalId,
  connectorGlobalId,
  firstOf,
  oneOfEach,
  psuGlobalId,
} from "../schema/global-ids.ts";
import { createTestGateway, psuViewer, startTestGateway, type TestGateway } from "../support/helpers.ts";

const schema = toSchema();

type Asked = {
  readonly name?: string;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly psuId?: string;
  readonly mostCalls?: number;
  readonly mostValues?: number;
};

function weightOf(text: string | DocumentNode, asked: Asked = {}): CostEstimate {
  const document = typeof text === "string" ? parse(text) : text;
  const operation = getOperationAST(document, asked.name);
  if (operation == null) throw new Error("no such operation");
  return estimateCost(schema, document, operation, asked.variables, {
    psuId: asked.psuId ?? null,
    mostCalls: asked.mostCalls ?? 100_000,
    mostValues: asked.mostValues ?? 10_000_000,
  });
}

const callsOf = (text: string, variables: Asked["variables"] = {}) => weightOf(text, { variables }).calls;

/** The whole worth of the estimate: never far under what is really read, nor far over it. */
function expectNear(estimate: number, real: number) {
  expect(real, `estimate ${estimate}, real ${real}`).toBeLessThanOrEqual(estimate * 1.3);
  expect(estimate, `estimate ${estimate}, real ${real}`).toBeLessThanOrEqual(Math.max(real * 2.5, real + 6));
}

const gettingStarted = readFileSync(new URL("../../docs/getting-started.md", import.meta.url), "utf8");
const banks = /query Banks.*?\n```/s.exec(gettingStarted)?.[0] ?? "";

const tree = `query Tree {
  paymentServiceUsers(first: 20) {
    nodes {
      name
      accounts { id }
      connections {
        status
        accounts { id name balances { amount { decimal currency } account { name } } }
      }
    }
  }
}`;

describe("the estimate against what is read", () => {
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

  async function compare(gateway: TestGateway, text: string, asked: Asked = {}) {
    expect(validate(schema, parse(text))).toEqual([]);
    const document = asked.name === undefined ? text : only(text, asked.name);
    const calls = await gateway.calls(async () => {
      const { errors } = await gateway.send(document, asked.variables ?? {});
      expect(errors).toEqual([]);
    });
    expectNear(weightOf(text, asked).calls, calls.length);
  }

  it("is near for the query of a user's banks in the documents", async () => {
    const psuId = psuGlobalId(firstOf(regular.people).id);
    await compare(seeded, banks.slice(0, -3), { variables: { psuId: psuOf(world, 6) } });
    await compare(sized, banks.slice(0, -3), { variables: { psuId } });
  });

  it("is near for what GraphiQL opens with", async () => {
    const { defaultQuery = "" } = createGraphiql().options;
    await compare(seeded, defaultQuery, { name: "Everybody" });
    await compare(seeded, defaultQuery, { name: "Connectors" });
    await compare(seeded, defaultQuery, { name: "Accounts", variables: { psuId: psuOf(world, 6) } });
  });

  it("is exact for 20 users and what hangs from them", async () => {
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

  it("is exact for accounts that are read ahead, and so not together with those that are asked for one step later", async () => {
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
  ];
  it.each(of20)("is near for %s", (text) => compare(sized, text));

  it("is near where arguments say whose it is", async () => {
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
    await near(
      "paymentServiceUser(id: $psu) { connections(connectorId: $connector) { accounts { balances { createdAt } } } }",
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

  it("is near for a PSU's own questions", async () => {
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

  it("is near for a page behind a cursor", async () => {
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

  it("is near for changes and streams", async () => {
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

describe("fields that read", () => {
  it("each declare what they cost, and no other does", async () => {
    const clock = createManualClock(new Date()); // what is deleted stays
    const world = createWorld({ clock });
    await using gateway = await startTestGateway({ sandbox: { world } });
    const connection = firstOf(world.connections, ({ psuID }) => world.accounts.some((row) => row.psuID === psuID));
    const account = firstOf(world.accounts, ({ psuID }) => psuID === connection.psuID);
    const { psuID: psuId, connectorID: connectorId } = connection;
    const connectionId = connectionGlobalId(connection);
    const link = 'applicationName: "x", clientRedirectUrl: "https://app.example.com/"';
    const inputs: Readonly<Record<string, () => string>> = {
      createPaymentServiceUser: () => 'name: "Ada"',
      forwardPaymentServiceUser: () => {
        const address = {
          streetName: null,
          streetNumber: null,
          city: null,
          region: null,
          postalCode: null,
          country: "GB",
        };
        const contactDetails = { email: null, phoneNumber: null, locale: "en_GB" };
        const { id } = world.createPerson({
          name: "Ada",
          contactDetails,
          address,
          bankAccountIDs: [],
          metadata: {},
        });
        return `psuId: "${id}", connectorId: "${firstOf(world.connectors, ({ provider }) => provider === "plaid").id}"`;
      },
      deletePaymentServiceUser: () => `psuId: "${psuId}"`,
      deletePaymentServiceUserConnector: () => `psuId: "${psuId}", connectorId: "${connectorId}"`,
      createLink: () => `psuId: "${psuId}", connectorId: "${connectorId}", ${link}`,
      updateLink: () => `connectionId: "${connectionId}", ${link}`,
      deleteConnection: () => `connectionId: "${connectionId}"`,
    };
    type Deleted = { deleteConnection: { task: { id: string } } };
    const { data } = await gateway.send<Deleted>(
      `mutation { deleteConnection(input: { ${inputs["deleteConnection"]?.()} }) { task { id } } }`,
    );
    const ids: Readonly<Record<string, readonly string[]>> = {
      PaymentServiceUser: [psuGlobalId(psuId)],
      Connector: [connectorGlobalId(connectorId)],
      BankConnection: [connectionId],
      LinkAttempt: [attemptGlobalId(firstOf(world.attempts))],
      Account: [accountGlobalId(account.id)],
      Payment: [
        firstOf(world.payments, ({ sourceAccountID }) => sourceAccountID !== null),
        firstOf(world.payments, ({ destinationAccountID }) => destinationAccountID !== null),
      ].map(({ id }) => toGlobalId("Payment", id)),
      Task: [data?.deleteConnection.task.id ?? ""],
    };

    const argsOf = (field: GraphQLField<unknown, unknown>) => {
      const given = field.args.filter(isRequiredArgument).map(({ name }) => {
        if (name === "input") return `input: { ${inputs[field.name]?.()} }`;
        if (name === "ids") return `ids: ${JSON.stringify(ids["Account"])}`;
        const values: Readonly<Record<string, string | undefined>> = { psuId, connectorId };
        const value = name === "id" ? (ids[getNamedType(field.type).name] ?? ids["Account"])?.[0] : values[name];
        if (value === undefined) throw new Error(`The test knows no value for ${field.name}(${name}:)`);
        return `${name}: "${value}"`;
      });
      return given.length === 0 ? "" : `(${given.join(" ")})`;
    };
    // By a gateway of its own each, which has read no connector before.
    const callsOfRun = async (document: string) => {
      await using fresh = createTestGateway(gateway.sandbox);
      const calls = await fresh.calls(async () => {
        if (document.startsWith("subscription")) {
          await using stream = fresh.subscribe(document, {});
          await stream.first(1);
        } else {
          const { errors } = await fresh.send(document);
          expect(errors, document).toEqual([]);
        }
      });
      return calls.filter(({ path }) => path !== tokenPath).length;
    };

    // How each type is reached, and a way to ask it for something.
    type Way = (inner: string) => string;
    const ways = new Map<string, Way>([
      ["Query", (inner) => `query { ${inner} }`],
      ["Subscription", (inner) => `subscription { ${inner} }`],
      ["Mutation", (inner) => `mutation { ${inner} }`],
    ]);
    for (const [type, [...some]] of Object.entries(ids)) {
      ways.set(type, (inner) => `query { nodes(ids: ${JSON.stringify(some)}) { ... on ${type} { ${inner} } } }`);
    }
    for (const [name, way] of ways) {
      for (const field of fieldsOf(name)) {
        const type = getNamedType(field.type);
        if (!isObjectType(type) || ways.has(type.name)) continue;
        ways.set(type.name, (inner) => way(`${field.name}${argsOf(field)} { ${inner} }`));
      }
    }
    const objects = Object.values(schema.getTypeMap()).filter(
      (type) => isObjectType(type) && !isIntrospectionType(type),
    );
    expect([...ways.keys()].toSorted()).toEqual(objects.map(({ name }) => name).toSorted());

    const reading: string[] = [];
    const declared: string[] = [];
    for (const [type, way] of ways) {
      const plain = type === "Mutation" || type === "Subscription" ? 0 : await callsOfRun(way("__typename"));
      for (const field of fieldsOf(type)) {
        const inner = isCompositeType(getNamedType(field.type)) ? " { __typename }" : "";
        const calls = await callsOfRun(way(`${field.name}${argsOf(field)}${inner}`));
        if (calls > plain) reading.push(`${type}.${field.name}`);
        if (costOf(field) !== null) declared.push(`${type}.${field.name}`);
      }
    }
    // An operator has no PSU; that of a PSU is read.
    expect(declared.filter((name) => name !== "Viewer.paymentServiceUser")).toEqual(reading);
    expect(reading.length).toBeGreaterThan(40);
  });

  function fieldsOf(type: string): GraphQLField<unknown, unknown>[] {
    return Object.values((schema.getType(type) as GraphQLObjectType).getFields());
  }
});

describe("what the document alone tells", () => {
  const shapeOf = (text: string) => {
    const { depth, fields, aliases, directives } = weightOf(text);
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

  it("counts a fragment wherever it is spread, and inline fragments as no level", () => {
    const text = `
      { a: viewer { ...Who } b: viewer { ... on Viewer { ... @include(if: true) { ...Who @skip(if: false) } } } }
      fragment Who on Viewer { paymentServiceUser { n: name } }`;
    expect(shapeOf(text)).toEqual({ depth: 3, fields: 6, aliases: 4, directives: 2 });
  });

  it("takes introspection for one level that costs nothing", () => {
    const { depth, calls, fields } = weightOf("{ __schema { types { fields { type { ofType { name } } } } } }");
    expect({ depth, calls, fields }).toEqual({ depth: 1, calls: 0, fields: 6 });
  });

  it("looks only at the operation that is asked for", () => {
    const text = "query One { viewer { subject } } query Two { accounts { nodes { balances { createdAt } } } }";
    expect(weightOf(text, { name: "One" })).toMatchObject({ calls: 0, depth: 2 });
    expect(weightOf(text, { name: "Two" })).toMatchObject({ calls: 16, depth: 4 });
  });
});

describe("arguments and variables", () => {
  const users = "query ($first: Int) { paymentServiceUsers(first: $first) { nodes { connections { status } } } }";

  it("takes `first` as given, its default, or the most that a page holds", () => {
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

  it("multiplies what is nested", () => {
    const pages = (first: number) =>
      callsOf(
        `{ paymentServiceUsers(first: ${first}) { nodes { payments(first: 10) { nodes { paymentServiceUser { payments { nodes { id } } } } } } } }`,
      );
    expect(pages(1)).toBe(1 + 1 + 10);
    expect(pages(100)).toBe(1 + 100 + 1000);
  });

  it("throws for no variables whatever", () => {
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
      const { calls } = weightOf(text, { variables: Object.fromEntries(names.map((name) => [name, value])) });
      expect(calls).toBeGreaterThan(0);
      expect(calls).toBeLessThan(100);
      expect(weightOf(text, { variables: value as never }).calls).toBeGreaterThan(0);
    }
  });

  it("sees the variables that execution sees, and no others", () => {
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

  it("counts for an id only what is asked of its type", () => {
    const { Account, PaymentServiceUser, Connector } = oneOfEach(createWorld());
    const text = `query ($id: ID!) { node(id: $id) {
      ... on Account { balances { createdAt } }
      ... on PaymentServiceUser { connections { accounts { balances { createdAt } } } }
      ... on Node { ... on Connector { name } }
    } }`;
    const costs = [Account, PaymentServiceUser, Connector, "of no type"].map((id) => callsOf(text, { id }));
    expect(costs).toEqual([1 + 1, 1 + 1 + 1 + 6, 1, 0]);
  });

  it("takes no id for several others", () => {
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

describe("what is made to be heavy", () => {
  const within100Ms = (text: string, asked: Asked = {}) => {
    const document = parse(text);
    const startedAt = performance.now();
    const weight = weightOf(document, asked);
    expect(performance.now() - startedAt).toBeLessThan(100);
    return weight;
  };

  it("is weighed in no time when fragments double thirty times", () => {
    const doubling = (spread: (next: string) => string, end: string) =>
      Array.from(
        { length: 30 },
        (_, at) => `fragment F${at} on PaymentServiceUser { ${at < 29 ? spread(`F${at + 1}`) : end} }`,
      ).join("\n");
    const start = "{ viewer { paymentServiceUser { ...F0 } } }";
    const nested = doubling(
      (next) =>
        `a: connections { paymentServiceUser { ...${next} } } b: connections { paymentServiceUser { ...${next} } }`,
      "name",
    );
    expect(within100Ms(start + nested)).toMatchObject({ calls: Number.POSITIVE_INFINITY, depth: 2 + 29 * 2 + 1 });
    expect(within100Ms(start + nested).fields).toBeGreaterThan(2 ** 29);
    const flat = doubling((next) => `...${next} ...${next}`, "name");
    expect(within100Ms(start + flat)).toMatchObject({ calls: Number.POSITIVE_INFINITY, depth: 3 });
    // Few fields, each at the end of a long way.
    const wrapped = doubling(
      (next) => `${"... { ".repeat(20)} ...${next} ${"}".repeat(20)} ${"... { ".repeat(20)} n: psuId ${"}".repeat(20)}`,
      "name",
    );
    expect(within100Ms(start + wrapped)).toMatchObject({ calls: 0, depth: 3 });
  });

  it("is refused when fragments spread themselves", () => {
    const cyclic =
      "{ viewer { paymentServiceUser { ...A } } } fragment A on PaymentServiceUser { connections { paymentServiceUser { ...B } } } fragment B on PaymentServiceUser { name ...A }";
    const { calls, depth } = within100Ms(cyclic);
    expect([calls, depth]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it("is weighed no further than the bound", () => {
    const pages = "payments(first: 100) { nodes { paymentServiceUser { ".repeat(3);
    const text = `{ paymentServiceUsers(first: 100) { nodes { ${pages} name ${"} } }".repeat(3)} } } }`;
    expect(weightOf(text).calls).toBe(1 + 100 + 100 ** 2 + 100 ** 3);
    const { calls } = within100Ms(text, { mostCalls: 50 });
    expect(calls).toBe(1 + 100);
  });

  it("shows in the values where it costs few calls", () => {
    const circle = "accounts { paymentServiceUser { ".repeat(5);
    const text = `{ paymentServiceUsers(first: 100) { nodes { ${circle} name ${"} }".repeat(5)} } } }`;
    expect(within100Ms(text)).toMatchObject({ calls: 1 + 7 });
    expect(within100Ms(text).values).toBeGreaterThan(100 * 6 ** 5);
    expect(within100Ms(text, { mostValues: 10_000 }).values).toBeLessThan(100_000);
  });

  it("stays a number with aliases by the hundred and circles many hundreds deep", () => {
    const many = Array.from(
      { length: 300 },
      (_, at) => `a${at}: payments(first: 100) { nodes { paymentServiceUser { name } } }`,
    );
    expect(within100Ms(`{ ${many.join(" ")} }`)).toMatchObject({ aliases: 300, calls: 300 + 300 });
    const circle = `{ paymentServiceUsers { nodes { ${"connections { paymentServiceUser { ".repeat(700)} name ${"} }".repeat(700)} } } }`;
    const endless = Number.POSITIVE_INFINITY;
    const weight = weightOf(circle, { mostCalls: endless, mostValues: endless });
    expect(weight.calls).toBe(1 + 15);
    expect(Number.isFinite(weight.values)).toBe(true);
  });

  it("costs microseconds to weigh once its document is known", () => {
    const document = parse(tree);
    for (let run = 0; run < 2000; run++) weightOf(document);
    const runs = Array.from({ length: 20 }, () => {
      const startedAt = performance.now();
      for (let run = 0; run < 100; run++) weightOf(document);
      return (performance.now() - startedAt) * 10;
    });
    // Microseconds; the fastest of the runs, since others use the machine, too.
    expect(Math.min(...runs)).toBeLessThan(100);
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
