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
  expiryOf(key: ConsentKey): Promise<string | null>;
  /** Until `keptUntil` says. Rejects when it is not stored for the other replicas. */
  keep(key: ConsentKey, endsAt: string): Promise<void>;
  forget(key: ConsentKey): Promise<void>;
};

export type ConnectionKey = { readonly psuId: string; readonly connectorId: string; readonly connectionId: string };

/** The end of a connection's consent or, with a mark, a date that is kept beside it. */
export type ConsentKey = ConnectionKey & { readonly mark?: string };

export function toConsentKey({ psuId, connectorId, connectionId, mark }: ConsentKey): string {
  const name = `${psuId}:${connectorId}:${connectionId}`;
  return mark === undefined ? name : `${name} ${mark}`;
}

/** Beyond its end, since nothing but the connection itself shows that a consent was renewed. */
const keptBeyondEndMs = 400 * 86_400_000;

/** Until when the end of a consent is kept (epoch, milliseconds). */
export function keptUntil(endsAt: string): number {
  return Date.parse(endsAt) + keptBeyondEndMs;
}

/** Whether the end of a consent is no longer kept. */
export function isOver(endsAt: string): boolean {
  return !(keptUntil(endsAt) > Date.now());
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

/** Of warnings, and of marks; about 15 MB each. The oldest are dropped. */
const maxKept = 50_000;

/** What this process knows itself. Every step takes the same time, however much that is. */
export function createMemoryConsentStore(limit = maxKept): ConsentStore {
  // Apart, so that no user drops the warnings of others by renewing a consent again and again.
  const warnings = new Map<string, string>();
  const marks = new Map<string, string>();
  const mapOf = ({ mark }: ConsentKey) => (mark === undefined ? warnings : marks);
  return {
    async expiryOf(key) {
      const ends = mapOf(key);
      const name = toConsentKey(key);
      const endsAt = ends.get(name);
      if (endsAt === undefined || !isOver(endsAt)) return endsAt ?? null;
      ends.delete(name);
      return null;
    },
    async keep(key, endsAt) {
      const ends = mapOf(key);
      const name = toConsentKey(key);
      ends.delete(name);
      if (isOver(endsAt)) return;
      ends.set(name, endsAt);
      const [oldest] = ends.keys();
      if (ends.size > limit && oldest !== undefined) ends.delete(oldest);
    },
    async forget(key) {
      mapOf(key).delete(toConsentKey(key));
    },
  };
}
