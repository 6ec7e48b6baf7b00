import { type Deadline, within } from "./deadline.ts";

/** Where the bearer token of upstream calls comes from. */
export type TokenSource = {
  /** A token that is still good. All who wait share one refresh; `deadline` ends the waiting, not the refresh. */
  get(deadline: Deadline): string | Promise<string>;
  /** A token other than the one that was refused, or `null` when there is no other to be had. */
  renew(refused: string, deadline: Deadline): Promise<string | null>;
};

export function createStaticToken(token: string): TokenSource {
  return { get: () => token, renew: async () => null };
}

export type GrantedToken = { readonly token: string; readonly lifetimeMs: number };

/**
 * Keeps a client-credentials token. From a minute before its end (or the last fifth of a shorter life) the next call
 * starts a refresh but still uses the old token; nobody waits unless there is none that is good.
 */
export function createRefreshingToken(grant: () => Promise<GrantedToken>): TokenSource {
  let current: { readonly token: string; readonly refreshAt: number; readonly endsAt: number } | undefined;
  let refreshing: Promise<string> | undefined;

  function refresh(): Promise<string> {
    refreshing ??= grant()
      .then(({ token, lifetimeMs }) => {
        const now = performance.now();
        const margin = Math.min(60_000, lifetimeMs / 5);
        current = { token, refreshAt: now + lifetimeMs - margin, endsAt: now + lifetimeMs };
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
      if (current === undefined || now >= current.endsAt) return within(deadline, refresh());
      if (now >= current.refreshAt) refresh().catch(() => {}); // the old one is still good; its end will tell
      return current.token;
    },
    async renew(refused, deadline) {
      if (current !== undefined && current.token !== refused) return current.token;
      current = undefined;
      return within(deadline, refresh());
    },
  };
}
