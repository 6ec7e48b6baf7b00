/** Bank accounts as the service keeps them: whose they are, what it refuses, what a forward makes, what stays. */
import { describe, expect, it, test } from "vitest";
import { type BankAccountCreator, type Connector, createConnector } from "../../sandbox/models/connector.ts";
import { connectorOf, missingUuid, personNamed, type Stage, stage } from "./helpers.ts";

const path = "/bank-accounts";
const users = "/payment-service-users";
const iban = "FR7630006000011234567890189";
const full = { name: "Rent", iban, accountNumber: "12345678", swiftBicCode: "AGRIFRPP", country: "FR" };

const create = async (on: Stage, body: object = full): Promise<string> => (await on.post(path, { body })).body.data;
const addTo = (on: Stage, psuID: string, id: string) => on.post(`${users}/${psuID}/bank-accounts/${id}`);
const forward = (on: Stage, psuID: string, id: string, body: unknown) =>
  on.post(`${users}/${psuID}/bank-accounts/${id}/forward`, { body });
const idsOf = async (on: Stage, psuID: string) => (await on.get(`${users}/${psuID}`)).body.data.bankAccountIDs;
const taskOf = async (on: Stage, id: string) => (await on.get(`/tasks/${id}`)).body.data;
const refusal = ({ status, body }: Awaited<ReturnType<Stage["get"]>>) => [status, body.errorCode, body.errorMessage];

function install(on: Stage, provider: BankAccountCreator): Connector {
  const given = {
    provider,
    reference: "7d1c8a52-6d0a-4f0e-9a51-0b7f6f0f3c11",
    name: provider,
    createdAt: on.world.now(),
  };
  const connector = createConnector({ ...given, config: {} });
  (on.world.connectors as Connector[]).unshift(connector);
  return connector;
}

describe("a bank account", () => {
  it("is made with a new id each time, and has all numbers masked, but for the BIC", async () => {
    await using on = await stage();
    const reply = await on.post(path, { body: { ...full, metadata: { use: "rent" } } });
    expect(reply.status).toBe(201);
    expect(await create(on)).not.toBe(reply.body.data);
    expect((await on.get(`${path}/${reply.body.data}`)).body.data).toEqual({
      ...{ id: reply.body.data, name: "Rent", country: "FR", metadata: { use: "rent" }, relatedAccounts: [] },
      ...{ accountNumber: "12***678", iban: `FR76${"*".repeat(19)}0189`, swiftBicCode: "AGRIFRPP" },
      createdAt: expect.stringMatching(/Z$/),
    });
  });

  it("is masked whole when its number is short", async () => {
    await using on = await stage();
    const id = await create(on, { name: "Short", accountNumber: "1234" });
    expect((await on.get(`${path}/${id}`)).body.data).toMatchObject({
      accountNumber: "****",
      iban: null,
      metadata: {},
    });
  });

  it("has no numbers in lists, which know filters by id, name, country, PSU and metadata, with $match alone", async () => {
    await using on = await stage();
    const ben = personNamed(on, "Ben").id;
    const [first, second] = [await create(on), await create(on, { ...full, name: "Other", metadata: { k: "v" } })];
    await addTo(on, ben, second);
    const list = async (body: unknown) => (await on.get(path, { body })).body.cursor?.data;
    const none = { accountNumber: null, iban: null, swiftBicCode: null };
    expect(await list(undefined)).toMatchObject([
      { id: second, ...none },
      { id: first, ...none },
    ]);
    for (const match of [{ id: second }, { name: "Other" }, { psu_id: ben }, { "metadata[k]": "v" }])
      expect(await list({ $match: match })).toMatchObject([{ id: second }]);
    expect(await list({ $match: { country: "FR" } })).toHaveLength(2);
    for (const body of [{ $match: { iban } }, { $match: { account_number: "12345678" } }, { $like: { name: "R%" } }])
      expect((await on.get(path, { body })).body.errorCode).toBe("VALIDATION");
  });

  it.each([
    [{ ...full, name: "" }, "Name is a required field"],
    [{ name: "x" }, "AccountNumber is a required field"],
    [{ ...full, accountNumber: "12 34" }, "AccountNumber can only contain alphanumeric characters"],
    [{ ...full, accountNumber: "" }, "AccountNumber can only contain alphanumeric characters"],
    [{ ...full, iban: "FR76 3000 6000 0112" }, "IBAN can only contain alphanumeric characters"],
    [{ ...full, iban: "FR76300060000" }, "IBAN must be at least 15 characters in length"],
    [{ ...full, iban: `FR76${"0".repeat(28)}` }, "IBAN must be at maximum 31 characters in length"],
    [{ ...full, swiftBicCode: "AGRIFRP" }, "SwiftBicCode must be at least 8 characters in length"],
    [{ ...full, country: "F" }, expect.stringContaining("'country_code' tag")],
  ])("with %j is refused, without its numbers", async (body, message) => {
    await using on = await stage();
    const reply = await on.post(path, { body });
    expect(refusal(reply)).toEqual([400, "VALIDATION", message]);
    expect(reply.text).not.toContain("3000");
    expect(on.world.bankAccounts.all).toEqual([]);
  });

  it("has an IBAN whose check digits nobody verifies", async () => {
    await using on = await stage();
    expect((await on.post(path, { body: { ...full, iban: "FR0000000000000" } })).status).toBe(201);
  });

  it("of a number that is no text is not read", async () => {
    await using on = await stage();
    const reply = await on.post(path, { body: { name: "x", iban: 12_345_678 } });
    const message = "json: cannot unmarshal number into Go struct field BankAccountsCreateRequest.iban of type string";
    expect(refusal(reply)).toEqual([400, "MISSING_OR_INVALID_BODY", message]);
  });

  it("that is not there, or whose id is no UUID, is not found", async () => {
    await using on = await stage();
    expect(refusal(await on.get(`${path}/${missingUuid}`))).toEqual([
      ...[404, "NOT_FOUND", "cannot get bank account: not found"],
    ]);
    expect((await on.get(`${path}/x`)).body.errorCode).toBe("INVALID_ID");
  });
});

describe("adding a bank account to a PSU", () => {
  test("may be repeated, and takes it from the PSU that had it", async () => {
    await using on = await stage();
    const [ben, emma] = [personNamed(on, "Ben").id, personNamed(on, "Emma").id];
    const id = await create(on);
    expect([await idsOf(on, ben), await idsOf(on, emma)]).toEqual([null, null]);
    for (let times = 0; times < 2; times += 1) {
      expect(await addTo(on, ben, id)).toMatchObject({ status: 204, text: "" });
      expect(await idsOf(on, ben)).toEqual([id]);
    }
    expect((await addTo(on, emma, id)).status).toBe(204);
    expect([await idsOf(on, ben), await idsOf(on, emma)]).toEqual([null, [id]]);
  });

  test("is refused where one of the two is not there", async () => {
    await using on = await stage();
    const [ben, id] = [personNamed(on, "Ben").id, await create(on)];
    const what = "failed to add bank account to payment service user";
    expect(refusal(await addTo(on, ben, missingUuid))).toEqual([404, "NOT_FOUND", `${what}: not found`]);
    expect(refusal(await addTo(on, missingUuid, missingUuid))).toEqual([404, "NOT_FOUND", `${what}: not found`]);
    expect(refusal(await addTo(on, missingUuid, id))).toEqual([400, "VALIDATION", `${what}: value not found`]);
    expect((await addTo(on, "x", id)).body.errorCode).toBe("INVALID_ID");
    expect((await addTo(on, ben, "x")).body.errorCode).toBe("INVALID_ID");
    expect(await idsOf(on, ben)).toBeNull();
  });
});

describe("forwarding a bank account", () => {
  test("ends in a failed task where the connector cannot create one; again, it begins nothing", async () => {
    await using on = await stage();
    const [ben, id, plaid] = [personNamed(on, "Ben").id, await create(on), connectorOf(on, "plaid").id];
    const reply = await forward(on, ben, id, { connectorID: plaid });
    expect(reply.status).toBe(202);
    const { taskID } = reply.body.data;
    expect(await taskOf(on, taskID)).toMatchObject({ status: "PROCESSING", connectorID: plaid });
    on.advance(300);
    expect(await taskOf(on, taskID)).toMatchObject({ status: "FAILED", error: expect.stringContaining("implemented") });
    expect((await forward(on, ben, id, { connectorID: plaid })).body.data.taskID).toBe(taskID);
    on.advance(60_000);
    expect((await taskOf(on, taskID)).status).toBe("PROCESSING");
  });

  test("makes an account of the connector that names no PSU; Banking Circle's has the whole row as its raw data", async () => {
    await using on = await stage();
    const connector = install(on, "bankingcircle");
    const [ben, id] = [personNamed(on, "Ben"), await create(on)];
    const { taskID } = (await forward(on, ben.id, id, { connectorID: connector.id })).body.data;
    on.advance(300);
    const task = await taskOf(on, taskID);
    expect(task.status).toBe("SUCCEEDED");
    expect((await on.get(`${path}/${id}`)).body.data.relatedAccounts).toEqual([
      { accountID: task.createdObjectID, createdAt: expect.any(String) },
    ]);
    const account = (await on.get(`/accounts/${task.createdObjectID}`)).body.data;
    expect(account).toMatchObject({ type: "EXTERNAL", reference: id, name: "Rent", raw: { iban } });
    expect(account).not.toHaveProperty("psuID");
    expect(account.metadata).toMatchObject({ "com.formance.spec/owner/email": ben.contactDetails?.email });
    expect(JSON.stringify(account.metadata)).not.toContain(iban);
    expect(on.world.events.some(({ type, payload }) => type === "SAVED_ACCOUNT" && payload["id"] === account.id)).toBe(
      true,
    );
  });

  test("to Column makes an account with the whole number in its metadata", async () => {
    await using on = await stage();
    const [ben, id, connector] = [personNamed(on, "Ben").id, await create(on), install(on, "column")];
    const { taskID } = (await forward(on, ben, id, { connectorID: connector.id })).body.data;
    on.advance(300);
    const { createdObjectID } = await taskOf(on, taskID);
    const { metadata } = (await on.get(`/accounts/${createdObjectID}`)).body.data;
    expect(metadata).toMatchObject({ "com.column.spec/account_number": "12345678" });
  });

  test("does not ask whose the bank account is", async () => {
    await using on = await stage();
    const [ben, emma, id] = [personNamed(on, "Ben").id, personNamed(on, "Emma").id, await create(on)];
    await addTo(on, emma, id);
    expect((await forward(on, ben, id, { connectorID: connectorOf(on, "plaid").id })).status).toBe(202);
    expect(await idsOf(on, emma)).toEqual([id]);
  });

  test("is refused where something that it names is not there", async () => {
    await using on = await stage();
    const [ben, id, plaid] = [personNamed(on, "Ben").id, await create(on), connectorOf(on, "plaid").id];
    const gone = Buffer.from(JSON.stringify({ Provider: "plaid", Reference: missingUuid })).toString("base64url");
    expect(refusal(await forward(on, ben, missingUuid, { connectorID: plaid }))).toEqual([
      ...[404, "NOT_FOUND", "failed to get bank account: not found"],
    ]);
    expect(refusal(await forward(on, missingUuid, id, { connectorID: plaid }))).toEqual([
      ...[404, "NOT_FOUND", "failed to get payment service user: not found"],
    ]);
    expect((await forward(on, ben, id, { connectorID: gone })).status).toBe(404);
    for (const [body, code] of [
      [{}, "VALIDATION"],
      [{ connectorID: "" }, "VALIDATION"],
      [{ connectorID: "plaid" }, "VALIDATION"],
      [{ connectorID: 1 }, "MISSING_OR_INVALID_BODY"],
    ] as const)
      expect((await forward(on, ben, id, body)).body.errorCode).toBe(code);
  });
});

describe("a bank account outlives", () => {
  test("its PSU, and is then nobody's, until it is added to another", async () => {
    await using on = await stage();
    const [ben, emma, id] = [personNamed(on, "Ben").id, personNamed(on, "Emma").id, await create(on)];
    await addTo(on, ben, id);
    await on.remove(`${users}/${ben}`);
    on.advance(300);
    expect((await on.get(`${path}/${id}`)).status).toBe(200);
    expect((await on.get(path, { body: { $match: { psu_id: ben } } })).body.cursor.data).toEqual([]);
    await addTo(on, emma, id);
    expect(await idsOf(on, emma)).toEqual([id]);
  });

  test("a connector that it was forwarded to, whose account goes", async () => {
    await using on = await stage();
    const [ben, id, connector] = [personNamed(on, "Ben").id, await create(on), install(on, "dummypay")];
    await forward(on, ben, id, { connectorID: connector.id });
    on.advance(300);
    const related = async () => (await on.get(`${path}/${id}`)).body.data.relatedAccounts;
    expect(await related()).toHaveLength(1);
    await on.remove(`/connectors/${connector.id}`);
    on.advance(300);
    expect(await related()).toEqual([]);
  });
});
