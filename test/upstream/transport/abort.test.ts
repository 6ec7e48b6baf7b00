import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createWorld } from "../../../sandbox/world.ts";
import { Cancellation, type CancellationListener } from "../../../src/lib/cancellation.ts";
import { createUpstreamClient } from "../../../src/upstream/client.ts";
import { startTestGateway } from "../../support/helpers.ts";
import { page, startStack } from "../stack.ts";

const credentials = { kind: "token", token: "t" } as const;
const twoLists = "{ connectors { nodes { id } } accounts { nodes { id } } }";

/** The rejections that nobody handled while it was in use. */
function watchRejections() {
  const seen: unknown[] = [];
  const note = (reason: unknown) => seen.push(reason);
  process.on("unhandledRejection", note);
  return {
    async none() {
      // Node tells of them after the microtasks of a turn.
      for (let turns = 0; turns < 5; turns += 1) await setImmediate();
      expect(seen).toEqual([]);
    },
    [Symbol.dispose]() {
      process.off("unhandledRejection", note);
    },
  };
}

describe("a client that leaves", () => {
  it("ends the calls that are under way: their sockets close long before the deadline", async () => {
    using rejections = watchRejections();
    await using stack = await startStack(() => null);
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials, timeoutMs: 60_000 } });
    const client = new AbortController();
    const answer = gateway.send(twoLists, {}, client.signal);
    await stack.waitForCalls(2);
    const leftAt = performance.now();
    client.abort();
    await expect(answer).rejects.toThrow("aborted");
    await Promise.all(stack.calls.map(({ disconnected }) => disconnected));
    expect(performance.now() - leftAt).toBeLessThan(1000);
    await rejections.none();
  });

  it("ends an answer that is on its way", async () => {
    using rejections = watchRejections();
    const begun = Promise.withResolvers<void>();
    await using stack = await startStack((_asked, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"cursor":{', () => begun.resolve());
      return null;
    });
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials, timeoutMs: 60_000 } });
    const client = new AbortController();
    const answer = gateway.send("{ connectors { nodes { id } } }", {}, client.signal);
    await begun.promise;
    client.abort();
    await expect(answer).rejects.toThrow("aborted");
    await stack.calls[0]?.disconnected;
    await rejections.none();
  });

  it("is logged as one cancelled operation, without a stack trace", async () => {
    await using stack = await startStack(() => null);
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials, timeoutMs: 60_000 } });
    const client = new AbortController();
    const answer = gateway.send("{ connectors { nodes { id } } }", {}, client.signal);
    await stack.waitForCalls(1);
    client.abort();
    await expect(answer).rejects.toThrow("aborted");
    await expect
      .poll(() => gateway.lines.map((line) => JSON.parse(line).msg))
      .toEqual(["operation", "upstream failed"]);
    expect(JSON.parse(gateway.lines[1] ?? "")).toMatchObject({ kind: "cancelled", cause: "the caller left" });
    expect(gateway.lines.join("")).not.toMatch(/127\.0\.0\.1|node:internal|\.ts:\d+/);
  });

  it("costs no further call: what would hang from the answer is not asked for", async () => {
    const world = createWorld({ size: { people: 3, connectionsEach: 1, accountsEach: 1 } });
    await using gateway = await startTestGateway({ sandbox: { world } });
    const client = new AbortController();
    using _fault = gateway.sandbox.fault(({ path }) => path === "/payment-service-users", { delayMs: 50 });
    const users = "{ paymentServiceUsers { nodes { connections { id } accounts { id } } } }";
    await gateway.send("{ connectors(first: 1) { nodes { id } } }"); // so that there is a token
    gateway.sandbox.clearCalls();
    const answer = gateway.send(users, {}, client.signal);
    await expect.poll(() => gateway.sandbox.calls.length).toBe(1);
    client.abort();
    await expect(answer).rejects.toThrow("aborted");
    await expect.poll(() => gateway.lines.some((line) => line.includes("cancelled"))).toBe(true);
    expect(gateway.sandbox.calls.map(({ path }) => path)).toEqual(["/payment-service-users"]);
  });

  it("takes nobody else along: an operation beside it gets its answer", async () => {
    const replies: (() => void)[] = [];
    await using stack = await startStack(() => new Promise((resolve) => replies.push(() => resolve(page([])))));
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
    const client = new AbortController();
    const cancellation = gateway.send("{ connectors { nodes { id } } }", {}, client.signal);
    const staying = gateway.send("{ connectors(first: 16) { nodes { id } } }");
    await stack.waitForCalls(2);
    client.abort();
    await expect(cancellation).rejects.toThrow("aborted");
    for (const reply of replies) reply();
    expect(await staying).toEqual({ status: 200, data: { connectors: { nodes: [] } }, errors: [] });
  });
});

describe("a caller that has left already", () => {
  it("sends nothing, not even for a token", async () => {
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

class Counting extends Cancellation {
  told = 0;
  readonly kept = new Set<CancellationListener>();

  override addListener(whom: CancellationListener): void {
    this.told += 1;
    this.kept.add(whom);
    super.addListener(whom);
  }

  override removeListener(whom: CancellationListener): void {
    this.kept.delete(whom);
    super.removeListener(whom);
  }
}

describe("a caller that stays for many calls", () => {
  it("keeps nothing of a call that has ended, whatever its end", async () => {
    let status = 200;
    await using stack = await startStack(() => ({ ...page([]), status }));
    await using client = createUpstreamClient({ url: stack.url, credentials, timeoutMs: 60_000, sockets: 32 });
    const cancellation = new Counting();
    const upstream = client.within({ cancellation });
    const timersBefore = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    for (status of [200, 401, 500]) {
      await Promise.allSettled(Array.from({ length: 500 }, () => upstream.connectors({ pageSize: 1 })));
    }
    expect(stack.calls).toHaveLength(1500);
    expect(cancellation.told).toBeGreaterThan(0);
    expect(cancellation.kept.size).toBe(0);
    const timersAfter = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    expect(timersAfter - timersBefore).toBeLessThan(10); // those of the pool, none per call
  });
});
