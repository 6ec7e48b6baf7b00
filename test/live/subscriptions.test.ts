import { describe, expect, it } from "vitest";
import { toTaskId } from "../../sandbox/ids.ts";
import { taskTopic } from "../../src/live/connection-events.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { graphql } from "../graphql/gql.ts";
import { attemptGlobalId } from "../schema/global-ids.ts";
import { fairNow } from "../support/fair-clock.ts";
import { until } from "../support/helpers.ts";
import {
  afterRefreshes,
  attemptEvent,
  eventOf,
  inMs,
  publishEvent,
  readsAttempt,
  StagedAttempt,
  StagedTask,
  stage,
} from "../support/live/stage.ts";

const unknownId = "00000000-0000-4000-8000-000000000000";

const TruthTree = graphql(`
  subscription TruthTree($psuId: ID!, $connectorId: ID) {
    connectionChanged(psuId: $psuId, connectorId: $connectorId) {
      kind
      connection { status accounts { name } paymentServiceUser { connections { status } } }
    }
  }
`);

describe.concurrent("linkAttemptChanged", () => {
  it("emits the attempt as it is, then completed, and ends", async () => {
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

  it("finds a completion without an event within three seconds, at the usual pace", async () => {
    await using gateway = await stage({ live: { pace: 1 } });
    const { token, attempt } = gateway.link(gateway.psu, "tink");
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await stream.first(1);
    const events = gateway.world.events.length;
    gateway.end(token, "consent");
    expect(gateway.world.events.slice(events).filter(({ type }) => type === "OPEN_BANKING_USER_LINK_STATUS")).toEqual(
      [],
    );
    const start = fairNow();
    expect((await stream.first(2))[1]?.linkAttemptChanged.status).toBe("COMPLETED");
    expect(fairNow() - start).toBeLessThan(3000);
  });

  it("emits an attempt that has ended once, with its error, and ends", async () => {
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
      { ...attempt, id: unknownId },
    ];
    for (const key of wrong) {
      await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(key) });
      expect(await stream.codes()).toEqual(["NOT_FOUND"]);
      expect(stream.messages).toHaveLength(1);
    }
    expect(gateway.live.watchers.size).toEqual({ watchers: 0, streams: 0, timers: 0 });
  });

  it("emits nothing when an event is wrong", async () => {
    await using gateway = await stage();
    const { attempt } = gateway.link(gateway.psu, "plaid");
    await using stream = gateway.subscribe(StagedAttempt, { id: attemptGlobalId(attempt) });
    await stream.first(1);
    for (let times = 0; times < 3; times++) {
      await publishEvent(gateway, attemptEvent(attempt));
      await afterRefreshes(gateway, readsAttempt, 1);
    }
    expect(stream.messages).toHaveLength(1);
    expect(stream.isOver).toBe(false);
  });

  it("does not refresh when an event is about another PSU, connector or kind of thing", async () => {
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

describe.concurrent("taskChanged", () => {
  it("emits that a task is running, then how it ended, and ends", async () => {
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

  it("emits why a task failed", async () => {
    await using gateway = await stage();
    const taskId = gateway.world.deletions.connection(gateway.psu, gateway.connector("plaid"), "none");
    gateway.clock.advance(1000);
    await using stream = gateway.subscribe(StagedTask, { id: taskId });
    expect(await stream.all()).toMatchObject([
      { taskChanged: { status: "FAILED", error: "getting open banking connection: not found" } },
    ]);
  });

  it("of a task that there is not, that the service refuses, or that has another id, is NOT_FOUND", async () => {
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
    gateway.world.breakConnection(gateway.own("plaid"), "seen directly");
    const received = (await stream.first(4)).map(({ connectionChanged: { kind, connection } }) => [
      kind,
      connection?.accounts.length,
      connection?.paymentServiceUser.connections.map(({ status }) => status).sort(),
    ]);
    const four = ["ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE"];
    expect(received).toEqual([
      ["CURRENT", 1, four.slice(1)],
      ["CREATED", 0, four],
      ["DATA_SYNCED", 3, four],
      ["DISCONNECTED", 3, ["ACTIVE", "ACTIVE", "ERROR", "ERROR"]],
    ]);
  });
});
