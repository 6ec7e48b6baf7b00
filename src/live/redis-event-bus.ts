import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "redis";
import { z } from "zod";
import { type OpenConnection, startReconnectingConnection, toProblemKind } from "../lib/reconnecting-connection.ts";
import { TimeoutError, withTimeout } from "../lib/with-timeout.ts";
import type { Invalidation } from "./connection-events.ts";
import { createListeners, createMemoryConsentStore, type EventBus, isOver, toConsentKey } from "./event-bus.ts";

export type RedisEventBusOptions = {
  /** `redis:` or, with TLS, `rediss:`; with user, password and database where there are any. Redis 6.2 or later. */
  readonly url: URL;
  /** Told each kind of problem at most once in half a minute; never with an address or a password. */
  onProblem(kind: string): void;
};

/** How long Redis may take to answer a command. */
const answerWithinMs = 1000;
/** How long it may take to connect, sign in and subscribe. */
const openWithinMs = 2000;
/** How often an idle line is tried. A server that hangs is found out within this and `answerWithinMs`. */
const checkEveryMs = 1000;
const longestMessage = 64 * 1024;

/** Of every key and channel of the gateway. */
export const prefix = "open-banking-gateway:v1";

const hintShape: z.ZodType<Invalidation> = z.object({
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
const messageShape = z.object({ from: z.string(), hint: hintShape });

/**
 * A bus over Redis. Listeners of this replica hear its own hints directly, before Redis has them and also when Redis is
 * down; what comes back of them through Redis is dropped. So a hint is heard here exactly once for each `publish`, and
 * a `publish` that rejects says only that the other replicas may not have heard. When Redis is down, `publish` rejects
 * at once; when it hangs, within a second. Starting while it is down is no failure: the bus starts degraded.
 */
export async function startRedisEventBus({ url, onProblem }: RedisEventBusOptions): Promise<EventBus> {
  const replica = randomUUID();
  // Channels are shared by all databases of a server, keys are not: gateways apart by database stay apart.
  const channel = `${prefix}:invalidations:${url.pathname.slice(1) || "0"}`;
  const listeners = createListeners({ onProblem });
  const known = createMemoryConsentStore();
  const keeper = await startReconnectingConnection({
    open: (signal) => openRedisConnection({ url, signal, subscription: { channel, receive } }),
    onProblem,
  });

  function receive(text: string): void {
    const message = readMessage(text);
    if (message !== null && message.from !== replica) listeners.hear(message.hint, "bus");
  }

  function line(): RedisConnection {
    const current = keeper.current();
    if (current === null) throw new Error("Redis cannot be reached.");
    return current;
  }

  return {
    async publish(hint, source = "own") {
      listeners.hear(hint, source);
      await line().run(({ publish }) => publish(channel, JSON.stringify({ from: replica, hint })));
    },
    subscribe: listeners.add,
    state: () => (keeper.current() === null ? "degraded" : "connected"),
    consents: {
      async expiryOf(connection) {
        try {
          const kept = await line().run(({ get }) => get(toKey(toConsentKey(connection))));
          const endsAt = kept !== null && isDateTime(kept) && !isOver(kept) ? kept : null;
          await (endsAt === null ? known.forget(connection) : known.keep(connection, endsAt));
          return endsAt;
        } catch {
          return known.expiryOf(connection);
        }
      },
      async keep(connection, endsAt) {
        await known.keep(connection, endsAt);
        const key = toKey(toConsentKey(connection));
        await line().run(({ setUntil, remove }) => (isOver(endsAt) ? remove(key) : setUntil(key, endsAt)));
      },
      async forget(connection) {
        await known.forget(connection);
        await line().run(({ remove }) => remove(toKey(toConsentKey(connection))));
      },
    },
    async [Symbol.asyncDispose]() {
      listeners.clear();
      await keeper[Symbol.asyncDispose]();
    },
  };
}

const toKey = (consentKey: string) => `${prefix}:consent:${consentKey}`;

const isDateTime = (text: string) => z.iso.datetime({ offset: true }).safeParse(text).success;

/** Anybody who reaches Redis can write to the channel: what is no hint is `null`. */
function readMessage(text: string): z.output<typeof messageShape> | null {
  if (text.length > longestMessage) return null;
  try {
    return messageShape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

type Commands = {
  publish(channel: string, message: string): Promise<unknown>;
  get(key: string): Promise<string | null>;
  setUntil(key: string, endsAt: string): Promise<unknown>;
  remove(key: string): Promise<unknown>;
  run(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown>;
};

export type RedisConnection = OpenConnection & {
  /**
   * Rejects when Redis refuses, or has not answered in time: within a second, where nothing shorter is asked for. The
   * line is then given up.
   */
  run<Answer>(command: (commands: Commands) => Promise<Answer>, withinMs?: number): Promise<Answer>;
};

export type RedisConnectionOptions = {
  readonly url: URL;
  readonly signal: AbortSignal;
  /** `null`: nothing is listened to. */
  readonly subscription: { readonly channel: string; receive(text: string): void } | null;
};

/**
 * A socket for commands and, with a subscription, one that listens. They live and die together, so that the line is
 * whole or gone.
 */
export async function openRedisConnection({
  url,
  signal,
  subscription,
}: RedisConnectionOptions): Promise<RedisConnection> {
  const lost = Promise.withResolvers<string>();
  const closing = new AbortController();
  const speaker = createSocketClient(url);
  const hearer = subscription === null ? null : createSocketClient(url);
  const clients = hearer === null ? [speaker] : [speaker, hearer];

  function close(kind: string): void {
    if (closing.signal.aborted) return;
    closing.abort();
    lost.resolve(kind);
    for (const client of clients) client.destroy();
  }

  for (const client of clients) {
    client.on("error", (error) => close(toProblemKind(error)));
    // The client cannot destroy a socket that has yet to connect: it is destroyed when it does.
    client.on("connect", () => {
      if (closing.signal.aborted) client.destroy();
    });
  }

  const connecting = clients.map((client) => client.connect());
  try {
    await withTimeout(Promise.all(connecting), openWithinMs, signal);
    if (hearer !== null && subscription !== null) {
      await withTimeout(hearer.subscribe(subscription.channel, subscription.receive), answerWithinMs, signal);
    }
    await check(signal);
  } catch (error) {
    close(toProblemKind(error));
    await Promise.allSettled(connecting);
    // What came first is the cause; that commands failed thereafter is not.
    throw Object.assign(new Error("The line did not open."), { code: await lost.promise });
  }

  /** Also rejects where Redis answers, but is not ready: it may still be loading, or want a password. */
  async function check(until: AbortSignal): Promise<void> {
    await withTimeout(Promise.all(clients.map((client) => client.ping())), answerWithinMs, until);
  }

  async function keepChecking(): Promise<void> {
    for (;;) {
      await pause(checkEveryMs, undefined, { signal: closing.signal });
      await check(closing.signal);
    }
  }
  keepChecking().catch((error: unknown) => close(toProblemKind(error)));

  const commands: Commands = {
    publish: (to, message) => speaker.publish(to, message),
    get: (key) => speaker.get(key),
    setUntil: (key, endsAt) => speaker.set(key, endsAt, { expiration: { type: "PXAT", value: Date.parse(endsAt) } }),
    remove: (key) => speaker.del(key),
    run: (script, keys, values) => speaker.eval(script, { keys: [...keys], arguments: [...values] }),
  };
  return {
    lost: lost.promise,
    async run(command, withinMs = answerWithinMs) {
      try {
        return await withTimeout(command(commands), withinMs);
      } catch (error) {
        const kind = toProblemKind(error);
        if (error instanceof TimeoutError) close(kind);
        throw Object.assign(new Error(`Redis has not done it: ${kind}`), { code: kind });
      }
    },
    async [Symbol.asyncDispose]() {
      close("closed");
    },
  };
}

/** A client for one socket, that neither reconnects nor queues: whoever uses it decides when to give up. */
function createSocketClient(url: URL) {
  return createClient({
    url: url.href,
    RESP: 2, // as old servers and proxies speak it, too
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: "disabled",
    commandOptions: { timeout: 0 }, // would end with the writing, not with the answer
    socket: { connectTimeout: openWithinMs, reconnectStrategy: false },
  });
}
