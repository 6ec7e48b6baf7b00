/** Which tokens are accepted, and which viewer they make. */
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Authenticate, createAuthenticate } from "../../src/auth/authenticate.ts";
import { operator, startTestGateway } from "../support/helpers.ts";
import { type Issuer, startIssuer } from "../support/issuer.ts";

const psuId = "0b8f2f3e-58f0-4c37-a1de-6d4fd3a2d0b1";

let tokens: Issuer;
let authenticate: Authenticate;
beforeAll(async () => {
  tokens = await startIssuer();
  authenticate = createAuthenticate(tokens.config);
});
afterAll(() => tokens[Symbol.dispose]());

const bearer = async (token: string | Promise<string>) => authenticate(`Bearer ${await token}`);
const decode = (token: string) => ({ payload: decodeJwt(token), header: decodeProtectedHeader(token) });
const unauthenticated = { extensions: { code: "UNAUTHENTICATED" } };

describe("a token", () => {
  it("makes an operator with its scopes when it has no PSU claim", async () => {
    expect(await bearer(tokens.sign({ sub: "ops", scope: "openid payments:read" }))).toEqual({
      subject: "ops",
      scopes: ["openid", "payments:read"],
      psuId: null,
      expiresAt: expect.any(Number),
    });
  });

  it("makes a PSU's viewer when it has a PSU claim, in the service's spelling", async () => {
    expect(await bearer(tokens.sign({ sub: "ada", psu_id: psuId.toUpperCase() }))).toMatchObject({ psuId });
  });

  it.each([["ada"], [""], [7], [null], [[psuId]]])("is refused when its PSU claim is %j", async (claim) => {
    await expect(bearer(tokens.sign({ psu_id: claim, scope: "payments:read" }))).rejects.toMatchObject(unauthenticated);
  });

  it("is refused when it has expired, or has another audience, issuer or key", async () => {
    const { privateKey: key } = await generateKeyPair("ES256");
    for (const token of [
      tokens.sign({ exp: Math.floor(Date.now() / 1000) - 60 }),
      tokens.sign({ aud: "another" }),
      tokens.sign({ iss: "https://evil.example.com" }),
      tokens.sign({}, key),
    ]) {
      await expect(bearer(token)).rejects.toMatchObject(unauthenticated);
    }
  });

  it("is refused with the public key as a shared secret, without a signature, or without an expiry", async () => {
    const { payload, header } = decode(await tokens.sign({ scope: "payments:write" }));
    const [publicKey] = tokens.keys;
    const secret = new TextEncoder().encode(JSON.stringify(publicKey));
    const shared = await new SignJWT(payload).setProtectedHeader({ ...header, alg: "HS256" }).sign(secret);
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const unsigned = `${encode({ alg: "none" })}.${encode(payload)}.`;
    const endless = await tokens.sign({ exp: undefined });
    for (const token of [shared, unsigned, endless]) await expect(bearer(token)).rejects.toMatchObject(unauthenticated);
  });

  it.each([[null], [""], ["Basic YTpi"], ["Bearer"], ["Bearer not-a-token"]])("is missing in %j", async (header) => {
    await expect(authenticate(header)).rejects.toMatchObject(unauthenticated);
  });
});

describe("a token's expiry", () => {
  it("is the viewer's, with a tolerance of five seconds", async () => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    expect(await bearer(tokens.sign({ exp }))).toMatchObject({ expiresAt: (exp + 5) * 1000 });
  });

  it("and its start are checked with that tolerance", async () => {
    const now = Math.floor(Date.now() / 1000);
    await bearer(tokens.sign({ exp: now - 2, nbf: now + 2 }));
    await expect(bearer(tokens.sign({ exp: now - 6 }))).rejects.toMatchObject(unauthenticated);
    await expect(bearer(tokens.sign({ nbf: now + 10 }))).rejects.toMatchObject(unauthenticated);
  });
});

describe("a request without a valid token", () => {
  it("gets 401 before its document is parsed, and makes no call to the stack", async () => {
    await using gateway = await startTestGateway({ authenticate });
    const calls = await gateway.calls(async () => {
      const { status, data, errors } = await gateway.send("{ noSuchField }");
      expect([status, data]).toEqual([401, null]);
      expect(errors).toMatchObject([
        { message: "A bearer token is required.", extensions: { code: "UNAUTHENTICATED", retryable: false } },
      ]);
      expect(errors[0]?.extensions["requestId"]).toMatch(/^[0-9a-f-]{36}$/);
    });
    expect(calls).toEqual([]);
  });
});

describe("an operator", () => {
  const send = async (scope: string, document: string) => {
    await using gateway = await startTestGateway({ viewer: { ...operator, scopes: scope.split(" ") } });
    return (await gateway.send(document)).errors.map(({ extensions }) => extensions.code);
  };

  it("reads nothing without payments:read", async () => {
    expect(await send("openid", "{ accounts { nodes { id } } }")).toEqual(["FORBIDDEN"]);
    expect(await send("payments:read", "{ accounts { nodes { id } } }")).toEqual([]);
  });

  it("changes nothing without payments:write", async () => {
    const create = `mutation { createPaymentServiceUser(input: { name: "Ada" }) { paymentServiceUser { id } } }`;
    expect(await send("payments:read", create)).toEqual(["FORBIDDEN"]);
    expect(await send("payments:read payments:write", create)).toEqual([]);
  });
});
