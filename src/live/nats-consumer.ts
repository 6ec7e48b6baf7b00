import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { type ConsumerMessages, DeliverPolicy, jetstreamManager, type StreamInfo } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type OpenConnection, startReconnectingConnection, toProblemKind } from "../lib/reconnecting-connection.ts";
import { withTimeout } from "../lib/with-timeout.ts";
import { type Invalidation, toInvalidation } from "./connection-events.ts";

export type NatsConsumerOptions = {
  /** `nats://` or `tls://`, with `user:password@` or `token@`; several servers of one cluster with commas between. */
  readonly url: URL | string;
  /** The stack's event topic; wildcards may stand in it. */
  readonly subject: string;
  /** Told each event that is a hint. */
  onInvalidation(hint: Invalidation): void;
  /** Told each kind of problem at most once in half a minute; never with an address or a password. */
  onProblem(kind: string): void;
};

export type NatsConsumer = AsyncDisposable & {
  /** `degraded`: no event arrives. It mends itself. */
  state(): "connected" | "degraded";
};

/** How long the server may take to greet, to sign in, or to answer a request. */
const answerWithinMs = 2000;
/** A server that hangs is found out within twice this. */
const checkEveryMs = 2000;
/** How long the server keeps a consumer, and what it has missed, for a reader that is away. */
const keptForMs = 5 * 60_000;

/** Where to read on in a stream. */
type Position = { readonly stream: string; readonly created: string; next: number };

/**
 * Reads the stack's events from its broker. Where a JetStream stream holds the subject, an ephemeral consumer of this
 * reader's own gets what is new, and after an outage what it has missed, if the stream still has it. Elsewhere it is a
 * plain subscription, which misses what is sent while it is away. Every reader gets every message.
 * Starting while the server is down is no failure: the reader starts degraded.
 */
export async function startNatsConsumer(options: NatsConsumerOptions): Promise<NatsConsumer> {
  const { subject, onProblem } = options;
  const servers = options.url.toString().split(",").map(toServer);
  let attempts = 0;
  let position: Position | null = null;

  function receive(data: Uint8Array): void {
    const hint = readHint(data);
    if (hint === null) return;
    try {
      options.onInvalidation(hint);
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
      reconnect: false, // done here, because the stream must be looked up anew each time
      ignoreClusterUpdates: true,
    });
    const lost = Promise.withResolvers<string>();
    const lose = (error: unknown) => lost.resolve(error === undefined ? "closed" : toProblemKind(error));
    connection.closed().then(lose, lose);
    const leave = () => void connection.close();
    signal.addEventListener("abort", leave, { once: true });
    try {
      const stream = await findStream(connection, subject);
      const reading = stream === null ? await subscribe(connection, lose) : await consume(connection, stream, lose);
      return {
        lost: lost.promise,
        async [Symbol.asyncDispose]() {
          await reading.stop();
          await connection.close();
        },
      };
    } catch (error) {
      await connection.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  async function subscribe(connection: NatsConnection, lose: (error: unknown) => void): Promise<Reading> {
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (error) lose(error);
        else receive(message.data);
      },
    });
    await withTimeout(connection.flush(), answerWithinMs); // the server now knows
    return { stop: async () => {} };
  }

  async function consume(
    connection: NatsConnection,
    { config, created, state }: StreamInfo,
    lose: (error: unknown) => void,
  ): Promise<Reading> {
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
      inactive_threshold: keptForMs,
    });
    const messages: ConsumerMessages = await consumer.consume({
      expires: 10_000,
      abort_on_missing_resource: true, // a stream that was deleted: all is looked up anew
      callback: (message) => {
        at.next = message.seq + 1;
        receive(message.data);
      },
    });
    messages.closed().then(lose, lose);
    return {
      async stop() {
        await messages.close();
        await consumer.delete().catch(() => false); // the connection may be gone; the server then forgets it by itself
      },
    };
  }

  const keeper = await startReconnectingConnection({ open, onProblem });
  return {
    state: () => (keeper.current() === null ? "degraded" : "connected"),
    [Symbol.asyncDispose]: () => keeper[Symbol.asyncDispose](),
  };
}

type Reading = { stop(): Promise<void> };

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

function readHint(data: Uint8Array): Invalidation | null {
  try {
    return toInvalidation(JSON.parse(new TextDecoder().decode(data)));
  } catch {
    return null;
  }
}
