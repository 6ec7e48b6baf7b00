/** Upgrades to WebSocket: resets, and origins that may connect. */
import { IncomingMessage } from "node:http";
import { connect, Socket } from "node:net";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { createRequestGuard } from "../../src/http/request-guard.ts";

const startServer = (env: Record<string, string> = {}) =>
  start(readConfig({ PORT: "0", ...env }), pino({ level: "silent" }));

function upgrade(path: string, headers: Readonly<Record<string, string>>): string {
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
  it("does no harm when it is reset at once, on any path", async () => {
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
    ["another site", { Origin: "https://evil.example" }, "403"],
    ["another site, like a visit to GraphiQL", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document" }, "403"],
    ["an opaque page", { Origin: "null" }, "403"],
    ["the gateway's own page", { Origin: "http://localhost" }, "101"],
    ["a site that is allowed", { Origin: "https://app.example.com" }, "101"],
  ])("from %s", async (_title, headers, status) => {
    await using server = await startServer({ CORS_ORIGINS: "https://app.example.com" });
    const { port, hostname } = new URL(server.url);
    const socket = connect(Number(port), hostname, () => socket.write(upgrade("/graphql", headers)));
    const answer = await new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(chunk.toString())));
    expect(answer.split(" ")[1]).toBe(status);
    socket.destroy();
  });

  it("is no operation that is shed under overload, whatever its URL", () => {
    const guard = createRequestGuard({
      pipeline: { shedLoad: () => 100 },
      origins: { allowed: [], localOnly: false },
      trustedProxies: 0,
      graphiql: true,
    });
    const request = Object.assign(new IncomingMessage(new Socket()), { method: "GET", url: "/graphql?query={a}" });
    expect(guard(request, true).refusal).toBeNull();
    expect(guard(request).refusal).not.toBeNull();
  });
});
