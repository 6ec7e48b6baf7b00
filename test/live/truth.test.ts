import { describe, expect, it } from "vitest";
import { toTaskId } from "../../sandbox/ids.ts";
import { type Connection, toWireConnection } from "../../sandbox/models/connection.ts";
import { createRandom } from "../../sandbox/random.ts";
import type { Envelope } from "../../sandbox/store/outbox.ts";
import { toTimestamp } from "../../sandbox/time.ts";
import { taskTopic } from "../../src/live/connection-events.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { graphql } from "../graphql/gql.ts";
import type { StagedConnectionsSubscription } from "../graphql/graphql.ts";
import { attemptGlobalId, connectionGlobalId, connectorGlobalId, firstOf } from "../schema/global-ids.ts";
import { psuViewer, type TestGateway, type TestStream, until } from "../support/helpers.ts";
import {
  attemptEvent,
  eventOf,
  inMs,
  publishEvent,
  readsAttempt,
  readsConnections,
  recordCalls,
  type Stage,
  StagedAttempt,
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

const TruthConnections = graphql(`
  query TruthConnections($psuId: ID!) {
    paymentServiceUser(id: $psuId) {
      connections { id status error createdAt updatedAt dataUpdatedAt consentExpiresAt requiredAction }
    }
  }
`);

const TruthTree = graphql(`
  subscription TruthTree($psuId: ID!, $connectorId: ID) {
    connectionChanged(psuId: $psuId, connectorId: $connectorId) {
      kind
      connection { status accounts { name } paymentServiceUser { connections { status } } }
    }
  }
`);

const nobody = "00000000-0000-4000-8000-000000000000";

type Changes = TestStream<StagedConnectionsSubscription>;
const openConnections = (gateway: Stage, more: { connectorId?: string } = {}): Changes =>
  gateway.subscribe(StagedConnections, { psuId: gateway.psu, ...more });

/** The changes so far, after the first `skipped`. */
const changesOf = ({ messages }: Changes, skipped = 3) =>
  messages.slice(skipped).flatMap(({ data }) => (data === null ? [] : [data.connectionChanged]));

/** Waits for so many changes after the three CURRENT ones. */
async function changes(stream: Changes, count: number) {
  await stream.first(3 + count);
  return changesOf(stream);
}

/** Resolves once the watches have looked so often more: what a look shows is told by then. */
async function afterLooks(gateway: TestGateway, isLook: Parameters<typeof recordCalls>[1], count = 3): Promise<void> {
  using looks = recordCalls(gateway, isLook);
  await until(async () => looks.length > count);
}

describe.concurrent("linkAttemptChanged", () => {
  it("tells how the attempt is, then that it is completed, and ends", async () => {
    await using gateway = await stage();
    const { token, attempt } = gateway.link(gateway.psu, "tink");
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await stream.first(1);
    gateway.end(token, "consent");
    const states = (await stream.all()).map(({ linkAttemptChanged }) => linkAttemptChanged);
    expect(states).toEqual([
      { attemptId: attempt.id, status: "PENDING", error: null, isExpired: false },
      { attemptId: attempt.id, status: "COMPLETED", error: null, isExpired: false },
    ]);
  });

  it("sees a completion of which no event tells within three seconds, at the usual pace", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    const { token, attempt } = gateway.link(gateway.psu, "tink");
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await stream.first(1);
    const events = gateway.world.events.length;
    gateway.end(token, "consent");
    expect(gateway.world.events.slice(events).filter(({ type }) => type === "OPEN_BANKING_USER_LINK_STATUS")).toEqual(
      [],
    );
    const start = performance.now();
    expect((await stream.first(2))[1]?.linkAttemptChanged.status).toBe("COMPLETED");
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it("tells an attempt that has ended once, with its error, and ends", async () => {
    await using gateway = await stage();
    const { token, attempt } = gateway.link(gateway.psu, "powens");
    gateway.end(token, "cancel");
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    const [only, ...more] = await stream.all();
    expect(only?.linkAttemptChanged).toMatchObject({ status: "EXITED", error: "access_denied" });
    expect(more).toEqual([]);
  });

  it("of an attempt of another PSU or connector, or of none, is NOT_FOUND and ends", async () => {
    await using gateway = await stage();
    const { attempt } = gateway.link(gateway.psu, "tink");
    const wrong = [
      { ...attempt, psuID: gateway.other },
      { ...attempt, connectorID: gateway.connector("plaid") },
      { ...attempt, id: nobody },
    ];
    for (const key of wrong) {
      await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(key) });
      expect(await stream.codes()).toEqual(["NOT_FOUND"]);
      expect(stream.messages).toHaveLength(1);
    }
    expect(gateway.live.watchers.size).toEqual({ watchers: 0, streams: 0, timers: 0 });
  });

  it("tells nothing when an event lies", async () => {
    await using gateway = await stage();
    const { attempt } = gateway.link(gateway.psu, "plaid");
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await stream.first(1);
    for (let lie = 0; lie < 3; lie++) {
      await publishEvent(gateway, attemptEvent(attempt));
      await afterLooks(gateway, readsAttempt, 1);
    }
    expect(stream.messages).toHaveLength(1);
    expect(stream.isOver).toBe(false);
  });

  it("does not look when an event is about another PSU, connector or kind of thing", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    const { attempt } = gateway.link(gateway.psu, "plaid");
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await stream.first(1);
    const calls = await gateway.calls(async () => {
      await publishEvent(gateway, attemptEvent({ ...attempt, psuID: gateway.other }));
      await publishEvent(gateway, attemptEvent({ ...attempt, connectorID: gateway.connector("tink") }));
      await publishEvent(gateway, eventOf("DATA_SYNCED", gateway.own("plaid"), { at: inMs(0) }));
      await gateway.bus.publish({ topics: [taskTopic("t")], event: null });
      await gateway.send("{ viewer { subject } }");
    });
    expect(calls).toEqual([]);
    await publishEvent(gateway, attemptEvent(attempt));
    await until(async () => gateway.sandbox.calls.filter(readsAttempt).length === 2);
  });

  it("is NOT_FOUND, after its last state, when the PSU is deleted", async () => {
    await using gateway = await stage();
    const { attempt } = gateway.link(gateway.psu, "tink");
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await stream.first(1);
    gateway.world.deletions.person(gateway.psu);
    gateway.clock.advance(1000);
    expect(await stream.codes()).toEqual(["NOT_FOUND"]);
    expect(stream.messages).toHaveLength(2);
  });
});

describe.concurrent("connectionChanged", () => {
  it("begins with one CURRENT message for each connection, as REST shows it", async () => {
    await using gateway = await stage();
    const broken = gateway.own("tink");
    gateway.world.breakConnection(broken, "The bank said no.");
    await using stream = openConnections(gateway);
    await stream.first(3);
    await afterLooks(gateway, readsConnections);
    const told = changesOf(stream, 0);
    expect(told.map(({ kind, connectionId }) => [kind, connectionId])).toEqual(
      gateway.world.connections
        .filter(({ psuID }) => psuID === gateway.psu)
        .map((connection) => ["CURRENT", connectionGlobalId(connection)]),
    );
    const tink = told.find(({ connectionId }) => connectionId === connectionGlobalId(broken));
    expect(tink).toMatchObject({ at: toTimestamp(broken.updatedAt), reason: "The bank said no." });
    expect(tink?.connection).toMatchObject({ status: "ERROR", error: "The bank said no.", requiredAction: "RELINK" });
  });

  it("tells nothing of another PSU's connections", async () => {
    await using gateway = await stage({ deliversEvents: true });
    await using stream = openConnections(gateway);
    await stream.first(3);
    gateway.clock.advance(10);
    gateway.world.breakConnection(
      firstOf(gateway.world.connections, ({ psuID }) => psuID === gateway.other),
      "not yours",
    );
    await afterLooks(gateway, readsConnections);
    expect(changesOf(stream)).toEqual([]);
  });

  it("tells only of the connector that was asked for", async () => {
    await using gateway = await stage();
    await using stream = openConnections(gateway, { connectorId: connectorGlobalId(gateway.connector("tink")) });
    await stream.first(1);
    gateway.clock.advance(10);
    gateway.world.breakConnection(gateway.own("plaid"), "not asked for");
    gateway.clock.advance(10);
    gateway.world.breakConnection(gateway.own("tink"), "asked for");
    await stream.first(2);
    await afterLooks(gateway, readsConnections);
    expect(changesOf(stream, 0).map(({ kind, connectionId, reason }) => [kind, connectionId, reason])).toEqual([
      ["CURRENT", connectionGlobalId(gateway.own("tink")), null],
      ["DISCONNECTED", connectionGlobalId(gateway.own("tink")), "asked for"],
    ]);
  });

  it("tells of a new connection and of a deleted one, of which no event tells", async () => {
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
      const mendedAt = toTimestamp(connection.updatedAt);
      await changes(stream, 2);
      gateway.clock.advance(1200);
      const syncedAt = toTimestamp(connection.dataUpdatedAt ?? 0);
      const told = await changes(stream, 3);
      expect(told.map(({ kind, at, reason }) => ({ kind, at, reason }))).toEqual([
        { kind: "DISCONNECTED", at: brokenAt, reason: "The password was changed." },
        { kind: "RECONNECTED", at: mendedAt, reason: null },
        { kind: "DATA_SYNCED", at: syncedAt, reason: null },
      ]);
      expect(told.map((change) => change.connection)).toMatchObject([
        { status: "ERROR", error: "The password was changed.", updatedAt: brokenAt },
        { status: "ACTIVE", error: null, updatedAt: mendedAt },
        { status: "ACTIVE", dataUpdatedAt: syncedAt },
      ]);
    },
  );

  it("tells time and reason as the event did, where one came with the change", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    const told = [];
    for (const kind of ["DISCONNECTED", "RECONNECTED", "DATA_SYNCED"] as const) {
      gateway.clock.advance(10);
      if (kind === "DISCONNECTED")
        Object.assign(connection, { status: "ERROR", error: "in REST", updatedAt: gateway.world.now() });
      if (kind === "RECONNECTED")
        Object.assign(connection, { status: "ACTIVE", error: null, updatedAt: gateway.world.now() });
      if (kind === "DATA_SYNCED") connection.dataUpdatedAt = gateway.world.now();
      const event = { at: toTimestamp(gateway.world.now() + 123_456), reason: `${kind}, said the event` };
      await publishEvent(gateway, eventOf(kind, connection, event));
      told.push({ kind, ...event });
      await changes(stream, told.length);
    }
    expect(changesOf(stream).map(({ kind, at, reason }) => ({ kind, at, reason }))).toEqual(told);
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

  it("forgets an event of which a look showed nothing", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    await publishEvent(gateway, eventOf("DISCONNECTED", connection, { at: inMs(3_600_000), reason: "a lie" }));
    await afterLooks(gateway, readsConnections);
    gateway.clock.advance(1000);
    gateway.world.breakConnection(connection, "the truth");
    expect(await changes(stream, 1)).toMatchObject([
      { kind: "DISCONNECTED", at: toTimestamp(connection.updatedAt), reason: "the truth" },
    ]);
  });

  it("tells nothing when events repeat what is known", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    gateway.world.breakConnection(connection, "broken");
    await using stream = openConnections(gateway);
    await stream.first(3);
    for (let again = 0; again < 3; again++) {
      await publishEvent(gateway, eventOf("DISCONNECTED", connection, { at: inMs(again), reason: "broken" }));
      await afterLooks(gateway, readsConnections, 1);
    }
    expect(changesOf(stream)).toEqual([]);
  });

  it("tells a change that has no name of its own as CURRENT", async () => {
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

  it("tells a broken connection's new reason as DISCONNECTED", async () => {
    await using gateway = await stage({ deliversEvents: true });
    const connection = gateway.own("plaid");
    gateway.world.breakConnection(connection, "too many requests");
    await using stream = openConnections(gateway);
    await stream.first(3);
    gateway.clock.advance(1000);
    gateway.world.breakConnection(connection, "the user must sign in");
    expect(await changes(stream, 1)).toMatchObject([{ kind: "DISCONNECTED", reason: "the user must sign in" }]);
  });

  it("only looks when an event names no connection", async () => {
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
    const lookAgain = eventOf("DATA_SYNCED", nameless, { at: inMs(5000), reason: "of which?" });
    await publishEvent(gateway, lookAgain);
    const told = await changes(stream, 1);
    expect(told).toMatchObject([{ kind: "DATA_SYNCED", at: toTimestamp(connection.dataUpdatedAt), reason: null }]);
  });

  it("of a PSU that there is not is NOT_FOUND and ends", async () => {
    await using gateway = await stage();
    await using stream = gateway.subscribe(StagedConnections, { psuId: nobody });
    expect(await stream.codes()).toEqual(["NOT_FOUND"]);
    expect(gateway.live.watchers.size.watchers).toBe(0);
  });

  it("of a PSU that is not the viewer's is NOT_FOUND, and nothing is read", async () => {
    await using gateway = await stage({ viewer: psuViewer(nobody) });
    const calls = await gateway.calls(async () => {
      await using stream = openConnections(gateway);
      expect(await stream.codes()).toEqual(["NOT_FOUND"]);
    });
    expect(calls).toEqual([]);
  });

  it("of a PSU that is deleted tells that each connection is, then NOT_FOUND, and ends", async () => {
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

  it("of a PSU without connections stays open, and tells of the first", async () => {
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
    await afterLooks(gateway, readsConnections);
    expect([stream.messages, stream.isOver]).toEqual([[], false]);
    gateway.end(gateway.link(fresh.id, "tink").token, "consent");
    expect((await stream.first(1))[0]?.connectionChanged.kind).toBe("CREATED");
  });
});

describe.concurrent("PENDING_DISCONNECT", () => {
  const week = 7 * 86_400_000;

  it("is told once for the same end, as the event did, however often it is delivered", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    await using stream = openConnections(gateway);
    await stream.first(3);
    const warning = { at: inMs(week), reason: "PENDING_EXPIRATION" };
    for (let again = 0; again < 3; again++) {
      await publishEvent(gateway, eventOf("PENDING_DISCONNECT", connection, warning));
      await afterLooks(gateway, readsConnections, 1);
    }
    const told = await changes(stream, 1);
    expect(told).toMatchObject([
      { kind: "PENDING_DISCONNECT", connectionId: connectionGlobalId(connection), ...warning },
    ]);
    expect(told[0]?.connection).toMatchObject({
      status: "ACTIVE",
      consentExpiresAt: warning.at,
      requiredAction: "RELINK",
    });
  });

  it("is told again for another end", async () => {
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
  ])("is not told of %s", async (_name, about, ms) => {
    await using gateway = await stage();
    gateway.world.breakConnection(gateway.own("tink"), "broken");
    await using stream = openConnections(gateway);
    await stream.first(3);
    await publishEvent(gateway, eventOf("PENDING_DISCONNECT", about(gateway), { at: inMs(ms) }));
    await afterLooks(gateway, readsConnections);
    expect(changesOf(stream)).toEqual([]);
  });

  it("is not told of a connection that has just been mended, whatever was said while it was broken", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    gateway.world.breakConnection(connection, "broken");
    await using stream = openConnections(gateway);
    await stream.first(3);
    await publishEvent(gateway, eventOf("PENDING_DISCONNECT", connection, { at: inMs(week) }));
    gateway.reconnect(connection); // of which no event comes
    await changes(stream, 1);
    await afterLooks(gateway, readsConnections);
    expect(changesOf(stream).map(({ kind }) => kind)).toEqual(["RECONNECTED"]);
  });

  it("comes beside a change that the same look shows", async () => {
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

  it("that is over is told as CURRENT, without an end", async () => {
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

describe.concurrent("taskChanged", () => {
  it("tells that a task is under way, then how it ended, and ends", async () => {
    await using gateway = await stage();
    const taskId = gateway.world.deletions.person(gateway.psu);
    await using stream = gateway.subscribe(StagedTask, { id: toGlobalId("Task", taskId) });
    await stream.first(1);
    gateway.clock.advance(1000);
    expect((await stream.all()).map(({ taskChanged }) => taskChanged)).toEqual([
      { taskId, status: "PROCESSING", error: null },
      { taskId, status: "SUCCEEDED", error: null },
    ]);
  });

  it("tells why a task failed", async () => {
    await using gateway = await stage();
    const taskId = gateway.world.deletions.connection(gateway.psu, gateway.connector("plaid"), "none");
    gateway.clock.advance(1000);
    await using stream = gateway.subscribe(StagedTask, { id: taskId });
    expect(await stream.all()).toMatchObject([
      { taskChanged: { status: "FAILED", error: "getting open banking connection: not found" } },
    ]);
  });

  it("of a task that there is not, that the service refuses, or that is another than asked for, is NOT_FOUND", async () => {
    await using gateway = await stage();
    const taskId = gateway.world.deletions.person(gateway.psu);
    const otherId = gateway.world.deletions.person(gateway.other);
    const open = async (id: string) => {
      await using stream = gateway.subscribe(StagedTask, { id });
      return await stream.codes();
    };
    expect(await open(toTaskId(gateway.connector("plaid"), "none"))).toEqual(["NOT_FOUND"]);
    {
      const body = JSON.stringify({ errorCode: "INVALID_ID", errorMessage: "no such id" });
      using _ = gateway.sandbox.fault(({ path }) => path.startsWith("/tasks/"), { status: 400, body });
      expect(await open(taskId)).toEqual(["NOT_FOUND"]);
    }
    const task = { id: otherId, status: "PROCESSING", createdAt: inMs(0), updatedAt: inMs(0) };
    using _ = gateway.sandbox.fault(({ path }) => path.startsWith("/tasks/"), { body: JSON.stringify({ data: task }) });
    expect(await open(taskId)).toEqual(["NOT_FOUND"]);
    expect(gateway.live.watchers.size).toEqual({ watchers: 0, streams: 0, timers: 0 });
  });
});

describe.concurrent("each message", () => {
  it("shows what hangs from it as it is by then, not as it was for the message before", async () => {
    await using gateway = await stage();
    await using stream = gateway.subscribe(TruthTree, {
      psuId: gateway.psu,
      connectorId: gateway.connector("plaid"),
    });
    await stream.first(1);
    // Plaid's own delay is longer than Tink's: the first data of this one comes later.
    gateway.end(gateway.link(gateway.psu, "plaid").token, "consent");
    await stream.first(2);
    gateway.clock.advance(1200);
    await stream.first(3);
    gateway.clock.advance(1000);
    gateway.world.breakConnection(gateway.own("tink"), "seen from the side");
    gateway.world.breakConnection(gateway.own("plaid"), "told");
    const told = (await stream.first(4)).map(({ connectionChanged: { kind, connection } }) => [
      kind,
      connection?.accounts.length,
      connection?.paymentServiceUser.connections.map(({ status }) => status).sort(),
    ]);
    const four = ["ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE"];
    expect(told).toEqual([
      ["CURRENT", 1, four.slice(1)],
      ["CREATED", 0, four],
      ["DATA_SYNCED", 3, four],
      ["DISCONNECTED", 3, ["ACTIVE", "ACTIVE", "ERROR", "ERROR"]],
    ]);
  });
});

/** How events come in, of those that the world sends. */
const deliveries: Readonly<Record<string, (events: readonly Envelope[], isEnd: boolean) => readonly Envelope[]>> = {
  "as they are sent": (events, isEnd) => (isEnd ? [] : events.slice(-1)),
  "three times each": (events, isEnd) => (isEnd ? [] : events.slice(-1).flatMap((event) => [event, event, event])),
  "with all earlier ones, the newest first": (events) => [...events].reverse(),
  "when all is over, the newest first": (events, isEnd) => (isEnd ? [...events].reverse() : []),
  never: () => [],
};

describe.concurrent("events that come", () => {
  it.each(Object.entries(deliveries))("%s end in the same sequence of states", async (_name, choose) => {
    await using gateway = await stage();
    const { world, clock } = gateway;
    const connection = gateway.own("plaid");
    const sent: Envelope[] = [];
    world.onEvent((event) => sent.push(event));
    await using stream = openConnections(gateway);
    await stream.first(3);
    const steps = [
      () => world.breakConnection(connection, "first"),
      () => gateway.reconnect(connection),
      () => clock.advance(1200), // its first data
      () => world.breakConnection(connection, "second"),
      () => world.breakConnection(connection, "third"),
      () => gateway.reconnect(connection),
    ];
    for (const [at, step] of steps.entries()) {
      clock.advance(20);
      step();
      for (const event of choose(sent, false)) await publishEvent(gateway, event);
      await changes(stream, at + 1);
    }
    for (const event of choose(sent, true)) await publishEvent(gateway, event);
    await afterLooks(gateway, readsConnections);
    expect(changesOf(stream).map((change) => [change.kind, change.connection?.status, change.reason])).toEqual([
      ["DISCONNECTED", "ERROR", "first"],
      ["RECONNECTED", "ACTIVE", null],
      ["DATA_SYNCED", "ACTIVE", null],
      ["DISCONNECTED", "ERROR", "second"],
      ["DISCONNECTED", "ERROR", "third"],
      ["RECONNECTED", "ACTIVE", null],
    ]);
    for (const { at, connection: told, kind } of changesOf(stream)) {
      expect(at).toBe(kind === "DATA_SYNCED" ? told?.dataUpdatedAt : told?.updatedAt);
    }
  });

  it.each([1, 2, 3, 4, 5, 6])("in any way end in what REST shows, and show nothing else (seed %i)", async (seed) => {
    await using gateway = await stage();
    const { world, clock, psu } = gateway;
    const random = createRandom(seed);
    const own = () => world.connections.filter(({ psuID }) => psuID === psu);
    const underWay: Envelope[] = [];
    world.onEvent((event) => {
      if (random.float() < 0.3) return; // lost
      for (let copies = random.integer(1, 3); copies > 0; copies--) underWay.push(event);
    });
    const deliver = () => {
      const [event] = underWay.splice(random.integer(0, underWay.length - 1), 1);
      return event === undefined ? Promise.resolve() : publishEvent(gateway, event);
    };
    const shown = new Set<string>();
    const note = () => {
      for (const row of own()) shown.add(toRest(row));
    };
    note();

    await using first = openConnections(gateway);
    await first.first(3);
    await using joining = new AsyncDisposableStack();
    const streams = [first];
    const steps = [
      (one: Connection) => world.breakConnection(one, random.pick(["locked", "expired", "too many requests"])),
      (one: Connection) => gateway.reconnect(one),
      (one: Connection) => world.syncConnection(one),
      (one: Connection) => world.announceExpiry(one, "PENDING_EXPIRATION"),
      (one: Connection) => publishEvent(gateway, eventOf("DISCONNECTED", one, { at: inMs(0), reason: "a lie" })),
      (one: Connection) => publishEvent(gateway, eventOf("RECONNECTED", one, { at: inMs(0) })),
      (one: Connection) => {
        if (own().length > 2) world.deletions.connection(psu, one.connectorID, one.connectionID);
      },
      () => gateway.end(gateway.link(psu, random.pick(["plaid", "tink", "powens"])).token, "consent"),
    ];
    for (let step = 0; step < 40; step++) {
      clock.advance(random.integer(1, 400));
      note();
      await random.pick(steps)(random.pick(own()));
      note();
      for (let events = random.integer(0, 2); events > 0; events--) await deliver();
      for (let turns = random.integer(0, 3); turns > 0; turns--) await gateway.run(TruthConnections, { psuId: psu });
      if (step % 15 === 10) streams.push(joining.use(openConnections(gateway)));
    }
    clock.advance(3000);
    note();
    while (underWay.length > 0) await deliver();

    const { paymentServiceUser } = await gateway.run(TruthConnections, { psuId: psu });
    const rest = new Map(paymentServiceUser?.connections.map((connection) => [connection.id, connection]));
    for (const stream of streams) {
      await until(async () => {
        const last = new Map(changesOf(stream, 0).map(({ connectionId, connection }) => [connectionId, connection]));
        const there = [...last].filter(([, connection]) => connection !== null);
        return (
          there.length === rest.size && there.every(([id, one]) => JSON.stringify(one) === JSON.stringify(rest.get(id)))
        );
      });
      const before = new Map<string, string>();
      for (const { kind, connectionId, connection } of changesOf(stream, 0)) {
        if (connection !== null) expect(shown).toContain(toShown(connection));
        if (kind === "PENDING_DISCONNECT") expect(connection?.status).toBe("ACTIVE");
        const state = JSON.stringify(connection);
        if (kind !== "PENDING_DISCONNECT") expect(state).not.toBe(before.get(connectionId));
        before.set(connectionId, state);
      }
    }
    expect(changesOf(first).length).toBeGreaterThan(10);
  });
});

type Shown = NonNullable<StagedConnectionsSubscription["connectionChanged"]["connection"]>;

const toShown = ({ id, status, error, updatedAt, dataUpdatedAt }: Shown) =>
  JSON.stringify([id, status, error, updatedAt, dataUpdatedAt]);

function toRest(row: Connection): string {
  const { status, error, updatedAt } = toWireConnection(row);
  const dataUpdatedAt = row.dataUpdatedAt === null ? null : toTimestamp(row.dataUpdatedAt);
  return JSON.stringify([connectionGlobalId(row), status, error, updatedAt, dataUpdatedAt]);
}

describe.concurrent("a deletion by a mutation of the gateway", () => {
  it("is told while its task runs and ends, though no event comes", async () => {
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
