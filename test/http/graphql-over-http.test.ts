/** GraphQL over HTTP as other clients and proxies expect it. */
import { once } from "node:events";
import { connect } from "node:net";
import { auditServer } from "graphql-http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { unauthenticated } from "../../src/errors.ts";
import { firstOf } from "../schema/global-ids.ts";
import { operator } from "../support/helpers.ts";
import { type LiveGateway, startLiveGateway } from "../support/live/clients.ts";

let open: LiveGateway;
let signedIn: LiveGateway;
beforeAll(async () => {
  open = await startLiveGateway();
  signedIn = await startLiveGateway({
    authenticate: async (authorization) => {
      if (authorization !== "Bearer operator") throw unauthenticated("The token is not valid.");
      return operator;
    },
  });
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await signedIn[Symbol.asyncDispose]();
});

/** Audits that do not hold, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {};

describe.each(["an open gateway", "one that checks tokens"])("the audit of graphql-http, on %s", (which) => {
  it("finds nothing but what is excepted", async () => {
    const { url } = which === "an open gateway" ? open : signedIn;
    const fetchFn: typeof fetch = (input, init) =>
      fetch(input, { ...init, headers: { ...(init?.headers as object), authorization: "Bearer operator" } });
    const results = await auditServer({ url, fetchFn });
    expect(results.length).toBeGreaterThan(50);
    const failed = results.filter(({ status }) => status !== "ok");
    expect(failed.map((one) => `${one.id} ${one.name}: ${"reason" in one ? one.reason : ""}`)).toEqual(
      Object.entries(exceptions).map(([id, reason]) => `${id} ${reason}`),
    );
  }, 60_000);
});

const graphqlJson = "application/graphql-response+json";

function post(params: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(open.url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: graphqlJson, ...headers },
    body: JSON.stringify(params),
  });
}

describe("an answer without data", () => {
  const first = "query ($first: Int) { connectors(first: $first) { nodes { id } } }";
  it.each([
    ["a variable of the wrong type", { query: first, variables: { first: "one" } }],
    ["a variable that is missing", { query: first.replace("Int)", "Int!)") }],
    ["a variable that is null", { query: first.replace("Int)", "Int!)"), variables: { first: null } }],
    ["a variable out of range", { query: first, variables: { first: 2 ** 40 } }],
    [
      "a missing input field",
      {
        query: "mutation ($i: CreatePaymentServiceUserInput!) { createPaymentServiceUser(input: $i) { __typename } }",
        variables: { i: {} },
      },
    ],
  ])("is 4xx for clients of GraphQL's media type, and 200 for those of JSON: %s", async (_what, params) => {
    const answer = await post(params);
    expect([answer.status, "data" in ((await answer.json()) as object)]).toEqual([400, false]);
    expect((await post(params, { accept: "application/json" })).status).toBe(200);
    const event = await post(params, { accept: "text/event-stream" });
    expect([event.status, (await event.text()).includes('"BAD_USER_INPUT"')]).toEqual([200, true]);
  });
});

describe("a query", () => {
  const target = `${encodeURI("/graphql?query={__typename}")}`;

  it("is answered in the absolute form of its target, which a proxy may send", async () => {
    const { port } = new URL(open.url);
    const ask = async (method: string, to: string, body = "") => {
      const socket = connect(Number(port), "127.0.0.1");
      let got = "";
      socket.on("data", (chunk) => {
        got += chunk;
      });
      socket.write(
        `${method} http://gateway.example.com:${port}${to} HTTP/1.1\r\nhost: gateway.example.com\r\nconnection: close\r\n` +
          `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      await once(socket, "close");
      return got;
    };
    expect(await ask("GET", target)).toContain('{"data":{"__typename":"Query"}}');
    expect(await ask("POST", "/graphql", '{"query":"{__typename}"}')).toContain('{"data":{"__typename":"Query"}}');
    expect(await ask("GET", "/health/live")).toContain('"live"');
  });

  it("by HEAD is answered as by GET, without a body", async () => {
    const [get, head] = await Promise.all(
      ["GET", "HEAD"].map((method) => fetch(new URL(target, open.url), { method, headers: { accept: graphqlJson } })),
    );
    expect([head?.status, await head?.text()]).toEqual([200, ""]);
    expect(head?.headers.get("content-type")).toBe(get?.headers.get("content-type"));
    expect((await fetch(`${open.url}?query={`, { method: "HEAD", headers: { accept: graphqlJson } })).status).toBe(400);
    const mutation = `${open.url}?query=${encodeURIComponent('mutation { deleteConnection(input: { connectionId: "x" }) { deletedId } }')}`;
    expect((await fetch(mutation, { method: "HEAD" })).status).toBe(405);
  });

  it("by HEAD opens no stream, which would have no end", async () => {
    const query = `subscription { connectionChanged(psuId: "${firstOf(open.sandbox.world.people).id}") { kind } }`;
    const response = await fetch(`${open.url}?${new URLSearchParams({ query })}`, {
      method: "HEAD",
      headers: { accept: "text/event-stream" },
      signal: AbortSignal.timeout(5000),
    });
    expect(response.status).toBe(406);
    expect(open.live.watchers.size.streams).toBe(0);
  });

  it.each(["POST", "GET"])("whose operation name is empty has none, by %s", async (method) => {
    const send = (query: string) =>
      method === "POST"
        ? post({ query, operationName: "" })
        : fetch(`${open.url}?${new URLSearchParams({ query, operationName: "" })}`, {
            headers: { accept: graphqlJson },
          });
    expect(await (await send("query A { __typename }")).json()).toEqual({ data: { __typename: "Query" } });
    expect((await send("query A { __typename } query B { __typename }")).status).toBe(400);
  });

  it.each([
    ["an answer", () => post({ query: "{ __typename }" })],
    ["an answer by GET", () => fetch(new URL(target, open.url))],
    ["an error", () => post({ query: "{" })],
    ["an event stream", () => post({ query: "{ __typename }" }, { accept: "text/event-stream" })],
    ["a refusal of another site", () => post({ query: "{ __typename }" }, { "sec-fetch-site": "cross-site" })],
    [
      "a refused token",
      () => fetch(signedIn.url, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }),
    ],
  ])("is kept by no cache: %s", async (_what, ask) => {
    const answer = await ask();
    expect(answer.headers.get("cache-control")).toBe("no-store");
    await answer.body?.cancel();
  });
});

describe("an Authorization header on the handshake of a WebSocket", () => {
  const connection = (headers: Record<string, string>, payload?: object) =>
    new Promise<string | number>((resolve) => {
      const socket = new WebSocket(signedIn.url.replace("http", "ws"), "graphql-transport-ws", { headers });
      socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", ...(payload && { payload }) })));
      socket.on("message", (data) => {
        resolve(JSON.parse(String(data)).type);
        socket.close();
      });
      socket.on("close", resolve);
    });

  it("counts as connectionParams do, which go before it", async () => {
    const good = { authorization: "Bearer operator" };
    expect(await connection(good)).toBe("connection_ack");
    expect(await connection({ authorization: "Bearer wrong" })).toBe(4403);
    expect(await connection({})).toBe(4403);
    expect(await connection(good, { authorization: "Bearer wrong" })).toBe(4403);
    expect(await connection({ authorization: "Bearer wrong" }, good)).toBe("connection_ack");
  });
});
