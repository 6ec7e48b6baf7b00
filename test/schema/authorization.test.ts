import { afterAll, describe, expect, it, vi } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import { builder } from "../../src/schema/builder.ts";
import { toSchema } from "../../src/schema/index.ts";
import { Account } from "../../src/schema/refs.ts";
import { operator, psuViewer, startTestGateway } from "../support/helpers.ts";
import { firstOf } from "./global-ids.ts";

// Other files may share this process, and must get a builder without what is added here.
afterAll(() => void vi.resetModules());

// What a careless change could add to the schema: a field that shows any PSU's account to every reader.
builder.queryField("leaked", (t) =>
  t.field({
    type: Account,
    authScopes: { read: true },
    args: { id: t.arg.string({ required: true }) },
    resolve: (_root, { id }, { upstream }) => upstream.account(id),
  }),
);
const leaky = toSchema();

async function stage(viewer: (psuId: string) => typeof operator) {
  const world = createWorld({ size: { people: 2, connectionsEach: 1, accountsEach: 1 } });
  const own = firstOf(world.accounts);
  const foreign = firstOf(world.accounts, ({ psuID }) => psuID !== own.psuID);
  const gateway = await startTestGateway({
    sandbox: { world },
    viewer: viewer(String(own.psuID)),
    guards: { schema: leaky },
  });
  const query = (id: string) => gateway.send<{ leaked: object }>(`{ leaked(id: "${id}") { name } }`);
  return Object.assign(gateway, { own, foreign, query });
}

describe("a resolver that gives a row of another PSU", () => {
  it("is overruled by the row's type, and reported as an error of the gateway", async () => {
    await using gateway = await stage(psuViewer);
    const { data, errors } = await gateway.query(gateway.foreign.id);
    expect([data, errors.map(({ extensions }) => extensions.code)]).toEqual([
      { leaked: null },
      ["INTERNAL_SERVER_ERROR"],
    ]);
    expect(gateway.lines.join()).toContain("unexpected error");
    expect(gateway.lines.join()).toMatch(/"thrownAt":"[\w/-]+\.ts:\d+"/);
    expect((await gateway.query(gateway.own.id)).data?.leaked).toEqual({ name: gateway.own.name });
  });

  it("shows it to an operator, who may see it", async () => {
    await using gateway = await stage(() => operator);
    expect((await gateway.query(gateway.foreign.id)).data?.leaked).toEqual({ name: gateway.foreign.name });
  });
});

describe("what says nothing of who may see it", () => {
  it("is not served: neither a root field nor a type", () => {
    builder.objectType(builder.objectRef<object>("Unruled"), {
      fields: (t) => ({ name: t.string({ resolve: () => "" }) }),
    });
    expect(toSchema).toThrow("Unruled has no authScopes");
  });

  it("is not served as a root field either", () => {
    builder.queryField("unruled", (t) => t.string({ resolve: () => "" }));
    expect(toSchema).toThrow("unruled has no authScopes");
  });
});
