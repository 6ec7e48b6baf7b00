import { describe, expect, it } from "vitest";
import type { Fault } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { Cancellation } from "../../../src/lib/cancellation.ts";
import { createUpstreamClient, type Upstream } from "../../../src/upstream/client.ts";
import { startTestGateway, type TestGateway } from "../../support/helpers.ts";
import { closedUrl, page, type Reply, startStack } from "../stack.ts";

const credentials = { kind: "token", token: "t" } as const;

const create = 'mutation { createPaymentServiceUser(input: { name: "Ada" }) { paymentServiceUser { psuId } } }';
const users = "{ paymentServiceUsers(first: 1) { nodes { psuId } } }";
const isData = ({ path }: { path: string }) => path === "/payment-service-users";
const isCreate = ({ method, path }: { method: string; path: string }) =>
  method === "POST" && path === "/payment-service-users";

describe("a write that cannot be told from one that was sent twice", () => {
  const uncertain = "Whether it was done is not known: look before you try again.";

  it.each<[string, Fault, string]>([
    ["502", { status: 502 }, "UPSTREAM_UNAVAILABLE"],
    ["503 with Retry-After", { status: 503, headers: { "retry-after": "1" } }, "UPSTREAM_UNAVAILABLE"],
    ["500", { status: 500 }, "UPSTREAM_UNAVAILABLE"],
    ["a reset", { reset: true }, "UPSTREAM_UNAVAILABLE"],
    ["no answer", { delayMs: 600_000 }, "UPSTREAM_TIMEOUT"],
  ])("is sent once and told as unknown after %s", async (_what, fault, code) => {
    await using gateway = await startTestGateway({ upstream: { timeoutMs: 500 } });
    await gateway.send(users); // so that there is a token
    using _fault = gateway.sandbox.fault(isCreate, fault);
    const { data, errors } = await gateway.send(create);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: expect.stringContaining(uncertain), extensions: { code, retryable: false } },
    ]);
    expect(errors[0]?.extensions).not.toHaveProperty("retryAfterMs");
    expect(gateway.sandbox.calls.filter(isCreate)).toHaveLength(1);
  });

  it("is not done after 429, which is said: it may be tried again, and was not", async () => {
    await using gateway = await startTestGateway();
    using _fault = gateway.sandbox.fault(isCreate, { status: 429, headers: { "retry-after": "30" } });
    const { errors } = await gateway.send(create);
    expect(errors).toMatchObject([{ extensions: { code: "RATE_LIMITED", retryable: true, retryAfterMs: 30_000 } }]);
    expect(gateway.sandbox.calls.filter(isCreate)).toHaveLength(1);
  });

  it("is not done where nobody listens: it is tried again, and may be by its caller", async () => {
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
  ])("is asked again after %s, and its client sees nothing of it", async (_what, answer) => {
    let times = 0;
    await using stack = await startStack(() => {
      times += 1;
      return answer(times);
    });
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
    expect((await gateway.send("{ connectors { nodes { id } } }")).errors).toEqual([]);
    expect(stack.calls).toHaveLength(2);
  });

  it("is asked again by a fifth of all calls at the most, beyond a small reserve", async () => {
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

  it("is asked again after pauses that grow and differ", async () => {
    const times = new Map<string, number[]>();
    await using stack = await startStack(({ path }) => {
      times.set(path, [...(times.get(path) ?? []), performance.now()]);
      return { status: 503 };
    });
    const ask = async (name: string) => {
      // A client of its own for each: none pays for the failures of others.
      await using client = createUpstreamClient({ url: stack.url, credentials, timeoutMs: 60_000, sockets: 1 });
      await expect(client.within({}).balances(name, { pageSize: 1 })).rejects.toMatchObject({ kind: "unavailable" });
    };
    const lanes = ["a", "b", "c", "d", "e", "f"];
    await Promise.all(
      lanes.map(async (lane) => {
        for (let at = 0; at < 10; at += 1) await ask(`${lane}${at}`);
      }),
    );
    const all = [...times.values()];
    expect(all.map(({ length }) => length)).toEqual(Array.from({ length: 60 }, () => 3));
    const pauses = (index: number) =>
      all.map((at) => (at[index + 1] ?? 0) - (at[index] ?? 0)).toSorted((a, b) => a - b);
    const part = (of: readonly number[], share: number) => of[Math.floor(of.length * share)] ?? Number.NaN;
    const [first, second] = [pauses(0), pauses(1)];
    // By nature from 0 to 70 ms, then to 140: what holds of most holds on a busy machine, too.
    expect(part(first, 0.5)).toBeGreaterThan(15);
    expect(part(second, 0.5)).toBeGreaterThan(part(first, 0.5));
    for (const some of [first, second]) expect(part(some, 0.8) - part(some, 0.2)).toBeGreaterThan(15);
  }, 60_000);
});

describe("the time of an operation", () => {
  it("is shared by its calls: three in a row do not take three times as long", async () => {
    const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } });
    await using gateway = await startTestGateway({ sandbox: { world }, upstream: { timeoutMs: 900 } });
    await gateway.send(users);
    using _fault = gateway.sandbox.fault(() => true, { delayMs: 400 });
    const startedAt = performance.now();
    const { errors } = await gateway.send(
      "{ paymentServiceUsers { nodes { accounts { balances { createdAt } } } } }", // 400 + 400 + 400 ms
    );
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_TIMEOUT" } }]);
    expect(performance.now() - startedAt).toBeLessThan(1150);
  });
});

describe("more calls than may run at once", () => {
  /** An upstream that holds every call until it is told to answer it, in the order in which they came. */
  async function startHeld(sockets: number) {
    const held: { readonly path: string; answer(): void }[] = [];
    const stack = await startStack(
      ({ path }) =>
        new Promise((resolve) => {
          held.push({ path, answer: () => resolve(page([])) });
        }),
    );
    const client = createUpstreamClient({ url: stack.url, credentials, timeoutMs: 5000, sockets });
    return { stack, client, held };
  }
  const ask = (upstream: Upstream, name: string) =>
    upstream.balances(name, { pageSize: 1 }).then(
      () => name,
      ({ kind }: { kind: string }) => kind,
    );

  it("wait in turns: an operation with many of them leaves the others their pace", async () => {
    const { stack, client, held } = await startHeld(1);
    await using _stack = stack;
    await using _client = client;
    const heavy = client.within({});
    const light = client.within({});
    const asked = [
      ...["h0", "h1", "h2", "h3", "h4"].map((name) => ask(heavy, name)),
      ...["l0", "l1"].map((name) => ask(light, name)),
    ];
    for (let at = 0; at < 7; at += 1) {
      await expect.poll(() => held.length).toBe(at + 1);
      held[at]?.answer();
    }
    await Promise.all(asked);
    const order = held.map(({ path }) => /accounts\/(\w+)/.exec(path)?.[1]);
    expect(order).toEqual(["h0", "h1", "l0", "h2", "l1", "h3", "h4"]);
    expect(client.state()).toMatchObject({ inFlight: 0, queued: 0 });
  });

  it("are refused before they begin once eight for each socket wait; what has begun may end", async () => {
    const { stack, client, held } = await startHeld(2);
    await using _stack = stack;
    await using _client = client;
    const heavy = client.within({});
    const begun = Array.from({ length: 18 }, (_, at) => ask(heavy, `h${at}`));
    await expect.poll(() => client.state()).toEqual({ inFlight: 2, queued: 16, isFull: true, breaker: "closed" });
    const startedAt = performance.now();
    expect(await ask(client.within({}), "other")).toBe("unavailable");
    expect(performance.now() - startedAt).toBeLessThan(100);
    begun.push(ask(heavy, "h18"));
    while (held.length < 19) {
      for (const { answer } of held) answer();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (const { answer } of held) answer();
    expect(await Promise.all(begun)).toEqual(Array.from({ length: 19 }, (_, at) => `h${at}`));
  });

  it("of operations that wait to begin: who leaves, or has no more time, waits no longer and fails by its calls, and the next may fit", async () => {
    const { stack, client } = await startHeld(16);
    await using _stack = stack;
    await using _client = client;
    // Twelve times as many calls as run at once may be of heavy operations that go on together.
    const inside = Array.from({ length: 12 }, (_, at) => client.within({}).reserve(at === 0 ? 4 : 16, null));
    expect(inside.map((room) => room?.ready)).toEqual(Array.from({ length: 12 }, () => undefined));

    const cancellation = new Cancellation();
    const ofLeaving = client.within({ cancellation });
    const ofLate = client.within({ timeoutMs: 50 });
    const left = ofLeaving.reserve(16, "cancellation");
    const late = ofLate.reserve(16, "late");
    const next = client.within({}).reserve(8, "staying");
    let hasBegun = false;
    const begun = next?.ready?.then(() => {
      hasBegun = true;
    });
    await late?.ready;
    expect(await ask(ofLate, "late")).toBe("timeout");
    expect(hasBegun).toBe(false);
    cancellation.cancel();
    await left?.ready;
    expect(await ask(ofLeaving, "left")).toBe("cancelled");
    await begun;
    expect(hasBegun).toBe(true);
    const tooLate = ofLeaving.reserve(16, "cancellation");
    await tooLate?.ready;
    expect(stack.calls.filter(({ path }) => path.includes("left"))).toEqual([]);

    // Nothing of those is kept: with all away as much fits as before.
    for (const room of [...inside, left, late, next, tooLate]) room?.release();
    const again = Array.from({ length: 13 }, () => client.within({}).reserve(16, null));
    expect(again.map((room) => room?.ready === undefined)).toEqual([...Array.from({ length: 12 }, () => true), false]);
    for (const room of again) room?.release();
  });

  it("leave the queue with their client", async () => {
    const { stack, client, held } = await startHeld(1);
    await using _stack = stack;
    await using _client = client;
    const cancellation = new Cancellation();
    const first = ask(client.within({}), "first");
    const left = Array.from({ length: 5 }, (_, at) => ask(client.within({ cancellation }), `left${at}`));
    const last = ask(client.within({}), "last");
    await expect.poll(() => [held.length, client.state().queued]).toEqual([1, 6]);
    cancellation.cancel();
    expect(await Promise.all(left)).toEqual(Array.from({ length: 5 }, () => "cancelled"));
    expect(client.state().queued).toBe(1);
    held[0]?.answer();
    await expect.poll(() => held.length).toBe(2);
    held[1]?.answer();
    expect(await Promise.all([first, last])).toEqual(["first", "last"]);
  });

  it("make the gateway refuse what comes over HTTP, WebSocket and SSE at once, with 503 and Retry-After", async () => {
    await using stack = await startStack(() => null);
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials, sockets: 1 } });
    const cancellation = new AbortController();
    const heavy = `{ ${Array.from({ length: 10 }, (_, at) => `a${at}: connectors(first: ${at + 16}) { nodes { id } }`).join(" ")} }`;
    const waiting = gateway.send(heavy, {}, cancellation.signal);
    await stack.waitForCalls(1);
    const response = await gateway.fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ __typename }" }),
    });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } }],
    });
    await using stream = gateway.subscribe("{ __typename }", {});
    expect(await stream.codes()).toEqual(["UPSTREAM_UNAVAILABLE"]);
    cancellation.abort();
    await waiting.catch(() => {});
    expect((await gateway.send("{ __typename }")).errors).toEqual([]);
  });
});

describe("a stack that does not answer", () => {
  const down: readonly [string, Fault][] = [
    ["answers 503", { status: 503 }],
    ["resets", { reset: true }],
    ["hangs", { delayMs: 600_000 }],
  ];

  async function breakIt(gateway: TestGateway): Promise<void> {
    const askAll = () => Promise.all(Array.from({ length: 12 }, () => gateway.send(users)));
    for (let round = 0; round < 5 && !gateway.lines.some((line) => line.includes('"unavailable"')); round += 1) {
      await askAll();
    }
    await askAll();
  }

  it.each(down)(
    "that %s is soon left alone: callers are told at once, and one call a second looks",
    async (_what, fault) => {
      await using gateway = await startTestGateway({ upstream: { timeoutMs: 1000 } });
      await gateway.send(users); // so that there is a token
      const ended = gateway.sandbox.fault(() => true, fault);
      await breakIt(gateway);
      gateway.sandbox.clearCalls();
      const startedAt = performance.now();
      const times: number[] = [];
      while (performance.now() - startedAt < 2500) {
        const askedAt = performance.now();
        const { errors } = await gateway.send(users);
        times.push(performance.now() - askedAt);
        expect(errors).toMatchObject([{ extensions: { retryable: true } }]);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      times.sort((a, b) => a - b);
      expect(times[Math.floor(times.length / 2)]).toBeLessThan(100);
      expect(gateway.sandbox.calls.length).toBeLessThanOrEqual(4);
      ended[Symbol.dispose]();
      const endedAt = performance.now();
      await expect.poll(async () => (await gateway.send(users)).errors, { timeout: 3000, interval: 50 }).toEqual([]);
      expect(performance.now() - endedAt).toBeLessThan(2000);
    },
  );

  it("is left alone when its data hangs, although its health answers all the while; a silence that is over counts no more", async () => {
    await using gateway = await startTestGateway({ upstream: { timeoutMs: 1000 } });
    await gateway.send(users); // so that there is a token
    const health = setInterval(
      () =>
        gateway.upstream
          .within({})
          .health()
          .catch(() => {}),
      50,
    ); // at its end the last is cut off
    using _health = { [Symbol.dispose]: () => clearInterval(health) };
    {
      using _silence = gateway.sandbox.fault(isData, { delayMs: 600_000 });
      await Promise.all(Array.from({ length: 12 }, () => gateway.send(users)));
      expect(gateway.upstream.state().breaker).toBe("open");
    }
    await expect.poll(async () => (await gateway.send(users)).errors, { timeout: 3000, interval: 50 }).toEqual([]);

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

  it("does not count what it answers about itself: 500 with its own words closes nothing", async () => {
    await using gateway = await startTestGateway();
    const body = JSON.stringify({ errorCode: "INTERNAL", errorMessage: "" });
    using _fault = gateway.sandbox.fault(({ path }) => path === "/accounts", { status: 500, body });
    for (let at = 0; at < 30; at += 1) await gateway.send("{ accounts(first: 1) { nodes { id } } }");
    expect((await gateway.send(users)).errors).toEqual([]);
  });
});
