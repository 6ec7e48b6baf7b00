import type { UpstreamClient } from "../upstream/client.ts";
import type { Invalidation, InvalidationSource, Topic } from "./connection-events.ts";
import { type ConsentExpiry, createConsentExpiry } from "./consent-expiry.ts";
import type { EventBus } from "./event-bus.ts";
import { createWatchers, type Watchers, type WatchersOptions } from "./watchers.ts";

/** What a resolver knows of the live side. */
export type Live = {
  readonly watchers: Watchers;
  /** When consents end, which only events tell. */
  readonly consents: ConsentExpiry;
  /** Has whoever watchers these look at once, on every replica: this gateway has changed something, or saw it change. */
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
  /** Told of each hint. */
  readonly onInvalidation?: (source: InvalidationSource) => void;
};

const dayMs = 24 * 3600 * 1000;

/** From hints to subscribers, on this replica. Disposing ends every stream. */
export function createLive(
  bus: EventBus,
  upstream: UpstreamClient,
  options: LiveOptions,
): Live & Disposable & { receive(hint: Invalidation, source?: InvalidationSource): void } {
  const { linkLifetimeMs = dayMs, staleAfterMs = dayMs } = options;
  const consents = createConsentExpiry(bus.consents);
  function invalidate(...topics: readonly Topic[]): void {
    // Where the carrier is down, the other replicas learn by looking.
    if (topics.length > 0) bus.publish({ topics, event: null }).catch(() => {});
  }
  const watchers = createWatchers({ ...options, upstream, onChange: (touched) => invalidate(...touched) });
  function receive(hint: Invalidation, source: InvalidationSource = "nats"): void {
    options.onInvalidation?.(source);
    if (hint.event !== null) consents.onEvent(hint.event);
    watchers.invalidate(hint);
  }
  const listening = bus.subscribe(receive);
  return {
    watchers,
    consents,
    invalidate,
    linkLifetimeMs,
    staleAfterMs,
    receive,
    [Symbol.dispose]() {
      listening[Symbol.dispose]();
      watchers[Symbol.dispose]();
    },
  };
}
