/** What a watcher has to know of the thing that it watches, and of one subscriber. */
import type { Upstream } from "../upstream/client.ts";
import type { Sink } from "./conflating-queue.ts";
import type { ConnectionEvent, Topic } from "./connection-events.ts";

/** Something of the service that can be watched. Two of the same `key` are the same thing. */
export type Watched<State> = {
  readonly key: string;
  /** An invalidation of one of these is about it. */
  readonly topics: readonly Topic[];
  /** What else may change when this has changed. */
  readonly invalidates: readonly Topic[];
  /** How it is now, given how it was when it was read before; `null`: it is not there. */
  read(upstream: Upstream, before: State | null): Promise<State | null>;
  isSame(a: State, b: State): boolean;
  /** Whether it will never change again. */
  isFinal(state: State): boolean;
  /** The pause between two refreshes grows up to this, in milliseconds. */
  readonly maxPauseMs: number;
  /** Whether polling is of no more use. Invalidations still count. */
  isSettled(state: State): boolean;
  /** When the clock alone will change it (epoch, milliseconds): then it is refreshed. `Infinity`: never. */
  changesAt(state: State): number;
};

/**
 * Turns each state into messages for one subscriber: the difference to what that subscriber has read. An unread message
 * does not count: it is replaced, or dropped when its difference is no more.
 */
export type Differ<State, Message> = {
  diff(state: State, events: readonly ConnectionEvent[], sink: Sink<Message>): void;
  /** It is not there, or no longer. The stream ends after this. */
  emitGone(sink: Sink<Message>): void;
};
