import type { Hint, HintSource } from "./connection-events.ts";

/** Carries hints to every replica of the gateway, this one included. */
export type Bus = AsyncDisposable & {
  /**
   * Resolves once the hint is taken: all replicas that can be reached will hear it. Rejects when it cannot be taken.
   * This replica's own listeners hear it in any case, before this returns, and once for each call.
   * @param source where this replica has it from; default: it made it itself.
   */
  publish(hint: Hint, source?: HintSource): Promise<void>;
  /**
   * A hint can come twice, or not at all while the carrier is down: whoever listens must look by itself as well.
   * Hints of one replica come in the order in which it published them. A listener that throws disturbs nobody else.
   */
  listen(hear: Hear): Disposable;
  /** `degraded`: hints of other replicas do not arrive, and `publish` rejects. It mends itself. */
  state(): "connected" | "degraded";
  /** When each connection's consent ends, as the last event told. */
  readonly consents: Consents;
};

/** Hints of other replicas come from the `bus`. */
export type Hear = (hint: Hint, source: HintSource) => void;

/** What only an event knows of a connection, kept for those who ask later. RFC 3339; `null`: nothing was told. */
export type Consents = {
  /** Never rejects: where the carrier is down, it answers what this process knows. */
  endOf(connection: ConnectionName): Promise<string | null>;
  /** Forgets by itself when the time has come. Rejects when it is not kept for the other replicas. */
  keep(connection: ConnectionName, endsAt: string): Promise<void>;
  forget(connection: ConnectionName): Promise<void>;
};

export type ConnectionName = { readonly psuId: string; readonly connectorId: string; readonly connectionId: string };

export function toConsentKey({ psuId, connectorId, connectionId }: ConnectionName): string {
  return `${psuId}:${connectorId}:${connectionId}`;
}

/** Whether a consent that ends then is over. */
export function isOver(endsAt: string): boolean {
  return !(Date.parse(endsAt) > Date.now());
}

export type BusOptions = {
  /** Told that a listener has thrown. */
  readonly onProblem?: (kind: string) => void;
};

/** The bus of a gateway without replicas. What it keeps is lost with the process. */
export function createMemoryBus(options: BusOptions = {}): Bus {
  const listeners = createListeners(options);
  return {
    async publish(hint, source = "own") {
      listeners.hear(hint, source);
    },
    listen: listeners.add,
    state: () => "connected",
    consents: createMemoryConsents(),
    async [Symbol.asyncDispose]() {
      listeners.clear();
    },
  };
}

export type Listeners = {
  add(hear: Hear): Disposable;
  readonly hear: Hear;
  clear(): void;
};

/** Who listens within this process. */
export function createListeners({ onProblem }: BusOptions): Listeners {
  const listeners = new Set<{ readonly hear: Hear }>();
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
export function createMemoryConsents(): Consents {
  const ends = new Map<string, string>();
  return {
    async endOf(connection) {
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
