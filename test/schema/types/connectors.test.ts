import { afterEach, describe, expect, it, vi } from "vitest";
import { graphql } from "../../graphql/gql.ts";
import { startTestGateway } from "../../support/helpers.ts";
import { page } from "../../upstream/stack.ts";
import { connectorGlobalId, firstOf } from "../global-ids.ts";

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
