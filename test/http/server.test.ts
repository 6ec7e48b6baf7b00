/** The server around the graph: health, start, end, and what it answers elsewhere. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, it } from "vitest";
import WebSocket from "ws";
import { startSandbox } from "../../sandbox/server.ts";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { until } from "../support/helpers.ts";
import { webSocket } from "../support/live/clients.ts";
import { freePort, isInstalled, startNats } from "../support/servers.ts";
import { startStack } from "../upstream/stack.ts";

const silent = pino({ level: "silent" });

async function startOver(
  sandbox: { url: string; clientId: string; clientSecret: string },
  more: Record<string, string> = {},
) {
  const { url, clientId, clientSecret } = sandbox;
  const settings = {
    PORT: "0",
    FORMANCE_API_URL: url,
    FORMANCE_CLIENT_ID: clientId,
    FORMANCE_CLIENT_SECRET: clientSecret,
    ...more,
  };
  return start(readConfig(settings), silent);
}

it("is ready when the stack answers, not ready with a reason when it is down, and live in both cases", async () => {
  const sandbox = await startSandbox();
  await using server = await startOver(sandbox);
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);

  await sandbox[Symbol.asyncDispose]();
  const answer = await until(async () => {
    const ready = await fetch(`${server.url}/health/ready`);
    return ready.status === 503 && ready;
  });
  expect(await answer.json()).toEqual({
    status: "not ready",
    reason: "upstream unavailable",
    eventSources: { bus: "connected" },
  });
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
});

it("reports an open circuit breaker when calls to the stack fail at once", async () => {
  const sandbox = await startSandbox();
  await using server = await startOver(sandbox);
  await sandbox[Symbol.asyncDispose]();
  const answer = await until(async () => {
    await fetch(`${server.url}/graphql?query={paymentServiceUsers(first:1){nodes{id}}}`);
    const ready = (await (await fetch(`${server.url}/health/ready`)).json()) as { reason?: string };
    return ready.reason === "upstream breaker open" && ready;
  });
  expect(answer).toMatchObject({ status: "not ready" });
});

it("is ready when all permitted calls to the stack are in flight", async () => {
  await using sandbox = await startSandbox();
  await using server = await startOver(sandbox, { MAX_UPSTREAM_CALLS: "1" });
  const query = `${server.url}/graphql?query={paymentServiceUsers(first:1){nodes{id}}}`;
  expect((await fetch(query)).status).toBe(200);
  using _slow = sandbox.fault(({ path }) => path === "/payment-service-users", { delayMs: 3000 });
  sandbox.clearCalls();
  const slow = fetch(query);
  await until(async () => sandbox.calls.length > 0);
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
  expect((await slow).status).toBe(200);
});

it("is ready when an event source is degraded, and reports it", async () => {
  await using sandbox = await startSandbox();
  await using server = await startOver(sandbox, { REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  const answer = await fetch(`${server.url}/health/ready`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ status: "ready", eventSources: { bus: "degraded", rateLimits: "degraded" } });
});

it.skipIf(!isInstalled("nats-server"))("is ready with and without NATS, and reports its state", async () => {
  await using sandbox = await startSandbox();
  await using nats = await startNats({ jetStream: false });
  await using server = await startOver(sandbox, { NATS_URL: `nats://127.0.0.1:${nats.port}` });
  const becomes = (state: string) =>
    until(async () => {
      const answer = await fetch(`${server.url}/health/ready`);
      expect(answer.status).toBe(200);
      const body = (await answer.json()) as { eventSources: { nats: string } };
      return body.eventSources.nats === state && body;
    });
  expect(await becomes("connected")).toEqual({
    status: "ready",
    eventSources: { bus: "connected", nats: "connected" },
  });
  await nats.kill();
  expect(await becomes("degraded")).toEqual({ status: "ready", eventSources: { bus: "connected", nats: "degraded" } });
  await nats.restart();
  await becomes("connected");
});

it("listens while it starts: live, not ready, and 503 for everything else", async () => {
  await using sandbox = await startSandbox();
  // Takes connections and stays silent: the start waits for it, but not for ever.
  const redis = createServer().listen(0, "127.0.0.1");
  await once(redis, "listening");
  await using _redis = { [Symbol.asyncDispose]: async () => void redis.close() };
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const starting = startOver(sandbox, {
    PORT: String(port),
    REDIS_URL: `redis://127.0.0.1:${(redis.address() as AddressInfo).port}`,
  });
  const get = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${url}${path}`, init);
    return [answer.status, await answer.json()];
  };
  expect(await until(() => get("/health/live").catch(() => false as const))).toEqual([200, { status: "live" }]);
  expect(await get("/health/ready")).toEqual([503, { status: "not ready", reason: "starting" }]);
  const headers = { "x-request-id": "early" };
  const early = await fetch(`${url}/graphql`, { method: "POST", body: "{}", headers });
  const extensions = { code: "UPSTREAM_UNAVAILABLE", retryable: true, requestId: "early" };
  expect([early.status, early.headers.get("retry-after"), early.headers.get("x-request-id")]).toEqual([
    503,
    "1",
    "early",
  ]);
  expect(await early.json()).toEqual({ errors: [{ message: "The gateway is starting.", extensions }] });
  expect(await get("/webhooks/formance", { method: "POST", body: "{}" })).toEqual([503, { status: "starting" }]);
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws");
  const [refusal] = await once(socket, "error");
  expect(String(refusal)).toContain("503");
  await using server = await starting;
  expect(server.url).toBe(url);
  expect(await get("/health/ready")).toMatchObject([200, { status: "ready", eventSources: { bus: "degraded" } }]);
});

it("stops listening when the start fails", async () => {
  const folder = await mkdtemp(join(tmpdir(), "start-"));
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
  const manifest = join(folder, "manifest.json");
  await writeFile(manifest, JSON.stringify({ hash: "{ nothing }" }));
  await using sandbox = await startSandbox();
  const port = await freePort();
  const starting = startOver(sandbox, { PORT: String(port), TRUSTED_DOCUMENTS: manifest });
  await expect(starting).rejects.toThrow("TRUSTED_DOCUMENTS: hash cannot run here");
  await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
});

it("reports that it is draining while it shuts down", async () => {
  await using sandbox = await startSandbox();
  const server = await startOver(sandbox);
  const client = webSocket.connect(`${server.url}/graphql`);
  await client.open("{ viewer { subject } }").next();
  const ending = server[Symbol.asyncDispose]();
  const answer = await fetch(`${server.url}/health/ready`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ status: "not ready", reason: "draining" });
  await ending;
});

it("checks the stack at most once a second, however many health requests arrive", async () => {
  await using stack = await startStack(() => ({ body: "{}" }));
  await using server = await startOver({ url: stack.url.href, clientId: "i", clientSecret: "s" });
  const startedAt = performance.now();
  const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(`${server.url}/health/ready`)));
  const seconds = Math.ceil((performance.now() - startedAt) / 1000);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(stack.calls.length).toBeGreaterThan(0);
  expect(stack.calls.length).toBeLessThanOrEqual(seconds + 1);
});

it("finishes a running request before it stops", async () => {
  await using sandbox = await startSandbox();
  const server = await startOver(sandbox);
  using _slow = sandbox.fault(({ path }) => path === "/payment-service-users", { delayMs: 300 });
  const seen = new Promise((resolve) => {
    const poll = setInterval(() => {
      if (!sandbox.calls.some(({ path }) => path === "/payment-service-users")) return;
      clearInterval(poll);
      resolve(undefined);
    }, 5);
  });
  const answer = fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ paymentServiceUsers(first: 1) { nodes { name } } }" }),
  });
  await seen;
  await server[Symbol.asyncDispose]();
  expect((await answer).status).toBe(200);
  await expect(fetch(`${server.url}/health/live`)).rejects.toThrow();
});

it("redirects / to GraphiQL, answers 404 elsewhere, and gives every GraphQL response a request id", async () => {
  await using sandbox = await startSandbox();
  await using server = await startOver(sandbox);
  const root = await fetch(`${server.url}/`, { redirect: "manual" });
  expect([root.status, root.headers.get("location")]).toEqual([302, "/graphql"]);
  expect((await fetch(`${server.url}/admin`)).status).toBe(404);

  const own = await fetch(`${server.url}/graphql?query={__typename}`);
  expect(own.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  const given = await fetch(`${server.url}/graphql?query={__typename}`, { headers: { "x-request-id": "abc-1" } });
  expect(given.headers.get("x-request-id")).toBe("abc-1");
});

it("keeps running when a socket sends nonsense", async () => {
  await using sandbox = await startSandbox();
  await using server = await startOver(sandbox);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write("nonsense\r\n\r\n");
  await new Promise((resolve) => socket.once("close", resolve).resume());
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
});
