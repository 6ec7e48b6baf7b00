import { describe, expect, it } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import type { Viewer } from "../../src/auth/viewer.ts";
import type { Context } from "../../src/schema/context.ts";
import { loadPage } from "../../src/schema/pagination.ts";
import { graphql } from "../graphql/gql.ts";
import { createTestGateway, operator, psuViewer, startTestGateway, type TestGateway } from "../support/helpers.ts";
import { accountGlobalId, firstOf, psuGlobalId } from "./global-ids.ts";

const secret = "a secret that all replicas share";
const start = () =>
  startTestGateway({
    sandbox: { world: createWorld({ size: { people: 3, connectionsEach: 3, accountsEach: 10 } }) },
    cursorSecrets: [secret],
  });

const AccountCursors = graphql(`
  query AccountCursors($first: Int, $after: String, $filter: AccountFilter) {
    accounts(first: $first, after: $after, filter: $filter) { edges { cursor } nodes { accountId } }
  }
`);

type Lists = Readonly<Record<string, string>>;

/** Selections of one page each, with `$after` inside, by name: no two of them take each other's cursors. */
function listsOf(gateway: TestGateway): Lists {
  const { people, accounts } = gateway.sandbox.world;
  const [first, second] = people.map(({ id }) => psuGlobalId(id));
  const account = accountGlobalId(firstOf(accounts, ({ psuID }) => psuID === people[0]?.id).id);
  const other = accountGlobalId(firstOf(accounts, ({ psuID }) => psuID === people[1]?.id).id);
  const rest = "first: 2, after: $after";
  const edges = "{ edges { cursor } }";
  return {
    users: `paymentServiceUsers(${rest}) ${edges}`,
    "users by id": `paymentServiceUsers(${rest}, filter: { ids: ["${first}", "${second}"] }) ${edges}`,
    connectors: `connectors(${rest}) ${edges}`,
    accounts: `accounts(${rest}) ${edges}`,
    "accounts by name": `accounts(${rest}, filter: { name: "Account 1" }) ${edges}`,
    "accounts of a PSU": `accounts(${rest}, filter: { psuId: "${first}" }) ${edges}`,
    "accounts of another PSU": `accounts(${rest}, filter: { psuId: "${second}" }) ${edges}`,
    payments: `payments(${rest}) ${edges}`,
    "payments by PSU": `payments(${rest}, filter: { psuId: "${first}" }) ${edges}`,
    "payments by account": `payments(${rest}, filter: { accountId: "${account}" }) ${edges}`,
    "payments of a PSU": `paymentServiceUser(id: "${first}") { payments(${rest}) ${edges} }`,
    "payments of another PSU": `paymentServiceUser(id: "${second}") { payments(${rest}) ${edges} }`,
    "payments of an account": `account(id: "${account}") { payments(${rest}) ${edges} }`,
    history: `account(id: "${account}") { balanceHistory(${rest}) ${edges} }`,
    "history of an asset": `account(id: "${account}") { balanceHistory(${rest}, asset: "EUR/2") ${edges} }`,
    "history of another account": `account(id: "${other}") { balanceHistory(${rest}) ${edges} }`,
  };
}

const toDocument = (list: string) => `query ($after: String) { ${list} }`;

/** The first cursor anywhere in an answer. */
function cursorIn(value: unknown): string {
  const found = /"cursor":"([^"]+)"/.exec(JSON.stringify(value))?.[1];
  if (found === undefined) throw new Error("The answer holds no cursor.");
  return found;
}

async function cursorOf(gateway: TestGateway, list: string): Promise<string> {
  return cursorIn((await gateway.send(toDocument(list))).data);
}

/** What a list says to a cursor, and which calls it made to say it. */
async function offer(gateway: TestGateway, list: string, after: string) {
  let codes: unknown[] = [];
  const calls = await gateway.calls(async () => {
    const { errors } = await gateway.send(toDocument(list), { after });
    codes = errors.map(({ extensions }) => [extensions.code, extensions["field"]]);
  });
  return { codes, calls: calls.map(({ path }) => path) };
}

const accountsList = "accounts(first: 2, after: $after) { edges { cursor } }";
const refused = { codes: [["BAD_USER_INPUT", "after"]], calls: [] };

describe("a cursor", () => {
  it("shows nothing of the upstream's cursor, the filter or the rows", async () => {
    await using gateway = await start();
    const { world } = gateway.sandbox;
    const psuId = firstOf(world.people).id;
    const variables = { first: 40, filter: { psuId: psuGlobalId(psuId), name: "Account 1" } };
    const cursors = [
      ...(await gateway.run(AccountCursors, variables)).accounts.edges,
      ...(await gateway.run(AccountCursors, { first: 40 })).accounts.edges,
    ].map(({ cursor }) => cursor);
    expect(cursors.length).toBeGreaterThan(40);
    const upstream = Buffer.from(JSON.stringify({ offset: 40, order: 0 }))
      .toString("base64url")
      .slice(0, 8);
    const traces = [psuId, "psu_id", "Account 1", "$match", "offset", "pageSize", "filters", "operator", upstream];
    for (const cursor of cursors) {
      expect(cursor).toMatch(/^[\w-]+$/);
      const inside = Buffer.from(cursor, "base64url");
      const texts = [
        cursor,
        inside.toString("latin1"),
        Buffer.from(inside.toString("latin1"), "base64url").toString("latin1"),
      ];
      for (const text of texts) expect(traces.filter((trace) => text.includes(trace))).toEqual([]);
    }
  });

  it("opens at another gateway that has the same secret", async () => {
    await using gateway = await start();
    await using replica = createTestGateway(gateway.sandbox, { cursorSecrets: [secret] });
    const after = await cursorOf(gateway, accountsList);
    const expected = await gateway.run(AccountCursors, { first: 5, after });
    expect(expected.accounts.nodes).toHaveLength(5);
    expect(await replica.run(AccountCursors, { first: 5, after })).toEqual(expected);
  });

  it("outlives its secret's replacement in three steps, at whichever replica its next page is read", async () => {
    const [old, fresh] = [secret, "the secret that takes its place, as long"];
    const steps = [[old], [old, fresh], [fresh, old], [fresh]] as const;
    await using first = await start();
    for (const [at, before] of steps.entries()) {
      const after = steps[at + 1];
      if (after === undefined) break;
      // While a step is taken, replicas of both sides of it run, and clients hold cursors of either.
      await using behind = createTestGateway(first.sandbox, { cursorSecrets: before });
      await using ahead = createTestGateway(first.sandbox, { cursorSecrets: after });
      for (const [one, other] of [
        [behind, ahead],
        [ahead, behind],
      ] as const) {
        const cursor = await cursorOf(one, accountsList);
        expect((await offer(other, accountsList, cursor)).codes).toEqual([]);
      }
    }
  });

  it("is sealed by the first secret alone, and opened by each", async () => {
    const other = "the secret that takes its place, as long";
    await using gateway = await start();
    await using rotated = createTestGateway(gateway.sandbox, { cursorSecrets: [other, secret] });
    expect(await offer(rotated, accountsList, await cursorOf(gateway, accountsList))).toMatchObject({ codes: [] });
    expect(await offer(gateway, accountsList, await cursorOf(rotated, accountsList))).toEqual(refused);
  });

  it("is refused by a gateway that has another secret, or none", async () => {
    await using gateway = await start();
    const after = await cursorOf(gateway, accountsList);
    await using stranger = createTestGateway(gateway.sandbox, { cursorSecrets: [`${secret}?`] });
    await using restarted = createTestGateway(gateway.sandbox);
    expect(await offer(stranger, accountsList, after)).toEqual(refused);
    expect(await offer(restarted, accountsList, after)).toEqual(refused);
  });

  it("is refused when any of its characters is another, left out or added", async () => {
    await using gateway = await start();
    const after = await cursorOf(gateway, accountsList);
    expect(await offer(gateway, accountsList, after)).toEqual({ codes: [], calls: ["/accounts"] });
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const changed = Array.from(after, (character, at) => {
      // One bit of the six that the character stands for.
      const other = alphabet[alphabet.indexOf(character) ^ (1 << (at % 6))];
      return after.slice(0, at) + other + after.slice(at + 1);
    });
    // The spare bits of the last character, too.
    const ends = Array.from(alphabet, (character) => after.slice(0, -1) + character).filter((text) => text !== after);
    const cut = Array.from(after, (_character, at) => after.slice(0, at));
    const added = [`${after}A`, `${after}=`, `${after} `, ` ${after}`, `${after}\n`, after + after];
    for (const forged of [...changed, ...ends, ...cut, ...added]) {
      expect([forged, await offer(gateway, accountsList, forged)]).toEqual([forged, refused]);
    }
  });

  it("is refused when it was never sealed", async () => {
    await using gateway = await start();
    const upstream = Buffer.from(JSON.stringify({ offset: 0, order: 0, pageSize: 100, filters: null })).toString(
      "base64url",
    );
    const forgeries = [
      "",
      " ",
      "nonsense",
      "é",
      upstream,
      Buffer.from("[15,2]").toString("base64url"),
      "A".repeat(10_000),
    ];
    for (const forged of forgeries) {
      expect([forged, await offer(gateway, accountsList, forged)]).toEqual([forged, refused]);
    }
  });

  it("is taken by its own list and by no other: field, filter and what the list hangs from must be the same", async () => {
    await using gateway = await start();
    const lists = listsOf(gateway);
    for (const [name, list] of Object.entries(lists)) {
      const after = await cursorOf(gateway, list);
      for (const [otherName, other] of Object.entries(lists)) {
        const { codes, calls } = await offer(gateway, other, after);
        const isNested = /^(account|paymentServiceUser)\(/.test(other);
        if (otherName === name) {
          expect([name, codes, calls.length]).toEqual([name, [], isNested ? 2 : 1]);
        } else {
          expect([name, otherName, codes]).toEqual([name, otherName, [["BAD_USER_INPUT", "after"]]]);
          // The parent of the list is read before; the list itself is not.
          expect(calls).toHaveLength(isNested ? 1 : 0);
        }
      }
    }
  });

  it("is taken from its own viewer only", async () => {
    await using gateway = await start();
    const { sandbox } = gateway;
    const [first = "", second = ""] = sandbox.world.people.map(({ id }) => id);
    const viewers: readonly Viewer[] = [
      operator,
      { ...operator, subject: "another operator" },
      { ...operator, subject: null },
      psuViewer(first),
      psuViewer(second),
      { ...psuViewer(first), subject: psuViewer(second).subject },
    ];
    // Accounts are narrowed to a PSU anyway; the connectors are the same for all.
    const lists = [accountsList, "connectors(first: 1, after: $after) { edges { cursor } }"];
    for (const list of lists) {
      for (const owner of viewers) {
        await using own = createTestGateway(sandbox, { viewer: owner, cursorSecrets: [secret] });
        const after = await cursorOf(own, list);
        for (const viewer of viewers) {
          await using gateway = createTestGateway(sandbox, { viewer, cursorSecrets: [secret] });
          const expected = viewer === owner ? [] : refused.codes;
          expect([list, owner, viewer, (await offer(gateway, list, after)).codes]).toEqual([
            list,
            owner,
            viewer,
            expected,
          ]);
          if (viewer !== owner) expect((await offer(gateway, list, after)).calls).toEqual([]);
        }
      }
    }
  });

  it("goes on behind its row in the same list, also when the page's size is another", async () => {
    await using gateway = await start();
    const { accounts } = gateway.sandbox.world;
    const filter = { name: "Account 2" };
    const named = accounts.filter(({ name }) => name === "Account 2").map(({ id }) => ({ accountId: id }));
    const { edges } = (await gateway.run(AccountCursors, { first: 3, filter })).accounts;
    for (const [at, { cursor }] of edges.entries()) {
      const { nodes } = (await gateway.run(AccountCursors, { first: 4, filter, after: cursor })).accounts;
      expect(nodes).toEqual(named.slice(at + 1, at + 5));
    }
    expect(edges).toHaveLength(3);
  });

  it("is as long for a long filter: it is bound to a hash of it", async () => {
    await using gateway = await start();
    const [{ psuID, metadata } = { psuID: null, metadata: {} }] = gateway.sandbox.world.accounts;
    const bindings: string[] = [];
    const { viewer, upstream } = { viewer: operator, upstream: gateway.upstream.within({}) };
    const cursors = { seal: (_text: string, binding: string) => bindings.push(binding) && "cursor", open: () => null };
    const context = { viewer, upstream, cursors } as unknown as Context;
    const filters = [{ psuID, metadata }, { reference: "x".repeat(20_000) }, { reference: "x".repeat(20_001) }];
    for (const filter of filters) {
      const page = await loadPage(context, ["accounts", filter], { first: 1 }, (request) => upstream.accounts(request));
      expect(page.pageInfo.endCursor).toBe("cursor");
      expect(page.edges.map(({ cursor }) => cursor)).toEqual(["cursor"]);
    }
    expect(bindings).toHaveLength(6);
    expect(new Set(bindings).size).toBe(3);
    expect(bindings.map((binding) => binding.length)).toEqual(Array(6).fill(43));
  });
});
