import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { webhookPath } from "../../src/live/webhook-receiver.ts";
import { startRewritingProxy } from "../support/rewriting-proxy.ts";
import { freePort } from "../support/servers.ts";
import { doctor, envOf, otherSecret, runDoctor, secret, startGateway } from "./helpers.ts";

describe("the doctor's checks of webhooks find", () => {
  const settings = (sandbox: Sandbox) => ({ ...envOf(sandbox), FORMANCE_WEBHOOK_SECRETS: secret });

  it("none", async () => {
    await using sandbox = await startSandbox();
    sandbox.sendWebhooks({ endpoint: "https://elsewhere.example.com/hooks", secret: otherSecret });
    const { about } = await doctor(settings(sandbox));
    expect(about("webhook")).toMatch(/^failed: none of the stack's webhooks \(1\) leads to .*--create-webhook/);
  });

  it("that neither webhooks nor a broker are set up", async () => {
    await using sandbox = await startSandbox();
    const warned = /^warning: neither webhooks nor the broker are set up.*--create-webhook/;
    expect((await doctor(envOf(sandbox))).about("events")).toMatch(warned);
    await using closed = await startSandbox({ clientScopes: ["payments:read", "payments:write"] });
    expect((await doctor(envOf(closed))).about("events")).toMatch(warned);
  });

  it("that only its secret is not set, where the stack has it already", async () => {
    await using sandbox = await startSandbox();
    await using gateway = await startGateway(sandbox, "");
    sandbox.sendWebhooks({ endpoint: gateway.url + webhookPath, secret, eventTypes });
    const { about } = await doctor(envOf(sandbox));
    expect(about("webhook secret")).toMatch(/^failed: FORMANCE_WEBHOOK_SECRETS is not set/);
    expect(about("events")).toBe("");
  });

  it("that it lacks types of events, which it names", async () => {
    await using sandbox = await startSandbox();
    await using gateway = await startGateway(sandbox, secret);
    const sent = eventTypes.filter((type) => !type.endsWith("task"));
    sandbox.sendWebhooks({ endpoint: gateway.url + webhookPath, secret, eventTypes: sent });
    const { about } = await doctor(settings(sandbox));
    expect(about("webhook events")).toMatch(/^failed: it does not send payments\.updated_task PUT/);
  });

  it("that it is not active", async () => {
    await using sandbox = await startSandbox();
    await using gateway = await startGateway(sandbox, secret);
    const { id } = sandbox.sendWebhooks({ endpoint: gateway.url + webhookPath, secret, eventTypes });
    const form = `grant_type=client_credentials&scope=webhooks:write&client_id=${sandbox.clientId}`;
    const granted = await fetch(`${sandbox.url}/api/auth/oauth/token`, {
      method: "POST",
      body: new URLSearchParams(`${form}&client_secret=${sandbox.clientSecret}`),
    });
    const { access_token: token } = (await granted.json()) as { access_token: string };
    const url = `${sandbox.url}/api/webhooks/configs/${id}/deactivate`;
    await fetch(url, { method: "PUT", headers: { authorization: `Bearer ${token}` } });
    expect((await doctor(settings(sandbox))).about("webhook")).toMatch(/^failed: the one to .* is not active/);
  });

  it("that its secret is another, and that it is a former one", async () => {
    await using sandbox = await startSandbox();
    await using gateway = await startGateway(sandbox, secret);
    sandbox.sendWebhooks({ endpoint: gateway.url + webhookPath, secret, eventTypes });
    const env = (secrets: string) => ({ ...envOf(sandbox), FORMANCE_WEBHOOK_SECRETS: secrets });
    expect((await doctor(env(otherSecret))).about("webhook secret")).toMatch(/^failed: .* is none of/);
    expect((await doctor(env(`${otherSecret},${secret}`))).about("webhook secret")).toMatch(/^ok: it is number 2/);
  });

  it("that nobody takes its events: unreachable, another secret, or no gateway with webhooks", async () => {
    await using sandbox = await startSandbox();
    const deliveryTo = async (url: string) => {
      await using at = await startRewritingProxy(sandbox.url);
      sandbox.sendWebhooks({ endpoint: url + webhookPath, secret, eventTypes });
      const { about } = await doctor({ ...settings(sandbox), FORMANCE_API_URL: at.url }, { gateway: new URL(url) });
      return about("webhook delivery");
    };
    expect(await deliveryTo(`http://127.0.0.1:${await freePort()}`)).toMatch(
      /^failed: neither the stack nor this machine/,
    );
    await using other = await startGateway(sandbox, otherSecret);
    expect(await deliveryTo(other.url)).toMatch(/^failed: the stack's test event was answered 401 .*other secrets/);
    await using deaf = await startGateway(sandbox, "");
    expect(await deliveryTo(deaf.url)).toMatch(
      /^failed: the stack's test event was answered 404 .*without FORMANCE_WEBHOOK/,
    );
  });

  it("nothing without webhooks:read, and then tries from here", async () => {
    await using sandbox = await startSandbox({ clientScopes: ["payments:read", "payments:write"] });
    await using gateway = await startGateway(sandbox, secret);
    const blind = await doctor(settings(sandbox));
    expect(blind.about("webhook")).toMatch(/^warning: the stack's webhooks cannot be read: answer 401 .*webhooks:read/);
    const { about } = await doctor(settings(sandbox), { gateway: new URL(gateway.url) });
    expect(about("webhook delivery")).toMatch(/^ok: .*from this machine; whether the stack reaches it is not known/);
    await gateway[Symbol.asyncDispose]();
    const gone = await doctor(settings(sandbox), { gateway: new URL(gateway.url) });
    expect(gone.about("webhook delivery")).toMatch(/^failed: no answer \(ECONNREFUSED\)/);
  });

  it("that one was made with --create-webhook, which prints its secret, once", async () => {
    await using sandbox = await startSandbox();
    const url = `http://127.0.0.1:${await freePort()}`;
    const made = await runDoctor(envOf(sandbox), "--create-webhook", url);
    const [config] = sandbox.webhooks.configs;
    expect(config).toMatchObject({ endpoint: url + webhookPath, eventTypes, active: true });
    expect(made.findings).toEqual([expect.objectContaining({ status: "ok", secret: config?.secret })]);

    await using gateway = await start(
      readConfig({
        ...envOf(sandbox),
        PORT: new URL(url).port,
        LOG_LEVEL: "silent",
        FORMANCE_WEBHOOK_SECRETS: config?.secret,
      }),
      pino({ level: "silent" }),
    );
    expect(gateway.url).toBe(url);
    const after = await doctor({ ...envOf(sandbox), FORMANCE_WEBHOOK_SECRETS: config?.secret ?? "" });
    expect(after.about("webhook delivery")).toMatch(/^ok: the stack has reached it/);

    const again = await doctor(envOf(sandbox), { createWebhook: new URL(url + webhookPath) });
    expect(again.about("webhook")).toMatch(/^failed: the stack has one to .* already/);
    expect(sandbox.webhooks.configs).toHaveLength(1);
  });

  it("that the client may make none", async () => {
    await using sandbox = await startSandbox({ clientScopes: ["payments:read", "webhooks:read"] });
    const { about } = await doctor(envOf(sandbox), { createWebhook: new URL("https://gateway.example.com") });
    expect(about("webhook")).toMatch(/^failed: answer 401 .*Give the client webhooks:write/);
  });
});
