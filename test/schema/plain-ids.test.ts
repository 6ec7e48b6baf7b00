/** Global ids as they once all were: clients have stored them, and each argument goes on taking them. */
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import { createWorld } from "../../sandbox/world.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { toSchema } from "../../src/schema/index.ts";
import { estimateOf } from "../limits/estimates.ts";
import { startTestGateway, type TestGateway } from "../support/helpers.ts";
import { attemptGlobalId, firstOf, oneOfEach, psuGlobalId, toPlain } from "./global-ids.ts";

type Type = keyof ReturnType<typeof oneOfEach> | "BankAccount" | "Newcomer";

const url = 'clientRedirectUrl: "https://app.example.com/"';
const lists = (["accounts", "payments"] as const).flatMap((list) => [
  [`${list}(filter: { psuId: <id> }) { nodes { id } }`, "PaymentServiceUser"] as const,
  [`${list}(filter: { connectorId: <id> }) { nodes { id } }`, "Connector"] as const,
  [`${list}(filter: { connectionId: <id> }) { nodes { id } }`, "BankConnection"] as const,
]);
const types: readonly Type[] = [
  ...(["PaymentServiceUser", "Connector", "BankConnection", "LinkAttempt", "Account", "Payment", "Task"] as const),
];
const root = (type: Type) => (type === "BankConnection" ? "connection" : type[0]?.toLowerCase() + type.slice(1));

const queries: readonly (readonly [field: string, type: Type])[] = [
  ...types.flatMap((type) => [
    [`${root(type)}(id: <id>) { id }`, type] as const,
    ["node(id: <id>) { id __typename }", type] as const,
    ["nodes(ids: [<id>, <id>]) { id __typename }", type] as const,
  ]),
  ...lists,
  ["node(id: <id>) { id __typename }", "BankAccount"],
  ["nodes(ids: [<id>]) { id __typename }", "BankAccount"],
  ["paymentServiceUsers(filter: { ids: [<id>] }) { nodes { id accounts { id } } }", "PaymentServiceUser"],
  ["payments(filter: { accountId: <id> }) { nodes { id } }", "Account"],
  ["paymentServiceUser(id: <psu>) { connections(connectorIds: [<id>]) { id } }", "Connector"],
  ["paymentServiceUser(id: <psu>) { linkAttempts(connectorId: <id>) { nodes { id } } }", "Connector"],
  ...(["PaymentServiceUser", "Connector", "BankConnection", "Account"] as const).map(
    (type) =>
      [`_entities(representations: [{ __typename: "${type}", id: <id> }]) { ... on ${type} { id } }`, type] as const,
  ),
];

const mutations: readonly (readonly [field: string, type: Type])[] = [
  [`createLink(input: { psuId: <id>, connectorId: <connector>, ${url} }) { attempt { status } }`, "PaymentServiceUser"],
  [`createLink(input: { psuId: <psu>, connectorId: <id>, ${url} }) { attempt { status } }`, "Connector"],
  [`updateLink(input: { connectionId: <id>, ${url} }) { attempt { status } }`, "BankConnection"],
  ["deleteConnection(input: { connectionId: <id> }) { deletedId }", "BankConnection"],
  [
    "deletePaymentServiceUserConnector(input: { psuId: <id>, connectorId: <connector> }) { deletedId }",
    "PaymentServiceUser",
  ],
  ["deletePaymentServiceUserConnector(input: { psuId: <psu>, connectorId: <id> }) { deletedId }", "Connector"],
  ["deletePaymentServiceUser(input: { psuId: <id> }) { deletedId }", "PaymentServiceUser"],
  ["forwardPaymentServiceUser(input: { psuId: <id>, connectorId: <connector> }) { connector { id } }", "Newcomer"],
  ["forwardPaymentServiceUser(input: { psuId: <newcomer>, connectorId: <id> }) { connector { id } }", "Connector"],
  [
    'addBankAccount(input: { psuId: <id>, name: "Rent", accountNumber: "123456" }) { bankAccount { id } }',
    "PaymentServiceUser",
  ],
  [
    "forwardBankAccount(input: { bankAccountId: <id>, connectorId: <connector> }) { task { id status } }",
    "BankAccount",
  ],
  [
    "forwardBankAccount(input: { bankAccountId: <bankAccount>, connectorId: <id> }) { task { id status } }",
    "Connector",
  ],
];

const subscriptions: readonly (readonly [field: string, type: Type])[] = [
  ["connectionChanged(psuId: <id>) { kind connection { id status } }", "PaymentServiceUser"],
  ["connectionChanged(psuId: <psu>, connectorId: <id>) { kind connection { id status } }", "Connector"],
  ["linkAttemptChanged(id: <id>) { id status }", "LinkAttempt"],
  ["taskChanged(id: <id>) { id status }", "Task"],
];

const start = () =>
  startTestGateway({
    sandbox: { world: createWorld({ clock: createManualClock() }) },
    guards: { schema: toSchema({ federation: true }) },
  });

const noDetails = { iban: null, swiftBicCode: null, country: null, metadata: null };
const newcomer = {
  ...{ name: "Nora New", metadata: null, bankAccountIDs: [] },
  contactDetails: { email: null, phoneNumber: null, locale: "en_GB" },
  address: { ...{ streetName: null, streetNumber: null, city: null, region: null, postalCode: null }, country: "GB" },
};

async function answerOf(gateway: TestGateway, text: string) {
  const { data, errors } = await gateway.send(text);
  return { data, errors };
}

async function firstOfStream(gateway: TestGateway, text: string) {
  await using stream = gateway.subscribe<object, object>(text, {});
  await expect.poll(() => stream.messages.length).toBeGreaterThan(0);
  return { errors: [], ...stream.messages[0] };
}

/** The answer, the calls and the estimated cost of a field with a plain id, and with a short one. */
async function both(operation: "query" | "mutation" | "subscription", field: string, type: Type) {
  const answers = [];
  for (const form of [toPlain, (id: string) => id]) {
    await using gateway = await start();
    const { world } = gateway.sandbox;
    const connection = firstOf(world.connections);
    const owner = { psuID: connection.psuID, connectorID: connection.connectorID };
    const bankAccount = world.bankAccounts.create({ ...noDetails, name: "Rent", accountNumber: "123456" });
    world.bankAccounts.add(owner.psuID, bankAccount.id);
    const { id: newId } = world.createPerson(newcomer);
    const ids = {
      ...oneOfEach(world),
      ...oneOfEach({
        ...world,
        people: world.people.filter(({ id }) => id === owner.psuID),
        connectors: world.connectors.filter(({ id }) => id === owner.connectorID),
      }),
      LinkAttempt: attemptGlobalId(firstOf(world.attempts)),
      Newcomer: psuGlobalId(newId),
      BankAccount: toGlobalId("BankAccount", `${owner.psuID}:${bankAccount.id}`),
      Task: toGlobalId("Task", world.deletions.connection(newId, owner.connectorID, "none")),
    };
    const text = `${operation} { ${field
      .replaceAll("<id>", JSON.stringify(form(ids[type])))
      .replaceAll("<newcomer>", JSON.stringify(ids.Newcomer))
      .replaceAll("<bankAccount>", JSON.stringify(ids.BankAccount))
      .replaceAll("<psu>", JSON.stringify(ids.PaymentServiceUser))
      .replaceAll("<connector>", JSON.stringify(ids.Connector))} }`;
    let answer: unknown;
    const calls = await gateway.calls(async () => {
      answer = operation === "subscription" ? await firstOfStream(gateway, text) : await answerOf(gateway, text);
    });
    const paths = calls.map(({ method, path, query }) => [method, path, query]);
    answers.push({
      answer,
      paths,
      cost: operation === "query" && field.startsWith("_") ? null : estimateOf(text).calls,
      isPlain: form === toPlain,
    });
  }
  return answers;
}

describe("a plain global id", () => {
  it.each(queries)("is taken by %s, of a %s", async (field, type) => {
    const [plain, short] = await both("query", field, type);
    expect(short?.answer).toMatchObject({ errors: [] });
    expect({ ...plain, isPlain: false }).toEqual(short);
  });

  it.each(mutations)("is taken by %s, of a %s", async (field, type) => {
    const [plain, short] = await both("mutation", field, type);
    expect(short?.answer).toMatchObject({ errors: [] });
    expect([plain?.answer, plain?.cost, plain?.paths.length]).toEqual([
      short?.answer,
      short?.cost,
      short?.paths.length,
    ]);
  });

  it.each(subscriptions)("is taken by %s, of a %s", async (field, type) => {
    const [plain, short] = await both("subscription", field, type);
    expect(short?.answer).toMatchObject({ errors: [], data: expect.any(Object) });
    expect([plain?.answer, plain?.cost]).toEqual([short?.answer, short?.cost]);
  });
});
