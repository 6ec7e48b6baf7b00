import type { UpstreamClient } from "../upstream/client.ts";
import type { Bus, Consents } from "./bus.ts";
import type { Hint } from "./events.ts";
import { createWatches, type Watches, type WatchOptions } from "./watch.ts";

/** What a resolver knows of the live side. */
export type Live = {
  readonly watches: Watches;
  /** When consents end, which only events tell. */
  readonly consents: Consents;
};

/** From hints to subscribers, on this replica. Disposing ends every stream. */
export function createLive(
  bus: Bus,
  upstream: UpstreamClient,
  options: Omit<WatchOptions, "upstream">,
): Live & Disposable & { hear(hint: Hint): void } {
  const watches = createWatches({ ...options, upstream });
  function hear(hint: Hint): void {
    const { note } = hint;
    // Where the carrier is down, what the event told is lost here: the connection itself is looked at all the same.
    if (note?.kind === "PENDING_DISCONNECT") bus.consents.keep(note, note.at).catch(() => {});
    if (note?.kind === "RECONNECTED") bus.consents.forget(note).catch(() => {});
    watches.hear(hint);
  }
  const listening = bus.listen(hear);
  return {
    watches,
    consents: bus.consents,
    hear,
    [Symbol.dispose]() {
      listening[Symbol.dispose]();
      watches[Symbol.dispose]();
    },
  };
}
