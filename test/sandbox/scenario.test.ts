import { describe, expect, it } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { createManualClock } from "../../sandbox/clock.ts";
import type { Connection } from "../../sandbox/models/connection.ts";
import type { Scenario } from "../../sandbox/scenario.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { runScript } from "../support/process.ts";
import { call, find, grant, linkBody, newcomer, read, type Stage } from "./helpers.ts";

const minute = 60_000;
const prefix = "OPEN_BANKING_USER_";

/** A sandbox whose clock stands still, with a scenario or without. */
async function start({ scenario }: { readonly scenario?: Scenario } = {}) {
  const clock = createManualClock();
  const world = createWorld({ clock });
  const sandbox = await startSandbox({ world, ...(scenario && { scenario }) });
  const { access_token: token } = (await grant(sandbox)).body;
  const send = (method: string) => (path: string, request?: Parameters<typeof call>[4]) =>
    call(sandbox, method, path, token, request);
  const stage: Stage = {
    sandbox,
    world,
    advance: clock.advance,
    get: send("GET"),
    post: send("POST"),
    remove: send("DELETE"),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
  return {
    ...stage,
    stage,
    /** The events of a connection, with their times. */
    story: () =>
      world.events
        .filter(({ type }) => type.startsWith(`${prefix}CONNECTION`))
        .map(({ type, date }) => `${date.slice(11, 19)} ${type.slice(prefix.length + "CONNECTION_".length)}`),
    play: (id: string, name: string, method = "POST") =>
      read(`${sandbox.url}/sandbox/connections/${encodeURIComponent(id)}/${name}`, { method }),
  };
}

type On = Awaited<ReturnType<typeof start>>;

/** A new connection of a new person, which comes 1.5 seconds later. */
async function connect(on: On, provider = "plaid"): Promise<{ readonly connection: Connection; readonly at: string }> {
  const { psuID, at } = await newcomer(on.stage, provider);
  await visitBank((await on.post(`${at}/create-link`, { body: linkBody })).body.link, { decision: "consent" });
  on.advance(1500);
  return { connection: find(on.world.connections, (row) => row.psuID === psuID), at };
}

async function renew(on: On, at: string, { connectionID }: Connection): Promise<void> {
  const made = await on.post(`${at}/connections/${connectionID}/update-link`, { body: linkBody });
  await visitBank(made.body.link, { decision: "consent" });
}

const activeOf = (on: On, provider: string): Connection => {
  const { id } = find(on.world.connectors, (row) => row.provider === provider);
  const { connections } = on.world;
  const isUnique = (one: Connection) =>
    connections.every((row) => row === one || row.connectionID !== one.connectionID);
  return find(connections, (row) => row.status === "ACTIVE" && row.connectorID === id && isUnique(row));
};

describe("the scenario of a new connection", () => {
  it("brings its data, then warns that the consent will end, and ends it when it said", async () => {
    await using on = await start({ scenario: {} });
    const { connection } = await connect(on);
    on.advance(2 * minute);
    expect([on.story(), connection.status]).toEqual([
      ["09:00:02 DATA_SYNCED", "09:02:01 PENDING_DISCONNECT"],
      "ACTIVE",
    ]);
    expect(on.world.events.at(-1)?.payload).toMatchObject({ at: "2026-07-01T09:05:01.5Z", reason: null });
    on.advance(3 * minute);
    expect(on.story().slice(2)).toEqual(["09:05:01 DISCONNECTED"]);
    expect(connection).toMatchObject({ status: "ERROR", error: "the login details changed" });
    on.advance(600 * minute);
    expect(on.story()).toHaveLength(3);
  });

  it("keeps the times that it is given", async () => {
    await using on = await start({ scenario: { warningMs: 10_000, endMs: 20_000 } });
    await connect(on);
    on.advance(minute);
    expect(on.story()).toEqual(["09:00:02 DATA_SYNCED", "09:00:11 PENDING_DISCONNECT", "09:00:21 DISCONNECTED"]);
  });

  it("is at once where it should be when the first data comes late", async () => {
    await using on = await start({ scenario: { warningMs: 200, endMs: 1000 } });
    await connect(on);
    on.advance(minute);
    expect(on.story()).toEqual(["09:00:01 PENDING_DISCONNECT", "09:00:02 DISCONNECTED"]);
  });

  it.each([
    ["tink", "Your session with the bank has expired. Please sign in again."],
    ["powens", "SCA error"],
  ])("ends at %s without a warning", async (provider, error) => {
    await using on = await start({ scenario: {} });
    const { connection } = await connect(on, provider);
    on.advance(10 * minute);
    expect(on.story().map((line) => line.slice(9))).not.toContain("PENDING_DISCONNECT");
    expect([on.story().at(-1)?.slice(9), connection]).toMatchObject(["DISCONNECTED", { status: "ERROR", error }]);
  });

  it("starts anew when the user gives consent again after its end", async () => {
    await using on = await start({ scenario: {} });
    const { connection, at } = await connect(on);
    on.advance(10 * minute);
    await renew(on, at, connection);
    on.advance(10 * minute);
    expect(on.story().slice(3)).toEqual([
      "09:10:03 RECONNECTED",
      "09:10:04 DATA_SYNCED",
      "09:12:03 PENDING_DISCONNECT",
      "09:15:03 DISCONNECTED",
    ]);
  });

  it("drops the end that was announced when the user renews before it", async () => {
    await using on = await start({ scenario: {} });
    const { connection, at } = await connect(on);
    on.advance(3 * minute);
    await renew(on, at, connection);
    on.advance(3 * minute);
    expect([on.story().slice(2), connection.status]).toEqual([
      ["09:03:04 DATA_SYNCED", "09:05:03 PENDING_DISCONNECT"],
      "ACTIVE",
    ]);
    on.advance(3 * minute);
    expect(on.story().at(-1)).toBe("09:08:03 DISCONNECTED");
  });

  it("ends with the connection", async () => {
    await using on = await start({ scenario: {} });
    const { connection, at } = await connect(on);
    on.advance(minute);
    await on.remove(`${at}/connections/${connection.connectionID}`);
    on.advance(10 * minute);
    expect(on.story()).toEqual(["09:00:02 DATA_SYNCED"]);
  });

  it("does not touch connections that were there before", async () => {
    await using on = await start({ scenario: {} });
    const old = activeOf(on, "plaid");
    on.world.syncConnection(old);
    on.advance(60 * minute);
    expect([on.story(), old.status]).toEqual([["09:00:00 DATA_SYNCED"], "ACTIVE"]);
  });

  it("stops with the sandbox", async () => {
    const on = await start({ scenario: {} });
    await connect(on);
    on.advance(minute);
    await on[Symbol.asyncDispose]();
    on.advance(10 * minute);
    expect(on.story()).toEqual(["09:00:02 DATA_SYNCED"]);
  });

  it("does not run by default", async () => {
    await using on = await start();
    const { connection } = await connect(on);
    on.advance(600 * minute);
    expect([on.story(), connection.status]).toEqual([["09:00:02 DATA_SYNCED"], "ACTIVE"]);
  });
});

describe("by hand, without a token", () => {
  it("a sync of Plaid brings fresh data", async () => {
    await using on = await start();
    const connection = activeOf(on, "plaid");
    on.advance(minute);
    const { status, body } = await on.play(connection.connectionID, "sync");
    expect([status, body.data]).toMatchObject([
      200,
      { connectionID: connection.connectionID, status: "ACTIVE", dataUpdatedAt: "2026-07-01T09:01:00Z" },
    ]);
    expect(on.story()).toEqual(["09:01:00 DATA_SYNCED"]);
  });

  it.each([
    ["tink", ["09:01:00 RECONNECTED", "09:01:00 DATA_SYNCED"]],
    ["powens", ["09:01:00 RECONNECTED"]],
  ])("a sync of %s sets no time, and shows that the connection works", async (provider, story) => {
    await using on = await start();
    const connection = activeOf(on, provider);
    on.advance(minute);
    const { body } = await on.play(connection.connectionID, "sync");
    expect(body.data).toMatchObject({ dataUpdatedAt: "0001-01-01T00:00:00Z", updatedAt: "2026-07-01T09:01:00Z" });
    expect(on.story()).toEqual(story);
    const synced = on.world.events.filter(({ type }) => type.endsWith("DATA_SYNCED"));
    for (const { payload } of synced) expect(payload["connectionID"]).toBe("");
  });

  it("an expiry is an event alone, a week ahead, and only of Plaid", async () => {
    await using on = await start();
    const connection = activeOf(on, "plaid");
    const before = { ...connection };
    expect((await on.play(connection.connectionID, "expire")).status).toBe(200);
    expect(on.story()).toEqual(["09:00:00 PENDING_DISCONNECT"]);
    expect(on.world.events.at(-1)?.payload).toMatchObject({ at: "2026-07-08T09:00:00Z", reason: null });
    expect(connection).toEqual(before);
    for (const provider of ["tink", "powens"]) {
      const refused = await on.play(activeOf(on, provider).connectionID, "expire");
      expect([refused.status, refused.body.errorMessage]).toEqual([400, "Only Plaid announces that a consent ends"]);
    }
    expect(on.story()).toHaveLength(1);
  });

  it.each([
    ["plaid", "disconnect", "the user has taken back the permission"],
    ["plaid", "reauthenticate", "the login details changed"],
    ["plaid", "interrupt", "the institution does not respond"],
    ["tink", "disconnect", "The bank no longer gives access."],
    ["tink", "reauthenticate", "Your session with the bank has expired. Please sign in again."],
    ["tink", "interrupt", "The bank does not respond. Please try again later."],
    ["powens", "disconnect", null],
    ["powens", "reauthenticate", "SCA error"],
    ["powens", "interrupt", "temporary error: website unavailable or rate limiting"],
  ])("at %s a %s has its own reason, or none", async (provider, step, error) => {
    await using on = await start();
    const { body } = await on.play(activeOf(on, provider).connectionID, step);
    expect(body.data).toMatchObject({ status: "ERROR", error });
    const payload = on.world.events.at(-1)?.payload ?? {};
    expect([payload["errorType"], payload["reason"] ?? null]).toEqual(["ERROR", error]);
    expect("reason" in payload).toBe(error !== null);
  });

  it("an interruption at Powens ends with the next sync", async () => {
    await using on = await start();
    const connection = activeOf(on, "powens");
    await on.play(connection.connectionID, "interrupt");
    on.advance(minute);
    await on.play(connection.connectionID, "sync");
    expect([connection.status, connection.error]).toEqual(["ACTIVE", null]);
    expect(on.story()).toEqual(["09:00:00 DISCONNECTED", "09:01:00 RECONNECTED"]);
  });

  it("a disconnect before the first data keeps it away, until the user renews the connection", async () => {
    await using on = await start();
    const { connection, at } = await connect(on);
    await on.play(connection.connectionID, "disconnect");
    on.advance(minute);
    expect(on.world.accounts.filter((row) => row.psuID === connection.psuID)).toEqual([]);
    await renew(on, at, connection);
    on.advance(minute);
    expect([connection.status, on.story()]).toEqual([
      "ACTIVE",
      ["09:00:01 DISCONNECTED", "09:01:03 RECONNECTED", "09:01:04 DATA_SYNCED"],
    ]);
  });

  it("a connection or a play that is not there is 404, and nothing but POST is taken", async () => {
    await using on = await start();
    const { connectionID } = find(on.world.connections, ({ status }) => status === "ACTIVE");
    expect((await on.play("none", "sync")).status).toBe(404);
    expect((await on.play(connectionID, "explode")).status).toBe(404);
    expect((await on.play(connectionID, "constructor")).status).toBe(404);
    const got = await on.play(connectionID, "disconnect", "GET");
    expect([got.status, got.headers["allow"], on.world.events]).toEqual([405, "POST", []]);
  });
});

it("npm run sandbox -- --script says that the script is on, and how to play by hand what then works", async () => {
  await using command = runScript("sandbox", ["--port", "0", "--script"]);
  await command.waitFor(/The script is on/);
  const [, url] = await command.waitFor(/-X POST (\S+)\/sandbox\/connections\/\$CONNECTION_ID\/disconnect/);
  const answer = await fetch(`${url}/sandbox/connections/none/disconnect`, { method: "POST" });
  expect([answer.status, await answer.json()]).toMatchObject([404, { errorCode: "NOT_FOUND" }]);
});
