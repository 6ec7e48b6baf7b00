/** Connects to Redis, and finds out soon when it no longer answers. */
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "redis";
import { type OpenConnection, toProblemKind } from "./reconnecting-connection.ts";
import { withTimeout } from "./with-timeout.ts";

/** Of every key and channel of the gateway. */
export const prefix = "open-banking-gateway:v1";

/** How long Redis may take to answer a command. */
const answerWithinMs = 1000;
/** How long it may take to connect, sign in and subscribe. */
const openWithinMs = 2000;
/** How often an idle connection is tried. A server that hangs is found out within this and `answerWithinMs`. */
const checkEveryMs = 1000;

export type RedisCommands = {
  publish(channel: string, message: string): Promise<unknown>;
  get(key: string): Promise<string | null>;
  setUntil(key: string, value: string, untilMs: number): Promise<unknown>;
  /** Only where there is a value, until that one would have ended. */
  replace(key: string, value: string): Promise<unknown>;
  run(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown>;
};

export type RedisConnection = OpenConnection & {
  /**
   * Rejects when Redis refuses, or has not answered in time: within a second where nothing shorter is set. Either closes
   * the connection: a Redis that was demoted, is full or denies a command refuses the next one, too.
   */
  run<Answer>(command: (commands: RedisCommands) => Promise<Answer>, withinMs?: number): Promise<Answer>;
};

export type RedisConnectionOptions = {
  readonly url: URL;
  readonly signal: AbortSignal;
  /** `null`: for commands only. */
  readonly subscription: { readonly channel: string; receive(text: string): void } | null;
  /** What it is needed for, done before it opens, and then each second; when that fails, the connection is lost. */
  readonly attempt?: (commands: RedisCommands) => Promise<unknown>;
};

/**
 * A socket for commands and, with a subscription, one that subscribes. When one is lost, both are closed: a connection
 * never works by half.
 */
export async function openRedisConnection({
  url,
  signal,
  subscription,
  attempt,
}: RedisConnectionOptions): Promise<RedisConnection> {
  const lost = Promise.withResolvers<string>();
  const closing = new AbortController();
  const commander = createSocketClient(url);
  const subscriber = subscription === null ? null : createSocketClient(url);
  const clients = subscriber === null ? [commander] : [commander, subscriber];

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

  const commands: RedisCommands = {
    publish: (to, message) => commander.publish(to, message),
    get: (key) => commander.get(key),
    setUntil: (key, value, untilMs) => commander.set(key, value, { expiration: { type: "PXAT", value: untilMs } }),
    replace: (key, value) => commander.set(key, value, { condition: "XX", expiration: "KEEPTTL" }),
    run: (script, keys, values) => commander.eval(script, { keys: [...keys], arguments: [...values] }),
  };

  const connecting = clients.map((client) => client.connect());
  try {
    await withTimeout(Promise.all(connecting), openWithinMs, signal);
    if (subscriber !== null && subscription !== null) {
      await withTimeout(subscriber.subscribe(subscription.channel, subscription.receive), answerWithinMs, signal);
    }
    await check(signal);
  } catch (error) {
    close(toProblemKind(error));
    await Promise.allSettled(connecting);
    // What came first is the cause; that commands failed thereafter is not.
    throw Object.assign(new Error("The connection did not open."), { code: await lost.promise });
  }

  /** Also rejects where Redis answers, but is of no use: it may still be loading, want a password, or refuse writes. */
  async function check(until: AbortSignal): Promise<void> {
    const pings = clients.map((client) => client.ping());
    await withTimeout(Promise.all([...pings, attempt?.(commands)]), answerWithinMs, until);
  }

  async function keepChecking(): Promise<void> {
    for (;;) {
      await pause(checkEveryMs, undefined, { signal: closing.signal });
      await check(closing.signal);
    }
  }
  keepChecking().catch((error: unknown) => close(toProblemKind(error)));

  return {
    lost: lost.promise,
    async run(command, withinMs = answerWithinMs) {
      try {
        return await withTimeout(command(commands), withinMs);
      } catch (error) {
        const kind = toProblemKind(error);
        close(kind);
        throw Object.assign(new Error(`Redis has not done it: ${kind}`), { code: kind });
      }
    },
    async [Symbol.asyncDispose]() {
      close("closed");
    },
  };
}

/** A client for one socket, that neither reconnects nor queues: the caller decides when to give up. */
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
