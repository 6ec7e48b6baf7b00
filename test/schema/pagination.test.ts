import { describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import { toTimestamp } from "../../sandbox/time.ts";
import { createWorld, type World } from "../../sandbox/world.ts";
import { graphql } from "../graphql/gql.ts";
import { startTestGateway, type TestGateway } from "../support/helpers.ts";
import { accountGlobalId, connectorGlobalId, firstOf, psuGlobalId } from "./global-ids.ts";

const PageOfUsers = graphql(`
  query PageOfUsers($first: Int, $after: String) {
    paymentServiceUsers(first: $first, after: $after) {
      edges { cursor node { key: psuId } }
      nodes { key: psuId }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

const PageOfAccounts = graphql(`
  query PageOfAccounts($first: Int, $after: String) {
    accounts(first: $first, after: $after) {
      edges { cursor node { key: accountId } }
      nodes { key: accountId }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

const PageOfPayments = graphql(`
  query PageOfPayments($first: Int, $after: String) {
    payments(first: $first, after: $after) {
      edges { cursor node { key: paymentId } }
      nodes { key: paymentId }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

const PageOfAttempts = graphql(`
  query PageOfAttempts($first: Int, $after: String, $psu: ID!, $connector: ID!) {
    paymentServiceUser(id: $psu) {
      linkAttempts(connectorId: $connector, statuses: [PENDING], first: $first, after: $after) {
        edges { cursor node { key: attemptId } }
        nodes { key: attemptId }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
`);

const PageOfHistory = graphql(`
  query PageOfHistory($first: Int, $after: String, $account: ID!) {
    account(id: $account) {
      balanceHistory(first: $first, after: $after) {
        edges { cursor node { key: createdAt } }
        nodes { key: createdAt }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
`);

const PageOfConnectors = graphql(`
  query PageOfConnectors($first: Int, $after: String, $name: String) {
    connectors(first: $first, after: $after, filter: { name: $name }) {
      edges { cursor node { key: connectorId } }
      nodes { key: connectorId }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

type Page = {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly key: string } }[];
  readonly nodes: readonly { readonly key: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor?: string | null;
    readonly endCursor?: string | null;
  };
};
type Read = (gateway: TestGateway, first: number, after: string | null) => Promise<Page>;

/** A regular world of `people` accounts, and of twice as many payments. */
const worldOf = (people: number) => createWorld({ size: { people, connectionsEach: 1, accountsEach: 1 } });
const start = (people: number) => startTestGateway({ sandbox: { world: worldOf(people) } });

const readUsers: Read = async (gateway, first, after) =>
  (await gateway.run(PageOfUsers, { first, after })).paymentServiceUsers;
const readAccounts: Read = async (gateway, first, after) =>
  (await gateway.run(PageOfAccounts, { first, after })).accounts;
const readPayments: Read = async (gateway, first, after) =>
  (await gateway.run(PageOfPayments, { first, after })).payments;

/** 120 attempts of one PSU at one connector. */
function worldOfAttempts(): World {
  const world = createWorld({ clock: createManualClock(), size: { people: 2, connectionsEach: 1, accountsEach: 1 } });
  const connector = firstOf(world.connectors, ({ provider }) => provider === "powens");
  for (const person of world.people) {
    for (let at = 0; at < 120; at++) {
      const owner = { psuID: person.id, connectorID: connector.id };
      world.links.create({ ...owner, key: null, applicationName: "", clientRedirectURL: "https://app.example.com/" });
    }
  }
  return world;
}
const readAttempts: Read = async (gateway, first, after) => {
  const { people, connectors } = gateway.sandbox.world;
  const connector = connectorGlobalId(firstOf(connectors, ({ provider }) => provider === "powens").id);
  const psu = psuGlobalId(firstOf(people).id);
  const { paymentServiceUser } = await gateway.run(PageOfAttempts, { first, after, psu, connector });
  return firstOf([paymentServiceUser].filter((found) => found != null)).linkAttempts;
};

/** The account with the longest history. */
const longest = (world: World) =>
  firstOf(world.accounts.toSorted((a, b) => world.balances(b.id).length - world.balances(a.id).length)).id;
const readHistory: Read = async (gateway, first, after) => {
  const id = longest(gateway.sandbox.world);
  const { account } = await gateway.run(PageOfHistory, { first, after, account: accountGlobalId(id) });
  return firstOf([account].filter((found) => found != null)).balanceHistory;
};

/** Every page from the beginning, `first` taken from `sizes` one by one. */
async function walk(gateway: TestGateway, read: Read, sizes: readonly number[]): Promise<Page[]> {
  const pages: Page[] = [];
  for (let after: string | null = null; ; ) {
    const page = await read(gateway, sizes[pages.length % sizes.length] ?? 1, after);
    pages.push(page);
    if (!page.pageInfo.hasNextPage) return pages;
    after = page.pageInfo.endCursor ?? null;
    if (pages.length > 1000) throw new Error("The list does not end.");
  }
}

const keysOf = (page: Page) => page.edges.map(({ node }) => node.key);

describe("a list", () => {
  const lists: readonly (readonly [string, Read, () => World, (world: World) => readonly string[]])[] = [
    ["users", readUsers, () => worldOf(130), ({ people }) => people.map(({ id }) => id)],
    ["accounts", readAccounts, () => worldOf(130), ({ accounts }) => accounts.map(({ id }) => id)],
    ["payments", readPayments, () => worldOf(65), ({ payments }) => payments.map(({ id }) => id)],
    [
      "link attempts",
      readAttempts,
      worldOfAttempts,
      ({ attempts, people }) => attempts.filter(({ psuID }) => psuID === people[0]?.id).map(({ id }) => id),
    ],
    [
      "a balance history",
      readHistory,
      () => createWorld({ clock: createManualClock() }),
      (world) => world.balances(longest(world)).map(({ createdAt }) => toTimestamp(createdAt)),
    ],
  ];

  it.each(lists)(
    "of %s gives each row exactly once and in order, whatever the size of its pages",
    async (_of, read, make, expected) => {
      const world = make();
      await using gateway = await startTestGateway({ sandbox: { world } });
      const rows = expected(world);
      expect(rows.length).toBeGreaterThan(100);
      const whole = (await walk(gateway, read, [100])).flatMap(keysOf);
      expect(whole).toEqual(rows);
      for (const sizes of [[1], [7], [10], [15], [16], [30], [64], [100], [1, 100, 3, 40, 15, 2]]) {
        expect((await walk(gateway, read, sizes)).flatMap(keysOf)).toEqual(whole);
      }
    },
  );

  it("can be resumed behind every row, with any size of page", async () => {
    await using gateway = await start(130);
    const rows = gateway.sandbox.world.accounts.map(({ id }) => id);
    for (const size of [100, 7]) {
      const edges = (await walk(gateway, readAccounts, [size])).flatMap((page) => page.edges);
      for (const [at, { cursor }] of edges.entries()) {
        const first = ((at * 37) % 100) + 1;
        const page = await readAccounts(gateway, first, cursor);
        expect(keysOf(page)).toEqual(rows.slice(at + 1, at + 1 + first));
        expect(page.pageInfo).toMatchObject({ hasNextPage: at + 1 + first < 130, hasPreviousPage: true });
      }
    }
  }, 60_000);

  it("says on each page where that stands", async () => {
    await using gateway = await start(40);
    const pages = await walk(gateway, readAccounts, [15]);
    expect(pages.map(({ edges }) => edges.length)).toEqual([15, 15, 10]);
    for (const [at, { edges, nodes, pageInfo }] of pages.entries()) {
      expect(nodes).toEqual(edges.map(({ node }) => node));
      expect(pageInfo).toEqual({
        hasNextPage: at < 2,
        hasPreviousPage: at > 0,
        startCursor: edges[0]?.cursor,
        endCursor: edges.at(-1)?.cursor,
      });
    }
    const cursors = pages.flatMap(({ edges }) => edges.map(({ cursor }) => cursor));
    expect(new Set(cursors).size).toBe(40);
  });

  it.each([
    [30, 15],
    [30, 10],
    [30, 30],
    [100, 100],
    [100, 50],
    [15, 15],
    [15, 5],
    [1, 1],
  ])("of %i rows ends with a full page of %i, and not with an empty one", async (rows, first) => {
    await using gateway = await start(rows);
    const pages = await walk(gateway, readAccounts, [first]);
    expect(pages.map(({ edges }) => edges.length)).toEqual(Array(rows / first).fill(first));
    const end = firstOf(pages.slice(-1)).pageInfo.endCursor ?? "";
    expect(await readAccounts(gateway, first, end)).toEqual({
      edges: [],
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  it("without rows is one empty page", async () => {
    await using gateway = await start(1);
    const { connectors } = await gateway.run(PageOfConnectors, { first: 15, name: "no such connector" });
    expect(connectors).toEqual({
      edges: [],
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  it("keeps a row's cursor from page to page", async () => {
    await using gateway = await start(20);
    const [once, again] = [await readAccounts(gateway, 20, null), await readAccounts(gateway, 20, null)];
    expect(once).toEqual(again);
  });

  const TwoPages = graphql(`
    query TwoPages($after: String) {
      head: accounts(first: 2) { nodes { accountId } }
      rest: accounts(first: 3, after: $after) { nodes { accountId } }
      payments(first: 1) { nodes { paymentId } }
      none: payments(first: 1, filter: { statuses: [EXPIRED] }) { nodes { paymentId } }
    }
  `);

  it("can be read twice in one operation, each time by its own arguments", async () => {
    await using gateway = await start(20);
    const { accounts, payments } = gateway.sandbox.world;
    const after = (await readAccounts(gateway, 5, null)).pageInfo.endCursor ?? null;
    const calls = await gateway.calls(async () => {
      const pages = await gateway.run(TwoPages, { after });
      expect(pages.head.nodes).toEqual(accounts.slice(0, 2).map(({ id }) => ({ accountId: id })));
      expect(pages.rest.nodes).toEqual(accounts.slice(5, 8).map(({ id }) => ({ accountId: id })));
      expect(pages.payments.nodes).toEqual([{ paymentId: payments[0]?.id }]);
      expect(pages.none.nodes).toEqual([]);
    });
    expect(calls).toHaveLength(3); // the two pages of accounts begin in the same page of the service
  });
});

describe("a page costs", () => {
  /** The calls of each page of a walk. */
  async function costs(gateway: TestGateway, read: Read, sizes: readonly number[]): Promise<number[]> {
    const counts: number[] = [];
    await walk(
      gateway,
      async (...args) => {
        let page: Page | undefined;
        counts.push(
          (
            await gateway.calls(async () => {
              page = await read(...args);
            })
          ).length,
        );
        return firstOf([page].filter((found) => found !== undefined));
      },
      sizes,
    );
    return counts;
  }

  it("one call when its size stays the same from the first page on", async () => {
    await using gateway = await start(130);
    expect(await costs(gateway, readAccounts, [50])).toEqual([1, 1, 1]);
    expect(await costs(gateway, readAccounts, [100])).toEqual([1, 1]);
    expect(await costs(gateway, readAccounts, [15])).toEqual(Array(9).fill(1));
    expect(await costs(gateway, readAccounts, [5])).toEqual(Array(26).fill(1));
  });

  it("one more where it crosses the upstream's page of 15", async () => {
    await using gateway = await start(30);
    expect(await costs(gateway, readAccounts, [10])).toEqual([1, 2, 1]);
  });

  it("the calls of the first page's size: seven, when one of 100 follows one of a single row", async () => {
    await using gateway = await start(130);
    expect(await costs(gateway, readAccounts, [1, 100, 100])).toEqual([1, 7, 3]);
  });

  it("requests no more than 100 rows from the service and no fewer than 15", async () => {
    await using gateway = await start(130);
    const sizes = async (first: number) =>
      (await gateway.calls(() => readAccounts(gateway, first, null))).map(({ query }) => query["pageSize"]);
    expect([await sizes(1), await sizes(15), await sizes(16), await sizes(100)]).toEqual([
      ["15"],
      ["15"],
      ["16"],
      ["100"],
    ]);
  });
});
