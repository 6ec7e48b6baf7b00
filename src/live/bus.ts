import type { Hint } from "./events.ts";

/** Carries hints to every replica of the gateway, this one included. */
export type Bus = AsyncDisposable & {
  /** Resolves once the hint is taken: all replicas that can be reached will hear it. Rejects when it cannot be taken. */
  publish(hint: Hint): Promise<void>;
  /** A hint can come twice, or not at all while the carrier is down: whoever listens must look by itself as well. */
  listen(hear: (hint: Hint) => void): Disposable;
  /** `degraded`: hints of other replicas do not arrive, and `publish` rejects. It mends itself. */
  state(): "connected" | "degraded";
  /** When each connection's consent ends, as the last event told. */
  readonly consents: Consents;
};

/** What only an event knows of a connection, kept for those who ask later. RFC 3339; `null`: nothing was told. */
export type Consents = {
  endOf(connection: ConnectionName): Promise<string | null>;
  /** Forgets by itself when the time has come. */
  keep(connection: ConnectionName, endsAt: string): Promise<void>;
  forget(connection: ConnectionName): Promise<void>;
};

export type ConnectionName = { readonly psuId: string; readonly connectorId: string; readonly connectionId: string };

export function toConsentKey({ psuId, connectorId, connectionId }: ConnectionName): string {
  return `${psuId}:${connectorId}:${connectionId}`;
}

/** The bus of a gateway without replicas. What it keeps is lost with the process. */
export function createMemoryBus(): Bus {
  const listeners = new Set<{ readonly hear: (hint: Hint) => void }>();
  const endings = new Map<string, string>();
  return {
    async publish(hint) {
      for (const { hear } of [...listeners]) hear(hint);
    },
    listen(hear) {
      const listener = { hear };
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    state: () => "connected",
    consents: {
      async endOf(connection) {
        const key = toConsentKey(connection);
        const endsAt = endings.get(key) ?? null;
        if (endsAt === null || Date.parse(endsAt) > Date.now()) return endsAt;
        endings.delete(key);
        return null;
      },
      async keep(connection, endsAt) {
        endings.set(toConsentKey(connection), endsAt);
      },
      async forget(connection) {
        endings.delete(toConsentKey(connection));
      },
    },
    async [Symbol.asyncDispose]() {
      listeners.clear();
    },
  };
}
