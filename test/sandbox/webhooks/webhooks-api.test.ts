import { SDK } from "@formance/formance-sdk";
import { describe, expect, it } from "vitest";
import { signWebhook } from "../../../src/live/webhook-receiver.ts";
import { grant, missingUuid } from "../helpers.ts";
import { disconnected, hour, newSecret, type Reaction, secret, start, startEndpoint } from "./webhook-stage.ts";

describe("the webhooks API", () => {
  it("creates a configuration, active, with its types in lower case", async () => {
    await using on = await start();
    const made = await on.send("POST", "/configs", {
      body: { endpoint: "https://app.example.com/hooks", eventTypes: ["payments.SAVED_ACCOUNT"], secret },
    });
    expect(made.status).toBe(200);
    expect(made.body.data).toEqual({
      endpoint: "https://app.example.com/hooks",
      secret,
      eventTypes: ["payments.saved_account"],
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      active: true,
      name: "",
      createdAt: "2026-07-01T09:00:00Z",
      updatedAt: "2026-07-01T09:00:00Z",
    });
  });

  it("makes up a secret, base64 of 24 bytes, when none is given", async () => {
    await using on = await start();
    const body = { endpoint: "https://app.example.com/hooks", eventTypes: [disconnected] };
    const secrets = [await on.send("POST", "/configs", { body }), await on.send("POST", "/configs", { body })].map(
      (made) => made.body.data.secret as string,
    );
    expect(secrets.map((text) => Buffer.from(text, "base64").length)).toEqual([24, 24]);
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  it("lists configurations in a cursor, most recently changed first, of one id or endpoint when asked", async () => {
    await using on = await start();
    const ids: string[] = [];
    for (const name of ["a", "b", "c"]) {
      const body = { endpoint: `https://${name}.example.com/`, eventTypes: [disconnected] };
      ids.push((await on.send("POST", "/configs", { body })).body.data.id);
      on.advance(1000);
    }
    const [a, b, c] = ids;
    await on.send("PUT", `/configs/${a}/deactivate`);
    const { cursor } = (await on.send("GET", "/configs")).body;
    expect([cursor.hasMore, cursor.data.map(({ id }: { id: string }) => id)]).toEqual([false, [a, c, b]]);
    for (const query of [`id=${b}`, `endpoint=${encodeURIComponent("https://b.example.com/")}`]) {
      const found = (await on.send("GET", `/configs?${query}`)).body.cursor.data;
      expect(found.map(({ id }: { id: string }) => id)).toEqual([b]);
    }
    expect((await on.send("GET", "/configs?name=b")).status).toBe(400);
  });

  it("activates, deactivates, changes secrets and deletes", async () => {
    await using on = await start();
    const { id } = on.sandbox.sendWebhooks({ endpoint: "https://a.example.com/", secret });
    on.advance(1000);
    const off = (await on.send("PUT", `/configs/${id}/deactivate`)).body.data;
    expect([off.active, off.updatedAt]).toEqual([false, "2026-07-01T09:00:01Z"]);
    expect((await on.send("PUT", `/configs/${id}/activate`)).body.data.active).toBe(true);
    expect((await on.send("PUT", `/configs/${id}/activate`)).status).toBe(200);
    const changed = await on.send("PUT", `/configs/${id}/secret/change`, { body: { secret: newSecret } });
    expect(changed.body.data.secret).toBe(newSecret);
    const random = (await on.send("PUT", `/configs/${id}/secret/change`)).body.data.secret;
    expect([random.length, [secret, newSecret].includes(random)]).toEqual([32, false]);
    const deleted = await on.send("DELETE", `/configs/${id}`);
    expect([deleted.status, deleted.text, on.sandbox.webhooks.configs]).toEqual([200, "", []]);
  });

  it("replaces endpoint, secret and types together: a secret that is left out becomes a new one, which no response shows", async () => {
    await using on = await start();
    const { id } = on.sandbox.sendWebhooks({ endpoint: "https://a.example.com/", secret });
    const body = { endpoint: "https://b.example.com/", eventTypes: [disconnected.toUpperCase()] };
    const kept = await on.send("PUT", `/configs/${id}`, { body: { ...body, secret } });
    expect([kept.status, kept.text]).toEqual([200, ""]);
    expect(on.sandbox.webhooks.configs).toMatchObject([{ id, ...body, eventTypes: [disconnected], secret }]);
    expect((await on.send("PUT", `/configs/${id}`, { body })).text).toBe("");
    expect(on.sandbox.webhooks.configs[0]?.secret).not.toBe(secret);
    expect((await on.send("PUT", `/configs/${id}`, { body: { endpoint: "https://c.example.com/" } })).status).toBe(400);
    expect((await on.send("PUT", `/configs/${missingUuid}`, { body })).status).toBe(200);
  });

  it.each([
    ["no body", undefined],
    ["no JSON", "{endpoint"],
    ["no endpoint", { eventTypes: [disconnected] }],
    ["no types", { endpoint: "https://a.example.com/" }],
    ["an empty type", { endpoint: "https://a.example.com/", eventTypes: [""] }],
    ["types that are no list", { endpoint: "https://a.example.com/", eventTypes: "all" }],
    ["an unknown member", { endpoint: "https://a.example.com/", eventTypes: [disconnected], events: [] }],
    ["a secret of 16 bytes", { endpoint: "https://a.example.com/", eventTypes: [disconnected], secret: btoa("16") }],
    ["a secret that is no base64", { endpoint: "https://a.example.com/", eventTypes: [disconnected], secret: "s!" }],
  ])("refuses %s with VALIDATION", async (_case, body) => {
    await using on = await start();
    const { status, body: error } = await on.send("POST", "/configs", { body });
    expect([status, error.errorCode, on.sandbox.webhooks.configs]).toEqual([400, "VALIDATION", []]);
  });

  it("refuses a body that does not call itself JSON", async () => {
    await using on = await start();
    const body = { endpoint: "https://a.example.com/", eventTypes: [disconnected] };
    const made = await on.send("POST", "/configs", { body, contentType: "application/x-www-form-urlencoded" });
    expect([made.status, made.body.errorCode]).toEqual([400, "VALIDATION"]);
  });

  it("answers 404 for what is not there and 405 with what is allowed", async () => {
    await using on = await start();
    for (const [method, path] of [
      ["DELETE", `/configs/${missingUuid}`],
      ["PUT", `/configs/${missingUuid}/activate`],
      ["PUT", `/configs/${missingUuid}/deactivate`],
      ["PUT", `/configs/${missingUuid}/secret/change`],
      ["GET", `/configs/${missingUuid}/test`],
    ] as const) {
      const { status, body } = await on.send(method, path);
      expect([path, status, body]).toEqual([path, 404, { errorCode: "NOT_FOUND", errorMessage: "config: not found" }]);
    }
    expect((await on.send("GET", "/secrets")).status).toBe(404);
    const wrong = await on.send("DELETE", "/configs");
    expect([wrong.status, wrong.headers["allow"]]).toEqual([405, "GET, POST"]);
  });

  it("wants scopes of webhooks: those of payments do not help", async () => {
    await using on = await start();
    const tokenOf = async (scope: string) => (await grant(on.sandbox, scope)).body.access_token as string;
    const body = { endpoint: "https://a.example.com/", eventTypes: [disconnected] };
    const statuses: number[] = [];
    for (const token of [
      null,
      await tokenOf("payments:read payments:write"),
      await tokenOf("webhooks:read"),
      await tokenOf("webhooks:write"),
    ]) {
      statuses.push((await on.send("GET", "/configs", { token })).status);
      statuses.push((await on.send("POST", "/configs", { token, body })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 200, 401, 200, 200]);
  });

  it("is understood by the official SDK", async () => {
    await using on = await start();
    await using endpoint = await startEndpoint();
    const { webhooks } = new SDK({
      serverURL: on.sandbox.url,
      security: {
        clientID: on.sandbox.clientId,
        clientSecret: on.sandbox.clientSecret,
        tokenURL: `${on.sandbox.url}/api/auth/oauth/token`,
      },
    });
    const made = await webhooks.v1.insertConfig({ endpoint: endpoint.url, eventTypes: [disconnected], secret });
    const id = made.configResponse?.data.id ?? "";
    expect(made.configResponse?.data).toMatchObject({ endpoint: endpoint.url, secret, active: true });
    expect((await webhooks.v1.getManyConfigs({})).configsResponse?.cursor.data.map((item) => item.id)).toEqual([id]);
    const tested = (await webhooks.v1.testConfig({ id })).attemptResponse?.data;
    expect(tested).toMatchObject({ statusCode: 204, status: "success", payload: '{"data":"test"}' });
    expect((await webhooks.v1.deactivateConfig({ id })).configResponse?.data.active).toBe(false);
    expect((await webhooks.v1.activateConfig({ id })).configResponse?.data.active).toBe(true);
    const changed = await webhooks.v1.changeConfigSecret({ id, configChangeSecret: { secret: newSecret } });
    expect(changed.configResponse?.data.secret).toBe(newSecret);
    expect((await webhooks.v1.deleteConfig({ id })).statusCode).toBe(200);
    await expect(webhooks.v1.deleteConfig({ id })).rejects.toMatchObject({ errorCode: "NOT_FOUND" });
  });
});

describe("the test of a webhook", () => {
  it("is sent at once, signed and marked, also when the webhook is off", async () => {
    await using on = await start();
    await using endpoint = await startEndpoint();
    const { id: configID } = on.sandbox.sendWebhooks({ endpoint: endpoint.url, secret });
    await on.send("PUT", `/configs/${configID}/deactivate`);
    const { status, body: answer } = await on.send("GET", `/configs/${configID}/test`);
    const [{ headers, body } = { headers: {}, body: "" }] = endpoint.taken;
    const id = String(headers["formance-webhook-id"]);
    const timestamp = on.now() / 1000;
    expect(body).toBe('{"data":"test"}');
    expect(headers).toMatchObject({
      "formance-webhook-test": "true",
      "formance-webhook-idempotency-key": "ik",
      "formance-webhook-signature": signWebhook({ id, timestamp, body, secret }),
    });
    expect(status).toBe(200);
    expect(answer.data).toMatchObject({
      webhookID: id,
      config: { id: configID },
      payload: body,
      statusCode: 204,
      retryAttempt: 0,
      status: "success",
    });
  });

  it.each<[Reaction, number]>([
    [{ status: 500 }, 500],
    ["hang up", 0],
  ])("that fails is reported, and not sent again: %o", async (reaction, statusCode) => {
    await using on = await start();
    await using endpoint = await startEndpoint(() => reaction);
    const { id } = on.sandbox.sendWebhooks({ endpoint: endpoint.url });
    const { data } = (await on.send("GET", `/configs/${id}/test`)).body;
    expect([data.statusCode, data.status]).toEqual([statusCode, "failed"]);
    on.advance(hour);
    await on.settled();
    expect(endpoint.taken).toHaveLength(1);
  });
});
