import { connect } from "node:net";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { ConflatingQueue } from "../../src/live/conflating-queue.ts";
import type { Connection } from "../../src/schema/loaders/bank-connection.ts";
import { createStateDiffer } from "../../src/schema/subscription.ts";
import { createChangeDiffer } from "../../src/schema/types/bank-connection-change.ts";
import { startTestGateway, until } from "../support/helpers.ts";

const startServer = (env: Record<string, string> = {}) =>
  start(readConfig({ PORT: "0", ...env }), pino({ level: "silent" }));

function upgrade(path: string, headers: Record<string, string>): string {
  const all = {
    Host: "localhost",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "graphql-transport-ws",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

describe("an upgrade to WebSocket", () => {
  it("that is reset at once, on whatever path, leaves the process as it was", async () => {
    await using server = await startServer();
    const { port, hostname } = new URL(server.url);
    for (let round = 0; round < 300; round += 1) {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => {});
      await new Promise((resolve) => socket.once("connect", resolve));
      socket.write(upgrade(round % 2 === 0 ? "/x" : "/graphql", {}));
      if (round % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      socket.resetAndDestroy();
    }
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  });

  it.each([
    ["another site", "https://evil.example", "403"],
    ["an opaque page", "null", "403"],
    ["the gateway's own page", "http://localhost", "101"],
    ["a site that is allowed", "https://app.example.com", "101"],
  ])("from %s", async (_title, origin, status) => {
    await using server = await startServer({ CORS_ORIGINS: "https://app.example.com" });
    const { port, hostname } = new URL(server.url);
    const socket = connect(Number(port), hostname, () => socket.write(upgrade("/graphql", { Origin: origin })));
    const answer = await new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(chunk.toString())));
    expect(answer.split(" ")[1]).toBe(status);
    socket.destroy();
  });
});

describe("a subscription that asks for nothing", () => {
  it.each([
    'linkAttemptChanged(id: "x") @skip(if: true) { status }',
    '... @include(if: false) { linkAttemptChanged(id: "x") { status } }',
  ])("{ %s } is its client's mistake", async (skipped) => {
    await using gateway = await startTestGateway();
    await using stream = gateway.subscribe(`subscription Nothing { ${skipped} }`, {});
    await until(async () => stream.messages.length > 0);
    expect(stream.messages).toMatchObject([
      {
        data: null,
        errors: [
          {
            message: "A subscription must ask for a field that is not skipped.",
            extensions: { code: "BAD_USER_INPUT", retryable: false },
          },
        ],
      },
    ]);
  });
});

const connection = (connectionID: string, more: Partial<Connection> = {}): Connection => ({
  psuId: "00000000-0000-4000-8000-000000000001",
  connectorID: "c",
  connectionID,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  dataUpdatedAt: "0001-01-01T00:00:00Z",
  status: "ACTIVE",
  error: null,
  metadata: {},
  consentEndsAt: null,
  ...more,
});

describe("a reader who is behind", () => {
  it("is not told of a state that has come and gone", async () => {
    const box = new ConflatingQueue<unknown>(() => {});
    const teller = createStateDiffer<string>();
    teller.diff("A", [], box);
    expect(await box.next()).toMatchObject({ value: "A" });
    teller.diff("B", [], box);
    teller.diff("A", [], box);
    expect(box.has("state")).toBe(false);
    teller.diff("B", [], box);
    teller.diff("C", [], box);
    expect(await box.next()).toMatchObject({ value: "C" });
    expect(box.has("state")).toBe(false);
  });

  it("meets a connection first as new or as there, and nothing of one that has come and gone", async () => {
    const box = new ConflatingQueue<unknown>(() => {});
    const teller = createChangeDiffer(null);
    const synced = { dataUpdatedAt: "2026-01-02T00:00:00Z" };
    teller.diff([connection("old")], [], box);
    teller.diff([connection("old", synced), connection("new"), connection("brief")], [], box);
    teller.diff([connection("old", synced), connection("new", synced)], [], box);
    box.end();
    const told: unknown[] = [];
    for await (const { kind, connection: of } of box as AsyncIterable<{
      kind: string;
      connection: Connection | null;
    }>) {
      told.push([kind, of?.connectionID, of?.dataUpdatedAt]);
    }
    expect(told).toEqual([
      ["CURRENT", "old", synced.dataUpdatedAt],
      ["CREATED", "new", synced.dataUpdatedAt],
    ]);
  });

  it("meets a connection as new that was gone and came back", async () => {
    const box = new ConflatingQueue<unknown>(() => {});
    const teller = createChangeDiffer(null);
    for (const [state, kind] of [
      [[connection("back")], "CURRENT"],
      [[], "DELETED"],
      [[connection("back")], "CREATED"],
    ] as const) {
      teller.diff(state, [], box);
      expect(await box.next()).toMatchObject({ value: { kind } });
    }
  });
});
