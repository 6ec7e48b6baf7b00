import { describe, expect, it } from "vitest";
import type { Call } from "../../../sandbox/server.ts";
import { createWorld, type World } from "../../../sandbox/world.ts";
import { accountGlobalId, connectionGlobalId, firstOf, psuGlobalId } from "../../schema/global-ids.ts";
import { operator, psuViewer, startTestGateway, type TestGatewayOptions, until } from "../../support/helpers.ts";
import { page } from "../stack.ts";

const connectors = "{ connectors { nodes { name } } }";
const users = "{ paymentServiceUsers { nodes { name } } }";
const nothing = page([]);

/** A gateway with two PSUs. The bearer token is the PSU's id; without one the viewer is an operator. */
async function start(options: TestGatewayOptions = {}) {
  const world = createWorld({ size: { people: 2, connectionsEach: 1, accountsEach: 2 } });
  const gateway = await startTestGateway({
    ...options,
    sandbox: { world },
    authenticate: async (token) => (token === null ? operator : psuViewer(token)),
  });
  await gateway.send(connectors); // so that there is a token
  gateway.sandbox.clearCalls();
  const callsOf = (path: string) => gateway.sandbox.calls.filter((call) => call.path === path).length;
  /** As a PSU, or as an operator. */
  async function send(query: string, psuId: string | null = null, signal?: AbortSignal) {
    const response = await gateway.fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", ...(psuId !== null && { authorization: psuId }) },
      body: JSON.stringify({ query }),
      ...(signal && { signal }),
    });
    return (await response.json()) as { data: Record<string, unknown>; errors?: { extensions: { code: string } }[] };
  }

  return {
    ...{ world, gateway, callsOf, send },
    /** Sends a query, and cancels it when disposed. */
    sendInBackground(query: string) {
      const client = new AbortController();
      const isOver = watch(send(query, null, client.signal));
      return { isOver, [Symbol.dispose]: () => client.abort() };
    },
    /** Resolves when so many calls of this path have been received. */
    waitForCalls: (path: string, count: number) => until(async () => callsOf(path) >= count),
    /** Delays only the next call of this path, with a response of its own if one is given. */
    delayNext(path: string, delayMs: number, response: { readonly status?: number; readonly body?: string } = {}) {
      let isPending = true;
      const matches = (call: Call) => {
        const isNext = isPending && call.method === "GET" && call.path === path;
        if (isNext) isPending = false;
        return isNext;
      };
      return gateway.sandbox.fault(matches, { delayMs, ...response });
    },
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

const ownersOf = ({ people }: World) => people.map(({ id }) => id) as [string, string];

/** Whether it has settled. */
function watch(work: Promise<unknown>): () => boolean {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  return () => isOver;
}

describe("identical reads at the same moment", () => {
  it("are one call for two users; both get its data, and it counts for the first one only", async () => {
    await using stage = await start();
    const [ada, bob] = ownersOf(stage.world);
    using _slow = stage.delayNext("/connectors", 400);
    const first = stage.send(connectors, ada);
    await stage.waitForCalls("/connectors", 1);
    const second = stage.send(connectors, bob);
    const answers = await Promise.all([first, second]);
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ data: { connectors: { nodes: stage.world.connectors.map(() => ({})) } } });
    expect(stage.callsOf("/connectors")).toBe(1);
    const operations = stage.gateway.lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "operation");
    expect(
      operations
        .slice(-2)
        .map(({ upstreamCalls }) => upstreamCalls)
        .toSorted(),
    ).toEqual([0, 1]);
  });

  it("are separate calls where filters or sizes differ", async () => {
    await using stage = await start();
    const of = (args: string) => `{ connectors(${args}) { nodes { provider } } }`;
    using _slow = stage.gateway.sandbox.fault(() => true, { delayMs: 100 });
    const [plaid, tink] = await Promise.all([
      stage.send(of('filter: { provider: "plaid" }')),
      stage.send(of('filter: { provider: "tink" }')),
      stage.send(of("first: 20")),
    ]);
    expect(plaid.data).toEqual({ connectors: { nodes: [{ provider: "plaid" }] } });
    expect(tink.data).toEqual({ connectors: { nodes: [{ provider: "tink" }] } });
    expect(stage.callsOf("/connectors")).toBe(3);
  });

  it("fail together, after one call, when the stack fails", async () => {
    await using stage = await start();
    using _broken = stage.delayNext("/connectors", 400, { status: 500, body: "" });
    const first = stage.send(connectors);
    await stage.waitForCalls("/connectors", 1);
    const answers = await Promise.all([first, stage.send(connectors)]);
    for (const { errors } of answers) {
      expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
    }
    expect(stage.callsOf("/connectors")).toBe(1);
  });

  it("show each caller only what it may see: authorization applies to shared data", async () => {
    await using stage = await start();
    const [ada, bob] = ownersOf(stage.world);
    const account = firstOf(stage.world.accounts, ({ psuID }) => psuID === bob);
    const query = `{
      paymentServiceUser(id: "${psuGlobalId(bob)}") { name connections { id } accounts { id } }
      account(id: "${accountGlobalId(account.id)}") { id balances { createdAt } }
      accounts(filter: { psuId: "${bob}" }) { nodes { id } }
    }`;
    using _slow = stage.gateway.sandbox.fault(() => true, { delayMs: 100 });
    const [all, own, none] = await Promise.all([stage.send(query), stage.send(query, bob), stage.send(query, ada)]);
    expect(none.data).toEqual({ paymentServiceUser: null, account: null, accounts: { nodes: [] } });
    expect(own).toEqual(all);
    expect(all.data).toMatchObject({ paymentServiceUser: { accounts: [{}, {}] }, accounts: { nodes: [{}, {}] } });
    // The operator and Bob shared their identical reads.
    expect(stage.callsOf(`/payment-service-users/${bob}/connections`)).toBe(1);
  });
});

describe("a follower of a read", () => {
  it("sends the read again when the operation that it followed is cancelled", async () => {
    await using stage = await start();
    using _hanging = stage.delayNext("/connectors", 3000);
    const client = new AbortController();
    const cancelled = stage.send(connectors, null, client.signal);
    await stage.waitForCalls("/connectors", 1);
    const follower = stage.send(`{ accounts { nodes { id } } ${connectors.slice(1)}`);
    await stage.waitForCalls("/accounts", 1); // and so it follows the read
    client.abort();
    await expect(cancelled).rejects.toThrow("aborted");
    expect(await follower).not.toHaveProperty("errors");
    expect(stage.callsOf("/connectors")).toBe(2);
  });

  it("sends the read again when the operation that it followed times out", async () => {
    await using stage = await start();
    using _hanging = stage.delayNext("/connectors", 3000);
    const shares = () => true;
    const first = stage.gateway.upstream.within({ timeoutMs: 700, shares }).connectors({ pageSize: 15 });
    const isOver = watch(first);
    await stage.waitForCalls("/connectors", 1);
    const second = stage.send(`{ accounts { nodes { id } } ${connectors.slice(1)}`);
    await stage.waitForCalls("/accounts", 1);
    expect([isOver(), stage.callsOf("/connectors")]).toEqual([false, 1]);
    await expect(first).rejects.toMatchObject({ kind: "timeout" });
    expect(await second).not.toHaveProperty("errors");
    expect(stage.callsOf("/connectors")).toBe(2);
  });

  it("can be cancelled without effect on the read", async () => {
    await using stage = await start();
    using _slow = stage.delayNext("/connectors", 700);
    const first = stage.send(connectors);
    const isOver = watch(first);
    await stage.waitForCalls("/connectors", 1);
    const client = new AbortController();
    const second = stage.send(`{ accounts { nodes { id } } ${connectors.slice(1)}`, null, client.signal);
    await stage.waitForCalls("/accounts", 1);
    client.abort();
    await expect(second).rejects.toThrow("aborted");
    expect(isOver()).toBe(false);
    expect(await first).not.toHaveProperty("errors");
    expect(stage.callsOf("/connectors")).toBe(1);
  });
});

describe("a read that may be older than what its client knows is not followed", () => {
  const create = 'mutation { createPaymentServiceUser(input: { name: "Ada New" }) { __typename } }';
  const isNew = { paymentServiceUsers: { nodes: expect.arrayContaining([{ name: "Ada New" }]) } };

  it("after a write: clients read their own writes while an older read hangs", async () => {
    await using stage = await start();
    using _old = stage.delayNext("/payment-service-users", 10_000, nothing);
    using older = stage.sendInBackground(users);
    await stage.waitForCalls("/payment-service-users", 1);
    await stage.send(create);
    expect((await stage.send(users)).data).toEqual(isNew);
    expect(older.isOver()).toBe(false);
  });

  it("after a write during which it began", async () => {
    await using stage = await start();
    using _slow = stage.gateway.sandbox.fault(({ method }) => method === "POST", { delayMs: 700 });
    const writing = stage.send(create);
    await stage.waitForCalls("/payment-service-users", 1);
    using _old = stage.delayNext("/payment-service-users", 10_000, nothing);
    using older = stage.sendInBackground(users);
    await stage.waitForCalls("/payment-service-users", 2);
    await writing;
    expect((await stage.send(users)).data).toEqual(isNew);
    expect(older.isOver()).toBe(false);
  });

  it("after a live message, and refreshes do not follow reads: each one is a call of its own", async () => {
    await using stage = await start();
    const [ada] = ownersOf(stage.world);
    const path = `/payment-service-users/${ada}/connections`;
    const query = `{ paymentServiceUser(id: "${ada}") { connections { status } } }`;
    using _old = stage.delayNext(path, 10_000, nothing);
    using older = stage.sendInBackground(query);
    await stage.waitForCalls(path, 1);
    await using stream = stage.gateway.subscribe(`subscription { connectionChanged(psuId: "${ada}") { kind } }`, {});
    expect(await stream.first(1)).toEqual([{ connectionChanged: { kind: "CURRENT" } }]);
    expect((await stage.send(query)).data).toEqual({ paymentServiceUser: { connections: [{ status: "ACTIVE" }] } });
    expect(older.isOver()).toBe(false);
  });

  it("before a write: a mutation reads what it depends on by calls of its own", async () => {
    await using stage = await start();
    const connection = firstOf(stage.world.connections);
    const path = `/payment-service-users/${connection.psuID}/connections`;
    using _old = stage.delayNext(path, 10_000, nothing);
    using older = stage.sendInBackground(
      `{ paymentServiceUser(id: "${connection.psuID}") { connections { status } } }`,
    );
    await stage.waitForCalls(path, 1);
    const id = connectionGlobalId(connection);
    const deleted = await stage.send(`mutation { deleteConnection(input: { connectionId: "${id}" }) { deletedId } }`);
    expect(deleted).toEqual({ data: { deleteConnection: { deletedId: id } } });
    expect(older.isOver()).toBe(false);
  });
});
