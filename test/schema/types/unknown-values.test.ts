/** Rows of the stack with a value of an enum that the gateway does not know: the field fails, and nothing else. */
import { expect, it } from "vitest";
import { createManualClock } from "../../../sandbox/clock.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { startTestGateway } from "../../support/helpers.ts";
import {
  accountGlobalId,
  attemptGlobalId,
  connectionGlobalId,
  connectorGlobalId,
  firstOf,
  psuGlobalId,
} from "../global-ids.ts";

const world = createWorld({
  clock: createManualClock(new Date()),
  size: { people: 1, connectionsEach: 1, accountsEach: 2 },
});
const person = firstOf(world.people);
const connection = firstOf(world.connections);
const { connectorID } = connection;
const started = { psuID: person.id, connectorID, key: null, applicationName: "Shop" };
const { attemptID } = world.links.create({ ...started, clientRedirectURL: "https://app.example.com/back" });
const attempt = firstOf(world.attempts, ({ id }) => id === attemptID);
const taskId = world.deletions.connection(person.id, connectorID, "no-such-connection");

/** A row as the gateway must not know it. */
const spoil = (row: object | undefined, member: string) => Object.assign(row ?? {}, { [member]: "SOMETHING_NEW" });

const user = (fields: string) => `{ paymentServiceUser(id: "${psuGlobalId(person.id)}") { ${fields} } }`;

it.each<[string, () => void, string, readonly (string | number)[]]>([
  [
    "Account.type",
    () => spoil(world.accounts[0], "type"),
    user("accounts { id type name }"),
    ["paymentServiceUser", "accounts", 0, "type"],
  ],
  [
    "Account.type of one",
    () => {},
    `{ account(id: "${accountGlobalId(firstOf(world.accounts).id)}") { type name } }`,
    ["account", "type"],
  ],
  [
    "LinkAttempt.status",
    () => spoil(attempt, "status"),
    user(`linkAttempts(connectorId: "${connectorGlobalId(connectorID)}") { nodes { id status isExpired createdAt } }`),
    ["paymentServiceUser", "linkAttempts", "nodes", 0, "status"],
  ],
  [
    "Task.status",
    () => spoil(world.task(taskId), "status"),
    `{ task(id: "${taskId}") { taskId status createdAt } }`,
    ["task", "status"],
  ],
  [
    "BankConnection.status",
    () => spoil(connection, "status"),
    user("connections { id status createdAt }"),
    ["paymentServiceUser", "connections", 0, "status"],
  ],
  [
    "BankConnection.requiredAction",
    () => {},
    user("connections { id requiredAction isStale }"),
    ["paymentServiceUser", "connections", 0, "requiredAction"],
  ],
])("%s is null with an error, and the rest stands", async (_field, change, query, path) => {
  change();
  await using gateway = await startTestGateway({ sandbox: { world } });
  const { data, errors } = await gateway.send<object>(query);
  expect(errors.map((error) => [error.path, error.extensions.code])).toEqual([[path, "UPSTREAM_MALFORMED"]]);
  const row = path.slice(0, -1).reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], data);
  expect(row).toMatchObject({ [path.at(-1) ?? ""]: null });
  expect(Object.values(row as object).filter((value) => value !== null).length).toBeGreaterThan(0);
});

it("a connection of unknown status is in no list of a status", async () => {
  await using gateway = await startTestGateway({ sandbox: { world } });
  const { data, errors } = await gateway.send(
    user("a: connections(statuses: [ACTIVE]) { id } b: connections(statuses: [ERROR]) { id }"),
  );
  expect([data, errors]).toEqual([{ paymentServiceUser: { a: [], b: [] } }, []]);
});

it.each([
  [
    "linkAttemptChanged",
    `linkAttemptChanged(id: "${attemptGlobalId(attempt)}") { attemptId status }`,
    attempt,
    "completed",
  ],
  ["taskChanged", `taskChanged(id: "${taskId}") { taskId status }`, world.task(taskId), "FAILED"],
])("%s goes on after an unknown status, and ends after a final one", async (_name, selection, row, final) => {
  spoil(row, "status");
  await using gateway = await startTestGateway({ sandbox: { world } });
  await using stream = gateway.subscribe<object, object>(`subscription { ${selection} }`, {});
  await expect.poll(() => stream.messages.length).toBe(1);
  expect(JSON.stringify(stream.messages[0])).toContain("UPSTREAM_MALFORMED");
  expect(stream.isOver).toBe(false);
  Object.assign(row ?? {}, { status: final });
  await expect.poll(() => stream.isOver).toBe(true);
});

it("connectionChanged shows a connection of unknown status, and is not open for a lack of one", async () => {
  await using gateway = await startTestGateway({ sandbox: { world } });
  const query = `subscription { connectionChanged(psuId: "${psuGlobalId(person.id)}") { kind connection { id status } } }`;
  await using stream = gateway.subscribe<object, object>(query, {});
  await expect.poll(() => stream.messages.length).toBeGreaterThan(0);
  const text = JSON.stringify(stream.messages[0]);
  expect(text).toContain(connectionGlobalId(connection));
  expect(text).toContain("UPSTREAM_MALFORMED");
});

it("connectionChanged shows a change to an unknown status, and back to a known one", async () => {
  Object.assign(connection, { status: "ACTIVE" });
  await using gateway = await startTestGateway({ sandbox: { world } });
  const query = `subscription { connectionChanged(psuId: "${psuGlobalId(person.id)}") { kind connection { id status } } }`;
  await using stream = gateway.subscribe<object, object>(query, {});
  const after = async (times: number, status: string) => {
    await expect.poll(() => stream.messages.length).toBe(times);
    const { errors = [], data } = stream.messages.at(-1) ?? {};
    Object.assign(connection, { status });
    return [errors.map(({ extensions }) => extensions["code"]), JSON.stringify(data).includes('"status":"ACTIVE"')];
  };
  expect(await after(1, "SOMETHING_NEW")).toEqual([[], true]);
  expect(await after(2, "ACTIVE")).toEqual([["UPSTREAM_MALFORMED"], false]);
  expect(await after(3, "ACTIVE")).toEqual([[], true]);
  expect(stream.isOver).toBe(false);
}, 60_000);

it("a link by the key of an attempt of unknown status is refused, and the attempt stays as it is", async () => {
  await using gateway = await startTestGateway({ sandbox: { world } });
  const input = `connectionId: "${connectionGlobalId(connection)}", clientRedirectUrl: "https://app.example.com/back"`;
  const relink = `mutation { updateLink(input: { ${input}, idempotencyKey: "k", applicationName: "Shop" }) { attempt { attemptId } } }`;
  const { data } = await gateway.send<{ updateLink: { attempt: { attemptId: string } } }>(relink);
  const row = firstOf(world.attempts, ({ id }) => id === data?.updateLink.attempt.attemptId);
  spoil(row, "status");
  const calls = await gateway.calls(async () => {
    const { errors } = await gateway.send(relink);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_MALFORMED"]);
  });
  expect(calls.filter(({ method }) => method === "POST")).toEqual([]);
  expect(row.status).toBe("SOMETHING_NEW");
});

it("a task of unknown status confirms no delete of a connection, whose status is unknown, too", async () => {
  const fresh = createWorld({
    clock: createManualClock(new Date()),
    size: { people: 1, connectionsEach: 1, accountsEach: 1 },
  });
  const row = firstOf(fresh.connections);
  spoil(row, "status");
  await using gateway = await startTestGateway({ sandbox: { world: fresh } });
  const remove = `mutation { deleteConnection(input: { connectionId: "${connectionGlobalId(row)}" }) { deletedId } }`;
  const { psuID, connectorID: at } = row;
  const id = fresh.deletions.connection(psuID, at, "none");
  const task = { id, status: "SOMETHING_NEW", createdAt: "2020-01-01T00:00:00Z", updatedAt: "2020-01-02T00:00:00Z" };
  {
    using _ = gateway.sandbox.fault(({ path }) => path.startsWith("/tasks/"), {
      body: JSON.stringify({ data: { ...task, connectorID: at } }),
    });
    const { errors } = await gateway.send(remove);
    expect(errors.map(({ extensions: { code, outcomeUnknown } }) => [code, outcomeUnknown])).toEqual([
      ["CONFLICT", true],
    ]);
    expect(fresh.connections).toHaveLength(1);
  }
});
