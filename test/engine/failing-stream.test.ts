/** A stream whose source fails ends with one masked error, over every transport, and leaves its siblings alone. */
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { until } from "../support/helpers.ts";
import { type LiveGateway, startLiveGateway } from "../support/live/clients.ts";

const secret = "a detail that no client may see";

async function* failAfter(count: number, error = new Error(secret)) {
  for (let at = 0; at < count; at += 1) yield { at };
  throw error;
}

/** Fails at once, later, or where it is executed. */
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: "Query", fields: { any: { type: GraphQLString } } }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: {
      first: { type: GraphQLInt, subscribe: () => failAfter(0), resolve: ({ at }) => at },
      second: { type: GraphQLInt, subscribe: () => failAfter(1), resolve: ({ at }) => at },
      range: { type: GraphQLInt, subscribe: () => failAfter(0, new RangeError(secret)), resolve: ({ at }) => at },
      syntax: { type: GraphQLInt, subscribe: () => failAfter(1, new SyntaxError(secret)), resolve: ({ at }) => at },
      circular: {
        type: GraphQLInt,
        subscribe: async function* () {
          const message: { self?: unknown } = {};
          message.self = message;
          yield message;
        },
        resolve: () => 1,
      },
      open: {
        type: GraphQLInt,
        subscribe: async function* () {
          yield { at: 0 };
          await new Promise((resolve) => setTimeout(resolve, 300));
          yield { at: 1 };
        },
        resolve: ({ at }) => at,
      },
    },
  }),
});

type Payload = { data?: unknown; errors?: readonly { message: string; extensions: Record<string, unknown> }[] };

async function overSse(gateway: LiveGateway, query: string, byGet: boolean): Promise<readonly Payload[]> {
  const headers = { accept: "text/event-stream", "content-type": "application/json" };
  const response = byGet
    ? await fetch(`${gateway.url}?${new URLSearchParams({ query })}`, { headers })
    : await fetch(gateway.url, { method: "POST", headers, body: JSON.stringify({ query }) });
  const text = await response.text();
  expect(text).toMatch(/event: complete\ndata:\n\n$/);
  return Array.from(text.matchAll(/^data: (\{.*)$/gm), ([, json = ""]) => JSON.parse(json) as Payload);
}

async function overWebSocket(gateway: LiveGateway, query: string): Promise<readonly Payload[]> {
  const client = createClient({ url: gateway.url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
  const collect = (text: string) =>
    new Promise<Payload[]>((resolve, reject) => {
      const got: Payload[] = [];
      client.subscribe(
        { query: text },
        { next: (payload) => void got.push(payload as Payload), error: reject, complete: () => resolve(got) },
      );
    });
  try {
    const [payloads, sibling] = await Promise.all([collect(query), collect("subscription { open }")]);
    expect(sibling).toEqual([{ data: { open: 0 } }, { data: { open: 1 } }]);
    return payloads;
  } finally {
    await client.dispose();
  }
}

const ways: Readonly<Record<string, (gateway: LiveGateway, query: string) => Promise<readonly Payload[]>>> = {
  "an event stream": (gateway, query) => overSse(gateway, query, false),
  "an event stream by GET": (gateway, query) => overSse(gateway, query, true),
  "a WebSocket": overWebSocket,
};

describe.each(Object.keys(ways))("over %s", (way) => {
  it.each([
    ["before its first message", "first", []],
    ["after its first message", "second", [{ data: { second: 0 } }]],
    ["by a RangeError of its source", "range", []],
    ["by a SyntaxError of its source", "syntax", [{ data: { syntax: 0 } }]],
    ["where a message is executed", "circular", []],
  ])("a stream that fails %s ends with one masked error, logged and counted", async (_when, field, before) => {
    await using gateway = await startLiveGateway({ guards: { schema } });
    const payloads = (await ways[way]?.(gateway, `subscription { ${field} }`)) ?? [];
    expect(payloads.slice(0, -1)).toEqual(before);
    const [error, ...others] = payloads.at(-1)?.errors ?? [];
    expect([error?.message, others]).toEqual(["Unexpected error.", []]);
    expect(error?.extensions).toMatchObject({ code: "INTERNAL_SERVER_ERROR", requestId: expect.any(String) });
    expect(JSON.stringify(payloads)).not.toContain(secret);
    const lines = () => gateway.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const ended = (line: Record<string, unknown>) =>
      line["requestId"] === error?.extensions["requestId"] && line["msg"] === "operation";
    await until(async () => lines().some(ended));
    expect(lines().find(ended)).toMatchObject({ outcome: ["INTERNAL_SERVER_ERROR"], messages: payloads.length });
    expect(lines().filter((line) => line["level"] === 50)).toMatchObject([{ msg: "unexpected error" }]);
    expect(gateway.lines.join("")).not.toContain(secret);
  });
});

describe("variables nested 10,000 deep", () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const body = (query: string, depth: number) =>
    `{"query":${JSON.stringify(query)},"variables":{"filter":${nested(depth)}}}`;

  it.each([
    [
      "a query",
      "query ($filter: Metadata) { accounts(filter: { metadata: $filter }) { nodes { id } } }",
      "application/json",
    ],
    ["an undeclared variable", "{ __typename }", "application/json"],
    ["a subscription", 'subscription { linkAttemptChanged(id: "x") { id } }', "text/event-stream"],
  ])("are bad input, and nothing else: %s", async (_what, query, accept) => {
    await using gateway = await startLiveGateway();
    for (const depth of [100, 10_000, 30_000]) {
      const answer = await fetch(gateway.url, {
        method: "POST",
        headers: { "content-type": "application/json", accept },
        body: body(query, depth),
      });
      const text = await answer.text();
      expect(text).toContain('"code":"BAD_USER_INPUT"');
      expect(text).not.toContain("call stack");
    }
    expect(gateway.lines.join("")).not.toMatch(/"level":50/);
  });

  it("are bad input over a WebSocket, whose other operations go on", async () => {
    await using gateway = await startLiveGateway();
    const socket = new WebSocket(gateway.url.replace("http", "ws"), "graphql-transport-ws");
    const got: { type: string; id?: string; payload?: unknown }[] = [];
    socket.on("message", (data) => got.push(JSON.parse(String(data))));
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send('{"type":"connection_init"}');
    await until(async () => got.some(({ type }) => type === "connection_ack"));
    socket.send(
      `{"type":"subscribe","id":"deep","payload":${body('subscription { linkAttemptChanged(id: "x") { id } }', 10_000)}}`,
    );
    socket.send('{"type":"subscribe","id":"plain","payload":{"query":"{ __typename }"}}');
    await until(async () => got.some(({ id, type }) => id === "plain" && type === "next"));
    expect(JSON.stringify(got.filter(({ id }) => id === "deep"))).toContain('"code":"BAD_USER_INPUT"');
    socket.close();
  });
});
