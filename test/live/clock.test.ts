/** What changes by the clock alone, and is emitted all the same. */
import { describe, expect, it } from "vitest";
import { second } from "../../sandbox/time.ts";
import { graphql } from "../graphql/gql.ts";
import { fairNow } from "../support/fair-clock.ts";
import { until } from "../support/helpers.ts";
import { afterRefreshes, readsAttempt, readsConnections, type Stage, stage, watched } from "../support/live/stage.ts";

const Aging = graphql(`
  subscription Aging($psuId: ID!, $connectorId: ID) {
    connectionChanged(psuId: $psuId, connectorId: $connectorId) {
      kind
      connection { requiredAction isStale }
    }
  }
`);

/** Watchers poll rarely here: what comes in time was emitted at its time. */
const pace = 20;

describe.concurrent("a pending attempt", () => {
  it("is emitted as expired when it is, once, and is read no more", async () => {
    await using gateway = await stage({ live: { pace, linkLifetimeMs: 1500 } });
    await using stream = await watched(gateway);
    const startedAt = fairNow();
    const messages = await stream.first(2);
    expect(messages.map(({ linkAttemptChanged: { status, isExpired } }) => [status, isExpired])).toEqual([
      ["PENDING", false],
      ["PENDING", true],
    ]);
    expect(fairNow() - startedAt).toBeLessThan(pace * 1000);
  });

  it("that is expired already is emitted so at once, and read no more", async () => {
    await using gateway = await stage({ live: { linkLifetimeMs: 0 } });
    await using stream = await watched(gateway);
    const reads = await gateway.calls(() => new Promise((resolve) => setTimeout(resolve, 500)));
    expect(reads.filter(readsAttempt)).toEqual([]);
    expect(stream.messages).toHaveLength(1);
  });
});

type Row = { readonly is: string; readonly make: (on: Stage) => void; readonly expected: readonly unknown[] };

const staleAfterMs = 2000;
const at = (on: Stage, secondsAgo: number) => on.world.now() - secondsAgo * second;

const rows: readonly Row[] = [
  {
    is: "has old data",
    make: (on) => void Object.assign(on.own("plaid"), { dataUpdatedAt: at(on, 0) }),
    expected: [
      ["CURRENT", "NONE", false],
      ["CURRENT", "NONE", true],
    ],
  },
  {
    is: "has waited in vain for its first data",
    make: (on) => void Object.assign(on.own("plaid"), { dataUpdatedAt: null, createdAt: at(on, 0) }),
    expected: [
      ["CURRENT", "WAIT", null],
      ["CURRENT", "NONE", null],
    ],
  },
  {
    is: "is broken, and has old data",
    make: (on) => {
      on.world.breakConnection(on.own("plaid"), "broken");
      Object.assign(on.own("plaid"), { dataUpdatedAt: at(on, 0) });
    },
    expected: [
      ["CURRENT", "RELINK", false],
      ["CURRENT", "RELINK", true],
    ],
  },
];

describe.concurrent("a connection", () => {
  it.each(rows)("that $is is emitted when it is so, once", async ({ make, expected }) => {
    await using gateway = await stage({ live: { pace, staleAfterMs } });
    make(gateway);
    await using stream = gateway.subscribe(Aging, { psuId: gateway.psu, connectorId: gateway.connector("plaid") });
    const startedAt = fairNow();
    const messages = await stream.first(2);
    expect(fairNow() - startedAt).toBeLessThan(pace * 500);
    const emitted = messages.map(({ connectionChanged: { kind, connection } }) => [
      kind,
      connection?.requiredAction,
      connection?.isStale,
    ]);
    expect(emitted).toEqual(expected);
  });

  it("whose data was renewed meanwhile is not emitted as stale", async () => {
    await using gateway = await stage({ live: { staleAfterMs: 1500 } });
    const connection = gateway.own("plaid");
    connection.dataUpdatedAt = gateway.world.now();
    await using stream = gateway.subscribe(Aging, { psuId: gateway.psu, connectorId: gateway.connector("plaid") });
    await stream.first(1);
    connection.dataUpdatedAt = Date.now() * 1000 + 60 * second;
    await stream.first(2);
    await until(async () => Date.now() > (connection.dataUpdatedAt ?? 0) / 1000 - 58_000);
    await afterRefreshes(gateway, readsConnections);
    expect(stream.messages.map(({ data }) => data?.connectionChanged.connection?.isStale)).toEqual([false, false]);
  });
});
