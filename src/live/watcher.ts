/** Keeps the subscribers of one watched thing up to date. */
import { isDeepStrictEqual } from "node:util";
import { Cancellation } from "../lib/cancellation.ts";
import { UpstreamError } from "../upstream/errors.ts";
import { ConflatingQueue } from "./conflating-queue.ts";
import type { ConnectionEvent } from "./connection-events.ts";
import type { Differ, Watched } from "./watched.ts";

// Each is multiplied by the pace.
const firstPauseMs = 1000;
/** Refreshes of one watcher start at least this far apart, however many invalidations come. */
const minGapMs = 100;
/** A state younger than this is sent to a new subscriber without a refresh. */
const freshForMs = 1000;
const firstRetryPauseMs = 500;
/** Short, because the circuit breaker shields a stack that is down: failing refreshes cost it nothing. */
const maxRetryPauseMs = 3000;

const pauseGrowth = 1.5;
const retryPauseGrowth = 2;
/** A pause is up to this part shorter, so that watchers that began together drift apart. */
const jitter = 0.2;

/** One open stream. A class, as the watcher is: there are thousands of both, and each is to be small. */
export class Subscriber extends ConflatingQueue<unknown> {
  readonly watcher: Watcher;
  readonly viewerKey: string | null;
  readonly #differ: Differ<unknown, unknown>;
  #hasEmitted = false;

  constructor(
    watcher: Watcher,
    differ: Differ<unknown, unknown>,
    viewerKey: string | null,
    onClose: (subscriber: Subscriber) => void,
  ) {
    super(onClose as (queue: ConflatingQueue<unknown>) => void);
    this.watcher = watcher;
    this.viewerKey = viewerKey;
    this.#differ = differ;
  }

  /** Whether there was a difference to emit. */
  emit(state: unknown, events: readonly ConnectionEvent[]): boolean {
    this.#hasEmitted = false;
    this.#differ.diff(state, events, this);
    return this.#hasEmitted;
  }

  emitGone(): void {
    this.#differ.emitGone(this);
  }

  override put(key: string, message: unknown): void {
    this.#hasEmitted = true;
    super.put(key, message);
  }
}

/** What all watchers of a process share. */
export type WatcherDeps = {
  readonly pace: number;
  /** Calls `onStart` when the read starts, which may be later: only so many run at once. */
  refresh(
    watched: Watched<unknown>,
    before: unknown,
    cancellation: Cancellation,
    onStart: () => void,
  ): Promise<unknown>;
  onRefreshError(error: unknown): void;
  onDelivered(ms: number): void;
  onChange(watched: Watched<unknown>): void;
  onEnd(watcher: Watcher): void;
};

/**
 * Refreshes one thing: at once, at each invalidation, and by polling with growing pauses. Each differ compares the state
 * with what its own subscriber has read. Subscribers get no errors of refreshes: a failed one is repeated.
 */
export class Watcher {
  readonly watched: Watched<unknown>;
  readonly #deps: WatcherDeps;
  /** In the order in which they came. A list, which is smaller than a set: most watchers have one. */
  #subscribers: Subscriber[] = [];
  #isOver = false;
  #latest: { readonly state: unknown; readonly at: number } | undefined;
  #events: readonly ConnectionEvent[] = [];
  /** Of the refresh that is running. */
  #refreshing: Cancellation | undefined;
  #isInvalidatedMeanwhile = false;
  /** When the first invalidation came that no refresh has followed yet. */
  #invalidatedAt: number | undefined;
  /** The last state that a query read while a refresh was running. */
  #observedMeanwhile: { readonly state: unknown } | undefined;
  #lastStart = Number.NEGATIVE_INFINITY;
  #unchangedRefreshes = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(watched: Watched<unknown>, deps: WatcherDeps) {
    this.watched = watched;
    this.#deps = deps;
  }

  get timers(): number {
    return this.#timer === undefined ? 0 : 1;
  }

  add(subscriber: Subscriber): void {
    if (this.#subscribers.length === 0) this.#subscribers = [subscriber];
    else this.#subscribers.push(subscriber);
    this.#unchangedRefreshes = 0; // a new subscriber is a sign that things may be about to happen
    if (this.#refreshing !== undefined) return;
    if (this.#latest === undefined || performance.now() - this.#latest.at >= this.#deps.pace * freshForMs) {
      void this.#refresh();
      return;
    }
    subscriber.emit(this.#latest.state, []);
    this.#scheduleNext();
  }

  remove(subscriber: Subscriber): void {
    const at = this.#subscribers.indexOf(subscriber);
    if (at >= 0) this.#subscribers.splice(at, 1);
    if (this.#subscribers.length > 0 || this.#isOver) return;
    this.#isOver = true;
    this.#refreshing?.cancel();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#deps.onEnd(this);
  }

  invalidate(event: ConnectionEvent | null): void {
    this.#invalidatedAt ??= performance.now();
    // A user is at work: more may follow, for which no event comes.
    if (event === null) this.#unchangedRefreshes = 0;
    else {
      // The newest of each kind and connection: a flood of events does not pile up.
      const isAnother = (kept: ConnectionEvent) =>
        kept.kind !== event.kind || kept.connectionId !== event.connectionId || kept.connectorId !== event.connectorId;
      this.#events = [...this.#events.filter(isAnother), event];
    }
    this.#requestRefresh();
  }

  observe(state: unknown): void {
    if (this.#refreshing !== undefined) this.#observedMeanwhile = { state };
    else if (this.#isNew(state)) this.#requestRefresh();
  }

  async #refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const refreshing = new Cancellation();
    this.#refreshing = refreshing;
    this.#lastStart = performance.now();
    let events = this.#events;
    let invalidatedAt: number | undefined;
    try {
      const state = await this.#deps.refresh(this.watched, this.#latest?.state ?? null, refreshing, () => {
        this.#isInvalidatedMeanwhile = false;
        events = this.#events;
        invalidatedAt = this.#invalidatedAt;
        this.#invalidatedAt = undefined;
      });
      if (this.#isOver) return;
      this.#failures = 0;
      this.#events = this.#events.filter((event) => !events.includes(event));
      this.#emit(state, events, invalidatedAt);
    } catch (error) {
      if (this.#isOver) return;
      this.#failures += 1;
      this.#invalidatedAt = invalidatedAt ?? this.#invalidatedAt;
      this.#deps.onRefreshError(error);
      // An id that the service refuses names nothing. Of what was there before, that can't be so.
      if (this.#latest === undefined && error instanceof UpstreamError && error.kind === "invalid")
        this.#emit(null, [], invalidatedAt);
    } finally {
      this.#refreshing = undefined;
    }
    if (!this.#isOver) this.#scheduleNext();
  }

  #emit(state: unknown, events: readonly ConnectionEvent[], invalidatedAt: number | undefined): void {
    const onDelivered = () => {
      if (invalidatedAt !== undefined) this.#deps.onDelivered(performance.now() - invalidatedAt);
    };
    if (state === null) {
      for (const subscriber of [...this.#subscribers]) {
        subscriber.emitGone();
        onDelivered();
        subscriber.end();
      }
      return;
    }
    const before = this.#latest;
    const isChange = before !== undefined && !this.watched.isSame(before.state, state);
    // An equal one would take memory beside the one that the subscribers hold.
    const kept = before !== undefined && isDeepStrictEqual(before.state, state) ? before.state : state;
    this.#latest = { state: kept, at: performance.now() };
    this.#unchangedRefreshes = before === undefined || isChange ? 0 : this.#unchangedRefreshes + 1;
    const isFinal = this.watched.isFinal(state);
    for (const subscriber of [...this.#subscribers]) {
      if (subscriber.emit(kept, events)) onDelivered();
      if (isFinal) subscriber.end();
    }
    if (isChange) this.#deps.onChange(this.watched);
  }

  /** After a refresh, or when a subscriber came that needed none. */
  #scheduleNext(): void {
    const observed = this.#observedMeanwhile;
    this.#observedMeanwhile = undefined;
    if (this.#isInvalidatedMeanwhile || (observed !== undefined && this.#isNew(observed.state))) {
      this.#refreshSoon();
      return;
    }
    const state = this.#latest?.state;
    if (this.#failures === 0 && state !== undefined && this.watched.isSettled(state)) return;
    const pauseMs =
      this.#failures > 0
        ? Math.min(maxRetryPauseMs, firstRetryPauseMs * retryPauseGrowth ** (this.#failures - 1))
        : Math.min(this.watched.maxPauseMs, firstPauseMs * pauseGrowth ** this.#unchangedRefreshes);
    const changesInMs = state === undefined ? Number.POSITIVE_INFINITY : this.watched.changesAt(state) - Date.now();
    const pollsInMs = this.#deps.pace * pauseMs * (1 - jitter * Math.random());
    this.#schedule(Math.min(pollsInMs, Math.max(changesInMs, this.#deps.pace * minGapMs)));
  }

  #isNew(state: unknown): boolean {
    return this.#latest !== undefined && (state === null || !this.watched.isSame(this.#latest.state, state));
  }

  #requestRefresh(): void {
    if (this.#refreshing !== undefined) this.#isInvalidatedMeanwhile = true;
    else this.#refreshSoon();
  }

  #refreshSoon(): void {
    const gapMs = this.#lastStart + this.#deps.pace * minGapMs - performance.now();
    if (gapMs > 0) this.#schedule(gapMs);
    else void this.#refresh();
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refresh(), ms);
    this.#timer.unref();
  }
}
