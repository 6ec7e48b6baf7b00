/** Where the bearer token of upstream calls comes from. */
export type TokenSource = {
  /** A token that is still good. All who wait share one refresh; `signal` ends the waiting, not the refresh. */
  get(signal: AbortSignal): Promise<string>;
  /** A token other than the one that was refused, or `null` when there is no other to be had. */
  renew(refused: string, signal: AbortSignal): Promise<string | null>;
};

export function createStaticToken(token: string): TokenSource {
  return { get: async () => token, renew: async () => null };
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
    async get(signal) {
      const now = performance.now();
      if (current === undefined || now >= current.endsAt) return abortable(refresh(), signal);
      if (now >= current.refreshAt) refresh().catch(() => {}); // the old one is still good; its end will tell
      return current.token;
    },
    async renew(refused, signal) {
      if (current !== undefined && current.token !== refused) return current.token;
      current = undefined;
      return abortable(refresh(), signal);
    },
  };
}

/** Waits for `work` until `signal` aborts; then rejects with the signal's reason. The work itself goes on. */
function abortable<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) {
    work.catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
