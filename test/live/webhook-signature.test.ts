import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { signWebhook } from "../../src/live/webhook-receiver.ts";
import {
  body,
  converse,
  type Delivery,
  id,
  invalidation,
  olderSecret,
  rawHead,
  secret,
  startReceiver,
  strangeSecret,
  timestamp,
  vector,
} from "../support/live/webhooks.ts";

describe("the signature", () => {
  it("is that of the stack's test vector, with the secret's own bytes as the key", () => {
    expect(signWebhook(vector)).toBe(vector.signature);
  });

  it("of the test vector is accepted: the delivery is refused only for its payload, whose PSU is no id", async () => {
    await using on = await startReceiver();
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
    await using on = await startReceiver();
    const { status } = await on.deliver({ signature });
    expect([status, on.outcomes, on.published]).toEqual([401, ["bad-signature"], []]);
  });

  it.each(["formance-webhook-id", "formance-webhook-timestamp"])("without %s is answered 401", async (header) => {
    await using on = await startReceiver();
    const { status } = await on.deliver({ headers: { [header]: "" } });
    expect([status, on.published]).toEqual([401, []]);
  });

  it("may be one of several in the header", async () => {
    await using on = await startReceiver();
    const other = signWebhook({ id, timestamp, body, secret: strangeSecret });
    const own = signWebhook({ id, timestamp, body, secret });
    expect((await on.deliver({ signature: `${other} v0,abc ${own}` })).status).toBe(204);
    expect(on.published).toEqual([invalidation]);
  });

  it.each([
    ["the second of two headers", (own: string, other: string) => [other, own], 204],
    ["the first of two headers", (own: string, other: string) => [own, other], 204],
    ["in the second of two headers of two each", (own: string, other: string) => [`${other} v0,a`, `v0,b ${own}`], 204],
    ["in headers that a proxy has joined", (own: string, other: string) => [`${other},${own}`], 204],
    ["in none of two headers", (_own: string, other: string) => [other, other], 401],
    ["behind twenty others", (own: string, other: string) => [...Array.from({ length: 20 }, () => other), own], 401],
  ])("may stand in one of several headers: %s", async (_name, toHeaders, status) => {
    await using on = await startReceiver();
    const other = signWebhook({ id, timestamp, body, secret: strangeSecret });
    const own = signWebhook({ id, timestamp, body, secret });
    const names = ["formance-webhook-signature", "Formance-Webhook-Signature"];
    const [first = "", ...more] = toHeaders(own, other);
    const lines = more.map((value, at) => `${names[at % 2]}: ${value}\r\n`).join("");
    const head = rawHead(on.port, Buffer.byteLength(body), first).replace(/\r\n\r\n$/, `\r\n${lines}\r\n`);
    expect(await converse(on.port, [head + body])).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it.each(["id", "timestamp"])("does not count with two headers of its %s", async (name) => {
    await using on = await startReceiver();
    const head = rawHead(on.port, Buffer.byteLength(body), signWebhook({ id, timestamp, body, secret }));
    const twice = head.replace(new RegExp(`^(formance-webhook-${name}: .*)$`, "m"), "$1\r\n$1");
    expect(await converse(on.port, [twice + body])).toMatch(/^HTTP\/1.1 401 /);
  });

  it("may be of any of several secrets, so that they can be changed", async () => {
    await using on = await startReceiver({ secrets: [secret, olderSecret] });
    expect((await on.deliver({ id: "new", secret })).status).toBe(204);
    expect((await on.deliver({ id: "old", secret: olderSecret })).status).toBe(204);
    expect((await on.deliver({ id: "strange", secret: strangeSecret })).status).toBe(401);
    expect(on.published).toHaveLength(2);
  });

  it("is over the bytes as they came, not over what they mean", async () => {
    await using on = await startReceiver();
    const signature = signWebhook({ id, timestamp, body, secret });
    const spaced = JSON.stringify(JSON.parse(body), null, 1);
    expect((await on.deliver({ body: spaced, signature })).status).toBe(401);
    expect((await on.deliver({ timestamp: `0${timestamp}`, signature })).status).toBe(401);
    expect((await on.deliver({ body: spaced })).status).toBe(204);
  });

  it("is over the bytes even where they are no text", async () => {
    await using on = await startReceiver();
    const [before, after] = body.split("completed");
    const bytes = (byte: number) =>
      Buffer.concat([Buffer.from(`${before}`), Buffer.from([byte]), Buffer.from(`${after}`)]);
    const signed = createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(bytes(0x80)).digest("base64");
    expect((await on.deliver({ body: bytes(0x81), signature: `v1,${signed}` })).status).toBe(401);
    expect((await on.deliver({ body: bytes(0x80), signature: `v1,${signed}` })).status).toBe(400);
    expect(on.outcomes).toEqual(["bad-signature", "malformed"]);
  });

  it("of a text that can be cut at another dot is not valid for that cut", async () => {
    await using on = await startReceiver();
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
    await using on = await startReceiver();
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
    await using on = await startReceiver();
    expect((await on.deliver({ timestamp: timestamp - age })).status).toBe(204);
    expect(on.published).toEqual([invalidation]);
  });

  it.each([
    [301, "too-old"],
    [-301, "too-early"],
    [86_400 * 365, "too-old"],
  ])("of %i s is refused in a way that has it sent again, with a time of its own", async (age, outcome) => {
    await using on = await startReceiver();
    const { status } = await on.deliver({ timestamp: timestamp - age });
    expect([status, on.outcomes, on.published]).toEqual([408, [outcome], []]);
    expect((await on.deliver()).status).toBe(204);
  });

  it("is checked only when the signature is right", async () => {
    await using on = await startReceiver();
    expect((await on.deliver({ timestamp: timestamp - 301, secret: strangeSecret })).status).toBe(401);
  });
});
