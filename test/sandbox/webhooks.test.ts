import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { SDK } from "@formance/formance-sdk";
import { describe, expect, it } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { createManualClock } from "../../sandbox/clock.ts";
import { type SandboxOptions, startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { createWebhookReceiver, signWebhook, type WebhookOutcome } from "../../src/live/webhook-receiver.ts";
import { until } from "../support/helpers.ts";
import { call, find, grant, linkBody, missingUuid, newcomer, type Reply, read, type Stage } from "./helpers.ts";

const minute = 60_000;
const hour = 60 * minute;
const secret = Buffer.alloc(24, 1).toString("base64");
const newSecret = Buffer.alloc(24, 2).toString("base64");
const disconnected = "payments.open_banking_user_connection_disconnected";

type SendOptions = { readonly token?: string | null; readonly body?: unknown; readonly contentType?: string };

/** A sandbox whose clock stands still, and a way to call its webhooks API. */
async function start(options: Pick<SandboxOptions, "webhooks"> = {}) {
  const clock = createManualClock();
  const world = createWorld({ clock });
  const sandbox = await startSandbox({ ...options, world });
  const { access_token: token } = (await grant(sandbox, "webhooks:read webhooks:write")).body;
  const { access_token: paymentsToken } = (await grant(sandbox)).body;
  const connection = find(world.connections, ({ status }) => status === "ACTIVE");

  async function send(method: string, path: string, request: SendOptions = {}): Promise<Reply> {
    const bearer = request.token === undefined ? token : request.token;
    return read(`${sandbox.url}/api/webhooks${path}`, {
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(request.body !== undefined && { "content-type": request.contentType ?? "application/json" }),
      },
      ...(request.body !== undefined && {
        body: typeof request.body === "string" ? request.body : JSON.stringify(request.body),
      }),
    });
  }

  const pay = (method: string) => (path: string, request?: Parameters<typeof call>[4]) =>
    call(sandbox, method, path, paymentsToken, request);
  const stage: Stage = {
    sandbox,
    world,
    advance: clock.advance,
    get: pay("GET"),
    post: pay("POST"),
    remove: pay("DELETE"),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
  let disconnections = 0;
  return {
    ...stage,
    stage,
    send,
    connection,
    deliveries: sandbox.webhooks.deliveries,
    now: () => clock.now().getTime(),
    /** Has one event sent. */
    disconnect: () => world.breakConnection(connection, `The bank said no, ${++disconnections}.`),
    /** Until no request is under way. */
    async settled() {
      for (const deadline = Date.now() + 5000; Date.now() < deadline; ) {
        await new Promise((resolve) => setImmediate(resolve));
        if (sandbox.webhooks.deliveries.every(({ status }) => status !== "delivering")) return;
      }
      throw new Error("A delivery did not end.");
    },
  };
}

type Taken = { readonly headers: IncomingHttpHeaders; readonly body: string };
type Reaction = { readonly status: number; readonly headers?: Record<string, string> } | "hang" | "hang up";

/** Somebody's server, which takes what is sent to it and answers as told. */
async function startEndpoint(react: () => Reaction = () => ({ status: 204 })) {
  const taken: Taken[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      taken.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const reaction = react();
      if (reaction === "hang up") request.socket.destroy();
      else if (reaction !== "hang") response.writeHead(reaction.status, reaction.headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    taken,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const idOf = ({ headers }: Taken) => headers["formance-webhook-id"];

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

  it("replaces endpoint, secret and types together: a secret that is left out becomes a new one, untold", async () => {
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
    const server = createServer((request, response) => void receiver.receive(request, response));
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

  it("waits as long as it is told to", async () => {
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

describe("an attempt that fails", () => {
  it.each<[string, Reaction]>([
    ["408", { status: 408 }],
    ["429", { status: 429 }],
    ["500", { status: 500 }],
    ["503", { status: 503 }],
    ["a redirect", { status: 307, headers: { location: "/elsewhere" } }],
    ["a connection that ends", "hang up"],
  ])("with %s is made again after a minute, with the same id and a new time and signature", async (_case, reaction) => {
    let isDown = true;
    await using on = await start();
    await using endpoint = await startEndpoint(() => (isDown ? reaction : { status: 200 }));
    on.sandbox.sendWebhooks({ endpoint: endpoint.url, secret });
    on.disconnect();
    await on.settled();
    expect(on.deliveries).toMatchObject([{ status: "pending", attempts: 1 }]);
    isDown = false;
    on.advance(minute - 1);
    await on.settled();
    expect(endpoint.taken).toHaveLength(1);
    on.advance(1);
    await on.settled();
    const [first, second] = endpoint.taken;
    if (first === undefined || second === undefined) throw new Error("Two attempts are needed.");
    const timestamp = on.now() / 1000;
    const id = String(idOf(first));
    expect([idOf(second), second.body]).toEqual([id, first.body]);
    expect(second.headers["formance-webhook-signature"]).toBe(signWebhook({ id, timestamp, body: first.body, secret }));
    expect(on.deliveries).toMatchObject([{ status: "succeeded", attempts: 2, lastStatus: 200 }]);
    on.advance(10 * hour);
    await on.settled();
    expect(endpoint.taken).toHaveLength(2);
  });

  it.each([400, 401, 403, 404, 405, 409, 410, 413, 422])("with %i is the last", async (status) => {
    await using on = await start();
    await using endpoint = await startEndpoint(() => ({ status }));
    on.sandbox.sendWebhooks({ endpoint: endpoint.url });
    on.disconnect();
    await on.settled();
    on.advance(10 * hour);
    await on.settled();
    expect([endpoint.taken.length, on.deliveries[0]?.status, on.deliveries[0]?.lastStatus]).toEqual([
      1,
      "failed",
      status,
    ]);
  });

  it("because nobody listens is made again, too", async () => {
    const endpoint = await startEndpoint();
    await endpoint[Symbol.asyncDispose]();
    await using on = await start();
    on.sandbox.sendWebhooks({ endpoint: endpoint.url });
    on.disconnect();
    await on.settled();
    expect(on.deliveries).toMatchObject([{ status: "pending", attempts: 1, lastStatus: null }]);
  });

  it("is made again after 1, 2, 4, 8, 16, 32 minutes, then every hour, and given up after 15 attempts", async () => {
    await using on = await start();
    await using endpoint = await startEndpoint(() => ({ status: 500 }));
    on.sandbox.sendWebhooks({ endpoint: endpoint.url });
    on.disconnect();
    for (let passed = 0; passed < 12 * 60; passed++) {
      await on.settled();
      on.advance(minute);
    }
    await on.settled();
    const times = endpoint.taken.map(({ headers }) => Number(headers["formance-webhook-timestamp"]) / 60);
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    expect(gaps).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 60, 60]);
    expect(on.deliveries).toMatchObject([{ status: "failed", attempts: 15, lastStatus: 500 }]);
  });

  it.each([
    ["seconds", "300", 5 * minute],
    ["a date", "Wed, 01 Jul 2026 09:10:00 GMT", 10 * minute],
    ["less than a minute", "5", minute],
    ["a date that is over", "Wed, 01 Jul 2026 08:00:00 GMT", minute],
    ["nonsense", "soon", minute],
    ["a month", String(30 * 86_400), 6 * hour],
  ])("is made again when Retry-After says, if that is later: %s", async (_case, value, wait) => {
    await using on = await start();
    await using endpoint = await startEndpoint(() => ({ status: 503, headers: { "retry-after": value } }));
    on.sandbox.sendWebhooks({ endpoint: endpoint.url });
    on.disconnect();
    await on.settled();
    on.advance(wait - 1);
    await on.settled();
    expect(endpoint.taken).toHaveLength(1);
    on.advance(1);
    await on.settled();
    expect(endpoint.taken).toHaveLength(2);
  });

  it("is given up when the next would come more than ten hours after the first", async () => {
    await using on = await start();
    await using endpoint = await startEndpoint(() => ({ status: 503, headers: { "retry-after": String(5.5 * 3600) } }));
    on.sandbox.sendWebhooks({ endpoint: endpoint.url });
    on.disconnect();
    await on.settled();
    on.advance(5.5 * hour);
    await on.settled();
    expect(on.deliveries).toMatchObject([{ status: "failed", attempts: 2 }]);
  });

  it("is one that takes more than 30 s", async () => {
    await using on = await start();
    await using endpoint = await startEndpoint(() => "hang");
    on.sandbox.sendWebhooks({ endpoint: endpoint.url });
    on.disconnect();
    await until(async () => endpoint.taken.length === 1);
    on.advance(29_999);
    expect(on.deliveries).toMatchObject([{ status: "delivering" }]);
    on.advance(1);
    await on.settled();
    expect(on.deliveries).toMatchObject([{ status: "pending", attempts: 1, lastStatus: null }]);
  });

  it.each([
    ["deactivated", "PUT", "/deactivate"],
    ["deleted", "DELETE", ""],
  ])("is not made again when its configuration is %s", async (_case, method, path) => {
    await using on = await start();
    await using endpoint = await startEndpoint(() => ({ status: 500 }));
    const { id } = on.sandbox.sendWebhooks({ endpoint: endpoint.url });
    on.disconnect();
    await on.settled();
    await on.send(method, `/configs/${id}${path}`);
    expect(on.deliveries).toMatchObject([{ status: "cancelled" }]);
    on.advance(hour);
    await on.settled();
    expect(endpoint.taken).toHaveLength(1);
  });
});

describe("after a change of secret", () => {
  /** The signatures of an attempt before, and of its repetition after the change. */
  async function rotate(options: SandboxOptions["webhooks"], changed = newSecret) {
    await using on = await start(options === undefined ? {} : { webhooks: options });
    await using endpoint = await startEndpoint(() => ({ status: 500 }));
    const { id: configID } = on.sandbox.sendWebhooks({ endpoint: endpoint.url, secret });
    on.disconnect();
    await on.settled();
    await on.send("PUT", `/configs/${configID}/secret/change`, { body: { secret: changed } });
    on.advance(minute);
    await on.settled();
    return endpoint.taken.map(({ headers, body }) => {
      const id = String(headers["formance-webhook-id"]);
      const timestamp = Number(headers["formance-webhook-timestamp"]);
      const nameOf = (signature: string) =>
        ({
          [signWebhook({ id, timestamp, body, secret })]: "former",
          [signWebhook({ id, timestamp, body, secret: newSecret })]: "new",
        })[signature];
      return String(headers["formance-webhook-signature"]).split(" ").map(nameOf);
    });
  }

  it("a delivery is signed with both, the new one first, and so is the repetition of an older one", async () => {
    expect(await rotate(undefined)).toEqual([["former"], ["new", "former"]]);
  });

  it("to the one that it has, a delivery is signed once", async () => {
    expect(await rotate(undefined, secret)).toEqual([["former"], ["former"]]);
  });

  it("a stack that forgets at once signs with the new one alone", async () => {
    expect(await rotate({ signsWithFormerSecret: false })).toEqual([["former"], ["new"]]);
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
  ])("that fails is told, and not sent again: %o", async (reaction, statusCode) => {
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
    "is told nothing of a link that %s completes by redirect, nor of one left",
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
      expect(types).toContain("payments.open_banking_user_connection_data_synced");
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
