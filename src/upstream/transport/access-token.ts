/** The bearer token of upstream calls: a static one, or one by client credentials that is refreshed in time. */
import { type Deadline, withDeadline } from "./deadline.ts";

export type TokenSource = {
  /** A token that is still valid. All callers wait for the same refresh; `deadline` ends the waiting, not the refresh. */
  get(deadline: Deadline): string | Promise<string>;
  /** A token in place of the refused one, or `null` if there cannot be another. */
  renew(refused: string, deadline: Deadline): Promise<string | null>;
};

export function createStaticToken(token: string): TokenSource {
  return { get: () => token, renew: async () => null };
}

export type GrantedToken = { readonly token: string; readonly lifetimeMs: number };

/**
 * Keeps a client-credentials token. A minute before its expiry (or in the last fifth of a shorter lifetime) a call starts
 * a refresh and still uses the old token; calls wait only when there is no valid one.
 */
export function createRefreshingToken(grant: () => Promise<GrantedToken>): TokenSource {
  let current: { readonly token: string; readonly refreshAt: number; readonly expiresAt: number } | undefined;
  let refreshing: Promise<string> | undefined;

  function refresh(): Promise<string> {
    refreshing ??= grant()
      .then(({ token, lifetimeMs }) => {
        const now = performance.now();
        const margin = Math.min(60_000, lifetimeMs / 5);
        current = { token, refreshAt: now + lifetimeMs - margin, expiresAt: now + lifetimeMs };
        return token;
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  }

  return {
    get(deadline) {
      const now = performance.now();
      if (current === undefined || now >= current.expiresAt) return withDeadline(deadline, refresh());
      if (now >= current.refreshAt) refresh().catch(() => {}); // the old one is still valid; if this keeps failing, the call after its expiry gets the error
      return current.token;
    },
    async renew(refused, deadline) {
      if (current !== undefined && current.token !== refused) return current.token;
      current = undefined;
      return withDeadline(deadline, refresh());
    },
  };
}
