import { afterEach, describe, expect, it, vi } from "vitest";
import { createConnector, type Provider } from "../../../sandbox/models/connector.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { createProviders } from "../../../src/upstream/providers/providers.ts";
import { graphql } from "../../graphql/gql.ts";
import { startTestGateway } from "../../support/helpers.ts";
import { page } from "../../upstream/stack.ts";
import { accountGlobalId, connectorGlobalId, firstOf } from "../global-ids.ts";

const ConnectorName = graphql(`
  query ConnectorName($id: ID!) {
    connector(id: $id) { name }
  }
`);

const ConnectorNames = graphql(`
  query ConnectorNames {
    connectors { nodes { id name } }
  }
`);

afterEach(() => void vi.restoreAllMocks());

/** From now on, so much later than it is. */
function later(ms: number): void {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + ms);
}

async function start() {
  const gateway = await startTestGateway();
  const connector = firstOf(gateway.sandbox.world.connectors);
  const id = connectorGlobalId(connector.id);
  return {
    gateway,
    id,
    rename: (name: string) => void Object.assign(connector, { name }),
    nameOf: async () => (await gateway.run(ConnectorName, { id })).connector?.name,
    nameInList: async () =>
      (await gateway.run(ConnectorNames, {})).connectors.nodes.find((node) => node.id === id)?.name,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

describe("a connector that is found by its id", () => {
  it("is read once in ten seconds, by all operations together, and then as it is by then", async () => {
    await using stage = await start();
    const before = await stage.nameOf();
    expect(before).toEqual(expect.any(String));
    stage.rename("Renamed");
    const calls = await stage.gateway.calls(async () => {
      for (let times = 0; times < 5; times += 1) expect(await stage.nameOf()).toBe(before);
    });
    expect(calls).toEqual([]);
    later(10_001);
    await expect.poll(stage.nameOf).toBe("Renamed");
  });

  it("is read together with only those that were not read recently", async () => {
    await using stage = await start();
    const { connectors } = stage.gateway.sandbox.world;
    await stage.nameOf();
    const ids = connectors.map(({ id }) => connectorGlobalId(id));
    const calls = await stage.gateway.calls(() =>
      stage.gateway.send("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids }),
    );
    expect(calls.map(({ body }) => (body as { $or: unknown[] }).$or.length)).toEqual([connectors.length - 1]);
  });

  it("is found as soon as it exists: that it was missing is not cached", async () => {
    await using stage = await start();
    {
      using _before = stage.gateway.sandbox.fault(({ path }) => path === "/connectors", page([]));
      expect(await stage.nameOf()).toBeUndefined();
    }
    expect(await stage.nameOf()).toEqual(expect.any(String));
  });

  it("is as the newest list shows it, and lists are read each time", async () => {
    await using stage = await start();
    await stage.nameOf();
    stage.rename("Renamed");
    expect(await stage.nameInList()).toBe("Renamed");
    expect(await stage.nameOf()).toBe("Renamed");
    expect(await stage.gateway.calls(() => stage.nameInList())).toHaveLength(1);
  });
});

const LinkFields = graphql(`
  query LinkFields($filter: ConnectorFilter, $first: Int, $after: String) {
    connectors(filter: $filter, first: $first, after: $after) {
      nodes { name provider canLink needs capabilities isBeingRemoved }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

/** What a filter leads to on a stack with connectors of these providers, the newest first. */
const rowOf = (provider: string, at: number, more: object = {}) => ({
  ...createConnector({
    provider: provider as Provider,
    reference: `r${at}`,
    name: `${provider} ${at}`,
    createdAt: at,
    config: {},
  }),
  createdAt: "2026-08-05T12:00:00Z",
  capabilities: ["FETCH_PAYMENTS"],
  scheduledForDeletion: false,
  ...more,
});

describe("what users can connect banks by", () => {
  it.each([
    ["plaid", true, ["COUNTRY", "LOCALE", "APPLICATION_NAME"]],
    ["tink", true, ["COUNTRY", "LOCALE"]],
    ["powens", true, []],
    ["dummypay", true, []],
    ["generic", false, []],
    ["mybank", false, []],
    ["constructor", false, []],
  ])("is known by the provider: %s", async (provider, canLink, needs) => {
    await using gateway = await startTestGateway();
    using _one = gateway.sandbox.fault(({ path }) => path === "/connectors", page([rowOf(provider, 1)]));
    const { nodes } = (await gateway.run(LinkFields, {})).connectors;
    expect(nodes).toEqual([
      { name: `${provider} 1`, provider, canLink, needs, capabilities: ["FETCH_PAYMENTS"], isBeingRemoved: false },
    ]);
  });

  it("includes the providers that the operator names", async () => {
    const providers = createProviders({ openBanking: ["generic"] });
    await using gateway = await startTestGateway({ guards: { providers } });
    const names = async (canLink: boolean) =>
      (await gateway.run(LinkFields, { filter: { canLink } })).connectors.nodes.map(({ name }) => name);
    expect([await names(true), await names(false)]).toEqual([["Treasury", "Powens", "Tink", "Plaid"], []]);
  });

  it("is none that is being removed, until it is gone", async () => {
    await using gateway = await startTestGateway();
    const { world } = gateway.sandbox;
    const tink = firstOf(world.connectors, ({ provider }) => provider === "tink");
    const names = async (filter: object) =>
      (await gateway.run(LinkFields, { filter })).connectors.nodes.map(({ name }) => name);
    expect(await names({ canLink: true })).toEqual(["Powens", "Tink", "Plaid"]);
    tink.scheduledForDeletion = true;
    expect(await names({ canLink: true })).toEqual(["Powens", "Plaid"]);
    expect(await names({ canLink: false })).toEqual(["Treasury", "Tink"]);
    expect(await names({ canLink: true, provider: "tink" })).toEqual([]);
    expect(await names({ canLink: false, name: "Tink" })).toEqual(["Tink"]);
    const [shown] = (await gateway.run(LinkFields, { filter: { provider: "tink" } })).connectors.nodes;
    expect(shown).toMatchObject({ canLink: false, isBeingRemoved: true });
  });

  it("is not known where the stack leaves it out, and only those fields fail", async () => {
    await using gateway = await startTestGateway();
    const old = { ...rowOf("plaid", 1), capabilities: undefined, scheduledForDeletion: undefined };
    using _old = gateway.sandbox.fault(({ path }) => path === "/connectors", page([old]));
    for (const field of ["canLink", "capabilities", "isBeingRemoved"]) {
      const { errors } = await gateway.send(`{ connectors { nodes { ${field} } } }`);
      expect([field, errors[0]?.extensions["code"]]).toEqual([field, "UPSTREAM_MALFORMED"]);
    }
    expect((await gateway.send("{ connectors { nodes { name needs } } }")).errors).toEqual([]);
  });

  it("is paged exactly, whatever is passed over, in one call a page", async () => {
    await using gateway = await startTestGateway();
    const { world } = gateway.sandbox;
    const connectors = world.connectors as (typeof world.connectors)[number][];
    const providers = ["plaid", "generic", "tink", "generic", "powens"] as const;
    for (let at = 0; at < 60; at += 1) {
      const connector = createConnector({
        provider: providers[at % providers.length] ?? "plaid",
        reference: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
        name: `C${at}`,
        createdAt: -at,
        config: {},
      });
      connector.scheduledForDeletion = at % 7 === 0 || at > 50;
      connectors.push(connector);
    }
    const isLinkable = (row: (typeof connectors)[number]) => row.provider !== "generic" && !row.scheduledForDeletion;
    for (const canLink of [true, false]) {
      const wanted = connectors.filter((row) => isLinkable(row) === canLink).map(({ name }) => name);
      for (const first of [1, 7, 15, wanted.length - 1, wanted.length, 100]) {
        const found: string[] = [];
        let after: string | null = null;
        do {
          let page:
            | { nodes: { name: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }
            | undefined;
          const calls = await gateway.calls(async () => {
            page = (await gateway.run(LinkFields, { filter: { canLink }, first, after })).connectors;
          });
          expect(calls).toHaveLength(1);
          found.push(...(page?.nodes.map(({ name }) => name) ?? []));
          expect(page?.pageInfo.hasNextPage).toBe(found.length < wanted.length);
          after = page?.pageInfo.hasNextPage === true ? page.pageInfo.endCursor : null;
        } while (after !== null);
        expect(found).toEqual(wanted);
      }
    }
  });
});

describe("an account's connector", () => {
  const text = (inner: string) =>
    `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Account { connector { id ${inner} } } } }`;

  async function start() {
    const world = createWorld({ size: { people: 3, connectionsEach: 3, accountsEach: 1 } });
    const gateway = await startTestGateway({ sandbox: { world } });
    const ids = world.accounts.map(({ id }) => accountGlobalId(id));
    const pathsOf = async (inner: string) =>
      (await gateway.calls(async () => expect((await gateway.send(text(inner), { ids })).errors).toEqual([])))
        .map(({ path }) => path)
        .filter((path) => path.startsWith("/connectors") || path.startsWith("/accounts"));
    return Object.assign(gateway, { ids, pathsOf, world });
  }

  it("costs nothing for what the account brings along", async () => {
    await using gateway = await start();
    expect(await gateway.pathsOf("name provider needs")).toEqual(["/accounts"]);
  });

  it("is read once for all that only its own list has", async () => {
    await using gateway = await start();
    expect(await gateway.pathsOf("canLink capabilities isBeingRemoved")).toEqual(["/accounts", "/connectors"]);
    expect(await gateway.pathsOf("canLink")).toEqual(["/accounts"]);
    firstOf(gateway.world.connectors).scheduledForDeletion = true;
    later(10_001);
    type Nodes = { nodes: { connector: { canLink: boolean; isBeingRemoved: boolean } }[] };
    const { data } = await gateway.send<Nodes>(text("canLink isBeingRemoved"), { ids: gateway.ids });
    const shown = data?.nodes.map(({ connector }) => [connector.canLink, connector.isBeingRemoved]);
    expect(new Set(shown?.map(String))).toEqual(new Set(["true,false", "false,true"]));
  });
});

describe("a connector that is being removed, as a page that lists connectors has just shown", () => {
  it("takes no new user and makes no link, without a call", async () => {
    await using gateway = await startTestGateway();
    const { world } = gateway.sandbox;
    const connector = firstOf(world.connectors, ({ provider }) => provider === "powens");
    connector.scheduledForDeletion = true;
    await gateway.run(LinkFields, {});
    const ids = `psuId: "${firstOf(world.people).id}", connectorId: "${connector.id}"`;
    const calls = await gateway.calls(async () => {
      for (const mutation of [
        `forwardPaymentServiceUser(input: { ${ids} }) { __typename }`,
        `createLink(input: { ${ids}, clientRedirectUrl: "https://app.example.com/" }) { __typename }`,
      ]) {
        const { errors } = await gateway.send(`mutation { ${mutation} }`);
        expect(errors[0]?.extensions).toMatchObject({ code: "CONFLICT", field: "input.connectorId" });
      }
    });
    expect(calls).toEqual([]);
  });
});
