import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { createClient as createWebSocketClient } from "graphql-ws";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { createWorld } from "../../sandbox/world.ts";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { firstOf } from "../schema/global-ids.ts";
import { operator, until } from "../support/helpers.ts";
import { startLiveGateway } from "../support/live/clients.ts";
import { startStack } from "../upstream/stack.ts";

/** Two calls of the stack, side by side. */
const query = "{ connectors { nodes { id } } accounts { nodes { id } } }";
const nobody = { next() {}, error() {}, complete() {} };

/** Asks, and answers how to leave. */
type Ask = (url: string) => () => void | Promise<void>;

function ask(url: string, headers: Record<string, string>): () => void {
  const cancellation = new AbortController();
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query }),
    signal: cancellation.signal,
  };
  fetch(url, init)
    .then((response) => response.text())
    .catch(() => {});
  return () => cancellation.abort();
}

function connectWebSocket(url: string) {
  return createWebSocketClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
}

const ways: readonly [string, Ask][] = [
  ["over HTTP, and breaks off", (url) => ask(url, { accept: "application/json" })],
  ["on a stream of its own, and breaks off", (url) => ask(url, { accept: "text/event-stream" })],
  [
    "over a WebSocket, and completes it",
    (url) => {
      const client = connectWebSocket(url);
      const leave = client.subscribe({ query }, nobody);
      return async () => {
        leave();
        await client.dispose();
      };
    },
  ],
  [
    "over a WebSocket, and closes it",
    (url) => {
      const client = connectWebSocket(url);
      client.subscribe({ query }, nobody);
      return () => client.terminate();
    },
  ],
];

describe("a client that asks a query", () => {
  it.each(ways)("%s, takes the call under way and the one that waits with it", async (_how, open) => {
    await using stack = await startStack(() => null);
    await using gateway = await start(
      readConfig({
        PORT: "0",
        FORMANCE_API_URL: stack.url.href,
        FORMANCE_TOKEN: "a token of the stack",
        MAX_UPSTREAM_CALLS: "1",
        OPERATION_TIMEOUT_SECONDS: "60",
      }),
      pino({ level: "silent" }),
    );
    async function calls(): Promise<string> {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      const of = (name: string) => new RegExp(`^gateway_upstream_${name} (\\d+)$`, "m").exec(text)?.[1];
      return `${of("in_flight")} under way, ${of("queued")} waiting`;
    }

    const leave = open(`${gateway.url}/graphql`);
    await stack.waitForCalls(1);
    await until(async () => (await calls()) === "1 under way, 1 waiting");
    const leftAt = performance.now();
    await leave();
    await until(async () => (await calls()) === "0 under way, 0 waiting");
    await stack.calls[0]?.disconnected;
    expect(performance.now() - leftAt).toBeLessThan(2000);
    expect(stack.calls).toHaveLength(1);
  });
});

describe("a client that asks for a stream", () => {
  it("and breaks off before it is known who asks, is told of in the log, and leaves no stream", async () => {
    const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 0 } });
    const asked = Promise.withResolvers<void>();
    const known = Promise.withResolvers<typeof operator>();
    await using gateway = await startLiveGateway({
      sandbox: { world },
      authenticate: () => {
        asked.resolve();
        return known.promise;
      },
    });
    const { port } = new URL(gateway.url);
    const body = JSON.stringify({
      query: `subscription Left { connectionChanged(psuId: "${firstOf(world.people).id}") { kind } }`,
    });
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    await asked.promise;
    socket.destroy();
    await pause(100);
    known.resolve(operator);
    await until(async () => gateway.lines.some((line) => JSON.parse(line).outcome === "ended"));
    expect(gateway.live.watchers.size).toEqual({ watchers: 0, streams: 0, timers: 0 });
  });
});
