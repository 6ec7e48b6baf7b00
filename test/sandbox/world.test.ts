import { describe, expect, test } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import type { Connection } from "../../sandbox/models/connection.ts";
import { createWorld, type World } from "../../sandbox/world.ts";
import { find, stage } from "./helpers.ts";

const pictureOf = (world: World) => ({
  people: world.people,
  connectors: world.connectors,
  connections: world.connections,
  attempts: world.attempts,
  accounts: world.accounts,
  payments: world.payments,
  balances: world.accounts.map(({ id }) => world.balances(id)),
});

describe("the default world", () => {
  const world = createWorld({ clock: createManualClock() });

  test("is the same for the same seed and time, and another for another seed", () => {
    expect(pictureOf(createWorld({ clock: createManualClock() }))).toEqual(pictureOf(world));
    const other = createWorld({ clock: createManualClock(), seed: 2 });
    expect(other.people.map(({ id }) => id)).not.toEqual(world.people.map(({ id }) => id));
    const later = createWorld({ clock: createManualClock("2027-01-01T00:00:00Z") });
    expect(later.people.map(({ id }) => id)).toEqual(world.people.map(({ id }) => id));
  });

  test("goes on the same way, too", () => {
    const [one, two] = [createManualClock(), createManualClock()].map((clock) => createWorld({ clock }));
    const body = { name: "Ann", contactDetails: null, address: null, bankAccountIDs: [], metadata: null };
    expect(one?.createPerson(body)).toEqual(two?.createPerson(body));
  });

  test("has a dozen people, one of them unreachable, one without a bank", () => {
    expect(world.people).toHaveLength(12);
    const unreachable = world.people.filter((person) => person.contactDetails === null && person.address === null);
    expect(unreachable).toHaveLength(1);
    const alone = world.people.filter(
      ({ id }) =>
        !world.connectors.some((row) => world.isForwarded(id, row.id)) &&
        !world.connections.some((row) => row.psuID === id),
    );
    expect(alone).toHaveLength(1);
    const several = world.people.filter(({ id }) => world.connections.filter((row) => row.psuID === id).length > 1);
    expect(several.length).toBeGreaterThan(2);
    expect(new Set(world.people.map((person) => person.address?.country)).size).toBeGreaterThan(8);
  });

  test("has connections of every kind, and each account belongs to one of its PSU and connector", () => {
    expect(new Set(world.connectors.map((row) => row.provider))).toEqual(
      new Set(["plaid", "tink", "powens", "generic"]),
    );
    expect(new Set(world.connections.map((row) => row.status))).toEqual(new Set(["ACTIVE", "ERROR"]));
    expect(world.connections.some((row) => row.dataUpdatedAt === null && row.status === "ACTIVE")).toBe(true);
    const providerOf = new Map<string, string>(world.connectors.map(({ id, provider }) => [id, provider]));
    for (const account of world.accounts.filter((row) => row.psuID !== null)) {
      const { psuID, connectorID, connectionID } = account;
      expect(connectionID === null).toBe(providerOf.get(connectorID) === "tink");
      const isIts = (row: Connection) => row.psuID === psuID && row.connectorID === connectorID;
      find(world.connections, (row) => isIts(row) && row.connectionID === (connectionID ?? row.connectionID));
    }
    const synced = world.connections.filter((row) => row.dataUpdatedAt !== null);
    expect(new Set(synced.map((row) => providerOf.get(row.connectorID)))).toEqual(new Set(["plaid"]));
    expect(world.accounts.filter((row) => row.psuID === null)).toHaveLength(3);
  });

  test("has every kind of account and scale", () => {
    expect(new Set(world.accounts.map((row) => row.raw["subtype"] ?? row.raw["type"]).filter(Boolean))).toEqual(
      new Set([
        ...["checking", "savings", "credit card", "mortgage", "crypto exchange"],
        ...["CHECKING", "SAVINGS", "CREDIT_CARD", "MORTGAGE"],
      ]),
    );
    const scales = world.accounts.map((row) => row.defaultAsset?.split("/")[1] ?? "0");
    for (const scale of ["0", "2", "3", "18"]) expect(scales).toContain(scale);
  });

  test("has months of payments that go where their type says, between accounts of the world", () => {
    const oldest = world.payments.at(-1)?.createdAt ?? 0;
    expect(world.now() - oldest).toBeGreaterThan(100 * 86_400_000_000);
    const powens = find(world.connectors, (row) => row.provider === "powens").id;
    for (const payment of world.payments) {
      const isDebit = payment.type === "PAYOUT" && payment.connectorID === powens;
      expect([payment.amount < 0n, payment.initialAmount]).toEqual([isDebit, payment.amount]);
      const { sourceAccountID: source, destinationAccountID: destination } = payment;
      const sides = { "PAY-IN": [null, "to"], PAYOUT: ["from", null] }[payment.type];
      expect([source && "from", destination && "to"]).toEqual(sides);
      for (const id of [source, destination]) if (id !== null) expect(world.account(id)?.psuID).toBe(payment.psuID);
    }
    expect(new Set(world.payments.map((row) => row.type))).toEqual(new Set(["PAY-IN", "PAYOUT"]));
    expect(new Set(world.payments.map((row) => row.status))).toEqual(new Set(["SUCCEEDED", "PENDING", "OTHER"]));
  });

  test("has unique ids", () => {
    for (const rows of [world.people, world.attempts, world.accounts, world.payments]) {
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    }
  });
});

test("times are RFC 3339 in UTC, some with microseconds, none with trailing zeros", async () => {
  await using on = await stage();
  const { data } = (await on.get("/accounts?pageSize=100")).body.cursor;
  const times: string[] = data.map((row: { createdAt: string }) => row.createdAt);
  for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z$/);
  expect(times.some((time) => /\.\d{6}Z$/.test(time))).toBe(true);
});

test("a world of a given size is uniform: the same number of everything for each person", () => {
  const world = createWorld({ clock: createManualClock(), size: { people: 20, connectionsEach: 2, accountsEach: 3 } });
  const { people, connections, accounts } = world;
  expect([people.length, connections.length, accounts.length]).toEqual([20, 40, 120]);
  for (const account of accounts) {
    const assets = new Set(world.balances(account.id).map((row) => row.asset));
    expect([1, 2]).toContain(assets.size);
    expect(world.payments.some((row) => row.sourceAccountID === account.id)).toBe(true);
  }
  const times = world.payments.map((row) => row.createdAt);
  expect(times).toEqual([...times].sort((a, b) => b - a));
});
