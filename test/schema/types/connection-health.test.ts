/** What a front end needs to know of a connection: the required action, stale data, and the end of its consent. */
import { describe, expect, it } from "vitest";
import type { Connection } from "../../../sandbox/models/connection.ts";
import { day, second } from "../../../sandbox/time.ts";
import { graphql } from "../../graphql/gql.ts";
import { createTestGateway, type TestGateway, until } from "../../support/helpers.ts";
import {
  eventOf,
  inMs,
  publishEvent,
  type Stage,
  StagedAttempt,
  StagedConnections,
  stage,
} from "../../support/live/stage.ts";
import { attemptGlobalId, connectionGlobalId } from "../global-ids.ts";

const HealthOfConnection = graphql(`
  query HealthOfConnection($id: ID!) {
    connection(id: $id) { requiredAction consentExpiresAt isStale }
  }
`);

const HealthOfAttempt = graphql(`
  query HealthOfAttempt($id: ID!) {
    linkAttempt(id: $id) { status isExpired }
  }
`);

const HealthUpdateLink = graphql(`
  mutation HealthUpdateLink($input: UpdateLinkInput!) {
    updateLink(input: $input) { link attempt { id attemptId } }
  }
`);

const HealthCreateLink = graphql(`
  mutation HealthCreateLink($input: CreateLinkInput!) {
    createLink(input: $input) { link attempt { id attemptId } }
  }
`);

const hour = 3600 * second;
const week = 7 * 86_400_000;
const clientRedirectUrl = "https://app.example.com/back";

async function healthOf(gateway: TestGateway, connection: Connection) {
  return (await gateway.run(HealthOfConnection, { id: connectionGlobalId(connection) })).connection;
}

const consentEndOf = async (gateway: TestGateway, connection: Connection) =>
  (await healthOf(gateway, connection))?.consentExpiresAt;

async function warn(gateway: TestGateway, connection: Connection, at = inMs(week)): Promise<string> {
  await publishEvent(gateway, eventOf("PENDING_DISCONNECT", connection, { at }));
  return at;
}

/** Ages in hours; `null`: never synced. */
type Row = {
  readonly is: string;
  readonly created: number;
  readonly synced: number | null;
  readonly status: Connection["status"];
  readonly isWarned?: boolean;
  readonly expected: { requiredAction: string; isStale: boolean | null; hasEnd?: boolean };
};

const rows: readonly Row[] = [
  { is: "works", created: 90, synced: 1, status: "ACTIVE", expected: { requiredAction: "NONE", isStale: false } },
  {
    is: "was synced long ago",
    created: 90,
    synced: 25,
    status: "ACTIVE",
    expected: { requiredAction: "NONE", isStale: true },
  },
  { is: "is new", created: 1, synced: null, status: "ACTIVE", expected: { requiredAction: "WAIT", isStale: null } },
  {
    is: "is new and synced",
    created: 1,
    synced: 0.5,
    status: "ACTIVE",
    expected: { requiredAction: "NONE", isStale: false },
  },
  {
    is: "is not new and never synced",
    created: 25,
    synced: null,
    status: "ACTIVE",
    expected: { requiredAction: "NONE", isStale: null },
  },
  { is: "is broken", created: 90, synced: 1, status: "ERROR", expected: { requiredAction: "RELINK", isStale: false } },
  {
    is: "has long been broken",
    created: 90,
    synced: 25,
    status: "ERROR",
    expected: { requiredAction: "RELINK", isStale: true },
  },
  {
    is: "is new and broken",
    created: 1,
    synced: null,
    status: "ERROR",
    expected: { requiredAction: "RELINK", isStale: null },
  },
  {
    is: "has a consent that ends",
    created: 90,
    synced: 1,
    status: "ACTIVE",
    isWarned: true,
    expected: { requiredAction: "RELINK", isStale: false, hasEnd: true },
  },
  {
    is: "is new and has a consent that ends",
    created: 1,
    synced: null,
    status: "ACTIVE",
    isWarned: true,
    expected: { requiredAction: "RELINK", isStale: null, hasEnd: true },
  },
  {
    is: "is broken, whatever is known of its consent",
    created: 90,
    synced: 1,
    status: "ERROR",
    isWarned: true,
    expected: { requiredAction: "RELINK", isStale: false },
  },
];

describe.concurrent("the health of a connection", () => {
  it.each(rows)("is right when it $is", async ({ created, synced, status, isWarned, expected }) => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    const now = gateway.world.now();
    Object.assign(connection, {
      createdAt: now - created * hour,
      dataUpdatedAt: synced === null ? null : now - synced * hour,
      status,
      error: status === "ERROR" ? "broken" : null,
    });
    const end = isWarned ? await warn(gateway, connection) : null;
    const { hasEnd = false, ...rest } = expected;
    expect(await healthOf(gateway, connection)).toEqual({ ...rest, consentExpiresAt: hasEnd ? end : null });
  });

  it.each([
    ["is new", 0, "WAIT"],
    ["is old", 100, "NONE"],
  ])("of a bank that %s lacks only its time where the accounts cannot be read", async (_is, hours, requiredAction) => {
    await using gateway = await stage();
    const connection = gateway.own("powens");
    Object.assign(connection, { createdAt: gateway.world.now() - hours * hour });
    using _fault = gateway.sandbox.fault(({ path }) => path === "/accounts", { status: 500, body: "{}" });
    const { data, errors } = await gateway.send(
      "query ($id: ID!) { connection(id: $id) { status requiredAction dataUpdatedAt isStale } }",
      { id: connectionGlobalId(connection) },
    );
    expect(data).toEqual({ connection: { status: "ACTIVE", requiredAction, dataUpdatedAt: null, isStale: null } });
    expect(errors.map(({ path, extensions }) => [path?.at(-1), extensions.code])).toEqual([
      ["dataUpdatedAt", "UPSTREAM_UNAVAILABLE"],
      ["isStale", "UPSTREAM_UNAVAILABLE"],
    ]);
  });

  it("depends on the configured age of stale data", async () => {
    await using gateway = await stage({ live: { staleAfterMs: 60_000 } });
    const connection = gateway.own("plaid");
    const now = gateway.world.now();
    connection.dataUpdatedAt = now - 30 * second;
    expect((await healthOf(gateway, connection))?.isStale).toBe(false);
    connection.dataUpdatedAt = now - 61 * second;
    expect((await healthOf(gateway, connection))?.isStale).toBe(true);
    Object.assign(connection, { createdAt: now - 61 * second, dataUpdatedAt: null });
    expect((await healthOf(gateway, connection))?.requiredAction).toBe("NONE");
  });
});

describe.concurrent("a link attempt", () => {
  it.each([
    ["pending", 23 * hour, false],
    ["pending", day + second, true],
    ["completed", 30 * day, false],
    ["exited", 30 * day, false],
  ] as const)("%s, %i µs old, is expired: %s", async (status, age, isExpired) => {
    await using gateway = await stage();
    const { attempt } = gateway.link(gateway.psu, "tink");
    Object.assign(attempt, { status, createdAt: gateway.world.now() - age });
    const found = (await gateway.run(HealthOfAttempt, { id: attemptGlobalId(attempt) })).linkAttempt;
    expect(found).toEqual({ status: status.toUpperCase(), isExpired });
  });

  it("is expired when it is pending for longer than the configured lifetime", async () => {
    await using gateway = await stage({ live: { linkLifetimeMs: 60_000 } });
    const { attempt } = gateway.link(gateway.psu, "tink");
    Object.assign(attempt, { createdAt: gateway.world.now() - 61 * second });
    expect((await gateway.run(HealthOfAttempt, { id: attemptGlobalId(attempt) })).linkAttempt?.isExpired).toBe(true);
  });
});

describe.concurrent("the end of a consent", () => {
  it("is known to later subscribers, of that connection alone", async () => {
    await using gateway = await stage();
    const end = await warn(gateway, gateway.own("plaid"));
    await using stream = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    const current = (await stream.first(3)).map(({ connectionChanged: { kind, connectionId, connection } }) => [
      kind,
      connectionId === connectionGlobalId(gateway.own("plaid")),
      connection?.consentExpiresAt,
    ]);
    expect(current.sort()).toEqual([
      ["CURRENT", false, null],
      ["CURRENT", false, null],
      ["CURRENT", true, end],
    ]);
    expect(await consentEndOf(gateway, gateway.own("plaid"))).toBe(end);
    expect(await consentEndOf(gateway, gateway.own("tink"))).toBeNull();
  });

  it("is that of the last warning", async () => {
    await using gateway = await stage();
    await warn(gateway, gateway.own("plaid"));
    const end = await warn(gateway, gateway.own("plaid"), inMs(2 * week));
    expect(await consentEndOf(gateway, gateway.own("plaid"))).toBe(end);
  });

  it("is shown when it has passed, too, until there is new data", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    const end = await warn(gateway, connection, inMs(100));
    await until(async () => Date.now() > Date.parse(end));
    expect(await healthOf(gateway, connection)).toMatchObject({ requiredAction: "RELINK", consentExpiresAt: end });
    connection.dataUpdatedAt = Date.now() * 1000;
    expect(await healthOf(gateway, connection)).toMatchObject({ requiredAction: "NONE", consentExpiresAt: null });
  });

  it("is forgotten after RECONNECTED, even if the warning is repeated", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    const end = await warn(gateway, connection);
    await publishEvent(gateway, eventOf("RECONNECTED", connection, { at: inMs(0) }));
    expect(await consentEndOf(gateway, connection)).toBeNull();
    await warn(gateway, connection, end);
    expect(await consentEndOf(gateway, connection)).toBeNull();
    const next = await warn(gateway, connection, inMs(2 * week));
    expect(await consentEndOf(gateway, connection)).toBe(next);
  });

  it("is kept after RECONNECTED of another connection", async () => {
    await using gateway = await stage();
    const end = await warn(gateway, gateway.own("plaid"));
    const others = [gateway.own("tink"), { ...gateway.own("plaid"), psuID: gateway.other }];
    for (const other of others) await publishEvent(gateway, eventOf("RECONNECTED", other, { at: inMs(0) }));
    expect(await consentEndOf(gateway, gateway.own("plaid"))).toBe(end);
  });
});

/** A second connection at Plaid, beside the one that every user has. */
function addConnection(gateway: Stage): Connection {
  gateway.end(gateway.link(gateway.psu, "plaid").token, "consent");
  gateway.clock.advance(1200);
  return gateway.own("plaid");
}

async function startRenewal(gateway: TestGateway, connection: Connection) {
  const input = { connectionId: connectionGlobalId(connection), clientRedirectUrl, applicationName: "Health" };
  const { link, attempt } = (await gateway.run(HealthUpdateLink, { input })).updateLink;
  return { token: new URL(link).pathname.split("/").at(-1) ?? "", id: attempt.id, attemptId: attempt.attemptId };
}

describe.concurrent("a warning before a link of updateLink", () => {
  it("is forgotten once a query finds the attempt completed, even if the warning is repeated", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    const end = await warn(gateway, connection);
    const { token, id } = await startRenewal(gateway, connection);
    gateway.end(token, "consent");
    expect((await gateway.run(HealthOfAttempt, { id })).linkAttempt?.status).toBe("COMPLETED");
    expect(await healthOf(gateway, connection)).toMatchObject({ requiredAction: "NONE", consentExpiresAt: null });
    expect(await gateway.calls(() => gateway.run(HealthOfAttempt, { id }))).toHaveLength(1);
    await warn(gateway, connection, end);
    expect(await consentEndOf(gateway, connection)).toBeNull();
  });

  it("is forgotten once a list of attempts shows it completed", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    await warn(gateway, connection);
    const { token } = await startRenewal(gateway, connection);
    gateway.end(token, "consent");
    const { errors } = await gateway.send(
      "query ($psu: ID!, $connector: ID!) { paymentServiceUser(id: $psu) { linkAttempts(connectorId: $connector) { nodes { status } } } }",
      { psu: gateway.psu, connector: gateway.connector("plaid") },
    );
    expect(errors).toEqual([]);
    expect(await consentEndOf(gateway, connection)).toBeNull();
  });

  it("is forgotten once a watch finds the attempt completed, and connectionChanged emits, though REST shows no change", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    const end = await warn(gateway, connection);
    const { id, attemptId } = await startRenewal(gateway, connection);
    await using connections = gateway.subscribe(StagedConnections, { psuId: gateway.psu });
    await connections.first(3);
    await using attempt = gateway.subscribe(StagedAttempt, { id });
    await attempt.first(1);
    Object.assign(gateway.world.attempts.find((row) => row.id === attemptId) ?? {}, { status: "completed" });
    await attempt.all();
    const changes = (await connections.first(4)).map(({ connectionChanged }) => connectionChanged);
    expect(changes.slice(0, 3).map((change) => change.connection?.consentExpiresAt)).toContain(end);
    expect(changes[3]).toMatchObject({
      kind: "CURRENT",
      connectionId: connectionGlobalId(connection),
      connection: { consentExpiresAt: null, requiredAction: "NONE" },
    });
  });

  it("is forgotten by all replicas, whichever made the link and whichever finds it completed", async () => {
    await using gateway = await stage();
    await using replica = createTestGateway(gateway.sandbox, { bus: gateway.bus });
    const connection = gateway.own("plaid");
    await warn(gateway, connection);
    const { token, id } = await startRenewal(gateway, connection);
    gateway.end(token, "consent");
    await replica.run(HealthOfAttempt, { id });
    expect(await consentEndOf(gateway, connection)).toBeNull();
    expect(await consentEndOf(replica, connection)).toBeNull();
  });

  it("is kept when the user cancels, and while the attempt is pending", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    const end = await warn(gateway, connection);
    const { token, id } = await startRenewal(gateway, connection);
    await gateway.run(HealthOfAttempt, { id });
    expect(await consentEndOf(gateway, connection)).toBe(end);
    gateway.end(token, "cancel");
    expect((await gateway.run(HealthOfAttempt, { id })).linkAttempt?.status).toBe("EXITED");
    expect(await consentEndOf(gateway, connection)).toBe(end);
  });

  it("is kept when the link was for another connection, even one whose consent ends at the same time", async () => {
    await using gateway = await stage();
    const first = gateway.own("plaid");
    const second = addConnection(gateway);
    expect(second.connectionID).not.toBe(first.connectionID);
    const end = await warn(gateway, first);
    await warn(gateway, second, end);
    const { token, id } = await startRenewal(gateway, second);
    gateway.end(token, "consent");
    await gateway.run(HealthOfAttempt, { id });
    expect(await consentEndOf(gateway, second)).toBeNull();
    expect(await consentEndOf(gateway, first)).toBe(end);
  });

  it("is kept when the link was made by createLink", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    const end = await warn(gateway, connection);
    const input = {
      psuId: gateway.psu,
      connectorId: gateway.connector("plaid"),
      clientRedirectUrl,
      applicationName: "Health",
    };
    const { link, attempt } = (await gateway.run(HealthCreateLink, { input })).createLink;
    gateway.end(new URL(link).pathname.split("/").at(-1) ?? "", "consent");
    expect((await gateway.run(HealthOfAttempt, { id: attempt.id })).linkAttempt?.status).toBe("COMPLETED");
    expect(await consentEndOf(gateway, connection)).toBe(end);
  });

  it("is kept when it comes after the renewal, however often the old attempt is read", async () => {
    await using gateway = await stage();
    const connection = gateway.own("plaid");
    await warn(gateway, connection);
    const { token, id } = await startRenewal(gateway, connection);
    gateway.end(token, "consent");
    await gateway.run(HealthOfAttempt, { id });
    const next = await warn(gateway, connection, inMs(2 * week));
    await gateway.run(HealthOfAttempt, { id });
    expect(await consentEndOf(gateway, connection)).toBe(next);
  });

  it("costs only the read of the attempt when there was no warning", async () => {
    await using gateway = await stage();
    const { token, id } = await startRenewal(gateway, gateway.own("plaid"));
    gateway.end(token, "consent");
    expect(await gateway.calls(() => gateway.run(HealthOfAttempt, { id }))).toHaveLength(1);
  });
});
