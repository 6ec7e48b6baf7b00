import { describe, expect, test } from "vitest";
import { connectorOf, linkBody, missingUuid, newcomer, personNamed, type Stage, stage } from "./helpers.ts";

const users = "/payment-service-users";
const taskOf = async (on: Stage, id: string) => (await on.get(`/tasks/${id}`)).body.data;
const accountsOf = async (on: Stage, psuID: string) =>
  (await on.get("/accounts?pageSize=100", { body: { $match: { psu_id: psuID } } })).body.cursor.data;

describe("deleting a PSU", () => {
  test("takes a moment, then PSU, connections, attempts, accounts, balances and payments are gone", async () => {
    await using on = await stage();
    const ben = personNamed(on, "Ben");
    const [account] = await accountsOf(on, ben.id);
    const reply = await on.remove(`${users}/${ben.id}`);
    expect(reply.status).toBe(202);
    const { taskID } = reply.body.data;
    expect(await taskOf(on, taskID)).toMatchObject({ id: taskID, status: "PROCESSING" });
    expect((await on.get(`${users}/${ben.id}`)).status).toBe(200);

    on.advance(300);
    const task = await taskOf(on, taskID);
    expect(task).toMatchObject({ status: "SUCCEEDED", createdObjectID: ben.id });
    expect(task).not.toHaveProperty("connectorID");
    expect((await on.get(`${users}/${ben.id}`)).status).toBe(404);
    expect((await on.get(`${users}/${ben.id}/connections`)).body.cursor.data).toEqual([]);
    expect((await on.get(`/accounts/${account.id}`)).status).toBe(404);
    expect((await on.get(`/accounts/${account.id}/balances`)).body.cursor.data).toEqual([]);
    expect((await on.get("/payments", { body: { $match: { psu_id: ben.id } } })).body.cursor.data).toEqual([]);
    expect(on.world.attempts.some((row) => row.psuID === ben.id)).toBe(false);
    expect(on.world.people).toHaveLength(11);
  });

  test("who is not there is NOT_FOUND", async () => {
    await using on = await stage();
    expect((await on.remove(`${users}/${missingUuid}`)).status).toBe(404);
  });
});

describe("uninstalling a connector", () => {
  test("shows it as scheduled for deletion, with its data, until all of it is gone", async () => {
    await using on = await stage();
    const tink = connectorOf(on, "tink").id;
    const isOfIt = (row: { connectorID: string }) => row.connectorID === tink;
    const listed = async () => {
      const { body } = await on.get("/connectors?pageSize=100");
      return body.cursor.data.find((row: { id: string }) => row.id === tink)?.scheduledForDeletion;
    };
    expect(await listed()).toBe(false);
    const reply = await on.remove(`/connectors/${tink}`);
    expect(reply.status).toBe(202);
    expect(await listed()).toBe(true);
    expect(on.world.attempts.some(isOfIt)).toBe(true);

    on.advance(300);
    const task = await taskOf(on, reply.body.data.taskID);
    expect(task).toMatchObject({ status: "SUCCEEDED", createdObjectID: tink });
    expect(task).not.toHaveProperty("connectorID");
    expect(await listed()).toBeUndefined();
    for (const rows of [on.world.attempts, on.world.connections, on.world.accounts]) {
      expect(rows.some(isOfIt)).toBe(false);
    }
  });

  test("that is not there is NOT_FOUND", async () => {
    await using on = await stage();
    const tink = connectorOf(on, "tink").id;
    await on.remove(`/connectors/${tink}`);
    on.advance(300);
    expect((await on.remove(`/connectors/${tink}`)).status).toBe(404);
  });
});

describe("deleting a connection", () => {
  test("takes away its accounts and payments, not those of another connector with the same connection id; Tink's stay", async () => {
    await using on = await stage();
    const kofi = personNamed(on, "Kofi");
    const tink = connectorOf(on, "tink").id;
    const before = await accountsOf(on, kofi.id);
    const [first, second] = on.world.connections.filter((row) => row.psuID === kofi.id);
    expect(first?.connectionID).toBe(second?.connectionID);
    expect(first?.connectorID).not.toBe(second?.connectorID);
    await on.remove(`${users}/${kofi.id}/connectors/${tink}/connections/${first?.connectionID}`);
    on.advance(300);
    expect(on.world.connections.filter((row) => row.psuID === kofi.id)).toEqual([second]);
    expect(await accountsOf(on, kofi.id)).toEqual(before);
    const at = `${users}/${kofi.id}/connectors/${second?.connectorID}/connections/${second?.connectionID}`;
    await on.remove(at);
    on.advance(300);
    expect(await accountsOf(on, kofi.id)).toEqual(
      before.filter((row: { connectorID: string }) => row.connectorID === tink),
    );
  });

  test("has a task whose id knows only PSU and connector, so the second delete does nothing and stays PROCESSING", async () => {
    await using on = await stage();
    const chloe = personNamed(on, "Chloé");
    const at = `${users}/${chloe.id}/connectors/${connectorOf(on, "powens").id}/connections`;
    const [first, second] = on.world.connections.filter((row) => row.psuID === chloe.id).map((row) => row.connectionID);
    const one = (await on.remove(`${at}/${first}`)).body.data.taskID;
    on.advance(300);
    expect((await taskOf(on, one)).status).toBe("SUCCEEDED");
    const two = (await on.remove(`${at}/${second}`)).body.data.taskID;
    expect(two).toBe(one);
    on.advance(60_000);
    expect((await taskOf(on, two)).status).toBe("PROCESSING");
    expect(on.world.connections.filter((row) => row.psuID === chloe.id).map((row) => row.connectionID)).toEqual([
      second,
    ]);
  });

  test("that does not exist is accepted all the same, fails later, and may be tried again", async () => {
    await using on = await stage();
    const emma = personNamed(on, "Emma");
    const at = `${users}/${emma.id}/connectors/${connectorOf(on, "tink").id}/connections`;
    const lost = await on.remove(`${at}/none`);
    expect(lost.status).toBe(202);
    on.advance(300);
    const failed = await taskOf(on, lost.body.data.taskID);
    expect(failed.status).toBe("FAILED");
    expect(failed.error).toContain("not found");
    const connection = on.world.connections.find((row) => row.psuID === emma.id)?.connectionID;
    await on.remove(`${at}/${connection}`);
    on.advance(300);
    const done = await taskOf(on, lost.body.data.taskID);
    expect(done.status).toBe("SUCCEEDED");
    expect(done).not.toHaveProperty("error");
  });

  test("of another PSU's is accepted too", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "tink");
    const emma = personNamed(on, "Emma");
    const theirs = on.world.connections.find((row) => row.psuID === emma.id)?.connectionID;
    const reply = await on.remove(`${at}/connections/${theirs}`);
    expect(reply.status).toBe(202);
    on.advance(300);
    expect((await taskOf(on, reply.body.data.taskID)).status).toBe("SUCCEEDED");
  });

  test("on a connector that is not there is VALIDATION, for its task could not be stored", async () => {
    await using on = await stage();
    const reply = await on.remove(`${users}/${missingUuid}/connectors/${on.world.accounts[0]?.id}/connections/c`);
    expect([reply.status, reply.body.errorCode]).toEqual([400, "VALIDATION"]);
  });
});

describe("removing a PSU from a connector", () => {
  test("removes data and registration, but not the connections from the list", async () => {
    await using on = await stage();
    const ben = personNamed(on, "Ben");
    const plaid = connectorOf(on, "plaid").id;
    const at = `${users}/${ben.id}/connectors/${plaid}`;
    const reply = await on.remove(at);
    expect(reply.status).toBe(202);
    on.advance(300);
    const task = await taskOf(on, reply.body.data.taskID);
    expect(task).toMatchObject({ status: "SUCCEEDED", connectorID: plaid, createdObjectID: ben.id });
    const accounts = await accountsOf(on, ben.id);
    expect(accounts.length).toBeGreaterThan(0);
    expect(accounts.some((row: { connectorID: string }) => row.connectorID === plaid)).toBe(false);
    expect((await on.get(`${at}/connections`)).body.cursor.data).toHaveLength(1);
    expect((await on.post(`${at}/create-link`, { body: linkBody })).status).toBe(404);
    expect((await on.post(`${at}/forward`)).status).toBe(204);
  });

  test("where the PSU never was fails later", async () => {
    await using on = await stage();
    const reply = await on.remove(`${users}/${personNamed(on, "Jun").id}/connectors/${connectorOf(on, "plaid").id}`);
    on.advance(300);
    expect([reply.status, (await taskOf(on, reply.body.data.taskID)).status]).toEqual([202, "FAILED"]);
  });
});
