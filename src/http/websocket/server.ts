/** `graphql-transport-ws` at `/graphql`: queries, mutations and subscriptions, each through the pipeline. */
import { type Server as HttpServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { type DocumentNode, type ExecutionArgs, GraphQLError, parse } from "graphql";
import { CloseCode, handleProtocols, MessageType, makeServer, parseMessage } from "graphql-ws";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { onTokenExpiry } from "../../auth/token-expiry.ts";
import type { OperationResponse } from "../../engine/pipeline.ts";
import { badUserInput, deleteHttp, tokenEnded, tooManyStreams } from "../../errors.ts";
import { ArrivingBodies, type ArrivingBody } from "../../lib/arriving-bodies.ts";
import { isAsyncIterable } from "../../lib/async-iterable.ts";
import { Cancellation } from "../../lib/cancellation.ts";
import { TimerWheel } from "../../lib/timer-wheel.ts";
import type { Graphql } from "../graphql.ts";
import { toArrivingBounds } from "../request-body.ts";
import { pingMs as defaultPingMs } from "../sse.ts";
import { ClientSocket, Connection, noHeaders, terminateSoon } from "./connection.ts";

export type WebSockets = {
  size(): number;
  /**
   * Closes every socket with 1001, spread over `overMs`, so that not all clients come back at once. One whose query or
   * mutation is running is closed behind its answer, `graceMs` later at the most.
   */
  drain(overMs: number, graceMs: number): Promise<void>;
};

const maxOperationIdLength = 255;

/** How long a client may take to send `connection_init`. */
const connectionInitTimeoutMs = 3000;

/** Each holds the part of a message that has arrived. */
const maxSocketsPerPsu = 100;

/**
 * A wrong operation ends with its errors and leaves its siblings alone. The viewer is the one of `connectionParams`, or of
 * the `Authorization` header of the handshake, which clients on servers send.
 * @param pingMs between two pings; a socket that does not answer one before the next is dead.
 */
export function serveWebSockets(server: HttpServer, graphql: Graphql, pingMs = defaultPingMs): WebSockets {
  const { pipeline, guard, maxRequestBytes } = graphql;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxRequestBytes,
    handleProtocols,
    // Each message in a tick of its own: an operation that was completed is over by then, and its id can be used again.
    allowSynchronousEvents: false,
    clientTracking: false,
    WebSocket: ClientSocket,
  });
  const connections = new Set<Connection>();
  /** What was sent on those that are not signed in. */
  const arriving = new ArrivingBodies(toArrivingBounds(maxRequestBytes));
  /** How many are signed in, by PSU. */
  const socketsOf = new Map<string, number>();
  const pings = new TimerWheel<Connection>(pingMs, (connection) => connection.ping());
  /** When the grace period ends, once it drains. */
  let graceEndsAt: number | null = null;

  const protocol = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: 0, // its timer would stay for as long as the socket is open
    async onConnect(context) {
      const { connectionParams = null, extra: connection } = context;
      const { headers } = connection;
      const { authorization, Authorization } = connectionParams ?? {};
      const header = typeof authorization === "string" ? authorization : Authorization;
      const credentials = typeof header === "string" ? header : (headers.authorization ?? null);
      connection.headers = noHeaders;
      clearTimeout(connection.initTimer);
      connection.initTimer = undefined;
      // For as long as the socket is open: neither is a token to stay in memory, nor does it need the space.
      Object.assign(context, { connectionParams: undefined });
      const viewer = await pipeline.signIn({
        credentials,
        headers,
        connectionParams,
        requestId: null,
        address: connection.address,
        cancellation: new Cancellation(),
      });
      if (viewer instanceof GraphQLError) {
        // What may succeed later is no refusal: clients come back by themselves.
        if (viewer.extensions["retryable"] === true) connection.close(1013, "Try again later");
        return false; // 4403
      }
      if (connection.isClosed) return false; // meanwhile: what follows would never be given back
      if (!addSocket(viewer.psuId)) {
        connection.close(1013, "Too many sockets are open");
        return false;
      }
      connection.initBytes?.[Symbol.dispose]();
      connection.initBytes = null;
      // The socket ends as a whole: a client takes a stream that ends by itself for done.
      connection.viewer = { ...viewer, expiresAt: null };
      connection.expiry = onTokenExpiry(viewer, connection);
      return true;
    },
    async onSubscribe({ extra: connection }, id, params) {
      if (graceEndsAt !== null) {
        await connection.closeGracefully(graceEndsAt);
        return [tooManyStreams()]; // not received: the socket is closed
      }
      if (connection.isExpired) return [tokenEnded()];
      if (id.length > maxOperationIdLength) return [badUserInput("The id of an operation is too long.", "id")];
      const running = connection.start(params);
      const { traceparent } = params.extensions ?? {};
      const { operation, result } = await pipeline.run({
        params: { ...params },
        credentials: connection.viewer,
        headers: connection.headers,
        connectionParams: null,
        requestId: null,
        address: connection.address,
        traceparent: typeof traceparent === "string" ? traceparent : null,
        cancellation: running,
        isReadOnly: false,
        acceptsStream: true,
      });
      // Kept for as long as the operation runs; its document is cached.
      Object.assign(params, { query: "", variables: null, extensions: null });
      if (isAsyncIterable(result)) return new Execution(aSubscription, result) as object as ExecutionArgs;
      for (const error of result.errors ?? []) deleteHttp(error);
      if (operation.kind !== null) return new Execution(aQuery, result) as object as ExecutionArgs;
      connection.remove(running); // refused: graphql-ws will not call onComplete
      return result.errors ?? [];
    },
    execute: (args) => (args as object as Execution).take(),
    subscribe: (args) => (args as object as Execution).take(),
    onOperation({ extra }, _id, params, _args, result) {
      const running = extra.runningOf(params);
      if (running !== undefined && isAsyncIterable(result)) running.isAnswerDue = false;
    },
    async onComplete({ extra: connection }, _id, params) {
      const running = connection.runningOf(params);
      if (running !== undefined) {
        running.cancel();
        connection.remove(running);
      }
      // A client takes a completed stream for done, but opens it again elsewhere when its socket closes.
      if (graceEndsAt !== null) await connection.closeGracefully(graceEndsAt);
    },
  });

  /** @returns whether this PSU may have one more; operators may have any number. */
  function addSocket(psuId: string | null): boolean {
    if (psuId === null) return true;
    const open = socketsOf.get(psuId) ?? 0;
    if (open >= maxSocketsPerPsu) return false;
    socketsOf.set(psuId, open + 1);
    return true;
  }

  function removeSocket(psuId: string | null): void {
    if (psuId === null) return;
    const remaining = (socketsOf.get(psuId) ?? 1) - 1;
    if (remaining === 0) socketsOf.delete(psuId);
    else socketsOf.set(psuId, remaining);
  }

  function accept(socket: ClientSocket, address: string, request: IncomingMessage): void {
    const connection = new Connection(socket, address);
    connection.headers = request.headers;
    connection.initBytes = countBytes(
      request.socket,
      arriving.add(address, () => socket.terminate()),
    );
    socket.connection = connection;
    connections.add(connection);
    pings.add(connection);
    connection.initTimer = setTimeout(closeUninitialized, connectionInitTimeoutMs, socket);
    connection.onEnd = protocol.opened(connection, connection);
    socket.on("message", onMessage);
    socket.on("ping", onPing);
    socket.on("pong", onPong);
    socket.on("error", ignore); // closes by itself, with the code for what was wrong
    socket.on("close", onClose);
  }

  function onClose(this: WebSocket, code: number, reason: Buffer): void {
    const { connection } = this as ClientSocket;
    pings.delete(connection);
    connections.delete(connection);
    removeSocket(connection.viewer?.psuId ?? null);
    connection.dispose(code, String(reason));
  }

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", ignore); // a client that disconnects now would otherwise end the process
    const { address, refusal } = guard(request, true);
    let status = refusal?.status ?? null;
    if (graceEndsAt !== null) status = 503;
    if (request.url?.split("?", 1)[0] !== "/graphql") status = 404;
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () =>
        socket.destroy(),
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => accept(client, address, request));
  });

  return {
    size: () => connections.size,
    async drain(overMs, graceMs) {
      const latestAt = performance.now() + graceMs;
      graceEndsAt = latestAt;
      await Promise.all(
        [...connections].map(async (connection) => {
          await pause(Math.random() * overMs);
          await connection.closeGracefully(latestAt);
        }),
      );
    },
  };
}

// graphql-ws reads the kind of an operation from its document, and keeps that for as long as the operation runs.
const aQuery = parse("{ __typename }");
const aSubscription = parse("subscription { any }");

/** A result of the pipeline in the place of what graphql-ws would execute. */
class Execution implements Omit<ExecutionArgs, "schema"> {
  readonly document: DocumentNode;
  readonly operationName = null;
  readonly rootValue = undefined;
  readonly contextValue = undefined;
  #result: OperationResponse["result"] | null;

  constructor(document: DocumentNode, result: OperationResponse["result"]) {
    this.document = document;
    this.#result = result;
  }

  take(): OperationResponse["result"] {
    const result = this.#result;
    this.#result = null;
    if (result === null) throw new Error("The result was taken already.");
    return result;
  }
}

function ignore(): void {}

function closeUninitialized(socket: ClientSocket): void {
  socket.close(CloseCode.ConnectionInitialisationTimeout, "Connection initialisation timeout");
  terminateSoon(socket);
}

/** Until it is disposed. */
function countBytes(stream: Duplex, arriving: ArrivingBody): Disposable {
  const onData = (chunk: Buffer) => arriving.grow(chunk.length);
  stream.on("data", onData);
  return {
    [Symbol.dispose]() {
      stream.off("data", onData);
      arriving.end();
    },
  };
}

function onMessage(this: WebSocket, data: RawData): void {
  const { connection } = this as ClientSocket;
  connection.pauseIfUnread();
  const message = toMessage(String(data));
  connection.messageHandler?.(message).catch(() => {
    if (isServerMessage(message)) this.close(CloseCode.BadRequest, "Only a server sends this");
    else this.close(CloseCode.InternalServerError, "Internal server error");
  });
}

/** Parsed, which graphql-ws accepts as well; a text it would keep for as long as the operation runs. */
function toMessage(text: string): string {
  try {
    const message = JSON.parse(text);
    return typeof message === "string" ? text : message;
  } catch {
    return text; // to be refused
  }
}

/** A well-formed message that no client may send: graphql-ws throws at it as at a fault of its own. */
function isServerMessage(message: string): boolean {
  const { type } = parseMessage(message);
  return type === MessageType.ConnectionAck || type === MessageType.Next || type === MessageType.Error;
}

function onPing(this: WebSocket): void {
  (this as ClientSocket).connection.pauseIfUnread();
}

function onPong(this: WebSocket): void {
  (this as ClientSocket).connection.isAlive = true;
}
