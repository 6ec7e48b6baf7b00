import { describe, expect, it } from "vitest";
import type { Call } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { graphql } from "../graphql/gql.ts";
import { startTestGateway, type TestGateway, until } from "../support/helpers.ts";

/** 20 PSUs with 2 connections of 3 accounts each: 120 accounts. */
const start = () =>
  startTestGateway({ sandbox: { world: createWorld({ size: { people: 20, connectionsEach: 2, accountsEach: 3 } }) } });

const UsersWithConnections = graphql(`
  query UsersWithConnections {
    paymentServiceUsers(first: 20) { nodes { name connections { status connectionId } } }
  }
`);

const UsersWithAccounts = graphql(`
  query UsersWithAccounts {
    paymentServiceUsers(first: 20) { nodes { name accounts { name connector { name } } } }
  }
`);

const Tree = graphql(`
  query Tree {
    paymentServiceUsers(first: 20) {
      nodes {
        name
        accounts { id }
        connections {
          status
          accounts { id name balances { amount { decimal currency } account { name } } }
        }
      }
    }
  }
`);

const AllAccounts = graphql(`
  query AllAccounts($first: Int!) {
    accounts(first: $first) { nodes { id accountId } }
  }
`);

const Nodes = graphql(`
  query Nodes($ids: [ID!]!) {
    nodes(ids: $ids) { id ... on Account { accountId } }
  }
`);

async function accounts(gateway: TestGateway, first: number) {
  return (await gateway.run(AllAccounts, { first })).accounts.nodes;
}

describe("the fewest calls that the service allows", () => {
  it("reads 20 users with their connections in 21 calls: connections are one call per user", async () => {
    await using gateway = await start();
    const calls = await gateway.calls(async () => {
      const { paymentServiceUsers } = await gateway.run(UsersWithConnections, {});
      expect(paymentServiceUsers.nodes.map(({ connections }) => connections.length)).toEqual(Array(20).fill(2));
    });
    expect(calls).toHaveLength(21);
  });

  it("reads 20 users with their 120 accounts and those's connectors in 3 calls", async () => {
    await using gateway = await start();
    const calls = await gateway.calls(async () => {
      const { paymentServiceUsers } = await gateway.run(UsersWithAccounts, {});
      expect(paymentServiceUsers.nodes.flatMap((user) => user.accounts)).toHaveLength(120);
    });
    expect(calls).toHaveLength(3); // users, and two pages of accounts
  });

  it("reads the accounts of 20 users, two pages of them, in two filters side by side", async () => {
    await using gateway = await start();
    const waiting: Call[] = [];
    const isOfAccounts = (call: Call) => call.path === "/accounts" && waiting.push(call) > 0;
    using _slow = gateway.sandbox.fault(isOfAccounts, { delayMs: 500 });
    const answer = gateway.run(UsersWithAccounts, {});
    let isOver = false;
    void answer.finally(() => {
      isOver = true;
    });
    await until(async () => isOver || waiting.length === 2);
    expect(isOver).toBe(false);
    expect(waiting.map(({ body }) => (body as { $or: unknown[] }).$or.length)).toEqual([10, 10]);
    expect((await answer).paymentServiceUsers.nodes.flatMap((user) => user.accounts)).toHaveLength(120);
  });

  it("reads a user's further pages of accounts, where there are more than fit one", async () => {
    const world = createWorld({ size: { people: 1, connectionsEach: 4, accountsEach: 60 } });
    await using gateway = await startTestGateway({ sandbox: { world } });
    const { paymentServiceUsers } = await gateway.run(Tree, {});
    expect(new Set(paymentServiceUsers.nodes.flatMap((user) => user.accounts.map(({ id }) => id))).size).toBe(240);
  });

  it("reads the whole tree down to the balances in 143 calls, though accounts are selected twice", async () => {
    await using gateway = await start();
    const calls = await gateway.calls(async () => {
      const { paymentServiceUsers } = await gateway.run(Tree, {});
      const found = paymentServiceUsers.nodes.flatMap((user) => user.connections.flatMap((one) => one.accounts));
      expect(new Set(found.map(({ id }) => id)).size).toBe(120);
      expect(found.every(({ balances }) => balances.length > 0)).toBe(true);
    });
    expect(calls).toHaveLength(1 + 20 + 2 + 120);
  });

  it("reads 30 accounts by id in one call, under aliases", async () => {
    await using gateway = await start();
    const ids = (await accounts(gateway, 30)).map(({ id }) => id);
    const fields = ids.map((id, index) => `a${index}: account(id: "${id}") { id }`);
    const calls = await gateway.calls(async () => {
      const { data } = await gateway.send<Record<string, { id: string }>>(`{ ${fields.join("\n")} }`);
      expect(Object.values(data ?? {}).map(({ id }) => id)).toEqual(ids);
    });
    expect(calls).toHaveLength(1);
  });

  it("reads 30 nodes in one call, in their order", async () => {
    await using gateway = await start();
    const ids = (await accounts(gateway, 30)).map(({ id }) => id).reverse();
    const calls = await gateway.calls(async () => {
      const { nodes } = await gateway.run(Nodes, { ids });
      expect(nodes.map((node) => node?.id)).toEqual(ids);
    });
    expect(calls).toHaveLength(1);
  });

  it("splits 100 ids into two filters of 50", async () => {
    await using gateway = await start();
    const ids = (await accounts(gateway, 100)).map(({ id }) => id);
    const calls = await gateway.calls(() => gateway.run(Nodes, { ids }));
    expect(calls.map(({ body }) => (body as { $or: unknown[] }).$or.length)).toEqual([50, 50]);
  });

  it("fetches nothing that is not selected", async () => {
    await using gateway = await start();
    expect(await gateway.calls(() => gateway.send("{ __typename viewer { subject } }"))).toEqual([]);
  });
});
