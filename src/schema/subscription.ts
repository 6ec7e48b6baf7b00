import { isDeepStrictEqual } from "node:util";
import type { GraphQLError } from "graphql";
import { onTokenExpiry } from "../auth/token-expiry.ts";
import { notFound, tokenEnded, tooManyStreams } from "../errors.ts";
import type { ConflatingQueue, Sink, Transform } from "../live/conflating-queue.ts";
import type { Differ, Watched } from "../live/watcher.ts";
import type { Context } from "./context.ts";

/** A message of a subscription. An error is a message, too: it ends this stream in order, and no other on its socket. */
export type StreamItem<Message> = Message | GraphQLError;

/**
 * The messages about a watched thing for one subscriber. Each message is resolved with fresh loaders, since those of
 * an operation would answer with what they read for the message before.
 * It ends with the viewer's token, and says so.
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
  return new Stream(context, queue);
}

/** A class, and no promise of its own: thousands of them wait at once, and each is to be small. */
class Stream<Message> implements AsyncIterableIterator<StreamItem<Message>, undefined>, Transform<StreamItem<Message>> {
  readonly #context: Context;
  readonly #queue: ConflatingQueue<StreamItem<Message>>;
  readonly #expiry: Disposable;
  #isExpired = false;

  constructor(context: Context, queue: ConflatingQueue<StreamItem<Message>>) {
    this.#context = context;
    this.#queue = queue;
    queue.setTransform(this);
    this.#expiry = onTokenExpiry(context.viewer, this);
    // What reads it waits for its end and nothing else, and may not even have it yet.
    context.operation.cancellation.addListener(this);
  }

  onExpire(): void {
    this.#isExpired = true;
    this.#queue.return();
  }

  onCancel(): void {
    this.return();
  }

  next(): Promise<Told<Message>> {
    // The rows that the message before has left would lie there for hours.
    this.#context.forget();
    return this.#queue.next();
  }

  transform(told: Told<Message>): Told<Message> {
    const { operation } = this.#context;
    if (told.done && this.#isExpired) {
      this.#isExpired = false;
      return { done: false, value: tokenEnded() };
    }
    if (told.done) this.#expiry[Symbol.dispose]();
    else operation.span = operation.span?.follow(operation.name ?? "(anonymous)") ?? null;
    operation.deadlineStartsAt = performance.now();
    return told;
  }

  return(): Promise<Told<Message>> {
    this.#isExpired = false;
    this.#expiry[Symbol.dispose]();
    return this.#queue.return();
  }

  throw(): Promise<Told<Message>> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

type Told<Message> = IteratorResult<StreamItem<Message>, undefined>;

/** Tells a state when it is not the one that this subscriber read last; then that it is not there. */
export function createStateDiffer<State>(): Differ<State, StreamItem<State>> {
  return new StateDiffer();
}

class StateDiffer<State> implements Differ<State, StreamItem<State>> {
  #read: State | undefined;
  #told: State | undefined;

  diff(state: State, _notes: unknown, sink: Sink<StreamItem<State>>): void {
    if (!sink.has("state")) this.#read = this.#told;
    if (this.#told !== undefined && isDeepStrictEqual(this.#told, state)) return;
    this.#told = state;
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
