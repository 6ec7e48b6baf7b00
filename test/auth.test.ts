import { createServer } from "node:http";
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Authenticate, createAuthenticate } from "../src/auth.ts";
import { startTestGateway } from "./helpers.ts";

const issuer = "https://issuer.example.com";
const audience = "gateway";
const psuId = "0b8f2f3e-58f0-4c37-a1de-6d4fd3a2d0b1";

/** An issuer of tokens with its keys at a URL. */
async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const keys: JWK[] = [{ ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" }];
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: new URL(`http://127.0.0.1:${port}/jwks`),
    sign: (
      claims: JWTPayload,
      options: { key?: CryptoKey; expires?: string; issuer?: string; audience?: string } = {},
    ) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "ES256", kid: "one" })
        .setIssuer(options.issuer ?? issuer)
        .setAudience(options.audience ?? audience)
        .setExpirationTime(options.expires ?? "5m")
        .sign(options.key ?? privateKey),
    publicKey,
    close: () => server.close(),
  };
}

let tokens: Awaited<ReturnType<typeof startIssuer>>;
let authenticate: Authenticate;
beforeAll(async () => {
  tokens = await startIssuer();
  const keys = { kind: "url" as const, url: tokens.url };
  authenticate = createAuthenticate({ kind: "jwt", keys, issuer, audience, psuClaim: "psu_id" });
});
afterAll(() => tokens.close());

const bearer = async (token: string | Promise<string>) => authenticate(`Bearer ${await token}`);
const unauthenticated = { extensions: { code: "UNAUTHENTICATED" } };

describe("a token", () => {
  it("without the PSU claim makes an operator with its scopes", async () => {
    expect(await bearer(tokens.sign({ sub: "ops", scope: "openid payments:read" }))).toEqual({
      subject: "ops",
      scopes: ["openid", "payments:read"],
      psuId: null,
    });
  });

  it("with the PSU claim speaks for that PSU, in the service's spelling", async () => {
    expect(await bearer(tokens.sign({ sub: "ada", psu_id: psuId.toUpperCase() }))).toMatchObject({ psuId });
  });

  it.each([["ada"], [""], [7], [null], [[psuId]]])("whose PSU claim is %j makes nobody an operator", async (claim) => {
    await expect(bearer(tokens.sign({ psu_id: claim, scope: "payments:read" }))).rejects.toMatchObject(unauthenticated);
  });

  it("is refused when it has ended, or is for somebody else, by somebody else, or signed by another key", async () => {
    const { privateKey: key } = await generateKeyPair("ES256");
    for (const token of [
      tokens.sign({}, { expires: "-1m" }),
      tokens.sign({}, { audience: "another" }),
      tokens.sign({}, { issuer: "https://evil.example.com" }),
      tokens.sign({}, { key }),
    ]) {
      await expect(bearer(token)).rejects.toMatchObject(unauthenticated);
    }
  });

  it("is refused with the public key as a shared secret, without a signature, and without an end", async () => {
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(tokens.publicKey)));
    const shared = await new SignJWT({ scope: "payments:write" })
      .setProtectedHeader({ alg: "HS256", kid: "one" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime("5m")
      .sign(secret);
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const unsigned = `${encode({ alg: "none" })}.${encode({ iss: issuer, aud: audience, exp: 4102444800 })}.`;
    for (const token of [shared, unsigned]) await expect(bearer(token)).rejects.toMatchObject(unauthenticated);
  });

  it.each([[null], [""], ["Basic YTpi"], ["Bearer"], ["Bearer not-a-token"]])("is missing in %j", async (header) => {
    await expect(authenticate(header)).rejects.toMatchObject(unauthenticated);
  });
});

describe("without a valid token", () => {
  it("a request is 401 before its document is looked at, and nothing is sent upstream", async () => {
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
    await using gateway = await startTestGateway({ viewer: { subject: "ops", scopes: scope.split(" "), psuId: null } });
    return (await gateway.send(document)).errors.map(({ extensions }) => extensions.code);
  };

  it("without payments:read reads nothing", async () => {
    expect(await send("openid", "{ accounts { nodes { id } } }")).toEqual(["FORBIDDEN"]);
    expect(await send("payments:read", "{ accounts { nodes { id } } }")).toEqual([]);
  });

  it("without payments:write changes nothing", async () => {
    const create = `mutation { createPaymentServiceUser(input: { name: "Ada" }) { paymentServiceUser { id } } }`;
    expect(await send("payments:read", create)).toEqual(["FORBIDDEN"]);
    expect(await send("payments:read payments:write", create)).toEqual([]);
  });
});
