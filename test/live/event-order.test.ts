import { describe, expect, it } from "vitest";
import { type Connection, toWireConnection } from "../../sandbox/models/connection.ts";
import { createRandom } from "../../sandbox/random.ts";
import type { Envelope } from "../../sandbox/store/outbox.ts";
import { toTimestamp } from "../../sandbox/time.ts";
import { orMapperError } from "../../src/upstream/providers/mapper.ts";
import { createProviders } from "../../src/upstream/providers/providers.ts";
import type * as wire from "../../src/upstream/wire-types.ts";
import { graphql } from "../graphql/gql.ts";
import type { StagedConnectionsSubscription } from "../graphql/graphql.ts";
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
  stage,
} from "../support/live/stage.ts";

const { accountDetailsOf } = createProviders();

const TruthConnections = graphql(`
  query TruthConnections($psuId: ID!) {
    paymentServiceUser(id: $psuId) {
      connections { id status error createdAt updatedAt dataUpdatedAt consentExpiresAt requiredAction }
    }
  }
`);

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
    await afterRefreshes(gateway, readsConnections);
    expect(changesOf(stream).map((change) => [change.kind, change.connection?.status, change.reason])).toEqual([
      ["DISCONNECTED", "ERROR", "first"],
      ["RECONNECTED", "ACTIVE", null],
      ["DATA_SYNCED", "ACTIVE", null],
      ["DISCONNECTED", "ERROR", "second"],
      ["DISCONNECTED", "ERROR", "third"],
      ["RECONNECTED", "ACTIVE", null],
    ]);
    for (const { at, connection: received, kind } of changesOf(stream)) {
      expect(at).toBe(kind === "DATA_SYNCED" ? received?.dataUpdatedAt : received?.updatedAt);
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
    const times = new Set<string | null>([null]);
    const providerOf = (connectorID: string) => world.connector(connectorID)?.provider;
    const recordShown = () => {
      for (const row of own()) {
        shown.add(toRest(row));
        for (const at of [row.dataUpdatedAt, row.updatedAt]) if (at !== null) times.add(toTimestamp(at));
      }
      for (const account of world.accounts.filter(({ psuID }) => psuID === psu)) {
        const { raw } = account;
        const row = { provider: providerOf(account.connectorID), raw } as wire.Account;
        times.add(orMapperError(accountDetailsOf(row).refreshedAt));
      }
    };
    recordShown();

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
      recordShown();
      await random.pick(steps)(random.pick(own()));
      recordShown();
      for (let events = random.integer(0, 2); events > 0; events--) await deliver();
      for (let queries = random.integer(0, 3); queries > 0; queries--)
        await gateway.run(TruthConnections, { psuId: psu });
      if (step % 15 === 10) streams.push(joining.use(openConnections(gateway)));
    }
    clock.advance(3000);
    recordShown();
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
        if (connection !== null) expect(times).toContain(connection.dataUpdatedAt);
        if (kind === "PENDING_DISCONNECT") expect(connection?.status).toBe("ACTIVE");
        const state = JSON.stringify(connection);
        // DATA_SYNCED is emitted also where a message before shows its time.
        if (kind !== "PENDING_DISCONNECT" && kind !== "DATA_SYNCED") expect(state).not.toBe(before.get(connectionId));
        before.set(connectionId, state);
      }
    }
    expect(changesOf(first).length).toBeGreaterThan(10);
  });
});

type Shown = NonNullable<StagedConnectionsSubscription["connectionChanged"]["connection"]>;

/** Of Tink and Powens, the time of the data is their accounts' own, which are read apart. */
const toShown = ({ id, status, error, updatedAt }: Shown) => JSON.stringify([id, status, error, updatedAt]);

function toRest(row: Connection): string {
  const { status, error, updatedAt } = toWireConnection(row);
  return JSON.stringify([connectionGlobalId(row), status, error, updatedAt]);
}
