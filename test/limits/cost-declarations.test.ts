/** Every field that reads from the stack declares a cost, and no other field does. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isCompositeType,
  isIntrospectionType,
  isObjectType,
  isRequiredArgument,
} from "graphql";
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import { createWorld } from "../../sandbox/world.ts";
import { costOf } from "../../src/schema/cost.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { tokenPath } from "../../src/upstream/transport/transport.ts";
import {
  accountGlobalId,
  attemptGlobalId,
  connectionGlobalId,
  connectorGlobalId,
  firstOf,
  psuGlobalId,
} from "../schema/global-ids.ts";
import { createTestGateway, startTestGateway } from "../support/helpers.ts";
import { schema } from "./estimates.ts";

describe("fields that read", () => {
  it("each declare a cost, and no other field does", async () => {
    const clock = createManualClock(new Date()); // what is deleted stays
    const world = createWorld({ clock });
    await using gateway = await startTestGateway({ sandbox: { world } });
    // Only its accounts tell when its data came.
    const powens = firstOf(world.connectors, ({ provider }) => provider === "powens").id;
    const connection = firstOf(
      world.connections,
      ({ psuID, connectorID }) => connectorID === powens && world.accounts.some((row) => row.psuID === psuID),
    );
    connection.dataUpdatedAt = null;
    const account = firstOf(world.accounts, ({ psuID }) => psuID === connection.psuID);
    const { psuID: psuId, connectorID: connectorId } = connection;
    const connectionId = connectionGlobalId(connection);
    // Of one PSU at one connector, a delete is in the way of the next.
    const deletable = world.connections.filter(
      (row, index, all) =>
        row.connectionID !== connection.connectionID &&
        all.findIndex((one) => one.psuID === row.psuID && one.connectorID === row.connectorID) === index,
    );
    const nextDeletable = () => firstOf(deletable.splice(0, 1));
    const link = 'applicationName: "x", clientRedirectUrl: "https://app.example.com/"';
    const bankAccount = world.bankAccounts.create({
      ...{ name: "Ada", iban: "FR7630006000011234567890189", accountNumber: null, swiftBicCode: null },
      ...{ country: null, metadata: null },
    });
    bankAccount.relatedAccounts.push({ ...account, accountID: account.id });
    world.bankAccounts.add(psuId, bankAccount.id);
    const bankAccountId = toGlobalId("BankAccount", `${psuId}:${bankAccount.id}`);
    const inputs: Readonly<Record<string, () => string>> = {
      createPaymentServiceUser: () => 'name: "Ada"',
      addBankAccount: () => `psuId: "${psuId}", name: "Ada", accountNumber: "12345"`,
      forwardBankAccount: () => `bankAccountId: "${bankAccountId}", connectorId: "${connectorId}"`,
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
      deletePaymentServiceUserConnector: () => {
        const { psuID, connectorID } = nextDeletable();
        return `psuId: "${psuID}", connectorId: "${connectorID}"`;
      },
      createLink: () => `psuId: "${psuId}", connectorId: "${connectorId}", ${link}`,
      updateLink: () => `connectionId: "${connectionId}", ${link}`,
      deleteConnection: () => `connectionId: "${connectionGlobalId(nextDeletable())}"`,
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
      BankAccount: [bankAccountId],
      Task: [data?.deleteConnection.task.id ?? ""],
    };

    const argsOf = (field: GraphQLField<unknown, unknown>) => {
      const given = field.args.filter(isRequiredArgument).map(({ name }) => {
        if (name === "input") return `input: { ${inputs[field.name]?.()} }`;
        if (name === "ids") return `ids: ${JSON.stringify(ids["Account"])}`;
        const values: Readonly<Record<string, string | undefined>> = { psuId, connectorId };
        const value = name === "id" ? (ids[getNamedType(field.type).name] ?? ids["Account"])?.[0] : values[name];
        if (value === undefined) throw new Error(`The test has no value for ${field.name}(${name}:)`);
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

    // How each type is reached, and a document that selects its fields.
    type Way = (inner: string) => string;
    const ways = new Map<string, Way>([
      ["Query", (inner) => `query { ${inner} }`],
      ["Subscription", (inner) => `subscription { ${inner} }`],
      ["Mutation", (inner) => `mutation { ${inner} }`],
    ]);
    for (const [type, [...some]] of Object.entries(ids)) {
      ways.set(type, (inner) => `query { nodes(ids: ${JSON.stringify(some)}) { ... on ${type} { ${inner} } } }`);
    }
    // As an account brings it along: of its own list it has everything.
    const ofAccount = ways.get("Account");
    ways.set("Connector", (inner) => ofAccount?.(`connector { ${inner} }`) ?? "");
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
    // An operator has no PSU; that of a PSU is read. An account's connector costs what is selected of it.
    const isFree = (name: string) => ["Viewer.paymentServiceUser", "Account.connector"].includes(name);
    expect(declared.filter((name) => !isFree(name))).toEqual(reading);
    expect(reading.length).toBeGreaterThan(40);
  });

  function fieldsOf(type: string): GraphQLField<unknown, unknown>[] {
    return Object.values((schema.getType(type) as GraphQLObjectType).getFields());
  }
});
