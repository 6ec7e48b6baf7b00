/** The live side of the gateway: from events to the streams of this replica. */
import type { UpstreamClient } from "../upstream/client.ts";
import type { Invalidation, InvalidationSource, Topic } from "./connection-events.ts";
import { type ConsentExpiry, createConsentExpiry } from "./consent-expiry.ts";
import type { EventBus } from "./event-bus.ts";
import { createWatchers, type Watchers, type WatchersOptions } from "./watchers.ts";

/** The part that resolvers use. */
export type Live = {
  readonly watchers: Watchers;
  /** When consents end. */
  readonly consents: ConsentExpiry;
  /** This gateway has changed something, or seen it change: the watchers of these topics refresh, on every replica. */
  invalidate(...topics: readonly Topic[]): void;
  /** How long after its creation a link can still be completed. */
  readonly linkLifetimeMs: number;
  /** Data older than this is called stale. */
  readonly staleAfterMs: number;
};

export type LiveOptions = Omit<WatchersOptions, "upstream" | "onChange"> & {
  /** Default: a day. The providers' own links live for 30 minutes to some hours. */
  readonly linkLifetimeMs?: number;
  /** Default: a day. The service fetches data several times a day. */
  readonly staleAfterMs?: number;
  readonly onInvalidation?: (source: InvalidationSource) => void;
};

type Receivers = {
  /** From the broker, or from another replica. */
  receive(invalidation: Invalidation, source?: InvalidationSource): void;
  /**
   * From a webhook. Resolves once all replicas that can be reached will receive it, and what it says of a consent is kept
   * for them; otherwise rejects, and it must be sent again.
   */
  publish(invalidation: Invalidation): Promise<void>;
};

const dayMs = 24 * 3600 * 1000;

/** Disposing ends every stream. */
export function createLive(
  bus: EventBus,
  upstream: UpstreamClient,
  options: LiveOptions,
): Live & Disposable & Receivers {
  const { linkLifetimeMs = dayMs, staleAfterMs = dayMs } = options;
  const consents = createConsentExpiry(bus.consents);
  function invalidate(...topics: readonly Topic[]): void {
    // While Redis is down, the other replicas find out by polling.
    if (topics.length > 0) bus.publish({ topics, event: null }).catch(() => {});
  }
  const watchers = createWatchers({ ...options, upstream, onChange: (invalidates) => invalidate(...invalidates) });
  function receive(invalidation: Invalidation, source: InvalidationSource = "nats"): void {
    options.onInvalidation?.(source);
    // Of a webhook that is done, and awaited, where it is published.
    if (invalidation.event !== null && source !== "webhook") consents.apply(invalidation.event).catch(() => {});
    watchers.invalidate(invalidation);
  }
  const subscription = bus.subscribe(receive);
  return {
    watchers,
    consents,
    invalidate,
    linkLifetimeMs,
    staleAfterMs,
    receive,
    async publish(invalidation) {
      // First, so that the watchers that it invalidates know of it.
      const keeping = invalidation.event === null ? null : consents.apply(invalidation.event);
      await Promise.all([keeping, bus.publish(invalidation, "webhook")]);
    },
    [Symbol.dispose]() {
      subscription[Symbol.dispose]();
      watchers[Symbol.dispose]();
    },
  };
}
