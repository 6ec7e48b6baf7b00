/** A program's own Yoga plugins: what they see, and that the gateway stays as it is behind them. */
import { GraphQLError } from "graphql";
import { createClient } from "graphql-ws";
import type { RequestPlugin } from "open-banking-graphql-gateway";
import { afterAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { until } from "../support/helpers.ts";
import { codesOf, crm, operator, secretText, startExtended } from "./stage.ts";

afterAll(() => crm[Symbol.asyncDispose]());

const query = "{ viewer { subject } }";

function watch() {
  const seen: string[] = [];
  const plugin: RequestPlugin = {
    onRequest: ({ request }) => void seen.push(`request ${request.method}`),
    onParams: ({ params }) => void seen.push(`params ${params.query}`),
    onResponse({ response }) {
      seen.push(`response ${response.status} ${response.headers.get("x-request-id")}`);
      response.headers.set("x-served-by", "the plugin");
    },
  };
  return { seen, plugin };
}

describe("a plugin", () => {
  it("sees each request by HTTP, what it asks for, and its response, and no operation on a WebSocket", async () => {
    const { seen, plugin } = watch();
    await using stage = await startExtended({ plugins: [plugin] });
    const headers = { ...operator, "x-request-id": "r1" };
    const answer = await stage.send(query, headers);
    expect(answer).toMatchObject({ status: 200, data: { viewer: { subject: "back-office" } } });
    expect(answer.headers.get("x-served-by")).toBe("the plugin");
    await fetch(`${stage.url}/graphql?query=${encodeURIComponent(query)}`, { headers });
    const one = ["params { viewer { subject } }", "response 200 r1"];
    expect(seen).toEqual(["request POST", ...one, "request GET", ...one]);
    const client = createClient({ url: `${stage.url}/graphql`, webSocketImpl: WebSocket, connectionParams: operator });
    for await (const { data } of client.iterate({ query })) expect(data).toMatchObject({ viewer: {} });
    await client.dispose();
    expect(seen).toHaveLength(6);
  });

  it("can be an object of a class", async () => {
    class Counter {
      requests = 0;
      onRequest() {
        this.requests += 1;
      }
    }
    const counter = new Counter();
    await using stage = await startExtended({ plugins: [counter] });
    await stage.send(query);
    expect(counter.requests).toBe(1);
  });

  it("is said to take the longer way, when the gateway starts", async () => {
    await using stage = await startExtended({ plugins: [watch().plugin] });
    expect(stage.lines.join("")).toContain("every request by HTTP goes through Yoga");
    await using other = await startExtended();
    expect(other.lines.join("")).not.toContain("goes through Yoga");
  });

  it("can answer itself, and change what is asked for", async () => {
    const plugin: RequestPlugin = {
      onRequest({ request, endResponse, fetchAPI }) {
        if (request.headers.get("x-closed") === null) return;
        endResponse(new fetchAPI.Response('{"closed":true}', { status: 503 }));
      },
      onParams({ params, setParams }) {
        if (params.query === "who") setParams({ ...params, query });
      },
    };
    await using stage = await startExtended({ plugins: [plugin] });
    expect(await stage.send(query, { ...operator, "x-closed": "1" })).toMatchObject({ status: 503, closed: true });
    expect(await stage.send("who")).toMatchObject({ data: { viewer: { subject: "back-office" } } });
  });

  const fail = () => {
    throw new Error(secretText);
  };
  it.each([
    ["onRequest", { onRequest: fail }, "failed"],
    ["onResponse", { onResponse: fail }, "failed"],
    ["onParams", { onParams: fail }, "INTERNAL_SERVER_ERROR"],
    ["onRequest, later", { onRequest: () => Promise.reject(new Error(secretText)) }, "failed"],
    [
      "onParams, a GraphQLError in the form of ours",
      {
        onParams() {
          throw new GraphQLError(secretText, { extensions: { code: "FORBIDDEN", retryable: false } });
        },
      },
      "INTERNAL_SERVER_ERROR",
    ],
    [
      "onRequest, what cannot be read",
      {
        onRequest() {
          throw Object.defineProperty(new Error(), "name", { get: fail });
        },
      },
      "failed",
    ],
    ["the handler that it sets", { onRequest: ({ setRequestHandler }) => setRequestHandler(fail) }, "failed"],
    ["a response that is none", { onRequest: ({ endResponse }) => endResponse(secretText as never) }, "failed"],
    ["a header that cannot be sent", { onResponse: ({ response }) => response.headers.set("x", "a\r\nb") }, "failed"],
  ] as readonly (readonly [string, RequestPlugin, string])[])(
    "that throws in %s fails the request, and shows nothing of why",
    async (_hook, plugin, shown) => {
      await using stage = await startExtended({ plugins: [plugin] });
      const response = await fetch(`${stage.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json", ...operator },
        body: JSON.stringify({ query }),
      });
      const text = await response.text();
      expect([response.status, text]).toEqual([500, expect.stringContaining(shown)]);
      expect(text + stage.lines.join("")).not.toContain(secretText);
      expect(stage.lines.join("")).toMatch(/a plugin failed|unexpected error|request failed/);
    },
  );

  it("can answer with a page, under the policy of all answers or its own, not under that of GraphiQL", async () => {
    const toPlugin = (policy: Record<string, string>): RequestPlugin => ({
      onRequest({ url, endResponse, fetchAPI }) {
        const headers = { "content-type": "text/html", ...policy };
        if (url.search === "?page") endResponse(new fetchAPI.Response("<p>A page", { headers }));
      },
    });
    const ofAll = "default-src 'none';frame-ancestors 'none'";
    for (const [plugin, expected] of [
      [toPlugin({}), ofAll],
      [toPlugin({ "content-security-policy": "default-src 'self'" }), "default-src 'self'"],
    ] as const) {
      await using stage = await startExtended({ plugins: [plugin], settings: { GRAPHIQL: "on" } });
      const policyOf = async (path: string, accept: string) => {
        const response = await fetch(`${stage.url}${path}`, { headers: { accept } });
        await response.text();
        return response.headers.get("content-security-policy");
      };
      expect(await policyOf("/graphql?page", "*/*")).toBe(expected);
      expect(await policyOf("/graphql", "text/html")).toContain("script-src 'sha256-");
      expect(await policyOf("/graphql?page", "*/*")).toBe(expected);
    }
  });

  it("that answers with a body which breaks off loses its connection, and the log says so", async () => {
    const plugin: RequestPlugin = {
      onRequest({ endResponse }) {
        let chunks = 0;
        const body = new ReadableStream({
          async pull(controller) {
            if (chunks === 2) throw new Error(secretText);
            chunks += 1;
            controller.enqueue(new TextEncoder().encode("chunk"));
          },
        });
        endResponse(new Response(body));
      },
    };
    await using stage = await startExtended({ plugins: [plugin] });
    await expect(stage.send(query)).rejects.toThrow();
    await until(async () => stage.lines.join("").includes("request failed"));
    expect(stage.lines.join("")).not.toContain(secretText);
  });

  it("must not read the body: the request fails, and does not hang", async () => {
    await using stage = await startExtended({
      plugins: [{ onRequest: async ({ request }) => void (await request.text()) }],
    });
    expect(codesOf(await stage.send(query))).toEqual(["INTERNAL_SERVER_ERROR"]);
  });
});

describe("behind a plugin", () => {
  const json = { "content-type": "application/json" };
  const cases: readonly (readonly [string, RequestInit])[] = [
    ["a query", { headers: { ...json, ...operator }, body: JSON.stringify({ query }) }],
    [
      "as application/json",
      { headers: { ...json, ...operator, accept: "application/json" }, body: JSON.stringify({ query }) },
    ],
    [
      "as an event stream",
      { headers: { ...json, ...operator, accept: "text/event-stream" }, body: JSON.stringify({ query }) },
    ],
    [
      "as a type that cannot be written",
      { headers: { ...json, ...operator, accept: "image/png" }, body: JSON.stringify({ query }) },
    ],
    [
      "a mutation",
      { headers: { ...json, ...operator }, body: JSON.stringify({ query: 'mutation { touch(psuId: "x") { name } }' }) },
    ],
    ["a document that is not valid", { headers: { ...json, ...operator }, body: '{"query":"{ nonsense }"}' }],
    ["nobody", { headers: json, body: JSON.stringify({ query }) }],
    ["nobody, with a body that is no JSON", { headers: json, body: "{" }],
    ["a body that is no JSON", { headers: { ...json, ...operator }, body: "{" }],
    ["a list of operations", { headers: { ...json, ...operator }, body: JSON.stringify([{ query }]) }],
    [
      "variables that are no object",
      { headers: { ...json, ...operator }, body: JSON.stringify({ query, variables: [] }) },
    ],
    ["a parameter that there is not", { headers: { ...json, ...operator }, body: JSON.stringify({ query, other: 1 }) }],
    ["no query", { headers: { ...json, ...operator }, body: "{}" }],
    ["a form", { headers: { "content-type": "application/x-www-form-urlencoded", ...operator }, body: "query=a" }],
    [
      "a body that is too large",
      { headers: { ...json, ...operator }, body: JSON.stringify({ query, a: "x".repeat(300_000) }) },
    ],
    [
      "a page of another site",
      { headers: { ...json, ...operator, origin: "https://evil.example.com" }, body: JSON.stringify({ query }) },
    ],
    ["a GET", { method: "GET", headers: operator }],
    ["another method", { method: "PUT", headers: { ...json, ...operator }, body: JSON.stringify({ query }) }],
  ];

  it("answers are what they are without", async () => {
    await using plain = await startExtended();
    await using behind = await startExtended({ plugins: [{ onParams() {} }] });
    const answerOf = async (url: string, init: RequestInit) => {
      const response = await fetch(`${url}/graphql`, { method: "POST", ...init });
      const text = (await response.text())
        .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, "<id>")
        .replace(/^:\n\n/, ""); // a comment of the event stream
      const kept = ["content-type", "cache-control", "www-authenticate", "accept", "x-content-type-options"];
      return [response.status, ...kept.map((name) => response.headers.get(name)), text];
    };
    for (const [title, init] of cases) {
      expect([title, await answerOf(behind.url, init)]).toEqual([title, await answerOf(plain.url, init)]);
    }
  });

  it("a subscription is streamed, and ends when its client leaves", async () => {
    const { seen, plugin } = watch();
    await using stage = await startExtended({ plugins: [plugin] });
    const { id } = stage.world.people[0] ?? { id: "" };
    const cancellation = new AbortController();
    const response = await fetch(`${stage.url}/graphql`, {
      method: "POST",
      headers: { ...json, ...operator, accept: "text/event-stream" },
      body: JSON.stringify({ query: `subscription { connectionChanged(psuId: "${id}") { kind } }` }),
      signal: cancellation.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("CURRENT")) text += (await reader?.read())?.value ?? "";
    cancellation.abort();
    expect(seen[0]).toBe("request POST");
  });
});
