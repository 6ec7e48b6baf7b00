/** The event bus over Redis. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { startReconnectingConnection } from "../lib/reconnecting-connection.ts";
import { openRedisConnection, prefix, type RedisConnection } from "../lib/redis-connection.ts";
import type { Invalidation } from "./connection-events.ts";
import { createListeners, createMemoryConsentStore, type EventBus, isOver, toConsentKey } from "./event-bus.ts";

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
      at: z.iso.datetime({ offset: true }),
      reason: z.nullable(z.string()),
    }),
  ),
});
const messageShape = z.object({ from: z.string(), invalidation: invalidationShape });

/**
 * Listeners of this replica receive its own invalidations directly, before Redis has them and also when Redis is down;
 * their copies that come back through Redis are dropped. So each `publish` is received here exactly once, and one that
 * rejects only means that the other replicas may not receive it. When Redis is down, `publish` rejects at once; when it
 * hangs, within a second. Starting while it is down is no failure: the event bus starts degraded.
 */
export async function startRedisEventBus({ url, onProblem }: RedisEventBusOptions): Promise<EventBus> {
  const replica = randomUUID();
  // Channels are shared by all databases of a server, keys are not: gateways apart by database stay apart.
  const channel = `${prefix}:invalidations:${url.pathname.slice(1) || "0"}`;
  const listeners = createListeners({ onProblem });
  const known = createMemoryConsentStore();
  const redis = await startReconnectingConnection({
    open: (signal) => openRedisConnection({ url, signal, subscription: { channel, receive } }),
    onProblem,
  });

  function receive(text: string): void {
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
      await connected().run(({ publish }) => publish(channel, JSON.stringify({ from: replica, invalidation })));
    },
    subscribe: listeners.add,
    state: () => (redis.current() === null ? "degraded" : "connected"),
    consents: {
      async expiryOf(connection) {
        try {
          const stored = await connected().run(({ get }) => get(toKey(toConsentKey(connection))));
          const endsAt = stored !== null && isDateTime(stored) && !isOver(stored) ? stored : null;
          await (endsAt === null ? known.forget(connection) : known.keep(connection, endsAt));
          return endsAt;
        } catch {
          return known.expiryOf(connection);
        }
      },
      async keep(connection, endsAt) {
        await known.keep(connection, endsAt);
        const key = toKey(toConsentKey(connection));
        await connected().run(({ setUntil, remove }) => (isOver(endsAt) ? remove(key) : setUntil(key, endsAt)));
      },
      async forget(connection) {
        await known.forget(connection);
        await connected().run(({ remove }) => remove(toKey(toConsentKey(connection))));
      },
    },
    async [Symbol.asyncDispose]() {
      listeners.clear();
      await redis[Symbol.asyncDispose]();
    },
  };
}

const toKey = (consentKey: string) => `${prefix}:consent:${consentKey}`;

const isDateTime = (text: string) => z.iso.datetime({ offset: true }).safeParse(text).success;

/** `null` for anything else: everybody who reaches Redis can write to the channel. */
function readMessage(text: string): z.output<typeof messageShape> | null {
  if (text.length > maxMessageLength) return null;
  try {
    return messageShape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
