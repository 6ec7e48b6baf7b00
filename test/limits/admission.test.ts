/** Limits on operations: size before they run, rate limits, and what is charged afterwards. */
import { getIntrospectionQuery } from "graphql";
import { describe, expect, it } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import { readConfig } from "../../src/config/config.ts";
import { httpOf, rateLimited } from "../../src/errors.ts";
import { examples } from "../../src/http/graphiql/examples.ts";
import { Reloadable } from "../../src/lib/reloadable.ts";
import type { Limits } from "../../src/limits/admission.ts";
import { type RateLimits, startRateLimits } from "../../src/limits/rate-limit.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { firstOf } from "../schema/global-ids.ts";
import { fairNow } from "../support/fair-clock.ts";
import { type ClientError, operator, psuViewer, startTestGateway, until } from "../support/helpers.ts";
import { distinctSse, post, startLiveGateway, webSocket } from "../support/live/clients.ts";

const { limits } = readConfig({});
const withQuery = (query: Partial<Limits["query"]>) => ({
  limits: { ...limits, query: { ...limits.query, ...query } },
});
/** In an hour, so that a test that takes long on a busy machine gets nothing back by the way. */
const withRates = async (rate: Partial<Limits["rate"]>, windowMs = 3_600_000) => ({
  rates: await startRateLimits({
    values: new Reloadable({ psu: null, operator: null, address: null, ...rate }),
    windowMs,
    redis: null,
    onProblem: () => {},
  }),
});
/** The rest of a budget of 100 for the operator. */
async function leftOf({ rates }: { readonly rates: RateLimits }): Promise<number> {
  for (let calls = 100; calls > 0; calls -= 1) {
    try {
      await rates.consume({ viewer: operator, address: null }, calls);
      rates.reconcile({ viewer: operator, address: null }, -calls);
      return calls;
    } catch {}
  }
  return 0;
}
const names = (connection: string) => `{ paymentServiceUsers(first: 100) { nodes { ${connection} } } }`;
const codes = (errors: readonly ClientError[] | undefined) => errors?.map(({ extensions }) => extensions.code);
const tooLarge = (kind: string, limit: number) => ({
  extensions: { code: "QUERY_TOO_COMPLEX", retryable: false, limit, [kind]: expect.any(Number) },
});

describe("an operation that is too large", () => {
  const deep = `${"connection { accounts { ".repeat(9)}name${" } }".repeat(9)}`;
  it.each([
    ["cost", names("accounts { payments(first: 1) { nodes { id sourceAccount { balances { createdAt } } } } }"), 1000],
    [
      "values",
      names(
        `accounts { paymentServiceUser { ${"accounts { paymentServiceUser { ".repeat(4)} name ${"} }".repeat(4)} } }`,
      ),
      100_000,
    ],
    ["depth", `{ account(id: "x") { ${deep} } }`, 15],
    ["aliases", `{ ${Array.from({ length: 51 }, (_, n) => `a${n}: viewer { subject }`).join(" ")} }`, 50],
    ["directives", `{ viewer { ${"subject @skip(if: false) ".repeat(51)} } }`, 50],
  ])("is refused for its %s before any call to the stack, with its size and the limit", async (kind, query, limit) => {
    await using gateway = await startTestGateway();
    const calls = await gateway.calls(async () => {
      const { status, data, errors } = await gateway.send(query);
      expect([data, errors]).toMatchObject([null, [tooLarge(kind, limit)]]);
      expect(errors[0]?.extensions[kind]).toBeGreaterThan(limit);
      expect(errors[0]?.extensions).not.toHaveProperty("http");
      expect(status).toBe(400);
    });
    expect(calls).toEqual([]);
  });

  it("by a variable that fifty aliases filter by is refused before that is read", async () => {
    await using gateway = await startTestGateway();
    const aliases = Array.from(
      { length: 50 },
      (_, at) => `a${at}: payments(filter: { metadata: $m }) { nodes { id } }`,
    );
    const m = Object.fromEntries(Array.from({ length: 24_000 }, (_, at) => [at.toString(36), ""]));
    const calls = await gateway.calls(async () => {
      const { status, data, errors } = await gateway.send(`query ($m: Metadata) { ${aliases.join(" ")} }`, { m });
      expect([status, data, errors]).toMatchObject([400, null, [tooLarge("values", 100_000)]]);
    });
    expect(calls).toEqual([]);
  });

  it("is not parsed to the end when it has too many tokens", async () => {
    await using gateway = await startTestGateway();
    const { errors } = await gateway.send(`{ ${"viewer { subject } ".repeat(600)} }`);
    expect(errors).toMatchObject([
      { message: expect.stringContaining("2000 tokens"), extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  it("is refused for its variables, and passes with others", async () => {
    await using gateway = await startTestGateway({ guards: withQuery({ calls: 60 }) });
    const query = "query ($first: Int = 100) { paymentServiceUsers(first: $first) { nodes { connections { id } } } }";
    expect(codes((await gateway.send(query)).errors)).toEqual(["QUERY_TOO_COMPLEX"]);
    expect(codes((await gateway.send(query, { first: 99 })).errors)).toEqual(["QUERY_TOO_COMPLEX"]);
    expect((await gateway.send(query, { first: 5 })).errors).toEqual([]);
  });

  it("is refused at once when its fragments double thirty times", async () => {
    await using gateway = await startTestGateway();
    const bomb = Array.from(
      { length: 30 },
      (_, n) =>
        `fragment F${n} on Account { a${n}: connection { accounts { ...F${n + 1} } } b${n}: connection { accounts { ...F${n + 1} } } }`,
    );
    const startedAt = fairNow();
    const { errors } = await gateway.send(
      `{ account(id: "x") { ...F0 } } ${bomb.join(" ")} fragment F30 on Account { name }`,
    );
    expect(codes(errors)).toEqual(["QUERY_TOO_COMPLEX"]);
    expect(fairNow() - startedAt).toBeLessThan(1500);
  });

  it("is refused when a request has several operations", async () => {
    await using gateway = await startTestGateway();
    const answer = await gateway.fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([{ query: "{ viewer { subject } }" }, { query: "{ viewer { subject } }" }]),
    });
    expect(codes(((await answer.json()) as { errors: ClientError[] }).errors)).toEqual(["BAD_USER_INPUT"]);
  });

  it.each([webSocket, distinctSse])("is refused and logged over $name as over HTTP", async ({ connect }) => {
    await using gateway = await startLiveGateway({ guards: withQuery({ calls: 3 }) });
    const psuId = [...gateway.sandbox.world.people][0]?.id;
    using client = connect(gateway.url);
    const large =
      "subscription Large($id: ID!) { connectionChanged(psuId: $id) { connection { accounts { balances { createdAt } } } } }";
    const { data, errors } = await client.open(large, { id: psuId }).next();
    expect([data, errors]).toMatchObject([null, [tooLarge("cost", 3)]]);
    expect(errors[0]?.extensions["requestId"]).toEqual(expect.any(String));
    expect(gateway.sandbox.calls).toEqual([]);
    const small = "subscription Small($id: ID!) { connectionChanged(psuId: $id) { kind } }";
    expect((await client.open(small, { id: psuId }).next()).errors).toEqual([]);
    const lines = gateway.lines.map((line) => JSON.parse(line));
    expect(lines).toContainEqual(expect.objectContaining({ operation: "Large", outcome: ["QUERY_TOO_COMPLEX"] }));
  });
});

describe("operations of usual size", () => {
  it("pass with a margin: GraphiQL's first query, the tree of twenty users, and full introspection", async () => {
    await using gateway = await startTestGateway({ guards: withQuery({ calls: 500, values: 50_000, depth: 12 }) });
    const everybody = examples[0]?.document ?? "";
    const tree = `{ paymentServiceUsers(first: 20) { nodes { name connections { status connector { name }
      accounts { name balances { amount { formatted } } } } } } }`;
    for (const query of [everybody, tree, getIntrospectionQuery()])
      expect((await gateway.send(query)).errors).toEqual([]);
  });

  it("are logged with their estimated cost", async () => {
    await using gateway = await startTestGateway();
    await gateway.send("query Two { paymentServiceUsers(first: 2) { nodes { connections { id } } } }");
    expect(gateway.lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ operation: "Two", cost: 3, upstreamCalls: 3 }),
    );
  });
});

describe("a budget", () => {
  const world = () => createWorld({ size: { people: 3, connectionsEach: 1, accountsEach: 1 } });
  const send = (url: string, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", ...headers },
      body: JSON.stringify({ query: "{ connectors { nodes { id } } }" }),
    });

  it("that is spent gets 429 with the time to wait, in the response and in Retry-After, and then passes again", async () => {
    await using gateway = await startLiveGateway({ guards: await withRates({ operator: 5 }, 2000) });
    // At once: one by one, a busy machine may take longer than the budget needs to fill again.
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(gateway.url)));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
    const refused = firstOf(answers, ({ status }) => status === 429);
    const { errors } = (await refused.json()) as { errors: ClientError[] };
    expect([refused.status, codes(errors)]).toEqual([429, ["RATE_LIMITED"]]);
    const retryAfterMs = Number(errors[0]?.extensions["retryAfterMs"]);
    expect(errors[0]?.extensions).toMatchObject({ retryable: true });
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(400);
    expect(refused.headers.get("retry-after")).toBe("1");
    const refusedAt = fairNow();
    await until(async () => (await send(gateway.url)).status === 200);
    expect(fairNow() - refusedAt).toBeLessThan(retryAfterMs + 200);
  });

  it("that is spent gets nothing back from refused operations", async () => {
    await using gateway = await startTestGateway({ guards: await withRates({ operator: 20 }) });
    const large = `{ ${Array.from({ length: 15 }, (_, at) => `a${at}: paymentServiceUsers(first: ${at + 1}) { nodes { id } }`).join(" ")} }`;
    const send = async (query: string) => (await gateway.send(query)).errors.map(({ extensions }) => extensions.code);
    for (let times = 0; times < 15; times += 1) expect(await send("{ connectors { nodes { id } } }")).toEqual([]);
    for (let times = 0; times < 5; times += 1) expect(await send(large)).toEqual(["RATE_LIMITED"]);
  });

  it("of one PSU is not spent by another", async () => {
    const people = world();
    const [one, other] = people.people;
    const authenticate = async (header: string | null) => psuViewer(header?.slice(7) ?? "");
    await using gateway = await startLiveGateway({
      sandbox: { world: people },
      authenticate,
      guards: await withRates({ psu: 3 }),
    });
    const as = (psuId = "") => send(gateway.url, { authorization: `Bearer ${psuId}` });
    for (let times = 0; times < 3; times += 1) expect((await as(one?.id)).status).toBe(200);
    expect((await as(one?.id)).status).toBe(429);
    expect((await as(other?.id)).status).toBe(200);
  });

  it("of an address prevents the guessing of tokens", async () => {
    let tried = 0;
    const authenticate = async () => {
      tried += 1;
      throw new Error("no");
    };
    await using gateway = await startLiveGateway({ authenticate, guards: await withRates({ address: 10 }) });
    for (let times = 0; times < 30; times += 1) await send(gateway.url);
    expect(tried).toBe(10);
    expect((await send(gateway.url)).status).toBe(429);
  });

  it("of an address belongs to the client that the last trusted proxy names, not to the one that the client names", async () => {
    for (const [trustedProxies, expected] of [
      [0, [200, 200, 429, 429]],
      [1, [200, 200, 429, 200]],
    ] as const) {
      const guards = { ...(await withRates({ address: 4 })), trustedProxies };
      await using gateway = await startLiveGateway({ guards });
      const statuses: number[] = [];
      for (const forwarded of ["1.1.1.1, 9.9.9.9", "2.2.2.2, 9.9.9.9", "3.3.3.3, 9.9.9.9", "9.9.9.9, 8.8.8.8"]) {
        statuses.push((await send(gateway.url, { "x-forwarded-for": forwarded })).status);
      }
      expect(statuses).toEqual(expected);
    }
  });

  it("is charged the real cost of an operation when the estimate was too high", async () => {
    const people = world();
    const guards = await withRates({ operator: 100 });
    await using gateway = await startTestGateway({ sandbox: { world: people }, guards });
    // Estimated for twenty users, of whom there are three: a page, and the connections of each.
    expect((await gateway.send("{ paymentServiceUsers(first: 20) { nodes { connections { id } } } }")).errors).toEqual(
      [],
    );
    expect(await leftOf(guards)).toBe(96);
  });

  it("gets back what a stream was charged but did not use, whether it was refused or has ended", async () => {
    const people = world();
    const guards = await withRates({ operator: 100 });
    await using gateway = await startTestGateway({ sandbox: { world: people }, guards });
    const document = `subscription ($id: ID!) {
      connectionChanged(psuId: $id) { connection { accounts { balances { createdAt } } } }
    }`;
    for (const [psuId, least] of [
      ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", 96] as const,
      [people.people[0]?.id, 94] as const,
    ]) {
      await using stream = gateway.subscribe(document, { id: toGlobalId("PaymentServiceUser", psuId ?? "") });
      await until(async () => stream.messages.length > 0);
      await stream[Symbol.asyncDispose]();
      await expect.poll(() => leftOf(guards)).toBeGreaterThanOrEqual(least);
      expect(gateway.lines.at(-1)).toContain('"cost":11');
    }
  });

  it.each([webSocket, distinctSse])("applies to operations over $name, too", async ({ connect }) => {
    await using gateway = await startLiveGateway({ guards: await withRates({ operator: 3 }) });
    using client = connect(gateway.url);
    const results: (readonly string[] | undefined)[] = [];
    for (let times = 0; times < 4; times += 1) {
      const { errors } = await client.open("query { connectors { nodes { id } } }").next();
      results.push(codes(errors));
    }
    expect(results).toEqual([[], [], [], ["RATE_LIMITED"]]);
  });

  it("of an address that is spent closes new sockets with 1013, to be retried, not with 4403", async () => {
    await using gateway = await startLiveGateway({ guards: await withRates({ address: 1 }) });
    expect((await post(gateway.url, { query: "{ viewer { subject } }" })).errors).toMatchObject([
      { extensions: { code: "RATE_LIMITED" } },
    ]);
    using client = webSocket.connect(gateway.url);
    await expect(client.open("{ viewer { subject } }").next()).rejects.toThrow("1013");
  });

  it("tells nobody to wait for longer than an hour, whatever Redis says", () => {
    expect(rateLimited(1e15).extensions).toMatchObject({ retryAfterMs: 3_600_000 });
    expect(httpOf(rateLimited(1e15))?.headers).toEqual({ "retry-after": "3600" });
  });
});
