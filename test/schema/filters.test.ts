import { describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import type { Account } from "../../sandbox/models/account.ts";
import type { Payment } from "../../sandbox/models/payment.ts";
import type { Person } from "../../sandbox/models/person.ts";
import { createWorld, type World } from "../../sandbox/world.ts";
import { graphql } from "../graphql/gql.ts";
import { startTestGateway } from "../support/helpers.ts";
import {
  accountGlobalId,
  attemptGlobalId,
  connectionGlobalId,
  connectorGlobalId,
  firstOf,
  psuGlobalId,
} from "./global-ids.ts";

const FilteredAccounts = graphql(`
  query FilteredAccounts($filter: AccountFilter) {
    accounts(first: 100, filter: $filter) { nodes { key: accountId } pageInfo { hasNextPage } }
  }
`);

const FilteredPayments = graphql(`
  query FilteredPayments($filter: PaymentFilter) {
    payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }
  }
`);

const FilteredUsers = graphql(`
  query FilteredUsers($filter: PaymentServiceUserFilter) {
    paymentServiceUsers(first: 100, filter: $filter) { nodes { key: psuId } pageInfo { hasNextPage } }
  }
`);

const FilteredConnectors = graphql(`
  query FilteredConnectors($filter: ConnectorFilter) {
    connectors(first: 100, filter: $filter) { nodes { key: connectorId } pageInfo { hasNextPage } }
  }
`);

const PaymentsOfUserAndAccount = graphql(`
  query PaymentsOfUserAndAccount($psu: ID!, $account: ID!, $filter: PaymentFilter) {
    paymentServiceUser(id: $psu) {
      payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }
    }
    account(id: $account) {
      payments(first: 100, filter: $filter) { nodes { key: paymentId } pageInfo { hasNextPage } }
    }
  }
`);

const AttemptsByStatus = graphql(`
  query AttemptsByStatus($psu: ID!, $connector: ID!) {
    paymentServiceUser(id: $psu) {
      all: linkAttempts(connectorId: $connector) { nodes { id } }
      pending: linkAttempts(connectorId: $connector, statuses: [PENDING]) { nodes { id } }
      completed: linkAttempts(connectorId: $connector, statuses: [COMPLETED]) { nodes { id } }
      exited: linkAttempts(connectorId: $connector, statuses: [EXITED]) { nodes { id } }
    }
  }
`);

/** A part of a filter, and what a scan of the world says of it. */
type Part<Row> = { readonly name: string; readonly value: unknown; readonly holds: (row: Row) => boolean };

/** The seeded world, in which no time passes. */
const start = () => startTestGateway({ sandbox: { world: createWorld({ clock: createManualClock() }) } });

const toFilter = (parts: readonly Part<never>[]) => Object.fromEntries(parts.map(({ name, value }) => [name, value]));

/** The first page of a list as a scan gives it. */
function scan<Row extends { readonly id: string }>(rows: readonly Row[], parts: readonly Part<Row>[]) {
  const found = rows.filter((row) => parts.every(({ holds }) => holds(row)));
  return { nodes: found.slice(0, 100).map(({ id }) => ({ key: id })), pageInfo: { hasNextPage: found.length > 100 } };
}

/** Each part alone, each two together, and all. */
function combinations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const pairs = items.flatMap((one, at) => items.slice(at + 1).map((other) => [one, other]));
  return [...items.map((item) => [item]), ...pairs, items];
}

const text = <Row>(name: string, read: (row: Row) => string | null, row: Row): Part<Row>[] => {
  const value = read(row);
  return value === null ? [] : [{ name, value, holds: (other) => read(other) === value }];
};

type Owned = Pick<Account, "psuID" | "connectorID" | "connectionID" | "metadata">;

/** The parts of a filter that accounts and payments share, as they hold for `row`. */
function ownerParts(row: Owned): Part<Owned>[] {
  const { psuID, connectorID, connectionID } = row;
  const parts: Part<Owned>[] = [
    { name: "connectorId", value: connectorGlobalId(connectorID), holds: (other) => other.connectorID === connectorID },
  ];
  if (psuID !== null) {
    parts.push({ name: "psuId", value: psuGlobalId(psuID), holds: (other) => other.psuID === psuID });
  }
  if (psuID !== null && connectionID !== null) {
    const value = connectionGlobalId({ psuID, connectorID, connectionID });
    const isIts = (other: Owned) =>
      other.psuID === psuID && other.connectorID === connectorID && other.connectionID === connectionID;
    parts.push({ name: "connectionId", value, holds: isIts });
  }
  const entries = Object.entries(row.metadata ?? {});
  if (entries.length > 0) {
    const holds = (other: Owned) => entries.every(([key, value]) => other.metadata?.[key] === value);
    parts.push({ name: "metadata", value: row.metadata, holds });
  }
  return parts;
}

const accountParts = (row: Account): Part<Account>[] => [
  ...ownerParts(row),
  ...text<Account>("type", ({ type }) => type, row),
  ...text<Account>("name", ({ name }) => name, row),
  ...text<Account>("reference", ({ reference }) => reference, row),
  ...text<Account>("defaultAsset", ({ defaultAsset }) => defaultAsset, row),
];

function paymentParts(row: Payment): Part<Payment>[] {
  const account = row.sourceAccountID ?? row.destinationAccountID;
  const holds = (other: Payment) => account === other.sourceAccountID || account === other.destinationAccountID;
  return [
    ...ownerParts(row),
    ...(account === null ? [] : [{ name: "accountId", value: accountGlobalId(account), holds }]),
    { name: "types", value: [row.type.replace("-", "_")], holds: ({ type }) => type === row.type },
    { name: "statuses", value: [row.status], holds: ({ status }) => status === row.status },
    ...text<Payment>("asset", ({ asset }) => asset, row),
    ...text<Payment>("reference", ({ reference }) => reference, row),
  ];
}

/** A few rows far from each other. */
const samples = <Row>(rows: readonly Row[], count: number): Row[] =>
  Array.from({ length: count }, (_none, at) => firstOf(rows.slice(Math.floor((at * rows.length) / count))));

/** Parts of one row with those of another that the first one lacks or contradicts. */
function mixed<Row>(rows: readonly Row[], toParts: (row: Row) => Part<Row>[]): Part<Row>[][] {
  return rows.flatMap((row, at) => {
    const others = toParts(firstOf(rows.slice((at + 1) % rows.length)));
    return toParts(row).flatMap((part) =>
      others.filter(({ name }) => name !== part.name).map((other) => [part, other]),
    );
  });
}

describe("accounts", () => {
  const run = async (world: World, sets: readonly (readonly Part<Account>[])[]) => {
    await using gateway = await startTestGateway({ sandbox: { world } });
    const sizes: number[] = [];
    for (const parts of sets) {
      const filter = toFilter(parts);
      const { accounts } = await gateway.run(FilteredAccounts, { filter });
      expect([filter, accounts]).toEqual([filter, scan(world.accounts, parts)]);
      sizes.push(accounts.nodes.length);
    }
    return sizes;
  };

  it("are found by each field, by each two, and by all together", async () => {
    const world = createWorld({ clock: createManualClock() });
    const rows = [...samples(world.accounts, 4), firstOf(world.accounts, ({ type }) => type === "EXTERNAL")];
    const sizes = await run(
      world,
      rows.flatMap((row) => combinations(accountParts(row))),
    );
    expect(sizes.every((size) => size > 0)).toBe(true);
    expect(new Set(sizes).size).toBeGreaterThan(3);
  });

  it("are few or none when the fields are of different accounts", async () => {
    const world = createWorld({ clock: createManualClock() });
    const sizes = await run(world, mixed(samples(world.accounts, 3), accountParts));
    expect(sizes).toContain(0);
  });

  it("are all without a filter, with an empty one, and with fields and metadata that are null or empty", async () => {
    await using gateway = await start();
    const { world } = gateway.sandbox;
    const nothing = { psuId: null, connectorId: null, connectionId: null, type: null, name: null, metadata: null };
    for (const filter of [null, {}, nothing, { metadata: {} }]) {
      expect((await gateway.run(FilteredAccounts, { filter })).accounts).toEqual(scan(world.accounts, []));
    }
  });

  it("of a connection are of its connector only, though another connector uses the same id", async () => {
    await using gateway = await start();
    const { accounts, connections } = gateway.sandbox.world;
    const twin = firstOf(connections, (one) =>
      connections.some((other) => other !== one && other.connectionID === one.connectionID),
    );
    const found = await gateway.run(FilteredAccounts, { filter: { connectionId: connectionGlobalId(twin) } });
    const own = accounts.filter(
      ({ connectionID, connectorID }) => connectionID === twin.connectionID && connectorID === twin.connectorID,
    );
    expect(found.accounts.nodes).toEqual(own.map(({ id }) => ({ key: id })));
    expect(accounts.filter(({ connectionID }) => connectionID === twin.connectionID).length).toBeGreaterThan(
      own.length,
    );
  });

  it("are found by metadata that is given in the document", async () => {
    await using gateway = await start();
    const { accounts } = gateway.sandbox.world;
    const { data } = await gateway.send<{ accounts: { nodes: readonly { accountId: string }[] } }>(
      'query ($type: String = "credit") { accounts(first: 100, filter: { metadata: { accountType: $type } }) { nodes { accountId } } }',
    );
    const cards = accounts.filter(({ metadata }) => metadata?.["accountType"] === "credit");
    expect(cards.length).toBeGreaterThan(0);
    expect(data?.accounts.nodes).toEqual(cards.map(({ id }) => ({ accountId: id })));
  });
});

describe("payments", () => {
  const run = async (world: World, sets: readonly (readonly Part<Payment>[])[]) => {
    await using gateway = await startTestGateway({ sandbox: { world } });
    const sizes: number[] = [];
    for (const parts of sets) {
      const filter = toFilter(parts);
      const { payments } = await gateway.run(FilteredPayments, { filter });
      expect([filter, payments]).toEqual([filter, scan(world.payments, parts)]);
      sizes.push(payments.nodes.length);
    }
    return sizes;
  };

  it("are found by each field, by each two, and by all together", async () => {
    const world = createWorld({ clock: createManualClock() });
    const received = firstOf(world.payments, ({ type }) => type === "PAY-IN");
    const rows = [...samples(world.payments, 3), received];
    const sizes = await run(
      world,
      rows.flatMap((row) => combinations(paymentParts(row))),
    );
    expect(sizes.every((size) => size > 0)).toBe(true);
    expect(new Set(sizes).size).toBeGreaterThan(5);
  });

  it("are few or none when the fields are of different payments", async () => {
    const world = createWorld({ clock: createManualClock() });
    const sizes = await run(world, mixed(samples(world.payments, 3), paymentParts));
    expect(sizes).toContain(0);
  });

  it("of an account are those that it sent and those that it got", async () => {
    const world = createWorld({ clock: createManualClock() });
    const { sourceAccountID: account } = firstOf(world.payments, ({ type }) => type === "PAYOUT");
    const holds = (row: Payment) => [row.sourceAccountID, row.destinationAccountID].includes(account);
    await run(world, [[{ name: "accountId", value: accountGlobalId(account ?? ""), holds }]]);
    expect(world.payments.some((row) => row.sourceAccountID === account)).toBe(true);
    expect(world.payments.some((row) => row.destinationAccountID === account)).toBe(true);
  });

  it("that hang from a user or an account are theirs, whatever else the filter wants", async () => {
    await using gateway = await start();
    const { world } = gateway.sandbox;
    const row = firstOf(world.payments, ({ type }) => type === "PAYOUT");
    const other = firstOf(world.payments, ({ psuID }) => psuID !== row.psuID);
    const account = row.sourceAccountID ?? "";
    const ids = { psu: psuGlobalId(row.psuID ?? ""), account: accountGlobalId(account) };
    const sets = [[], ...combinations(paymentParts(row)), ...paymentParts(other).map((part) => [part])];
    const isOwn: Part<Payment> = { name: "", value: null, holds: ({ psuID }) => psuID === row.psuID };
    const isIts: Part<Payment> = {
      name: "",
      value: null,
      holds: ({ sourceAccountID, destinationAccountID }) => [sourceAccountID, destinationAccountID].includes(account),
    };
    for (const parts of sets) {
      const filter = toFilter(parts);
      const found = await gateway.run(PaymentsOfUserAndAccount, { ...ids, filter });
      expect([filter, found.paymentServiceUser?.payments]).toEqual([filter, scan(world.payments, [...parts, isOwn])]);
      expect([filter, found.account?.payments]).toEqual([filter, scan(world.payments, [...parts, isIts])]);
    }
  });
});

describe("users", () => {
  it("are found by ids, by metadata, and by both", async () => {
    await using gateway = await start();
    const { people } = gateway.sandbox.world;
    const ids = samples(people, 5).map(({ id }) => id);
    const noPsu = "00000000-0000-4000-8000-000000000000";
    const byIds = (wanted: readonly string[]): Part<Person> => ({
      name: "ids",
      value: wanted.map((id, at) => (at % 2 === 0 ? psuGlobalId(id) : id.toUpperCase())),
      holds: ({ id }) => wanted.includes(id),
    });
    const byMetadata = (wanted: Readonly<Record<string, string>>): Part<Person> => ({
      name: "metadata",
      value: wanted,
      holds: ({ metadata }) => Object.entries(wanted).every(([key, value]) => metadata?.[key] === value),
    });
    const sets = [
      [],
      [byIds(ids)],
      [byIds(ids.slice(0, 1))],
      [byIds([...ids, ...ids])],
      [byIds([noPsu])],
      [byIds([noPsu, ...ids])],
      [byMetadata({ segment: "retail" })],
      [byMetadata({ segment: "retail", source: "mobile" })],
      [byMetadata({ segment: "business" })],
      [byMetadata({ segment: "none" })],
      [byMetadata({ none: "retail" })],
      [byMetadata({})],
      [byIds(people.map(({ id }) => id)), byMetadata({ segment: "retail" })],
      [byIds(ids), byMetadata({ segment: "business", none: "none" })],
    ];
    const sizes: number[] = [];
    for (const parts of sets) {
      const filter = toFilter(parts);
      const calls = await gateway.calls(async () => {
        const { paymentServiceUsers } = await gateway.run(FilteredUsers, { filter });
        expect([filter, paymentServiceUsers]).toEqual([filter, scan(people, parts)]);
        sizes.push(paymentServiceUsers.nodes.length);
      });
      expect(calls).toHaveLength(1);
    }
    expect(new Set(sizes).size).toBeGreaterThan(4);
  });
});

describe("connectors", () => {
  it("are found by provider, by name, and by both", async () => {
    await using gateway = await start();
    const { connectors } = gateway.sandbox.world;
    const parts = (provider: string | null, name: string | null) => ({ provider, name });
    const sets = [
      parts(null, null),
      ...connectors.flatMap((row) => [parts(row.provider, null), parts(null, row.name), parts(row.provider, row.name)]),
      parts("plaid", "Tink"),
      parts("none", null),
      parts(null, "none"),
      parts(null, ""),
    ];
    for (const filter of sets) {
      const { nodes } = (await gateway.run(FilteredConnectors, { filter })).connectors;
      const found = connectors.filter(
        ({ provider, name }) =>
          (filter.provider === null || provider === filter.provider) && (filter.name === null || name === filter.name),
      );
      expect([filter, nodes]).toEqual([filter, found.map(({ id }) => ({ key: id }))]);
    }
  });
});

describe("link attempts", () => {
  it("are found by connector and by status, newest first", async () => {
    await using gateway = await start();
    const { people, connectors, attempts } = gateway.sandbox.world;
    const statuses = new Set<string>();
    for (const person of people) {
      for (const connector of connectors) {
        const ids = { psu: psuGlobalId(person.id), connector: connectorGlobalId(connector.id) };
        const { paymentServiceUser } = await gateway.run(AttemptsByStatus, ids);
        const own = attempts.filter(({ psuID, connectorID }) => psuID === person.id && connectorID === connector.id);
        const of = (status?: string) => ({
          nodes: own
            .filter((row) => status === undefined || row.status === status)
            .map((row) => ({ id: attemptGlobalId(row) })),
        });
        for (const { status } of own) statuses.add(status);
        expect(paymentServiceUser).toEqual({
          all: of(),
          pending: of("pending"),
          completed: of("completed"),
          exited: of("exited"),
        });
      }
    }
    expect(statuses).toEqual(new Set(["pending", "completed", "exited"]));
  });
});
