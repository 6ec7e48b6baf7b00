import { describe, expect, it } from "vitest";
import { toTimestamp } from "../../sandbox/time.ts";
import { graphql } from "../graphql/gql.ts";
import { connectionGlobalId, connectorGlobalId, firstOf } from "../schema/global-ids.ts";
import { psuViewer, until } from "../support/helpers.ts";
import {
  afterRefreshes,
  changes,
  changesOf,
  eventOf,
  inMs,
  openConnections,
  publishEvent,
  readsConnections,
  StagedConnections,
  StagedTask,
  stage,
} from "../support/live/stage.ts";

const TruthDeleteConnection = graphql(`
  mutation TruthDeleteConnection($input: DeleteConnectionInput!) {
    deleteConnection(input: $input) { task { id taskId } }
  }
`);

const TruthDeletePsu = graphql(`
  mutation TruthDeletePsu($input: DeletePaymentServiceUserInput!) {
    deletePaymentServiceUser(input: $input) { task { id taskId } }
  }
`);

const unknownPsuId = "00000000-0000-4000-8000-000000000000";

describe.concurrent("connectionChanged", () => {
  it("begins with one CURRENT message for each connection, as REST shows it", async () => {
    await using gateway = await stage();
    const broken = gateway.own("tink");
    gateway.world.breakConnection(broken, "The bank said no.");
    await using stream = openConnections(gateway);
    await stream.first(3);
    await afterRefreshes(gateway, readsConnections);
    const received = changesOf(stream, 0);
    expect(received.map(({ kind, connectionId }) => [kind, connectionId])).toEqual(
      gateway.world.connections
        .filter(({ psuID }) => psuID === gateway.psu)
        .map((connection) => ["CURRENT", connectionGlobalId(connection)]),
    );
    const tink = received.find(({ connectionId }) => connectionId === connectionGlobalId(broken));
    expect(tink).toMatchObject({ at: toTimestamp(broken.updatedAt), reason: "The bank said no." });
    expect(tink?.connection).toMatchObject({ status: "ERROR", error: "The bank said no.", requiredAction: "RELINK" });
  });

  it("emits nothing about another PSU's connections", async () => {
    await using gateway = await stage({ deliversEvents: true });
    await using stream = openConnections(gateway);
    await stream.first(3);
    gateway.clock.advance(10);
    gateway.world.breakConnection(
      firstOf(gateway.world.connections, ({ psuID }) => psuID === gateway.other),
      "not yours",
    );
    await afterRefreshes(gateway, readsConnections);
    expect(changesOf(stream)).toEqual([]);
  });

  it("emits only changes at the connector of the argument", async () => {
    await using gateway = await stage();
    await using stream = openConnections(gateway, { connectorId: connectorGlobalId(gateway.connector("tink")) });
    await stream.first(1);
    gateway.clock.advance(10);
    gateway.world.breakConnection(gateway.own("plaid"), "at another connector");
    gateway.clock.advance(10);
    gateway.world.breakConnection(gateway.own("tink"), "at this connector");
    await stream.first(2);
    await afterRefreshes(gateway, readsConnections);
    expect(changesOf(stream, 0).map(({ kind, connectionId, reason }) => [kind, connectionId, reason])).toEqual([
      ["CURRENT", connectionGlobalId(gateway.own("tink")), null],
      ["DISCONNECTED", connectionGlobalId(gateway.own("tink")), "at this connector"],
    ]);
  });

  it("emits a new connection and a deleted one, for which there is no event", async () => {
    await using gateway = await stage();
    await using stream = openConnections(gateway);
    await stream.first(3);
    gateway.end(gateway.link(gateway.psu, "tink").token, "consent");
    const [created] = await changes(stream, 1);
    expect(created).toMatchObject({ kind: "CREATED", at: created?.connection?.createdAt });
    expect(created?.connection).toMatchObject({ status: "ACTIVE", error: null });
    gateway.world.deletions.connection(gateway.psu, gateway.connector("plaid"), gateway.own("plaid").connectionID);
    const gone = connectionGlobalId(gateway.own("plaid"));
    gateway.clock.advance(300);
    const deleted = (await changes(stream, 2))[1];
    expect(deleted).toMatchObject({ kind: "DELETED", connectionId: gone, connection: null, reason: null });
    expect(Math.abs(Date.now() - Date.parse(deleted?.at ?? ""))).toBeLessThan(10_000);
  });

  it.each([true, false])(
    "names each change, with REST's own time and reason (events come: %s)",
    async (deliversEvents) => {
      await using gateway = await stage({ deliversEvents });
      const connection = gateway.own("plaid");
      await using stream = openConnections(gateway);
      await stream.first(3);
      gateway.clock.advance(10);
      gateway.world.breakConnection(connection, "The password was changed.");
      const brokenAt = toTimestamp(connection.updatedAt);
      await changes(stream, 1);
      gateway.reconnect(connection);
      const reconnectedAt = toTimestamp(connection.updatedAt);
      await changes(stream, 2);
      gateway.clock.advance(1200);
      const syncedAt = toTimestamp(connection.dataUpdatedAt ?? 0);
      const received = await changes(stream, 3);
      expect(received.map(({ kind, at, reason }) => ({ kind, at, reason }))).toEqual([
        { kind: "DISCONNECTED", at: brokenAt, reason: "The password was changed." },
        { kind: "RECONNECTED", at: reconnectedAt, reason: null },
        { kind: "DATA_SYNCED", at: syncedAt, reason: null },
      ]);
      expect(received.map((change) => change.connection)).toMatchObject([
        { status: "ERROR", error: "The password was changed.", updatedAt: brokenAt },
        { status: "ACTIVE", error: null, updatedAt: reconnectedAt },
        { status: "ACTIVE", dataUpdatedAt: syncedAt },
      ]);
    },
  );

  it("takes time and reason from the event, where one came with the change", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    const received = [];
    for (const kind of ["DISCONNECTED", "RECONNECTED", "DATA_SYNCED"] as const) {
      gateway.clock.advance(10);
      if (kind === "DISCONNECTED")
        Object.assign(connection, { status: "ERROR", error: "in REST", updatedAt: gateway.world.now() });
      if (kind === "RECONNECTED")
        Object.assign(connection, { status: "ACTIVE", error: null, updatedAt: gateway.world.now() });
      if (kind === "DATA_SYNCED") connection.dataUpdatedAt = gateway.world.now();
      const event = { at: toTimestamp(gateway.world.now() + 123_456), reason: `${kind}, said the event` };
      await publishEvent(gateway, eventOf(kind, connection, event));
      received.push({ kind, ...event });
      await changes(stream, received.length);
    }
    expect(changesOf(stream).map(({ kind, at, reason }) => ({ kind, at, reason }))).toEqual(received);
  });

  it("takes nothing from an event about a connection of the same id at another connector", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    gateway.clock.advance(1000);
    gateway.world.breakConnection(connection, "its own");
    const namesake = { ...connection, connectorID: gateway.connector("tink") };
    await publishEvent(gateway, eventOf("DISCONNECTED", namesake, { at: inMs(5000), reason: "another's" }));
    expect(await changes(stream, 1)).toMatchObject([
      { kind: "DISCONNECTED", at: toTimestamp(connection.updatedAt), reason: "its own" },
    ]);
  });

  it("takes nothing from an event that is older than what is known", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    const connection = gateway.own("plaid");
    gateway.world.breakConnection(connection, "the first time");
    const late = eventOf("DISCONNECTED", connection, {
      at: toTimestamp(connection.updatedAt),
      reason: "the first time",
    });
    gateway.clock.advance(1000);
    gateway.reconnect(connection);
    await using stream = openConnections(gateway);
    await stream.first(3);
    gateway.clock.advance(1000);
    Object.assign(connection, { status: "ERROR", error: "the second time", updatedAt: gateway.world.now() });
    await publishEvent(gateway, late);
    expect(await changes(stream, 1)).toMatchObject([
      { kind: "DISCONNECTED", at: toTimestamp(connection.updatedAt), reason: "the second time" },
    ]);
  });

  it("forgets an event after a refresh that found no change", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    await publishEvent(gateway, eventOf("DISCONNECTED", connection, { at: inMs(3_600_000), reason: "a lie" }));
    await afterRefreshes(gateway, readsConnections);
    gateway.clock.advance(1000);
    gateway.world.breakConnection(connection, "the truth");
    expect(await changes(stream, 1)).toMatchObject([
      { kind: "DISCONNECTED", at: toTimestamp(connection.updatedAt), reason: "the truth" },
    ]);
  });

  it("emits nothing when events repeat what is known", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    gateway.world.breakConnection(connection, "broken");
    await using stream = openConnections(gateway);
    await stream.first(3);
    for (let again = 0; again < 3; again++) {
      await publishEvent(gateway, eventOf("DISCONNECTED", connection, { at: inMs(again), reason: "broken" }));
      await afterRefreshes(gateway, readsConnections, 1);
    }
    expect(changesOf(stream)).toEqual([]);
  });

  it("emits a change that has no name of its own as CURRENT", async () => {
    await using gateway = await stage({ deliversEvents: true });
    const connection = gateway.own("plaid");
    gateway.world.breakConnection(connection, "broken");
    await using stream = openConnections(gateway);
    await stream.first(3);
    gateway.clock.advance(1000);
    gateway.world.breakConnection(connection, "broken"); // the service moves its time, and sends the event again
    expect(await changes(stream, 1)).toMatchObject([
      { kind: "CURRENT", at: toTimestamp(connection.updatedAt), reason: "broken" },
    ]);
  });

  it("emits a broken connection's new reason as DISCONNECTED", async () => {
    await using gateway = await stage({ deliversEvents: true });
    const connection = gateway.own("plaid");
    gateway.world.breakConnection(connection, "too many requests");
    await using stream = openConnections(gateway);
    await stream.first(3);
    gateway.clock.advance(1000);
    gateway.world.breakConnection(connection, "the user must sign in");
    expect(await changes(stream, 1)).toMatchObject([{ kind: "DISCONNECTED", reason: "the user must sign in" }]);
  });

  it("only refreshes when an event names no connection", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    const connection = gateway.own("tink");
    await using stream = openConnections(gateway);
    await stream.first(3);
    gateway.clock.advance(1000);
    const nameless = { ...connection, connectionID: "" };
    await publishEvent(gateway, eventOf("PENDING_DISCONNECT", nameless, { at: inMs(86_400_000) }));
    await until(async () => gateway.sandbox.calls.filter(readsConnections).length === 2);
    connection.dataUpdatedAt = gateway.world.now();
    const name = { psuId: gateway.psu, connectorId: connection.connectorID, connectionId: "" };
    expect(await gateway.bus.consents.expiryOf(name)).toBeNull();
    const another = eventOf("DATA_SYNCED", nameless, { at: inMs(5000), reason: "of which?" });
    await publishEvent(gateway, another);
    const received = await changes(stream, 1);
    expect(received).toMatchObject([{ kind: "DATA_SYNCED", at: toTimestamp(connection.dataUpdatedAt), reason: null }]);
  });

  it("of a PSU that there is not is NOT_FOUND and ends", async () => {
    await using gateway = await stage();
    await using stream = gateway.subscribe(StagedConnections, { psuId: unknownPsuId });
    expect(await stream.codes()).toEqual(["NOT_FOUND"]);
    expect(gateway.live.watchers.size.watchers).toBe(0);
  });

  it("of a PSU that is not the viewer's is NOT_FOUND, and nothing is read", async () => {
    await using gateway = await stage({ viewer: psuViewer(unknownPsuId) });
    const calls = await gateway.calls(async () => {
      await using stream = openConnections(gateway);
      expect(await stream.codes()).toEqual(["NOT_FOUND"]);
    });
    expect(calls).toEqual([]);
  });

  it("of a PSU that is deleted emits DELETED for each connection, then NOT_FOUND, and ends", async () => {
    await using gateway = await stage();
    await using stream = openConnections(gateway);
    await stream.first(3);
    const ids = changesOf(stream, 0).map(({ connectionId }) => connectionId);
    gateway.world.deletions.person(gateway.psu);
    gateway.clock.advance(1000);
    expect(await stream.codes()).toEqual(["NOT_FOUND"]);
    expect(changesOf(stream).map(({ kind, connectionId }) => [kind, connectionId])).toEqual(
      ids.map((id) => ["DELETED", id]),
    );
    expect(stream.messages).toHaveLength(7);
  });

  it("of a PSU without connections stays open, and emits the first", async () => {
    await using gateway = await stage();
    const { world } = gateway;
    const fresh = world.createPerson({
      name: "New",
      contactDetails: { email: null, phoneNumber: null, locale: "en_GB" },
      address: { streetName: null, streetNumber: null, city: null, region: null, postalCode: null, country: "GB" },
      bankAccountIDs: [],
      metadata: null,
    });
    world.forward(fresh.id, gateway.connector("tink"));
    await using stream = gateway.subscribe(StagedConnections, { psuId: fresh.id });
    await afterRefreshes(gateway, readsConnections);
    expect([stream.messages, stream.isOver]).toEqual([[], false]);
    gateway.end(gateway.link(fresh.id, "tink").token, "consent");
    expect((await stream.first(1))[0]?.connectionChanged.kind).toBe("CREATED");
  });
});

describe.concurrent("a deletion by a mutation of the gateway", () => {
  it("is emitted while its task runs and ends, though no event comes", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    await using stream = openConnections(gateway);
    await stream.first(3);
    const id = connectionGlobalId(gateway.own("tink"));
    const { task } = (await gateway.run(TruthDeleteConnection, { input: { connectionId: id } })).deleteConnection;
    await using tasks = gateway.subscribe(StagedTask, { id: task.id });
    await tasks.first(1);
    gateway.clock.advance(1000);
    expect((await tasks.all()).map(({ taskChanged }) => taskChanged.status)).toEqual(["PROCESSING", "SUCCEEDED"]);
    expect(await changes(stream, 1)).toMatchObject([{ kind: "DELETED", connectionId: id }]);
  });

  it("of the PSU ends its streams", async () => {
    await using gateway = await stage();
    await using stream = openConnections(gateway);
    await stream.first(3);
    await gateway.run(TruthDeletePsu, { input: { psuId: gateway.psu } });
    gateway.clock.advance(1000);
    expect(await stream.codes()).toEqual(["NOT_FOUND"]);
  });
});
