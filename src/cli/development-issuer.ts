/** Signs tokens for a gateway that a command runs for development: its key is made at the start, and stays in the process. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { AuthConfig } from "../auth/auth-config.ts";

export type DevelopmentIssuer = {
  /** What a gateway needs to accept its tokens, and no others. */
  readonly auth: AuthConfig;
  sign(claims: JWTPayload, lifetimeS: number): Promise<string>;
};

/** The claims of an operator. */
export const operator = { sub: "development", scope: "payments:read payments:write" };

export async function createDevelopmentIssuer(): Promise<DevelopmentIssuer> {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const key = { ...(await exportJWK(publicKey)), kid: "development", alg: "ES256", use: "sig" };
  const [issuer, audience] = ["development", "gateway"];
  return {
    auth: { kind: "jwt", keys: { kind: "file", set: { keys: [key] } }, issuer, audience, psuClaim: "psu_id" },
    sign: (claims, lifetimeS) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: "JWT" })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + lifetimeS)
        .sign(privateKey),
  };
}
