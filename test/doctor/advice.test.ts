import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { webhookPath } from "../../src/live/webhook-receiver.ts";
import { startRewritingProxy } from "../support/rewriting-proxy.ts";
import { doctor, envOf, secret, startGateway } from "./helpers.ts";

const page = (status: number) =>
  new Response("<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>", {
    status,
    headers: { "content-type": "text/html" },
  });

type Failure = readonly [name: string, answer: () => Response, advice: RegExp];

/** How a request can fail without a word of the client's rights. */
const failures: readonly Failure[] = [
  ["500", () => new Response("", { status: 500 }), /Look at the logs of /],
  ["502", () => page(502), /Look whether .* is up, and whether the proxy before it reaches it/],
  ["503", () => new Response("", { status: 503 }), /Look whether .* is up, and whether the proxy/],
  ["504", () => page(504), /Look whether .* is up, and whether the proxy/],
  ["429", () => new Response("", { status: 429 }), /Wait a minute, and run this again/],
  ["404", () => new Response("404 page not found", { status: 404 }), / must be |Enable the stack's Webhooks module/],
  ["a page of a proxy with 403", () => page(403), /a web page of its own/],
  ["a page of a proxy with 200", () => page(200), /a web page of its own/],
];

type Question = readonly [name: string, about: string, asks: (method: string, path: string) => boolean];

const questions: readonly Question[] = [
  ["the version", "base path", (_method, path) => path === "/api/payments/_info"],
  ["a token", "credentials", (_method, path) => path === "/api/auth/oauth/token"],
  ["a read", "reading", (_method, path) => path === "/api/payments/v3/connectors?pageSize=1"],
  ["a write", "writing", (method) => method === "POST"],
  ["the webhooks", "webhook", (_method, path) => path === "/api/webhooks/configs"],
  ["a test event", "webhook delivery", (_method, path) => path.endsWith("/test")],
  ["the issuer's keys", "callers", (_method, path) => path === "/sandbox/jwks"],
];

const wrong = /[Gg]ive the client|payments:(read|write)|FORMANCE_CLIENT_SECRET|this check alone/;

describe("the doctor's advice", () => {
  describe.each(questions)("where %s was asked for", (_asked, about, asks) => {
    it.each(failures)("fits an answer with %s, and is not about scopes", async (_failure, answer, advice) => {
      await using sandbox = await startSandbox();
      await using proxy = await startRewritingProxy(sandbox.url, {
        answer({ method = "", url = "" }) {
          const isToken = url === "/api/auth/oauth/token";
          const isAsked = asks(method, url) && !(isToken && about !== "credentials");
          return isAsked ? answer() : null;
        },
      });
      await using gateway = await startGateway(sandbox, secret);
      sandbox.sendWebhooks({ endpoint: gateway.url + webhookPath, secret, eventTypes });
      const found = await doctor({
        ...envOf({ ...sandbox, url: proxy.url }),
        FORMANCE_WEBHOOK_SECRETS: secret,
        AUTH_ISSUER: sandbox.url,
        AUTH_AUDIENCE: "gateway",
        AUTH_JWKS_URL: `${proxy.url}/sandbox/jwks`,
      });
      expect(found.about(about)).toMatch(/^(failed|warning): .*answer (\d+|is no key set)/);
      expect(found.about(about)).toMatch(advice);
      expect(found.about(about)).not.toMatch(wrong);
    });
  });

  it.each(failures)("fits an answer with %s to the request for a webhook", async (_failure, answer, advice) => {
    await using sandbox = await startSandbox();
    await using proxy = await startRewritingProxy(sandbox.url, {
      answer: ({ method, url }) => (method === "POST" && url === "/api/webhooks/configs" ? answer() : null),
    });
    const options = { createWebhook: new URL("https://gateway.example.com") };
    const { about } = await doctor(envOf({ ...sandbox, url: proxy.url }), options);
    expect(about("webhook")).toMatch(/^failed: answer \d+ to the request for a webhook/);
    expect(about("webhook")).toMatch(advice);
    expect(about("webhook")).not.toMatch(/[Gg]ive the client/);
  });

  it.each([
    [502, /Look whether the gateway is up and ready, and whether the proxy before it reaches it/],
    [500, /Look at what stands between the stack and the gateway, and at the gateway's log/],
  ])("fits a test event that was answered %i", async (status, advice) => {
    await using sandbox = await startSandbox();
    await using gateway = await startRewritingProxy(sandbox.url, { answer: () => new Response("", { status }) });
    sandbox.sendWebhooks({ endpoint: gateway.url + webhookPath, secret, eventTypes });
    const { about } = await doctor({ ...envOf(sandbox), FORMANCE_WEBHOOK_SECRETS: secret });
    expect(about("webhook delivery")).toMatch(advice);
  });

  it.each([
    ["invalid_client", /does not know FORMANCE_CLIENT_ID/],
    ["invalid_scope", /Give the client openid payments:read payments:write/],
    ["unauthorized_client", /may use client credentials/],
  ])("follows the reason of a refused token request: %s", async (error, advice) => {
    await using sandbox = await startSandbox();
    using _refused = sandbox.fault(({ path }) => path === "/api/auth/oauth/token", {
      status: 400,
      body: JSON.stringify({ error }),
    });
    expect((await doctor(envOf(sandbox))).about("credentials")).toMatch(advice);
  });

  it.each([
    ["502", { status: 502 }, /unavailable.*Look whether the payments service is up/],
    ["429", { status: 429 }, /rate-limited.*Wait a minute/],
    ["an answer of another version", { status: 200, body: '{"connectors":[]}' }, /Compare the stack's version/],
    ["401", { status: 401 }, /Give the client payments:read/],
  ])("fits a list of connectors that fails with %s", async (_name, fault, advice) => {
    await using sandbox = await startSandbox();
    const isList = ({ path, query }: { path: string; query: object }) =>
      path === "/connectors" && !("pageSize" in query && query.pageSize === "1");
    using _failing = sandbox.fault(isList, fault);
    expect((await doctor(envOf(sandbox))).about("connectors")).toMatch(advice);
  });

  it("tells a stack that is silent from one that refuses", async () => {
    await using sandbox = await startSandbox();
    using _silent = sandbox.fault(({ path }) => path === "/connectors", { delayMs: 15_000 });
    const { about } = await doctor(envOf(sandbox));
    expect(about("reading")).toMatch(/^failed: no answer \(ETIMEDOUT\) to a read Look whether it is overloaded/);
  });

  it("tells a connection that breaks off from one that is refused", async () => {
    await using sandbox = await startSandbox();
    using _reset = sandbox.fault(({ path }) => path === "/connectors", { reset: true });
    expect((await doctor(envOf(sandbox))).about("reading")).toMatch(
      /^failed: no answer .* the connection was broken off/,
    );
  });

  it("says of a token that it cannot be checked where the issuer is down, not that it is wrong", async () => {
    const env = { AUTH_ISSUER: "i", AUTH_AUDIENCE: "a", AUTH_JWKS_URL: "http://127.0.0.1:1/jwks" };
    const token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIiwiYXVkIjoiYSIsImV4cCI6OTk5OTk5OTk5OX0.AAAA";
    expect((await doctor(env, { token })).about("token")).toMatch(/^failed: cannot be checked: .*Mend what is said/);
  });

  it("fits a Redis that is silent", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const { about } = await doctor({ REDIS_URL: `redis://127.0.0.1:${port}` });
    server.close();
    expect(about("redis")).toMatch(/^failed: .*\(ETIMEDOUT\) Look whether it is overloaded/);
  });
});
