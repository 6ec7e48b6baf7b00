/** Equal messages are executed once: the coalescing key holds all that a resolver may depend on. */
import { describe, expect, it } from "vitest";
import type { Call } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import type { Authenticate } from "../../src/auth/authenticate.ts";
import { graphql } from "../graphql/gql.ts";
import { firstOf } from "../schema/global-ids.ts";
import { operator, psuViewer, until } from "../support/helpers.ts";
import { type Client, startLiveGateway, transports, webSocket } from "../support/live/clients.ts";

const SameConnections = graphql(`
  subscription SameConnections($psuId: ID!) {
    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId } } }
  }
`);

const SameRaw = graphql(`
  subscription SameRaw($psuId: ID!) {
    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId raw } } }
  }
`);

const readsAccounts = ({ path }: Call) => path === "/accounts";

/** "operator", or a PSU's id. */
const authenticate: Authenticate = async (authorization) => {
  const token = authorization?.replace("Bearer ", "") ?? "operator";
  return token === "operator" ? operator : psuViewer(token);
};

async function stage() {
  const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } });
  const gateway = await startLiveGateway({ sandbox: { world }, authenticate });
  const psuId = firstOf(world.people).id;
  async function follow(client: Client) {
    const stream = client.open(SameConnections, { psuId });
    expect((await stream.nextData()).connectionChanged.kind).toBe("CURRENT");
    return stream;
  }
  return Object.assign(gateway, {
    psuId,
    follow,
    sync: () => world.syncConnection(firstOf(world.connections)),
    accountReads: () => gateway.sandbox.calls.filter(readsAccounts).length,
  });
}

describe.each(transports)("over $name", ({ connect }) => {
  it("20 subscribers to a change cost the calls of one, for each change", async () => {
    await using gateway = await stage();
    using clients = new DisposableStack();
    const streams = await Promise.all(
      Array.from({ length: 4 }, () => clients.use(connect(gateway.url))).flatMap((client) =>
        Array.from({ length: 5 }, () => gateway.follow(client)),
      ),
    );
    for (let change = 0; change < 2; change += 1) {
      gateway.sandbox.clearCalls();
      gateway.sync();
      for (const stream of streams) {
        const { kind, connection } = (await stream.nextData()).connectionChanged;
        expect([kind, connection?.accounts.length]).toEqual(["DATA_SYNCED", 1]);
      }
      expect(gateway.accountReads()).toBe(1);
    }
  });
});

it.each([
  ["an operator before a PSU", ["operator", "psu"]],
  ["a PSU before an operator", ["psu", "operator"]],
] as const)("a viewer with fewer permissions gets less of the same change: %s", async (_title, order) => {
  await using gateway = await stage();
  using clients = new DisposableStack();
  const streams = [];
  for (const viewer of order) {
    const client = clients.use(webSocket.connect(gateway.url, viewer === "psu" ? gateway.psuId : viewer));
    const stream = client.open(SameRaw, { psuId: gateway.psuId });
    await stream.next();
    streams.push({ viewer, stream });
  }
  gateway.sync();
  for (const { viewer, stream } of streams) {
    const { data, errors } = await stream.next();
    const [account] = data?.connectionChanged.connection?.accounts ?? [];
    const codes = errors.map(({ extensions }) => extensions.code);
    if (viewer === "operator") expect([account?.raw, codes]).toEqual([expect.anything(), []]);
    else expect([account?.raw ?? null, codes]).toEqual([null, ["FORBIDDEN"]]);
  }
});

it("other clients get a shared message when one disconnects during its execution", async () => {
  await using gateway = await stage();
  using clients = new DisposableStack();
  const streams = [];
  for (let at = 0; at < 3; at += 1) streams.push(await gateway.follow(clients.use(webSocket.connect(gateway.url))));
  const [first, ...others] = streams;
  using _slow = gateway.sandbox.fault(readsAccounts, { delayMs: 300 });
  gateway.sandbox.clearCalls();
  gateway.sync();
  await until(async () => gateway.accountReads() === 1);
  first?.unsubscribe();
  for (const stream of others) {
    expect((await stream.nextData()).connectionChanged.connection?.accounts).toHaveLength(1);
  }
});
