import { describe, expect, it } from "vitest";
import type { Call, Fault } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { graphql } from "../graphql/gql.ts";
import type { AccountsWithConnectionQuery, FailingAccountQuery } from "../graphql/graphql.ts";
import { startTestGateway, type TestGateway } from "../support/helpers.ts";
import { closedUrl, page, startStack } from "./stack.ts";

const FailingAccount = graphql(`
  query FailingAccount($id: ID!) {
    account(id: $id) { name }
  }
`);

const FailingLink = graphql(`
  mutation FailingLink($input: CreateLinkInput!) {
    createLink(input: $input) { link }
  }
`);

const TwoUsers = graphql(`
  query TwoUsers($failing: ID!, $other: ID!) {
    failing: paymentServiceUser(id: $failing) { name connections { connectionId } }
    other: paymentServiceUser(id: $other) { name connections { connectionId } }
  }
`);

const AccountsWithConnection = graphql(`
  query AccountsWithConnection {
    accounts(first: 100) { nodes { accountId connection { connectionId } } }
  }
`);

const ConnectionNodes = graphql(`
  query ConnectionNodes($ids: [ID!]!) {
    nodes(ids: $ids) { id }
  }
`);

const ConnectionIds = graphql(`
  query ConnectionIds($psuId: ID!) {
    paymentServiceUser(id: $psuId) { connections { id } }
  }
`);

const TwoBalances = graphql(`
  query TwoBalances($failing: ID!, $other: ID!) {
    failing: account(id: $failing) { balances { amount { amount } } }
    other: account(id: $other) { balances { amount { amount } } }
  }
`);

/** What a service in trouble may put into its answers, and must reach neither clients nor logs. */
const leak = "dial tcp 10.20.30.40:5432: password=hunter2 for Ada Lovelace\\n\\tat storage.go:42";
const secrets = /hunter2|10\.20\.30\.40|Ada|storage\.go|127\.0\.0\.1|localhost|sandbox-s3cr3t/;
const stackTrace = /\n?\s+at \S+ \(|node:internal|\.ts:\d+/;

const json = { "content-type": "application/json" };
const html = { headers: { "content-type": "text/html" }, body: `<html><h1>${leak}</h1></html>` };
const refusal = (status: number, errorCode: string, errorMessage = "the service's words about the input"): Fault => ({
  status,
  headers: json,
  body: JSON.stringify({ errorCode, errorMessage }),
});

const unavailable = "The payments stack is not available.";
const malformed = "The payments stack answered something that its contract does not allow.";
const unauthorized = "The payments stack refused the gateway's credentials.";
const slowDown = "The payments stack asks to slow down.";
const words = "the service's words about the input";

type Row = {
  readonly title: string;
  readonly fault: Fault;
  readonly message: string;
  readonly extensions: { readonly code: string; readonly retryable: boolean; readonly retryAfterMs?: number };
  readonly calls: number;
};

const row = (
  title: string,
  fault: Fault,
  message: string,
  code: string,
  more: { readonly retryable?: boolean; readonly retryAfterMs?: number; readonly calls?: number } = {},
): Row => {
  const { calls = 1, retryable = false, ...rest } = more;
  return { title, fault, message, calls, extensions: { code, retryable, ...rest } };
};

const rows: readonly Row[] = [
  row("400 VALIDATION", refusal(400, "VALIDATION"), words, "BAD_USER_INPUT"),
  row("400 INVALID_ID", refusal(400, "INVALID_ID"), words, "BAD_USER_INPUT"),
  row("400 MISSING_OR_INVALID_BODY", refusal(400, "MISSING_OR_INVALID_BODY"), words, "BAD_USER_INPUT"),
  row("400 of a capability", refusal(400, "CONNECTOR_CAPABILITY_NOT_SUPPORTED"), words, "BAD_USER_INPUT"),
  row("400 with an unknown code", refusal(400, "NEW_CODE", leak), malformed, "UPSTREAM_MALFORMED"),
  row("400 with HTML", { status: 400, ...html }, malformed, "UPSTREAM_MALFORMED"),
  row("401", { status: 401 }, unauthorized, "UPSTREAM_UNAUTHORIZED", { calls: 2 }),
  row("403 with an empty body", { status: 403 }, unauthorized, "UPSTREAM_UNAUTHORIZED"),
  row("404 with a proxy's HTML", { status: 404, ...html }, malformed, "UPSTREAM_MALFORMED"),
  row("404 with an empty body", { status: 404 }, malformed, "UPSTREAM_MALFORMED"),
  row("400 CONFLICT", refusal(400, "CONFLICT"), words, "CONFLICT"),
  row("409 CONFLICT", refusal(409, "CONFLICT"), words, "CONFLICT"),
  row("409 with HTML", { status: 409, ...html }, malformed, "UPSTREAM_MALFORMED"),
  row("429", { status: 429, headers: { "retry-after": "7" }, body: leak }, slowDown, "RATE_LIMITED", {
    retryable: true,
    retryAfterMs: 7000,
  }),
  row("429 without Retry-After", { status: 429 }, slowDown, "RATE_LIMITED", { retryable: true, calls: 3 }),
  row(
    "429 with a Retry-After that is no time",
    { status: 429, headers: { "retry-after": "soon" } },
    slowDown,
    "RATE_LIMITED",
    { retryable: true, calls: 3 },
  ),
  row("500 INTERNAL", refusal(500, "INTERNAL", leak), unavailable, "UPSTREAM_UNAVAILABLE", { retryable: true }),
  row("500 with a code of a 400", refusal(500, "VALIDATION", leak), unavailable, "UPSTREAM_UNAVAILABLE", {
    retryable: true,
  }),
  row("502 with HTML", { status: 502, ...html }, unavailable, "UPSTREAM_UNAVAILABLE", { retryable: true, calls: 3 }),
  row("503 with Retry-After", { status: 503, headers: { "retry-after": "1" } }, unavailable, "UPSTREAM_UNAVAILABLE", {
    retryable: true,
    retryAfterMs: 1000,
    calls: 3,
  }),
  row(
    "503 with a long Retry-After",
    { status: 503, headers: { "retry-after": "3" } },
    unavailable,
    "UPSTREAM_UNAVAILABLE",
    {
      retryable: true,
      retryAfterMs: 3000,
    },
  ),
  row("504 with an empty body", { status: 504 }, unavailable, "UPSTREAM_UNAVAILABLE", { retryable: true, calls: 3 }),
  row("a redirect", { status: 302, headers: { location: "/elsewhere" } }, malformed, "UPSTREAM_MALFORMED"),
  row("truncated JSON", { truncate: true }, malformed, "UPSTREAM_MALFORMED"),
  row("HTML with 200", { status: 200, ...html }, malformed, "UPSTREAM_MALFORMED"),
  row("nothing with 200", { status: 200 }, malformed, "UPSTREAM_MALFORMED"),
  row("a wrong shape", { body: `{"error":"${leak}"}` }, malformed, "UPSTREAM_MALFORMED"),
  row("`null`", { body: "null" }, malformed, "UPSTREAM_MALFORMED"),
  row("a socket that closes", { reset: true }, unavailable, "UPSTREAM_UNAVAILABLE", { retryable: true, calls: 3 }),
];

function expectQuiet(gateway: TestGateway): void {
  const lines = gateway.lines.join("");
  expect(lines).toContain('"msg":"operation"');
  expect(lines).not.toMatch(secrets);
  expect(lines).not.toMatch(stackTrace);
}

/** Sends, checks what every failure has in common, and answers the client's errors with the number of calls. */
async function fail(gateway: TestGateway, document: string, variables: object) {
  const before = gateway.sandbox.calls.length;
  const response = await gateway.fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query: document, variables }),
  });
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(text).not.toMatch(secrets);
  expect(text).not.toMatch(stackTrace);
  expectQuiet(gateway);
  const { data, errors } = JSON.parse(text) as { data: unknown; errors: { extensions: { requestId: string } }[] };
  for (const { extensions } of errors) expect(extensions.requestId).toBe(response.headers.get("x-request-id"));
  return { data, errors, calls: gateway.sandbox.calls.slice(before) };
}

const requestId = expect.stringMatching(/^[\w-]{36}$/);
const accountId = ({ sandbox }: TestGateway) => sandbox.world.accounts[0]?.id ?? "";
const isAccounts = ({ path }: Call) => path === "/accounts";

describe("a query that the service fails with", () => {
  it.each(rows)("$title: $extensions.code after $calls call(s)", async ({ fault, message, extensions, calls }) => {
    await using gateway = await startTestGateway();
    using _fault = gateway.sandbox.fault(isAccounts, fault);
    const answer = await fail(gateway, FailingAccount.toString(), { id: accountId(gateway) });
    expect(answer.data).toEqual({ account: null });
    expect(answer.errors).toEqual([
      { message, path: ["account"], locations: expect.any(Array), extensions: { ...extensions, requestId } },
    ]);
    expect(answer.calls).toHaveLength(calls);
    expect(gateway.lines.join("")).not.toContain(words);
  });

  it("a Retry-After that is a date: retryAfterMs up to then", async () => {
    await using gateway = await startTestGateway();
    const headers = { "retry-after": new Date(Date.now() + 60_000).toUTCString() };
    using _fault = gateway.sandbox.fault(isAccounts, { status: 429, headers });
    const { errors } = await gateway.send(FailingAccount.toString(), { id: accountId(gateway) });
    const retryAfterMs = errors[0]?.extensions["retryAfterMs"];
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it("a Retry-After that has passed: retryAfterMs 0", async () => {
    await using gateway = await startTestGateway();
    const headers = { "retry-after": new Date(Date.now() - 60_000).toUTCString() };
    using _fault = gateway.sandbox.fault(isAccounts, { status: 503, headers });
    const { errors } = await gateway.send(FailingAccount.toString(), { id: accountId(gateway) });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryAfterMs: 0 } }]);
  });

  it("a refused connection: UPSTREAM_UNAVAILABLE", async () => {
    const url = await closedUrl();
    await using gateway = await startTestGateway({ upstream: { url, credentials: { kind: "token", token: "t" } } });
    const { data, errors } = await fail(gateway, FailingAccount.toString(), { id: accountId(gateway) });
    expect(data).toEqual({ account: null });
    expect(errors).toMatchObject([
      { message: unavailable, extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true, requestId } },
    ]);
    expect(gateway.lines.join("")).not.toContain(url.port);
  });

  it("an answer that breaks off: UPSTREAM_UNAVAILABLE", async () => {
    await using stack = await startStack((_asked, response) => {
      response.writeHead(200, { ...json, "content-length": "1000" });
      response.write('{"cursor":', () => response.destroy());
      return null;
    });
    const credentials = { kind: "token", token: "t" } as const;
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
    const { errors } = await fail(gateway, FailingAccount.toString(), { id: accountId(gateway) });
    expect(errors).toMatchObject([{ message: unavailable, extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
    expect(stack.calls).toHaveLength(3);
  });

  it("no answer: UPSTREAM_TIMEOUT at the deadline, after one call", async () => {
    await using gateway = await startTestGateway({ upstream: { timeoutMs: 200 } });
    await gateway.send("{ connectors(first: 1) { nodes { id } } }"); // so that there is a token
    using _fault = gateway.sandbox.fault(isAccounts, { delayMs: 600_000 });
    const startedAt = performance.now();
    const { data, errors, calls } = await fail(gateway, FailingAccount.toString(), { id: accountId(gateway) });
    expect(performance.now() - startedAt).toBeGreaterThan(190);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(data).toEqual({ account: null });
    expect(errors).toMatchObject([
      {
        message: "The payments stack did not answer in time.",
        extensions: { code: "UPSTREAM_TIMEOUT", retryable: true, requestId },
      },
    ]);
    expect(calls).toHaveLength(1);
  });

  it("an answer that never ends: UPSTREAM_TIMEOUT, and the socket is closed", async () => {
    await using stack = await startStack((_asked, response) => {
      response.writeHead(200, json).write('{"cursor":{"data":[');
      return null;
    });
    const credentials = { kind: "token", token: "t" } as const;
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials, timeoutMs: 200 } });
    const { errors } = await fail(gateway, FailingAccount.toString(), { id: accountId(gateway) });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_TIMEOUT", retryable: true } }]);
    await stack.calls[0]?.disconnected;
  });
});

describe("a mutation that the service fails with", () => {
  const isCreateLink = ({ path }: Call) => path.endsWith("/create-link");
  const input = ({ sandbox }: TestGateway) => {
    const connection = sandbox.world.connections.find(({ status }) => status === "ACTIVE");
    const { psuID: psuId, connectorID: connectorId } = connection ?? {};
    return { psuId, connectorId, clientRedirectUrl: "https://app.example.com/return" };
  };

  // The key of the attempt makes it safe to send it again.
  it.each(rows)("$title: $extensions.code, sent $calls time(s)", async ({ fault, message, extensions, calls }) => {
    await using gateway = await startTestGateway();
    using _fault = gateway.sandbox.fault(isCreateLink, fault);
    const answer = await fail(gateway, FailingLink.toString(), { input: input(gateway) });
    expect(answer.data).toBeNull();
    expect(answer.errors).toEqual([
      { message, path: ["createLink"], locations: expect.any(Array), extensions: { ...extensions, requestId } },
    ]);
    expect(answer.calls.filter(isCreateLink)).toHaveLength(calls);
  });

  it("no answer: UPSTREAM_TIMEOUT, sent once", async () => {
    await using gateway = await startTestGateway({ upstream: { timeoutMs: 200 } });
    await gateway.send("{ connectors(first: 1) { nodes { id } } }");
    using _fault = gateway.sandbox.fault(isCreateLink, { delayMs: 600_000 });
    const { data, errors, calls } = await fail(gateway, FailingLink.toString(), { input: input(gateway) });
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_TIMEOUT", retryable: true } }]);
    expect(calls.filter(isCreateLink)).toHaveLength(1);
  });
});

describe("what the service does not know", () => {
  const unknown = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
  const encode = (text: string) => Buffer.from(text).toString("base64url");

  /** Ids that look right and name nothing, where a lookup is a call of its own. */
  function lookups({ sandbox }: TestGateway) {
    const { psuID, connectorID } = sandbox.world.connections[0] ?? {};
    const taskId = encode(JSON.stringify({ ConnectorID: { Provider: "", Reference: unknown }, Reference: "gone" }));
    const attemptId = encode(`LinkAttempt:${psuID}:${connectorID}:${unknown}`);
    return [
      { field: "linkAttempt", query: `{ linkAttempt(id: "${attemptId}") { id } }` },
      { field: "node", query: `{ node(id: "${attemptId}") { id } }` },
      { field: "task", query: `{ task(id: "${taskId}") { id } }` },
    ];
  }

  it.each(["linkAttempt", "node", "task"])("is null in the query `%s`, after one call", async (field) => {
    await using gateway = await startTestGateway();
    const { query = "" } = lookups(gateway).find((lookup) => lookup.field === field) ?? {};
    const calls = await gateway.calls(async () => {
      expect(await gateway.send(query)).toEqual({ status: 200, data: { [field]: null }, errors: [] });
    });
    expect(calls).toHaveLength(1);
  });

  it.each(["linkAttempt", "node", "task"])("is not what a proxy's 404 in `%s` says", async (field) => {
    await using gateway = await startTestGateway();
    const { query = "" } = lookups(gateway).find((lookup) => lookup.field === field) ?? {};
    using _fault = gateway.sandbox.fault(() => true, { status: 404, ...html });
    const { data, errors } = await fail(gateway, query, {});
    expect(data).toEqual({ [field]: null });
    expect(errors).toMatchObject([{ message: malformed, extensions: { code: "UPSTREAM_MALFORMED" } }]);
  });

  it("is an empty list of connections, when its PSU has just gone", async () => {
    await using gateway = await startTestGateway();
    const psuId = gateway.sandbox.world.people[0]?.id ?? "";
    const isConnections = ({ path }: Call) => path.endsWith("/connections");
    using _fault = gateway.sandbox.fault(isConnections, refusal(404, "NOT_FOUND"));
    const { paymentServiceUser } = await gateway.run(ConnectionIds, { psuId });
    expect(paymentServiceUser).toEqual({ connections: [] });
  });

  it("is not an empty list of connections when a proxy says 404", async () => {
    await using gateway = await startTestGateway();
    const psuId = gateway.sandbox.world.people[0]?.id ?? "";
    const isConnections = ({ path }: Call) => path.endsWith("/connections");
    using _fault = gateway.sandbox.fault(isConnections, { status: 404, ...html });
    const { errors } = await fail(gateway, ConnectionIds.toString(), { psuId });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_MALFORMED" } }]);
  });

  it.each(["forwardPaymentServiceUser", "createLink", "deletePaymentServiceUser", "deletePaymentServiceUserConnector"])(
    "is NOT_FOUND in the mutation `%s`",
    async (mutation) => {
      await using gateway = await startTestGateway();
      const connector = `connectorId: "${gateway.sandbox.world.connectors[0]?.id}"`;
      const members = {
        forwardPaymentServiceUser: `{ ${connector}, psuId: "${unknown}" }) { connector { id }`,
        createLink: `{ ${connector}, psuId: "${unknown}", clientRedirectUrl: "https://app.example.com" }) { link`,
        deletePaymentServiceUser: `{ psuId: "${unknown}" }) { deletedId`,
        deletePaymentServiceUserConnector: `{ ${connector}, psuId: "${unknown}" }) { deletedId`,
      }[mutation];
      const { data, errors } = await fail(gateway, `mutation { ${mutation}(input: ${members} } }`, {});
      expect(data).toBeNull();
      expect(errors).toMatchObject([
        { path: [mutation], extensions: { code: "NOT_FOUND", retryable: false, requestId } },
      ]);
    },
  );
});

describe("one failing key", () => {
  const broken: Fault = { status: 500 };

  /** Two PSUs that have connections, the first of which is to fail. */
  function twoOwners({ sandbox }: TestGateway) {
    const [failing = "", other = ""] = new Set(sandbox.world.connections.map(({ psuID }) => psuID));
    const ownedBy = (psuId: string) => sandbox.world.connections.filter(({ psuID }) => psuID === psuId);
    return { failing, other, ownedBy };
  }

  it("fails its own user's connections: the user beside it comes whole", async () => {
    await using gateway = await startTestGateway();
    const { failing, other, ownedBy } = twoOwners(gateway);
    using _fault = gateway.sandbox.fault(({ path }) => path.includes(`${failing}/connections`), broken);
    const { data, errors } = await fail(gateway, TwoUsers.toString(), { failing, other });
    expect(data).toEqual({
      failing: null,
      other: {
        name: gateway.sandbox.world.person(other)?.name,
        connections: expect.arrayContaining(ownedBy(other).map(({ connectionID: connectionId }) => ({ connectionId }))),
      },
    });
    expect(errors).toMatchObject([
      { path: ["failing", "connections"], extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } },
    ]);
  });

  it("fails its own fields in a list: the other rows come whole", async () => {
    const world = createWorld({ size: { people: 3, connectionsEach: 1, accountsEach: 2 } });
    await using gateway = await startTestGateway({ sandbox: { world } });
    const { failing } = twoOwners(gateway);
    using _fault = gateway.sandbox.fault(({ path }) => path.includes(`${failing}/connections`), broken);
    const { data, errors } = await gateway.send<AccountsWithConnectionQuery>(AccountsWithConnection.toString());
    const isFailing = world.accounts.map(({ psuID }) => psuID === failing);
    expect(isFailing.filter(Boolean)).toHaveLength(2);
    expect(data?.accounts.nodes).toEqual(
      world.accounts.map(({ id, connectionID }, at) => ({
        accountId: id,
        connection: isFailing[at] ? null : { connectionId: connectionID },
      })),
    );
    const failed = isFailing.flatMap((fails, at) => (fails ? [["accounts", "nodes", at, "connection"]] : []));
    expect(errors.map(({ path }) => path)).toEqual(failed);
  });

  it("fails one of `nodes`: the other stands in its place", async () => {
    await using gateway = await startTestGateway();
    const { failing, other } = twoOwners(gateway);
    const idOf = async (psuId: string) =>
      (await gateway.run(ConnectionIds, { psuId })).paymentServiceUser?.connections[0]?.id ?? "";
    const ids = [await idOf(failing), await idOf(other)];
    using _fault = gateway.sandbox.fault(({ path }) => path.includes(`${failing}/connections`), broken);
    const { data, errors } = await fail(gateway, ConnectionNodes.toString(), { ids });
    expect(data).toEqual({ nodes: [null, { id: ids[1] }] });
    expect(errors).toMatchObject([{ path: ["nodes", 0], extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
  });

  it("fails its own account's balances", async () => {
    await using gateway = await startTestGateway();
    const { world } = gateway.sandbox;
    const [failing, other] = world.accounts.filter(({ id }) => world.balances(id).length > 0).map(({ id }) => id);
    using _fault = gateway.sandbox.fault(({ path }) => path.includes(`${failing}/balances`), broken);
    const { data, errors } = await fail(gateway, TwoBalances.toString(), { failing, other });
    const amount = String(world.balances(other ?? "")[0]?.amount);
    expect(data).toMatchObject({
      failing: null,
      other: { balances: expect.arrayContaining([{ amount: { amount } }]) },
    });
    expect(errors).toMatchObject([
      { path: ["failing", "balances"], extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } },
    ]);
  });
});

describe("a failure that is over", () => {
  it("leaves nothing behind: the next operation succeeds", async () => {
    await using gateway = await startTestGateway();
    const id = accountId(gateway);
    for (const { fault } of rows) {
      using _fault = gateway.sandbox.fault(isAccounts, fault);
      expect((await gateway.send(FailingAccount.toString(), { id })).errors).toHaveLength(1);
    }
    // After so many failures the stack is left alone for a second.
    const name = () => gateway.send<FailingAccountQuery>(FailingAccount.toString(), { id });
    await expect
      .poll(async () => (await name()).data?.account, { timeout: 2000 })
      .toEqual({ name: gateway.sandbox.world.account(id)?.name });
  });

  it("does not turn a wrong 404 into an absence when it names no error of the service", async () => {
    await using stack = await startStack(() => ({ ...page([]), status: 404 }));
    const credentials = { kind: "token", token: "t" } as const;
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
    const { errors } = await gateway.send(FailingAccount.toString(), { id: accountId(gateway) });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_MALFORMED" } }]);
  });
});
