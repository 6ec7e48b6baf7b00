import { describe, expect, it } from "vitest";
import type { Fault } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { toSchema } from "../../src/schema/index.ts";
import { graphql } from "../graphql/gql.ts";
import type { AccountsWithConnectionQuery } from "../graphql/graphql.ts";
import { startTestGateway, type TestGateway } from "../support/helpers.ts";
import { sendFailing } from "./faults.ts";

const TwoUsers = graphql(`
  query TwoUsers($failing: ID!, $other: ID!) {
    failing: paymentServiceUser(id: $failing) { name connections { connectionId } }
    other: paymentServiceUser(id: $other) { name connections { connectionId } }
  }
`);

const AccountsWithConnection = graphql(`
  query AccountsWithConnection {
    accounts(first: 100) { nodes { accountId connection { connectionId } } }
  }
`);

const ConnectionNodes = graphql(`
  query ConnectionNodes($ids: [ID!]!) {
    nodes(ids: $ids) { id }
  }
`);

const ConnectionIds = graphql(`
  query ConnectionIds($psuId: ID!) {
    paymentServiceUser(id: $psuId) { connections { id } }
  }
`);

const TwoBalances = graphql(`
  query TwoBalances($failing: ID!, $other: ID!) {
    failing: account(id: $failing) { balances { amount { amount } } }
    other: account(id: $other) { balances { amount { amount } } }
  }
`);

describe("one failing key", () => {
  const broken: Fault = { status: 500 };

  /** Two PSUs that have connections, the first of which is to fail. */
  function twoOwners({ sandbox }: TestGateway) {
    const [failing = "", other = ""] = new Set(sandbox.world.connections.map(({ psuID }) => psuID));
    const ownedBy = (psuId: string) => sandbox.world.connections.filter(({ psuID }) => psuID === psuId);
    return { failing, other, ownedBy };
  }

  it("fails its own user's connections: the other user is complete", async () => {
    await using gateway = await startTestGateway();
    const { failing, other, ownedBy } = twoOwners(gateway);
    using _fault = gateway.sandbox.fault(({ path }) => path.includes(`${failing}/connections`), broken);
    const { data, errors } = await sendFailing(gateway, TwoUsers.toString(), { failing, other });
    expect(data).toEqual({
      failing: { name: gateway.sandbox.world.person(failing)?.name, connections: null },
      other: {
        name: gateway.sandbox.world.person(other)?.name,
        connections: expect.arrayContaining(ownedBy(other).map(({ connectionID: connectionId }) => ({ connectionId }))),
      },
    });
    expect(errors).toMatchObject([
      { path: ["failing", "connections"], extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } },
    ]);
  });

  it("fails its own fields in a list: the other rows are complete", async () => {
    const world = createWorld({ size: { people: 3, connectionsEach: 1, accountsEach: 2 } });
    await using gateway = await startTestGateway({ sandbox: { world } });
    const { failing } = twoOwners(gateway);
    using _fault = gateway.sandbox.fault(({ path }) => path.includes(`${failing}/connections`), broken);
    const { data, errors } = await gateway.send<AccountsWithConnectionQuery>(AccountsWithConnection.toString());
    const isFailing = world.accounts.map(({ psuID }) => psuID === failing);
    expect(isFailing.filter(Boolean)).toHaveLength(2);
    expect(data?.accounts.nodes).toEqual(
      world.accounts.map(({ id, connectionID }, at) => ({
        accountId: id,
        connection: isFailing[at] ? null : { connectionId: connectionID },
      })),
    );
    const failed = isFailing.flatMap((fails, at) => (fails ? [["accounts", "nodes", at, "connection"]] : []));
    expect(errors.map(({ path }) => path)).toEqual(failed);
  });

  it("fails one of `nodes`: the other keeps its index", async () => {
    await using gateway = await startTestGateway();
    const { failing, other } = twoOwners(gateway);
    const idOf = async (psuId: string) =>
      (await gateway.run(ConnectionIds, { psuId })).paymentServiceUser?.connections[0]?.id ?? "";
    const ids = [await idOf(failing), await idOf(other)];
    using _fault = gateway.sandbox.fault(({ path }) => path.includes(`${failing}/connections`), broken);
    const { data, errors } = await sendFailing(gateway, ConnectionNodes.toString(), { ids });
    expect(data).toEqual({ nodes: [null, { id: ids[1] }] });
    expect(errors).toMatchObject([{ path: ["nodes", 0], extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
  });

  it("fails its own account's balances", async () => {
    await using gateway = await startTestGateway();
    const { world } = gateway.sandbox;
    const [failing, other] = world.accounts.filter(({ id }) => world.balances(id).length > 0).map(({ id }) => id);
    using _fault = gateway.sandbox.fault(({ path }) => path.includes(`${failing}/balances`), broken);
    const { data, errors } = await sendFailing(gateway, TwoBalances.toString(), { failing, other });
    const amount = String(world.balances(other ?? "")[0]?.amount);
    expect(data).toMatchObject({
      failing: { balances: null },
      other: { balances: expect.arrayContaining([{ amount: { amount } }]) },
    });
    expect(errors).toMatchObject([
      { path: ["failing", "balances"], extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } },
    ]);
  });
});

it("an operation that has failed as a whole makes no further calls", async () => {
  await using gateway = await startTestGateway({ guards: { schema: toSchema({ federation: true }) } });
  using _slow = gateway.sandbox.fault(() => true, { delayMs: 100 });
  // The one field that may not be null: its type is Apollo's.
  const representations = Array.from({ length: 301 }, () => ({}));
  const document = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { __typename }
    paymentServiceUsers(first: 10) { nodes { connections { accounts { balances { createdAt } } } } }
  }`;
  const calls = await gateway.calls(async () => {
    const { data, errors } = await gateway.send(document, { representations });
    expect([data, errors.map(({ extensions }) => extensions.code)]).toEqual([null, ["BAD_USER_INPUT"]]);
    await new Promise((resolve) => setTimeout(resolve, 1000)); // in which it would make forty
  });
  expect(calls.length).toBeLessThan(3);
});
