import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { visitBank } from "../../../sandbox/bank-pages/browser-driver.ts";
import { createWebhookReceiver, signWebhook, type WebhookOutcome } from "../../../src/live/webhook-receiver.ts";
import { until } from "../../support/helpers.ts";
import { linkBody, newcomer } from "../helpers.ts";
import { disconnected, hour, idOf, minute, secret, start, startEndpoint } from "./webhook-stage.ts";

describe("a delivery", () => {
  it("is a signed POST of the event, its type in lower case behind the service's name", async () => {
    await using on = await start();
    await using endpoint = await startEndpoint();
    on.sandbox.sendWebhooks({ endpoint: endpoint.url, secret });
    on.disconnect();
    await on.settled();
    const [{ headers, body } = { headers: {}, body: "" }] = endpoint.taken;
    const event = on.world.events.at(-1);
    expect(JSON.parse(body)).toEqual({ ...event, type: disconnected });
    const timestamp = on.now() / 1000;
    const id = String(headers["formance-webhook-id"]);
    expect(id).toMatch(/^[\da-f-]{36}$/);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": "formance-webhooks/v0",
      "formance-webhook-timestamp": String(timestamp),
      "formance-webhook-signature": signWebhook({ id, timestamp, body, secret }),
      "formance-webhook-idempotency-key": event?.idempotency_key,
      "formance-webhook-test": "false",
    });
    expect(on.deliveries).toMatchObject([{ id, eventType: disconnected, status: "succeeded", attempts: 1 }]);
  });

  it("is accepted by the gateway's receiver, and so is the test", async () => {
    await using on = await start();
    const outcomes: WebhookOutcome[] = [];
    const receiver = createWebhookReceiver({
      secrets: [secret],
      publish: async () => {},
      onOutcome: (outcome) => outcomes.push(outcome),
      now: on.now,
    });
    const server = createServer((request, response) => void receiver.receive(request, response, "203.0.113.1"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { id } = on.sandbox.sendWebhooks({ endpoint: `http://127.0.0.1:${port}/webhooks/formance`, secret });
    on.disconnect();
    await on.settled();
    await on.send("GET", `/configs/${id}/test`);
    server.close();
    server.closeAllConnections();
    expect(outcomes).toEqual(["accepted", "test"]);
  });

  it("goes to each configuration that names the very type, with an id of its own", async () => {
    await using on = await start();
    await using endpoint = await startEndpoint();
    for (const eventTypes of [[disconnected], ["payments.saved_account", disconnected.toUpperCase()]]) {
      on.sandbox.sendWebhooks({ endpoint: endpoint.url, eventTypes });
    }
    for (const type of ["payments.*", "*", "payments", "open_banking_user_connection_disconnected"]) {
      on.sandbox.sendWebhooks({ endpoint: endpoint.url, eventTypes: [type] });
    }
    on.disconnect();
    await on.settled();
    expect(new Set(endpoint.taken.map(idOf)).size).toBe(2);
    expect(endpoint.taken).toHaveLength(2);
  });

  it("waits for the configured delay", async () => {
    await using on = await start({ webhooks: { delayMs: 13_000 } });
    await using endpoint = await startEndpoint();
    on.sandbox.sendWebhooks({ endpoint: endpoint.url });
    on.disconnect();
    on.advance(12_999);
    await on.settled();
    expect(endpoint.taken).toEqual([]);
    on.advance(1);
    await on.settled();
    expect(endpoint.taken).toHaveLength(1);
  });

  it("is not made for a configuration that is off, nor later when it is on again", async () => {
    await using on = await start();
    await using endpoint = await startEndpoint();
    const { id } = on.sandbox.sendWebhooks({ endpoint: endpoint.url });
    await on.send("PUT", `/configs/${id}/deactivate`);
    on.disconnect();
    await on.send("PUT", `/configs/${id}/activate`);
    on.advance(hour);
    await on.settled();
    expect(endpoint.taken).toEqual([]);
    on.advance(1);
    on.disconnect();
    await on.settled();
    expect(endpoint.taken).toHaveLength(1);
  });
});

it("is sent in time, and with the time of then, when a manual clock leaps over its event", async () => {
  await using endpoint = await startEndpoint();
  await using on = await start({ webhooks: { endpoint: endpoint.url, delayMs: 1000 } });
  on.disconnect();
  on.advance(hour);
  await on.settled();
  expect(endpoint.taken[0]?.headers["formance-webhook-timestamp"]).toBe(String(on.now() / 1000));
});

describe("a webhook that is there from the start", () => {
  it("gets every event of a new connection of Plaid, the link's status first of all", async () => {
    await using endpoint = await startEndpoint();
    await using on = await start({ webhooks: { endpoint: endpoint.url, secret } });
    const { psuID, connectorID, at } = await newcomer(on.stage, "plaid");
    await visitBank((await on.post(`${at}/create-link`, { body: linkBody })).body.link, { decision: "consent" });
    expect(endpoint.taken).toEqual([]);
    on.advance(1500);
    await on.settled();
    expect(endpoint.taken.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: "payments.open_banking_user_link_status", payload: { psuID, connectorID, status: "completed" } },
    ]);
    on.advance(1200);
    await on.settled();
    const types = endpoint.taken.map(({ body }) => JSON.parse(body).type as string);
    expect(types.sort()).toEqual(on.world.events.map(({ type }) => `payments.${type.toLowerCase()}`).sort());
    expect(new Set(types)).toEqual(
      new Set([
        "payments.open_banking_user_link_status",
        "payments.saved_account",
        "payments.saved_balance",
        "payments.saved_payment",
        "payments.open_banking_user_connection_data_synced",
      ]),
    );
  });

  it("gets the types that are named, and no others", async () => {
    await using endpoint = await startEndpoint();
    const eventTypes = ["payments.open_banking_user_connection_data_synced"];
    await using on = await start({ webhooks: { endpoint: endpoint.url, secret, eventTypes } });
    on.world.syncConnection(on.connection);
    on.disconnect();
    await on.settled();
    expect(endpoint.taken.map(({ body }) => JSON.parse(body).type)).toEqual(eventTypes);
  });

  it.each(["tink", "powens"])(
    "gets no link status when %s completes a link by redirect, or when the user cancels",
    async (name) => {
      await using endpoint = await startEndpoint();
      await using on = await start({ webhooks: { endpoint: endpoint.url, secret } });
      const { at } = await newcomer(on.stage, name);
      for (const decision of ["cancel", "consent"] as const) {
        await visitBank((await on.post(`${at}/create-link`, { body: linkBody })).body.link, { decision });
      }
      on.advance(minute);
      await on.settled();
      const types = new Set(endpoint.taken.map(({ body }) => JSON.parse(body).type as string));
      expect(types).toContain("payments.saved_payment");
      expect(types).not.toContain("payments.open_banking_user_link_status");
    },
  );
});

it("sends nothing any more once the sandbox has stopped, and does not wait for a receiver that hangs", async () => {
  await using endpoint = await startEndpoint(() => "hang");
  const on = await start({ webhooks: { endpoint: endpoint.url } });
  on.disconnect();
  await until(async () => endpoint.taken.length === 1);
  await on[Symbol.asyncDispose]();
  await on.settled();
  on.advance(hour);
  on.disconnect();
  await on.settled();
  expect([endpoint.taken.length, on.deliveries.length]).toEqual([1, 1]);
});
