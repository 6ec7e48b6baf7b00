import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "../support/helpers.ts";
import { runScript, startGatewayCommand } from "../support/process.ts";

const post = (url: string, query: string) =>
  fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });

/** A gateway that waits for a Redis which takes connections and stays silent. */
async function startWaiting(env: Record<string, string> = {}) {
  const redis = createTcpServer().listen(0, "127.0.0.1");
  await once(redis, "listening");
  const { port } = redis.address() as AddressInfo;
  const called = once(redis, "connection");
  const command = runScript("start", [], { PORT: "0", REDIS_URL: `redis://127.0.0.1:${port}`, ...env });
  await Promise.race([called, command.waitFor(/GraphQL is at/)]);
  return {
    ...command,
    async [Symbol.asyncDispose]() {
      await command[Symbol.asyncDispose]();
      redis.close();
    },
  };
}

describe("npm start", () => {
  it("serves the embedded sandbox without any setting, says so, and is ready in under 1.5 s with less than 150 MB", async () => {
    // The fastest of three: a machine that is busy with something else is not the gateway's slowness.
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const startedAt = performance.now();
      await using started = await startGatewayCommand();
      expect((await fetch(`${started.url}/health/ready`)).status).toBe(200);
      times.push(performance.now() - startedAt);
    }
    expect(Math.min(...times)).toBeLessThan(1500);

    await using gateway = await startGatewayCommand();
    expect(gateway.output()).toContain("serving the embedded sandbox");
    expect(gateway.output()).toContain("authentication is off");

    const answer = await post(gateway.url, "{ paymentServiceUsers(first: 100) { nodes { name } } }");
    const { data } = (await answer.json()) as { data: { paymentServiceUsers: { nodes: unknown[] } } };
    expect(data.paymentServiceUsers.nodes.length).toBeGreaterThanOrEqual(12);

    // The collector runs once after the start.
    const residentMb = () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${gateway.pid}/status`, "utf8"))?.[1]) / 1024;
    await until(async () => residentMb() < 150);
  });

  it("refuses production without a stack, naming every problem on stderr, with exit code 1 and no stack trace", async () => {
    await using command = runScript("start", [], { NODE_ENV: "production", PORT: "x", TRUSTED_DOCUMENTS: "x.json" });
    expect(await command.exit).toBe(1);
    expect(command.output()).toContain("PORT must be a port number");
    expect(command.output()).toContain("TRUSTED_DOCUMENTS names a file that cannot be read");
    expect(command.output()).not.toMatch(/\n\s+at /);
  });

  it("says that the port is taken, and how to choose another, with exit code 1", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    await using command = runScript("start", [], { PORT: String(port) });
    expect(await command.exit).toBe(1);
    expect(command.output()).toBe(
      `The gateway cannot start.\nlisten EADDRINUSE: address already in use 127.0.0.1:${port}\nSet PORT to another port.\n`,
    );
    taken.close();
  });

  it("ends in order on SIGTERM, with exit code 0", async () => {
    await using gateway = await startGatewayCommand();
    gateway.kill("SIGTERM");
    expect(await gateway.exit).toBe(0);
    expect(gateway.output()).toContain("stopping");
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "ends on %s while it still waits for its parts, with exit code 0",
    async (signal) => {
      await using gateway = await startWaiting();
      gateway.kill(signal);
      expect(await gateway.exit).toBe(0);
      expect(gateway.output()).not.toContain("GraphQL is at");
    },
  );

  it("reads its settings again after the start when SIGHUP comes during it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "main-"));
    await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
    const path = join(folder, "settings.env");
    await writeFile(path, "MAX_QUERY_DEPTH=9");
    await using gateway = await startWaiting({ SETTINGS_FILE: path });
    await writeFile(path, "MAX_QUERY_DEPTH=10");
    gateway.kill("SIGHUP");
    await gateway.waitFor(/GraphQL is at.*"changed":\["MAX_QUERY_DEPTH"\],"msg":"settings were read again"/s);
    gateway.kill("SIGTERM");
    expect(await gateway.exit).toBe(0);
  });
});

describe("npm run sandbox", () => {
  it("serves the REST API on its own port, for any HTTP client", async () => {
    await using sandbox = runScript("sandbox", ["--port", "0"]);
    const [url] = await sandbox.waitFor(/http:\/\/127\.0\.0\.1:\d+/);
    expect((await fetch(`${url}/api/payments/_info`)).status).toBe(200);
    expect((await fetch(`${url}/api/payments/v3/accounts`)).status).toBe(401);
  });
});

describe("npm run demo", () => {
  it("goes the whole journey and exits 0", async () => {
    await using demo = runScript("demo");
    expect(await demo.exit).toBe(0);
    expect(demo.output()).toMatch(/^On an embedded sandbox, .*: FORMANCE_API_URL is not set\.\n/);
    expect(demo.output()).toContain("All 15 steps went as expected.");
    // Ids are short, the redirect URL is the one that a user comes back to, and what can be done next is there.
    expect(demo.output()).not.toMatch(/[\da-f]{8}-[\da-f]{4}-|"id": "[\w-]{12}/);
    expect(demo.output()).toMatch(/… and comes back at https:\/\/app\.example\.com\/return\?attempt=[\da-f]{8}…\n/);
    expect(demo.output()).toMatch(/\n {2}Your own stack: +docs\/your-stack\.md\n$/);
  }, 30_000);
});
