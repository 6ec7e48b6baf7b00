import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type ExecutionResult, graphql, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRouter, readSubgraph } from "../federation.ts";
import { ask } from "../fetch-sse.ts";
import { type Stage, startStage } from "./stage.ts";

/** Another team's subgraph: it gives accounts a label, and remembers which account of whose is the favourite. */
const labels = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key", "@shareable"])
  type Query { favourites: [Account]! notes(first: Int): NotePage! }
  type Account @key(fields: "id") { id: ID! label: String! }
  type NotePage { pageInfo: PageInfo! }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`;

type Accounts = { accounts: { nodes: { id: string }[] } };
type Favourites = { favourites: ({ id: string; accountId?: string } | null)[] };
type Reference = { readonly id: string };

async function startLabels(favourites: readonly string[]) {
  const schema = buildSubgraphSchema({
    typeDefs: parse(labels),
    resolvers: {
      Query: {
        favourites: () => favourites.map((id) => ({ id })),
        notes: () => ({ pageInfo: { hasNextPage: false, hasPreviousPage: false } }),
      },
      Account: {
        __resolveReference: ({ id }: Reference) => ({ id }),
        label: ({ id }: Reference) => `label of ${id}`,
      },
    },
  });
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()) as {
      query: string;
      variables?: Record<string, unknown>;
    };
    const result = await graphql({ schema, source: body.query, variableValues: body.variables ?? {} });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

let stage: Stage;
let own: readonly string[];
let foreign: readonly string[];
beforeAll(async () => {
  stage = await startStage({ FEDERATION: "on" });
  const idsOf = async (getToken: () => Promise<string>) => {
    const { data } = await ask<Accounts>({ ...stage, getToken }, "{ accounts(first: 100) { nodes { id } } }");
    return data?.accounts.nodes.map(({ id }) => id) ?? [];
  };
  own = await idsOf(stage.getToken);
  foreign = (await idsOf(stage.getOperatorToken)).filter((id) => !own.includes(id));
});
afterAll(() => stage[Symbol.asyncDispose]());

async function startRouter(favourites: readonly string[]) {
  const other = await startLabels(favourites);
  const sdl = await readSubgraph(stage.url, await stage.getOperatorToken());
  const schema = createRouter([
    { name: "banking", url: stage.url, sdl },
    { name: "labels", url: other.url, sdl: labels },
  ]);
  return {
    async run<Data>(source: string, getToken = stage.getToken) {
      const contextValue = { authorization: `Bearer ${await getToken()}` };
      const { data, errors } = await graphql({ schema, source, contextValue });
      return JSON.parse(JSON.stringify({ data, errors })) as ExecutionResult<Data>;
    },
    [Symbol.asyncDispose]: () => other[Symbol.asyncDispose](),
  };
}

describe("a router over the gateway and another subgraph", () => {
  it("adds the other's field to accounts that the gateway lists", async () => {
    await using router = await startRouter([]);
    const { data, errors } = await router.run<Accounts>("{ accounts(first: 3) { nodes { id name label } } }");
    expect(errors).toBeUndefined();
    expect(data?.accounts.nodes).toEqual(
      own.slice(0, 3).map((id) => ({ id, name: expect.any(String), label: `label of ${id}` })),
    );
  });

  it("reads from the gateway what the other subgraph names by id, down to the user", async () => {
    await using router = await startRouter(own.slice(0, 2));
    const { data, errors } = await router.run<Favourites>(
      "{ favourites { id label name balances { amount { decimal } } paymentServiceUser { id } } }",
    );
    expect(errors).toBeUndefined();
    expect(data?.favourites).toEqual(
      own.slice(0, 2).map((id) => ({
        id,
        label: `label of ${id}`,
        name: expect.any(String),
        balances: expect.arrayContaining([{ amount: { decimal: expect.stringMatching(/^-?[\d.]+$/) } }]),
        paymentServiceUser: { id: stage.userId },
      })),
    );
  });

  it("is told nothing of another user's, whoever named it; an operator is", async () => {
    const [mine = "", theirs = ""] = [own[0], foreign[0]];
    await using router = await startRouter([mine, theirs]);
    const query = "{ favourites { id accountId } }";
    const { data } = await router.run<Favourites>(query);
    const [first, second] = data?.favourites ?? [];
    expect(first).toMatchObject({ id: mine, accountId: expect.any(String) });
    expect(second?.accountId ?? null).toBeNull();
    const operator = await router.run<Favourites>(query, stage.getOperatorToken);
    expect(operator.data?.favourites[1]).toMatchObject({ id: theirs, accountId: expect.any(String) });
  });

  it("passes refusals on with their codes", async () => {
    await using router = await startRouter([]);
    const { errors } = await router.run("{ paymentServiceUsers { nodes { id } } }");
    expect(errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
    const stranger = await router.run("{ accounts { nodes { id } } }", async () => "no token");
    expect(stranger.errors?.[0]?.extensions).toMatchObject({ code: "UNAUTHENTICATED" });
  });
});
