import { describe, expect, test } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { connectorOf, linkBody, newcomer, personNamed, redirectURL, type Stage, stage } from "./helpers.ts";

const linkOf = async (on: Stage, at: string) => (await on.post(`${at}/create-link`, { body: linkBody })).body;
const attemptOf = async (on: Stage, at: string, id: string) => (await on.get(`${at}/link-attempts/${id}`)).body.data;
const connectionsOf = async (on: Stage, at: string) => (await on.get(`${at}/connections`)).body.cursor.data;
const accountsOf = async (on: Stage, psuID: string) =>
  (await on.get("/accounts", { body: { $match: { psu_id: psuID } } })).body.cursor.data;
const typesOf = (on: Stage) => [...new Set(on.world.events.map((event) => event.type))];

describe("Plaid", () => {
  test("sends the user back while the attempt is still pending, and completes it later, with an event", async () => {
    await using on = await stage();
    const { psuID, connectorID, at } = await newcomer(on, "plaid");
    const { link, attemptID } = await linkOf(on, at);
    expect(await visitBank(link, { decision: "consent" })).toEqual({ redirectedTo: redirectURL });
    expect((await attemptOf(on, at, attemptID)).status).toBe("pending");
    expect(on.world.events).toEqual([]);

    on.advance(1500);
    expect(await attemptOf(on, at, attemptID)).toMatchObject({ status: "completed", error: null });
    expect(on.world.events.map(({ type, payload }) => ({ type, payload }))).toEqual([
      { type: "OPEN_BANKING_USER_LINK_STATUS", payload: { psuID, connectorID, status: "completed" } },
    ]);
    expect(await connectionsOf(on, at)).toHaveLength(1);
  });

  test("sends no event of a second completion of the same PSU", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "plaid");
    for (let round = 0; round < 2; round++) {
      await visitBank((await linkOf(on, at)).link, { decision: "consent" });
      on.advance(10_000);
    }
    expect(await connectionsOf(on, at)).toHaveLength(2);
    expect(on.world.events.filter(({ type }) => type.endsWith("LINK_STATUS"))).toHaveLength(1);
  });

  test("sends the event of a cancelled link later, too", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "plaid");
    const { link, attemptID } = await linkOf(on, at);
    expect(await visitBank(link, { decision: "cancel" })).toEqual({ redirectedTo: redirectURL });
    on.advance(1500);
    expect(await attemptOf(on, at, attemptID)).toMatchObject({ status: "exited", error: "exited" });
    expect(on.world.events.at(-1)?.payload).toMatchObject({ status: "exited", error: "exited" });
    expect(await connectionsOf(on, at)).toEqual([]);
  });
});

describe("Tink", () => {
  test("completes the attempt on the stack's own redirect URL and sends no event of it", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "tink");
    const { link, attemptID } = await linkOf(on, at);
    expect(await visitBank(link, { decision: "consent", bank: "Thistle & Sons" })).toEqual({
      redirectedTo: redirectURL,
    });
    expect((await attemptOf(on, at, attemptID)).status).toBe("completed");
    expect(await connectionsOf(on, at)).toHaveLength(1);
    on.advance(10_000);
    expect(typesOf(on)).not.toContain("OPEN_BANKING_USER_LINK_STATUS");
  });

  test("has an error text in an attempt that was cancelled", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "tink");
    const { link, attemptID } = await linkOf(on, at);
    await visitBank(link, { decision: "cancel" });
    const attempt = await attemptOf(on, at, attemptID);
    expect(attempt.status).toBe("exited");
    expect(attempt.error).toMatch(/^got an error from tink: USER_CANCELLED/);
  });
});

describe("Powens", () => {
  test("may link two banks in one attempt; the connections come a moment after the redirect", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "powens");
    const { link, attemptID } = await linkOf(on, at);
    await visitBank(link, { decision: "consent", bank: ["lilas", "rhone"] });
    expect((await attemptOf(on, at, attemptID)).status).toBe("completed");
    expect(await connectionsOf(on, at)).toEqual([]);
    on.advance(1500);
    const connections = await connectionsOf(on, at);
    expect(connections).toHaveLength(2);
    for (const { connectionID } of connections) expect(connectionID).toMatch(/^\d+$/);
  });

  test("offers no third bank", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "powens");
    const { link } = await linkOf(on, at);
    const visit = visitBank(link, { decision: "consent", bank: ["lilas", "rhone", "sakura"] });
    await expect(visit).rejects.toThrow("too early");
  });

  test("has an error text in an attempt that was cancelled", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "powens");
    const { link, attemptID } = await linkOf(on, at);
    await visitBank(link, { decision: "cancel" });
    expect(await attemptOf(on, at, attemptID)).toMatchObject({ status: "exited", error: "access_denied" });
  });
});

describe("a bank that refuses the user", () => {
  test.each([
    ["plaid", "exited"],
    ["tink", "got an error from tink: AUTHENTICATION_ERROR: The bank has refused the sign-in."],
    ["powens", "server_error"],
  ])("ends the attempt at %s with an error, and makes no connection", async (provider, error) => {
    await using on = await stage();
    const { at } = await newcomer(on, provider);
    const { link, attemptID } = await linkOf(on, at);
    expect(await visitBank(link, { decision: "refusal" })).toEqual({ redirectedTo: redirectURL });
    on.advance(10_000);
    expect(await attemptOf(on, at, attemptID)).toMatchObject({ status: "exited", error });
    expect(await connectionsOf(on, at)).toEqual([]);
  });
});

describe("a bank that does more some time after the consent", () => {
  const linked = async (on: Stage, provider: string, nextStep: "reauthentication" | "expiry") => {
    const { at } = await newcomer(on, provider);
    const { link } = await linkOf(on, at);
    await visitBank(link, { decision: "consent", nextStep });
    on.advance(10_000);
    expect(await connectionsOf(on, at)).toMatchObject([{ status: "ACTIVE" }]);
    on.advance(10_000);
    return { at, connection: (await connectionsOf(on, at))[0] };
  };

  test.each([
    ["plaid", "the login details changed"],
    ["tink", "Your session with the bank has expired. Please sign in again."],
    ["powens", "SCA error"],
  ])("asks to sign in again: at %s the connection is in error until it is renewed", async (provider, error) => {
    await using on = await stage();
    const { at, connection } = await linked(on, provider, "reauthentication");
    expect(connection).toMatchObject({ status: "ERROR", error });
    const made = await on.post(`${at}/connections/${connection.connectionID}/update-link`, { body: linkBody });
    await visitBank(made.body.link, { decision: "consent" });
    on.advance(60_000);
    expect(await connectionsOf(on, at)).toMatchObject([{ status: "ACTIVE", error: null }]);
  });

  test("announces at Plaid that the consent ends, which is an event alone, and at no other provider", async () => {
    await using on = await stage();
    for (const provider of ["plaid", "tink", "powens"]) {
      const { connection } = await linked(on, provider, "expiry");
      expect(connection).toMatchObject({ status: "ACTIVE", error: null });
    }
    const announced = on.world.events.filter(({ type }) => type.endsWith("PENDING_DISCONNECT"));
    expect(announced.map(({ payload }) => payload["connectorID"])).toEqual([connectorOf(on, "plaid").id]);
  });
});

describe("a new connection", () => {
  test("was never synced at first; its accounts, balances and payments come later, with events", async () => {
    await using on = await stage();
    const { psuID, connectorID, at } = await newcomer(on, "plaid");
    await visitBank((await linkOf(on, at)).link, { decision: "consent", accounts: 1 });
    on.advance(1500);
    const [fresh] = await connectionsOf(on, at);
    expect(fresh).toMatchObject({ connectorID, status: "ACTIVE", error: null, dataUpdatedAt: "0001-01-01T00:00:00Z" });
    expect(await accountsOf(on, psuID)).toEqual([]);

    const payments = { body: { $match: { psu_id: psuID } } };
    on.advance(1000);
    const accounts = await accountsOf(on, psuID);
    expect(accounts).toHaveLength(1);
    expect((await on.get("/payments", payments)).body.cursor.data).toEqual([]);
    on.advance(200);
    const [synced] = await connectionsOf(on, at);
    expect(synced.dataUpdatedAt).toBe("2026-07-01T09:00:02.7Z");
    expect(accounts[0]).toMatchObject({ connectorID, openBankingConnectionID: synced.connectionID });
    expect((await on.get(`/accounts/${accounts[0].id}/balances`)).body.cursor.data).toHaveLength(1);
    expect((await on.get("/payments", payments)).body.cursor.data.length).toBeGreaterThan(5);
    expect(typesOf(on).slice(1)).toEqual([
      "SAVED_ACCOUNT",
      "SAVED_BALANCE",
      "SAVED_PAYMENT",
      "OPEN_BANKING_USER_CONNECTION_DATA_SYNCED",
    ]);
    expect(on.world.events.at(-1)).toMatchObject({
      app: "payments",
      version: "v3",
      payload: { psuID, connectorID, connectionID: synced.connectionID, at: synced.dataUpdatedAt },
    });
  });

  test("is never made for a user who abandons the link: the attempt stays pending", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "powens");
    const { attemptID } = await linkOf(on, at);
    on.advance(59 * 60_000);
    expect((await attemptOf(on, at, attemptID)).status).toBe("pending");
  });

  test("is marked as synced only of Plaid, and named by no account of Tink", async () => {
    await using on = await stage();
    for (const provider of ["plaid", "tink", "powens"]) {
      const { psuID, at } = await newcomer(on, provider);
      await visitBank((await linkOf(on, at)).link, { decision: "consent" });
      on.advance(5000);
      const [connection] = await connectionsOf(on, at);
      expect(connection.dataUpdatedAt === "0001-01-01T00:00:00Z").toBe(provider !== "plaid");
      const [account] = await accountsOf(on, psuID);
      expect("openBankingConnectionID" in account).toBe(provider !== "tink");
    }
    const synced = on.world.events.filter(({ type }) => type.endsWith("DATA_SYNCED"));
    expect(synced.map(({ payload }) => payload["connectionID"] === "")).toEqual([false, true]);
  });
});

describe("renewing a connection in error", () => {
  test.each([
    ["tink", "Ben", "Thistle & Sons"],
    ["powens", "Ivan", "Banque des Lilas"],
  ])("of %s goes to its own bank and makes it active again", async (provider, name, bank) => {
    await using on = await stage();
    const person = personNamed(on, name);
    const connector = connectorOf(on, provider);
    const connection = on.world.connections.find((row) => row.psuID === person.id && row.status === "ERROR");
    const at = `/payment-service-users/${person.id}/connectors/${connector.id}`;
    const before = on.world.accounts.length;
    const made = await on.post(`${at}/connections/${connection?.connectionID}/update-link`, { body: linkBody });
    expect(Object.keys(made.body).sort()).toEqual(["attemptID", "link"]);
    const page = await (await fetch(made.body.link)).text();
    expect(page).toContain(bank.replaceAll("&", "&#38;"));

    await visitBank(made.body.link, { decision: "consent" });
    on.advance(2000);
    const listed = (await connectionsOf(on, at)).find(
      (row: { connectionID: string }) => row.connectionID === connection?.connectionID,
    );
    expect(listed).toMatchObject({ status: "ACTIVE", error: null });
    expect(typesOf(on)).toContain("OPEN_BANKING_USER_CONNECTION_RECONNECTED");
    expect(on.world.accounts).toHaveLength(before);
  });

  test("of Plaid comes with its webhook; an active connection stays so without an event", async () => {
    await using on = await stage();
    const ben = personNamed(on, "Ben");
    const plaid = connectorOf(on, "plaid");
    const connection = on.world.connections.find((row) => row.psuID === ben.id && row.connectorID === plaid.id);
    if (connection === undefined) throw new Error("A connection is needed.");
    const renew = async () => {
      const at = `/payment-service-users/${ben.id}/connectors/${plaid.id}/connections/${connection.connectionID}`;
      await visitBank((await on.post(`${at}/update-link`, { body: linkBody })).body.link, { decision: "consent" });
      on.advance(3000);
    };
    await renew();
    expect(typesOf(on)).not.toContain("OPEN_BANKING_USER_CONNECTION_RECONNECTED");
    on.world.breakConnection(connection, "Please sign in again.");
    expect(on.world.events.at(-1)?.payload).toMatchObject({ errorType: "ERROR", reason: "Please sign in again." });
    await renew();
    expect(typesOf(on)).toContain("OPEN_BANKING_USER_CONNECTION_RECONNECTED");
    expect(connection.status).toBe("ACTIVE");
  });
});

test("a consent that is about to end has an event and changes nothing", async () => {
  await using on = await stage();
  const [connection] = on.world.connections.filter((row) => row.status === "ACTIVE");
  if (connection === undefined) throw new Error("A connection is needed.");
  const before = { ...connection };
  on.world.announceExpiry(connection, "PENDING_EXPIRATION");
  expect(on.world.events.at(-1)).toMatchObject({
    type: "OPEN_BANKING_USER_CONNECTION_PENDING_DISCONNECT",
    payload: { connectionID: connection.connectionID, at: "2026-07-08T09:00:00Z", reason: "PENDING_EXPIRATION" },
  });
  expect(connection).toEqual(before);
});

test("events reach a listener until it is disposed", async () => {
  await using on = await stage();
  const [connection] = on.world.connections;
  if (connection === undefined) throw new Error("A connection is needed.");
  const heard: string[] = [];
  {
    using _listening = on.world.onEvent((event) => heard.push(event.type));
    on.world.breakConnection(connection, "one");
  }
  on.advance(1);
  on.world.breakConnection(connection, "two");
  expect(heard).toEqual(["OPEN_BANKING_USER_CONNECTION_DISCONNECTED"]);
  expect(on.world.events).toHaveLength(2);
});
