import type { UpstreamClient } from "../upstream/client.ts";
import type { Hint, HintSource, Topic } from "./connection-events.ts";
import { type ConsentEnds, createConsentEnds } from "./consent-expiry.ts";
import type { Bus } from "./event-bus.ts";
import { createWatches, type Watches, type WatchOptions } from "./watcher.ts";

/** What a resolver knows of the live side. */
export type Live = {
  readonly watches: Watches;
  /** When consents end, which only events tell. */
  readonly consents: ConsentEnds;
  /** Has whoever watches these look at once, on every replica: this gateway has changed something, or saw it change. */
  announce(...topics: readonly Topic[]): void;
  /** How long after its creation a link can still be completed. */
  readonly linkLifetimeMs: number;
  /** Data older than this is called stale. */
  readonly staleAfterMs: number;
};

export type LiveOptions = Omit<WatchOptions, "upstream" | "onChange"> & {
  /** Default: a day. The providers' own links live for 30 minutes to some hours. */
  readonly linkLifetimeMs?: number;
  /** Default: a day. The service fetches data several times a day. */
  readonly staleAfterMs?: number;
  /** Told of each hint. */
  readonly onHint?: (source: HintSource) => void;
};

const dayMs = 24 * 3600 * 1000;

/** From hints to subscribers, on this replica. Disposing ends every stream. */
export function createLive(
  bus: Bus,
  upstream: UpstreamClient,
  options: LiveOptions,
): Live & Disposable & { hear(hint: Hint, source?: HintSource): void } {
  const { linkLifetimeMs = dayMs, staleAfterMs = dayMs } = options;
  const consents = createConsentEnds(bus.consents);
  function announce(...topics: readonly Topic[]): void {
    // Where the carrier is down, the other replicas learn by looking.
    if (topics.length > 0) bus.publish({ topics, note: null }).catch(() => {});
  }
  const watches = createWatches({ ...options, upstream, onChange: (touched) => announce(...touched) });
  function hear(hint: Hint, source: HintSource = "nats"): void {
    options.onHint?.(source);
    if (hint.note !== null) consents.hear(hint.note);
    watches.hear(hint);
  }
  const listening = bus.listen(hear);
  return {
    watches,
    consents,
    announce,
    linkLifetimeMs,
    staleAfterMs,
    hear,
    [Symbol.dispose]() {
      listening[Symbol.dispose]();
      watches[Symbol.dispose]();
    },
  };
}
