import { isDeepStrictEqual } from "node:util";
import type { GraphQLError } from "graphql";
import { onExpiry } from "./auth.ts";
import type { Context } from "./context.ts";
import { notFound, tokenEnded, tooManyStreams } from "./errors.ts";
import type { Teller, Watched } from "./live/watch.ts";

/** A message of a subscription. An error is a message, too: it ends this stream in order, and no other on its socket. */
export type Streamed<Message> = Message | GraphQLError;

/**
 * The messages about a watched thing for one subscriber. Each message is resolved with fresh loaders, since those of
 * an operation would answer with what they read for the message before.
 * It ends with the viewer's token, and says so.
 * @throws RATE_LIMITED when too many streams are open.
 */
export function openStream<State, Message>(
  context: Context,
  watched: Watched<State>,
  teller: Teller<State, Streamed<Message>>,
): AsyncIterableIterator<Streamed<Message>, undefined> {
  const { viewer, live, loaders, operation } = context;
  const mailbox = live.watches.open(watched, teller, viewer.psuId);
  if (mailbox === null) throw tooManyStreams();
  let isExpired = false;
  const expiry = onExpiry(viewer, () => {
    isExpired = true;
    void mailbox.return?.();
  });
  const end = () => {
    isExpired = false;
    expiry[Symbol.dispose]();
    return mailbox.return?.() ?? Promise.resolve({ done: true, value: undefined });
  };
  // Whoever leaves before the stream has come to its transport has nobody else to end it.
  operation.signal.addEventListener("abort", end, { once: true });
  if (operation.signal.aborted) end();
  return {
    async next() {
      const result = await mailbox.next();
      if (result.done && isExpired) {
        isExpired = false;
        return { done: false, value: tokenEnded() };
      }
      if (result.done) expiry[Symbol.dispose]();
      else operation.span = operation.span?.follow(operation.name ?? "(anonymous)") ?? null;
      operation.turnAt = performance.now();
      loaders.clear();
      return result;
    },
    return: end,
    throw: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Tells a state when it is not the one that this subscriber read last; then that it is not there. */
export function createStateTeller<State>(): Teller<State, Streamed<State>> {
  let read: State | undefined;
  let told: State | undefined;
  return {
    tell(state, _notes, box) {
      if (!box.has("state")) read = told;
      if (told !== undefined && isDeepStrictEqual(told, state)) return;
      told = state;
      if (read !== undefined && isDeepStrictEqual(read, state)) box.drop("state");
      else box.put("state", state);
    },
    tellGone: (box) => box.put("gone", notFound("id")),
  };
}

/** What a subscription's field resolves a message to. */
export function orThrow<Message>(message: Streamed<Message>): Message {
  if (message instanceof Error) throw message;
  return message as Message;
}
