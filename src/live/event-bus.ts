import type { Invalidation, InvalidationSource } from "./connection-events.ts";

/** Carries hints to every replica of the gateway, this one included. */
export type EventBus = AsyncDisposable & {
  /**
   * Resolves once the hint is taken: all replicas that can be reached will hear it. Rejects when it cannot be taken.
   * This replica's own listeners hear it in any case, before this returns, and once for each call.
   * @param source where this replica has it from; default: it made it itself.
   */
  publish(hint: Invalidation, source?: InvalidationSource): Promise<void>;
  /**
   * A hint can come twice, or not at all while the carrier is down: whoever listens must look by itself as well.
   * Hints of one replica come in the order in which it published them. A listener that throws disturbs nobody else.
   */
  subscribe(hear: InvalidationListener): Disposable;
  /** `degraded`: hints of other replicas do not arrive, and `publish` rejects. It mends itself. */
  state(): "connected" | "degraded";
  /** When each connection's consent ends, as the last event told. */
  readonly consents: ConsentStore;
};

/** Hints of other replicas come from the `bus`. */
export type InvalidationListener = (hint: Invalidation, source: InvalidationSource) => void;

/** What only an event knows of a connection, kept for those who ask later. RFC 3339; `null`: nothing was told. */
export type ConsentStore = {
  /** Never rejects: where the carrier is down, it answers what this process knows. */
  expiryOf(connection: ConnectionKey): Promise<string | null>;
  /** Forgets by itself when the time has come. Rejects when it is not kept for the other replicas. */
  keep(connection: ConnectionKey, endsAt: string): Promise<void>;
  forget(connection: ConnectionKey): Promise<void>;
};

export type ConnectionKey = { readonly psuId: string; readonly connectorId: string; readonly connectionId: string };

export function toConsentKey({ psuId, connectorId, connectionId }: ConnectionKey): string {
  return `${psuId}:${connectorId}:${connectionId}`;
}

/** Whether a consent that ends then is over. */
export function isOver(endsAt: string): boolean {
  return !(Date.parse(endsAt) > Date.now());
}

export type EventBusOptions = {
  /** Told that a listener has thrown. */
  readonly onProblem?: (kind: string) => void;
};

/** The bus of a gateway without replicas. What it keeps is lost with the process. */
export function createMemoryEventBus(options: EventBusOptions = {}): EventBus {
  const listeners = createListeners(options);
  return {
    async publish(hint, source = "own") {
      listeners.hear(hint, source);
    },
    subscribe: listeners.add,
    state: () => "connected",
    consents: createMemoryConsentStore(),
    async [Symbol.asyncDispose]() {
      listeners.clear();
    },
  };
}

export type Listeners = {
  add(notify: InvalidationListener): Disposable;
  readonly hear: InvalidationListener;
  clear(): void;
};

/** Who listens within this process. */
export function createListeners({ onProblem }: EventBusOptions): Listeners {
  const listeners = new Set<{ readonly hear: InvalidationListener }>();
  return {
    add(hear) {
      const listener = { hear };
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    hear(hint, source) {
      for (const listener of [...listeners]) {
        // One that hears it first may have told this one to stop.
        if (!listeners.has(listener)) continue;
        try {
          listener.hear(hint, source);
        } catch (error) {
          onProblem?.(`a listener failed: ${error instanceof Error ? error.name : typeof error}`);
        }
      }
    },
    clear: () => listeners.clear(),
  };
}

/** What this process knows itself. */
export function createMemoryConsentStore(): ConsentStore {
  const ends = new Map<string, string>();
  return {
    async expiryOf(connection) {
      const endsAt = ends.get(toConsentKey(connection));
      return endsAt === undefined || isOver(endsAt) ? null : endsAt;
    },
    async keep(connection, endsAt) {
      for (const [key, end] of ends) if (isOver(end)) ends.delete(key);
      ends.set(toConsentKey(connection), endsAt);
    },
    async forget(connection) {
      ends.delete(toConsentKey(connection));
    },
  };
}
