/** Consumes the stack's events from its NATS broker. */
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { type ConsumerMessages, DeliverPolicy, jetstreamManager, type StreamInfo } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type OpenConnection, startReconnectingConnection, toProblemKind } from "../lib/reconnecting-connection.ts";
import { decodeUtf8 } from "../lib/utf8.ts";
import { withTimeout } from "../lib/with-timeout.ts";
import { type Invalidation, toInvalidation } from "./connection-events.ts";

export type NatsConsumerOptions = {
  /** `nats://` or `tls://`, with `user:password@` or `token@`; several servers of one cluster with commas between. */
  readonly url: URL | string;
  /** The stack's event topic; wildcards may stand in it. */
  readonly subject: string;
  onInvalidation(invalidation: Invalidation): void;
  /** Called at most once in half a minute for each kind of problem; never with an address or a password. */
  onProblem(kind: string): void;
};

export type NatsConsumer = AsyncDisposable & {
  /** `degraded`: no event arrives. It recovers by itself. */
  state(): "connected" | "degraded";
};

/** How long the server may take to send its greeting, to sign in, or to answer a request. */
const answerWithinMs = 2000;
/** A server that hangs is found out within twice this. */
const checkEveryMs = 2000;
/** How long the server keeps a consumer that is disconnected, and what it has missed. */
const inactiveThresholdMs = 5 * 60_000;

/** Where to continue in a stream. */
type Position = { readonly stream: string; readonly created: string; next: number };

/**
 * Where a JetStream stream holds the subject, an ephemeral consumer gets what is new, and after an outage what it has
 * missed, if the stream still has it. Elsewhere it is a plain subscription, which misses what is sent while it is
 * disconnected. Every replica gets every message. Starting while the server is down is no failure: it starts degraded.
 */
export async function startNatsConsumer(options: NatsConsumerOptions): Promise<NatsConsumer> {
  const { subject, onProblem } = options;
  const servers = options.url.toString().split(",").map(toServer);
  let attempts = 0;
  let position: Position | null = null;

  function receive(data: Uint8Array): void {
    const invalidation = readInvalidation(data);
    if (invalidation === null) return;
    try {
      options.onInvalidation(invalidation);
    } catch (error) {
      onProblem(`a listener failed: ${error instanceof Error ? error.name : typeof error}`);
    }
  }

  async function open(signal: AbortSignal): Promise<OpenConnection> {
    const server = servers[attempts % servers.length] ?? toServer("");
    attempts += 1;
    await awaitGreeting(server, signal);
    const connection = await connect({
      servers: `${server.host}:${server.port}`,
      ...server.credentials,
      ...(server.tls && { tls: {} }),
      name: "open-banking-gateway",
      timeout: answerWithinMs,
      pingInterval: checkEveryMs,
      maxPingOut: 1,
      reconnect: false, // done here, because the stream must be found anew each time
      ignoreClusterUpdates: true,
    });
    const lost = Promise.withResolvers<string>();
    const onLost = (error: unknown) => lost.resolve(error === undefined ? "closed" : toProblemKind(error));
    connection.closed().then(onLost, onLost);
    const close = () => void connection.close();
    signal.addEventListener("abort", close, { once: true });
    try {
      const stream = await findStream(connection, subject);
      const subscription =
        stream === null ? await subscribe(connection, onLost) : await consume(connection, stream, onLost);
      return {
        lost: lost.promise,
        async [Symbol.asyncDispose]() {
          await subscription.stop();
          await connection.close();
        },
      };
    } catch (error) {
      await connection.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  async function subscribe(connection: NatsConnection, onLost: (error: unknown) => void): Promise<Subscription> {
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (error) onLost(error);
        else receive(message.data);
      },
    });
    await withTimeout(connection.flush(), answerWithinMs); // the server now knows
    return { stop: async () => {} };
  }

  async function consume(
    connection: NatsConnection,
    { config, created, state }: StreamInfo,
    onLost: (error: unknown) => void,
  ): Promise<Subscription> {
    const isSameStream = position?.stream === config.name && position.created === created;
    const at: Position =
      isSameStream && position !== null && position.next <= state.last_seq
        ? position
        : { stream: config.name, created, next: state.last_seq + 1 };
    position = at;
    const { consumers } = (
      await jetstreamManager(connection, { checkAPI: false, timeout: answerWithinMs })
    ).jetstream();
    const consumer = await consumers.get(config.name, {
      filter_subjects: subject,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: at.next,
      inactive_threshold: inactiveThresholdMs,
    });
    const messages: ConsumerMessages = await consumer.consume({
      expires: 10_000,
      abort_on_missing_resource: true, // a stream that was deleted: the connection starts anew
      callback: (message) => {
        at.next = message.seq + 1;
        receive(message.data);
      },
    });
    messages.closed().then(onLost, onLost);
    return {
      async stop() {
        await messages.close();
        await consumer.delete().catch(() => false); // the connection may be gone; the server then forgets it by itself
      },
    };
  }

  const nats = await startReconnectingConnection({ open, onProblem });
  return {
    state: () => (nats.current() === null ? "degraded" : "connected"),
    [Symbol.asyncDispose]: () => nats[Symbol.asyncDispose](),
  };
}

type Subscription = { stop(): Promise<void> };

type Server = {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly credentials: { readonly user: string; readonly pass: string } | { readonly token: string } | null;
};

function toServer(text: string): Server {
  const url = new URL(text.includes("://") ? text.trim() : `nats://${text.trim()}`);
  const name = decodeURIComponent(url.username);
  const pass = decodeURIComponent(url.password);
  return {
    host: url.hostname || "127.0.0.1",
    port: Number(url.port || 4222),
    tls: url.protocol === "tls:",
    credentials: pass !== "" ? { user: name, pass } : name !== "" ? { token: name } : null,
  };
}

/**
 * Resolves when the server has sent its first bytes. The client library would leave a socket open for each attempt on a
 * server that accepts and stays silent.
 */
async function awaitGreeting({ host, port }: Server, signal: AbortSignal): Promise<void> {
  const socket = connectSocket({ host: host.replace(/^\[|\]$/g, ""), port });
  try {
    await withTimeout(once(socket, "data"), answerWithinMs, signal);
  } finally {
    socket.destroy();
  }
}

/** The stream that holds all of the subject. `null`: there is none, or the server does not let us know. */
async function findStream(connection: NatsConnection, subject: string): Promise<StreamInfo | null> {
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: answerWithinMs });
    for await (const stream of manager.streams.list(subject)) {
      const covers = stream.config.subjects.some((pattern) => isCovered(subject, pattern));
      const mayBeRead = stream.config.retention !== "workqueue"; // where each message goes to one consumer only
      if (covers && mayBeRead) return stream;
    }
    return null;
  } catch (error) {
    if (connection.isClosed()) throw error;
    return null;
  }
}

/** Whether every subject that `subject` means is one that `pattern` means. */
function isCovered(subject: string, pattern: string): boolean {
  const tokens = subject.split(".");
  const wanted = pattern.split(".");
  for (const [index, token] of wanted.entries()) {
    if (token === ">") return tokens.length > index;
    if (tokens[index] === undefined || tokens[index] === ">") return false;
    if (token !== "*" && token !== tokens[index]) return false;
  }
  return tokens.length === wanted.length;
}

function readInvalidation(data: Uint8Array): Invalidation | null {
  try {
    return toInvalidation(JSON.parse(decodeUtf8(data) ?? ""));
  } catch {
    return null;
  }
}
