import { randomUUID } from "node:crypto";
import { buildSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import { createTrustedDocuments } from "../../src/engine/trusted-documents.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { toSchema } from "../../src/schema/index.ts";
import { unguarded } from "../support/graphql.ts";
import {
  type ClientError,
  psuViewer,
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from "../support/helpers.ts";
import {
  accountGlobalId,
  connectionGlobalId,
  connectorGlobalId,
  firstOf,
  oneOfEach,
  psuGlobalId,
} from "./global-ids.ts";

const schema = toSchema({ federation: true });

/** 20 people with 2 banks of 3 accounts each, behind a gateway that is a subgraph. */
function start({ guards, ...options }: TestGatewayOptions = {}) {
  const world = createWorld({ size: { people: 20, connectionsEach: 2, accountsEach: 3 } });
  return startTestGateway({ sandbox: { world }, ...options, guards: { schema, ...guards } });
}

const Entities = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on PaymentServiceUser { id name }
    ... on Connector { id name }
    ... on BankConnection { id status }
    ... on Account { id reference }
  }
}`;
const Service = "{ _service { sdl } }";

type Entity = { readonly __typename: string; readonly id: string };
type Entities = { readonly _entities: readonly (Entity | null)[] };

const toRepresentation = (__typename: string, id: string) => ({ __typename, id });
const entitiesFrom = (gateway: TestGateway, representations: readonly unknown[]) =>
  gateway.send<Entities>(Entities, { representations });
const codes = (errors: readonly ClientError[]) => errors.map(({ extensions }) => extensions.code);

/** A representation of each kind of entity, of one PSU. */
function entitiesOf({ sandbox: { world } }: TestGateway, psuId: string): Entity[] {
  const isOwn = ({ psuID }: { readonly psuID: string | null }) => psuID === psuId;
  return [
    toRepresentation("PaymentServiceUser", psuGlobalId(psuId)),
    toRepresentation("BankConnection", connectionGlobalId(firstOf(world.connections, isOwn))),
    toRepresentation("Account", accountGlobalId(firstOf(world.accounts, isOwn).id)),
  ];
}

describe("entities", () => {
  it("come in the order of their representations, each kind from its own loader", async () => {
    await using gateway = await start();
    const { world } = gateway.sandbox;
    const [first, second] = world.people;
    const requested = [
      ...entitiesOf(gateway, second?.id ?? ""),
      toRepresentation("Connector", connectorGlobalId(firstOf(world.connectors).id)),
      ...entitiesOf(gateway, first?.id ?? ""),
    ];
    const { data, errors } = await entitiesFrom(gateway, requested);
    expect(errors).toEqual([]);
    expect(data?._entities.map((row) => row && toRepresentation(row.__typename, row.id))).toEqual(requested);
  });

  it("are batched: 20 users, 100 accounts and 3 connectors in 4 calls, which the estimate knows", async () => {
    await using gateway = await start();
    const { people, accounts, connectors } = gateway.sandbox.world;
    const representations = [
      ...people.map(({ id }) => toRepresentation("PaymentServiceUser", psuGlobalId(id))),
      ...accounts.slice(0, 100).map(({ id }) => toRepresentation("Account", accountGlobalId(id))),
      ...connectors.map(({ id }) => toRepresentation("Connector", connectorGlobalId(id))),
    ];
    const calls = await gateway.calls(async () => {
      const { data, errors } = await entitiesFrom(gateway, representations);
      expect(errors).toEqual([]);
      expect(data?._entities.filter((row) => row !== null)).toHaveLength(123);
    });
    expect(calls).toHaveLength(1 + 2 + 1);
    expect(JSON.parse(gateway.lines.at(-1) ?? "")).toMatchObject({ cost: 4, upstreamCalls: 4 });
  });

  it("of another PSU are null as if they did not exist, as with `node`, and are not read", async () => {
    await using gateway = await start();
    const [mine, other] = [...gateway.sandbox.world.people].map(({ id }) => id);
    await using own = await start({ viewer: psuViewer(mine ?? ""), sandbox: { world: gateway.sandbox.world } });
    const foreign = entitiesOf(own, other ?? "");
    const calls = await own.calls(async () => {
      expect(await entitiesFrom(own, foreign)).toMatchObject({ data: { _entities: [null, null, null] }, errors: [] });
    });
    expect(JSON.stringify(calls.map(({ path, query }) => [path, query]))).not.toContain(other);
    const nodes = await own.send("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {
      ids: foreign.map(({ id }) => id),
    });
    expect(nodes).toMatchObject({ data: { nodes: [null, null, null] }, errors: [] });
    const { data } = await entitiesFrom(own, [...foreign, ...entitiesOf(own, mine ?? "")]);
    expect(data?._entities.map((row) => row?.id ?? null)).toEqual([
      ...[null, null, null],
      ...entitiesOf(own, mine ?? "").map(({ id }) => id),
    ]);
  });

  it("that are named wrongly fail alone", async () => {
    await using gateway = await start();
    const { world } = gateway.sandbox;
    const [right] = entitiesOf(gateway, firstOf(world.people).id);
    const { Payment, Account } = oneOfEach(world);
    const wrong = [
      "text",
      {},
      toRepresentation("Account", "no id"),
      toRepresentation("Account", right?.id ?? ""),
      toRepresentation("Payment", Payment),
      toRepresentation("Query", Account),
      { id: Account },
      { __typename: "Account", id: [Account] },
    ];
    const { data, errors } = await entitiesFrom(gateway, [right, ...wrong]);
    expect(data?._entities).toEqual([expect.objectContaining(right ?? {}), ...wrong.map(() => null)]);
    expect(errors.map(({ path, extensions }) => [path?.at(-1), extensions.code, extensions["field"]])).toEqual(
      wrong.map((_, at) => [at + 1, "BAD_USER_INPUT", `representations.${at + 1}`]),
    );
  });

  it("that cost too much are refused before anything is read", async () => {
    await using gateway = await start();
    const connections = gateway.sandbox.world.people.map(({ id }) => entitiesOf(gateway, id)[1]);
    const query = { ...unguarded.limits.query, calls: 19 };
    await using narrow = await start({ guards: { limits: { ...unguarded.limits, query } } });
    const calls = await narrow.calls(async () => {
      const { errors } = await entitiesFrom(narrow, connections);
      expect(codes(errors)).toEqual(["QUERY_TOO_COMPLEX"]);
    });
    expect(calls).toEqual([]);
    expect((await entitiesFrom(gateway, connections)).errors).toEqual([]);
  });

  it("are 300 at the most: of more, none is resolved", async () => {
    await using gateway = await start();
    const representations = Array(301).fill(entitiesOf(gateway, firstOf(gateway.sandbox.world.people).id)[0]);
    const calls = await gateway.calls(async () => {
      const { data, errors } = await entitiesFrom(gateway, representations);
      expect([data, errors.map(({ extensions }) => [extensions.code, extensions["field"]])]).toEqual([
        null,
        [["BAD_USER_INPUT", "representations"]],
      ]);
      expect(codes((await entitiesFrom(gateway, Array(85_000).fill({}))).errors)).toEqual(["QUERY_TOO_COMPLEX"]);
    });
    expect(calls).toEqual([]);
    const { data, errors } = await entitiesFrom(gateway, representations.slice(1));
    expect([data?._entities.length, errors]).toEqual([300, []]);
  });

  it.each([
    ["no ids", {}],
    ["ids of another type", toRepresentation("Account", psuGlobalId(randomUUID()))],
    ["no entities", toRepresentation("Payment", toGlobalId("Payment", "x"))],
  ])("that are %s count as much as the errors that they become", async (_what, wrong) => {
    await using gateway = await start();
    const askOften = (times: number) => {
      const field = (at: number) => `a${at}: _entities(representations: $representations) { __typename }`;
      const document = `query ($representations: [_Any!]!) { ${Array.from({ length: times }, (_, at) => field(at)).join(" ")} }`;
      return gateway.send(document, { representations: Array(300).fill(wrong) });
    };
    expect(codes((await askOften(50)).errors)).toEqual(["QUERY_TOO_COMPLEX"]);
    expect((await askOften(1)).errors).toHaveLength(300);
  });

  it("may be one without a list, which costs as much", async () => {
    await using gateway = await start();
    const [representations] = entitiesOf(gateway, firstOf(gateway.sandbox.world.people).id);
    expect(await gateway.send(Entities, { representations })).toMatchObject({
      data: { _entities: [representations] },
      errors: [],
    });
    expect(JSON.parse(gateway.lines.at(-1) ?? "")).toMatchObject({ cost: 1, upstreamCalls: 1 });
  });

  it("need a scope to be read, and a manifest to name their document where there is one", async () => {
    const noScopes = { subject: "nobody", scopes: [], psuId: null, expiresAt: null };
    await using scopeless = await start({ viewer: noScopes });
    const representations = entitiesOf(scopeless, firstOf(scopeless.sandbox.world.people).id);
    expect(codes((await entitiesFrom(scopeless, representations)).errors)).toEqual(["FORBIDDEN"]);
    const trustedDocuments = createTrustedDocuments(new Map([["hash", Entities]]), schema);
    await using trusting = await start({ guards: { trustedDocuments } });
    expect(codes((await entitiesFrom(trusting, representations)).errors)).toEqual(["DOCUMENT_NOT_TRUSTED"]);
    const response = await trusting.fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ documentId: "hash", variables: { representations } }),
    });
    expect(await response.json()).toMatchObject({ data: { _entities: representations } });
  });
});

describe("the subgraph's schema", () => {
  it("is shown to operators, with a key for each entity, and can be built", async () => {
    await using gateway = await start();
    const { data } = await gateway.send<{ _service: { sdl: string } }>(Service);
    const sdl = data?._service.sdl ?? "";
    const keyed = [...sdl.matchAll(/^type (\w+)[^{]*@key\(fields: "id"\) {/gm)].map(([, name]) => name);
    expect(keyed).toEqual(["Account", "BankConnection", "Connector", "PaymentServiceUser"]);
    expect(sdl).not.toMatch(/_entities|_service|_Any/);
    expect(sdl).toContain("type PageInfo @shareable {");
    const directives =
      "directive @link(url: String, import: [String]) on SCHEMA directive @key(fields: String) on OBJECT";
    expect(buildSchema(`${directives} directive @shareable on OBJECT\n${sdl}`).getType("Account")).toBeDefined();
  });

  it("is printed once, however often it is requested", async () => {
    const own = toSchema({ federation: true });
    const toConfig = own.toConfig.bind(own);
    let printings = 0;
    own.toConfig = () => {
      printings += 1;
      return toConfig();
    };
    await using gateway = await start({ guards: { schema: own } });
    const often = Array.from({ length: 50 }, (_, at) => `a${at}: _service { sdl }`).join(" ");
    const before = printings;
    const { errors } = await gateway.send(`{ ${often} }`);
    expect([errors, (await gateway.send(Service)).errors]).toEqual([[], []]);
    expect(printings - before).toBe(1);
  });

  it("is not shown to a PSU, also where introspection is off", async () => {
    await using gateway = await start({ guards: { introspection: false } });
    const viewer = psuViewer(firstOf(gateway.sandbox.world.people).id);
    await using own = await start({ viewer, guards: { introspection: false } });
    const answer = await own.send(Service);
    expect([answer.data, codes(answer.errors)]).toEqual([null, ["FORBIDDEN"]]);
    expect(JSON.stringify(answer.errors)).not.toContain("BankConnection");
    expect((await gateway.send(Service)).errors).toEqual([]);
    expect(codes((await gateway.send("{ __schema { description } }")).errors)).toEqual(["BAD_USER_INPUT"]);
  });

  it("exists only where it is switched on, as everything else of a subgraph", async () => {
    await using gateway = await startTestGateway();
    const id = toGlobalId("Account", "x");
    for (const document of [Service, `{ _entities(representations: [{ id: "${id}" }]) { __typename } }`]) {
      const { data, errors } = await gateway.send(document);
      expect([data, codes(errors)]).toEqual([null, ["BAD_USER_INPUT"]]);
    }
    expect(Object.keys(toSchema().getTypeMap()).filter((name) => /^_(?!_)/.test(name))).toEqual([]);
  });
});
