import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Agent, request } from "undici";
import { describe, expect, it, vi } from "vitest";
import { eventTypes, type Invalidation } from "../../src/live/connection-events.ts";
import {
  createWebhookReceiver,
  signWebhook,
  type WebhookOutcome,
  type WebhookReceiverOptions,
} from "../../src/live/webhook-receiver.ts";
import { until } from "../support/helpers.ts";

const vector = {
  secret: "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
  id: "5d0f2c6c-0000-4000-8000-000000000001",
  timestamp: 1_754_400_000,
  body: '{"idempotency_key":"ik","date":"2026-08-05T12:00:00Z","app":"payments","version":"v3","type":"payments.open_banking_user_link_status","payload":{"psuID":"p","connectorID":"c","status":"completed"}}',
  signature: "v1,/FIJW3vMAiHDNWuWRNKsWXlkP/v4gqBoeyJY3wW/olc=",
};
const { secret, id, timestamp } = vector;
const olderSecret = Buffer.alloc(24, 1).toString("base64");
const strangeSecret = Buffer.alloc(24, 2).toString("base64");

const psuId = "0b6f6d0e-3f43-4d5e-9c55-0a52fb1f5d11";
const body = toBody("payments.open_banking_user_link_status", {
  psuID: psuId,
  connectorID: "c",
  status: "completed",
});
const hint: Invalidation = { topics: [`attempts:${psuId}:c`, `connections:${psuId}`], event: null };

function toBody(type: string, payload: unknown): string {
  return JSON.stringify({ idempotency_key: "ik", date: "now", app: "payments", version: "v3", type, payload });
}

type Delivery = {
  readonly method?: string;
  readonly id?: string;
  readonly timestamp?: string | number;
  readonly body?: string | Buffer;
  /** Default: the right one. `null`: none. */
  readonly signature?: string | null;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A receiver behind a real server, at the time of the test vector. */
async function start(options: Partial<WebhookReceiverOptions> = {}) {
  const published: Invalidation[] = [];
  const outcomes: WebhookOutcome[] = [];
  const receiver = createWebhookReceiver({
    secrets: [secret],
    publish: async (taken) => void published.push(taken),
    onOutcome: (outcome) => outcomes.push(outcome),
    now: () => timestamp * 1000,
    ...options,
  });
  let received = 0;
  const server = createServer((incoming, response) => {
    received += 1;
    void receiver.receive(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ connections: 16 });

  async function deliver(delivery: Delivery = {}) {
    const sent = { id, timestamp, body, secret, ...delivery };
    const signed = { ...sent, timestamp: Number(sent.timestamp), body: String(sent.body) };
    const signature = delivery.signature === undefined ? signWebhook(signed) : delivery.signature;
    const response = await request(`http://127.0.0.1:${port}/webhooks/formance`, {
      dispatcher: agent,
      method: (delivery.method ?? "POST") as "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "formance-webhooks/v0",
        "formance-webhook-id": sent.id,
        "formance-webhook-timestamp": String(sent.timestamp),
        "formance-webhook-idempotency-key": "ik",
        "formance-webhook-test": "false",
        ...(signature !== null && { "formance-webhook-signature": signature }),
        ...delivery.headers,
      },
      body: delivery.method === "GET" ? null : sent.body,
    });
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  }

  return {
    port,
    published,
    outcomes,
    received: () => received,
    deliver,
    async [Symbol.asyncDispose]() {
      await agent.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** A promise that the test settles. */
const gate = () => Promise.withResolvers<void>();

describe("the signature", () => {
  it("is that of the stack's test vector, with the secret's own bytes as the key", () => {
    expect(signWebhook(vector)).toBe(vector.signature);
  });

  it("of the test vector is taken: the delivery is refused only for its payload, whose PSU is no id", async () => {
    await using on = await start();
    const { status } = await on.deliver({ body: vector.body, signature: vector.signature });
    expect([status, on.outcomes]).toEqual([400, ["malformed"]]);
  });

  it.each([
    ["is missing", null],
    ["is empty", ""],
    ["is of another secret", signWebhook({ id, timestamp, body, secret: strangeSecret })],
    ["is of the decoded secret", signWebhook({ id, timestamp, body, secret: String(Buffer.from(secret, "base64")) })],
    ["is of another version", signWebhook({ id, timestamp, body, secret }).replace("v1", "v2")],
    ["has no version", signWebhook({ id, timestamp, body, secret }).slice(3)],
    ["is cut short", signWebhook({ id, timestamp, body, secret }).slice(0, -4)],
    ["is too long", `${signWebhook({ id, timestamp, body, secret })}AAAA`],
    ["is no base64", "v1,~~~~"],
  ])("that %s is answered 401, and nothing is published", async (_case, signature) => {
    await using on = await start();
    const { status } = await on.deliver({ signature });
    expect([status, on.outcomes, on.published]).toEqual([401, ["bad-signature"], []]);
  });

  it.each(["formance-webhook-id", "formance-webhook-timestamp"])("without %s is answered 401", async (header) => {
    await using on = await start();
    const { status } = await on.deliver({ headers: { [header]: "" } });
    expect([status, on.published]).toEqual([401, []]);
  });

  it("may be one of several in the header", async () => {
    await using on = await start();
    const other = signWebhook({ id, timestamp, body, secret: strangeSecret });
    const own = signWebhook({ id, timestamp, body, secret });
    expect((await on.deliver({ signature: `${other} v0,abc ${own}` })).status).toBe(204);
    expect(on.published).toEqual([hint]);
  });

  it("may be of any of several secrets, so that they can be changed", async () => {
    await using on = await start({ secrets: [secret, olderSecret] });
    expect((await on.deliver({ id: "new", secret })).status).toBe(204);
    expect((await on.deliver({ id: "old", secret: olderSecret })).status).toBe(204);
    expect((await on.deliver({ id: "strange", secret: strangeSecret })).status).toBe(401);
    expect(on.published).toHaveLength(2);
  });

  it("is over the bytes as they came, not over what they mean", async () => {
    await using on = await start();
    const signature = signWebhook({ id, timestamp, body, secret });
    const spaced = JSON.stringify(JSON.parse(body), null, 1);
    expect((await on.deliver({ body: spaced, signature })).status).toBe(401);
    expect((await on.deliver({ timestamp: `0${timestamp}`, signature })).status).toBe(401);
    expect((await on.deliver({ body: spaced })).status).toBe(204);
  });

  it("is over the bytes even where they are no text", async () => {
    await using on = await start();
    const [before, after] = body.split("completed");
    const bytes = (byte: number) =>
      Buffer.concat([Buffer.from(`${before}`), Buffer.from([byte]), Buffer.from(`${after}`)]);
    const signed = createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(bytes(0x80)).digest("base64");
    expect((await on.deliver({ body: bytes(0x81), signature: `v1,${signed}` })).status).toBe(401);
    expect((await on.deliver({ body: bytes(0x80), signature: `v1,${signed}` })).status).toBe(204);
  });

  it("of a text that can be cut at another dot is not taken for that cut", async () => {
    await using on = await start();
    // The signed text is `a.<time>.<time>.{…}`: read another way, it is another delivery.
    const signature = signWebhook({ id: "a", timestamp, body: `${timestamp}.${body}`, secret });
    const { status } = await on.deliver({ id: `a.${timestamp}`, body, signature });
    expect([status, on.published]).toEqual([401, []]);
  });
});

describe("one flipped bit", () => {
  const good = { id, timestamp: String(timestamp), body, signature: signWebhook({ id, timestamp, body, secret }) };
  const isSendable = (text: string) => /^[\t\x20-\x7e\x80-\xff]+$/.test(text) && text.trim() === text;

  /** Every text that differs from this one in one bit. */
  function flips(text: string): Buffer[] {
    const bytes = Buffer.from(text, "latin1");
    return Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return flipped;
    });
  }

  async function refuses(deliveries: readonly Delivery[]) {
    await using on = await start();
    const statuses = await Promise.all(deliveries.map(async (delivery) => (await on.deliver(delivery)).status));
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(on.published).toEqual([]);
    expect((await on.deliver(good)).status).toBe(204);
  }

  it("anywhere in the body is refused", async () => {
    await refuses(flips(good.body).map((flipped) => ({ ...good, body: flipped })));
  });

  it.each(["id", "timestamp", "signature"] as const)(
    "anywhere in the %s is refused, wherever a header can hold it",
    async (part) => {
      const texts = flips(good[part]).map((flipped) => flipped.toString("latin1"));
      const sendable = texts.filter(isSendable);
      expect(sendable.length).toBeGreaterThan(texts.length / 2);
      await refuses(sendable.map((text) => ({ ...good, [part]: text })));
    },
  );
});

describe("the age of a delivery", () => {
  it.each([300, -300])("may be %i s", async (age) => {
    await using on = await start();
    expect((await on.deliver({ timestamp: timestamp - age })).status).toBe(204);
    expect(on.published).toEqual([hint]);
  });

  it.each([
    [301, "too-old"],
    [-301, "too-early"],
    [86_400 * 365, "too-old"],
  ])("of %i s is refused in a way that has it sent again, with a time of its own", async (age, outcome) => {
    await using on = await start();
    const { status } = await on.deliver({ timestamp: timestamp - age });
    expect([status, on.outcomes, on.published]).toEqual([408, [outcome], []]);
    expect((await on.deliver()).status).toBe(204);
  });

  it("is looked at only when the signature is right", async () => {
    await using on = await start();
    expect((await on.deliver({ timestamp: timestamp - 301, secret: strangeSecret })).status).toBe(401);
  });
});

describe("a delivery that was taken", () => {
  it("is acknowledged and dropped when it comes again, whatever its time and signature then", async () => {
    await using on = await start();
    expect((await on.deliver()).status).toBe(204);
    expect((await on.deliver({ timestamp: timestamp + 60 })).status).toBe(204);
    expect([on.outcomes, on.published]).toEqual([["accepted", "duplicate"], [hint]]);
  });

  it("is remembered for longer than it can be played back", async () => {
    let at = (timestamp - 300) * 1000;
    await using on = await start({ now: () => at });
    await on.deliver();
    at = (timestamp + 300) * 1000;
    await on.deliver();
    expect([on.outcomes, on.published]).toEqual([["accepted", "duplicate"], [hint]]);
  });

  it("is forgotten after a quarter of an hour", async () => {
    let at = timestamp * 1000;
    await using on = await start({ now: () => at });
    await on.deliver();
    at += 15 * 60_000;
    await on.deliver({ timestamp: at / 1000 });
    expect(on.outcomes).toEqual(["accepted", "accepted"]);
  });

  it("is forgotten first when there are more than fit", async () => {
    await using on = await start({ memory: 2 });
    for (const name of ["a", "b", "c", "c", "b", "a"]) await on.deliver({ id: name });
    expect(on.outcomes).toEqual(["accepted", "accepted", "accepted", "duplicate", "duplicate", "accepted"]);
  });

  it("is known by its id alone: others of the same body are taken", async () => {
    await using on = await start();
    await on.deliver({ id: "a" });
    await on.deliver({ id: "b" });
    expect(on.published).toEqual([hint, hint]);
  });
});

describe("the bus", () => {
  it("has the hint before the delivery is acknowledged", async () => {
    const bus = gate();
    const asked = gate();
    await using on = await start({
      publish: () => {
        asked.resolve();
        return bus.promise;
      },
    });
    let status: number | undefined;
    const answer = on.deliver().then((response) => {
      status = response.status;
    });
    await asked.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(status).toBeUndefined();
    bus.resolve();
    await answer;
    expect(status).toBe(204);
  });

  it.each([
    ["rejects", () => Promise.reject(new Error("redis is gone"))],
    [
      "throws at once",
      () => {
        throw new Error("redis is gone");
      },
    ],
  ])("that %s makes it 503 with Retry-After, and the next attempt is taken", async (_case, fail) => {
    let isDown = true;
    const published: Invalidation[] = [];
    await using on = await start({
      publish: (taken) => (isDown ? fail() : Promise.resolve(void published.push(taken))),
    });
    const refused = await on.deliver();
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "30"]);
    isDown = false;
    expect((await on.deliver()).status).toBe(204);
    expect([on.outcomes, published]).toEqual([["unpublished", "accepted"], [hint]]);
  });

  it("that hangs makes it 503; when it has taken the hint after all, the next attempt is dropped", async () => {
    const bus = gate();
    const publish = vi.fn(() => bus.promise);
    await using on = await start({ publish, publishTimeoutMs: 20 });
    expect((await on.deliver()).status).toBe(503);
    expect((await on.deliver()).status).toBe(503);
    bus.resolve();
    expect((await on.deliver()).status).toBe(204);
    expect(on.outcomes).toEqual(["unpublished", "unpublished", "duplicate"]);
    expect(publish).toHaveBeenCalledTimes(1);
  });

  it("gets one hint of two deliveries of one id at the same time, and both are acknowledged once it has it", async () => {
    const bus = gate();
    const publish = vi.fn(() => bus.promise);
    await using on = await start({ publish });
    const answers = Promise.all([on.deliver(), on.deliver()]);
    await until(async () => on.received() === 2 && publish.mock.calls.length > 0);
    expect(on.outcomes).toEqual([]);
    bus.resolve();
    expect((await answers).map(({ status }) => status)).toEqual([204, 204]);
    expect(on.outcomes.sort()).toEqual(["accepted", "duplicate"]);
    expect(publish).toHaveBeenCalledTimes(1);
  });

  it("that fails for the first of two at the same time fails for both: neither counts as taken", async () => {
    const bus = gate();
    const publish = vi.fn(() => bus.promise);
    await using on = await start({ publish });
    const answers = Promise.all([on.deliver(), on.deliver()]);
    await until(async () => on.received() === 2 && publish.mock.calls.length > 0);
    bus.reject(new Error("redis is gone"));
    const statuses = (await answers).map(({ status }) => status);
    // The second may come when the first has failed, and then asks the bus itself.
    expect(statuses).toEqual([503, 503]);
  });
});

describe("a delivery without a hint", () => {
  it.each([
    ["the stack's test", '{"data":"test"}', { "formance-webhook-test": "true" }, "test"],
    ["the stack's test without its header", '{"data":"test"}', {}, "test"],
    ["an event that is sent as a test", body, { "formance-webhook-test": "true" }, "test"],
    ["a type that nobody reads", toBody("payments.saved_payment", { id: "x" }), {}, "unknown"],
    ["a type of another service", toBody("ledger.committed_transactions", {}), {}, "unknown"],
  ])("is acknowledged, and nothing is published: %s", async (_case, sent, headers, outcome) => {
    await using on = await start();
    const { status, text } = await on.deliver({ body: sent, headers });
    expect([status, text, on.outcomes, on.published]).toEqual([204, "", [outcome], []]);
  });

  it("does not use up its id: the test header is not signed, and who adds it must not hide the event", async () => {
    await using on = await start();
    await on.deliver({ headers: { "formance-webhook-test": "true" } });
    await on.deliver();
    expect([on.outcomes, on.published]).toEqual([["test", "accepted"], [hint]]);
  });

  it.each([
    ["no JSON", "{not json"],
    ["an empty body", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["no type", '{"payload":{}}'],
    ["a type that is no text", '{"type":7,"payload":{}}'],
    ["a payload that its type does not allow", toBody("payments.updated_task", {})],
    ["no payload", toBody("payments.open_banking_user_link_status", null)],
  ])("that never can have one is refused for good, though signed: %s", async (_case, sent) => {
    await using on = await start();
    const { status } = await on.deliver({ body: sent });
    expect([status, on.outcomes, on.published]).toEqual([400, ["malformed"], []]);
  });

  it("and without a signature is refused for that, even a test", async () => {
    await using on = await start();
    const headers = { "formance-webhook-test": "true" };
    expect((await on.deliver({ body: '{"data":"test"}', signature: null, headers })).status).toBe(401);
  });
});

it.each(eventTypes)("publishes %s", async (type) => {
  const connection = { psuID: psuId, connectorID: "c", connectionID: "x", at: "2026-08-05T12:00:00Z" };
  await using on = await start();
  const { status } = await on.deliver({ body: toBody(type, { ...connection, id: "task", status: "completed" }) });
  expect([status, on.published.length]).toEqual([204, 1]);
  expect(on.published[0]?.topics[0]).toMatch(/^(attempts|connections|task):/);
});

describe("the request", () => {
  it.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])(
    "%s is answered 405 and told what is allowed",
    async (method) => {
      await using on = await start();
      const { status, headers } = await on.deliver({ method });
      expect([status, headers["allow"], on.published]).toEqual([405, "POST", []]);
    },
  );

  it.each(["application/json; charset=utf-8", "application/JSON", "application/cloudevents+json", "text/json"])(
    "may have the content type %s",
    async (type) => {
      await using on = await start();
      expect((await on.deliver({ headers: { "content-type": type } })).status).toBe(204);
    },
  );

  it.each(["text/html", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "of the content type %s is answered 415",
    async (type) => {
      await using on = await start();
      const { status } = await on.deliver({ headers: { "content-type": type } });
      expect([status, on.outcomes, on.published]).toEqual([415, ["wrong-type"], []]);
    },
  );

  it("may have no content type", async () => {
    await using on = await start();
    const head = rawHead(on.port, Buffer.byteLength(body), signWebhook({ id, timestamp, body, secret }));
    const answer = await converse(on.port, [head + body]);
    expect([answer.split("\r\n")[0], on.published]).toEqual(["HTTP/1.1 204 No Content", [hint]]);
  });

  it("may have a body of 1 MiB", async () => {
    await using on = await start();
    expect((await on.deliver({ body: body.padEnd(1_048_576) })).status).toBe(204);
    expect(on.published).toEqual([hint]);
  });

  it.each([
    ["one byte more", 1_048_577],
    ["5 MiB", 5 * 1_048_576],
  ])("with %s is answered 413, though signed", async (_case, length) => {
    await using on = await start();
    const { status, headers } = await on.deliver({ body: body.padEnd(length) });
    expect([status, headers["connection"], on.outcomes, on.published]).toEqual([413, "close", ["too-large"], []]);
  });

  it("without an end is cut after 8 MiB", async () => {
    await using on = await start();
    const socket = connect(on.port, "127.0.0.1");
    socket.on("error", () => {}); // the server hangs up while this one writes
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume().write(rawHead(on.port, 1e12, "v1,abc"));
    const more = () => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
    };
    socket.on("drain", more);
    more();
    await closed;
    expect(on.outcomes).toEqual(["too-large"]);
    expect(socket.bytesWritten).toBeLessThan(64 * 1_048_576);
  });

  it("whose body trickles is cut after its time, in a way that has it sent again", async () => {
    await using on = await start({ bodyTimeoutMs: 50 });
    const answer = await converse(on.port, [rawHead(on.port, 1000, "v1,abc"), "{"]);
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*\r\nconnection: close\r\n/is);
    expect([on.outcomes, on.published]).toEqual([["too-slow"], []]);
  });

  it("whose sender hangs up is no failure of anybody's", async () => {
    await using on = await start();
    const socket = connect(on.port, "127.0.0.1");
    socket.write(`${rawHead(on.port, 1000, "v1,abc")}{`);
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.end();
    await until(async () => on.outcomes.length > 0);
    expect(on.outcomes).toEqual(["aborted"]);
    expect((await on.deliver()).status).toBe(204);
  });

  it("is answered 503 while 64 MiB of others are on their way, and taken afterwards", async () => {
    await using on = await start();
    const filler = Buffer.alloc(1_048_576, " ");
    const sockets = Array.from({ length: 64 }, () => connect(on.port, "127.0.0.1"));
    await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<void>((resolve, reject) => {
            socket.on("error", reject);
            socket.write(rawHead(on.port, filler.length + 1, "v1,abc"));
            socket.write(filler, () => resolve());
          }),
      ),
    );
    await until(async () => (await on.deliver({ id: crypto.randomUUID() })).status === 503);
    expect(on.outcomes.at(-1)).toBe("busy");
    for (const socket of sockets) socket.destroy();
    await until(async () => (await on.deliver({ id: "after" })).status === 204);
  });
});

it("tells nobody the body, the secret or the signature: not the log, not the sender, not the console", async () => {
  const written: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0),
  );
  const texts: string[] = [];
  const outcomes: unknown[][] = [];
  try {
    await using on = await start({
      publish: () => Promise.reject(new Error(`no ${secret}`)),
      onOutcome: (...given: unknown[]) => outcomes.push(given),
    });
    const deliveries: Delivery[] = [
      {},
      { signature: null },
      { secret: strangeSecret },
      { body: `{${psuId}` },
      { timestamp: 1 },
      { method: "PUT" },
    ];
    for (const delivery of deliveries) texts.push((await on.deliver(delivery)).text);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  expect(texts).toEqual(outcomes.map(([outcome]) => `${outcome}\n`));
  expect(outcomes).toEqual([
    ["unpublished"],
    ["bad-signature"],
    ["bad-signature"],
    ["malformed"],
    ["too-old"],
    ["wrong-method"],
  ]);
  expect(written).toEqual([]);
});

function rawHead(port: number, length: number, signature: string): string {
  return [
    "POST /webhooks/formance HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    `formance-webhook-id: ${id}`,
    `formance-webhook-timestamp: ${timestamp}`,
    `formance-webhook-signature: ${signature}`,
    `content-length: ${length}`,
    "\r\n",
  ].join("\r\n");
}

/** Writes these, and answers what comes back first. */
function converse(port: number, texts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    for (const text of texts) socket.write(text);
    socket.once("error", reject).once("data", (chunk) => {
      resolve(chunk.toString("latin1"));
      socket.destroy();
    });
  });
}
