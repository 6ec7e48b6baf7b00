import { readFileSync } from "node:fs";
import { createLocalJWKSet, createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { AuthConfig } from "./config.ts";
import { unauthenticated } from "./errors.ts";
import { isUuid } from "./id.ts";

/** Who is asking. */
export type Viewer = {
  readonly subject: string | null;
  readonly scopes: readonly string[];
  /** The one PSU that the viewer speaks for; `null`: an operator, who acts by scopes. */
  readonly psuId: string | null;
};

/** From the `Authorization` header to the viewer. Rejects with `UNAUTHENTICATED`. */
export type Authenticate = (authorization: string | null) => Promise<Viewer>;

const operator: Viewer = { subject: null, scopes: ["payments:read", "payments:write"], psuId: null };

// Asymmetric only: with HS256 allowed, a public key could pass for a shared secret.
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

export function createAuthenticate(config: AuthConfig): Authenticate {
  if (config.kind === "open") return async () => operator;
  const keys: JWTVerifyGetKey =
    config.keys.kind === "url"
      ? createRemoteJWKSet(config.keys.url, { timeoutDuration: 5000 })
      : createLocalJWKSet(JSON.parse(readFileSync(config.keys.path, "utf8")));
  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) throw unauthenticated("A bearer token is required.");
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keys, {
        issuer: config.issuer,
        audience: config.audience,
        algorithms,
        requiredClaims: ["exp"],
        clockTolerance: "5s",
      }));
    } catch {
      throw unauthenticated("The token is not valid.");
    }
    return toViewer(payload, config.psuClaim);
  };
}

function toViewer(payload: JWTPayload, psuClaim: string): Viewer {
  const scope = payload["scope"];
  const scopes = typeof scope === "string" ? scope.split(" ").filter(Boolean) : [];
  const psu = payload[psuClaim];
  // A claim that names no PSU must not turn its bearer into an operator.
  if (psu !== undefined && !(typeof psu === "string" && isUuid(psu))) {
    throw unauthenticated("The token's PSU claim is not a PSU id.");
  }
  return { subject: payload.sub ?? null, scopes, psuId: psu === undefined ? null : psu.toLowerCase() };
}
