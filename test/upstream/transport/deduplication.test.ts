import { describe, expect, it } from "vitest";
import type { Call } from "../../../sandbox/server.ts";
import { createWorld, type World } from "../../../sandbox/world.ts";
import { accountGlobalId, connectionGlobalId, firstOf, psuGlobalId } from "../../schema/global-ids.ts";
import { operator, psuViewer, startTestGateway, type TestGatewayOptions, until } from "../../support/helpers.ts";
import { page } from "../stack.ts";

const connectors = "{ connectors { nodes { name } } }";
const users = "{ paymentServiceUsers { nodes { name } } }";
const nothing = page([]);

/** Two people. Whoever asks names a PSU's id, or nothing as an operator. */
async function start(options: TestGatewayOptions = {}) {
  const world = createWorld({ size: { people: 2, connectionsEach: 1, accountsEach: 2 } });
  const gateway = await startTestGateway({
    ...options,
    sandbox: { world },
    authenticate: async (token) => (token === null ? operator : psuViewer(token)),
  });
  await gateway.send(connectors); // so that there is a token
  gateway.sandbox.clearCalls();
  const called = (path: string) => gateway.sandbox.calls.filter((call) => call.path === path).length;
  /** Sends it as this PSU, or as an operator. */
  async function ask(query: string, psuId: string | null = null, signal?: AbortSignal) {
    const response = await gateway.fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", ...(psuId !== null && { authorization: psuId }) },
      body: JSON.stringify({ query }),
      ...(signal && { signal }),
    });
    return (await response.json()) as { data: Record<string, unknown>; errors?: { extensions: { code: string } }[] };
  }

  return {
    ...{ world, gateway, called, ask },
    /** Sends what is still under way when it is disposed. */
    leave(query: string) {
      const client = new AbortController();
      const isOver = watch(ask(query, null, client.signal));
      return { isOver, [Symbol.dispose]: () => client.abort() };
    },
    /** Resolves once so many calls of this path have come. */
    comes: (path: string, count: number) => until(async () => called(path) >= count),
    /** Only the next call of this path hangs, and has an answer of its own if one is given. */
    hang(path: string, delayMs: number, answer: { readonly status?: number; readonly body?: string } = {}) {
      let isLeft = true;
      const matches = (call: Call) => {
        const isIt = isLeft && call.method === "GET" && call.path === path;
        if (isIt) isLeft = false;
        return isIt;
      };
      return gateway.sandbox.fault(matches, { delayMs, ...answer });
    },
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

const ownersOf = ({ people }: World) => people.map(({ id }) => id) as [string, string];

/** Whether it is over by now. */
function watch(work: Promise<unknown>): () => boolean {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  return () => isOver;
}

describe("identical reads at the same moment", () => {
  it("are one call for two users, who both get its answer; only the one who made it has it counted", async () => {
    await using stage = await start();
    const [ada, bob] = ownersOf(stage.world);
    using _slow = stage.hang("/connectors", 400);
    const first = stage.ask(connectors, ada);
    await stage.comes("/connectors", 1);
    const second = stage.ask(connectors, bob);
    const answers = await Promise.all([first, second]);
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ data: { connectors: { nodes: stage.world.connectors.map(() => ({})) } } });
    expect(stage.called("/connectors")).toBe(1);
    const operations = stage.gateway.lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "operation");
    expect(
      operations
        .slice(-2)
        .map(({ upstreamCalls }) => upstreamCalls)
        .toSorted(),
    ).toEqual([0, 1]);
  });

  it("are two calls where filters or sizes differ", async () => {
    await using stage = await start();
    const of = (args: string) => `{ connectors(${args}) { nodes { provider } } }`;
    using _slow = stage.gateway.sandbox.fault(() => true, { delayMs: 100 });
    const [plaid, tink] = await Promise.all([
      stage.ask(of('filter: { provider: "plaid" }')),
      stage.ask(of('filter: { provider: "tink" }')),
      stage.ask(of("first: 20")),
    ]);
    expect(plaid.data).toEqual({ connectors: { nodes: [{ provider: "plaid" }] } });
    expect(tink.data).toEqual({ connectors: { nodes: [{ provider: "tink" }] } });
    expect(stage.called("/connectors")).toBe(3);
  });

  it("fail together, after one call, when the stack fails", async () => {
    await using stage = await start();
    using _broken = stage.hang("/connectors", 400, { status: 500, body: "" });
    const first = stage.ask(connectors);
    await stage.comes("/connectors", 1);
    const answers = await Promise.all([first, stage.ask(connectors)]);
    for (const { errors } of answers) {
      expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
    }
    expect(stage.called("/connectors")).toBe(1);
  });

  it("show nobody what is another's: the rules of each caller hold for a shared answer", async () => {
    await using stage = await start();
    const [ada, bob] = ownersOf(stage.world);
    const account = firstOf(stage.world.accounts, ({ psuID }) => psuID === bob);
    const query = `{
      paymentServiceUser(id: "${psuGlobalId(bob)}") { name connections { id } accounts { id } }
      account(id: "${accountGlobalId(account.id)}") { id balances { createdAt } }
      accounts(filter: { psuId: "${bob}" }) { nodes { id } }
    }`;
    using _slow = stage.gateway.sandbox.fault(() => true, { delayMs: 100 });
    const [all, own, none] = await Promise.all([stage.ask(query), stage.ask(query, bob), stage.ask(query, ada)]);
    expect(none.data).toEqual({ paymentServiceUser: null, account: null, accounts: { nodes: [] } });
    expect(own).toEqual(all);
    expect(all.data).toMatchObject({ paymentServiceUser: { accounts: [{}, {}] }, accounts: { nodes: [{}, {}] } });
    // The operator and Bob shared what they asked alike.
    expect(stage.called(`/payment-service-users/${bob}/connections`)).toBe(1);
  });
});

describe("who joins a read", () => {
  it("goes on when the one who made it leaves: it is asked anew", async () => {
    await using stage = await start();
    using _hanging = stage.hang("/connectors", 3000);
    const client = new AbortController();
    const cancellation = stage.ask(connectors, null, client.signal);
    await stage.comes("/connectors", 1);
    const staying = stage.ask(`{ accounts { nodes { id } } ${connectors.slice(1)}`);
    await stage.comes("/accounts", 1); // and so it has joined
    client.abort();
    await expect(cancellation).rejects.toThrow("aborted");
    expect(await staying).not.toHaveProperty("errors");
    expect(stage.called("/connectors")).toBe(2);
  });

  it("goes on when the time of the one who made it is over", async () => {
    await using stage = await start();
    using _hanging = stage.hang("/connectors", 3000);
    const shares = () => true;
    const first = stage.gateway.upstream.within({ timeoutMs: 700, shares }).connectors({ pageSize: 15 });
    const isOver = watch(first);
    await stage.comes("/connectors", 1);
    const second = stage.ask(`{ accounts { nodes { id } } ${connectors.slice(1)}`);
    await stage.comes("/accounts", 1);
    expect([isOver(), stage.called("/connectors")]).toEqual([false, 1]);
    await expect(first).rejects.toMatchObject({ kind: "timeout" });
    expect(await second).not.toHaveProperty("errors");
    expect(stage.called("/connectors")).toBe(2);
  });

  it("leaves by itself, and takes nobody along", async () => {
    await using stage = await start();
    using _slow = stage.hang("/connectors", 700);
    const first = stage.ask(connectors);
    const isOver = watch(first);
    await stage.comes("/connectors", 1);
    const client = new AbortController();
    const second = stage.ask(`{ accounts { nodes { id } } ${connectors.slice(1)}`, null, client.signal);
    await stage.comes("/accounts", 1);
    client.abort();
    await expect(second).rejects.toThrow("aborted");
    expect(isOver()).toBe(false);
    expect(await first).not.toHaveProperty("errors");
    expect(stage.called("/connectors")).toBe(1);
  });
});

describe("no read is joined that may be older than what its asker knows", () => {
  const create = 'mutation { createPaymentServiceUser(input: { name: "Ada New" }) { __typename } }';
  const isNew = { paymentServiceUsers: { nodes: expect.arrayContaining([{ name: "Ada New" }]) } };

  it("after a write: one reads one's own while an older read hangs", async () => {
    await using stage = await start();
    using _old = stage.hang("/payment-service-users", 10_000, nothing);
    using older = stage.leave(users);
    await stage.comes("/payment-service-users", 1);
    await stage.ask(create);
    expect((await stage.ask(users)).data).toEqual(isNew);
    expect(older.isOver()).toBe(false);
  });

  it("after a write during which it began", async () => {
    await using stage = await start();
    using _slow = stage.gateway.sandbox.fault(({ method }) => method === "POST", { delayMs: 700 });
    const writing = stage.ask(create);
    await stage.comes("/payment-service-users", 1);
    using _old = stage.hang("/payment-service-users", 10_000, nothing);
    using older = stage.leave(users);
    await stage.comes("/payment-service-users", 2);
    await writing;
    expect((await stage.ask(users)).data).toEqual(isNew);
    expect(older.isOver()).toBe(false);
  });

  it("after a live message, nor does the look behind one join: each look is a call of its own", async () => {
    await using stage = await start();
    const [ada] = ownersOf(stage.world);
    const path = `/payment-service-users/${ada}/connections`;
    const query = `{ paymentServiceUser(id: "${ada}") { connections { status } } }`;
    using _old = stage.hang(path, 10_000, nothing);
    using older = stage.leave(query);
    await stage.comes(path, 1);
    await using stream = stage.gateway.subscribe(`subscription { connectionChanged(psuId: "${ada}") { kind } }`, {});
    expect(await stream.first(1)).toEqual([{ connectionChanged: { kind: "CURRENT" } }]);
    expect((await stage.ask(query)).data).toEqual({ paymentServiceUser: { connections: [{ status: "ACTIVE" }] } });
    expect(older.isOver()).toBe(false);
  });

  it("before a write: what a mutation looks up first is read for it alone", async () => {
    await using stage = await start();
    const connection = firstOf(stage.world.connections);
    const path = `/payment-service-users/${connection.psuID}/connections`;
    using _old = stage.hang(path, 10_000, nothing);
    using older = stage.leave(`{ paymentServiceUser(id: "${connection.psuID}") { connections { status } } }`);
    await stage.comes(path, 1);
    const id = connectionGlobalId(connection);
    const deleted = await stage.ask(`mutation { deleteConnection(input: { connectionId: "${id}" }) { deletedId } }`);
    expect(deleted).toEqual({ data: { deleteConnection: { deletedId: id } } });
    expect(older.isOver()).toBe(false);
  });
});
