/** A viewer cannot find out by an id whether something exists: others' data and missing data cost and answer the same. */
import { randomUUID } from "node:crypto";
import { getNamedType, isInputObjectType, isIntrospectionType, isObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import { toAccountId, toPaymentId, toTaskId } from "../../sandbox/ids.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { toSchema } from "../../src/schema/index.ts";
import { attemptGlobalId, connectionGlobalId, firstOf } from "../schema/global-ids.ts";
import { createTestGateway, psuViewer, type TestGateway } from "../support/helpers.ts";

const schema = toSchema({ federation: true });

type Noun =
  | "user"
  | "connection"
  | "attempt"
  | "bank account"
  | "account"
  | "payment"
  | "task"
  | "account's reference"
  | "payment's reference";
type Operation = "query" | "subscription" | "mutation";

const rows = "{ nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }";
const atConnector = "psuId: <id>, connectorId: <connector>";
const url = 'clientRedirectUrl: "https://app.example.com/"';
const key = 'idempotencyKey: "once"';

const entity = (type: string, field: string) =>
  `_entities(representations: [{ __typename: "${type}", id: <id> }]) { ... on ${type} { ${field} } }`;

/** Each place where an id finds something that belongs to a PSU: its name, the type of the id, and the document. */
const lookups: readonly (readonly [place: string, of: Noun | "anything", operation: Operation, field: string])[] = [
  ["Query.node.id", "anything", "query", "node(id: <id>) { id }"],
  ["Query.nodes.ids", "anything", "query", "nodes(ids: [<id>]) { id }"],
  ["Query._entities.representations", "user", "query", entity("PaymentServiceUser", "name")],
  ["Query._entities.representations", "connection", "query", entity("BankConnection", "status")],
  ["Query._entities.representations", "account", "query", entity("Account", "reference")],
  ["Query.paymentServiceUser.id", "user", "query", "paymentServiceUser(id: <id>) { id name }"],
  ["Query.connection.id", "connection", "query", "connection(id: <id>) { id status accounts { id } }"],
  ["Query.linkAttempt.id", "attempt", "query", "linkAttempt(id: <id>) { id status }"],
  ["Query.account.id", "account", "query", "account(id: <id>) { id balances { createdAt } }"],
  ["Query.payment.id", "payment", "query", "payment(id: <id>) { id sourceAccount { id } }"],
  ["Query.task.id", "task", "query", "task(id: <id>) { id status }"],
  ["PaymentServiceUserFilter.ids", "user", "query", `paymentServiceUsers(filter: { ids: [<id>] }) ${rows}`],
  ["AccountFilter.psuId", "user", "query", `accounts(filter: { psuId: <id> }) ${rows}`],
  ["AccountFilter.connectionId", "connection", "query", `accounts(filter: { connectionId: <id> }) ${rows}`],
  ["AccountFilter.reference", "account's reference", "query", `accounts(filter: { reference: <id> }) ${rows}`],
  ...(["payments", "account(id: <account>) { payments", "paymentServiceUser(id: <me>) { payments"] as const).flatMap(
    (list) => {
      const payments = (filter: string) => `${list}(filter: { ${filter} }) ${rows}${list === "payments" ? "" : " }"}`;
      return [
        ["PaymentFilter.psuId", "user", "query", payments("psuId: <id>")],
        ["PaymentFilter.connectionId", "connection", "query", payments("connectionId: <id>")],
        ["PaymentFilter.accountId", "account", "query", payments("accountId: <id>")],
        ["PaymentFilter.sourceAccountId", "account", "query", payments("sourceAccountId: <id>")],
        ["PaymentFilter.destinationAccountId", "account", "query", payments("destinationAccountId: <id>")],
        ["PaymentFilter.reference", "payment's reference", "query", payments("reference: <id>")],
      ] as const;
    },
  ),
  ["Subscription.connectionChanged.psuId", "user", "subscription", "connectionChanged(psuId: <id>) { kind }"],
  ["Subscription.linkAttemptChanged.id", "attempt", "subscription", "linkAttemptChanged(id: <id>) { status }"],
  ["Subscription.taskChanged.id", "task", "subscription", "taskChanged(id: <id>) { status }"],
  [
    "ForwardPaymentServiceUserInput.psuId",
    "user",
    "mutation",
    `forwardPaymentServiceUser(input: { ${atConnector} }) { connector { id } }`,
  ],
  [
    "DeletePaymentServiceUserInput.psuId",
    "user",
    "mutation",
    "deletePaymentServiceUser(input: { psuId: <id> }) { deletedId }",
  ],
  [
    "DeletePaymentServiceUserConnectorInput.psuId",
    "user",
    "mutation",
    `deletePaymentServiceUserConnector(input: { ${atConnector} }) { deletedId }`,
  ],
  [
    "AddBankAccountInput.psuId",
    "user",
    "mutation",
    'addBankAccount(input: { psuId: <id>, name: "x", accountNumber: "1" }) { bankAccount { id } }',
  ],
  [
    "ForwardBankAccountInput.bankAccountId",
    "bank account",
    "mutation",
    "forwardBankAccount(input: { bankAccountId: <id>, connectorId: <connector> }) { __typename }",
  ],
  ["CreateLinkInput.psuId", "user", "mutation", `createLink(input: { ${atConnector}, ${url} }) { link }`],
  ["CreateLinkInput.psuId", "user", "mutation", `createLink(input: { ${atConnector}, ${url}, ${key} }) { link }`],
  [
    "UpdateLinkInput.connectionId",
    "connection",
    "mutation",
    `updateLink(input: { connectionId: <id>, ${url} }) { link }`,
  ],
  [
    "UpdateLinkInput.connectionId",
    "connection",
    "mutation",
    `updateLink(input: { connectionId: <id>, ${url}, ${key} }) { link }`,
  ],
  [
    "DeleteConnectionInput.connectionId",
    "connection",
    "mutation",
    "deleteConnection(input: { connectionId: <id> }) { deletedId }",
  ],
];

/** The id of another PSU's data and one that does not exist, which differ only in `parts`. */
type Pair = {
  readonly title: string;
  readonly of: Noun;
  readonly isGlobal: boolean;
  readonly there: string;
  readonly nowhere: string;
  readonly parts: readonly string[];
  /** Whether an operator finds the first and not the second. */
  readonly isFound: boolean;
};

/** Two people with the same kinds of data, seen by one of them and by an operator. */
async function stage() {
  const clock = createManualClock();
  const world = createWorld({ clock, size: { people: 2, connectionsEach: 3, accountsEach: 1 } });
  const sandbox = await startSandbox({ world });
  const [me = "", other = ""] = world.people.map(({ id }) => id);
  const connector = firstOf(world.connectors, ({ provider }) => provider === "powens");
  const clientRedirectURL = "https://app.example.com/";
  for (const row of world.payments) Object.assign(row, { destinationAccountID: row.sourceAccountID });
  for (const psuID of [me, other]) {
    world.links.create({ psuID, connectorID: connector.id, key: null, applicationName: "", clientRedirectURL });
    const given = { name: "Ada", iban: null, accountNumber: "1", swiftBicCode: null, country: null, metadata: null };
    world.bankAccounts.add(psuID, world.bankAccounts.create(given).id);
    // This fails, and its task remains.
    world.deletions.connection(psuID, connector.id, "no-such-connection");
  }
  clock.advance(1000);
  const gateway = createTestGateway(sandbox, { viewer: psuViewer(me), guards: { schema } });
  const operator = createTestGateway(sandbox, { guards: { schema } });
  return {
    ...{ world, me, other, connector, gateway, operator },
    async [Symbol.asyncDispose]() {
      for (const part of [gateway, operator, sandbox]) await part[Symbol.asyncDispose]();
    },
  };
}

type Stage = Awaited<ReturnType<typeof stage>>;

function toPairs({ world, me, other, connector }: Stage): readonly Pair[] {
  const isTheirs = ({ psuID }: { readonly psuID: string | null }) => psuID === other;
  const unknown = randomUUID();
  const connection = firstOf(world.connections, (row) => isTheirs(row) && row.connectorID === connector.id);
  const attempt = firstOf(world.attempts, isTheirs);
  const account = firstOf(world.accounts, isTheirs);
  const payment = firstOf(world.payments, isTheirs);
  const taskOf = (psuId: string) =>
    toTaskId(connector.id, `delete-user-connection-sandbox-${connector.provider}-${connector.reference}-${psuId}`);

  const alone = (of: Noun, type: string, there: string, nowhere: string): readonly Pair[] => {
    const global = { there: toGlobalId(type, there), nowhere: toGlobalId(type, nowhere) };
    const parts = [global.there, global.nowhere, there, nowhere];
    return [
      { title: `global id of another's ${of}`, of, isGlobal: true, ...global, parts, isFound: true },
      { title: `upstream's id of another's ${of}`, of, isGlobal: false, there, nowhere, parts, isFound: true },
    ];
  };
  /** For ids of PSU, connector and an id of their own. */
  const composed = (of: Noun, ownId: string, toId: (psuID: string, ownId: string) => string): readonly Pair[] => {
    const pair = (title: string, there: string, nowhere: string, isFound: boolean): Pair => ({
      ...{ title: `global id of ${title}`, of, isGlobal: true, there, nowhere, isFound },
      parts: [there, nowhere, ownId, unknown, other],
    });
    return [
      pair(`another's ${of}`, toId(other, ownId), toId(other, unknown), true),
      pair(`another's ${of}, or of an unknown PSU's`, toId(other, ownId), toId(unknown, ownId), true),
      pair(`another's ${of} under the viewer's PSU`, toId(me, ownId), toId(me, unknown), false),
    ];
  };
  const byReference = (of: Noun, there: string): Pair => {
    const nowhere = `${there}-of-nothing`;
    return { title: `another's ${of}`, of, isGlobal: false, there, nowhere, parts: [nowhere, there], isFound: true };
  };
  return [
    ...alone("user", "PaymentServiceUser", other, unknown),
    ...alone("account", "Account", account.id, toAccountId(account.connectorID, "account-of-nothing")),
    ...alone("payment", "Payment", payment.id, toPaymentId(payment.connectorID, "payment-of-nothing", payment.type)),
    ...alone("task", "Task", taskOf(other), taskOf(unknown)),
    ...composed("connection", connection.connectionID, (psuID, connectionID) =>
      connectionGlobalId({ ...connection, psuID, connectionID }),
    ),
    ...composed("attempt", attempt.id, (psuID, id) => attemptGlobalId({ ...attempt, psuID, id })),
    ...composed("bank account", firstOf(world.bankAccounts.all, isTheirs).id, (psuID, id) =>
      toGlobalId("BankAccount", `${psuID}:${id}`),
    ),
    byReference("account's reference", account.reference),
    byReference("payment's reference", payment.reference),
  ];
}

let scene: Stage;
let pairs: readonly Pair[];
beforeAll(async () => {
  scene = await stage();
  pairs = toPairs(scene);
});
afterAll(() => scene[Symbol.asyncDispose]());

type Outcome = { readonly answer: string; readonly calls: readonly string[] };

/** The response and the calls of a lookup, without the parts in which its two ids differ. */
async function outcomeOf(
  gateway: TestGateway,
  operation: Operation,
  field: string,
  id: string,
  parts: readonly string[],
): Promise<Outcome> {
  const blank = (value: unknown) =>
    parts.reduce((text, part) => text.replaceAll(part, "…"), JSON.stringify(value)).replace(/"requestId":"[^"]+"/g, "");
  const account = firstOf(scene.world.accounts, ({ psuID }) => psuID === scene.me).id;
  const values = { id, me: scene.me, account, connector: scene.connector.id };
  const filled = field.replaceAll(/<(\w+)>/g, (_, name: keyof typeof values) => JSON.stringify(values[name]));
  const document = `${operation} { ${filled} }`;
  let answer: unknown;
  const calls = await gateway.calls(async () => {
    if (operation !== "subscription") {
      answer = await gateway.send(document);
      return;
    }
    await using stream = gateway.subscribe(document, {});
    await stream.codes();
    answer = stream.messages;
  });
  return {
    answer: blank(answer),
    calls: calls.map(({ method, path, query, body }) => `${method} ${blank(path)} ${blank([query, body ?? null])}`),
  };
}

const pairsFor = (of: Noun | "anything", place: string) =>
  pairs.filter(
    (pair) => (of === "anything" || pair.of === of) && (pair.isGlobal || !/^Query\.(node|_ent)/.test(place)),
  );

describe("the lookups", () => {
  it("include every argument and input field that takes the id of a PSU's data", () => {
    const places = Object.values(schema.getTypeMap()).flatMap((type) => {
      if (isIntrospectionType(type)) return [];
      if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => ({ at: type.name, ...field }));
      if (!isObjectType(type)) return [];
      return Object.values(type.getFields()).flatMap(({ name, args }) =>
        args.map((argument) => ({ at: `${type.name}.${name}`, ...argument })),
      );
    });
    const takeIds = places
      .filter(({ type }) => /^(ID|_Any)$/.test(getNamedType(type).name))
      .map(({ at, name }) => `${at}.${name}`);
    // Connectors are open to all.
    const isConnectors = (place: string) => /^Query\.connector\.id$|\.connectorIds?$/.test(place);
    const named = new Set(lookups.map(([place]) => place));
    expect(takeIds.filter((place) => !isConnectors(place) && !named.has(place))).toEqual([]);
    expect(named.size).toBeGreaterThan(20);
  });
});

describe("another PSU's data and missing data cost the same calls and get the same response", () => {
  it.each(lookups)("at %s, by the id of %s, in a %s: %s", async (place, of, operation, field) => {
    expect(pairsFor(of, place).length).toBeGreaterThan(0);
    for (const { title, there, nowhere, parts } of pairsFor(of, place)) {
      const outcome = await outcomeOf(scene.gateway, operation, field, there, parts);
      expect({ title, ...outcome }).toEqual({
        title,
        ...(await outcomeOf(scene.gateway, operation, field, nowhere, parts)),
      });
      // None of it is an error that comes before the lookup, except for viewers that may not read at all.
      expect(outcome.answer).not.toMatch(/BAD_USER_INPUT|INTERNAL_SERVER_ERROR/);
    }
  });
});

describe("an operator, who may read everything", () => {
  const queries = lookups.filter(([, , operation, field]) => operation === "query" && !/<me>|<account>/.test(field));

  it.each(queries)("gets different responses at %s, by the id of %s", async (place, of, operation, field) => {
    for (const { title, there, nowhere, parts, isFound } of pairsFor(of, place)) {
      const first = await outcomeOf(scene.operator, operation, field, there, parts);
      const second = await outcomeOf(scene.operator, operation, field, nowhere, parts);
      expect([title, first.answer === second.answer]).toEqual([title, !isFound]);
    }
  });
});
