import { connect } from "node:net";
import { pino } from "pino";
import { expect, it } from "vitest";
import { readConfig } from "../src/config.ts";
import { startSandbox } from "../src/sandbox/server.ts";
import { start } from "../src/start.ts";
import { until } from "./helpers.ts";
import { startStack } from "./upstream/stack.ts";

const silent = pino({ level: "silent" });

async function startOver(sandbox: { url: string; clientId: string; clientSecret: string }) {
  const { url, clientId, clientSecret } = sandbox;
  const settings = {
    PORT: "0",
    FORMANCE_API_URL: url,
    FORMANCE_CLIENT_ID: clientId,
    FORMANCE_CLIENT_SECRET: clientSecret,
  };
  return start(readConfig(settings), silent);
}

it("is ready while the stack is well, and not ready with the reason when the stack is down; live all the time", async () => {
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
    hints: { bus: "connected" },
  });
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
});

it("asks the stack how it is once a second, however often it is asked itself", async () => {
  await using stack = await startStack(() => ({ body: "{}" }));
  await using server = await startOver({ url: stack.url.href, clientId: "i", clientSecret: "s" });
  const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(`${server.url}/health/ready`)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(stack.calls.length).toBeGreaterThan(0);
  expect(stack.calls.length).toBeLessThanOrEqual(2);
});

it("lets a request that is under way end before it stops", async () => {
  await using sandbox = await startSandbox();
  const server = await startOver(sandbox);
  using _slow = sandbox.fault(({ path }) => path === "/payment-service-users", { delayMs: 300 });
  const seen = new Promise((resolve) => {
    const look = setInterval(() => {
      if (!sandbox.calls.some(({ path }) => path === "/payment-service-users")) return;
      clearInterval(look);
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

it("leads from / to GraphiQL, answers 404 as JSON elsewhere, and gives every answer of the graph a request id", async () => {
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

it("survives a socket that sends nonsense", async () => {
  await using sandbox = await startSandbox();
  await using server = await startOver(sandbox);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write("nonsense\r\n\r\n");
  await new Promise((resolve) => socket.once("close", resolve).resume());
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
});
