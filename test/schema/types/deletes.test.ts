import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../sandbox/clock.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { graphql } from "../../graphql/gql.ts";
import { createTestGateway, psuViewer, startTestGateway, type TestGateway } from "../../support/helpers.ts";
import { accountGlobalId, connectionGlobalId, connectorGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";

const DeletePsu = graphql(`
  mutation DeletePsu($input: DeletePaymentServiceUserInput!) {
    deletePaymentServiceUser(input: $input) { deletedId task { id taskId status error connector { id } } }
  }
`);

const DeletePsuConnector = graphql(`
  mutation DeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {
    deletePaymentServiceUserConnector(input: $input) { deletedId task { id status error connector { id } } }
  }
`);

const DeleteConnection = graphql(`
  mutation DeleteConnection($input: DeleteConnectionInput!) {
    deleteConnection(input: $input) { deletedId task { id status error connector { id } } }
  }
`);

const TaskById = graphql(`
  query TaskById($id: ID!) {
    task(id: $id) { id status error createdAt updatedAt }
  }
`);

const WhatIsLeft = graphql(`
  query WhatIsLeft($psu: ID!, $connection: ID!, $account: ID!) {
    paymentServiceUser(id: $psu) { connections { id } accounts { id } payments(first: 1) { nodes { id } } }
    connection(id: $connection) { id }
    account(id: $account) { id }
  }
`);

/** A uniform world in which a delete completes when the test advances the clock. */
async function stage() {
  const clock = createManualClock();
  const world = createWorld({ clock, size: { people: 2, connectionsEach: 3, accountsEach: 1 } });
  const gateway = await startTestGateway({ sandbox: { world } });
  const connection = firstOf(world.connections);
  const account = firstOf(world.accounts, ({ connectionID }) => connectionID === connection.connectionID);
  const ids = {
    psu: psuGlobalId(connection.psuID),
    connection: connectionGlobalId(connection),
    account: accountGlobalId(account.id),
    connector: connectorGlobalId(connection.connectorID),
  };
  return Object.assign(gateway, { clock, world, ids });
}

type Stage = Awaited<ReturnType<typeof stage>>;

const left = ({ ids: { psu, connection, account }, ...gateway }: Stage) =>
  gateway.run(WhatIsLeft, { psu, connection, account });

async function taskOf(gateway: TestGateway, id: string) {
  return (await gateway.run(TaskById, { id })).task;
}

async function refusal(gateway: TestGateway, document: string, input: object) {
  let found: unknown[] = [];
  const calls = await gateway.calls(async () => {
    const { errors } = await gateway.send(document, { input });
    found = errors.map(({ extensions }) => [extensions.code, extensions["field"]]);
  });
  return { found, writes: calls.filter(({ method }) => method !== "GET") };
}

describe("deletePaymentServiceUser", () => {
  it("answers with the task, and the PSU is gone with all its data when that has succeeded", async () => {
    await using gateway = await stage();
    const { ids, clock } = gateway;
    const { deletedId, task } = (await gateway.run(DeletePsu, { input: { psuId: ids.psu } })).deletePaymentServiceUser;
    expect(deletedId).toBe(ids.psu);
    expect(task).toMatchObject({ status: "PROCESSING", error: null, connector: null });
    expect(await left(gateway)).toMatchObject({
      paymentServiceUser: { accounts: [{}, {}, {}] },
      connection: {},
      account: {},
    });
    clock.advance(1000);
    expect(await taskOf(gateway, task.id)).toMatchObject({ id: task.id, status: "SUCCEEDED", error: null });
    expect(await taskOf(gateway, task.taskId)).toMatchObject({ id: task.id });
    expect(await left(gateway)).toEqual({ paymentServiceUser: null, connection: null, account: null });
    expect(gateway.world.people).toHaveLength(1);
    expect(gateway.world.accounts).toHaveLength(3);
  });

  it("of a PSU that there is not, or no longer, is NOT_FOUND, and nothing is sent", async () => {
    await using gateway = await stage();
    const expected = { found: [["NOT_FOUND", "input.psuId"]], writes: [] };
    const noPsu = { psuId: "00000000-0000-4000-8000-000000000000" };
    expect(await refusal(gateway, DeletePsu.toString(), noPsu)).toEqual(expected);
    const input = { psuId: gateway.ids.psu };
    await gateway.run(DeletePsu, { input });
    gateway.clock.advance(1000);
    expect(await refusal(gateway, DeletePsu.toString(), input)).toEqual(expected);
  });

  it("costs a read of the PSU, the delete, and a read of the task", async () => {
    await using gateway = await stage();
    const calls = await gateway.calls(() => gateway.run(DeletePsu, { input: { psuId: gateway.ids.psu } }));
    expect(calls.map(({ method }) => method)).toEqual(["GET", "DELETE", "GET"]);
    expect(calls[1]?.path).toBe(`/payment-service-users/${gateway.world.people[0]?.id}`);
  });
});

describe("deleteConnection", () => {
  it("answers with the task, and the connection is gone with its accounts when that has succeeded", async () => {
    await using gateway = await stage();
    const { ids, clock } = gateway;
    const input = { connectionId: ids.connection };
    const { deletedId, task } = (await gateway.run(DeleteConnection, { input })).deleteConnection;
    expect(deletedId).toBe(ids.connection);
    expect(task).toMatchObject({ status: "PROCESSING", error: null, connector: { id: ids.connector } });
    expect((await left(gateway)).connection).toEqual({ id: ids.connection });
    clock.advance(1000);
    expect(await taskOf(gateway, task.id)).toMatchObject({ status: "SUCCEEDED", error: null });
    const { paymentServiceUser, connection, account } = await left(gateway);
    expect([connection, account]).toEqual([null, null]);
    expect(paymentServiceUser?.connections).toHaveLength(2);
    expect(paymentServiceUser?.connections).not.toContainEqual({ id: ids.connection });
    expect(paymentServiceUser?.accounts).toHaveLength(2);
  });

  it("of a connection that there is not, or no longer, is NOT_FOUND, and nothing is sent", async () => {
    await using gateway = await stage();
    const expected = { found: [["NOT_FOUND", "input.connectionId"]], writes: [] };
    const none = connectionGlobalId({ ...firstOf(gateway.world.connections), connectionID: "none" });
    expect(await refusal(gateway, DeleteConnection.toString(), { connectionId: none })).toEqual(expected);
    const input = { connectionId: gateway.ids.connection };
    await gateway.run(DeleteConnection, { input });
    gateway.clock.advance(1000);
    expect(await refusal(gateway, DeleteConnection.toString(), input)).toEqual(expected);
  });

  it("deletes the connection that is named, where another connector has one with the same id", async () => {
    const clock = createManualClock();
    await using gateway = await startTestGateway({ sandbox: { world: createWorld({ clock }) } });
    const { connections } = gateway.sandbox.world;
    const [twin, other] = connections.filter(
      (one) => connections.filter(({ connectionID }) => connectionID === one.connectionID).length > 1,
    );
    if (twin === undefined || other === undefined) throw new Error("There are no twins.");
    await gateway.run(DeleteConnection, { input: { connectionId: connectionGlobalId(twin) } });
    clock.advance(1000);
    expect(connections).not.toContain(twin);
    expect(connections).toContain(other);
  });

  it("costs a read of the PSU's connections, the delete, and a read of the task", async () => {
    await using gateway = await stage();
    const connection = firstOf(gateway.world.connections);
    const input = { connectionId: gateway.ids.connection };
    const calls = await gateway.calls(() =>
      gateway.send(
        "mutation ($input: DeleteConnectionInput!) { deleteConnection(input: $input) { task { status } } }",
        { input },
      ),
    );
    const user = `/payment-service-users/${connection.psuID}`;
    const at = `${user}/connectors/${connection.connectorID}/connections/${connection.connectionID}`;
    expect(calls.slice(0, 2).map(({ method, path }) => [method, path])).toEqual([
      ["GET", `${user}/connections`],
      ["DELETE", at],
    ]);
    expect(calls.slice(2).map(({ method, path }) => [method, path.startsWith("/tasks/")])).toEqual([["GET", true]]);
  });
});

describe("deletePaymentServiceUserConnector", () => {
  it("answers with the task, and the data of that connector alone is gone when that has succeeded", async () => {
    await using gateway = await stage();
    const { ids, clock } = gateway;
    const input = { psuId: ids.psu, connectorId: ids.connector };
    const { deletedId, task } = (await gateway.run(DeletePsuConnector, { input })).deletePaymentServiceUserConnector;
    expect(deletedId).toBe(ids.connector);
    expect(task).toMatchObject({ status: "PROCESSING", error: null, connector: { id: ids.connector } });
    clock.advance(1000);
    expect(await taskOf(gateway, task.id)).toMatchObject({ status: "SUCCEEDED" });
    const { paymentServiceUser, account } = await left(gateway);
    expect(account).toBeNull();
    expect(paymentServiceUser?.accounts).toHaveLength(2);
    const link = { ...input, clientRedirectUrl: "https://app.example.com/" };
    const create = "mutation ($input: CreateLinkInput!) { createLink(input: $input) { link } }";
    expect((await refusal(gateway, create, link)).found).toEqual([["NOT_FOUND", "input"]]);
  });

  it("of a PSU or a connector that there is not is NOT_FOUND, and nothing is sent", async () => {
    await using gateway = await stage();
    const { psu, connector } = gateway.ids;
    const noPsu = "00000000-0000-4000-8000-000000000000";
    const nowhere = Buffer.from(JSON.stringify({ Provider: "tink", Reference: noPsu })).toString("base64url");
    const unknown = [
      [{ psuId: noPsu, connectorId: connector }, "input.psuId"],
      [{ psuId: psu, connectorId: nowhere }, "input.connectorId"],
    ] as const;
    for (const [input, field] of unknown) {
      const expected = { found: [["NOT_FOUND", field]], writes: [] };
      expect(await refusal(gateway, DeletePsuConnector.toString(), input)).toEqual(expected);
    }
  });

  it("of a PSU that is not known there is a task that fails and says why, to the PSU without the stack's words", async () => {
    const clock = createManualClock();
    await using gateway = await startTestGateway({ sandbox: { world: createWorld({ clock }) } });
    const { people, connectors } = gateway.sandbox.world;
    const jun = firstOf(people, ({ name }) => name === "Jun Park");
    const input = { psuId: jun.id, connectorId: firstOf(connectors, ({ provider }) => provider === "tink").id };
    const { task } = (await gateway.run(DeletePsuConnector, { input })).deletePaymentServiceUserConnector;
    clock.advance(1000);
    expect(await taskOf(gateway, task.id)).toMatchObject({
      status: "FAILED",
      error: "getting open banking forwarded user: not found",
    });
    await using own = createTestGateway(gateway.sandbox, { viewer: psuViewer(jun.id) });
    expect(await taskOf(own, task.id)).toMatchObject({ status: "FAILED", error: "The stack could not do it." });
  });
});
