import { describe, expect, it } from "vitest";
import { toInvalidation } from "../../src/live/connection-events.ts";
import { createConsentExpiry } from "../../src/live/consent-expiry.ts";
import { createMemoryConsentStore } from "../../src/live/event-bus.ts";
import { connectionGlobalId } from "../schema/global-ids.ts";
import { until } from "../support/helpers.ts";
import {
  afterRefreshes,
  changes,
  changesOf,
  eventOf,
  inMs,
  openConnections,
  publishEvent,
  readsConnections,
  type Stage,
  stage,
} from "../support/live/stage.ts";

describe.concurrent("a warning (PENDING_DISCONNECT)", () => {
  const week = 7 * 86_400_000;

  it("is emitted once for the same end, as the event has it, however often it is delivered", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    const warning = { at: inMs(week), reason: "PENDING_EXPIRATION" };
    for (let again = 0; again < 3; again++) {
      await publishEvent(gateway, eventOf("PENDING_DISCONNECT", connection, warning));
      await afterRefreshes(gateway, readsConnections, 1);
    }
    const received = await changes(stream, 1);
    expect(received).toMatchObject([
      { kind: "PENDING_DISCONNECT", connectionId: connectionGlobalId(connection), ...warning },
    ]);
    expect(received[0]?.connection).toMatchObject({
      status: "ACTIVE",
      consentExpiresAt: warning.at,
      requiredAction: "RELINK",
    });
  });

  it("is emitted again for another end", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    const ends = [inMs(week), inMs(week + 60_000)];
    for (const [at, end] of ends.entries()) {
      await publishEvent(gateway, eventOf("PENDING_DISCONNECT", connection, { at: end }));
      await changes(stream, at + 1);
    }
    expect(changesOf(stream).map(({ kind, at, reason }) => [kind, at, reason])).toEqual(
      ends.map((end) => ["PENDING_DISCONNECT", end, null]),
    );
  });

  it.each([
    ["a connection in error", (gateway: Stage) => gateway.own("tink"), week],
    ["an end after which there was data", (gateway: Stage) => gateway.own("plaid"), -3_600_000],
    ["another PSU's connection", (gateway: Stage) => ({ ...gateway.own("plaid"), psuID: gateway.other }), week],
    [
      "a connection of another connector",
      (gateway: Stage) => ({ ...gateway.own("plaid"), connectorID: gateway.connector("tink") }),
      week,
    ],
    ["a connection that there is not", (gateway: Stage) => ({ ...gateway.own("plaid"), connectionID: "none" }), week],
  ])("is not emitted for %s", async (_name, about, ms) => {
    await using gateway = await stage();
    gateway.world.breakConnection(gateway.own("tink"), "broken");
    await using stream = openConnections(gateway);
    await stream.first(3);
    await publishEvent(gateway, eventOf("PENDING_DISCONNECT", about(gateway), { at: inMs(ms) }));
    await afterRefreshes(gateway, readsConnections);
    expect(changesOf(stream)).toEqual([]);
  });

  it("is not emitted for a connection that has just recovered, whatever came while it was broken", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    gateway.world.breakConnection(connection, "broken");
    await using stream = openConnections(gateway);
    await stream.first(3);
    await publishEvent(gateway, eventOf("PENDING_DISCONNECT", connection, { at: inMs(week) }));
    gateway.reconnect(connection); // of which no event comes
    await changes(stream, 1);
    await afterRefreshes(gateway, readsConnections);
    expect(changesOf(stream).map(({ kind }) => kind)).toEqual(["RECONNECTED"]);
  });

  it("comes beside a change that the same refresh shows", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    gateway.clock.advance(1000);
    connection.dataUpdatedAt = gateway.world.now();
    const at = inMs(week);
    await publishEvent(gateway, eventOf("PENDING_DISCONNECT", connection, { at, reason: "soon" }));
    expect((await changes(stream, 2)).map(({ kind, reason }) => [kind, reason])).toEqual([
      ["DATA_SYNCED", null],
      ["PENDING_DISCONNECT", "soon"],
    ]);
  });

  it("whose end has come stands without a further message, since the user must still relink", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    const at = inMs(300);
    await publishEvent(gateway, eventOf("PENDING_DISCONNECT", connection, { at }));
    await changes(stream, 1);
    await until(async () => Date.now() > Date.parse(at) + 100);
    await afterRefreshes(gateway, readsConnections);
    expect(changesOf(stream).map(({ kind }) => kind)).toEqual(["PENDING_DISCONNECT"]);
  });

  it.each([
    ["the bank ends access", "DISCONNECTED", (on: Stage) => on.world.breakConnection(on.own("plaid"), "ended")],
    [
      "the bank gives access again, which an event tells",
      "CURRENT",
      (on: Stage) => publishEvent(on, eventOf("RECONNECTED", on.own("plaid"), { at: inMs(0) })),
    ],
    ["new data comes", "DATA_SYNCED", (on: Stage) => on.world.syncConnection(on.own("plaid"))],
  ])("whose end has come is over when %s: %s", async (_name, kind, happens) => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    const at = inMs(100);
    await publishEvent(gateway, eventOf("PENDING_DISCONNECT", connection, { at }));
    await changes(stream, 1);
    await until(async () => Date.now() > Date.parse(at) + 100);
    gateway.clock.advance(1000);
    await happens(gateway);
    const [, over] = await changes(stream, 2);
    expect(over).toMatchObject({ kind, connection: { consentExpiresAt: null } });
    expect(over?.connection?.requiredAction).toBe(kind === "DISCONNECTED" ? "RELINK" : "NONE");
  });

  it("ends with an error that is over, though no event came of either", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    await publishEvent(gateway, eventOf("PENDING_DISCONNECT", connection, { at: inMs(week) }));
    await changes(stream, 1);
    gateway.world.breakConnection(connection, "broken");
    await changes(stream, 2);
    gateway.reconnect(connection);
    const [, , reconnected] = await changes(stream, 3);
    expect(reconnected).toMatchObject({
      kind: "RECONNECTED",
      connection: { consentExpiresAt: null, requiredAction: "NONE" },
    });
  });
});

describe("a warning that is delivered again", () => {
  it("after it was answered takes the place of no newer one", async () => {
    const consents = createConsentExpiry(createMemoryConsentStore());
    const connection = { psuId: "p", connectorId: "c", connectionId: "x" };
    const [first, second] = [inMs(86_400_000), inMs(2 * 86_400_000)];
    const apply = (kind: "PENDING_DISCONNECT" | "RECONNECTED", at: string) =>
      consents.apply({ ...connection, kind, at, reason: null });
    await apply("PENDING_DISCONNECT", first);
    await apply("RECONNECTED", inMs(0));
    await apply("PENDING_DISCONNECT", second);
    await apply("PENDING_DISCONNECT", first);
    expect(await consents.expiryOf(connection)).toBe(second);
  });
});

describe("warnings beyond what is kept", () => {
  const psuId = "0b5cbf2a-8d0b-4f3a-9d53-0c5f0a1f6a01";
  const connection = (id: number | string) => ({ psuId, connectorId: "plaid", connectionId: `item-${id}` });
  const day = 86_400_000;
  const warning = (at: string, ids: object = {}) => ({
    type: "payments.open_banking_user_connection_pending_disconnect",
    payload: { psuID: psuId, connectorID: "plaid", connectionID: "item", at, reason: null, ...ids },
  });

  it("are dropped, the oldest first, and marks of renewals drop none", async () => {
    const store = createMemoryConsentStore(3);
    const end = inMs(day);
    for (const id of [1, 2, 3, 1, 4]) await store.keep(connection(id), end);
    for (let mark = 0; mark < 10; mark++) await store.keep({ ...connection(1), mark: `renewed by ${mark}` }, end);
    const kept = await Promise.all([1, 2, 3, 4].map((id) => store.expiryOf(connection(id))));
    expect(kept).toEqual([end, null, end, end]);
  });

  it("take the same time each: 20,000 of them less than two seconds", async () => {
    const consents = createConsentExpiry(createMemoryConsentStore());
    const at = inMs(30 * day);
    const startedAt = process.cpuUsage();
    for (let id = 0; id < 20_000; id++) {
      const invalidation = toInvalidation(warning(at, { connectionID: `item-${id}` }));
      if (invalidation?.event) await consents.apply(invalidation.event);
    }
    const { user, system } = process.cpuUsage(startedAt);
    expect((user + system) / 1e6).toBeLessThan(2);
    expect(await consents.expiryOf(connection(19_999))).toBe(at);
  });

  it.each([
    ["that ends in 13 months", inMs(399 * day), {}, true],
    ["that has just ended", inMs(-day), {}, true],
    ["that ends after 400 days", inMs(401 * day), {}, false],
    ["that ends in 2099", "2099-01-01T00:00:00Z", {}, false],
    ["that ended long ago", inMs(-401 * day), {}, false],
    ["that ended before there was time", "0001-01-01T00:00:00Z", {}, false],
    ["of a connection with a name of 256 characters", inMs(day), { connectionID: "x".repeat(256) }, true],
    ["of a connection with a longer name", inMs(day), { connectionID: "x".repeat(257) }, false],
    ["of a connector with a longer name", inMs(day), { connectorID: "x".repeat(257) }, false],
  ])("are those %s: %s %o: %s", async (_name, at, ids, isTaken) => {
    const invalidation = toInvalidation(warning(at, ids));
    expect(invalidation !== null).toBe(isTaken);
  });

  it("are those of another replica that lie too far ahead", async () => {
    const consents = createConsentExpiry(createMemoryConsentStore());
    const event = { ...connection(1), kind: "PENDING_DISCONNECT", at: "2099-01-01T00:00:00Z", reason: null } as const;
    await consents.apply(event);
    expect(await consents.expiryOf(connection(1))).toBeNull();
  });
});
