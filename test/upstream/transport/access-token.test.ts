import { afterEach, describe, expect, it, vi } from "vitest";
import { Cancellation } from "../../../src/lib/cancellation.ts";
import { createUpstreamClient } from "../../../src/upstream/client.ts";
import { createRefreshingToken } from "../../../src/upstream/transport/access-token.ts";
import { Deadline } from "../../../src/upstream/transport/deadline.ts";
import { fairNow } from "../../support/fair-clock.ts";
import { startTestGateway, until } from "../../support/helpers.ts";
import { closedUrl, granted, page, type Reply, type Stack, startStack, tokenPath } from "../stack.ts";

const credentials = { kind: "client", clientId: "gateway", clientSecret: "s3cr3t-of-the-gateway" } as const;
const connectors = "{ connectors { nodes { id } } }";
const found = { status: 200, data: { connectors: { nodes: [] } }, errors: [] };

const startGateway = ({ url }: Pick<Stack, "url">, timeoutMs = 5000) =>
  startTestGateway({ upstream: { url, credentials, timeoutMs } });

/** Grants t1, t2 and so on, and accepts only those that are valid. */
async function startGrantingStack(isValid: (token: string) => boolean = () => true): Promise<Stack> {
  let grants = 0;
  return startStack(({ path, headers }) => {
    if (path === tokenPath) {
      grants += 1;
      return granted(`t${grants}`);
    }
    return isValid(String(headers["authorization"]).replace("Bearer ", "")) ? page([]) : { status: 401 };
  });
}

const bearers = (stack: Stack) => stack.calls.map(({ headers }) => headers["authorization"]);

describe("a token by client credentials", () => {
  it("is requested at the stack's token endpoint, with the scopes that the calls need", async () => {
    await using stack = await startGrantingStack();
    await using gateway = await startGateway(stack);
    expect(await gateway.send(connectors)).toEqual(found);
    const [request] = stack.tokenRequests;
    expect(request).toMatchObject({
      method: "POST",
      path: tokenPath,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(request?.headers).not.toHaveProperty("authorization");
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: "client_credentials",
      client_id: "gateway",
      client_secret: "s3cr3t-of-the-gateway",
      scope: "openid payments:read payments:write",
    });
    expect(bearers(stack)).toEqual(["Bearer t1"]);
  });

  it("is requested below the path of the stack's URL", async () => {
    await using stack = await startStack(({ path }) => (path.endsWith(tokenPath) ? granted("t1") : page([])));
    await using gateway = await startGateway({ url: new URL("/behind/proxy/", stack.url) });
    expect(await gateway.send(connectors)).toEqual(found);
    expect(stack.requests.map(({ path }) => path)).toEqual([
      "/behind/proxy/api/auth/oauth/token",
      "/behind/proxy/api/payments/v3/connectors?pageSize=15",
    ]);
  });

  it("is kept across operations", async () => {
    await using stack = await startGrantingStack();
    await using gateway = await startGateway(stack);
    for (let times = 0; times < 3; times += 1) expect(await gateway.send(connectors)).toEqual(found);
    expect(stack.tokenRequests).toHaveLength(1);
    expect(bearers(stack)).toEqual(Array(3).fill("Bearer t1"));
  });

  it("is requested once by 50 operations that start together", async () => {
    await using stack = await startGrantingStack();
    await using gateway = await startGateway(stack);
    const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.send(connectors)));
    expect(answers).toEqual(Array(50).fill(found));
    expect(stack.tokenRequests).toHaveLength(1);
  });
});

describe("a token that nears its expiry", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A gateway with a token of one hour; the grants after the first wait for `release`. */
  async function startWithSlowGrants() {
    const held = Promise.withResolvers<Reply>();
    let grants = 0;
    const stack = await startStack(({ path }) => {
      if (path !== tokenPath) return page([]);
      grants += 1;
      return grants === 1 ? granted("t1") : held.promise;
    });
    vi.useFakeTimers({ toFake: ["performance"] });
    const gateway = await startGateway(stack);
    expect(await gateway.send(connectors)).toEqual(found);
    return {
      stack,
      gateway,
      release: held.resolve,
      async [Symbol.asyncDispose]() {
        held.resolve({ status: 500 });
        await gateway[Symbol.asyncDispose]();
        await stack[Symbol.asyncDispose]();
      },
    };
  }

  it("is not refreshed while it has more than a minute left", async () => {
    await using run = await startWithSlowGrants();
    vi.advanceTimersByTime(3_539_000);
    expect(await run.gateway.send(connectors)).toEqual(found);
    expect(run.stack.tokenRequests).toHaveLength(1);
  });

  it("is refreshed in its last minute by one request, while calls use the old one", async () => {
    await using run = await startWithSlowGrants();
    vi.advanceTimersByTime(3_541_000);
    for (let times = 0; times < 3; times += 1) expect(await run.gateway.send(connectors)).toEqual(found);
    expect(run.stack.tokenRequests).toHaveLength(2);
    expect(bearers(run.stack)).toEqual(Array(4).fill("Bearer t1"));
    run.release(granted("t2"));
    await until(async () => {
      await run.gateway.send(connectors);
      return bearers(run.stack).at(-1) === "Bearer t2";
    });
    expect(run.stack.tokenRequests).toHaveLength(2);
  });

  it("is still used when its refresh fails", async () => {
    await using run = await startWithSlowGrants();
    run.release({ status: 500 });
    vi.advanceTimersByTime(3_541_000);
    for (let times = 0; times < 3; times += 1) expect(await run.gateway.send(connectors)).toEqual(found);
    expect(run.stack.tokenRequests.length).toBeGreaterThan(1);
  });

  it("is not used after its expiry", async () => {
    await using run = await startWithSlowGrants();
    run.release(granted("t2"));
    vi.advanceTimersByTime(3_600_000);
    expect(await run.gateway.send(connectors)).toEqual(found);
    expect(bearers(run.stack)).toEqual(["Bearer t1", "Bearer t2"]);
  });
});

describe("a token that the service refuses", () => {
  it("is renewed once, and the call succeeds", async () => {
    await using stack = await startGrantingStack((token) => token === "t2");
    await using gateway = await startGateway(stack);
    expect(await gateway.send(connectors)).toEqual(found);
    expect(bearers(stack)).toEqual(["Bearer t1", "Bearer t2"]);
    expect(stack.tokenRequests).toHaveLength(2);
  });

  it("is renewed once for 20 operations that failed with it", async () => {
    let isRevoked = false;
    await using stack = await startGrantingStack((token) => token !== "t1" || !isRevoked);
    await using gateway = await startGateway(stack);
    await gateway.send(connectors);
    isRevoked = true;
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.send(connectors)));
    expect(answers).toEqual(Array(20).fill(found));
    expect(stack.tokenRequests).toHaveLength(2);
  });

  it("gives UPSTREAM_UNAUTHORIZED after exactly two calls when the new one is refused, too", async () => {
    await using stack = await startGrantingStack(() => false);
    await using gateway = await startGateway(stack);
    const { errors } = await gateway.send(connectors);
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAUTHORIZED", retryable: false } }]);
    expect(bearers(stack)).toEqual(["Bearer t1", "Bearer t2"]);
    expect(stack.tokenRequests).toHaveLength(2);
  });

  it("is not renewed by a 403", async () => {
    await using stack = await startStack(({ path }) => (path === tokenPath ? granted("t1") : { status: 403 }));
    await using gateway = await startGateway(stack);
    const { errors } = await gateway.send(connectors);
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAUTHORIZED" } }]);
    expect(stack.calls).toHaveLength(1);
    expect(stack.tokenRequests).toHaveLength(1);
  });
});

describe("a static token", () => {
  it("is used as it is", async () => {
    await using stack = await startGrantingStack();
    await using gateway = await startTestGateway({
      upstream: { url: stack.url, credentials: { kind: "token", token: "from-the-operator" } },
    });
    expect(await gateway.send(connectors)).toEqual(found);
    expect(bearers(stack)).toEqual(["Bearer from-the-operator"]);
    expect(stack.tokenRequests).toEqual([]);
  });

  it("is never renewed: a 401 is final after one call", async () => {
    await using stack = await startGrantingStack(() => false);
    await using gateway = await startTestGateway({
      upstream: { url: stack.url, credentials: { kind: "token", token: "from-the-operator" } },
    });
    const { errors } = await gateway.send(connectors);
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAUTHORIZED", retryable: false } }]);
    expect(stack.calls).toHaveLength(1);
    expect(stack.tokenRequests).toEqual([]);
  });
});

describe("a token endpoint that fails", () => {
  const refusal = { status: 401, body: '{"error":"invalid_client","error_description":"db-7.internal says no"}' };
  it.each<{ title: string; reply: Reply; extensions: object }>([
    {
      title: "400",
      reply: { ...refusal, status: 400 },
      extensions: { code: "UPSTREAM_UNAUTHORIZED", retryable: false },
    },
    { title: "401", reply: refusal, extensions: { code: "UPSTREAM_UNAUTHORIZED", retryable: false } },
    { title: "403", reply: { status: 403 }, extensions: { code: "UPSTREAM_UNAUTHORIZED", retryable: false } },
    {
      title: "404 with HTML",
      reply: { status: 404, body: "<html>db-7.internal</html>" },
      extensions: { code: "UPSTREAM_MALFORMED", retryable: false },
    },
    {
      title: "429",
      reply: { status: 429, headers: { "retry-after": "3" } },
      extensions: { code: "RATE_LIMITED", retryable: true, retryAfterMs: 3000 },
    },
    {
      title: "500",
      reply: { status: 500, body: "db-7.internal is down" },
      extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true },
    },
    {
      title: "503 with Retry-After",
      reply: { status: 503, headers: { "retry-after": "3" } },
      extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true, retryAfterMs: 3000 },
    },
    ...[
      ["HTML", "<html>db-7.internal</html>"],
      ["nothing", ""],
      ["an empty object", "{}"],
      ["a list", "[]"],
      ["no token", '{"access_token":null}'],
      ["an empty token", '{"access_token":""}'],
      ["a number as token", '{"access_token":5}'],
      ["a lifetime that is text", '{"access_token":"t","expires_in":"soon"}'],
    ].map(([title = "", body = ""]) => ({
      title: `200 with ${title}`,
      reply: { body },
      extensions: { code: "UPSTREAM_MALFORMED", retryable: false },
    })),
  ])("with $title gives its code, sends no call, and is not remembered", async ({ reply, extensions }) => {
    let isDown = true;
    await using stack = await startStack(({ path }) => {
      if (path !== tokenPath) return page([]);
      return isDown ? reply : granted("t1");
    });
    await using gateway = await startGateway(stack);
    const { data, errors } = await gateway.send(connectors);
    expect(data).toEqual({ connectors: null });
    expect(errors.map((error) => error.extensions)).toEqual([{ ...extensions, requestId: expect.any(String) }]);
    expect(stack.calls).toEqual([]);
    expect(stack.tokenRequests).toHaveLength(1);
    expect(JSON.stringify([errors, gateway.lines])).not.toMatch(/db-7|s3cr3t|127\.0\.0\.1/);
    isDown = false;
    expect(await gateway.send(connectors)).toEqual(found);
  });

  it("gives UPSTREAM_UNAVAILABLE when the connection is refused", async () => {
    await using gateway = await startGateway({ url: await closedUrl() });
    const { errors } = await gateway.send(connectors);
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } }]);
  });

  it("does not delay a caller beyond the deadline when it hangs", async () => {
    await using stack = await startStack(() => null);
    await using gateway = await startGateway(stack, 150);
    const startedAt = fairNow();
    const answers = await Promise.all([gateway.send(connectors), gateway.send(connectors)]);
    expect(fairNow() - startedAt).toBeLessThan(2000);
    for (const { errors } of answers) {
      expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_TIMEOUT", retryable: true } }]);
    }
    expect(stack.tokenRequests).toHaveLength(1);
    expect(stack.calls).toEqual([]);
  });

  it("does not delay a caller that cancels, and grants the others their token", async () => {
    const held = Promise.withResolvers<Reply>();
    const requested = Promise.withResolvers<void>();
    await using stack = await startStack(({ path }) => {
      if (path !== tokenPath) return page([]);
      requested.resolve();
      return held.promise;
    });
    await using client = createUpstreamClient({ url: stack.url, credentials, timeoutMs: 60_000, sockets: 4 });
    const cancellation = new Cancellation();
    const answer = client.within({ cancellation }).connectors({ pageSize: 1 });
    const other = client.within({}).connectors({ pageSize: 1 });
    await requested.promise;
    cancellation.cancel();
    await expect(answer).rejects.toMatchObject({ kind: "cancelled" });
    held.resolve(granted("t1"));
    expect(await other).toMatchObject({ data: [] });
    expect(stack.tokenRequests).toHaveLength(1);
    expect(stack.calls).toHaveLength(1);
  });

  it("does not extend the deadline of a call whose token it renews", async () => {
    const token = createRefreshingToken(() => new Promise(() => {}));
    const deadline = new Deadline(20);
    await expect(token.renew("refused", deadline)).rejects.toMatchObject({ kind: "timeout" });
    await expect(token.get(deadline)).rejects.toMatchObject({ kind: "timeout" });
  });
});
