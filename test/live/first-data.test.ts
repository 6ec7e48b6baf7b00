/** A bank's first data is emitted, by whichever provider it was connected. */
import { describe, expect, it } from "vitest";
import { toTimestamp } from "../../sandbox/time.ts";
import { graphql } from "../graphql/gql.ts";
import type { FirstDataSubscription } from "../graphql/graphql.ts";
import { connectionGlobalId } from "../schema/global-ids.ts";
import { type TestStream, until } from "../support/helpers.ts";
import { afterRefreshes, readsConnections, type Stage, stage } from "../support/live/stage.ts";

const FirstData = graphql(`
  subscription FirstData($psuId: ID!, $connectorId: ID) {
    connectionChanged(psuId: $psuId, connectorId: $connectorId) {
      kind
      at
      connectionId
      connection {
        requiredAction
        dataUpdatedAt
        isStale
        accounts { id }
        paymentServiceUser { accounts { id } }
      }
    }
  }
`);

const Kinds = graphql(`
  subscription Kinds($psuId: ID!, $connectorId: ID) {
    connectionChanged(psuId: $psuId, connectorId: $connectorId) { kind }
  }
`);

const open = (on: Stage, provider: "plaid" | "tink" | "powens") =>
  on.subscribe(FirstData, { psuId: on.psu, connectorId: on.connector(provider) });

/** The messages after the first `skipped`. */
const received = ({ messages }: TestStream<FirstDataSubscription>, skipped = 1) =>
  messages.slice(skipped).flatMap(({ data }) => (data === null ? [] : [data.connectionChanged]));

const kindsOf = (stream: TestStream<FirstDataSubscription>) => received(stream).map(({ kind }) => kind);

describe.concurrent("a bank that a user connects", () => {
  it.each(["plaid", "tink", "powens"] as const)(
    "by %s is emitted at first without, then with its accounts",
    async (provider) => {
      await using on = await stage();
      await using stream = open(on, provider);
      await stream.first(1);
      const before = received(stream, 0)[0]?.connection?.paymentServiceUser.accounts.length ?? 0;
      on.end(on.link(on.psu, provider).token, "consent", provider === "tink" ? 0 : 1500);
      await stream.first(2);
      const [created] = received(stream);
      expect(created).toMatchObject({ kind: "CREATED", connection: { accounts: [] } });
      await afterRefreshes(on, readsConnections);
      expect(kindsOf(stream)).toEqual(["CREATED"]);

      on.clock.advance(1500);
      await stream.first(3);
      const [, synced] = received(stream);
      expect(synced).toMatchObject({
        kind: "DATA_SYNCED",
        connectionId: created?.connectionId,
        connection: { requiredAction: "NONE", isStale: false, dataUpdatedAt: expect.any(String) },
      });
      expect(synced?.at).toBe(synced?.connection?.dataUpdatedAt);
      expect(Math.abs(Date.parse(synced?.at ?? "") - on.clock.now().getTime())).toBeLessThan(5000);
      expect(synced?.connection?.paymentServiceUser.accounts.length).toBeGreaterThan(before);
      await afterRefreshes(on, readsConnections, 5);
      // A sync of Tink or Powens also moves `updatedAt` on: what came after the accounts is emitted, too.
      const others = received(stream).slice(2);
      expect(others.map(({ kind }) => kind)).toEqual(provider === "plaid" ? [] : ["DATA_SYNCED"]);
    },
  );

  it("by Powens waits for its data until there are accounts", async () => {
    await using on = await stage();
    await using stream = open(on, "powens");
    await stream.first(1);
    on.end(on.link(on.psu, "powens").token, "consent");
    await stream.first(2);
    on.clock.advance(1500);
    await stream.first(3);
    expect(received(stream).map(({ connection }) => connection?.requiredAction)).toEqual(["WAIT", "NONE"]);
  });
});

describe.concurrent("later data", () => {
  it.each(["tink", "powens"] as const)(
    "of a connection of %s is emitted each time, without an event",
    async (provider) => {
      await using on = await stage();
      const connection = on.own(provider);
      await using stream = open(on, provider);
      await stream.first(1);
      for (const count of [1, 2]) {
        on.clock.advance(2000);
        on.world.syncConnection(connection);
        await until(async () => kindsOf(stream).filter((kind) => kind === "DATA_SYNCED").length === count);
        const { at, connection: now } = received(stream).at(-1) ?? {};
        expect([at, now?.dataUpdatedAt]).toEqual(Array(2).fill(toTimestamp(connection.updatedAt)));
      }
      expect(kindsOf(stream)).toEqual(["DATA_SYNCED", "DATA_SYNCED"]);
    },
  );

  it("of one bank of Tink is not emitted for another, which is broken", async () => {
    await using on = await stage();
    const broken = on.own("tink");
    on.world.breakConnection(broken, "broken");
    await using stream = open(on, "tink");
    await stream.first(1);
    on.end(on.link(on.psu, "tink").token, "consent", 0);
    await stream.first(2);
    on.clock.advance(1500);
    await until(async () => kindsOf(stream).includes("DATA_SYNCED"));
    await afterRefreshes(on, readsConnections);
    const own = received(stream).filter(({ connectionId }) => connectionId === connectionGlobalId(broken));
    expect(own).toEqual([]);
    const [created] = received(stream);
    expect(created).toMatchObject({ kind: "CREATED", connection: { requiredAction: "WAIT", dataUpdatedAt: null } });
  });

  it("that comes makes stale data fresh", async () => {
    await using on = await stage({ live: { staleAfterMs: 1500 } });
    const connection = on.own("powens");
    Object.assign(connection, { updatedAt: Date.now() * 1000 });
    await using stream = open(on, "powens");
    await stream.first(2);
    Object.assign(connection, { updatedAt: (Date.now() + 60_000) * 1000 });
    await until(async () => kindsOf(stream).includes("DATA_SYNCED"));
    expect(received(stream, 0).map(({ kind, connection: now }) => [kind, now?.isStale])).toEqual([
      ["CURRENT", false],
      ["CURRENT", true],
      ["DATA_SYNCED", false],
    ]);
  });
});

const readsAccounts = ({ method, path }: { method: string; path: string }) => method === "GET" && path === "/accounts";

describe.concurrent("the accounts", () => {
  it.each([
    ["of Plaid", "plaid", 0],
    ["of Tink that have data", "tink", 1],
    ["of Powens that have data", "powens", 1],
  ] as const)(
    "behind connections %s are read %s by a watcher of old ones: %i times",
    async (_name, provider, times) => {
      await using on = await stage();
      await using stream = on.subscribe(
        `subscription ($psuId: ID!, $connectorId: ID) { connectionChanged(psuId: $psuId, connectorId: $connectorId) { kind } }`,
        { psuId: on.psu, connectorId: on.connector(provider) },
      );
      const others = on.world.connections.filter((row) => row.psuID === on.psu && row !== on.own(provider));
      for (const other of others) Object.assign(other, { dataUpdatedAt: on.world.now() });
      const calls = await on.calls(async () => {
        await stream.first(1);
        await afterRefreshes(on, readsConnections, 6);
      });
      expect(calls.filter(readsAccounts)).toHaveLength(times);
    },
  );

  it("that cannot be read keep no connection back, and are emitted once they can", async () => {
    await using on = await stage();
    const fault = on.sandbox.fault(readsAccounts, { status: 500, body: "{}" });
    await using stream = on.subscribe(Kinds, { psuId: on.psu, connectorId: on.connector("powens") });
    await stream.first(1);
    on.end(on.link(on.psu, "powens").token, "consent");
    await stream.first(2);
    on.clock.advance(1000);
    await afterRefreshes(on, readsConnections);
    fault[Symbol.dispose]();
    const kinds = (await stream.first(3)).map(({ connectionChanged: { kind } }) => kind);
    expect(kinds).toEqual(["CURRENT", "CREATED", "DATA_SYNCED"]);
  });
});
