import { describe, expect, it } from "vitest";
import type { Attempt } from "../../sandbox/models/attempt.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { graphql } from "../graphql/gql.ts";
import { attemptGlobalId, connectionGlobalId, connectorGlobalId, psuGlobalId } from "../schema/global-ids.ts";
import { fairNow } from "../support/fair-clock.ts";
import { createTestGateway, type TestGateway, until } from "../support/helpers.ts";
import {
  beforePollMs,
  delayFirstRefresh,
  readsAttempt,
  readsConnections,
  recordCalls,
  type Stage,
  StagedAttempt,
  StagedConnections,
  StagedTask,
  slowly,
  stage,
  statuses,
  watched,
} from "../support/live/stage.ts";

const WatchedAttempt = graphql(`
  query WatchedAttempt($id: ID!) {
    linkAttempt(id: $id) { status }
  }
`);

const WatchedAttempts = graphql(`
  query WatchedAttempts($psuId: ID!, $connectorId: ID!) {
    paymentServiceUser(id: $psuId) { linkAttempts(connectorId: $connectorId, first: 10) { nodes { status } } }
  }
`);

const WatchedConnections = graphql(`
  query WatchedConnections($psuId: ID!) {
    paymentServiceUser(id: $psuId) { connections { status } }
  }
`);

const WatchedTask = graphql(`
  query WatchedTask($id: ID!) {
    task(id: $id) { status }
  }
`);

const WatchedCreateLink = graphql(`
  mutation WatchedCreateLink($input: CreateLinkInput!) {
    createLink(input: $input) { link attempt { id } }
  }
`);

const WatchedUpdateLink = graphql(`
  mutation WatchedUpdateLink($input: UpdateLinkInput!) {
    updateLink(input: $input) { link attempt { id } }
  }
`);

const WatchedDeleteConnection = graphql(`
  mutation WatchedDeleteConnection($input: DeleteConnectionInput!) {
    deleteConnection(input: $input) { deletedId }
  }
`);

const WatchedDeletePsu = graphql(`
  mutation WatchedDeletePsu($input: DeletePaymentServiceUserInput!) {
    deletePaymentServiceUser(input: $input) { deletedId }
  }
`);

const WatchedDeletePsuConnector = graphql(`
  mutation WatchedDeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {
    deletePaymentServiceUserConnector(input: $input) { deletedId }
  }
`);

const clientRedirectUrl = "https://app.example.com/back";

const refreshesOf = ({ sandbox }: TestGateway, { id }: Attempt) =>
  sandbox.calls.filter(({ path }) => path.endsWith(id)).length;

describe("a query of this gateway makes a watcher refresh when it reads", () => {
  it("an attempt that has ended silently", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = await watched(gateway);
    gateway.end(stream.token, "consent");
    const start = fairNow();
    expect((await gateway.run(WatchedAttempt, { id: stream.id })).linkAttempt?.status).toBe("COMPLETED");
    expect(statuses(await stream.all())).toEqual(["PENDING", "COMPLETED"]);
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  });

  it("such an attempt while a refresh that began earlier is running", async () => {
    await using gateway = await stage({ live: slowly });
    const { token, attempt } = gateway.link(gateway.psu, "tink");
    using _ = delayFirstRefresh(gateway, attempt);
    const start = fairNow();
    const id = attemptGlobalId(attempt);
    await using stream = gateway.subscribe(StagedAttempt, { id });
    await until(async () => refreshesOf(gateway, attempt) === 1);
    gateway.end(token, "consent");
    await gateway.run(WatchedAttempt, { id });
    expect(statuses(await stream.all())).toEqual(["PENDING", "COMPLETED"]);
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  });

  it("such an attempt in a list", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = await watched(gateway);
    gateway.end(stream.token, "consent");
    const start = fairNow();
    const connectorId = connectorGlobalId(gateway.connector("tink"));
    await gateway.run(WatchedAttempts, { psuId: gateway.psu, connectorId });
    expect(statuses(await stream.all())).toEqual(["PENDING", "COMPLETED"]);
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  });

  it("no attempt where there was one", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = await watched(gateway);
    gateway.world.deletions.person(gateway.psu);
    gateway.clock.advance(1000);
    const start = fairNow();
    expect((await gateway.run(WatchedAttempt, { id: stream.id })).linkAttempt).toBeNull();
    expect(await stream.codes()).toEqual(["NOT_FOUND"]);
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  });

  it("a connection that has changed", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    await stream.first(3);
    gateway.clock.advance(10);
    gateway.world.breakConnection(gateway.own("plaid"), "silently");
    const start = fairNow();
    await gateway.run(WatchedConnections, { psuId: gateway.psu });
    expect((await stream.first(4))[3]?.connectionChanged).toMatchObject({ kind: "DISCONNECTED", reason: "silently" });
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  });

  it("a task that has ended", async () => {
    await using gateway = await stage({ live: slowly });
    const id = toGlobalId("Task", gateway.world.deletions.person(gateway.psu));
    await using stream = gateway.subscribe(StagedTask, { id });
    await stream.first(1);
    gateway.clock.advance(1000);
    const start = fairNow();
    await gateway.run(WatchedTask, { id });
    expect((await stream.all()).map(({ taskChanged }) => taskChanged.status)).toEqual(["PROCESSING", "SUCCEEDED"]);
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  });

  it("but not when it reads what is known", async () => {
    await using gateway = await stage({ live: slowly });
    await using stream = await watched(gateway);
    await using connections = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    await connections.first(3);
    let queries = 0;
    const calls = await gateway.calls(async () => {
      // Longer than an invalidation would be held back, shorter than a watcher pauses.
      for (const end = performance.now() + 500; performance.now() < end; queries++) {
        await gateway.run(WatchedAttempt, { id: stream.id });
        await gateway.run(WatchedConnections, { psuId: gateway.psu });
      }
    });
    expect(calls.filter(readsAttempt)).toHaveLength(queries);
    expect(calls.filter(readsConnections)).toHaveLength(queries);
  });
});

describe("a mutation of this gateway makes the watchers of what it changes refresh", () => {
  /** The refreshes that watchers of the PSU's connections and of an attempt at Tink make within the time. */
  async function refreshesCausedBy(mutation: (gateway: Stage) => Promise<unknown>, own: number, at = readsConnections) {
    await using gateway = await stage({ live: slowly });
    await using _attempt = await watched(gateway);
    await using connections = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    await connections.first(3);
    using refreshes = recordCalls(gateway, at);
    const start = fairNow();
    await mutation(gateway);
    await until(async () => refreshes.length > own);
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  }

  it("deleteConnection", async () => {
    await refreshesCausedBy(
      (gateway) =>
        gateway.run(WatchedDeleteConnection, { input: { connectionId: connectionGlobalId(gateway.own("plaid")) } }),
      1,
    );
  });

  it("deletePaymentServiceUser", async () => {
    await refreshesCausedBy(
      (gateway) => gateway.run(WatchedDeletePsu, { input: { psuId: psuGlobalId(gateway.psu) } }),
      0,
    );
  });

  it.each([
    ["connections", readsConnections],
    ["attempts", readsAttempt],
  ])("deletePaymentServiceUserConnector, at the %s", async (_name, at) => {
    await refreshesCausedBy(
      (gateway) =>
        gateway.run(WatchedDeletePsuConnector, {
          input: { psuId: gateway.psu, connectorId: gateway.connector("tink") },
        }),
      0,
      at,
    );
  });

  const key = { clientRedirectUrl, applicationName: "Watch", idempotencyKey: "key" };

  it("createLink with a key", async () => {
    await refreshesCausedBy(
      (gateway) =>
        gateway.run(WatchedCreateLink, {
          input: { psuId: gateway.psu, connectorId: gateway.connector("tink"), ...key },
        }),
      2, // whether the key was used, and the attempt
      readsAttempt,
    );
  });

  it("updateLink with a key", async () => {
    await refreshesCausedBy(
      (gateway) =>
        gateway.run(WatchedUpdateLink, { input: { connectionId: connectionGlobalId(gateway.own("tink")), ...key } }),
      2,
      readsAttempt,
    );
  });

  it("and often for a while, so that a deletion that takes its time is emitted soon, though no event comes", async () => {
    await using gateway = await stage();
    await using stream = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    using refreshes = recordCalls(gateway, readsConnections);
    await until(async () => refreshes.length === 9); // the next pause would be 1 s to 1.5 s
    const id = connectionGlobalId(gateway.own("plaid"));
    await gateway.run(WatchedDeleteConnection, { input: { connectionId: id } });
    await until(async () => refreshes.length >= 12);
    gateway.clock.advance(1000);
    const start = fairNow();
    expect((await stream.first(4))[3]?.connectionChanged).toMatchObject({ kind: "DELETED", connectionId: id });
    expect(fairNow() - start).toBeLessThan(500);
  });

  it("on other replicas, too", async () => {
    await using gateway = await stage({ live: slowly });
    await using replica = createTestGateway(gateway.sandbox, { bus: gateway.bus, live: slowly });
    await using stream = replica.subscribe(StagedConnections, { psuId: gateway.psu });
    await stream.first(3);
    using refreshes = recordCalls(gateway, readsConnections);
    const start = fairNow();
    await gateway.run(WatchedDeletePsu, { input: { psuId: gateway.psu } });
    await until(async () => refreshes.length > 0);
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  });
});

describe("a change that a watcher finds", () => {
  it("makes others refresh: a link's silent end brings its connection, on other replicas, too", async () => {
    await using gateway = await stage();
    await using replica = createTestGateway(gateway.sandbox, { bus: gateway.bus, live: slowly });
    await using connections = replica.subscribe(StagedConnections, { psuId: gateway.psu });
    await connections.first(3);
    await using attempt = await watched(gateway);
    const start = fairNow();
    gateway.end(attempt.token, "consent");
    await attempt.all();
    expect((await connections.first(4))[3]?.connectionChanged.kind).toBe("CREATED");
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  });

  it("makes others refresh: the end of a task brings the deletion", async () => {
    await using gateway = await stage();
    await using replica = createTestGateway(gateway.sandbox, { bus: gateway.bus, live: slowly });
    await using connections = replica.subscribe(StagedConnections, { psuId: gateway.psu });
    await connections.first(3);
    const plaid = gateway.own("plaid");
    const taskId = gateway.world.deletions.connection(plaid.psuID, plaid.connectorID, plaid.connectionID);
    await using task = gateway.subscribe(StagedTask, { id: taskId });
    await task.first(1);
    const start = fairNow();
    gateway.clock.advance(1000);
    await task.all();
    expect((await connections.first(4))[3]?.connectionChanged.kind).toBe("DELETED");
    expect(fairNow() - start).toBeLessThan(beforePollMs);
  });
});
