import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../sandbox/clock.ts";
import type { Account } from "../../../sandbox/models/account.ts";
import type { Balance } from "../../../sandbox/models/balance.ts";
import type { Connection } from "../../../sandbox/models/connection.ts";
import { toTimestamp } from "../../../sandbox/time.ts";
import { createWorld, type World } from "../../../sandbox/world.ts";
import { graphql } from "../../graphql/gql.ts";
import type { HistoryOfAccountQuery } from "../../graphql/graphql.ts";
import { startTestGateway } from "../../support/helpers.ts";
import { accountGlobalId, connectionGlobalId, connectorGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";

const BalancesOfAccounts = graphql(`
  query BalancesOfAccounts {
    accounts(first: 100) {
      nodes { accountId balances { amount { asset amount } createdAt lastUpdatedAt account { accountId } } }
    }
  }
`);

const BalancesOfAccount = graphql(`
  query BalancesOfAccount($id: ID!, $asset: String) {
    account(id: $id) { balances(asset: $asset) { amount { asset amount } createdAt lastUpdatedAt } }
  }
`);

const HistoryOfAccount = graphql(`
  query HistoryOfAccount($id: ID!, $asset: String, $from: DateTime, $to: DateTime, $first: Int, $after: String) {
    account(id: $id) {
      balanceHistory(asset: $asset, from: $from, to: $to, first: $first, after: $after) {
        nodes { amount { asset amount } createdAt lastUpdatedAt account { accountId } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const WholeAccounts = graphql(`
  query WholeAccounts {
    accounts(first: 100) {
      nodes {
        accountId reference name type provider defaultAsset createdAt metadata raw
        connector { id name provider }
        connection { id }
        paymentServiceUser { id }
      }
    }
  }
`);

const ConnectionsOfUsers = graphql(`
  query ConnectionsOfUsers {
    paymentServiceUsers(first: 100) {
      nodes {
        psuId
        accounts { accountId }
        connections {
          id connectionId status error createdAt updatedAt dataUpdatedAt metadata
          paymentServiceUser { psuId }
          connector { connectorId }
          accounts { accountId }
        }
      }
    }
  }
`);

/** Of Tink and Powens: the newest of the accounts' own times and of the connection's; Paris is two hours ahead in July. */
function isNewestOf(own: readonly Account[], { connectorID, connectionID, status, updatedAt }: Connection) {
  const raws = own
    .filter((row) => row.connectorID === connectorID && [connectionID, null].includes(row.connectionID))
    .map(({ raw }) => raw as { last_update?: string; dates?: { lastRefreshed: string } });
  const times = raws.map(({ last_update, dates }) =>
    last_update === undefined ? dates?.lastRefreshed : `${last_update.replace(" ", "T")}+02:00`,
  );
  const newest = Math.max(Math.floor(updatedAt / 1000), ...times.map((time) => Date.parse(time ?? "")));
  // Of several banks of Tink, the accounts are one's.
  return (at: string | null) =>
    at === null ? status === "ERROR" || raws.every(({ dates }) => dates) : Date.parse(at) === newest;
}

/** The seeded world, in which no time passes. */
const seeded = () => createWorld({ clock: createManualClock() });
const start = (world: World) => startTestGateway({ sandbox: { world } });

const toShown = ({ asset, amount, createdAt, lastUpdatedAt }: Balance) => ({
  amount: { asset, amount: amount.toString() },
  createdAt: toTimestamp(createdAt),
  lastUpdatedAt: toTimestamp(lastUpdatedAt),
});

/** The newest row of each asset, by the asset's name. */
function currentOf(world: World, accountId: string) {
  const rows = world.balances(accountId);
  const assets = [...new Set(rows.map(({ asset }) => asset))].sort();
  return assets.map((asset) => toShown(firstOf(rows, (row) => row.asset === asset)));
}

/** An account with three assets, of which two have only the oldest rows of a history of more than 100. */
const travelAccount = (world: World) => firstOf(world.accounts, ({ name }) => name === "Reisekonto").id;

describe("balances", () => {
  it("are the current amount of each asset, for every account, in one call per page of history", async () => {
    const world = seeded();
    await using gateway = await start(world);
    const calls = await gateway.calls(async () => {
      const { nodes } = (await gateway.run(BalancesOfAccounts, {})).accounts;
      expect(nodes).toEqual(
        world.accounts.map(({ id }) => ({
          accountId: id,
          balances: currentOf(world, id).map((row) => ({ ...row, account: { accountId: id } })),
        })),
      );
    });
    const pages = world.accounts.map(({ id }) => Math.max(1, Math.ceil(world.balances(id).length / 100)));
    expect(calls).toHaveLength(1 + pages.reduce((sum, count) => sum + count));
  });

  it("beyond what a double holds are exact", async () => {
    const world = seeded();
    await using gateway = await start(world);
    const isLarge = (id: string) =>
      currentOf(world, id).some(
        ({ amount: { amount } }) =>
          BigInt(amount) > BigInt(Number.MAX_SAFE_INTEGER) && BigInt(Number(amount)) !== BigInt(amount),
      );
    const large = firstOf(world.accounts, ({ id }) => isLarge(id));
    const { account } = await gateway.run(BalancesOfAccount, { id: accountGlobalId(large.id) });
    expect(account?.balances).toEqual(currentOf(world, large.id));
  });

  it("find an asset whose newest row lies behind more than 100 others", async () => {
    const world = seeded();
    await using gateway = await start(world);
    const id = travelAccount(world);
    const rows = world.balances(id);
    expect(rows.findIndex(({ asset }) => asset === "SEK/2")).toBeGreaterThan(100);
    const { account } = await gateway.run(BalancesOfAccount, { id: accountGlobalId(id) });
    expect(account?.balances.map(({ amount }) => amount)).toEqual([
      { asset: "EUR/2", amount: rows[0]?.amount.toString() },
      { asset: "SEK/2", amount: "1250000" },
      { asset: "USD/2", amount: "48099" },
    ]);
  });

  it("of one asset cost one call for one row, wherever that stands", async () => {
    const world = seeded();
    await using gateway = await start(world);
    const id = travelAccount(world);
    for (const asset of ["EUR/2", "SEK/2", "USD/2"]) {
      const calls = await gateway.calls(async () => {
        const { account } = await gateway.run(BalancesOfAccount, { id: accountGlobalId(id), asset });
        expect(account?.balances).toEqual(currentOf(world, id).filter(({ amount }) => amount.asset === asset));
        expect(account?.balances).toHaveLength(1);
      });
      expect(calls.map(({ query }) => query)).toEqual([{ pageSize: "100" }, { asset, pageSize: "1" }]);
    }
  });

  it("of an asset that the account lacks, or of an account without a history, are none", async () => {
    const world = seeded();
    await using gateway = await start(world);
    const empty = firstOf(world.accounts, ({ id }) => world.balances(id).length === 0);
    expect((await gateway.run(BalancesOfAccount, { id: accountGlobalId(empty.id) })).account?.balances).toEqual([]);
    const missing = { id: accountGlobalId(travelAccount(world)), asset: "GBP/2" };
    expect((await gateway.run(BalancesOfAccount, missing)).account?.balances).toEqual([]);
  });

  it("selected twice cost no more", async () => {
    const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } });
    await using gateway = await start(world);
    const calls = await gateway.calls(() =>
      gateway.send("{ accounts { nodes { balances { createdAt } again: balances { amount { decimal } } } } }"),
    );
    expect(calls).toHaveLength(2);
  });
});

describe("a balance history", () => {
  /** What a scan of the whole history gives: rows whose span touches the wanted one. */
  function scan(world: World, id: string, wanted: { asset?: string; from?: number; to?: number }) {
    return world
      .balances(id)
      .filter(({ asset }) => wanted.asset === undefined || asset === wanted.asset)
      .filter(({ lastUpdatedAt }) => wanted.from === undefined || lastUpdatedAt >= wanted.from)
      .filter(({ createdAt }) => wanted.to === undefined || createdAt <= wanted.to)
      .map((row) => ({ ...toShown(row), account: { accountId: id } }));
  }

  it("is every amount, newest first, or those of a span and an asset, to the microsecond", async () => {
    const world = seeded();
    await using gateway = await start(world);
    const id = travelAccount(world);
    const rows = world.balances(id);
    const [early, late] = [rows[120]?.createdAt ?? 0, rows[40]?.createdAt ?? 0];
    const spans = [
      {},
      { asset: "SEK/2" },
      { asset: "EUR/2" },
      { from: late },
      { from: late + 1 },
      { to: early },
      { to: early - 1 },
      { from: early, to: late },
      { from: early + 1, to: late - 1, asset: "EUR/2" },
      { from: early, to: early },
      { to: 0 },
    ];
    const counts = new Set<number>();
    for (const span of spans) {
      const variables = {
        id: accountGlobalId(id),
        first: 100,
        ...span,
        from: "from" in span ? toTimestamp(span.from) : null,
        to: "to" in span ? toTimestamp(span.to) : null,
      };
      const found = [];
      for (let after: string | null = null; ; ) {
        const { account }: HistoryOfAccountQuery = await gateway.run(HistoryOfAccount, { ...variables, after });
        found.push(...(account?.balanceHistory.nodes ?? []));
        after = (account?.balanceHistory.pageInfo.hasNextPage && account.balanceHistory.pageInfo.endCursor) || null;
        if (after === null) break;
      }
      expect([span, found]).toEqual([span, scan(world, id, span)]);
      counts.add(found.length);
    }
    expect(counts.size).toBeGreaterThan(6);
  });

  it("takes times with an offset", async () => {
    const world = seeded();
    await using gateway = await start(world);
    const id = travelAccount(world);
    const at = Math.floor((world.balances(id)[40]?.createdAt ?? 0) / 3_600_000_000) * 3_600_000_000;
    const shifted = `${toTimestamp(at + 5.5 * 3_600_000_000).replace("Z", "")}+05:30`;
    const history = await gateway.run(HistoryOfAccount, { id: accountGlobalId(id), first: 100, from: shifted });
    expect(history.account?.balanceHistory.nodes).toEqual(scan(world, id, { from: at }));
  });

  it("costs one call for a page of up to 100 rows, besides the account", async () => {
    const world = seeded();
    await using gateway = await start(world);
    const id = accountGlobalId(travelAccount(world));
    const calls = await gateway.calls(() => gateway.run(HistoryOfAccount, { id, first: 100, asset: "EUR/2" }));
    expect(calls.map(({ query }) => query)).toEqual([{ pageSize: "100" }, { asset: "EUR/2", pageSize: "100" }]);
  });
});

describe("an account", () => {
  it("shows all that the service says of it, its raw data included, to operators", async () => {
    const world = seeded();
    await using gateway = await start(world);
    const { nodes } = (await gateway.run(WholeAccounts, {})).accounts;
    expect(nodes).toEqual(
      world.accounts.map((account) => {
        const connector = firstOf(world.connectors, ({ id }) => id === account.connectorID);
        const { psuID, connectorID, connectionID } = account;
        const connection = world.connections.find(
          (row) => row.psuID === psuID && row.connectorID === connectorID && row.connectionID === connectionID,
        );
        return {
          accountId: account.id,
          reference: account.reference,
          name: account.name,
          type: account.type,
          provider: connector.provider,
          defaultAsset: account.defaultAsset,
          createdAt: toTimestamp(account.createdAt),
          metadata: account.metadata ?? {},
          raw: account.raw,
          connector: { id: connectorGlobalId(connector.id), name: connector.name, provider: connector.provider },
          connection: connection === undefined ? null : { id: connectionGlobalId(connection) },
          paymentServiceUser: psuID === null ? null : { id: psuGlobalId(psuID) },
        };
      }),
    );
    expect(nodes.some(({ paymentServiceUser }) => paymentServiceUser === null)).toBe(true);
    expect(nodes.some(({ connection }) => connection !== null)).toBe(true);
  });
});

describe("a connection", () => {
  it("has the accounts of its id and its connector, and all of them are its PSU's", async () => {
    const world = seeded();
    await using gateway = await start(world);
    const users = (await gateway.run(ConnectionsOfUsers, {})).paymentServiceUsers.nodes;
    expect(users.map(({ psuId }) => psuId)).toEqual(world.people.map(({ id }) => id));
    for (const user of users) {
      const own = world.accounts.filter(({ psuID }) => psuID === user.psuId);
      expect(user.accounts).toEqual(own.map(({ id }) => ({ accountId: id })));
      const connections = world.connections.filter(({ psuID }) => psuID === user.psuId);
      expect(user.connections).toEqual(
        connections.map((row) => ({
          id: connectionGlobalId(row),
          connectionId: row.connectionID,
          status: row.status,
          error: row.error,
          createdAt: toTimestamp(row.createdAt),
          updatedAt: toTimestamp(row.updatedAt),
          dataUpdatedAt:
            row.dataUpdatedAt === null ? expect.toSatisfy(isNewestOf(own, row)) : toTimestamp(row.dataUpdatedAt),
          metadata: row.metadata ?? {},
          paymentServiceUser: { psuId: user.psuId },
          connector: { connectorId: row.connectorID },
          accounts: own
            .filter(
              ({ connectorID, connectionID }) => connectorID === row.connectorID && connectionID === row.connectionID,
            )
            .map(({ id }) => ({ accountId: id })),
        })),
      );
    }
    const kofi = firstOf(world.people, ({ name }) => name === "Kofi Mensah").id;
    const twins = users.find(({ psuId }) => psuId === kofi)?.connections ?? [];
    expect(new Set(twins.map(({ connectionId }) => connectionId)).size).toBe(1);
    // One is Tink's, whose accounts name no connection.
    expect(twins.map(({ accounts }) => accounts.length).sort()).toEqual([0, 4]);
    const states = users.flatMap(({ connections }) => connections.map(({ status }) => status));
    expect(new Set(states)).toEqual(new Set(["ACTIVE", "ERROR"]));
  });

  it("has no time of its data where it has none, or gives no more", async () => {
    const world = seeded();
    const [empty] = world.connections.filter(
      ({ dataUpdatedAt, status }) => dataUpdatedAt === null && status === "ACTIVE",
    );
    await using gateway = await start(world);
    using _none = gateway.sandbox.fault(({ path }) => path === "/accounts", {
      body: JSON.stringify({ cursor: { pageSize: 100, hasMore: false, data: [] } }),
    });
    const users = (await gateway.run(ConnectionsOfUsers, {})).paymentServiceUsers.nodes;
    const never = users.flatMap(({ connections }) => connections).filter(({ dataUpdatedAt }) => dataUpdatedAt === null);
    expect(never).toHaveLength(world.connections.filter(({ dataUpdatedAt }) => dataUpdatedAt === null).length);
    expect(never.map(({ connectionId }) => connectionId)).toContain(empty?.connectionID);
  });

  it("is found by connector and by state", async () => {
    const world = seeded();
    await using gateway = await start(world);
    const ben = firstOf(world.people, ({ name }) => name === "Ben Okafor").id;
    const own = world.connections.filter(({ psuID }) => psuID === ben);
    const tink = firstOf(world.connectors, ({ provider }) => provider === "tink").id;
    const ids = (rows: typeof own) => rows.map((row) => ({ id: connectionGlobalId(row) }));
    const calls = await gateway.calls(async () => {
      const { data } = await gateway.send<{ user: Record<string, unknown> }>(
        `query ($psu: ID!, $tink: ID!) {
          user: paymentServiceUser(id: $psu) {
            all: connections { id }
            tink: connections(connectorIds: [$tink]) { id }
            active: connections(statuses: [ACTIVE]) { id }
            broken: connections(statuses: [ERROR]) { id }
            none: connections(connectorIds: [$tink], statuses: [ACTIVE]) { id }
            either: connections(connectorIds: [$tink], statuses: [ERROR, ACTIVE]) { id }
          }
        }`,
        { psu: ben, tink },
      );
      expect(data?.user).toEqual({
        all: ids(own),
        tink: ids(own.filter(({ connectorID }) => connectorID === tink)),
        active: ids(own.filter(({ status }) => status === "ACTIVE")),
        broken: ids(own.filter(({ status }) => status === "ERROR")),
        none: [],
        either: ids(own.filter(({ connectorID }) => connectorID === tink)),
      });
      expect(own).toHaveLength(2);
    });
    expect(calls).toHaveLength(2);
  });
});
