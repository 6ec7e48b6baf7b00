/** All watchers of a process: one for each watched thing, however many subscribers it has. */
import pLimit from "p-limit";
import { flattenString } from "../lib/flatten-string.ts";
import type { UpstreamClient } from "../upstream/client.ts";
import type { ConflatingQueue } from "./conflating-queue.ts";
import type { Invalidation, Topic } from "./connection-events.ts";
import type { Differ, Watched } from "./watched.ts";
import { Subscriber, Watcher, type WatcherDeps } from "./watcher.ts";

export type Watchers = Disposable & {
  /**
   * A stream of messages, which begins with the current state. The first refresh starts before this returns.
   * @param viewerKey whose streams are counted together; `null`: only the process's limit holds.
   * `null`: too many streams are open, in the process or for this viewer, or the process is about to end.
   */
  open<State, Message>(
    watched: Watched<State>,
    differ: Differ<State, Message>,
    viewerKey: string | null,
  ): ConflatingQueue<Message> | null;
  invalidate(invalidation: Invalidation): void;
  /** A query or mutation has read a state (`null`: it is gone): where it is new to the key's watcher, that refreshes. */
  observe(key: string, state: unknown): void;
  /** Ends every stream, spread over `overMs`, and opens no more. */
  drain(overMs: number): Promise<void>;
  readonly size: { readonly watchers: number; readonly streams: number; readonly timers: number };
};

export type WatchersOptions = {
  readonly upstream: UpstreamClient;
  /** The most open streams, in the process and for one viewer. */
  readonly limits: { readonly streams: number; readonly streamsPerViewer: number };
  readonly onRefresh?: () => void;
  readonly onRefreshError?: (error: unknown) => void;
  /** Called for each message after an invalidation, with the time from that until it was put for its subscriber. */
  readonly onDelivered?: (ms: number) => void;
  /** Called when a watcher has seen a change, with what else may have changed. */
  readonly onChange?: (invalidates: readonly Topic[]) => void;
  /** A factor on all pauses. Default 1. */
  readonly pace?: number;
};

/** Refreshes of all watchers that run at once; the others wait, so that queries find the stack free. */
const maxConcurrentRefreshes = 32;

/** Made once: thousands may be cancelled together. */
const cancelled = new Error("The refresh was cancelled.");

export function createWatchers(options: WatchersOptions): Watchers {
  const { limits } = options;
  const watchers = new Map<string, Watcher>();
  /** A list is smaller than a set; most topics have one watcher. */
  const byTopic = new Map<Topic, readonly Watcher[]>();
  let isDraining = false;
  const subscribers = new Set<Subscriber>();
  const streamsOf = new Map<string, number>();
  const limit = pLimit(maxConcurrentRefreshes);
  const deps: WatcherDeps = {
    pace: options.pace ?? 1,
    refresh: (watched, before, cancellation, onStart) =>
      limit(async () => {
        if (cancellation.isCancelled) throw cancelled;
        onStart();
        options.onRefresh?.();
        return watched.read(options.upstream.within({ cancellation }), before);
      }),
    onRefreshError: (error) => options.onRefreshError?.(error),
    onDelivered: (ms) => options.onDelivered?.(ms),
    onChange: ({ invalidates }) => options.onChange?.(invalidates),
    onEnd(watcher) {
      watchers.delete(watcher.watched.key);
      for (const topic of watcher.watched.topics) {
        const others = (byTopic.get(topic) ?? []).filter((one) => one !== watcher);
        if (others.length === 0) byTopic.delete(topic);
        else byTopic.set(topic, others);
      }
    },
  };

  function watcherOf<State>(watched: Watched<State>): Watcher {
    const existing = watchers.get(watched.key);
    if (existing !== undefined) return existing;
    const watcher = new Watcher(watched as Watched<unknown>, deps);
    watchers.set(flattenString(watched.key), watcher);
    for (const topic of watched.topics) {
      const others = byTopic.get(topic);
      if (others === undefined) byTopic.set(flattenString(topic), [watcher]);
      else byTopic.set(topic, [...others, watcher]);
    }
    return watcher;
  }

  function onClose(subscriber: Subscriber): void {
    subscribers.delete(subscriber);
    subscriber.watcher.remove(subscriber);
    const { viewerKey } = subscriber;
    if (viewerKey === null) return;
    const remaining = (streamsOf.get(viewerKey) ?? 1) - 1;
    if (remaining === 0) streamsOf.delete(viewerKey);
    else streamsOf.set(viewerKey, remaining);
  }

  return {
    open<State, Message>(watched: Watched<State>, differ: Differ<State, Message>, viewerKey: string | null) {
      const open = viewerKey === null ? 0 : (streamsOf.get(viewerKey) ?? 0);
      if (isDraining || subscribers.size >= limits.streams || open >= limits.streamsPerViewer) return null;
      if (viewerKey !== null) streamsOf.set(viewerKey, open + 1);
      const watcher = watcherOf(watched);
      const subscriber = new Subscriber(watcher, differ as Differ<unknown, unknown>, viewerKey, onClose);
      subscribers.add(subscriber);
      watcher.add(subscriber);
      return subscriber as ConflatingQueue<unknown> as ConflatingQueue<Message>;
    },
    invalidate({ topics, event }) {
      const invalidated = new Set(topics.flatMap((topic) => [...(byTopic.get(topic) ?? [])]));
      for (const watcher of invalidated) watcher.invalidate(event);
    },
    observe: (key, state) => watchers.get(key)?.observe(state),
    get size() {
      const timers = [...watchers.values()].reduce((sum, watcher) => sum + watcher.timers, 0);
      return { watchers: watchers.size, streams: subscribers.size, timers };
    },
    async drain(overMs) {
      isDraining = true;
      await Promise.all(
        [...subscribers].map(async (subscriber) => {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * overMs));
          subscriber.end();
        }),
      );
    },
    [Symbol.dispose]() {
      for (const subscriber of [...subscribers]) subscriber.end();
    },
  };
}
