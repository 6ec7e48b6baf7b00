import { describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import { toAccountId, toConnectorId, toPaymentId, toTaskId } from "../../sandbox/ids.ts";
import { createWorld, type World } from "../../sandbox/world.ts";
import { toCompositeKey, toGlobalId } from "../../src/schema/global-id.ts";
import { graphql } from "../graphql/gql.ts";
import { startTestGateway, type TestGateway } from "../support/helpers.ts";
import {
  accountGlobalId,
  attemptGlobalId,
  connectionGlobalId,
  connectorGlobalId,
  firstOf,
  ownIdOf,
  plainGlobalId,
  psuGlobalId,
} from "./global-ids.ts";

/** The seeded world, where no delete ever gets done. */
const start = () => startTestGateway({ sandbox: { world: createWorld({ clock: createManualClock() }) } });

const EveryId = graphql(`
  query EveryId($tink: ID!, $plaid: ID!, $powens: ID!) {
    paymentServiceUsers(first: 100) {
      nodes {
        id
        connections { id }
        tink: linkAttempts(connectorId: $tink, first: 100) { nodes { id } }
        plaid: linkAttempts(connectorId: $plaid, first: 100) { nodes { id } }
        powens: linkAttempts(connectorId: $powens, first: 100) { nodes { id } }
      }
    }
    connectors { nodes { id } }
    accounts(first: 100) { nodes { id } }
    payments(first: 100) { nodes { id } }
  }
`);

const NodesByIds = graphql(`
  query NodesByIds($ids: [ID!]!) {
    nodes(ids: $ids) { __typename id }
  }
`);

const NodeById = graphql(`
  query NodeById($id: ID!) {
    node(id: $id) { __typename id }
  }
`);

const DeleteForTask = graphql(`
  mutation DeleteForTask($connection: ID!) {
    deleteConnection(input: { connectionId: $connection }) { task { id } }
  }
`);

/** The field of Query that looks up each type. */
const roots = {
  PaymentServiceUser: "paymentServiceUser",
  Connector: "connector",
  BankConnection: "connection",
  LinkAttempt: "linkAttempt",
  Account: "account",
  Payment: "payment",
  Task: "task",
} as const;

type Type = keyof typeof roots;

async function lookUp(gateway: TestGateway, type: Type, id: string) {
  const document = `query ($id: ID!) { found: ${roots[type]}(id: $id) { __typename id } }`;
  const { data, errors } = await gateway.send<{ found: { __typename: string; id: string } | null }>(document, { id });
  return errors.length > 0 ? errors.map(({ extensions }) => extensions.code) : data?.found;
}

function connectorsOf({ connectors }: World) {
  const id = (wanted: string) => connectorGlobalId(firstOf(connectors, ({ provider }) => provider === wanted).id);
  return { tink: id("tink"), plaid: id("plaid"), powens: id("powens") };
}

/** Every id that the seeded world shows, by type. */
async function everyId(gateway: TestGateway): Promise<Readonly<Record<Type, readonly string[]>>> {
  const { world } = gateway.sandbox;
  const data = await gateway.run(EveryId, connectorsOf(world));
  const users = data.paymentServiceUsers.nodes;
  const connection = connectionGlobalId(firstOf(world.connections));
  const { task } = (await gateway.run(DeleteForTask, { connection })).deleteConnection;
  const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
  return {
    PaymentServiceUser: ids(users),
    Connector: ids(data.connectors.nodes),
    BankConnection: ids(users.flatMap((user) => user.connections)).filter((id) => id !== connection),
    LinkAttempt: ids(users.flatMap(({ tink, plaid, powens }) => [tink, plaid, powens].flatMap((page) => page.nodes))),
    Account: ids(data.accounts.nodes),
    Payment: ids(data.payments.nodes),
    Task: [task.id],
  };
}

const types = Object.keys(roots) as Type[];

describe("a global id", () => {
  it("is there for everything in the world, and of nothing else", async () => {
    await using gateway = await start();
    const { people, connections, attempts, accounts, connectors } = gateway.sandbox.world;
    const expected = [people.length, connectors.length, connections.length - 1, attempts.length, accounts.length];
    const ids = await everyId(gateway);
    const lists = [ids.PaymentServiceUser, ids.Connector, ids.BankConnection, ids.LinkAttempt, ids.Account];
    expect(lists.map((list) => list.length)).toEqual(expected);
    const all = Object.values(ids).flat();
    expect(new Set(all).size).toBe(all.length);
  });

  it("leads back to its thing by node, by nodes and by the field of its type", async () => {
    await using gateway = await start();
    const ids = await everyId(gateway);
    for (const type of types) {
      expect(ids[type].length).toBeGreaterThan(0);
      const expected = ids[type].slice(0, 100).map((id) => ({ __typename: type, id }));
      expect((await gateway.run(NodesByIds, { ids: ids[type].slice(0, 100) })).nodes).toEqual(expected);
      for (const node of expected.slice(0, 30)) {
        expect((await gateway.run(NodeById, { id: node.id })).node).toEqual(node);
        expect(await lookUp(gateway, type, node.id)).toEqual(node);
      }
    }
  });

  it("of several types in one list of nodes is answered in its order, null for what is not there", async () => {
    await using gateway = await start();
    const ids = await everyId(gateway);
    const there = types.map((type) => ({ __typename: type, id: firstOf(ids[type]) })).reverse();
    const gone = psuGlobalId("00000000-0000-4000-8000-000000000000");
    const wanted = [gone, ...there.map(({ id }) => id), firstOf(ids.Account), gone];
    const { nodes } = await gateway.run(NodesByIds, { ids: wanted });
    expect(nodes).toEqual([null, ...there, { __typename: "Account", id: firstOf(ids.Account) }, null]);
  });

  it("of nothing is null everywhere", async () => {
    await using gateway = await start();
    const psuId = "00000000-0000-4000-8000-000000000000";
    const connectorID = toConnectorId("plaid", psuId);
    const { people, connectors } = gateway.sandbox.world;
    const there = { psuID: firstOf(people).id, connectorID: firstOf(connectors).id };
    const nothing: readonly (readonly [Type, string])[] = [
      ["PaymentServiceUser", psuGlobalId(psuId)],
      ["Connector", connectorGlobalId(connectorID)],
      ["Account", accountGlobalId(toAccountId(connectorID, "none"))],
      ["Payment", toGlobalId("Payment", toPaymentId(connectorID, "none", "PAYOUT"))],
      ["Task", toGlobalId("Task", toTaskId(connectorID, "none"))],
      ["BankConnection", connectionGlobalId({ ...firstOf(gateway.sandbox.world.connections), connectionID: "none" })],
      ["BankConnection", connectionGlobalId({ ...firstOf(gateway.sandbox.world.connections), psuID: psuId })],
      ["LinkAttempt", attemptGlobalId({ ...there, id: psuId })],
      ["LinkAttempt", attemptGlobalId({ ...there, psuID: psuId, id: psuId })],
      ["LinkAttempt", attemptGlobalId({ ...there, connectorID, id: psuId })],
    ];
    for (const [type, id] of nothing) {
      expect([type, id, await lookUp(gateway, type, id)]).toEqual([type, id, null]);
      expect((await gateway.run(NodeById, { id })).node).toBeNull();
    }
  });

  it("that names its PSU in capitals is of the same thing", async () => {
    await using gateway = await start();
    const { people, connections, attempts } = gateway.sandbox.world;
    const capitals = (row: { readonly psuID: string }) => ({ psuId: row.psuID.toUpperCase() });
    const [person, connection, attempt] = [firstOf(people), firstOf(connections), firstOf(attempts)];
    expect(
      await lookUp(gateway, "PaymentServiceUser", plainGlobalId("PaymentServiceUser", person.id.toUpperCase())),
    ).toEqual({
      __typename: "PaymentServiceUser",
      id: psuGlobalId(person.id),
    });
    expect(
      await lookUp(
        gateway,
        "BankConnection",
        plainGlobalId(
          "BankConnection",
          toCompositeKey({
            ...capitals(connection),
            connectorId: connection.connectorID,
            ownId: connection.connectionID,
          }),
        ),
      ),
    ).toEqual({
      __typename: "BankConnection",
      id: connectionGlobalId(connection),
    });
    expect(
      await lookUp(
        gateway,
        "LinkAttempt",
        plainGlobalId(
          "LinkAttempt",
          toCompositeKey({ ...capitals(attempt), connectorId: attempt.connectorID, ownId: attempt.id }),
        ),
      ),
    ).toEqual({
      __typename: "LinkAttempt",
      id: attemptGlobalId(attempt),
    });
  });
});

describe("an upstream id", () => {
  it.each(["PaymentServiceUser", "Connector", "Account", "Payment", "Task"] as const)(
    "of a %s is taken in place of its global id",
    async (type) => {
      await using gateway = await start();
      for (const id of (await everyId(gateway))[type].slice(0, 20)) {
        expect(await lookUp(gateway, type, ownIdOf(id))).toEqual({ __typename: type, id });
      }
    },
  );

  it("of a PSU may be written in capitals", async () => {
    await using gateway = await start();
    const { id } = firstOf(gateway.sandbox.world.people);
    expect(await lookUp(gateway, "PaymentServiceUser", id.toUpperCase())).toMatchObject({ id: psuGlobalId(id) });
  });

  it("is taken by filters and mutations, too", async () => {
    await using gateway = await start();
    const { people, accounts, connectors } = gateway.sandbox.world;
    const account = firstOf(accounts, ({ psuID }) => psuID !== null);
    const jun = firstOf(people, ({ name }) => name === "Jun Park");
    const powens = firstOf(connectors, ({ provider }) => provider === "powens");
    const { data, errors } = await gateway.send<Record<string, { nodes: readonly { id: string }[] }>>(`{
      users: paymentServiceUsers(filter: { ids: ["${account.psuID?.toUpperCase()}"] }) { nodes { id } }
      accounts(first: 100, filter: { psuId: "${account.psuID}", connectorId: "${account.connectorID}" }) { nodes { id } }
      payments(filter: { accountId: "${account.id}" }) { nodes { id } }
    }`);
    expect(errors).toEqual([]);
    expect(data?.["users"]?.nodes).toEqual([{ id: psuGlobalId(account.psuID ?? "") }]);
    expect(data?.["accounts"]?.nodes).toContainEqual({ id: accountGlobalId(account.id) });
    expect(data?.["payments"]?.nodes.length).toBeGreaterThan(0);
    const forward = await gateway.send(`mutation {
      forwardPaymentServiceUser(input: { psuId: "${jun.id}", connectorId: "${powens.id}" }) { paymentServiceUser { id } }
    }`);
    expect(forward).toMatchObject({
      errors: [],
      data: { forwardPaymentServiceUser: { paymentServiceUser: { id: psuGlobalId(jun.id) } } },
    });
  });

  it("of a connection or a link attempt is refused, since it does not name one thing", async () => {
    await using gateway = await start();
    const { connections, attempts } = gateway.sandbox.world;
    const { connectionID } = firstOf(connections);
    expect(await lookUp(gateway, "BankConnection", connectionID)).toEqual(["BAD_USER_INPUT"]);
    expect(await lookUp(gateway, "LinkAttempt", firstOf(attempts).id)).toEqual(["BAD_USER_INPUT"]);
  });

  it("with padding is refused, as the service does", async () => {
    await using gateway = await start();
    const { accounts } = gateway.sandbox.world;
    const taskId = toTaskId(null, "some task");
    const calls = await gateway.calls(async () => {
      expect(await lookUp(gateway, "Task", `${taskId}=`)).toEqual(["BAD_USER_INPUT"]);
      expect(await lookUp(gateway, "Account", `${firstOf(accounts).id}=`)).toEqual(["BAD_USER_INPUT"]);
    });
    expect(calls).toEqual([]);
  });
});

describe("two connections with the same upstream id", () => {
  it("are distinguished by their connectors, in ids, lookups and accounts", async () => {
    await using gateway = await start();
    const { world } = gateway.sandbox;
    const twins = world.connections.filter(
      (one) => world.connections.filter(({ connectionID }) => connectionID === one.connectionID).length > 1,
    );
    expect(twins).toHaveLength(2);
    for (const twin of twins) {
      const id = connectionGlobalId(twin);
      const { data } = await gateway.send<{
        connection: { connector: { id: string }; accounts: { accountId: string }[] };
      }>("query ($id: ID!) { connection(id: $id) { connector { id } accounts { accountId } } }", { id });
      const own = world.accounts.filter(
        ({ connectorID, connectionID }) => connectorID === twin.connectorID && connectionID === twin.connectionID,
      );
      expect(data?.connection).toEqual({
        connector: { id: connectorGlobalId(twin.connectorID) },
        accounts: own.map((account) => ({ accountId: account.id })),
      });
    }
  });
});

describe("an id spliced from parts of two", () => {
  /** Ids whose parts exist, but not together. */
  function spliced({ connections, attempts }: World) {
    const connection = firstOf(connections);
    const otherUser = firstOf(connections, ({ psuID }) => psuID !== connection.psuID);
    const otherConnector = firstOf(connections, ({ connectorID }) => connectorID !== connection.connectorID);
    const attempt = firstOf(attempts);
    const attemptOfOther = firstOf(attempts, ({ psuID }) => psuID !== attempt.psuID);
    const attemptElsewhere = firstOf(attempts, ({ connectorID }) => connectorID !== attempt.connectorID);
    return {
      connections: [
        connectionGlobalId({ ...connection, psuID: otherUser.psuID }),
        connectionGlobalId({ ...connection, connectionID: otherUser.connectionID }),
        connectionGlobalId({ ...connection, connectorID: otherConnector.connectorID }),
        // The upstream would find this one: it searches by connector and id only.
        connectionGlobalId({ ...otherUser, psuID: connection.psuID }),
      ],
      attempts: [
        attemptGlobalId({ ...attempt, psuID: attemptOfOther.psuID }),
        attemptGlobalId({ ...attempt, id: attemptOfOther.id }),
        attemptGlobalId({ ...attempt, connectorID: attemptElsewhere.connectorID }),
        attemptGlobalId({ ...attempt, id: attemptElsewhere.id }),
      ],
    };
  }

  it("is of nothing", async () => {
    await using gateway = await start();
    const { connections, attempts } = spliced(gateway.sandbox.world);
    for (const id of connections) {
      expect(await lookUp(gateway, "BankConnection", id)).toBeNull();
      expect((await gateway.run(NodeById, { id })).node).toBeNull();
    }
    for (const id of attempts) {
      expect(await lookUp(gateway, "LinkAttempt", id)).toBeNull();
      expect((await gateway.run(NodeById, { id })).node).toBeNull();
    }
  });

  it.each(["updateLink", "deleteConnection"])("is NOT_FOUND for %s, which writes nothing", async (mutation) => {
    await using gateway = await start();
    const { world } = gateway.sandbox;
    const before = structuredClone([world.connections, world.attempts, world.accounts]);
    const url = mutation === "updateLink" ? ', clientRedirectUrl: "https://app.example.com/"' : "";
    const selection = mutation === "updateLink" ? "link" : "deletedId";
    for (const id of spliced(world).connections) {
      const calls = await gateway.calls(async () => {
        const { errors } = await gateway.send(
          `mutation { ${mutation}(input: { connectionId: "${id}"${url} }) { ${selection} } }`,
        );
        expect(errors.map(({ extensions }) => [extensions.code, extensions["field"]])).toEqual([
          ["NOT_FOUND", "input.connectionId"],
        ]);
      });
      expect(calls.map(({ method }) => method)).toEqual(["GET"]);
    }
    expect([world.connections, world.attempts, world.accounts]).toEqual(before);
  });
});
