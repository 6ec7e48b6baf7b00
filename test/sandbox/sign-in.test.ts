import { describe, expect, test } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { createAuthenticate } from "../../src/auth/authenticate.ts";
import { missingUuid, read } from "./helpers.ts";

const json = { "content-type": "application/json" };

/** A sandbox, and a gateway's way to check its tokens. */
async function open(lifetimeS = 60) {
  const sandbox = await startSandbox({ signInLifetimeS: lifetimeS });
  const { issuer, audience, jwksUrl } = sandbox.issuer;
  const keys = { kind: "url", url: new URL(jwksUrl) } as const;
  return {
    authenticate: createAuthenticate({ kind: "jwt", keys, issuer, audience, psuClaim: "psu_id" }),
    people: () => read(`${sandbox.url}/sandbox/people`),
    signIn: (body: string) => read(`${sandbox.url}/sandbox/sign-in`, { method: "POST", headers: json, body }),
    sandbox,
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

describe("signing in to the sandbox", () => {
  test("gives one of its people a token that a gateway takes for that person's, and for no operator's", async () => {
    await using on = await open();
    const { status, body } = await on.people();
    expect(status).toBe(200);
    expect(body.data).toHaveLength(on.sandbox.world.people.length);
    const { psuId } = body.data.find(({ name }: { name: string }) => name === "Chloé Martin");
    const answer = await on.signIn(JSON.stringify({ psuId }));
    expect(answer.body).toMatchObject({ token_type: "Bearer", expires_in: 60 });
    expect(answer.headers["cache-control"]).toBe("no-store");
    const viewer = await on.authenticate(`Bearer ${answer.body.access_token}`);
    expect(viewer).toMatchObject({ psuId, scopes: [], subject: `person-${psuId}` });
    expect(viewer.expiresAt).toBeLessThan(Date.now() + 66_000);
  });

  test.each([
    ["operator", ["payments:read", "payments:write"]],
    ["reader", ["payments:read"]],
  ])("gives a backend with the role %s a token that a gateway takes for an operator's", async (role, scopes) => {
    await using on = await open();
    const { status, body } = await on.signIn(JSON.stringify({ role }));
    expect([status, body.expires_in]).toEqual([200, 60]);
    expect(await on.authenticate(`Bearer ${body.access_token}`)).toMatchObject({ psuId: null, scopes, subject: role });
  });

  test.each([
    ["an unknown role", { role: "admin" }, "VALIDATION", "role must be one of: operator, reader"],
    ["a role of another kind", { role: 7 }, "VALIDATION", "role must be one of: operator, reader"],
    ["a role that objects have by themselves", { role: "constructor" }, "VALIDATION", "role must be one of"],
    ["a person and a role", { role: "operator", psuId: missingUuid }, "MISSING_OR_INVALID_BODY", "the body must be"],
    ["neither", {}, "MISSING_OR_INVALID_BODY", "the body must be"],
    ["a person's id that is none", { psuId: "me" }, "VALIDATION", "psuId must be a person's id"],
  ])("refuses %s and says why", async (_case, request, errorCode, message) => {
    await using on = await open();
    const { status, body } = await on.signIn(JSON.stringify(request));
    expect([status, body]).toEqual([400, { errorCode, errorMessage: expect.stringContaining(message) }]);
  });

  test("refuses unknown people, other bodies and other methods", async () => {
    await using on = await open();
    expect((await on.signIn(JSON.stringify({ psuId: missingUuid }))).status).toBe(404);
    for (const body of ["", "{}", "[]", "null", '{"psuId":7}', '{"psuId":"me"}', "not json"]) {
      expect((await on.signIn(body)).status).toBe(400);
    }
    expect((await read(`${on.sandbox.url}/sandbox/sign-in`)).status).toBe(405);
    expect((await read(`${on.sandbox.url}/sandbox/people`, { method: "POST" })).status).toBe(405);
  });

  test("publishes no private key, and another sandbox's tokens are not taken", async () => {
    await using on = await open();
    await using other = await open();
    const { body } = await read(on.sandbox.issuer.jwksUrl);
    expect(body.keys).toHaveLength(1);
    expect(body.keys[0]).not.toHaveProperty("d");
    const { psuId } = (await other.people()).body.data[0];
    const { access_token: foreign } = (await other.signIn(JSON.stringify({ psuId }))).body;
    await expect(on.authenticate(`Bearer ${foreign}`)).rejects.toMatchObject({
      extensions: { code: "UNAUTHENTICATED" },
    });
  });
});
