import { isDeepStrictEqual } from "node:util";
import pLimit from "p-limit";
import { Cancellation } from "../lib/cancellation.ts";
import { flattenString } from "../lib/flatten-string.ts";
import type { Upstream, UpstreamClient } from "../upstream/client.ts";
import { UpstreamError } from "../upstream/errors.ts";
import { type ConflatingQueue, OpenConflatingQueue, type Sink } from "./conflating-queue.ts";
import type { ConnectionEvent, Invalidation, Topic } from "./connection-events.ts";

/** Something of the service that can be watched. Two of the same `key` are the same thing. */
export type Watched<State> = {
  readonly key: string;
  /** Which hints are about it. */
  readonly topics: readonly Topic[];
  /** What else may change when this has changed. */
  readonly invalidates: readonly Topic[];
  /** How it is now; `null`: it is not there. */
  read(upstream: Upstream): Promise<State | null>;
  isSame(a: State, b: State): boolean;
  /** Whether it will never change again. */
  isFinal(state: State): boolean;
  /** The pause between two looks grows up to this, in milliseconds. */
  readonly maxPauseMs: number;
  /** When looking by itself is of no more use (epoch, milliseconds). Hints still count. */
  refreshesUntil(state: State): number;
};

/**
 * Turns what a look shows into messages for one subscriber: the difference to what that subscriber has read. A message
 * that is yet to be read counts for nothing: it is replaced, or taken back when its difference is no more.
 */
export type Differ<State, Message> = {
  diff(state: State, events: readonly ConnectionEvent[], sink: Sink<Message>): void;
  /** It is not there, or no longer. The stream ends behind this. */
  emitGone(sink: Sink<Message>): void;
};

/** All watchers of a process: one for each thing, however many subscribers. */
export type Watchers = Disposable & {
  /**
   * A stream of messages, which begins with how the thing is now. Looking starts before this returns.
   * @param viewerKey whose streams are counted together; `null`: only the process's limit holds.
   * `null`: too many streams are open, in the process or for this viewer, or the process is about to end.
   */
  open<State, Message>(
    watched: Watched<State>,
    differ: Differ<State, Message>,
    viewerKey: string | null,
  ): ConflatingQueue<Message> | null;
  invalidate(hint: Invalidation): void;
  /** A query or mutation came to know of a state (`null`: it is gone): if that is news to this key's watch, it looks. */
  observe(key: string, state: unknown): void;
  /** Ends every stream, spread over `overMs`, and opens no more. */
  drain(overMs: number): Promise<void>;
  readonly size: { readonly watchers: number; readonly streams: number; readonly timers: number };
};

export type WatcherOptions = {
  readonly upstream: UpstreamClient;
  /** The most open streams, in the process and for one viewer. */
  readonly limits: { readonly streams: number; readonly streamsPerViewer: number };
  /** Told of each look that failed. */
  readonly onRefreshError?: (error: unknown) => void;
  /** Told of each look. */
  readonly onRefresh?: () => void;
  /** Told of each message that a hint led to, and how long after the hint it was put for its subscriber. */
  readonly onDelivered?: (ms: number) => void;
  /** Told what else may have changed with what a watch saw change. */
  readonly onChange?: (touched: readonly Topic[]) => void;
  /** How long pauses are, of what they usually are. Default 1. */
  readonly pace?: number;
};

// Each is multiplied by the pace.
const firstPauseMs = 1000;
/** Looks of one watch start at least this far apart, however many hints come. */
const shortestGapMs = 100;
/** A look younger than this is good enough for one who joins. */
const freshMs = 1000;
const firstFaultPauseMs = 500;
/** Short, because a stack that is away is shielded by its breaker: looks that fail cost it nothing. */
const longestFaultPauseMs = 3000;

const pauseGrowth = 1.5;
const faultPauseGrowth = 2;
/** A pause is up to this part shorter, so that watchers that began together drift apart. */
const jitter = 0.2;
/** Looks of all watchers that are under way at once; the rest wait, so that queries find the stack free. */
const looksAtOnce = 32;

/** Made once: of thousands that leave, each would have one of its own. */
const nobodyLeft = new Error("nobody watchers any more");

/** One open stream. A class, as the watch is: there are thousands of both, and each is to be small. */
class Subscriber extends OpenConflatingQueue<unknown> {
  readonly watch: Watcher;
  readonly viewerKey: string | null;
  readonly #differ: Differ<unknown, unknown>;
  #isTold = false;

  constructor(
    watch: Watcher,
    differ: Differ<unknown, unknown>,
    viewerKey: string | null,
    onClose: (subscriber: Subscriber) => void,
  ) {
    super(onClose as (queue: ConflatingQueue<unknown>) => void);
    this.watch = watch;
    this.viewerKey = viewerKey;
    this.#differ = differ;
  }

  /** Answers whether there was something to tell. */
  tell(state: unknown, events: readonly ConnectionEvent[]): boolean {
    this.#isTold = false;
    this.#differ.diff(state, events, this);
    return this.#isTold;
  }

  tellGone(): void {
    this.#differ.emitGone(this);
  }

  override put(key: string, message: unknown): void {
    this.#isTold = true;
    super.put(key, message);
  }
}

export function createWatchers(options: WatcherOptions): Watchers {
  const { limits } = options;
  const watchers = new Map<string, Watcher>();
  /** A list has less room than a set; of most topics there is one watch. */
  const byTopic = new Map<Topic, readonly Watcher[]>();
  let isDraining = false;
  const subscribers = new Set<Subscriber>();
  const streamsOf = new Map<string, number>();
  const limit = pLimit(looksAtOnce);
  const surroundings: Surroundings = {
    pace: options.pace ?? 1,
    look: (watched, cancellation, onStart) =>
      limit(async () => {
        if (cancellation.isCancelled) throw nobodyLeft;
        onStart();
        options.onRefresh?.();
        return watched.read(options.upstream.within({ cancellation }));
      }),
    onFault: (error) => options.onRefreshError?.(error),
    onTold: (ms) => options.onDelivered?.(ms),
    onChange: ({ invalidates }) => options.onChange?.(invalidates),
    onEnd(watch) {
      watchers.delete(watch.watched.key);
      for (const topic of watch.watched.topics) {
        const watching = (byTopic.get(topic) ?? []).filter((one) => one !== watch);
        if (watching.length === 0) byTopic.delete(topic);
        else byTopic.set(topic, watching);
      }
    },
  };

  function watchOf<State>(watched: Watched<State>): Watcher {
    const known = watchers.get(watched.key);
    if (known !== undefined) return known;
    const watch = new Watcher(watched as Watched<unknown>, surroundings);
    watchers.set(flattenString(watched.key), watch);
    for (const topic of watched.topics) {
      const watching = byTopic.get(topic);
      if (watching === undefined) byTopic.set(flattenString(topic), [watch]);
      else byTopic.set(topic, [...watching, watch]);
    }
    return watch;
  }

  function onClose(subscriber: Subscriber): void {
    subscribers.delete(subscriber);
    subscriber.watch.leave(subscriber);
    const { viewerKey } = subscriber;
    if (viewerKey === null) return;
    const left = (streamsOf.get(viewerKey) ?? 1) - 1;
    if (left === 0) streamsOf.delete(viewerKey);
    else streamsOf.set(viewerKey, left);
  }

  return {
    open<State, Message>(watched: Watched<State>, differ: Differ<State, Message>, viewerKey: string | null) {
      const open = viewerKey === null ? 0 : (streamsOf.get(viewerKey) ?? 0);
      if (isDraining || subscribers.size >= limits.streams || open >= limits.streamsPerViewer) return null;
      if (viewerKey !== null) streamsOf.set(viewerKey, open + 1);
      const watch = watchOf(watched);
      const subscriber = new Subscriber(watch, differ as Differ<unknown, unknown>, viewerKey, onClose);
      subscribers.add(subscriber);
      watch.join(subscriber);
      return subscriber as ConflatingQueue<unknown> as ConflatingQueue<Message>;
    },
    invalidate({ topics, event }) {
      const hinted = new Set(topics.flatMap((topic) => [...(byTopic.get(topic) ?? [])]));
      for (const watch of hinted) watch.hint(event);
    },
    observe: (key, state) => watchers.get(key)?.saw(state),
    get size() {
      const timers = [...watchers.values()].reduce((sum, watch) => sum + watch.timers, 0);
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

/** What all watchers of a process share. */
type Surroundings = {
  readonly pace: number;
  /** Calls `onStart` when the reading starts, which may be later: looks wait for each other. */
  look(watched: Watched<unknown>, cancellation: Cancellation, onStart: () => void): Promise<unknown>;
  onFault(error: unknown): void;
  onTold(ms: number): void;
  onChange(watched: Watched<unknown>): void;
  onEnd(watch: Watcher): void;
};

/**
 * Looks at one thing: at once, on each hint, and by itself with growing pauses. It tells its subscribers what a look
 * showed; each differ compares that with what its own subscriber has seen. A fault is told to nobody: it looks again.
 */
class Watcher {
  readonly watched: Watched<unknown>;
  readonly #around: Surroundings;
  /** In the order in which they came. A list, which has less room than a set: of most watchers there is one. */
  #subscribers: Subscriber[] = [];
  #isOver = false;
  #latest: { readonly state: unknown; readonly at: number } | undefined;
  #events: readonly ConnectionEvent[] = [];
  /** Ends the look that is under way. */
  #looking: Cancellation | undefined;
  #hintedMeanwhile = false;
  /** When the first hint came that no look has followed yet. */
  #hintedAt: number | undefined;
  /** What a query saw last while a look was under way. */
  #seenMeanwhile: { readonly state: unknown } | undefined;
  #lastStart = Number.NEGATIVE_INFINITY;
  #quietLooks = 0;
  #faults = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(watched: Watched<unknown>, around: Surroundings) {
    this.watched = watched;
    this.#around = around;
  }

  get timers(): number {
    return this.#timer === undefined ? 0 : 1;
  }

  join(subscriber: Subscriber): void {
    if (this.#subscribers.length === 0) this.#subscribers = [subscriber];
    else this.#subscribers.push(subscriber);
    this.#quietLooks = 0; // somebody has come to see: things may be about to happen
    if (this.#looking !== undefined) return;
    if (this.#latest === undefined || performance.now() - this.#latest.at >= this.#around.pace * freshMs) {
      void this.#look();
      return;
    }
    subscriber.tell(this.#latest.state, []);
    this.#plan();
  }

  leave(subscriber: Subscriber): void {
    const at = this.#subscribers.indexOf(subscriber);
    if (at >= 0) this.#subscribers.splice(at, 1);
    if (this.#subscribers.length > 0 || this.#isOver) return;
    this.#isOver = true;
    this.#looking?.cancel();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#around.onEnd(this);
  }

  hint(event: ConnectionEvent | null): void {
    this.#hintedAt ??= performance.now();
    // Somebody is doing something: more may follow, of which no event tells.
    if (event === null) this.#quietLooks = 0;
    else {
      // The newest of each kind and connection: a flood of events does not pile up.
      const isAnother = (kept: ConnectionEvent) =>
        kept.kind !== event.kind || kept.connectionId !== event.connectionId || kept.connectorId !== event.connectorId;
      this.#events = [...this.#events.filter(isAnother), event];
    }
    this.#lookAgain();
  }

  saw(state: unknown): void {
    if (this.#looking !== undefined) this.#seenMeanwhile = { state };
    else if (this.#isNews(state)) this.#lookAgain();
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const looking = new Cancellation();
    this.#looking = looking;
    this.#lastStart = performance.now();
    let eventsThen = this.#events;
    let hintedThen: number | undefined;
    try {
      const state = await this.#around.look(this.watched, looking, () => {
        this.#hintedMeanwhile = false;
        eventsThen = this.#events;
        hintedThen = this.#hintedAt;
        this.#hintedAt = undefined;
      });
      if (this.#isOver) return;
      this.#faults = 0;
      this.#events = this.#events.filter((event) => !eventsThen.includes(event));
      this.#show(state, eventsThen, hintedThen);
    } catch (error) {
      if (this.#isOver) return;
      this.#faults += 1;
      this.#hintedAt = hintedThen ?? this.#hintedAt;
      this.#around.onFault(error);
      // An id that the service refuses names nothing. Of what was there before, that can't be so.
      if (this.#latest === undefined && error instanceof UpstreamError && error.kind === "invalid")
        this.#show(null, [], hintedThen);
    } finally {
      this.#looking = undefined;
    }
    if (!this.#isOver) this.#plan();
  }

  #show(state: unknown, told: readonly ConnectionEvent[], hintedThen: number | undefined): void {
    const tellTime = () => {
      if (hintedThen !== undefined) this.#around.onTold(performance.now() - hintedThen);
    };
    if (state === null) {
      for (const subscriber of [...this.#subscribers]) {
        subscriber.tellGone();
        tellTime();
        subscriber.end();
      }
      return;
    }
    const before = this.#latest;
    const isChange = before !== undefined && !this.watched.isSame(before.state, state);
    // An equal one would be kept beside the one that its subscribers were told.
    const kept = before !== undefined && isDeepStrictEqual(before.state, state) ? before.state : state;
    this.#latest = { state: kept, at: performance.now() };
    this.#quietLooks = before === undefined || isChange ? 0 : this.#quietLooks + 1;
    const isFinal = this.watched.isFinal(state);
    for (const subscriber of [...this.#subscribers]) {
      if (subscriber.tell(kept, told)) tellTime();
      if (isFinal) subscriber.end();
    }
    if (isChange) this.#around.onChange(this.watched);
  }

  /** When to look again by itself. */
  #plan(): void {
    const seen = this.#seenMeanwhile;
    this.#seenMeanwhile = undefined;
    if (this.#hintedMeanwhile || (seen !== undefined && this.#isNews(seen.state))) {
      this.#lookSoon();
      return;
    }
    const isInVain = this.#latest !== undefined && Date.now() > this.watched.refreshesUntil(this.#latest.state);
    if (this.#faults === 0 && isInVain) return;
    const pauseMs =
      this.#faults > 0
        ? Math.min(longestFaultPauseMs, firstFaultPauseMs * faultPauseGrowth ** (this.#faults - 1))
        : Math.min(this.watched.maxPauseMs, firstPauseMs * pauseGrowth ** this.#quietLooks);
    this.#wait(this.#around.pace * pauseMs * (1 - jitter * Math.random()));
  }

  #isNews(state: unknown): boolean {
    return this.#latest !== undefined && (state === null || !this.watched.isSame(this.#latest.state, state));
  }

  #lookAgain(): void {
    if (this.#looking !== undefined) this.#hintedMeanwhile = true;
    else this.#lookSoon();
  }

  #lookSoon(): void {
    const gapMs = this.#lastStart + this.#around.pace * shortestGapMs - performance.now();
    if (gapMs > 0) this.#wait(gapMs);
    else void this.#look();
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), ms);
    this.#timer.unref();
  }
}
