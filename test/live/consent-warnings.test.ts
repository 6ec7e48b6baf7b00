import { describe, expect, it } from "vitest";
import { connectionGlobalId } from "../schema/global-ids.ts";
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
    ["an end that has passed", (gateway: Stage) => gateway.own("plaid"), -1000],
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

  it("that is over is emitted as CURRENT, without an end", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    await publishEvent(gateway, eventOf("PENDING_DISCONNECT", connection, { at: inMs(600) }));
    const [warning, over] = await changes(stream, 2);
    expect(warning?.kind).toBe("PENDING_DISCONNECT");
    expect(over).toMatchObject({ kind: "CURRENT", connection: { consentExpiresAt: null, requiredAction: "NONE" } });
  });
});
