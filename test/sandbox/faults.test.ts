import { expect, test } from "vitest";
import { call, grant, stage } from "./helpers.ts";

const users = "/payment-service-users";

test("a fault answers the calls it matches, until it is disposed", async () => {
  await using on = await stage();
  {
    using _fault = on.sandbox.fault((call) => call.path === users, {
      status: 502,
      headers: { "content-type": "text/html" },
      body: "<h1>Bad Gateway</h1>",
    });
    const reply = await on.get(users);
    expect([reply.status, reply.headers["content-type"], reply.text]).toEqual([
      502,
      "text/html",
      "<h1>Bad Gateway</h1>",
    ]);
    expect((await on.get("/accounts")).status).toBe(200);
  }
  expect((await on.get(users)).status).toBe(200);
});

test("a fault can hit the token endpoint", async () => {
  await using on = await stage();
  using _fault = on.sandbox.fault(({ path }) => path === "/api/auth/oauth/token", { status: 503 });
  expect((await grant(on.sandbox)).status).toBe(503);
});

test("a reset destroys the socket, and a delay keeps the true answer back", async () => {
  await using on = await stage();
  {
    using _reset = on.sandbox.fault(() => true, { reset: true });
    await expect(on.get(users)).rejects.toThrow();
  }
  using _delay = on.sandbox.fault(() => true, { delayMs: 60 });
  const start = performance.now();
  expect((await on.get(users)).status).toBe(200);
  expect(performance.now() - start).toBeGreaterThan(50);
});

test("a truncated answer is framed correctly but holds half the JSON", async () => {
  await using on = await stage();
  const whole = await on.get("/connectors");
  using _fault = on.sandbox.fault(() => true, { truncate: true });
  const half = await on.get("/connectors");
  expect([half.status, half.body]).toEqual([200, undefined]);
  expect(half.text).toBe(whole.text.slice(0, whole.text.length >> 1));
  expect(Number(half.headers["content-length"])).toBe(Buffer.byteLength(half.text));
});

test("calls are kept as they came, and can be cleared", async () => {
  await using on = await stage();
  on.sandbox.clearCalls();
  await on.get("/accounts?pageSize=3", { body: { $match: { type: "INTERNAL" } } });
  await call(on.sandbox, "POST", users, null, { body: "{not json" });
  expect(on.sandbox.calls).toEqual([
    {
      method: "GET",
      path: "/accounts",
      query: { pageSize: "3" },
      body: { $match: { type: "INTERNAL" } },
      authorization: expect.stringMatching(/^Bearer sandbox-/),
    },
    { method: "POST", path: users, query: {}, body: "{not json", authorization: undefined },
  ]);
  on.sandbox.clearCalls();
  expect(on.sandbox.calls).toEqual([]);
});
