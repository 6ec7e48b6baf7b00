import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../sandbox/clock.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { graphql } from "../../graphql/gql.ts";
import type { DeleteConnectionMutation } from "../../graphql/graphql.ts";
import { call, grant } from "../../sandbox/helpers.ts";
import {
  createTestGateway,
  psuViewer,
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
  until,
} from "../../support/helpers.ts";
import { slowClock } from "../../support/slow-clock.ts";
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

const FollowedTask = graphql(`
  subscription FollowedTask($id: ID!) {
    taskChanged(id: $id) { status }
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
  const plaid = firstOf(world.connectors, ({ provider }) => provider === "plaid").id;
  const connection = firstOf(world.connections, ({ connectorID }) => connectorID === plaid);
  const account = firstOf(world.accounts, ({ connectionID }) => connectionID === connection.connectionID);
  const ids = {
    psu: psuGlobalId(connection.psuID),
    connection: connectionGlobalId(connection),
    account: accountGlobalId(account.id),
    connector: connectorGlobalId(connection.connectorID),
  };
  return Object.assign(gateway, { clock, world, connection, ids });
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
    const { connection } = gateway;
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

/** One PSU with two connections at Powens, over real time. */
async function powensStage(options: TestGatewayOptions = {}) {
  const gateway = await startTestGateway({ sandbox: { clock: slowClock }, ...options });
  const { world } = gateway.sandbox;
  const chloe = firstOf(world.people, ({ name }) => name.startsWith("Chlo"));
  const powens = firstOf(world.connectors, ({ provider }) => provider === "powens").id;
  const own = world.connections.filter((row) => row.psuID === chloe.id && row.connectorID === powens);
  const [first, second] = own;
  if (first === undefined || second === undefined || own.length !== 2)
    throw new Error("There are not two connections.");
  const listed = () => world.connections.filter((row) => own.includes(row)).map((row) => own.indexOf(row));
  const remove = (connection: typeof first, from: TestGateway = gateway) =>
    from.send<DeleteConnectionMutation>(DeleteConnection.toString(), {
      input: { connectionId: connectionGlobalId(connection) },
    });
  const isOver = (id = "") => until(async () => (await taskOf(gateway, id))?.status !== "PROCESSING");
  return Object.assign(gateway, { chloe, powens, first, second, listed, remove, isOver });
}

const taskIdOf = (answer: { readonly data: DeleteConnectionMutation | null }) => answer.data?.deleteConnection.task.id;

const notStarted = [
  { extensions: { code: "CONFLICT", field: "input.connectionId", retryable: false, deleteNotStarted: true } },
];
const unconfirmed = (field = "input.connectionId") => [
  { extensions: { code: "CONFLICT", field, retryable: false, outcomeUnknown: true } },
];

describe.concurrent("a delete that shares its task with an earlier one", () => {
  it("of another connection that has succeeded is not confirmed, and says what else ends the connection", async () => {
    await using on = await powensStage();
    await on.isOver(taskIdOf(await on.remove(on.first)));
    const { data, errors } = await on.remove(on.second);
    expect(data).toEqual({ deleteConnection: null });
    expect(errors).toMatchObject(unconfirmed());
    expect(errors[0]?.message).toContain("`deletePaymentServiceUserConnector` ends");
    expect(on.listed()).toEqual([1]);
  });

  it("of another connection that runs is refused when that has succeeded, in one request or in two", async () => {
    for (const isOne of [true, false]) {
      await using on = await powensStage();
      const [first, second] = [connectionGlobalId(on.first), connectionGlobalId(on.second)];
      const both =
        "mutation ($a: ID!, $b: ID!) { a: deleteConnection(input: { connectionId: $a }) { task { status } } b: deleteConnection(input: { connectionId: $b }) { task { status } } }";
      const errors = isOne
        ? (await on.send(both, { a: first, b: second })).errors
        : (await Promise.all([on.remove(on.first), on.remove(on.second)])).flatMap((answer) => answer.errors);
      expect(errors).toMatchObject(notStarted);
      expect(on.listed()).toHaveLength(1);
    }
  });

  it("that is not confirmed is not so by any replica", async () => {
    await using on = await powensStage();
    await using replica = createTestGateway(on.sandbox);
    await on.isOver(taskIdOf(await on.remove(on.first)));
    expect((await on.remove(on.second, replica)).errors).toMatchObject(unconfirmed());
  });

  it("that has failed starts, and is done", async () => {
    await using on = await powensStage();
    const taskID = await deleteNothing(on);
    await on.isOver(taskID);
    expect(await taskOf(on, taskID)).toMatchObject({ status: "FAILED" });
    const { errors } = await on.remove(on.second);
    expect(errors).toEqual([]);
    await on.isOver(taskID);
    expect(on.listed()).toEqual([0]);
  });

  it("that has failed, and takes longer than the mutation waits, is not confirmed, nor called anything worse", async () => {
    const clock = createManualClock();
    const sandbox = { world: createWorld({ clock }) };
    await using on = await powensStage({ sandbox });
    await deleteNothing(on);
    clock.advance(300);
    const { errors } = await on.remove(on.second);
    expect(errors).toMatchObject(unconfirmed());
    expect(errors[0]?.message).not.toContain("deletePaymentServiceUser");
    clock.advance(300);
    expect(on.listed()).toEqual([0]);
  });

  it("sets the task of the earlier one back, whose watcher emits the success all the same", async () => {
    await using on = await powensStage({ live: { pace: 20 } });
    const id = taskIdOf(await on.remove(on.first)) ?? "";
    await using stream = on.subscribe(FollowedTask, { id });
    await stream.first(1);
    await until(async () => on.listed().length === 1);
    await on.remove(on.second);
    expect((await stream.all()).map(({ taskChanged: { status } }) => status)).toEqual(["PROCESSING", "SUCCEEDED"]);
    expect(await taskOf(on, id)).toMatchObject({ status: "PROCESSING" });
  });

  it("that runs and fails is sent again, and is done", async () => {
    await using on = await powensStage();
    await deleteNothing(on);
    expect((await on.remove(on.second)).errors).toEqual([]);
    await until(async () => !on.listed().includes(1));
  });

  it("of the same connection that runs is confirmed when that is gone", async () => {
    await using on = await powensStage();
    const answers = await Promise.all([on.remove(on.first), on.remove(on.first)]);
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    await on.isOver(answers.map(taskIdOf)[0]);
    expect(on.listed()).toEqual([1]);
  });

  it("says that its outcome is not known when the stack fails after it has accepted it", async () => {
    await using on = await powensStage();
    await on.isOver(taskIdOf(await on.remove(on.first)));
    using _fault = on.sandbox.fault(({ method, path }) => method === "GET" && path.startsWith("/tasks/"), {
      status: 500,
      body: "{}",
    });
    const { errors } = await on.remove(on.second);
    expect(errors[0]).toMatchObject({ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: false } });
    expect(errors[0]?.message).toContain("Whether it was done is not known");
  });

  it("from a connector is refused when the PSU was forwarded again after the first", async () => {
    await using on = await powensStage();
    const input = { psuId: psuGlobalId(on.chloe.id), connectorId: connectorGlobalId(on.powens) };
    const { task } = (await on.run(DeletePsuConnector, { input })).deletePaymentServiceUserConnector;
    await on.isOver(task.id);
    expect(await taskOf(on, task.id)).toMatchObject({ status: "SUCCEEDED" });
    const forward =
      "mutation ($input: ForwardPaymentServiceUserInput!) { forwardPaymentServiceUser(input: $input) { __typename } }";
    expect((await on.send(forward, { input })).errors).toEqual([]);
    const { errors } = await on.send(DeletePsuConnector.toString(), { input });
    expect(errors).toMatchObject(unconfirmed("input.connectorId"));
    expect(on.sandbox.world.isForwarded(on.chloe.id, on.powens)).toBe(true);
  });

  it("from a connector that runs is the same one", async () => {
    await using on = await powensStage();
    const input = { psuId: psuGlobalId(on.chloe.id), connectorId: connectorGlobalId(on.powens) };
    const remove = () => on.run(DeletePsuConnector, { input });
    const [one, two] = await Promise.all([remove(), remove()]);
    expect(two.deletePaymentServiceUserConnector.task.id).toBe(one.deletePaymentServiceUserConnector.task.id);
    await on.isOver(one.deletePaymentServiceUserConnector.task.id);
    expect(on.sandbox.world.isForwarded(on.chloe.id, on.powens)).toBe(false);
  });
});

/** Fails later: there is no such connection. */
async function deleteNothing({ sandbox, chloe, powens }: Awaited<ReturnType<typeof powensStage>>): Promise<string> {
  const { body } = await grant(sandbox);
  const path = `/payment-service-users/${chloe.id}/connectors/${powens}/connections/none`;
  return (await call(sandbox, "DELETE", path, body.access_token)).body.data.taskID;
}

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
