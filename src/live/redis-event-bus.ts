/** The event bus over Redis. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { startReconnectingConnection } from "../lib/reconnecting-connection.ts";
import { openRedisConnection, prefix, type RedisCommands, type RedisConnection } from "../lib/redis-connection.ts";
import { time } from "../upstream/wire-types.ts";
import type { Invalidation } from "./connection-events.ts";
import {
  createListeners,
  createMemoryConsentStore,
  type EventBus,
  isOver,
  keptUntil,
  toConsentKey,
} from "./event-bus.ts";

export type RedisEventBusOptions = {
  /** `redis:` or, with TLS, `rediss:`; with user, password and database where there are any. Redis 6.2 or later. */
  readonly url: URL;
  /** Called at most once in half a minute for each kind of problem; never with an address or a password. */
  onProblem(kind: string): void;
};

const maxMessageLength = 64 * 1024;

const invalidationShape: z.ZodType<Invalidation> = z.object({
  topics: z.array(z.templateLiteral([z.enum(["attempts", "connections", "task"]), ":", z.string().min(1)])),
  event: z.nullable(
    z.object({
      kind: z.enum(["DATA_SYNCED", "PENDING_DISCONNECT", "DISCONNECTED", "RECONNECTED"]),
      psuId: z.guid(),
      connectorId: z.string().min(1),
      connectionId: z.string(),
      at: time,
      reason: z.nullable(z.string()),
    }),
  ),
});
const messageShape = z.object({ from: z.string(), invalidation: invalidationShape });

/**
 * Listeners of this replica receive its own invalidations directly, before Redis has them and also when Redis is down;
 * their copies that come back through Redis are dropped. So each `publish` is received here exactly once, and one that
 * rejects only means that the other replicas may not receive it. When Redis is down, `publish` rejects at once; when it
 * hangs, within a second. One that answers, but refuses what the event bus is needed for, is as good as one that is down:
 * it may have been demoted, be full, or deny a command. Starting while it is down is no failure: the event bus starts
 * degraded.
 */
export async function startRedisEventBus({ url, onProblem }: RedisEventBusOptions): Promise<EventBus> {
  const replica = randomUUID();
  // Channels are shared by all databases of a server, keys are not: gateways apart by database stay apart.
  const channel = `${prefix}:invalidations:${url.pathname.slice(1) || "0"}`;
  const listeners = createListeners({ onProblem });
  const known = createMemoryConsentStore();
  const ownEcho = `echo ${replica}`;
  let echo = Promise.withResolvers<void>();
  const redis = await startReconnectingConnection({
    open: (signal) => openRedisConnection({ url, signal, subscription: { channel, receive }, attempt }),
    onProblem,
  });

  /** The whole way of an invalidation, and what is needed of keys. Changes nothing. */
  async function attempt(commands: RedisCommands): Promise<void> {
    echo = Promise.withResolvers();
    await Promise.all([
      commands.publish(channel, ownEcho),
      echo.promise,
      commands.get(toKey("attempt")),
      ...attemptedKeys.map((key) => commands.replace(key, "")),
    ]);
  }

  function receive(text: string): void {
    if (text === ownEcho) echo.resolve();
    if (text.startsWith("echo ")) return;
    const message = readMessage(text);
    if (message !== null && message.from !== replica) listeners.notify(message.invalidation, "bus");
  }

  function connected(): RedisConnection {
    const current = redis.current();
    if (current === null) throw new Error("Redis cannot be reached.");
    return current;
  }

  return {
    async publish(invalidation, source = "own") {
      listeners.notify(invalidation, source);
      const message = JSON.stringify({ from: replica, invalidation });
      // A master that was demoted refuses writes, but takes messages, which then reach only those who listen there.
      await connected().run(({ publish, replace }) =>
        Promise.all([publish(channel, message), replace(toKey("attempt"), "")]),
      );
    },
    subscribe: listeners.add,
    state: () => (redis.current() === null ? "degraded" : "connected"),
    consents: {
      async expiryOf(connection) {
        try {
          const stored = await connected().run(({ get }) => get(toKey(toConsentKey(connection))));
          // Redis may have been emptied: what is forgotten on purpose stands there as such.
          if (stored === null) return await known.expiryOf(connection);
          const endsAt = isDateTime(stored) && !isOver(stored) ? stored : null;
          await (endsAt === null ? known.forget(connection) : known.keep(connection, endsAt));
          return endsAt;
        } catch {
          return known.expiryOf(connection);
        }
      },
      async keep(connection, endsAt) {
        await known.keep(connection, endsAt);
        const key = toKey(toConsentKey(connection));
        await connected().run(({ setUntil, replace }) =>
          isOver(endsAt) ? replace(key, forgotten) : setUntil(key, endsAt, keptUntil(endsAt)),
        );
      },
      async forget(connection) {
        await known.forget(connection);
        await connected().run(({ replace }) => replace(toKey(toConsentKey(connection)), forgotten));
      },
    },
    async [Symbol.asyncDispose]() {
      listeners.clear();
      await redis[Symbol.asyncDispose]();
    },
  };
}

function toKey(consentKey: string): string {
  return `${prefix}:consent:${consentKey}`;
}

/** In place of a date, for the other replicas, which would go by what they know themselves if there were nothing. */
const forgotten = "forgotten";

/** Several, since in a cluster each server has only some of the keys. */
const attemptedKeys = Array.from({ length: 8 }, (_, index) => toKey(`attempt:${index}`));

const isDateTime = (text: string) => time.safeParse(text).success;

/** `null` for anything else: everybody who reaches Redis can write to the channel. */
function readMessage(text: string): z.output<typeof messageShape> | null {
  if (text.length > maxMessageLength) return null;
  try {
    return messageShape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
