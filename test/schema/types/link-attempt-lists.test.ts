import { describe, expect, it } from "vitest";
import { type Attempt, createAttempt } from "../../../sandbox/models/attempt.ts";
import { createConnector, type Provider } from "../../../sandbox/models/connector.ts";
import { createRandom } from "../../../sandbox/random.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { compareTimes } from "../../../src/schema/loaders/merged-page.ts";
import { graphql } from "../../graphql/gql.ts";
import { createTestGateway, psuViewer, startTestGateway } from "../../support/helpers.ts";
import { connectorGlobalId, firstOf } from "../global-ids.ts";

const AttemptsOfAll = graphql(`
  query AttemptsOfAll($psu: ID!, $connector: ID, $statuses: [LinkAttemptStatus!], $first: Int, $after: String) {
    paymentServiceUser(id: $psu) {
      linkAttempts(connectorId: $connector, statuses: $statuses, first: $first, after: $after) {
        edges { cursor node { attemptId status } }
        pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }
  }
`);

const statuses = ["pending", "completed", "exited"] as const;

/** Two people with attempts at eight connectors of every kind, at some of which they have none. */
async function start(seed: number) {
  const world = createWorld({ size: { people: 2, connectionsEach: 0, accountsEach: 0 } });
  const random = createRandom(seed);
  const connectors = world.connectors as (typeof world.connectors)[number][];
  const add = (provider: string) => {
    const connector = createConnector({
      ...{ provider: provider as Provider, reference: random.uuid(), name: provider, createdAt: 1, config: {} },
    });
    connectors.push(connector);
    return connector;
  };
  const generic = add("generic");
  for (const provider of ["dummypay", "plaid", "powens", "tink"]) add(provider);
  firstOf(connectors).scheduledForDeletion = true;
  const attempts = world.attempts as Attempt[];
  const [person, other] = [firstOf(world.people), firstOf(world.people.slice(1))];
  const newest = Date.parse("2026-08-05T12:00:00Z") * 1000;
  for (let at = 0; at < 130; at += 1) {
    attempts.push(
      createAttempt({
        id: random.uuid(),
        psuID: at % 6 === 5 ? other.id : person.id,
        connectorID: random.pick(connectors.slice(at < 40 ? 0 : 2, at < 60 ? 5 : 7)).id,
        // Microseconds, one after the other, some of them within one millisecond.
        createdAt: newest - at * (seed % 2 === 0 ? 1 : 400_000),
        clientRedirectURL: "https://app.example.com/",
        status: statuses[at % 3] ?? "pending",
      }),
    );
  }
  const gateway = await startTestGateway({ sandbox: { world } });
  const isListed = (row: Attempt) => row.psuID === person.id && row.connectorID !== generic.id;
  return Object.assign(gateway, {
    ...{ world, person, other, connectors, linkable: connectors.filter((one) => one !== generic) },
    expected: (isWanted: (row: Attempt) => boolean = () => true) =>
      attempts.filter((row) => isListed(row) && isWanted(row)).map(({ id }) => id),
    page: async (variables: object) => {
      const { paymentServiceUser } = await gateway.run(AttemptsOfAll, { psu: person.id, ...variables });
      if (paymentServiceUser == null) throw new Error("no such user");
      return paymentServiceUser.linkAttempts;
    },
  });
}

type Stage = Awaited<ReturnType<typeof start>>;

async function walk(stage: Stage, sizes: () => number, given: object = {}) {
  const ids: string[] = [];
  let after: string | null = null;
  for (;;) {
    const first = sizes();
    const { edges, pageInfo }: Awaited<ReturnType<Stage["page"]>> = await stage.page({ ...given, first, after });
    ids.push(...edges.map(({ node }) => node.attemptId));
    expect(pageInfo.hasPreviousPage).toBe(after !== null);
    if (!pageInfo.hasNextPage) return ids;
    expect(edges).toHaveLength(first);
    after = pageInfo.endCursor;
  }
}

describe("a user's attempts at all connectors", () => {
  it.each([1, 2, 3, 4])("are one list, whatever the pages: none is missing or there twice (%i)", async (seed) => {
    await using stage = await start(seed);
    const random = createRandom(seed);
    const all = stage.expected();
    expect(all.length).toBeGreaterThan(80);
    for (const first of [3, 15, 16, 40, 100]) expect(await walk(stage, () => first)).toEqual(all);
    expect(await walk(stage, () => random.integer(1, 30))).toEqual(all);
  });

  it("go on behind any row of a page", async () => {
    await using stage = await start(1);
    const all = stage.expected();
    const { edges } = await stage.page({ first: 60 });
    for (const at of [0, 1, 14, 15, 29, 59]) {
      const page = await stage.page({ first: 100, after: edges[at]?.cursor ?? "" });
      expect(page.edges.map(({ node }) => node.attemptId)).toEqual(all.slice(at + 1, at + 101));
    }
  });

  it("can be only those in some states, as can those at one connector", async () => {
    await using stage = await start(2);
    for (const wanted of [["PENDING"], ["EXITED", "PENDING"], ["COMPLETED", "PENDING", "EXITED", "EXITED"]] as const) {
      const isWanted = ({ status }: Attempt) => wanted.some((name) => name.toLowerCase() === status);
      expect(await walk(stage, () => 20, { statuses: wanted })).toEqual(stage.expected(isWanted));
      const { id } = firstOf(stage.linkable);
      const atOne = stage.expected((row) => isWanted(row) && row.connectorID === id);
      expect(await walk(stage, () => 20, { statuses: wanted, connector: connectorGlobalId(id) })).toEqual(atOne);
    }
  });

  it("take one call for the list of connectors, once, and one for each of these", async () => {
    await using stage = await start(1);
    const paths = async (variables: object) =>
      (await stage.calls(() => stage.page(variables))).map(({ path }) => path).filter((path) => !/users$/.test(path));
    const first = await paths({ first: 100 });
    expect(first.filter((path) => path === "/connectors")).toHaveLength(1);
    const called = first.filter((path) => path.endsWith("/link-attempts"));
    expect(called.toSorted()).toEqual(
      stage.linkable
        .map(({ id }) => `/payment-service-users/${stage.person.id}/connectors/${id}/link-attempts`)
        .toSorted(),
    );
    const { pageInfo } = await stage.page({ first: 20 });
    expect(await paths({ first: 20, after: pageInfo.endCursor })).not.toContain("/connectors");
  });

  it("fail where those at one connector cannot be read, so that none is missing unnoticed", async () => {
    await using stage = await start(1);
    const { id } = firstOf(stage.linkable.slice(1));
    const text = `{ paymentServiceUser(id: "${stage.person.id}") { linkAttempts { nodes { id } } } }`;
    {
      using _broken = stage.sandbox.fault(({ path }) => path.includes(`${id}/link-attempts`), {
        status: 500,
        body: "{}",
      });
      const { errors } = await stage.send(text);
      expect(errors.map(({ path }) => path?.join("."))).toEqual(["paymentServiceUser.linkAttempts"]);
    }
    expect((await stage.send(text)).errors).toEqual([]);
  });

  it("are without those at a connector that is gone since", async () => {
    await using stage = await start(1);
    const { id } = firstOf(stage.linkable.slice(1));
    const notFound = { status: 404, body: '{"errorCode":"NOT_FOUND","errorMessage":"cannot get connector"}' };
    using _gone = stage.sandbox.fault(({ path }) => path.includes(`${id}/link-attempts`), notFound);
    expect(await walk(stage, () => 30)).toEqual(stage.expected((row) => row.connectorID !== id));
  });

  it("are the user's own, by a cursor of the user's own", async () => {
    await using stage = await start(1);
    const { pageInfo } = await stage.page({ first: 5 });
    const after = pageInfo.endCursor;
    const send = async (gateway: Pick<Stage, "send">, variables: object) => {
      const { data, errors } = await gateway.send<{ paymentServiceUser: unknown }>(AttemptsOfAll.toString(), variables);
      return errors[0]?.extensions["code"] ?? data?.paymentServiceUser ?? null;
    };
    await using others = createTestGateway(stage.sandbox, { viewer: psuViewer(stage.other.id) });
    expect(await send(others, { psu: stage.person.id })).toBeNull();
    expect(await send(others, { psu: stage.other.id, after })).toBe("BAD_USER_INPUT");
    expect(await send(stage, { psu: stage.other.id, after })).toBe("BAD_USER_INPUT");
    const connector = firstOf(stage.linkable).id;
    expect(await send(stage, { psu: stage.person.id, after, connector })).toBe("BAD_USER_INPUT");
    expect(await send(stage, { psu: stage.person.id, after, statuses: ["PENDING"] })).toBe("BAD_USER_INPUT");
  });

  it("that the stack lists for somebody else fail the page", async () => {
    await using stage = await start(1);
    const { id } = firstOf(stage.linkable.slice(2));
    const row = { id: stage.person.id, psuID: stage.other.id, connectorID: id, createdAt: "2026-08-05T12:00:00Z" };
    const data = [{ ...row, status: "pending", clientRedirectURL: null, error: null }];
    const body = JSON.stringify({ cursor: { pageSize: 15, hasMore: false, data } });
    using _wrong = stage.sandbox.fault(({ path }) => path.includes(`${id}/link-attempts`), { status: 200, body });
    const { errors } = await stage.send(
      `{ paymentServiceUser(id: "${stage.person.id}") { linkAttempts { nodes { id } } } }`,
    );
    expect(errors[0]?.extensions["code"]).toBe("UPSTREAM_MALFORMED");
  });
});

describe("times as the service writes them", () => {
  it.each([
    ["2026-08-05T12:00:00.5Z", "2026-08-05T12:00:00.49Z"],
    ["2026-08-05T12:00:00.000001Z", "2026-08-05T12:00:00Z"],
    ["2026-08-05T12:00:00.123457Z", "2026-08-05T12:00:00.123456Z"],
    ["2026-08-05T12:00:01Z", "2026-08-05T12:00:00.999999999Z"],
    ["2026-08-05T12:00:00Z", "2026-08-05T13:59:59+02:00"],
    ["1969-12-31T23:59:59.7Z", "1969-12-31T23:59:59.2Z"],
  ])("are compared exactly: %s is after %s", (later, earlier) => {
    expect(Math.sign(compareTimes(later, earlier))).toBe(1);
    expect(Math.sign(compareTimes(earlier, later))).toBe(-1);
    expect(compareTimes(later, later)).toBe(0);
  });
});
