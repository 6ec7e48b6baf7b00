/** The log line of each operation, stream and refused sign-in. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createAuthenticate } from "../../src/auth/authenticate.ts";
import { psuGlobalId } from "../schema/global-ids.ts";
import { runEnvironment } from "../support/guard.ts";
import { startTestGateway, until } from "../support/helpers.ts";
import { startIssuer } from "../support/issuer.ts";
import { post, startLiveGateway, webSocket } from "../support/live/clients.ts";
import { isInstalled } from "../support/programs.ts";
import { scrape } from "../support/samples.ts";

type Line = Readonly<Record<string, unknown>>;
const operationsIn = (lines: readonly string[]) =>
  lines.map((line) => JSON.parse(line) as Line).filter(({ msg }) => msg === "operation");

describe("the operation log", () => {
  it("has one line for each operation: request, subject, name, outcome, time, cost and calls to the stack", async () => {
    await using gateway = await startTestGateway();
    const send = (query: string) =>
      gateway.fetch("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", "x-request-id": "request-17" },
        body: JSON.stringify({ query }),
      });
    await send("query Users { paymentServiceUsers(first: 3) { nodes { name accounts { name } } } }");
    await send("{ nothing }");
    const common = { requestId: "request-17", subject: "sha256:06e55b633481f7bb", ms: expect.any(Number) };
    expect(operationsIn(gateway.lines)).toMatchObject([
      { ...common, operation: "Users", outcome: "ok", cost: 2, upstreamCalls: 2 },
      { ...common, operation: null, outcome: ["BAD_USER_INPUT"], cost: 0, upstreamCalls: 0 },
    ]);
  });

  it("has a line with the number of messages when a stream has ended", async () => {
    await using gateway = await startLiveGateway();
    const [person] = gateway.sandbox.world.people;
    {
      using client = webSocket.connect(gateway.url);
      const stream = client.open(
        `subscription Banks { connectionChanged(psuId: "${psuGlobalId(person?.id ?? "")}") { kind } }`,
      );
      await stream.next();
    }
    const line = await until(async () => operationsIn(gateway.lines)[0] ?? false);
    expect(line).toMatchObject({ operation: "Banks", outcome: "ended", messages: expect.any(Number) });
    await post(gateway.url, { query: "{ viewer { subject } }" });
    expect(operationsIn(gateway.lines).length).toBe(2);
  });

  it("has a line for each refused token over every transport, and metrics count it", async () => {
    using issuer = await startIssuer();
    await using gateway = await startLiveGateway({ authenticate: createAuthenticate(issuer.config) });
    const bad = await issuer.bearer({ sub: "user", psu_id: "no-psu" });
    await post(gateway.url, { query: "{ viewer { subject } }" }, { authorization: bad });
    using client = webSocket.connect(gateway.url, bad.replace("Bearer ", ""));
    await expect(client.open("{ viewer { subject } }").next()).rejects.toThrow("4403");
    using anonymous = webSocket.connect(gateway.url);
    await expect(anonymous.open("{ viewer { subject } }").next()).rejects.toThrow("4403");
    const stream = await fetch(gateway.url, {
      method: "POST",
      headers: {
        authorization: bad,
        accept: "text/event-stream",
        "content-type": "application/json",
        "x-request-id": "by-stream",
      },
      body: JSON.stringify({ query: "subscription { nonsense }" }),
    });
    expect(stream.status).toBe(401);
    expect(await stream.text()).toContain('"requestId":"by-stream"');

    const lines = operationsIn(gateway.lines);
    expect(lines.length).toBe(4);
    const [overHttp] = lines;
    for (const line of lines) {
      const { ms, requestId, time } = line;
      expect(line).toEqual({ ...overHttp, ms, requestId, time });
      expect(line).toMatchObject({ operation: null, subject: null, outcome: ["UNAUTHENTICATED"], upstreamCalls: 0 });
    }
    expect(lines.at(-1)?.["requestId"]).toBe("by-stream");
    const samples = await scrape(gateway.origin);
    expect(samples.get('gateway_operations_total{operation="(none)",kind="none",outcome="UNAUTHENTICATED"}')).toBe(4);
    expect(gateway.lines.join("")).not.toContain(bad.replace("Bearer ", ""));
  });

  it.skipIf(!isInstalled("script"))("is readable text in a terminal", async () => {
    const main = fileURLToPath(new URL("../../src/cli/bin.js", import.meta.url));
    // Gives the command a terminal of its own.
    const child = spawn("/usr/bin/script", ["-qec", `echo process $$; exec ${process.execPath} ${main}`, "/dev/null"], {
      env: { ...runEnvironment(), PORT: "0" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    try {
      await until(async () => /GraphQL is at/.test(text));
      expect(text).toMatch(/\[\d\d:\d\d:\d\d\].*INFO.*GraphQL is at http/);
      expect(text).not.toContain('{"level"');
    } finally {
      process.kill(Number(/process (\d+)/.exec(text)?.[1]), "SIGKILL");
      await once(child, "close");
    }
  });
});
