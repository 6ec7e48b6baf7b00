/** The event bus that replicas share: invalidations, and when consents end. */
import type { Invalidation, InvalidationSource } from "./connection-events.ts";

/** Publishes invalidations to every replica of the gateway, this one included. */
export type EventBus = AsyncDisposable & {
  /**
   * Resolves once all replicas that can be reached will receive it; otherwise rejects. This replica's own listeners
   * receive it in any case, before this returns, and once for each call.
   * @param source where this replica has it from; default: `own`.
   */
  publish(invalidation: Invalidation, source?: InvalidationSource): Promise<void>;
  /**
   * An invalidation can come twice, or not at all while the event bus is degraded: listeners must poll as well. Those of
   * one replica come in the order in which it published them. When a listener throws, the others still receive it.
   */
  subscribe(listener: InvalidationListener): Disposable;
  /** `degraded`: invalidations of other replicas do not arrive, and `publish` rejects. It recovers by itself. */
  state(): "connected" | "degraded";
  /** When each connection's consent ends, according to the last event. */
  readonly consents: ConsentStore;
};

/** Invalidations of other replicas come from the `bus`. */
export type InvalidationListener = (invalidation: Invalidation, source: InvalidationSource) => void;

/** What only an event says of a connection, stored for later. RFC 3339; `null`: there was no such event. */
export type ConsentStore = {
  /** Never rejects: while Redis is down, it resolves to what this process knows. */
  expiryOf(connection: ConnectionKey): Promise<string | null>;
  /** Until then. Rejects when it is not stored for the other replicas. */
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
  /** Called when a listener has thrown. */
  readonly onProblem?: (kind: string) => void;
};

/** For a gateway without replicas. What it stores is lost with the process. */
export function createMemoryEventBus(options: EventBusOptions = {}): EventBus {
  const listeners = createListeners(options);
  return {
    async publish(invalidation, source = "own") {
      listeners.notify(invalidation, source);
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
  add(listener: InvalidationListener): Disposable;
  readonly notify: InvalidationListener;
  clear(): void;
};

/** The listeners within this process. */
export function createListeners({ onProblem }: EventBusOptions): Listeners {
  const entries = new Set<{ readonly listener: InvalidationListener }>();
  return {
    add(listener) {
      const entry = { listener };
      entries.add(entry);
      return { [Symbol.dispose]: () => void entries.delete(entry) };
    },
    notify(invalidation, source) {
      for (const entry of [...entries]) {
        // An earlier listener may have disposed this one.
        if (!entries.has(entry)) continue;
        try {
          entry.listener(invalidation, source);
        } catch (error) {
          onProblem?.(`a listener failed: ${error instanceof Error ? error.name : typeof error}`);
        }
      }
    },
    clear: () => entries.clear(),
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
