import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { DocumentNode, ExecutionArgs } from "graphql";
import {
  CloseCode,
  type WebSocket as GraphqlSocket,
  handleProtocols,
  MessageType,
  makeServer,
  parseMessage,
} from "graphql-ws";
import { isAsyncIterable } from "graphql-yoga";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { onTokenExpiry } from "../auth/token-expiry.ts";
import type { Viewer } from "../auth/viewer.ts";
import { badUserInput, tokenEnded, tooManyStreams } from "../errors.ts";
import { Cancellation } from "../lib/cancellation.ts";
import { TimerWheel } from "../lib/timer-wheel.ts";
import { createOperation, type Prepared } from "../operation.ts";
import type { Gateway } from "./yoga.ts";

export type WebSockets = {
  size(): number;
  /**
   * Sends every client elsewhere with 1001, spread over `overMs`, so that not all come back at once. A socket whose
   * query or mutation is under way is closed behind its answer, `graceMs` later at the most.
   */
  drain(overMs: number, graceMs: number): Promise<void>;
};

const longestOperationId = 255;
/** A client with this much to read yet, in bytes, is not listened to before it reads on. */
const unreadBytes = 1024 * 1024;

/** How long a query or mutation that is under way when its token ends may take to answer. */
const lastAnswerMs = 5000;

/** How long a client may take to say who it is. */
const greetingMs = 3000;

/** A well-formed message that no client may send: graphql-ws throws at it as at a fault of its own. */
function isServersOwn(message: string): boolean {
  const { type } = parseMessage(message);
  return type === MessageType.ConnectionAck || type === MessageType.Next || type === MessageType.Error;
}

/** A socket with all that is known of it. Classes, and listeners for all: there are thousands of sockets. */
class Client extends WebSocket {
  /** Set before anything is heard of it. */
  connection!: Connection;
}

/** Who is asking on a socket, and what runs. */
class Connection implements GraphqlSocket {
  readonly client: Client;
  readonly address: string | null;
  /** Mostly one: a list has less room than a map. */
  running: Running[] = [];
  viewer: Viewer | null = null;
  isAlive = true;
  /** The viewer's token has ended, and the socket ends with it. */
  isOver = false;
  expiry: Disposable | null = null;
  patience: NodeJS.Timeout | undefined;
  hear: ((text: string) => Promise<void>) | null = null;
  onEnd: ((code: number, reason: string) => Promise<void>) | null = null;

  constructor(client: Client, address: string | null) {
    this.client = client;
    this.address = address;
  }

  get protocol(): string {
    return this.client.protocol;
  }

  onMessage(hear: (text: string) => Promise<void>): void {
    this.hear = hear;
  }

  /** Resolves once it is on its way: a stream waits with its next message, which may be newer by then. */
  send(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.client.readyState !== WebSocket.OPEN) return resolve();
      this.client.send(text, () => {
        this.listenAgain();
        resolve();
      });
    });
  }

  close(code?: number, reason?: string): void {
    this.client.close(code, reason);
  }

  hold(): void {
    if (this.client.bufferedAmount > unreadBytes) this.client.pause();
  }

  listenAgain(): void {
    if (this.client.isPaused && this.client.bufferedAmount < unreadBytes) this.client.resume();
  }

  onExpire(): void {
    this.isOver = true;
    void sendOff(this, performance.now() + lastAnswerMs, CloseCode.Forbidden, "Forbidden");
  }

  /** The operation that this message has begun. */
  runningOf(params: object): Running | undefined {
    return this.running.find((one) => one.params === params);
  }

  forget(running: Running): void {
    this.running = this.running.filter((one) => one !== running);
  }
}

class Running extends Cancellation {
  readonly params: object;
  /** Its one answer is yet to come. */
  isDue = true;

  constructor(params: object) {
    super();
    this.params = params;
  }
}

/** What graphql-ws keeps of an operation: the rest goes once it runs. */
class Start implements Omit<ExecutionArgs, "schema"> {
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly rootValue = undefined;
  readonly contextValue = undefined;
  #prepared: Prepared | null;

  constructor(prepared: Prepared) {
    this.document = prepared.document;
    this.operationName = prepared.operationName;
    this.#prepared = prepared;
  }

  run(): ReturnType<Prepared["run"]> {
    const prepared = this.#prepared;
    this.#prepared = null;
    if (prepared === null) throw new Error("It runs already.");
    return prepared.run();
  }
}

/**
 * `graphql-transport-ws` at `/graphql`: queries, mutations and subscriptions, each checked as one over HTTP. A wrong
 * operation ends with its errors and leaves its siblings alone. The viewer is whom `connectionParams` tells.
 *
 * @param pingMs between two pings; a socket that does not answer one before the next is dead.
 */
export function serveWebSockets(server: HttpServer, gateway: Gateway, pingMs = 12_000): WebSockets {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: gateway.requestBytes,
    handleProtocols,
    // Each message in a turn of its own: an operation that was left is over by then, and its id can be used again.
    allowSynchronousEvents: false,
    clientTracking: false,
    WebSocket: Client,
  });
  const connections = new Set<Connection>();
  const pings = new TimerWheel<Connection>(pingMs, ping);
  /** When the grace period ends, once clients are sent elsewhere. */
  let graceEndsAt: number | null = null;

  const graphql = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: 0, // what it waits with would stay for as long as the socket is open
    async onConnect(context) {
      const { authorization, Authorization } = context.connectionParams ?? {};
      const header = typeof authorization === "string" ? authorization : Authorization;
      const { extra } = context;
      clearTimeout(extra.patience);
      extra.patience = undefined;
      const signIn = createOperation(null, new Cancellation());
      // For as long as the socket is open: neither a token to be found in memory, nor its room.
      Object.assign(context, { connectionParams: undefined });
      try {
        const viewer = await gateway.admit(typeof header === "string" ? header : null, extra.address);
        // The socket ends as a whole: a client takes a stream that ends by itself for done.
        extra.viewer = { ...viewer, expiresAt: null };
        extra.expiry = onTokenExpiry(viewer, extra);
        return true;
      } catch (error) {
        const { extensions } = gateway.reject(signIn, error);
        // What may be better later is no refusal: clients come back by themselves.
        if (extensions["retryable"] === true) extra.client.close(1013, "Try again later");
        return false; // 4403
      }
    },
    async onSubscribe({ extra }, id, params) {
      if (graceEndsAt !== null) {
        await sendOff(extra, graceEndsAt);
        return [tooManyStreams()]; // to nobody: the socket is closed
      }
      if (extra.isOver) return [tokenEnded()];
      if (id.length > longestOperationId) return [badUserInput("The id of an operation is too long.", "id")];
      const running = new Running(params);
      if (extra.running.length === 0) extra.running = [running];
      else extra.running.push(running);
      const operation = createOperation(null, running, extra.viewer);
      operation.address = extra.address;
      const prepared = await gateway.prepare({ ...params }, operation);
      // Kept for as long as the operation runs; its document is kept once for all.
      Object.assign(params, { query: "", variables: null, extensions: null });
      if ("run" in prepared) return new Start(prepared) as object as ExecutionArgs;
      extra.forget(running); // refused: it will not be told as complete
      return prepared;
    },
    execute: (args) => (args as object as Start).run(),
    subscribe: (args) => (args as object as Start).run(),
    onOperation({ extra }, _id, params, _args, result) {
      const running = extra.runningOf(params);
      if (running !== undefined && isAsyncIterable(result)) running.isDue = false;
    },
    async onComplete({ extra }, _id, params) {
      const running = extra.runningOf(params);
      if (running !== undefined) {
        running.cancel();
        extra.forget(running);
      }
      // A client takes a completed stream for done, but opens it again elsewhere when its socket goes away.
      if (graceEndsAt !== null) await sendOff(extra, graceEndsAt);
    },
  });

  function serve(client: Client, request: IncomingMessage): void {
    const connection = new Connection(client, gateway.addressOf(request));
    client.connection = connection;
    connections.add(connection);
    pings.add(connection);
    connection.patience = setTimeout(loseOnesPatience, greetingMs, client);
    connection.onEnd = graphql.opened(connection, connection);
    client.on("message", onMessage);
    client.on("ping", onPing);
    client.on("pong", onPong);
    client.on("error", ignore); // closes by itself, with the code for what was wrong
    client.on("close", onClose);
  }

  function onClose(this: WebSocket, code: number, reason: Buffer): void {
    const { connection } = this as Client;
    clearTimeout(connection.patience);
    pings.delete(connection);
    connections.delete(connection);
    connection.expiry?.[Symbol.dispose]();
    for (const running of [...connection.running]) running.cancel();
    connection.onEnd?.(code, String(reason)).catch(ignore);
  }

  function toRefusal({ url, headers }: IncomingMessage): string | null {
    if (url?.split("?", 1)[0] !== "/graphql") return "404 Not Found";
    if (graceEndsAt !== null) return "503 Service Unavailable";
    return gateway.refuses((name) => headers[name]?.toString()) ? "403 Forbidden" : null;
  }

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", ignore); // a client that breaks off now would otherwise end the process
    const refused = toRefusal(request);
    if (refused !== null) {
      socket.end(`HTTP/1.1 ${refused}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
      return;
    }
    sockets.handleUpgrade(request, socket, head, serve);
  });

  return {
    size: () => connections.size,
    async drain(overMs, graceMs) {
      const latestAt = performance.now() + graceMs;
      graceEndsAt = latestAt;
      await Promise.all(
        [...connections].map(async (connection) => {
          await pause(Math.random() * overMs);
          await sendOff(connection, latestAt);
        }),
      );
    },
  };
}

function ignore(): void {}

function ping(connection: Connection): void {
  if (!connection.isAlive) {
    connection.client.terminate();
    return;
  }
  connection.isAlive = false;
  connection.client.ping();
  connection.listenAgain();
}

function loseOnesPatience(client: Client): void {
  client.close(CloseCode.ConnectionInitialisationTimeout, "Connection initialisation timeout");
}

function onMessage(this: WebSocket, data: RawData): void {
  const { connection } = this as Client;
  connection.hold();
  const message = toMessage(String(data));
  connection.hear?.(message).catch(() => {
    if (isServersOwn(message)) this.close(CloseCode.BadRequest, "Only a server sends this");
    else this.close(CloseCode.InternalServerError, "Internal server error");
  });
}

/** Parsed, which graphql-ws takes as well; a text it would keep for as long as the operation runs. */
function toMessage(text: string): string {
  try {
    const message = JSON.parse(text);
    return typeof message === "string" ? text : message;
  } catch {
    return text; // to be refused
  }
}

function onPing(this: WebSocket): void {
  (this as Client).connection.hold();
}

function onPong(this: WebSocket): void {
  (this as Client).connection.isAlive = true;
}

async function sendOff(connection: Connection, latestAt: number, code = 1001, reason = "Going away"): Promise<void> {
  const { client } = connection;
  const isDue = () => connection.running.some((one) => one.isDue);
  while (client.readyState === client.OPEN && isDue() && performance.now() < latestAt) await pause(20);
  if (client.readyState === client.CLOSED) return;
  await new Promise((resolve) => {
    client.once("close", resolve);
    client.close(code, reason);
    setTimeout(() => client.terminate(), 1000).unref(); // if it does not answer
  });
}
