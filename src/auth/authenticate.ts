import { hash } from "node:crypto";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import { LRUCache } from "lru-cache";
import type { AuthConfig } from "../config/config.ts";
import { tokensUncheckable, unauthenticated } from "../errors.ts";
import { isUuid } from "../lib/uuid.ts";

/** Who is asking. */
export type Viewer = {
  readonly subject: string | null;
  readonly scopes: readonly string[];
  /** The one PSU that the viewer speaks for; `null`: an operator, who acts by scopes. */
  readonly psuId: string | null;
  /** When the token ends (epoch, milliseconds), and with it whatever it has opened; `null`: never. */
  readonly expiresAt: number | null;
};

/**
 * From the `Authorization` header to the viewer. Rejects with `UNAUTHENTICATED`, or with `UPSTREAM_UNAVAILABLE` while
 * the issuer's keys cannot be had: that is not the token's fault.
 */
export type Authenticate = (authorization: string | null) => Promise<Viewer>;

const anybody: Viewer = {
  subject: null,
  scopes: ["payments:read", "payments:write"],
  psuId: null,
  expiresAt: null,
};

// Asymmetric only: with HS256 allowed, a public key could pass for a shared secret.
export const acceptedAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
];
/** A token that held is taken again without a look at its signature, for so long: that look costs more than a query. */
const trustMs = 60_000;
const mostTrusted = 10_000;
/** Between the clocks of the issuer and of this machine. */
const toleranceSeconds = 5;

export function createAuthenticate(config: AuthConfig): Authenticate {
  if (config.kind === "open") return async () => anybody;
  const keys = config.keys.kind === "url" ? createIssuerKeys(config.keys.url) : createLocalJWKSet(config.keys.set);
  const expected = {
    issuer: config.issuer,
    audience: config.audience,
    algorithms: acceptedAlgorithms,
    requiredClaims: ["exp"],
    clockTolerance: toleranceSeconds,
  };
  const trusted = new LRUCache<string, { readonly viewer: Viewer; readonly checkedAt: number }>({ max: mostTrusted });
  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) throw unauthenticated("A bearer token is required.");
    const key = hash("sha256", token, "base64url"); // whoever reads this memory finds no token in it
    const known = trusted.get(key);
    const now = Date.now();
    if (known !== undefined && now - known.checkedAt < trustMs && now < (known.viewer.expiresAt ?? 0))
      return known.viewer;
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keys, expected));
    } catch (error) {
      throw error instanceof KeysUnavailable ? tokensUncheckable() : unauthenticated("The token is not valid.");
    }
    const viewer = toViewer(payload, config.psuClaim);
    trusted.set(key, { viewer, checkedAt: now });
    return viewer;
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
  const subject: unknown = payload.sub;
  if (subject !== undefined && typeof subject !== "string") {
    throw unauthenticated("The token's subject is not text.");
  }
  return {
    subject: subject ?? null,
    scopes,
    psuId: psu === undefined ? null : psu.toLowerCase(),
    expiresAt: payload.exp === undefined ? null : (payload.exp + toleranceSeconds) * 1000,
  };
}

/** The issuer's keys could not be had. */
class KeysUnavailable extends Error {}

const timeoutMs = 5000;
const refreshMs = 10 * 60_000;
/** How long keys are trusted that could not be asked for anew. */
const longestTrustMs = 24 * 3600_000;
/** After a failure nobody waits for another attempt before this. */
const retryMs = 1000;

/**
 * The keys that the issuer publishes. They are asked for at the first token, every ten minutes in the background, and,
 * at most every half a minute, for a token by a key that is not among them. An issuer that is away for less than a day
 * stops nobody whose key is known.
 */
function createIssuerKeys(url: URL): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(url, { timeoutDuration: timeoutMs, cacheMaxAge: longestTrustMs });
  let refreshedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;

  function refresh(known: JSONWebKeySet | undefined): void {
    if (Date.now() - refreshedAt < refreshMs) return;
    refreshedAt = Date.now();
    if (known !== undefined) remote.reload().catch(() => {});
  }

  return async (header, token) => {
    const known = remote.jwks();
    refresh(known);
    const isKnown = known?.keys.some(({ kid }) => kid === header.kid) === true;
    if (!isKnown && Date.now() - failedAt < retryMs) throw new KeysUnavailable();
    try {
      return await remote(header, token);
    } catch (error) {
      if (isOfToken(error)) throw error;
      failedAt = Date.now();
      throw new KeysUnavailable();
    }
  };
}

/** Whether the key set answered, and what is wrong is the token's choice of a key. */
function isOfToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

/** A timer holds no more than this: 24 days. */
const longestTimerMs = 2 ** 31 - 1;

/** What ends with a token. */
type Ending = { expire(): void };

/** Of a token that never ends. */
const never: Disposable = { [Symbol.dispose]() {} };

/** One timer for all: with one each, thousands of open streams would take a third of a kilobyte more each. */
const expiries = new Set<Expiry>();
let timer: NodeJS.Timeout | undefined;
let timerAt = Number.POSITIVE_INFINITY;

class Expiry implements Disposable {
  readonly at: number;
  readonly ending: Ending;

  constructor(at: number, ending: Ending) {
    this.at = at;
    this.ending = ending;
  }

  [Symbol.dispose](): void {
    expiries.delete(this);
  }
}

/** Tells once when the viewer's token ends; not before, however far that is, and never once disposed. */
export function onExpiry({ expiresAt }: Viewer, ending: Ending): Disposable {
  if (expiresAt === null) return never;
  const expiry = new Expiry(expiresAt, ending);
  expiries.add(expiry);
  if (expiresAt < timerAt) waitUntil(expiresAt);
  return expiry;
}

function waitUntil(at: number): void {
  clearTimeout(timer);
  timerAt = at;
  timer = setTimeout(endAllDue, Math.min(Math.max(0, at - Date.now()), longestTimerMs));
  timer.unref();
}

function endAllDue(): void {
  timerAt = Number.POSITIVE_INFINITY;
  const now = Date.now();
  let next = Number.POSITIVE_INFINITY;
  for (const expiry of expiries) {
    if (expiry.at > now) {
      next = Math.min(next, expiry.at);
      continue;
    }
    expiries.delete(expiry);
    expiry.ending.expire();
  }
  if (next < timerAt) waitUntil(next);
}
