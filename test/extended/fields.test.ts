/** Own fields, through the front door: answers, cost, errors and ownership. */
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import { firstOf } from "../schema/global-ids.ts";
import { until } from "../support/helpers.ts";
import { codesOf, crm, kindsOfMistakes, kindsOfOdd, operator, secretText, startExtended } from "./stage.ts";

beforeEach(() => crm.fail(null));
afterAll(() => crm[Symbol.asyncDispose]());

const users = "{ paymentServiceUsers(first: 100) { nodes { psuId customer { segment adviser } } } }";
type Users = { paymentServiceUsers: { nodes: { psuId: string; customer: object | null }[] } };
const large = () => createWorld({ size: { people: 100, connectionsEach: 0, accountsEach: 0 } });

describe("a field from another service", () => {
  it("is read for a page of users in as few calls as its batch allows", async () => {
    await using stage = await startExtended({}, { world: large() });
    const before = crm.requests.length;
    const { data, errors } = await stage.send(users);
    expect(errors).toBeUndefined();
    const { nodes } = (data as Users).paymentServiceUsers;
    expect(nodes).toHaveLength(100);
    for (const { psuId, customer } of nodes) {
      expect(customer).toEqual({ segment: /^[0-7]/.test(psuId) ? "private" : "premium", adviser: "Kim" });
    }
    expect(crm.requests).toHaveLength(before + 2);
  });

  it("counts: what it will cost before it runs, and its calls afterwards", async () => {
    await using stage = await startExtended({}, { world: large() });
    await stage.send("{ paymentServiceUsers(first: 100) { nodes { psuId } } }");
    await stage.send(users);
    await stage.send("{ paymentServiceUsers(first: 100) { nodes { scores } } }");
    const [plain, batched, each] = stage.operations();
    expect(plain).toMatchObject({ cost: 1, upstreamCalls: 1 });
    expect(batched).toMatchObject({ cost: 3, upstreamCalls: 3 });
    expect(each).toMatchObject({ cost: 301, upstreamCalls: 301 });
  });

  it("is refused where it makes an operation too expensive, before anything is called", async () => {
    await using stage = await startExtended({ settings: { MAX_QUERY_COST: "200" } }, { world: large() });
    const before = crm.requests.length;
    const aliases = Array.from({ length: 49 }, (_, at) => `a${at}: customer { segment }`).join(" ");
    const refused = [
      "{ paymentServiceUsers(first: 100) { nodes { scores } } }",
      // Each of 100 customers may be of another user, and each user has connections and accounts to read.
      '{ customers(segment: "premium") { paymentServiceUser { connections { status } } } customers2: customers(segment: "private") { paymentServiceUser { connections { status } } } }',
    ];
    for (const query of refused) expect(codesOf(await stage.send(query))).toEqual(["QUERY_TOO_COMPLEX"]);
    expect(crm.requests).toHaveLength(before);
    // Equal keys are loaded once, however often they are asked for; the estimate is on the safe side.
    await stage.send(`{ paymentServiceUsers(first: 100) { nodes { ${aliases} } } }`);
    expect(stage.operations().at(-1)).toMatchObject({ cost: 99, upstreamCalls: 3 });
  });

  it("is charged to the caller's rate limit", async () => {
    const settings = { MAX_QUERY_COST: "400", RATE_LIMIT_OPERATOR: "400" };
    await using stage = await startExtended({ settings }, { world: large() });
    const query = "{ paymentServiceUsers(first: 100) { nodes { scores } } }";
    expect(codesOf(await stage.send(query))).toEqual([]);
    expect(codesOf(await stage.send(query))).toEqual(["RATE_LIMITED"]);
  });

  it("takes texts in arguments by the same rules, and by its own length", async () => {
    await using stage = await startExtended();
    for (const segment of ["x".repeat(41), "a\0b"]) {
      const { errors } = await stage.send(
        "query ($segment: String!) { customers(segment: $segment) { segment } }",
        undefined,
        { segment },
      );
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", field: "segment" } }]);
    }
  });
});

describe("an own type", () => {
  it("leads back to our nouns, and its list is bounded by its rows", async () => {
    await using stage = await startExtended();
    await stage.send(users);
    const { data, errors } = await stage.send(
      '{ customers(segment: "private") { paymentServiceUser { name customer { segment } } } }',
    );
    expect(errors).toBeUndefined();
    // The CRM has customers of other stacks, too.
    const { customers } = data as { customers: { paymentServiceUser: object | null }[] };
    const own = customers.flatMap(({ paymentServiceUser }) => paymentServiceUser ?? []);
    expect(own.length).toBeGreaterThan(0);
    for (const user of own) {
      expect(user).toEqual({ name: expect.any(String), customer: { segment: "private" } });
    }
    // One call for 100 customers, two for their users, two more for the users' customers.
    expect(stage.operations().at(-1)).toMatchObject({ cost: 5 });
  });
});

describe("an error in an own field", () => {
  it.each(kindsOfMistakes)("is masked when its resolver %s, with a log line that says where", async (kind) => {
    await using stage = await startExtended();
    const query = "query ($kind: String!) { paymentServiceUsers(first: 1) { nodes { name mistake(kind: $kind) } } }";
    const answer = await stage.send(query, undefined, { kind });
    expect(answer.errors).toMatchObject([
      { message: "Unexpected error.", extensions: { code: "INTERNAL_SERVER_ERROR" } },
    ]);
    expect(answer.data).toMatchObject({ paymentServiceUsers: { nodes: [{ mistake: null }] } });
    expect(JSON.stringify(answer)).not.toContain(secretText);
    const text = stage.lines.join("");
    expect(text).toContain('"path":"paymentServiceUsers.nodes.0.mistake"');
    expect(text).toContain('"msg":"unexpected error"');
    expect(text).not.toContain(secretText);
  });

  it.each(kindsOfOdd)("is its own when its scalar writes %s: the rest of the answer stays", async (kind) => {
    await using stage = await startExtended();
    await using behind = await startExtended({ plugins: [{ onParams() {} }] });
    const query = "query ($kind: String!) { odd(kind: $kind) oddJson(kind: $kind) viewer { subject } }";
    for (const { url, lines } of [stage, behind]) {
      for (const accept of ["application/json", "text/event-stream"]) {
        const response = await fetch(`${url}/graphql`, {
          method: "POST",
          headers: { "content-type": "application/json", accept, ...operator },
          body: JSON.stringify({ query, variables: { kind } }),
        });
        const text = await response.text();
        expect(text).toContain('"data":{"odd":null,');
        expect(text).toContain('"viewer":{"subject":"back-office"}');
        expect(text).toMatch(kind === "a bigint" ? '"oddJson":1' : '"oddJson":null');
        expect(text + lines.join("")).not.toContain(secretText);
      }
    }
  });

  it("is a list that is longer than its rows, which its cost is estimated by", async () => {
    await using stage = await startExtended();
    for (const late of [false, true]) {
      const query =
        "query ($late: Boolean) { right: items(count: 3, late: $late) { text } items(count: 4, late: $late) { text } }";
      const answer = await stage.send(query, undefined, { late });
      expect(answer.data).toMatchObject({ right: [{}, {}, {}], items: null });
      expect(codesOf(answer)).toEqual(["INTERNAL_SERVER_ERROR"]);
    }
  });

  it.each([
    ["is down in a way that it knows", { status: 503, text: secretText }, "UPSTREAM_UNAVAILABLE", true],
    ["refuses with a text of its own", { status: 500, text: secretText }, "INTERNAL_SERVER_ERROR", false],
    ["answers what is no JSON", { status: 200, text: secretText }, "INTERNAL_SERVER_ERROR", false],
  ] as const)("fails that field alone when the service %s", async (_kind, failure, code, retryable) => {
    await using stage = await startExtended();
    crm.fail(failure);
    const answer = await stage.send("{ paymentServiceUsers(first: 2) { nodes { name customer { segment } } } }");
    expect(answer.errors).toHaveLength(2);
    for (const { extensions } of answer.errors ?? []) expect(extensions).toMatchObject({ code, retryable });
    const { nodes } = (answer.data as Users).paymentServiceUsers;
    expect(nodes).toEqual(nodes.map(() => ({ name: expect.any(String), customer: null })));
    expect(JSON.stringify([answer, stage.lines])).not.toContain(secretText);
  });

  it("is UPSTREAM_TIMEOUT when the service never answers, within the operation's time", async () => {
    await using stage = await startExtended({ settings: { OPERATION_TIMEOUT_SECONDS: "1" } });
    crm.fail("never");
    const startedAt = performance.now();
    const answer = await stage.send("{ paymentServiceUsers(first: 1) { nodes { customer { segment } } } }");
    expect(answer.errors).toMatchObject([{ extensions: { code: "UPSTREAM_TIMEOUT", retryable: true } }]);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it("ends a field whose call heeds no signal, and leaves open whether that of a mutation was done", async () => {
    await using stage = await startExtended({
      settings: { OPERATION_TIMEOUT_SECONDS: "1" },
      authenticate: () => ({ subject: "a", psuId: null, scopes: ["payments:read", "payments:write"] }),
    });
    // A field that makes its call without the library ends, too.
    expect((await stage.send("{ endless viewer { subject } }")).errors).toMatchObject([
      { path: ["endless"], extensions: { code: "UPSTREAM_TIMEOUT", retryable: true } },
    ]);
    const { errors } = await stage.send("mutation { endless }");
    expect(errors).toMatchObject([
      { extensions: { code: "UPSTREAM_TIMEOUT", retryable: false, outcomeUnknown: true } },
    ]);
    expect(stage.operations()).toMatchObject([{ upstreamCalls: 1 }, { upstreamCalls: 1 }]);
  });

  it("ends the call when the client leaves", async () => {
    await using stage = await startExtended({ settings: { OPERATION_TIMEOUT_SECONDS: "60" } });
    crm.fail("never");
    const before = crm.requests.length;
    const cancellation = new AbortController();
    const gone = fetch(`${stage.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "ApiKey the-key-of-the-back-office" },
      body: JSON.stringify({ query: '{ customers(segment: "x") { segment } }' }),
      signal: cancellation.signal,
    }).catch(() => "gone");
    await until(async () => crm.requests.length > before);
    cancellation.abort();
    expect(await gone).toBe("gone");
    await until(async () => stage.operations().length > 0);
  });
});

describe("what belongs to another user", () => {
  const other = (world: ReturnType<typeof createWorld>, psuId: string) =>
    firstOf(world.people, ({ id }) => id !== psuId);

  it("is not reached: neither the user, nor a list for operators, nor by a root field that forgets to look", async () => {
    await using stage = await startExtended();
    const own = firstOf(stage.world.people);
    const { id } = other(stage.world, own.id);
    const cookie = stage.cookieOf(own.id);
    const before = crm.requests.length;
    expect((await stage.send(`{ paymentServiceUser(id: "${id}") { customer { segment } } }`, cookie)).data).toEqual({
      paymentServiceUser: null,
    });
    expect(codesOf(await stage.send('{ customers(segment: "private") { segment } }', cookie))).toEqual(["FORBIDDEN"]);
    const careless = await stage.send(`{ anyUser(psuId: "${id}") { name customer { segment } } }`, cookie);
    expect([careless.data, codesOf(careless)]).toEqual([{ anyUser: null }, ["INTERNAL_SERVER_ERROR"]]);
    expect(crm.requests).toHaveLength(before);
    expect((await stage.send("{ viewer { paymentServiceUser { customer { adviser } } } }", cookie)).data).toEqual({
      viewer: { paymentServiceUser: { customer: { adviser: "Kim" } } },
    });
  });

  it("is not changed: an own mutation has its rule checked first", async () => {
    await using stage = await startExtended();
    const mutation = `mutation { touch(psuId: "${firstOf(stage.world.people).id}") { name } }`;
    expect(codesOf(await stage.send(mutation))).toEqual(["FORBIDDEN"]); // the key may only read
  });
});
