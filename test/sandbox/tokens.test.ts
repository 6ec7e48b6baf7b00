import { describe, expect, test } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { call, everyScope, grant, read, stage } from "./helpers.ts";

const users = "/payment-service-users";

describe("the token endpoint", () => {
  test("takes the client from the form or from basic auth", async () => {
    await using on = await stage();
    const { sandbox } = on;
    const fromForm = await grant(sandbox);
    expect(fromForm.body).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: everyScope });

    const basic = Buffer.from(`${sandbox.clientId}:${sandbox.clientSecret}`).toString("base64");
    const fromHeader = await read(`${sandbox.url}/api/auth/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${basic}` },
      body: "grant_type=client_credentials&scope=payments:read",
    });
    expect(fromHeader.status).toBe(200);
    expect((await call(sandbox, "GET", users, fromHeader.body.access_token)).status).toBe(200);
  });

  test("refuses a wrong secret with 401, a missing client or another grant type with 400", async () => {
    await using on = await stage();
    const ask = (form: Record<string, string>) =>
      read(`${on.sandbox.url}/api/auth/oauth/token`, { method: "POST", body: new URLSearchParams(form).toString() });
    const client = { client_id: "sandbox", client_secret: "wrong" };
    const wrong = await ask({ grant_type: "client_credentials", ...client });
    expect([wrong.status, wrong.body.error]).toEqual([401, "invalid_client"]);
    const none = await ask({ grant_type: "client_credentials" });
    expect([none.status, none.body.error]).toEqual([400, "invalid_client"]);
    const other = await ask({ grant_type: "password", ...client, client_secret: on.sandbox.clientSecret });
    expect([other.status, other.body.error]).toEqual([400, "unsupported_grant_type"]);
  });
});

describe("a bearer token", () => {
  test("is required, and a call without one is answered 401 with an empty body", async () => {
    await using on = await stage();
    for (const token of [null, "made-up"]) {
      const reply = await call(on.sandbox, "GET", users, token);
      expect([reply.status, reply.text]).toEqual([401, ""]);
    }
  });

  test("ends when its life is over by the clock", async () => {
    await using on = await stage({ tokenLifetimeS: 60 });
    expect((await on.get(users)).status).toBe(200);
    on.advance(59_999);
    expect((await on.get(users)).status).toBe(200);
    on.advance(1);
    expect((await on.get(users)).status).toBe(401);
  });

  test("has only the scopes that were asked for and that the client has; writing stands for reading, too", async () => {
    await using on = await stage();
    const reader = (await grant(on.sandbox, "payments:read")).body.access_token;
    const writer = (await grant(on.sandbox, "payments:write")).body.access_token;
    const body = { name: "Ann" };
    expect((await call(on.sandbox, "GET", users, reader)).status).toBe(200);
    expect((await call(on.sandbox, "POST", users, writer, { body })).status).toBe(201);
    expect((await call(on.sandbox, "GET", users, writer)).status).toBe(200);
    await using small = await startSandbox({ clientScopes: ["payments:read"] });
    const granted = (await grant(small)).body;
    expect(granted.scope).toBe("payments:read");
    const refusals = [
      await call(on.sandbox, "POST", users, reader, { body }),
      await call(small, "POST", users, granted.access_token, { body }),
      await call(on.sandbox, "GET", users, (await grant(on.sandbox, "openid")).body.access_token),
    ];
    expect(refusals.map(({ status, text }) => [status, text])).toEqual(Array(3).fill([401, ""]));
  });
});

test("health and version are open to all", async () => {
  await using on = await stage();
  expect((await read(`${on.sandbox.url}/api/payments/_healthcheck`)).status).toBe(200);
  expect((await read(`${on.sandbox.url}/api/payments/_info`)).body.version).toBeTypeOf("string");
});

test("an unknown route is a plain 404, a wrong method a 405, with or without a token", async () => {
  await using on = await stage();
  const lost = await on.get("/bank-robberies");
  expect([lost.status, lost.text]).toEqual([404, "404 page not found\n"]);
  const wrong = await call(on.sandbox, "PUT", users, null);
  expect([wrong.status, wrong.text, wrong.headers["allow"]]).toEqual([405, "", "POST, GET"]);
});
