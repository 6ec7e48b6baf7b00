import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { eventTypes, type Invalidation } from "../../src/live/connection-events.ts";
import { signWebhook } from "../../src/live/webhook-receiver.ts";
import { until } from "../support/helpers.ts";
import {
  body,
  converse,
  type Delivery,
  id,
  invalidation,
  psuId,
  rawHead,
  secret,
  startReceiver,
  strangeSecret,
  timestamp,
  toBody,
} from "../support/live/webhooks.ts";

/** A promise that the test settles. */
const gate = () => Promise.withResolvers<void>();

const toDisconnected = (at: string, reason: string | null = null) =>
  toBody("payments.open_banking_user_connection_disconnected", {
    ...{ psuID: psuId, connectorID: "c", connectionID: "x" },
    ...{ at, reason },
  });

describe("a delivery that was accepted", () => {
  it("is acknowledged and dropped when it comes again, whatever its time and signature then", async () => {
    await using on = await startReceiver();
    expect((await on.deliver()).status).toBe(204);
    expect((await on.deliver({ timestamp: timestamp + 60 })).status).toBe(204);
    expect([on.outcomes, on.published]).toEqual([["accepted", "duplicate"], [invalidation]]);
  });

  it("is remembered for longer than it can be played back", async () => {
    let at = (timestamp - 300) * 1000;
    await using on = await startReceiver({ now: () => at });
    await on.deliver();
    at = (timestamp + 300) * 1000;
    await on.deliver();
    expect([on.outcomes, on.published]).toEqual([["accepted", "duplicate"], [invalidation]]);
  });

  it("is forgotten after a quarter of an hour", async () => {
    let at = timestamp * 1000;
    await using on = await startReceiver({ now: () => at });
    await on.deliver();
    at += 15 * 60_000;
    await on.deliver({ timestamp: at / 1000 });
    expect(on.outcomes).toEqual(["accepted", "accepted"]);
  });

  it("is forgotten first when there are more than fit", async () => {
    await using on = await startReceiver({ memory: 2 });
    for (const name of ["a", "b", "c", "c", "b", "a"]) await on.deliver({ id: name });
    expect(on.outcomes).toEqual(["accepted", "accepted", "accepted", "duplicate", "duplicate", "accepted"]);
  });

  it("is known by its id alone: others of the same body are accepted", async () => {
    await using on = await startReceiver();
    await on.deliver({ id: "a" });
    await on.deliver({ id: "b" });
    expect(on.published).toEqual([invalidation, invalidation]);
  });
});

describe("the bus", () => {
  it("has published the invalidation before the delivery is acknowledged", async () => {
    const bus = gate();
    const called = gate();
    await using on = await startReceiver({
      publish: () => {
        called.resolve();
        return bus.promise;
      },
    });
    let status: number | undefined;
    const answer = on.deliver().then((response) => {
      status = response.status;
    });
    await called.promise;
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
  ])("that %s makes it 503 with Retry-After, and the next attempt is accepted", async (_case, fail) => {
    let isDown = true;
    const published: Invalidation[] = [];
    await using on = await startReceiver({
      publish: (one) => (isDown ? fail() : Promise.resolve(void published.push(one))),
    });
    const refused = await on.deliver();
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "30"]);
    isDown = false;
    expect((await on.deliver()).status).toBe(204);
    expect([on.outcomes, published]).toEqual([["unpublished", "accepted"], [invalidation]]);
  });

  it("that hangs makes it 503; when it has published the invalidation after all, the next attempt is dropped", async () => {
    const bus = gate();
    const publish = vi.fn(() => bus.promise);
    await using on = await startReceiver({ publish, publishTimeoutMs: 20 });
    expect((await on.deliver()).status).toBe(503);
    expect((await on.deliver()).status).toBe(503);
    bus.resolve();
    expect((await on.deliver()).status).toBe(204);
    expect(on.outcomes).toEqual(["unpublished", "unpublished", "duplicate"]);
    expect(publish).toHaveBeenCalledTimes(1);
  });

  it("gets one invalidation of two deliveries of one id at the same time, and both are acknowledged once it has it", async () => {
    const bus = gate();
    const publish = vi.fn(() => bus.promise);
    await using on = await startReceiver({ publish });
    const answers = Promise.all([on.deliver(), on.deliver()]);
    await until(async () => on.received() === 2 && publish.mock.calls.length > 0);
    expect(on.outcomes).toEqual([]);
    bus.resolve();
    expect((await answers).map(({ status }) => status)).toEqual([204, 204]);
    expect(on.outcomes.sort()).toEqual(["accepted", "duplicate"]);
    expect(publish).toHaveBeenCalledTimes(1);
  });

  it("that fails for the first of two at the same time fails for both: neither counts as accepted", async () => {
    const bus = gate();
    const publish = vi.fn(() => bus.promise);
    await using on = await startReceiver({ publish });
    const answers = Promise.all([on.deliver(), on.deliver()]);
    await until(async () => on.received() === 2 && publish.mock.calls.length > 0);
    bus.reject(new Error("redis is gone"));
    const statuses = (await answers).map(({ status }) => status);
    // The second may come when the first has failed, and then asks the bus itself.
    expect(statuses).toEqual([503, 503]);
  });
});

describe("a delivery without an invalidation", () => {
  it.each([
    ["the stack's test", '{"data":"test"}', { "formance-webhook-test": "true" }, "test"],
    ["the stack's test without its header", '{"data":"test"}', {}, "test"],
    ["an event that is sent as a test", body, { "formance-webhook-test": "true" }, "test"],
    ["a type that is not read", toBody("payments.saved_payment", { id: "x" }), {}, "unknown"],
    ["a type of another service", toBody("ledger.committed_transactions", {}), {}, "unknown"],
  ])("is acknowledged, and nothing is published: %s", async (_case, sent, headers, outcome) => {
    await using on = await startReceiver();
    const { status, text } = await on.deliver({ body: sent, headers });
    expect([status, text, on.outcomes, on.published]).toEqual([204, "", [outcome], []]);
  });

  it("does not use up its id: the test header is not signed, and who adds it must not hide the event", async () => {
    await using on = await startReceiver();
    await on.deliver({ headers: { "formance-webhook-test": "true" } });
    await on.deliver();
    expect([on.outcomes, on.published]).toEqual([["test", "accepted"], [invalidation]]);
  });

  it.each([
    ["no JSON", "{not json"],
    ["an empty body", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["no type", '{"payload":{}}'],
    ["a type that is no text", '{"type":7,"payload":{}}'],
    ["a payload that its type does not allow", toBody("payments.updated_task", {})],
    ["a task whose id is too long", toBody("payments.updated_task", { id: "x".repeat(1001) })],
    ["a reason that is too long", toDisconnected("2026-08-05T12:00:00Z", "x".repeat(10_001))],
    ["a time that no DateTime has", toDisconnected("9999-12-31T23:59:59-14:00")],
    ["a year 0", toDisconnected("0000-12-31T00:00:00Z")],
    ["a year beyond 9999", toDisconnected("12026-08-05T12:00:00Z")],
    ["no payload", toBody("payments.open_banking_user_link_status", null)],
  ])("that never can have one is refused for good, though signed: %s", async (_case, sent) => {
    await using on = await startReceiver();
    const { status } = await on.deliver({ body: sent });
    expect([status, on.outcomes, on.published]).toEqual([400, ["malformed"], []]);
  });

  it("and without a signature is refused for that, even a test", async () => {
    await using on = await startReceiver();
    const headers = { "formance-webhook-test": "true" };
    expect((await on.deliver({ body: '{"data":"test"}', signature: null, headers })).status).toBe(401);
  });
});

it.each(eventTypes)("publishes %s", async (type) => {
  const connection = { psuID: psuId, connectorID: "c", connectionID: "x", at: "2026-08-05T12:00:00Z" };
  await using on = await startReceiver();
  const { status } = await on.deliver({ body: toBody(type, { ...connection, id: "task", status: "completed" }) });
  expect([status, on.published.length]).toEqual([204, 1]);
  expect(on.published[0]?.topics[0]).toMatch(/^(attempts|connections|task):/);
});

describe("the request", () => {
  it.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])(
    "%s is answered 405, with the method that is allowed",
    async (method) => {
      await using on = await startReceiver();
      const { status, headers } = await on.deliver({ method });
      expect([status, headers["allow"], on.published]).toEqual([405, "POST", []]);
    },
  );

  it.each([
    ...['application/json; charset="UTF-8"', "application/json;charset=utf8"],
    ...["application/json; charset=utf-8", "application/JSON", "application/cloudevents+json", "text/json"],
  ])("may have the content type %s", async (type) => {
    await using on = await startReceiver();
    expect((await on.deliver({ headers: { "content-type": type } })).status).toBe(204);
  });

  it.each([
    ...["text/html", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
    ...["application/json; charset=latin1", "application/json;charset=ISO-8859-1", 'text/json; Charset="utf-16"'],
    ...["application/json; x=y; charset=windows-1252", "application/json; charset="],
  ])("of the content type %s is answered 415", async (type) => {
    await using on = await startReceiver();
    const { status } = await on.deliver({ headers: { "content-type": type } });
    expect([status, on.outcomes, on.published]).toEqual([415, ["wrong-type"], []]);
  });

  it("may have no content type", async () => {
    await using on = await startReceiver();
    const head = rawHead(on.port, Buffer.byteLength(body), signWebhook({ id, timestamp, body, secret }));
    const answer = await converse(on.port, [head + body]);
    expect([answer.split("\r\n")[0], on.published]).toEqual(["HTTP/1.1 204 No Content", [invalidation]]);
  });

  it.each([
    ["a byte order mark", Buffer.from(`\ufeff${body}`), 204, "accepted"],
    ["latin1", Buffer.from(body.replace("completed", "complet\u00e9"), "latin1"), 400, "malformed"],
    ["UTF-16", Buffer.from(body, "utf16le"), 400, "malformed"],
    ["half a character at its end", Buffer.concat([Buffer.from(body), Buffer.from([0xc3])]), 400, "malformed"],
    ["a surrogate as bytes", Buffer.concat([Buffer.from(body), Buffer.from([0xed, 0xa0, 0x80])]), 400, "malformed"],
  ])("with %s is read whole, or refused", async (_name, bytes, status, outcome) => {
    await using on = await startReceiver();
    const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(bytes).digest("base64");
    expect((await on.deliver({ body: bytes, signature: `v1,${signature}` })).status).toBe(status);
    expect(on.outcomes).toEqual([outcome]);
  });

  it("may have a body of 1 MiB", async () => {
    await using on = await startReceiver();
    expect((await on.deliver({ body: body.padEnd(1_048_576) })).status).toBe(204);
    expect(on.published).toEqual([invalidation]);
  });

  it.each([
    ["one byte more", 1_048_577],
    ["5 MiB", 5 * 1_048_576],
  ])("with %s is answered 413, though signed", async (_case, length) => {
    await using on = await startReceiver();
    const { status, headers } = await on.deliver({ body: body.padEnd(length) });
    expect([status, headers["connection"], on.outcomes, on.published]).toEqual([413, "close", ["too-large"], []]);
  });

  it("without an end is cut after 8 MiB", async () => {
    await using on = await startReceiver();
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
    await using on = await startReceiver({ bodyTimeoutMs: 50 });
    const answer = await converse(on.port, [rawHead(on.port, 1000, "v1,abc"), "{"]);
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*\r\nconnection: close\r\n/is);
    expect([on.outcomes, on.published]).toEqual([["too-slow"], []]);
  });

  it("whose sender hangs up is not an error", async () => {
    await using on = await startReceiver();
    const socket = connect(on.port, "127.0.0.1");
    socket.write(`${rawHead(on.port, 1000, "v1,abc")}{`);
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.end();
    await until(async () => on.outcomes.length > 0);
    expect(on.outcomes).toEqual(["aborted"]);
    expect((await on.deliver()).status).toBe(204);
  });

  it.each([
    ["their own address", () => "192.0.2.1", "192.0.2.1", 8],
    ["another address", () => "192.0.2.1", "192.0.2.2", 8],
    ["an address in their IPv6 network", (at: number) => `2001:db8::${at.toString(16)}`, "2001:db8::ffff", 8],
    ["an address, each being of another", (at: number) => `192.0.2.${at}`, "192.0.2.200", 64],
  ])("is accepted while 80 unsigned ones of 1 MiB never end, from %s", async (_name, toAddress, own, held) => {
    await using on = await startReceiver();
    const filler = Buffer.alloc(1_048_575, " ");
    const sockets = Array.from({ length: 80 }, (_, at) => {
      const socket = connect(on.port, "127.0.0.1");
      socket.on("error", () => {}).resume(); // cut while it writes
      socket.write(rawHead(on.port, filler.length + 1, "v1,abc", toAddress(at)));
      socket.write(filler);
      return socket;
    });
    await until(async () => on.outcomes.length === 80 - held);
    const statuses: number[] = [];
    for (let at = 0; at < 20; at += 1) {
      statuses.push((await on.deliver({ id: `signed-${at}`, headers: { "x-forwarded-for": own } })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([204]));
    // Those that were cut are answered so that a real one among them would be sent again.
    expect(new Set(on.outcomes)).toEqual(new Set(["busy", "accepted"]));
    for (const socket of sockets) socket.destroy();
    await until(async () => on.outcomes.filter((outcome) => outcome === "aborted").length >= held - 1);
  });
});

it("reveals body, secret and signature to none of log, sender and console", async () => {
  const written: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0),
  );
  const texts: string[] = [];
  const outcomes: unknown[][] = [];
  try {
    await using on = await startReceiver({
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
