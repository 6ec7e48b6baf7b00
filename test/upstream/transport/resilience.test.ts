import { describe, expect, it } from "vitest";
import type { Fault } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { Cancellation } from "../../../src/lib/cancellation.ts";
import { createUpstreamClient, type Upstream } from "../../../src/upstream/client.ts";
import { fairNow } from "../../support/fair-clock.ts";
import { startTestGateway, type TestGateway, until } from "../../support/helpers.ts";
import { closedUrl, credentials, page, type Reply, startStack } from "../stack.ts";

const create = 'mutation { createPaymentServiceUser(input: { name: "Ada" }) { paymentServiceUser { psuId } } }';
const users = "{ paymentServiceUsers(first: 1) { nodes { psuId } } }";
const isData = ({ path }: { path: string }) => path === "/payment-service-users";
const isCreate = ({ method, path }: { method: string; path: string }) =>
  method === "POST" && path === "/payment-service-users";

describe("a write that would be done twice if it were sent twice", () => {
  const uncertain = "Whether it was done is not known: look before you try again.";

  it.each<[string, Fault, string]>([
    ["502", { status: 502 }, "UPSTREAM_UNAVAILABLE"],
    ["503 with Retry-After", { status: 503, headers: { "retry-after": "1" } }, "UPSTREAM_UNAVAILABLE"],
    ["500", { status: 500 }, "UPSTREAM_UNAVAILABLE"],
    ["a reset", { reset: true }, "UPSTREAM_UNAVAILABLE"],
    ["no response", { delayMs: 600_000 }, "UPSTREAM_TIMEOUT"],
  ])("is sent once and has an unknown outcome after %s", async (_what, fault, code) => {
    await using gateway = await startTestGateway({ upstream: { timeoutMs: 500 } });
    await gateway.send(users); // so that there is a token
    using _fault = gateway.sandbox.fault(isCreate, fault);
    const { data, errors } = await gateway.send(create);
    expect(data).toEqual({ createPaymentServiceUser: null });
    expect(errors).toMatchObject([
      { message: expect.stringContaining(uncertain), extensions: { code, retryable: false, outcomeUnknown: true } },
    ]);
    expect(errors[0]?.extensions).not.toHaveProperty("retryAfterMs");
    expect(gateway.sandbox.calls.filter(isCreate)).toHaveLength(1);
  });

  it("has no effect after 429: it may be retried by the client, and was not by the gateway", async () => {
    await using gateway = await startTestGateway();
    using _fault = gateway.sandbox.fault(isCreate, { status: 429, headers: { "retry-after": "30" } });
    const { errors } = await gateway.send(create);
    expect(errors).toMatchObject([{ extensions: { code: "RATE_LIMITED", retryable: true, retryAfterMs: 30_000 } }]);
    expect(gateway.sandbox.calls.filter(isCreate)).toHaveLength(1);
  });

  it("has no effect where the connection is refused: it is retried, and may be by the client", async () => {
    await using gateway = await startTestGateway({ upstream: { url: await closedUrl(), credentials } });
    const { errors } = await gateway.send(create);
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } }]);
    expect(errors[0]?.message).not.toContain(uncertain);
  });
});

describe("a read that fails in passing", () => {
  it.each<[string, (times: number) => Reply | null]>([
    ["503", (times) => (times < 2 ? { status: 503 } : page([]))],
    ["429 with Retry-After", (times) => (times < 2 ? { status: 429, headers: { "retry-after": "1" } } : page([]))],
  ])("is retried after %s, unnoticed by its client", async (_what, reply) => {
    let times = 0;
    await using stack = await startStack(() => {
      times += 1;
      return reply(times);
    });
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
    expect((await gateway.send("{ connectors { nodes { id } } }")).errors).toEqual([]);
    expect(stack.calls).toHaveLength(2);
  });

  it("is retried for a fifth of all calls at most, beyond a small reserve", async () => {
    let times = 0;
    await using stack = await startStack(() => {
      times += 1;
      return times % 3 === 0 ? { status: 503 } : page([]); // too few for the breaker
    });
    await using client = createUpstreamClient({ url: stack.url, credentials, timeoutMs: 5000, sockets: 1 });
    const upstream = () => client.within({});
    const calls = 300;
    for (let at = 0; at < calls; at += 1)
      await upstream()
        .connectors({ pageSize: 1 })
        .catch(() => {});
    const retries = stack.calls.length - calls;
    expect(retries).toBeGreaterThan(20);
    expect(retries).toBeLessThanOrEqual(calls * 0.2 + 10);
  }, 60_000);

  it("is retried after pauses that grow and vary", async () => {
    const times = new Map<string, number[]>();
    await using stack = await startStack(({ path }) => {
      times.set(path, [...(times.get(path) ?? []), performance.now()]);
      return { status: 503 };
    });
    const fail = async (name: string) => {
      // A client for each: they share neither budget nor breaker.
      await using client = createUpstreamClient({ url: stack.url, credentials, timeoutMs: 60_000, sockets: 1 });
      await expect(client.within({}).balances(name, { pageSize: 1 })).rejects.toMatchObject({ kind: "unavailable" });
    };
    const lanes = ["a", "b", "c", "d", "e", "f"];
    await Promise.all(
      lanes.map(async (lane) => {
        for (let at = 0; at < 10; at += 1) await fail(`${lane}${at}`);
      }),
    );
    const all = [...times.values()];
    expect(all.map(({ length }) => length)).toEqual(Array.from({ length: 60 }, () => 3));
    const pauses = (index: number) =>
      all.map((at) => (at[index + 1] ?? 0) - (at[index] ?? 0)).toSorted((a, b) => a - b);
    const quantile = (of: readonly number[], share: number) => of[Math.floor(of.length * share)] ?? Number.NaN;
    const [first, second] = [pauses(0), pauses(1)];
    // Nominally up to 70 ms, then up to 140. Quantiles are robust on a busy machine.
    expect(quantile(first, 0.5)).toBeGreaterThan(15);
    expect(quantile(second, 0.5)).toBeGreaterThan(quantile(first, 0.5));
    for (const some of [first, second]) expect(quantile(some, 0.8) - quantile(some, 0.2)).toBeGreaterThan(15);
  }, 60_000);
});

describe("the time of an operation", () => {
  it("is shared by its calls: three in a row do not take three times as long", async () => {
    const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } });
    await using gateway = await startTestGateway({ sandbox: { world }, upstream: { timeoutMs: 900 } });
    await gateway.send(users);
    using _fault = gateway.sandbox.fault(() => true, { delayMs: 400 });
    const startedAt = fairNow();
    const { errors } = await gateway.send(
      "{ paymentServiceUsers { nodes { accounts { balances { createdAt } } } } }", // 400 + 400 + 400 ms
    );
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_TIMEOUT" } }]);
    expect(fairNow() - startedAt).toBeLessThan(1150);
  });
});

describe("calls beyond the concurrency limit", () => {
  /** A stack that holds every call until the test lets it respond. */
  async function startHeld(sockets: number) {
    const held: { readonly path: string; respond(): void }[] = [];
    const stack = await startStack(
      ({ path }) =>
        new Promise((resolve) => {
          held.push({ path, respond: () => resolve(page([])) });
        }),
    );
    const client = createUpstreamClient({ url: stack.url, credentials, timeoutMs: 5000, sockets });
    return { stack, client, held };
  }
  const outcomeOf = (upstream: Upstream, name: string) =>
    upstream.balances(name, { pageSize: 1 }).then(
      () => name,
      ({ kind }: { kind: string }) => kind,
    );

  it("of different operations alternate: one with many calls does not slow the others down", async () => {
    const { stack, client, held } = await startHeld(1);
    await using _stack = stack;
    await using _client = client;
    const heavy = client.within({});
    const light = client.within({});
    const outcomes = [
      ...["h0", "h1", "h2", "h3", "h4"].map((name) => outcomeOf(heavy, name)),
      ...["l0", "l1"].map((name) => outcomeOf(light, name)),
    ];
    for (let at = 0; at < 7; at += 1) {
      await expect.poll(() => held.length).toBe(at + 1);
      held[at]?.respond();
    }
    await Promise.all(outcomes);
    const order = held.map(({ path }) => /accounts\/(\w+)/.exec(path)?.[1]);
    expect(order).toEqual(["h0", "h1", "l0", "h2", "l1", "h3", "h4"]);
    expect(client.state()).toMatchObject({ inFlight: 0, queued: 0 });
  });

  it("that have reserved nothing are rejected once more are queued than operations may reserve, with the time to wait", async () => {
    const { stack, client, held } = await startHeld(2);
    await using _stack = stack;
    await using _client = client;
    const heavy = client.within({});
    // Eight calls for each socket of light operations, and twelve of heavy ones.
    const begun = Array.from({ length: 42 }, (_, at) => outcomeOf(heavy, `h${at}`));
    await expect.poll(() => client.state()).toMatchObject({ inFlight: 2, queued: 40, breaker: "closed" });
    const startedAt = fairNow();
    // In five seconds all that runs has ended, two by two.
    await expect(client.within({}).balances("other", { pageSize: 1 })).rejects.toMatchObject({
      kind: "unavailable",
      retryAfterMs: 100_000,
    });
    expect(fairNow() - startedAt).toBeLessThan(100);
    begun.push(outcomeOf(heavy, "h42"));
    while (held.length < 43) {
      for (const { respond } of held) respond();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (const { respond } of held) respond();
    expect(await Promise.all(begun)).toEqual(Array.from({ length: 43 }, (_, at) => `h${at}`));
  });

  it("of an operation that waits to begin: it is refused at its deadline, leaves when it is cancelled, and the next one may begin", async () => {
    const { stack, client } = await startHeld(16);
    await using _stack = stack;
    await using _client = client;
    const reserve = (upstream: Upstream, calls: number, id = "one") =>
      upstream.reserve({ calls, owner: { id, mayFill: true }, address: null, toKey: null, isWrite: false });
    // Heavy operations may hold eight times as many calls together as run at once.
    const admitted = Array.from({ length: 8 }, (_, at) => reserve(client.within({}), at === 0 ? 4 : 16));
    expect(admitted.map(({ ready }) => ready)).toEqual(Array.from({ length: 8 }, () => undefined));

    const cancellation = new Cancellation();
    const cancelledScope = client.within({ cancellation });
    const cancelled = reserve(cancelledScope, 16, "cancelled");
    const late = reserve(client.within({ timeoutMs: 50 }), 16, "late");
    const next = reserve(client.within({}), 8, "next");
    let hasBegun = false;
    const begun = next.ready?.then((refusal) => {
      hasBegun = refusal === null;
    });
    expect(client.state().waiting).toBe(3);
    // Two wait before one that comes back: 40 calls, of 128 that have ended in five seconds.
    expect(await late.ready).toEqual({ isOwnShare: false, retryAfterMs: 1600 });
    expect(hasBegun).toBe(false);
    cancellation.cancel();
    expect(await cancelled.ready).toBeNull();
    expect(await outcomeOf(cancelledScope, "never")).toBe("cancelled");
    await begun;
    expect([hasBegun, client.state().waiting]).toEqual([true, 0]);
    const tooLate = reserve(cancelledScope, 16, "cancelled");
    expect(await tooLate.ready).toBeNull();
    expect(stack.calls.filter(({ path }) => path.includes("never"))).toEqual([]);

    // All capacity is free again.
    for (const permit of [...admitted, cancelled, late, next, tooLate]) permit.release();
    const again = Array.from({ length: 9 }, () => reserve(client.within({}), 16));
    expect(again.map(({ ready }) => ready === undefined)).toEqual([...Array.from({ length: 8 }, () => true), false]);
    for (const permit of again) permit.release();
  });

  it("leave the queue when their operation is cancelled", async () => {
    const { stack, client, held } = await startHeld(1);
    await using _stack = stack;
    await using _client = client;
    const cancellation = new Cancellation();
    const first = outcomeOf(client.within({}), "first");
    const cancelled = Array.from({ length: 5 }, (_, at) =>
      outcomeOf(client.within({ cancellation }), `cancelled${at}`),
    );
    const last = outcomeOf(client.within({}), "last");
    await expect.poll(() => [held.length, client.state().queued]).toEqual([1, 6]);
    cancellation.cancel();
    expect(await Promise.all(cancelled)).toEqual(Array.from({ length: 5 }, () => "cancelled"));
    expect(client.state().queued).toBe(1);
    held[0]?.respond();
    await expect.poll(() => held.length).toBe(2);
    held[1]?.respond();
    expect(await Promise.all([first, last])).toEqual(["first", "last"]);
  });
});

describe("a stack that does not answer", () => {
  const down: readonly [string, Fault][] = [
    ["answers 503", { status: 503 }],
    ["resets", { reset: true }],
    ["hangs", { delayMs: 600_000 }],
  ];

  async function openBreaker(gateway: TestGateway): Promise<void> {
    await until(async () => {
      await Promise.all(Array.from({ length: 12 }, () => gateway.send(users)));
      return gateway.upstream.state().breaker === "open";
    });
  }

  it.each(down)(
    "that %s soon opens the breaker: calls fail at once, and one a second goes out as a probe",
    async (_what, fault) => {
      await using gateway = await startTestGateway({ upstream: { timeoutMs: 1000 } });
      await gateway.send(users); // so that there is a token
      const ended = gateway.sandbox.fault(() => true, fault);
      await openBreaker(gateway);
      gateway.sandbox.clearCalls();
      const startedAt = performance.now();
      const times: number[] = [];
      while (performance.now() - startedAt < 2500) {
        const sentAt = fairNow();
        const { errors } = await gateway.send(users);
        times.push(fairNow() - sentAt);
        expect(errors).toMatchObject([{ extensions: { retryable: true } }]);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      // All but the probes fail at once.
      expect(times.filter((ms) => ms >= 100).length).toBeLessThanOrEqual(gateway.sandbox.calls.length);
      const seconds = Math.ceil((performance.now() - startedAt) / 1000);
      expect(gateway.sandbox.calls.length).toBeLessThanOrEqual(seconds + 1);
      ended[Symbol.dispose]();
      const endedAt = fairNow();
      await expect.poll(async () => (await gateway.send(users)).errors, { interval: 50 }).toEqual([]);
      expect(fairNow() - endedAt).toBeLessThan(2000);
    },
  );

  it("opens the breaker when its data hangs while its health check succeeds; past time-outs do not count once it responds again", async () => {
    await using gateway = await startTestGateway({ upstream: { timeoutMs: 1000 } });
    await gateway.send(users); // so that there is a token
    const health = setInterval(
      () =>
        gateway.upstream
          .within({})
          .health()
          .catch(() => {}),
      50,
    ); // the last one is aborted at the end
    using _health = { [Symbol.dispose]: () => clearInterval(health) };
    {
      using _silence = gateway.sandbox.fault(isData, { delayMs: 600_000 });
      await Promise.all(Array.from({ length: 12 }, () => gateway.send(users)));
      expect(gateway.upstream.state().breaker).toBe("open");
    }
    await expect.poll(async () => (await gateway.send(users)).errors, { interval: 50 }).toEqual([]);

    let late: Promise<unknown>;
    {
      using _silence = gateway.sandbox.fault(isData, { delayMs: 600_000 });
      // Different ones, since identical ones would be one call.
      const usersOf = (first: number) => `{ paymentServiceUsers(first: ${first}) { nodes { name } } }`;
      late = Promise.all(Array.from({ length: 12 }, (_, at) => gateway.send(usersOf(at + 16))));
      await expect.poll(() => gateway.upstream.state().inFlight).toBe(12);
    }
    for (let times = 0; times < 13; times += 1) expect((await gateway.send(users)).errors).toEqual([]);
    await late;
    expect(gateway.upstream.state().breaker).toBe("closed");
  });

  it("does not open the breaker by a 500 with the error body of the service", async () => {
    await using gateway = await startTestGateway();
    const body = JSON.stringify({ errorCode: "INTERNAL", errorMessage: "" });
    using _fault = gateway.sandbox.fault(({ path }) => path === "/accounts", { status: 500, body });
    for (let at = 0; at < 30; at += 1) await gateway.send("{ accounts(first: 1) { nodes { id } } }");
    expect((await gateway.send(users)).errors).toEqual([]);
  });
});
