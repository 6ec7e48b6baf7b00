import { describe, expect, it } from "vitest";
import type { Call } from "../../sandbox/server.ts";
import { graphql } from "../graphql/gql.ts";
import type { FailingAccountQuery } from "../graphql/graphql.ts";
import { fairNow } from "../support/fair-clock.ts";
import { startTestGateway, type TestGateway } from "../support/helpers.ts";
import { json, requestId, rows, sendFailing, serviceMessage, unavailable } from "./faults.ts";
import { closedUrl, credentials, page, startStack } from "./stack.ts";

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

const accountId = ({ sandbox }: TestGateway) => sandbox.world.accounts[0]?.id ?? "";
const isAccounts = ({ path }: Call) => path === "/accounts";

describe("a query that meets a fault of the service", () => {
  it.each(rows)("$title: $extensions.code after $calls call(s)", async ({ fault, message, extensions, calls }) => {
    await using gateway = await startTestGateway();
    using _fault = gateway.sandbox.fault(isAccounts, fault);
    const result = await sendFailing(gateway, FailingAccount.toString(), { id: accountId(gateway) });
    expect(result.data).toEqual({ account: null });
    expect(result.errors).toEqual([
      { message, path: ["account"], locations: expect.any(Array), extensions: { ...extensions, requestId } },
    ]);
    expect(result.calls).toHaveLength(calls);
    expect(gateway.lines.join("")).not.toContain(serviceMessage);
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

  const hour = 3_600_000;
  it.each([
    ["7", 7000],
    ["0", 0],
    ["3601", hour],
    ["99999999999999999999", hour],
    ["9".repeat(400), hour],
    ["1.5", undefined],
    ["-5", undefined],
    ["+5", undefined],
    ["0x10", undefined],
    ["1e3", undefined],
    ["5, 10", undefined],
    ["5 s", undefined],
    ["soon", undefined],
    ["2099-01-01T00:00:00Z", undefined],
    ["01/02/2099", undefined],
    ["Thu, 01 Jan 2099 00:00:00 EST", undefined],
    ["thu, 01 jan 2099 00:00:00 gmt", undefined],
    ["Thu, 01 Jan 2099", undefined],
    ["Thu, 01 Jan 2099 00:00:00 GMT", hour],
    ["Fri, 31 Dec 9999 23:59:59 GMT", hour],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 0],
    ["Sunday, 06-Nov-44 08:49:37 GMT", hour],
    ["Sun Nov  6 08:49:37 1994", 0],
    ["Sun Nov  6 08:49:37 2044", hour],
  ])("a Retry-After of %j: retryAfterMs %j", async (retryAfter, expected) => {
    await using gateway = await startTestGateway();
    using _fault = gateway.sandbox.fault(isAccounts, { status: 429, headers: { "retry-after": retryAfter } });
    const { errors } = await gateway.send(FailingAccount.toString(), { id: accountId(gateway) });
    expect(errors.map(({ extensions }) => [extensions.code, extensions["retryAfterMs"]])).toEqual([
      ["RATE_LIMITED", expected],
    ]);
  });

  it("a refused connection: UPSTREAM_UNAVAILABLE", async () => {
    const url = await closedUrl();
    await using gateway = await startTestGateway({ upstream: { url, credentials } });
    const { data, errors } = await sendFailing(gateway, FailingAccount.toString(), { id: accountId(gateway) });
    expect(data).toEqual({ account: null });
    expect(errors).toMatchObject([
      { message: unavailable, extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true, requestId } },
    ]);
    expect(gateway.lines.join("")).not.toContain(url.port);
  });

  it("a response that breaks off: UPSTREAM_UNAVAILABLE", async () => {
    await using stack = await startStack((_request, response) => {
      response.writeHead(200, { ...json, "content-length": "1000" });
      response.write('{"cursor":', () => response.destroy());
      return null;
    });
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
    const { errors } = await sendFailing(gateway, FailingAccount.toString(), { id: accountId(gateway) });
    expect(errors).toMatchObject([{ message: unavailable, extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
    expect(stack.calls).toHaveLength(3);
  });

  it("no response: UPSTREAM_TIMEOUT at the deadline, after one call", async () => {
    await using gateway = await startTestGateway({ upstream: { timeoutMs: 200 } });
    await gateway.send("{ connectors(first: 1) { nodes { id } } }"); // so that there is a token
    using _fault = gateway.sandbox.fault(isAccounts, { delayMs: 600_000 });
    const [startedAt, fairStart] = [performance.now(), fairNow()];
    const { data, errors, calls } = await sendFailing(gateway, FailingAccount.toString(), { id: accountId(gateway) });
    expect(performance.now() - startedAt).toBeGreaterThan(190);
    expect(fairNow() - fairStart).toBeLessThan(3000);
    expect(data).toEqual({ account: null });
    expect(errors).toMatchObject([
      {
        message: "The payments stack did not answer in time.",
        extensions: { code: "UPSTREAM_TIMEOUT", retryable: true, requestId },
      },
    ]);
    expect(calls).toHaveLength(1);
  });

  it("a response that never ends: UPSTREAM_TIMEOUT, and the socket is closed", async () => {
    await using stack = await startStack((_request, response) => {
      response.writeHead(200, json).write('{"cursor":{"data":[');
      return null;
    });
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials, timeoutMs: 200 } });
    const { errors } = await sendFailing(gateway, FailingAccount.toString(), { id: accountId(gateway) });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_TIMEOUT", retryable: true } }]);
    await stack.calls[0]?.disconnected;
  });
});

describe("a mutation that meets a fault of the service", () => {
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
    const result = await sendFailing(gateway, FailingLink.toString(), { input: input(gateway) });
    expect(result.data).toEqual({ createLink: null });
    expect(result.errors).toEqual([
      { message, path: ["createLink"], locations: expect.any(Array), extensions: { ...extensions, requestId } },
    ]);
    expect(result.calls.filter(isCreateLink)).toHaveLength(calls);
  });

  it("no response: UPSTREAM_TIMEOUT, sent once", async () => {
    await using gateway = await startTestGateway({ upstream: { timeoutMs: 200 } });
    await gateway.send("{ connectors(first: 1) { nodes { id } } }");
    using _fault = gateway.sandbox.fault(isCreateLink, { delayMs: 600_000 });
    const { data, errors, calls } = await sendFailing(gateway, FailingLink.toString(), { input: input(gateway) });
    expect(data).toEqual({ createLink: null });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_TIMEOUT", retryable: true } }]);
    expect(calls.filter(isCreateLink)).toHaveLength(1);
  });
});

describe("a failure that is over", () => {
  it("has no effect on later operations", async () => {
    await using gateway = await startTestGateway();
    const id = accountId(gateway);
    for (const { fault } of rows) {
      using _fault = gateway.sandbox.fault(isAccounts, fault);
      expect((await gateway.send(FailingAccount.toString(), { id })).errors).toHaveLength(1);
    }
    // After so many failures the breaker is open for a second.
    const name = () => gateway.send<FailingAccountQuery>(FailingAccount.toString(), { id });
    await expect
      .poll(async () => (await name()).data?.account)
      .toEqual({ name: gateway.sandbox.world.account(id)?.name });
  });

  it("is not taken for an absence when it is a 404 without an error of the service", async () => {
    await using stack = await startStack(() => ({ ...page([]), status: 404 }));
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
    const { errors } = await gateway.send(FailingAccount.toString(), { id: accountId(gateway) });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_MALFORMED" } }]);
  });
});
