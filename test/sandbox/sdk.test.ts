/**
 * The official SDK as an independent reader of the wire format. Where the SDK is wrong about the service, the test says
 * so and looks at the raw answer; the lists that it lacks are held against the published document's shapes.
 */
import { SDK } from "@formance/formance-sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { connectorOf, find, linkBody, newcomer, personNamed, redirectURL, type Stage, stage } from "./helpers.ts";

const sdkOf = ({ sandbox }: Stage) =>
  new SDK({
    serverURL: sandbox.url,
    security: {
      clientID: sandbox.clientId,
      clientSecret: sandbox.clientSecret,
      tokenURL: `${sandbox.url}/api/auth/oauth/token`,
    },
  }).payments.v3;

test("the SDK creates, forwards, links, renews and deletes", async () => {
  await using on = await stage();
  const sdk = sdkOf(on);
  const made = await sdk.createPaymentServiceUser({
    name: "Sofie Sanders",
    contactDetails: { email: "sofie@example.be", phoneNumber: "+32 2 123 45 67" },
    address: {
      streetNumber: "9",
      streetName: "Grote Markt",
      city: "Gent",
      region: "OV",
      postalCode: "9000",
      country: "BE",
    },
    metadata: { via: "sdk" },
  });
  expect(made.statusCode).toBe(201);
  const paymentServiceUserID = made.v3CreatePaymentServiceUserResponse?.data ?? "";
  const who = { paymentServiceUserID, connectorID: connectorOf(on, "powens").id };
  expect((await sdk.forwardPaymentServiceUserToProvider(who)).statusCode).toBe(204);

  const v3PaymentServiceUserCreateLinkRequest = linkBody;
  const linked = await sdk.createLinkForPaymentServiceUser({ ...who, v3PaymentServiceUserCreateLinkRequest });
  const { attemptID = "", link = "" } = linked.v3PaymentServiceUserCreateLinkResponse ?? {};
  expect([linked.statusCode, attemptID]).toEqual([201, expect.stringMatching(/^[\da-f-]{36}$/)]);
  await visitBank(link, { decision: "consent" });
  on.advance(3000);

  const connection = find(on.world.connections, (row) => row.psuID === paymentServiceUserID);
  const which = { ...who, connectionID: connection.connectionID };
  const v3PaymentServiceUserUpdateLinkRequest = linkBody;
  const renewed = await sdk.updateLinkForPaymentServiceUserOnConnector({
    ...which,
    v3PaymentServiceUserUpdateLinkRequest,
  });
  expect(renewed.v3PaymentServiceUserUpdateLinkResponse?.link).toContain("/bank/");

  const waitFor = async (taskID = "") => {
    const read = async () => (await sdk.getTask({ taskID })).v3GetTaskResponse?.data;
    expect((await read())?.status).toBe("PROCESSING");
    on.advance(300);
    expect(await read()).toMatchObject({ id: taskID, status: "SUCCEEDED", createdAt: expect.any(Date) });
  };
  const deleted = await sdk.deletePaymentServiceUserConnectionFromConnectorID(which);
  await waitFor(deleted.v3PaymentServiceUserDeleteConnectionResponse?.data.taskID);
  const removed = await sdk.deletePaymentServiceUserConnector(who);
  await waitFor(removed.v3PaymentServiceUserDeleteConnectorResponse?.data.taskID);
  const gone = await sdk.deletePaymentServiceUser({ paymentServiceUserID });
  await waitFor(gone.v3PaymentServiceUserDeleteResponse?.data.taskID);
  await expect(sdk.getPaymentServiceUser({ paymentServiceUserID })).rejects.toMatchObject({ errorCode: "NOT_FOUND" });
});

describe("the SDK reads", () => {
  test("one PSU", async () => {
    await using on = await stage();
    const hannah = personNamed(on, "Hannah");
    const read = await sdkOf(on).getPaymentServiceUser({ paymentServiceUserID: hannah.id });
    expect(read.v3GetPaymentServiceUserResponse?.data).toMatchObject({
      id: hannah.id,
      name: "Hannah Cole",
      contactDetails: { email: "hannah.cole@example.com" },
      address: { city: "Boulder", region: "CO", country: "US" },
    });
  });

  test("accounts by filter and one by one", async () => {
    await using on = await stage();
    const sdk = sdkOf(on);
    const ben = personNamed(on, "Ben");
    const list = await sdk.listAccounts({ pageSize: 50, query: { $match: { psu_id: ben.id } } });
    const rows = list.v3AccountsCursorResponse?.cursor.data ?? [];
    expect(rows).toHaveLength(on.world.accounts.filter((row) => row.psuID === ben.id).length);
    const one = await sdk.getAccount({ accountID: rows[0]?.id ?? "" });
    expect(one.v3GetAccountResponse?.data).toEqual(rows[0]);
    expect(rows[0]).toMatchObject({ type: "INTERNAL", provider: expect.any(String), connectorID: expect.any(String) });
  });

  test("a list to its end by cursors", async () => {
    await using on = await stage();
    const sdk = sdkOf(on);
    const ids: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = (await sdk.listAccounts(cursor === undefined ? { pageSize: 10 } : { cursor }))
        .v3AccountsCursorResponse?.cursor;
      ids.push(...(page?.data.map((row) => row.id) ?? []));
      cursor = page?.next;
      if (cursor === undefined) break;
    }
    expect(ids).toEqual(on.world.accounts.map((row) => row.id));
  });

  test("balances, exact as far as a double goes", async () => {
    await using on = await stage();
    const account = find(on.world.accounts, (row) => row.name === "Operating account");
    const read = await sdkOf(on).getAccountBalances({ accountID: account.id });
    expect(read.v3BalancesCursorResponse?.cursor.data[0]).toMatchObject({
      accountID: account.id,
      asset: "EUR/2",
      balance: 9_871_245n,
      createdAt: expect.any(Date),
      lastUpdatedAt: expect.any(Date),
    });
  });

  test("payments by filter and one by one", async () => {
    await using on = await stage();
    const sdk = sdkOf(on);
    const list = await sdk.listPayments({ query: { $match: { type: "PAYOUT" } } });
    const [row] = list.v3PaymentsCursorResponse?.cursor.data ?? [];
    expect(row).toMatchObject({ type: "PAYOUT", sourceAccountID: expect.any(String), adjustments: null });
    const one = await sdk.getPayment({ paymentID: row?.id ?? "" });
    const adjustments = [expect.objectContaining({ reference: row?.reference, raw: expect.any(Object) })];
    expect(one.v3GetPaymentResponse?.data).toEqual({ ...row, adjustments });
  });

  test("connectors, all and by provider", async () => {
    await using on = await stage();
    expect((await sdkOf(on).listConnectors({})).v3ConnectorsCursorResponse?.cursor.data).toHaveLength(4);
    for (const provider of ["plaid", "tink", "powens"]) {
      const list = await sdkOf(on).listConnectors({ query: { $match: { provider } } });
      expect(list.v3ConnectorsCursorResponse?.cursor.data).toMatchObject([{ provider, name: expect.any(String) }]);
    }
  });

  test("errors with their code", async () => {
    await using on = await stage();
    await expect(sdkOf(on).createPaymentServiceUser({ name: "" })).rejects.toMatchObject({ errorCode: "VALIDATION" });
    await expect(sdkOf(on).getAccount({ accountID: "nonsense!" })).rejects.toMatchObject({ errorCode: "INVALID_ID" });
  });
});

describe("where the SDK is wrong about the service", () => {
  test("it rounds amounts beyond 2^53, which the wire has exactly", async () => {
    await using on = await stage();
    const account = find(on.world.accounts, (row) => row.defaultAsset === "ETH/18");
    const exact = on.world.balances(account.id)[0]?.amount ?? 0n;
    const read = await sdkOf(on).getAccountBalances({ accountID: account.id, pageSize: 1 });
    const rounded = read.v3BalancesCursorResponse?.cursor.data[0]?.balance;
    expect(rounded).toBe(BigInt(Number(exact)));
    expect(rounded).not.toBe(exact);
    expect((await on.get(`/accounts/${account.id}/balances?pageSize=1`)).text).toContain(`"balance":${exact},`);
  });

  test("it refuses a PSU whose contact details and address are null, and with it every list that holds one", async () => {
    await using on = await stage();
    const ivan = personNamed(on, "Ivan");
    const sdk = sdkOf(on);
    const refusal = { name: "ResponseValidationError" };
    await expect(sdk.getPaymentServiceUser({ paymentServiceUserID: ivan.id })).rejects.toMatchObject(refusal);
    await expect(sdk.listPaymentServiceUsers({ pageSize: 15 })).rejects.toMatchObject(refusal);
    // A single null member is too much for it as well.
    const ben = personNamed(on, "Ben");
    expect(ben.address).toMatchObject({ city: "Leeds", region: null });
    await expect(sdk.getPaymentServiceUser({ paymentServiceUserID: ben.id })).rejects.toMatchObject(refusal);
    const raw = await on.get(`/payment-service-users/${ivan.id}`);
    expect(raw.body.data).toMatchObject({ contactDetails: null, address: null });
    // A page without such a person is read.
    await on.post("/payment-service-users", {
      body: {
        name: "Ann",
        contactDetails: { email: "a@example.com", phoneNumber: "+1 303 555 0100" },
        address: wholeAddress,
        metadata: {},
      },
    });
    const page = await sdk.listPaymentServiceUsers({ pageSize: 1 });
    expect(page.v3PaymentServiceUsersCursorResponse?.cursor).toMatchObject({ hasMore: true, data: [{ name: "Ann" }] });
  });

  test("it expects the single link attempt without its data envelope", async () => {
    await using on = await stage();
    const { psuID, connectorID, at } = await newcomer(on, "powens");
    const { attemptID } = (await on.post(`${at}/create-link`, { body: linkBody })).body;
    const call = sdkOf(on).getPaymentServiceUserLinkAttemptFromConnectorID({
      attemptID,
      connectorID,
      paymentServiceUserID: psuID,
    });
    await expect(call).rejects.toMatchObject({ name: "ResponseValidationError" });
    const raw = await on.get(`${at}/link-attempts/${attemptID}`);
    expect(attempt.parse(raw.body.data)).toMatchObject({ id: attemptID, clientRedirectURL: redirectURL });
  });
});

const wholeAddress = {
  streetNumber: "1",
  streetName: "Main",
  city: "Town",
  region: "CO",
  postalCode: "80302",
  country: "US",
};

// The required members of the published document, by hand; what else is sent may be there too.
const cursorOf = (item: z.ZodType) =>
  z.object({
    cursor: z.object({
      pageSize: z.int().min(1),
      hasMore: z.boolean(),
      previous: z.string().optional(),
      next: z.string().optional(),
      data: z.array(item),
    }),
  });
const connection = z.object({
  connectionID: z.string(),
  connectorID: z.string(),
  createdAt: z.iso.datetime(),
  dataUpdatedAt: z.iso.datetime(),
  status: z.enum(["ACTIVE", "ERROR"]),
  error: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});
const attempt = z.object({
  id: z.string(),
  psuID: z.string(),
  connectorID: z.string(),
  createdAt: z.iso.datetime(),
  status: z.enum(["pending", "completed", "exited"]),
  clientRedirectURL: z.url(),
  error: z.string().nullish(),
});

describe("the lists that the SDK lacks have the published document's shape", () => {
  test("connections, of all connectors and of one", async () => {
    await using on = await stage();
    for (const person of on.world.people) {
      const all = await on.get(`/payment-service-users/${person.id}/connections?pageSize=1`);
      expect(() => cursorOf(connection).parse(all.body)).not.toThrow();
      for (const { id } of on.world.connectors) {
        const some = await on.get(`/payment-service-users/${person.id}/connectors/${id}/connections`);
        expect(() => cursorOf(connection).parse(some.body)).not.toThrow();
      }
    }
  });

  test("link attempts", async () => {
    await using on = await stage();
    let count = 0;
    for (const person of on.world.people) {
      for (const { id } of on.world.connectors) {
        const list = await on.get(`/payment-service-users/${person.id}/connectors/${id}/link-attempts`);
        count += cursorOf(attempt).parse(list.body).cursor.data.length;
      }
    }
    expect(count).toBe(on.world.attempts.length);
  });
});
