import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import { doctor, type Env } from "./helpers.ts";

describe("the doctor's checks of authentication find", () => {
  const settings = (url: string): Env => ({
    AUTH_JWKS_URL: url,
    AUTH_ISSUER: "https://issuer.example.com",
    AUTH_AUDIENCE: "gateway",
  });
  const urlOf = ({ config }: Issuer) =>
    config.kind === "jwt" && config.keys.kind === "url" ? config.keys.url.href : "";

  it("that the issuer's keys can be used, or cannot be had", async () => {
    using issuer = await startIssuer();
    const env = settings(urlOf(issuer));
    expect((await doctor(env)).about("callers")).toMatch(
      /^ok: tokens of AUTH_ISSUER are checked with the keys of AUTH_JWKS_URL \(1\)/,
    );
    issuer.state = "failing";
    expect((await doctor(env)).about("callers")).toMatch(/^failed: answer 503 to the question for the keys/);
  });

  it("keys that are of no use, or that nobody should see", async () => {
    const pair = await generateKeyPair("ES256", { extractable: true });
    const secretKey = await exportJWK(pair.privateKey);
    let keys: unknown[] = [];
    const server = createServer((_request, response) => response.end(JSON.stringify({ keys })));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const env = settings(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
    try {
      keys = [{ ...(await exportJWK(pair.publicKey)), use: "enc" }];
      expect((await doctor(env)).about("callers")).toMatch(/^failed: none of the keys \(1\) can check signatures/);
      keys = [{ kty: "oct", k: "c2VjcmV0" }];
      expect((await doctor(env)).about("callers")).toMatch(/^failed: the key set holds secret keys/);
      keys = [secretKey];
      const { about } = await doctor(env);
      expect(about("callers")).toMatch(/^failed: the key set holds secret keys/);
      expect(about("callers")).not.toContain(secretKey.d);
    } finally {
      server.close();
    }
  });

  it("whom a token speaks for, and why one is refused", async () => {
    using issuer = await startIssuer();
    const psuId = "0b8f2f3e-58f0-4c37-a1de-6d4fd3a2d0b1";
    const aboutToken = async (claims: Record<string, unknown>) =>
      (await doctor(settings(urlOf(issuer)), { token: await issuer.sign(claims) })).about("token");
    expect(await aboutToken({ psu_id: psuId })).toMatch(new RegExp(`^ok: speaks for the PSU ${psuId}, until 2`));
    expect(await aboutToken({ scope: "payments:read" })).toMatch(/^ok: is an operator's, with payments:read, until/);
    expect(await aboutToken({})).toMatch(/^warning: is an operator's without any scope/);
    expect(await aboutToken({ iss: "https://issuer.example.com/" })).toMatch(/^failed: is refused: its issuer/);
    expect(await aboutToken({ aud: "other" })).toMatch(/^failed: is refused: its audience/);
    expect(await aboutToken({ exp: 1_700_000_000 })).toMatch(/^failed: is refused: it ended at 2023/);
    expect(await aboutToken({ psu_id: "ada" })).toMatch(/^failed: is refused: its claim psu_id/);
    const open = await doctor({}, { token: await issuer.sign() });
    expect(open.about("token")).toMatch(/^warning: it is not read/);
  });
});
