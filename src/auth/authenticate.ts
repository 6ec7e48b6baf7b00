/** From the `Authorization` header to the viewer. */
import { hash } from "node:crypto";
import {
  createLocalJWKSet,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from "jose";
import { LRUCache } from "lru-cache";
import { tokensUncheckable, unauthenticated } from "../errors.ts";
import { isUuid } from "../lib/uuid.ts";
import type { AuthConfig } from "./auth-config.ts";
import { createIssuerKeys, KeysUnavailable } from "./issuer-keys.ts";
import { createOwnAuthenticate, type SentCredentials } from "./own-authenticate.ts";
import { acceptEitherName, acceptedAlgorithms } from "./verification-key.ts";
import { anonymousOperator, toScopes, type Viewer } from "./viewer.ts";

/**
 * Rejects with `UNAUTHENTICATED`, or with `UPSTREAM_UNAVAILABLE` while the issuer's keys cannot be had: that is not the
 * token's fault.
 */
export type Authenticate = (authorization: string | null, sent?: SentCredentials) => Promise<Viewer>;

/** How long a verified token is accepted without verifying its signature again, which costs more than a query. */
const trustMs = 60_000;
const maxTrusted = 10_000;
/** Between the clocks of the issuer and of this machine. */
const toleranceSeconds = 5;

/** @param onWrongViewer is given what of an own viewer is wrong, by its name. */
export function createAuthenticate(
  config: AuthConfig,
  onWrongViewer: (member: string) => void = () => {},
): Authenticate {
  if (config.kind === "open") return async () => anonymousOperator;
  if (config.kind === "own") return createOwnAuthenticate(config.authenticate, onWrongViewer);
  const keys =
    config.keys.kind === "url"
      ? createIssuerKeys(config.keys.url, config.keys.proxy)
      : createLocalJWKSet(acceptEitherName(config.keys.set));
  const expected = {
    issuer: config.issuer,
    audience: config.audience,
    algorithms: acceptedAlgorithms,
    requiredClaims: ["exp"],
    clockTolerance: toleranceSeconds,
  };
  const trusted = new LRUCache<string, { readonly viewer: Viewer; readonly checkedAt: number }>({ max: maxTrusted });
  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) throw unauthenticated("A bearer token is required.");
    const key = hash("sha256", token, "base64url"); // so that a memory dump holds no token
    const known = trusted.get(key);
    const now = Date.now();
    if (known !== undefined && now - known.checkedAt < trustMs && now < (known.viewer.expiresAt ?? 0))
      return known.viewer;
    let payload: JWTPayload;
    try {
      payload = await verify(token, keys, expected);
    } catch (error) {
      throw error instanceof KeysUnavailable ? tokensUncheckable() : unauthenticated("The token is not valid.");
    }
    const viewer = toViewer(payload, config.psuClaim);
    trusted.set(key, { viewer, checkedAt: now });
    return viewer;
  };
}

/** A token that names no key may be by any key of its kind: each is tried. */
async function verify(token: string, keys: JWTVerifyGetKey, expected: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, expected)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, expected)).payload;
      } catch (refusal) {
        if (!(refusal instanceof errors.JWSSignatureVerificationFailed)) throw refusal;
      }
    }
    throw error;
  }
}

function toViewer(payload: JWTPayload, psuClaim: string): Viewer {
  const psu = payload[psuClaim];
  // A claim that names no PSU must not turn its bearer into an operator.
  if (psu !== undefined && !(typeof psu === "string" && isUuid(psu))) {
    throw unauthenticated("The token's PSU claim is not a PSU id.");
  }
  const subject: unknown = payload.sub;
  if (subject !== undefined && typeof subject !== "string") {
    throw unauthenticated("The token's subject is not text.");
  }
  return {
    subject: subject ?? null,
    scopes: toScopes(payload),
    psuId: psu === undefined ? null : psu.toLowerCase(),
    expiresAt: payload.exp === undefined ? null : (payload.exp + toleranceSeconds) * 1000,
  };
}
