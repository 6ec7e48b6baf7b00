import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { webhookPath } from "../../src/live/webhook-receiver.ts";
import { runScript } from "../support/process.ts";
import { doctor, envOf, runDoctor, secret, startGateway } from "./helpers.ts";

describe("npm run doctor", () => {
  it("finds nothing wrong with a stack and a gateway that are well", async () => {
    await using sandbox = await startSandbox();
    await using gateway = await startGateway(sandbox, secret);
    sandbox.sendWebhooks({ endpoint: gateway.url + webhookPath, secret, eventTypes });
    const { findings } = await runDoctor({ ...envOf(sandbox), FORMANCE_WEBHOOK_SECRETS: secret });
    expect(findings.map(({ about, status }) => `${status} ${about}`)).toEqual([
      "ok url",
      "ok base path",
      "ok clock",
      "ok version",
      "ok credentials",
      "ok scope payments:read",
      "ok scope payments:write",
      "ok connectors",
      "ok webhook",
      "ok webhook events",
      "ok webhook secret",
      "ok webhook delivery",
      "warning callers",
    ]);
    expect(findings.find(({ about }) => about === "connectors")?.what).toContain("Plaid (plaid)");
  });

  it("changes nothing on the stack", async () => {
    await using sandbox = await startSandbox();
    const before = sandbox.world.people.length;
    await doctor(envOf(sandbox));
    expect(sandbox.world.people).toHaveLength(before);
    expect(sandbox.webhooks.configs).toHaveLength(0);
  });

  it("writes lines for people, each failure with what to do, and a count at the end", async () => {
    await using command = runScript("doctor", [], {});
    expect(await command.exit).toBe(1);
    expect(command.output()).toMatch(/^failed {3}settings: FORMANCE_API_URL is not set.*\n {9}→ Set FORMANCE_API_URL/);
    expect(command.output()).toContain("0 ok, 1 to look at, 1 failed");
  });

  it("names every problem of the settings, as the gateway does", async () => {
    const { about } = await runDoctor({ FORMANCE_API_URL: "stack", FORMANCE_CLIENT_ID: "a", PORT: "x" });
    expect(about("settings")).toContain("FORMANCE_API_URL must be an http or https URL");
    expect(about("settings")).toContain("PORT must be a port number");
  });

  it("refuses what is no URL of a gateway", async () => {
    await using command = runScript("doctor", ["--gateway", "gateway"], {});
    expect(await command.exit).toBe(1);
    expect(command.output()).toBe("The gateway's URL must be one such as https://gateway.example.com.\n");
  });
});
