/** The public keys of the token issuer, fetched from its JWKS URL and kept fresh in the background. */
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";
import { fetch as fetchThrough } from "undici";
import { createDispatcher } from "../lib/network/http-proxy.ts";
import { acceptEitherName } from "./verification-key.ts";

/** The issuer's keys could not be had: that is not the token's fault. */
export class KeysUnavailable extends Error {}

const timeoutMs = 5000;
const refreshMs = 10 * 60_000;
/** How long keys are trusted that could not be refreshed. */
const maxTrustMs = 24 * 3600_000;
/** After a failure no request waits for another attempt before this. */
const retryMs = 1000;

/**
 * Fetched with the first token, every ten minutes in the background, and, at most every half a minute, for a token by a
 * key that is not among them. An issuer that is away for less than a day stops no user whose key is known.
 */
export function createIssuerKeys(url: URL, proxy: URL | null = null): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(url, {
    timeoutDuration: timeoutMs,
    cacheMaxAge: maxTrustMs,
    [customFetch]: proxy === null ? fetchKeys : fetchKeysThrough(proxy, url),
  });
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
    const isKnown = known?.keys.some(({ kid }) => header.kid === undefined || kid === header.kid) === true;
    if (!isKnown && Date.now() - failedAt < retryMs) throw new KeysUnavailable();
    try {
      return await remote(header, token);
    } catch (error) {
      if (isCausedByToken(error)) throw error;
      failedAt = Date.now();
      throw new KeysUnavailable();
    }
  };
}

const fetchKeys: FetchImplementation = async (url, options) => {
  const response = await fetch(url, options);
  return response.ok ? Response.json(acceptEitherName(await response.json()), { status: response.status }) : response;
};

/** By undici's own `fetch`: Node's takes no dispatcher of another version. */
function fetchKeysThrough(proxy: URL, { origin }: URL): FetchImplementation {
  const dispatcher = createDispatcher(origin, proxy, { timeoutMs });
  return async (url, { headers, signal, redirect }) => {
    const response = await fetchThrough(url, { headers: Object.fromEntries(headers), signal, redirect, dispatcher });
    return Response.json(response.ok ? acceptEitherName(await response.json()) : null, { status: response.status });
  };
}

/** Whether the key set was there, and what is wrong is the token's choice of a key. */
function isCausedByToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}
