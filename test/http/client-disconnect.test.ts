/** What a client that disconnects stops: calls to the stack, and streams. */
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
import { fairNow } from "../support/fair-clock.ts";
import { operator, until } from "../support/helpers.ts";
import { startLiveGateway } from "../support/live/clients.ts";
import { startStack } from "../upstream/stack.ts";

/** Two calls to the stack, in parallel. */
const query = "{ connectors { nodes { id } } accounts { nodes { id } } }";
const ignoring = { next() {}, error() {}, complete() {} };

/** Sends the query; the result disconnects. */
type Send = (url: string) => () => void | Promise<void>;

function send(url: string, headers: Record<string, string>): () => void {
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

const ways: readonly [string, Send][] = [
  ["aborts its HTTP request", (url) => send(url, { accept: "application/json" })],
  ["aborts its event stream", (url) => send(url, { accept: "text/event-stream" })],
  [
    "completes its operation on a WebSocket",
    (url) => {
      const client = connectWebSocket(url);
      const unsubscribe = client.subscribe({ query }, ignoring);
      return async () => {
        unsubscribe();
        await client.dispose();
      };
    },
  ],
  [
    "closes its WebSocket",
    (url) => {
      const client = connectWebSocket(url);
      client.subscribe({ query }, ignoring);
      return () => client.terminate();
    },
  ],
];

describe("a client with a running query", () => {
  it.each(ways)("cancels the call in flight and the queued one when it %s", async (_how, open) => {
    await using stack = await startStack(() => null);
    await using gateway = await start(
      readConfig({
        PORT: "0",
        FORMANCE_API_URL: stack.url.href,
        FORMANCE_TOKEN: "a-token-of-the-stack",
        MAX_UPSTREAM_CALLS: "1",
        OPERATION_TIMEOUT_SECONDS: "60",
      }),
      pino({ level: "silent" }),
    );
    async function calls(): Promise<string> {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      const of = (name: string) => new RegExp(`^gateway_upstream_${name} (\\d+)$`, "m").exec(text)?.[1];
      return `${of("in_flight")} in flight, ${of("queued")} queued`;
    }

    const disconnect = open(`${gateway.url}/graphql`);
    await stack.waitForCalls(1);
    await until(async () => (await calls()) === "1 in flight, 1 queued");
    const disconnectedAt = fairNow();
    await disconnect();
    await until(async () => (await calls()) === "0 in flight, 0 queued");
    await stack.calls[0]?.disconnected;
    expect(fairNow() - disconnectedAt).toBeLessThan(2000);
    expect(stack.calls).toHaveLength(1);
  });
});

describe("a client that requests a stream", () => {
  it("is logged, and no stream stays open, when it disconnects during authentication", async () => {
    const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 0 } });
    const authenticating = Promise.withResolvers<void>();
    const viewer = Promise.withResolvers<typeof operator>();
    await using gateway = await startLiveGateway({
      sandbox: { world },
      authenticate: () => {
        authenticating.resolve();
        return viewer.promise;
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
    await authenticating.promise;
    socket.destroy();
    await pause(100);
    viewer.resolve(operator);
    const logged = (line: string) => JSON.stringify(JSON.parse(line).outcome) === '["BAD_USER_INPUT"]';
    await until(async () => gateway.lines.some(logged));
    expect(gateway.live.watchers.size).toEqual({ watchers: 0, streams: 0, timers: 0 });
  });
});
