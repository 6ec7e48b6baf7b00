/** Tokens as issuers differ in making them: algorithms, keys without names, scopes. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createAuthenticate } from "../../src/auth/authenticate.ts";

const issuer = "https://issuer.example.com";
const audience = "gateway";
const unauthenticated = { extensions: { code: "UNAUTHENTICATED" } };
const places = ["file", "url"] as const;

/** Trusts keys in a file, or at a URL. */
async function trust(keys: readonly JWK[], place: (typeof places)[number]) {
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return {
    authenticate: createAuthenticate({
      kind: "jwt",
      issuer,
      audience,
      psuClaim: "psu_id",
      keys: place === "url" ? { kind: "url", url } : { kind: "file", set: { keys: [...keys] } },
    }),
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function signBy(key: CryptoKey, header: { alg: string; kid?: string }, claims = {}): Promise<string> {
  const payload = { iss: issuer, aud: audience, sub: "ops", exp: Math.floor(Date.now() / 1000) + 300, ...claims };
  return `Bearer ${await new SignJWT(payload).setProtectedHeader(header).sign(key)}`;
}

const algorithms = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
const inEachPlace = algorithms.flatMap((alg) => places.map((place) => [alg, place] as const));

describe("a token", () => {
  it.each(inEachPlace)("that is signed with %s is accepted by a key from a %s", async (alg, place) => {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    const jwk = await exportJWK(publicKey);
    for (const published of [{ ...jwk, kid: "one", alg }, { ...jwk, kid: "one" }, jwk]) {
      using trusting = await trust([published], place);
      const token = await signBy(privateKey, { alg, ...("kid" in published && { kid: "one" }) });
      expect(await trusting.authenticate(token)).toMatchObject({ subject: "ops" });
    }
  });

  it.each(inEachPlace)("that names no key is tried with each for %s from a %s", async (alg, place) => {
    const pairs = await Promise.all([1, 2, 3].map(() => generateKeyPair(alg)));
    const jwks = await Promise.all(pairs.map(({ publicKey }) => exportJWK(publicKey)));
    using trusting = await trust(
      jwks.map((jwk, kid) => ({ ...jwk, kid: String(kid) })),
      place,
    );
    for (const [index, { privateKey }] of pairs.entries()) {
      expect(await trusting.authenticate(await signBy(privateKey, { alg }))).toMatchObject({ subject: "ops" });
      const byAnother = await signBy(privateKey, { alg, kid: String((index + 1) % 3) });
      await expect(trusting.authenticate(byAnother)).rejects.toMatchObject(unauthenticated);
    }
    const { privateKey: unknown } = await generateKeyPair(alg);
    const last = pairs.at(-1)?.privateKey ?? unknown;
    for (const bad of [
      signBy(unknown, { alg }),
      signBy(last, { alg }, { exp: Math.floor(Date.now() / 1000) - 60 }),
      signBy(last, { alg }, { aud: "another" }),
      signBy(last, { alg }, { iss: "https://evil.example.com" }),
    ]) {
      await expect(trusting.authenticate(await bad)).rejects.toMatchObject(unauthenticated);
    }
  });

  it.each(places)("that names several keys of a %s is tried with each", async (place) => {
    const pairs = await Promise.all([1, 2].map(() => generateKeyPair("ES256")));
    const jwks = await Promise.all(pairs.map(({ publicKey }) => exportJWK(publicKey)));
    using trusting = await trust(
      jwks.map((jwk) => ({ ...jwk, kid: "one" })),
      place,
    );
    for (const { privateKey } of pairs) {
      const token = await signBy(privateKey, { alg: "ES256", kid: "one" });
      expect(await trusting.authenticate(token)).toMatchObject({ subject: "ops" });
    }
  });

  it.each([
    ["Ed25519", "EdDSA", "file"],
    ["Ed25519", "EdDSA", "url"],
    ["EdDSA", "Ed25519", "file"],
    ["EdDSA", "Ed25519", "url"],
  ] as const)("with the algorithm %s is accepted by a key for %s from a %s", async (alg, published, place) => {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    using trusting = await trust([{ ...(await exportJWK(publicKey)), kid: "one", alg: published }], place);
    const token = await signBy(privateKey, { alg, kid: "one" });
    expect(await trusting.authenticate(token)).toMatchObject({ subject: "ops" });
  });

  it.each(places)("with another algorithm than its key from a %s is refused", async (place) => {
    const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
    using trusting = await trust([{ ...(await exportJWK(publicKey)), alg: "RS256" }], place);
    const other = (await importJWK(await exportJWK(privateKey), "RS512")) as CryptoKey;
    await expect(trusting.authenticate(await signBy(other, { alg: "RS512" }))).rejects.toMatchObject(unauthenticated);
  });
});

describe("the scopes of a token", () => {
  const both = ["payments:read", "payments:write"];
  it.each<[object, readonly string[]]>([
    [{ scope: "payments:read payments:write" }, both],
    [{ scope: ["payments:read", "payments:write"] }, both],
    [{ scope: ["payments:read payments:write"] }, both],
    [{ scp: "payments:read payments:write" }, both],
    [{ scp: ["payments:read", "payments:write"] }, both],
    [{ scope: "payments:read", scp: ["payments:write", "payments:read"] }, both],
    [{ scope: " payments:read  payments:write " }, both],
    [{ scope: "" }, []],
    [{ scp: [] }, []],
    [{}, []],
    [{ scope: null, scp: 7 }, []],
    [{ scope: { "payments:read": true } }, []],
    [{ scp: [["payments:read"], 7, null] }, []],
    [{ scopes: ["payments:read"], roles: ["payments:read"] }, []],
  ])("with the claims %j", async (claims, scopes) => {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    using trusting = await trust([await exportJWK(publicKey)], "file");
    expect(await trusting.authenticate(await signBy(privateKey, { alg: "ES256" }, claims))).toMatchObject({ scopes });
  });
});
