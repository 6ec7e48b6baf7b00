import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startTestGateway, until } from "./helpers.ts";
import { post, startLiveGateway, webSocket } from "./live/clients.ts";
import { psuGlobalId } from "./schema/global-ids.ts";

type Line = Readonly<Record<string, unknown>>;
const operationsIn = (lines: readonly string[]) =>
  lines.map((line) => JSON.parse(line) as Line).filter(({ msg }) => msg === "operation");

describe("the log", () => {
  it("has one line for each operation: request, subject, name, outcome, time, cost and calls of the stack", async () => {
    await using gateway = await startTestGateway();
    const ask = (query: string) =>
      gateway.fetch("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", "x-request-id": "request-17" },
        body: JSON.stringify({ query }),
      });
    await ask("query Users { paymentServiceUsers(first: 3) { nodes { name accounts { name } } } }");
    await ask("{ nothing }");
    const common = { requestId: "request-17", subject: "operator", ms: expect.any(Number) };
    expect(operationsIn(gateway.lines)).toMatchObject([
      { ...common, operation: "Users", outcome: "ok", cost: 2, upstreamCalls: 2 },
      { ...common, operation: null, outcome: ["BAD_USER_INPUT"], cost: 0, upstreamCalls: 0 },
    ]);
  });

  it("has a line when a stream has ended, with the number of its messages", async () => {
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

  it.skipIf(!existsSync("/usr/bin/script"))("is written for people in a terminal", async () => {
    const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
    // Gives the command a terminal of its own.
    const child = spawn("/usr/bin/script", ["-qec", `echo process $$; exec ${process.execPath} ${main}`, "/dev/null"], {
      env: { PATH: process.env["PATH"], PORT: "0" },
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
