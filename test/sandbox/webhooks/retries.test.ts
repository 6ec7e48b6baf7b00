import { describe, expect, it } from "vitest";
import type { SandboxOptions } from "../../../sandbox/server.ts";
import { signWebhook } from "../../../src/live/webhook-receiver.ts";
import { until } from "../../support/helpers.ts";
import { hour, idOf, minute, newSecret, type Reaction, secret, start, startEndpoint } from "./webhook-stage.ts";

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

  it("because the connection is refused is made again, too", async () => {
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
