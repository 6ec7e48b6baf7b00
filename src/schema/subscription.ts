/** What the fields of Subscription share: a stream of messages about one watched thing. */
import { isDeepStrictEqual } from "node:util";
import type { GraphQLError } from "graphql";
import { onTokenExpiry } from "../auth/token-expiry.ts";
import { notFound, tokenEnded, tooManyStreams } from "../errors.ts";
import type { ConflatingQueue, ReadObserver, Sink } from "../live/conflating-queue.ts";
import type { Differ, Watched } from "../live/watched.ts";
import type { Context } from "./context.ts";

/** A message of a subscription. An error is a message, too: it ends this stream in order, and no other on its socket. */
export type StreamItem<Message> = Message | GraphQLError;

/**
 * The messages about a watched thing for one subscriber. They end with the viewer's token, with an error that says so.
 * @throws RATE_LIMITED when too many streams are open.
 */
export function subscribeTo<State, Message>(
  context: Context,
  watched: Watched<State>,
  differ: Differ<State, StreamItem<Message>>,
): AsyncIterableIterator<StreamItem<Message>, undefined> {
  const { viewer, live } = context;
  const queue = live.watchers.open(watched, differ, viewer.psuId);
  if (queue === null) throw tooManyStreams();
  queue.setObserver(new Subscription(context, queue));
  return queue;
}

/** Ties a queue to its operation. A class: thousands of them wait at once, and each is to be small. */
class Subscription<Message> implements ReadObserver {
  readonly #context: Context;
  readonly #queue: ConflatingQueue<StreamItem<Message>>;
  readonly #expiry: Disposable;

  constructor(context: Context, queue: ConflatingQueue<StreamItem<Message>>) {
    this.#context = context;
    this.#queue = queue;
    this.#expiry = onTokenExpiry(context.viewer, this);
    // The executor only waits for the end, and may not even have the queue yet.
    context.operation.cancellation.addListener(this);
  }

  onExpire(): void {
    this.#queue.endWith(tokenEnded());
  }

  onCancel(): void {
    this.#queue.return();
  }

  /** Each message is resolved with fresh loaders: the old ones hold rows, which would be outdated, and kept for hours. */
  beforeRead(): void {
    this.#context.forget();
  }

  onMessage(): void {
    const { operation } = this.#context;
    operation.span = operation.span?.follow(operation.name ?? "(anonymous)") ?? null;
    operation.deadlineStartsAt = performance.now();
  }

  onEnd(): void {
    this.#expiry[Symbol.dispose]();
  }
}

/** Emits a state when the subscriber has not just read the same; at last that it is not there. */
export function createStateDiffer<State>(): Differ<State, StreamItem<State>> {
  return new StateDiffer();
}

class StateDiffer<State> implements Differ<State, StreamItem<State>> {
  #read: State | undefined;
  #emitted: State | undefined;

  diff(state: State, _events: unknown, sink: Sink<StreamItem<State>>): void {
    if (!sink.has("state")) this.#read = this.#emitted;
    if (this.#emitted !== undefined && isDeepStrictEqual(this.#emitted, state)) return;
    this.#emitted = state;
    if (this.#read !== undefined && isDeepStrictEqual(this.#read, state)) sink.drop("state");
    else sink.put("state", state);
  }

  emitGone(sink: Sink<StreamItem<State>>): void {
    sink.put("gone", notFound("id"));
  }
}

/** What a subscription's field resolves a message to. */
export function orThrow<Message>(message: StreamItem<Message>): Message {
  if (message instanceof Error) throw message;
  return message as Message;
}
