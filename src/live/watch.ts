import pLimit from "p-limit";
import type { Upstream, UpstreamClient } from "../upstream/client.ts";
import { UpstreamError } from "../upstream/errors.ts";
import type { Hint, Note, Topic } from "./events.ts";
import { type Box, createMailbox, type Mailbox } from "./mailbox.ts";

/** Something of the service that can be watched. Two of the same `key` are the same thing. */
export type Watched<State> = {
  readonly key: string;
  /** Which hints are about it. */
  readonly topics: readonly Topic[];
  /** What else may change when this has changed. */
  readonly touches: readonly Topic[];
  /** How it is now; `null`: it is not there. */
  read(upstream: Upstream): Promise<State | null>;
  isSame(a: State, b: State): boolean;
  /** Whether it will never change again. */
  isFinal(state: State): boolean;
  /** The pause between two looks grows up to this, in milliseconds. */
  readonly longestPauseMs: number;
  /** When looking by itself is of no more use (epoch, milliseconds). Hints still count. */
  looksUntil(state: State): number;
};

/**
 * Turns what a look shows into messages for one subscriber: the difference to what that subscriber has read. A message
 * that is yet to be read counts for nothing: it is replaced, or taken back when its difference is no more.
 */
export type Teller<State, Message> = {
  tell(state: State, notes: readonly Note[], box: Box<Message>): void;
  /** It is not there, or no longer. The stream ends behind this. */
  tellGone(box: Box<Message>): void;
};

/** All watches of a process: one for each thing, however many subscribers. */
export type Watches = Disposable & {
  /**
   * A stream of messages, which begins with how the thing is now. Looking starts before this returns.
   * @param viewerKey whose streams are counted together; `null`: only the process's limit holds.
   * `null`: too many streams are open, in the process or for this viewer, or the process is about to end.
   */
  open<State, Message>(
    watched: Watched<State>,
    teller: Teller<State, Message>,
    viewerKey: string | null,
  ): Mailbox<Message> | null;
  hear(hint: Hint): void;
  /** A query or mutation came to know of a state (`null`: it is gone): if that is news to this key's watch, it looks. */
  saw(key: string, state: unknown): void;
  /** Ends every stream, spread over `overMs`, and opens no more. */
  drain(overMs: number): Promise<void>;
  readonly size: { readonly watches: number; readonly streams: number; readonly timers: number };
};

export type WatchOptions = {
  readonly upstream: UpstreamClient;
  /** The most open streams, in the process and for one viewer. */
  readonly limits: { readonly streams: number; readonly streamsPerViewer: number };
  /** Told of each look that failed. */
  readonly onFault?: (error: unknown) => void;
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
/** A pause is up to this part shorter, so that watches that began together drift apart. */
const jitter = 0.2;
/** Looks of all watches that are under way at once; the rest wait, so that queries find the stack free. */
const looksAtOnce = 32;

/** Made once: with none given, each abort makes an error of its own, which costs more than all else that ends a watch. */
const nobodyLeft = new Error("nobody watches any more");

type Subscriber = {
  tell(state: unknown, notes: readonly Note[]): void;
  tellGone(): void;
  readonly mailbox: Mailbox<unknown>;
};

type Watch = {
  join(subscriber: Subscriber): void;
  leave(subscriber: Subscriber): void;
  hint(note: Note | null): void;
  saw(state: unknown): void;
  readonly timers: number;
};

export function createWatches(options: WatchOptions): Watches {
  const { limits } = options;
  const watches = new Map<string, Watch>();
  const byTopic = new Map<Topic, Set<Watch>>();
  let isDraining = false;
  const mailboxes = new Set<Mailbox<unknown>>();
  const streamsOf = new Map<string, number>();
  const limit = pLimit(looksAtOnce);
  const look = <State>(watched: Watched<State>, signal: AbortSignal, onStart: () => void) =>
    limit(async () => {
      signal.throwIfAborted();
      onStart();
      return watched.read(options.upstream.within({ signal }));
    });

  function watchOf<State>(watched: Watched<State>): Watch {
    const known = watches.get(watched.key);
    if (known !== undefined) return known;
    const watch = createWatch(watched, {
      pace: options.pace ?? 1,
      look: (signal, onStart) => look(watched, signal, onStart),
      onFault: (error) => options.onFault?.(error),
      onChange: () => options.onChange?.(watched.touches),
      onEnd() {
        watches.delete(watched.key);
        for (const topic of watched.topics) {
          const watching = byTopic.get(topic);
          watching?.delete(watch);
          if (watching?.size === 0) byTopic.delete(topic);
        }
      },
    });
    watches.set(watched.key, watch);
    for (const topic of watched.topics) {
      const watching = byTopic.get(topic);
      if (watching === undefined) byTopic.set(topic, new Set([watch]));
      else watching.add(watch);
    }
    return watch;
  }

  return {
    open<State, Message>(watched: Watched<State>, teller: Teller<State, Message>, viewerKey: string | null) {
      const open = viewerKey === null ? 0 : (streamsOf.get(viewerKey) ?? 0);
      if (isDraining || mailboxes.size >= limits.streams || open >= limits.streamsPerViewer) return null;
      if (viewerKey !== null) streamsOf.set(viewerKey, open + 1);
      const watch = watchOf(watched);
      const mailbox = createMailbox<Message>(() => {
        mailboxes.delete(mailbox as Mailbox<unknown>);
        watch.leave(subscriber);
        if (viewerKey === null) return;
        const left = (streamsOf.get(viewerKey) ?? 1) - 1;
        if (left === 0) streamsOf.delete(viewerKey);
        else streamsOf.set(viewerKey, left);
      });
      const subscriber: Subscriber = {
        mailbox: mailbox as Mailbox<unknown>,
        tell: (state, notes) => teller.tell(state as State, notes, mailbox),
        tellGone: () => teller.tellGone(mailbox),
      };
      mailboxes.add(subscriber.mailbox);
      watch.join(subscriber);
      return mailbox;
    },
    hear({ topics, note }) {
      const hinted = new Set(topics.flatMap((topic) => [...(byTopic.get(topic) ?? [])]));
      for (const watch of hinted) watch.hint(note);
    },
    saw: (key, state) => watches.get(key)?.saw(state),
    get size() {
      const timers = [...watches.values()].reduce((sum, watch) => sum + watch.timers, 0);
      return { watches: watches.size, streams: mailboxes.size, timers };
    },
    async drain(overMs) {
      isDraining = true;
      await Promise.all(
        [...mailboxes].map(async (mailbox) => {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * overMs));
          mailbox.end();
        }),
      );
    },
    [Symbol.dispose]() {
      for (const mailbox of [...mailboxes]) mailbox.end();
    },
  };
}

type WatchParts<State> = {
  readonly pace: number;
  /** Calls `onStart` when the reading starts, which may be later: looks wait for each other. */
  look(signal: AbortSignal, onStart: () => void): Promise<State | null>;
  onFault(error: unknown): void;
  onChange(): void;
  onEnd(): void;
};

/**
 * Looks at one thing: at once, on each hint, and by itself with growing pauses. It tells its subscribers what a look
 * showed; each teller compares that with what its own subscriber has seen. A fault is told to nobody: it looks again.
 */
function createWatch<State>(watched: Watched<State>, { pace, look, ...parts }: WatchParts<State>): Watch {
  const subscribers = new Set<Subscriber>();
  const leaving = new AbortController();
  let latest: { readonly state: State; readonly at: number } | undefined;
  let notes: Note[] = [];
  let looking = false;
  let hintedMeanwhile = false;
  /** What a query saw last while a look was under way. */
  let seenMeanwhile: { readonly state: State | null } | undefined;
  let lastStart = Number.NEGATIVE_INFINITY;
  let quietLooks = 0;
  let faults = 0;
  let timer: NodeJS.Timeout | undefined;

  async function lookNow(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    looking = true;
    lastStart = performance.now();
    let notesThen = notes;
    try {
      const state = await look(leaving.signal, () => {
        hintedMeanwhile = false;
        notesThen = notes;
      });
      if (leaving.signal.aborted) return;
      faults = 0;
      notes = notes.filter((note) => !notesThen.includes(note));
      show(state, notesThen);
    } catch (error) {
      if (leaving.signal.aborted) return;
      faults += 1;
      parts.onFault(error);
      // An id that the service refuses names nothing. Of what was there before, that can't be so.
      if (latest === undefined && error instanceof UpstreamError && error.kind === "invalid") show(null, []);
    } finally {
      looking = false;
    }
    if (!leaving.signal.aborted) plan();
  }

  function show(state: State | null, told: readonly Note[]): void {
    if (state === null) {
      for (const subscriber of [...subscribers]) {
        subscriber.tellGone();
        subscriber.mailbox.end();
      }
      return;
    }
    const before = latest;
    latest = { state, at: performance.now() };
    const isChange = before !== undefined && !watched.isSame(before.state, state);
    quietLooks = before === undefined || isChange ? 0 : quietLooks + 1;
    const isFinal = watched.isFinal(state);
    for (const subscriber of [...subscribers]) {
      subscriber.tell(state, told);
      if (isFinal) subscriber.mailbox.end();
    }
    if (isChange) parts.onChange();
  }

  /** When to look again by itself. */
  function plan(): void {
    const seen = seenMeanwhile;
    seenMeanwhile = undefined;
    if (hintedMeanwhile || (seen !== undefined && isNews(seen.state))) {
      lookSoon();
      return;
    }
    if (faults === 0 && latest !== undefined && Date.now() > watched.looksUntil(latest.state)) return;
    const pauseMs =
      faults > 0
        ? Math.min(longestFaultPauseMs, firstFaultPauseMs * faultPauseGrowth ** (faults - 1))
        : Math.min(watched.longestPauseMs, firstPauseMs * pauseGrowth ** quietLooks);
    wait(pace * pauseMs * (1 - jitter * Math.random()));
  }

  function isNews(state: State | null): boolean {
    return latest !== undefined && (state === null || !watched.isSame(latest.state, state));
  }

  function lookSoon(): void {
    const gapMs = lastStart + pace * shortestGapMs - performance.now();
    if (gapMs > 0) wait(gapMs);
    else void lookNow();
  }

  function wait(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void lookNow(), ms);
    timer.unref();
  }

  function hint(): void {
    if (looking) hintedMeanwhile = true;
    else lookSoon();
  }

  return {
    join(subscriber) {
      subscribers.add(subscriber);
      quietLooks = 0; // somebody has come to see: things may be about to happen
      if (looking) return;
      if (latest === undefined || performance.now() - latest.at >= pace * freshMs) {
        void lookNow();
        return;
      }
      subscriber.tell(latest.state, []);
      plan();
    },
    leave(subscriber) {
      subscribers.delete(subscriber);
      if (subscribers.size > 0 || leaving.signal.aborted) return;
      leaving.abort(nobodyLeft);
      clearTimeout(timer);
      timer = undefined;
      parts.onEnd();
    },
    hint(note) {
      // Somebody is doing something: more may follow, of which no event tells.
      if (note === null) quietLooks = 0;
      else {
        // The newest of each kind and connection: a flood of events does not pile up.
        const isAnother = (kept: Note) =>
          kept.kind !== note.kind || kept.connectionId !== note.connectionId || kept.connectorId !== note.connectorId;
        notes = [...notes.filter(isAnother), note];
      }
      hint();
    },
    saw(state) {
      if (looking) seenMeanwhile = { state: state as State | null };
      else if (isNews(state as State | null)) hint();
    },
    get timers() {
      return timer === undefined ? 0 : 1;
    },
  };
}
