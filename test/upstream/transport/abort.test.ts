import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createWorld } from "../../../sandbox/world.ts";
import { Cancellation, type CancellationListener } from "../../../src/lib/cancellation.ts";
import { createUpstreamClient } from "../../../src/upstream/client.ts";
import { fairNow } from "../../support/fair-clock.ts";
import { startTestGateway } from "../../support/helpers.ts";
import { credentials, page, startStack } from "../stack.ts";

const twoLists = "{ connectors { nodes { id } } accounts { nodes { id } } }";

/** Records unhandled rejections until it is disposed. */
function watchRejections() {
  const unhandled: unknown[] = [];
  const record = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", record);
  return {
    async expectNone() {
      // Node emits them after the microtasks of an iteration of the event loop.
      for (let times = 0; times < 5; times += 1) await setImmediate();
      expect(unhandled).toEqual([]);
    },
    [Symbol.dispose]() {
      process.off("unhandledRejection", record);
    },
  };
}

describe("a client that disconnects", () => {
  it("cancels the calls in flight: their sockets close long before the deadline", async () => {
    using rejections = watchRejections();
    await using stack = await startStack(() => null);
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials, timeoutMs: 60_000 } });
    const client = new AbortController();
    const result = gateway.send(twoLists, {}, client.signal);
    await stack.waitForCalls(2);
    const cancelledAt = fairNow();
    client.abort();
    await expect(result).rejects.toThrow("aborted");
    await Promise.all(stack.calls.map(({ disconnected }) => disconnected));
    expect(fairNow() - cancelledAt).toBeLessThan(1000);
    await rejections.expectNone();
  });

  it("cancels a response that has begun", async () => {
    using rejections = watchRejections();
    const begun = Promise.withResolvers<void>();
    await using stack = await startStack((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"cursor":{', () => begun.resolve());
      return null;
    });
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials, timeoutMs: 60_000 } });
    const client = new AbortController();
    const result = gateway.send("{ connectors { nodes { id } } }", {}, client.signal);
    await begun.promise;
    client.abort();
    await expect(result).rejects.toThrow("aborted");
    await stack.calls[0]?.disconnected;
    await rejections.expectNone();
  });

  it("is logged as one cancelled operation, without a stack trace", async () => {
    await using stack = await startStack(() => null);
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials, timeoutMs: 60_000 } });
    const client = new AbortController();
    const result = gateway.send("{ connectors { nodes { id } } }", {}, client.signal);
    await stack.waitForCalls(1);
    client.abort();
    await expect(result).rejects.toThrow("aborted");
    await expect
      .poll(() => gateway.lines.map((line) => JSON.parse(line).msg))
      .toEqual(["operation", "upstream failed"]);
    expect(JSON.parse(gateway.lines[1] ?? "")).toMatchObject({ kind: "cancelled", cause: "the caller left" });
    expect(gateway.lines.join("")).not.toMatch(/127\.0\.0\.1|node:internal|\.ts:\d+/);
  });

  it("causes no further call: dependent calls are not sent", async () => {
    const world = createWorld({ size: { people: 3, connectionsEach: 1, accountsEach: 1 } });
    await using gateway = await startTestGateway({ sandbox: { world } });
    const client = new AbortController();
    using _fault = gateway.sandbox.fault(({ path }) => path === "/payment-service-users", { delayMs: 50 });
    const users = "{ paymentServiceUsers { nodes { connections { id } accounts { id } } } }";
    await gateway.send("{ connectors(first: 1) { nodes { id } } }"); // so that there is a token
    gateway.sandbox.clearCalls();
    const result = gateway.send(users, {}, client.signal);
    await expect.poll(() => gateway.sandbox.calls.length).toBe(1);
    client.abort();
    await expect(result).rejects.toThrow("aborted");
    await expect.poll(() => gateway.lines.some((line) => line.includes("cancelled"))).toBe(true);
    expect(gateway.sandbox.calls.map(({ path }) => path)).toEqual(["/payment-service-users"]);
  });

  it("affects no other operation: a concurrent one gets its result", async () => {
    const replies: (() => void)[] = [];
    await using stack = await startStack(() => new Promise((resolve) => replies.push(() => resolve(page([])))));
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
    const client = new AbortController();
    const cancelled = gateway.send("{ connectors { nodes { id } } }", {}, client.signal);
    const other = gateway.send("{ connectors(first: 16) { nodes { id } } }");
    await stack.waitForCalls(2);
    client.abort();
    await expect(cancelled).rejects.toThrow("aborted");
    for (const reply of replies) reply();
    expect(await other).toEqual({ status: 200, data: { connectors: { nodes: [] } }, errors: [] });
  });
});

describe("a caller that has already cancelled", () => {
  it("sends nothing, not even a token request", async () => {
    await using stack = await startStack(() => page([]));
    await using client = createUpstreamClient({
      url: stack.url,
      credentials: { kind: "client", clientId: "c", clientSecret: "s" },
      timeoutMs: 5000,
      sockets: 1,
    });
    const upstream = client.within({ cancellation: new Cancellation(AbortSignal.abort()) });
    await expect(upstream.connectors({ pageSize: 1 })).rejects.toMatchObject({ kind: "cancelled" });
    expect(stack.requests).toEqual([]);
  });
});

class CountingCancellation extends Cancellation {
  added = 0;
  readonly listeners = new Set<CancellationListener>();

  override addListener(listener: CancellationListener): void {
    this.added += 1;
    this.listeners.add(listener);
    super.addListener(listener);
  }

  override removeListener(listener: CancellationListener): void {
    this.listeners.delete(listener);
    super.removeListener(listener);
  }
}

describe("an operation with many calls", () => {
  it("keeps nothing of a call that has ended, whatever its outcome", async () => {
    let status = 200;
    await using stack = await startStack(() => ({ ...page([]), status }));
    await using client = createUpstreamClient({ url: stack.url, credentials, timeoutMs: 60_000, sockets: 32 });
    const cancellation = new CountingCancellation();
    const upstream = client.within({ cancellation });
    const timersBefore = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    for (status of [200, 401, 500]) {
      await Promise.allSettled(Array.from({ length: 500 }, () => upstream.connectors({ pageSize: 1 })));
    }
    expect(stack.calls).toHaveLength(1500);
    expect(cancellation.added).toBeGreaterThan(0);
    expect(cancellation.listeners.size).toBe(0);
    const timersAfter = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    expect(timersAfter - timersBefore).toBeLessThan(10); // those of the pool, none per call
  });
});
