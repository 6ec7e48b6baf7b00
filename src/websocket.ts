import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { GraphQLError } from "graphql";
import { CloseCode, handleProtocols, MessageType, makeServer, parseMessage } from "graphql-ws";
import { isAsyncIterable } from "graphql-yoga";
import { type WebSocket, WebSocketServer } from "ws";
import { onExpiry, type Viewer } from "./auth.ts";
import { badUserInput, tokenEnded, tooManyStreams } from "./errors.ts";
import type { Gateway } from "./gateway.ts";
import { createOperation, type Prepared } from "./operation.ts";

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

/** Made once: with none given, each abort makes an error of its own. */
const over = new Error("the operation is over");

/** A well-formed message that no client may send: graphql-ws throws at it as at a fault of its own. */
function isServersOwn(text: string): boolean {
  const { type } = parseMessage(text);
  return type === MessageType.ConnectionAck || type === MessageType.Next || type === MessageType.Error;
}

/** Of one socket: who is asking, and what runs. */
type Extra = {
  readonly client: WebSocket;
  readonly address: string | null;
  readonly running: Map<string, Running>;
  viewer: Viewer | null;
  /** `isOver`: the viewer's token has ended, and the socket ends with it. */
  isOver: boolean;
  expiry: Disposable | null;
};
/** `isDue`: its one answer is yet to come. */
type Running = { readonly leaving: AbortController; isDue: boolean };

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
  });
  const extras = new Set<Extra>();
  /** When the grace period ends, once clients are sent elsewhere. */
  let graceEndsAt: number | null = null;

  const graphql = makeServer<Record<string, unknown>, Extra>({
    async onConnect(context) {
      const { authorization, Authorization } = context.connectionParams ?? {};
      const header = typeof authorization === "string" ? authorization : Authorization;
      const { extra } = context;
      const signIn = createOperation(null, new AbortController().signal);
      // For as long as the socket is open: neither a token to be found in memory, nor its room.
      Object.assign(context, { connectionParams: undefined });
      try {
        const viewer = await gateway.admit(typeof header === "string" ? header : null, extra.address);
        // The socket ends as a whole: a client takes a stream that ends by itself for done.
        extra.viewer = { ...viewer, expiresAt: null };
        extra.expiry = onExpiry(viewer, () => {
          extra.isOver = true;
          void sendOff(extra, performance.now() + lastAnswerMs, CloseCode.Forbidden, "Forbidden");
        });
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
      const leaving = new AbortController();
      extra.running.set(id, { leaving, isDue: true });
      const prepared = await gateway.prepare(params, {
        ...createOperation(null, leaving.signal, extra.viewer),
        address: extra.address,
      });
      if (!("run" in prepared)) extra.running.delete(id); // refused: it will not be told as complete
      return prepared as Prepared | readonly GraphQLError[];
    },
    execute: (args) => (args as Prepared).run(),
    subscribe: (args) => (args as Prepared).run(),
    onOperation({ extra }, id, _params, _args, result) {
      const running = extra.running.get(id);
      if (running !== undefined && isAsyncIterable(result)) running.isDue = false;
    },
    async onComplete({ extra }, id) {
      extra.running.get(id)?.leaving.abort(over);
      extra.running.delete(id);
      // A client takes a completed stream for done, but opens it again elsewhere when its socket goes away.
      if (graceEndsAt !== null) await sendOff(extra, graceEndsAt);
    },
  });

  function serve(client: WebSocket, request: IncomingMessage): void {
    const address = gateway.addressOf(request);
    const extra: Extra = { client, address, running: new Map(), viewer: null, isOver: false, expiry: null };
    extras.add(extra);
    let isAlive = true;
    const beat = setInterval(() => {
      if (!isAlive) return client.terminate();
      isAlive = false;
      client.ping();
      listenAgain();
    }, pingMs);
    beat.unref();
    const hold = () => {
      if (client.bufferedAmount > unreadBytes) client.pause();
    };
    const listenAgain = () => {
      if (client.isPaused && client.bufferedAmount < unreadBytes) client.resume();
    };
    const onEnd = graphql.opened(
      {
        protocol: client.protocol,
        // Resolves once it is on its way: a stream waits with its next message, which may be newer by then.
        send: (text) =>
          new Promise((resolve) => {
            if (client.readyState !== client.OPEN) return resolve();
            client.send(text, () => {
              listenAgain();
              resolve();
            });
          }),
        close: (code, reason) => client.close(code, reason),
        onMessage: (hear) =>
          client.on("message", (data) => {
            hold();
            const text = String(data);
            hear(text).catch(() => {
              if (isServersOwn(text)) client.close(CloseCode.BadRequest, "Only a server sends this");
              else client.close(CloseCode.InternalServerError, "Internal server error");
            });
          }),
      },
      extra,
    );
    client.on("ping", hold);
    client.on("pong", () => {
      isAlive = true;
    });
    client.on("error", () => {}); // closes by itself, with the code for what was wrong
    client.once("close", (code, reason) => {
      clearInterval(beat);
      extras.delete(extra);
      extra.expiry?.[Symbol.dispose]();
      for (const { leaving } of extra.running.values()) leaving.abort(over);
      onEnd(code, String(reason)).catch(() => {});
    });
  }

  async function sendOff(
    { client, running }: Extra,
    latestAt: number,
    code = 1001,
    reason = "Going away",
  ): Promise<void> {
    const isDue = () => [...running.values()].some((one) => one.isDue);
    while (client.readyState === client.OPEN && isDue() && performance.now() < latestAt) await pause(20);
    if (client.readyState === client.CLOSED) return;
    await new Promise((resolve) => {
      client.once("close", resolve);
      client.close(code, reason);
      setTimeout(() => client.terminate(), 1000).unref(); // if it does not answer
    });
  }

  function toRefusal({ url, headers }: IncomingMessage): string | null {
    if (url?.split("?", 1)[0] !== "/graphql") return "404 Not Found";
    if (graceEndsAt !== null) return "503 Service Unavailable";
    return gateway.refuses((name) => headers[name]?.toString()) ? "403 Forbidden" : null;
  }

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => {}); // a client that breaks off now would otherwise end the process
    const refused = toRefusal(request);
    if (refused !== null) {
      socket.end(`HTTP/1.1 ${refused}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
      return;
    }
    sockets.handleUpgrade(request, socket, head, serve);
  });

  return {
    size: () => extras.size,
    async drain(overMs, graceMs) {
      const latestAt = performance.now() + graceMs;
      graceEndsAt = latestAt;
      await Promise.all(
        [...extras].map(async (extra) => {
          await pause(Math.random() * overMs);
          await sendOff(extra, latestAt);
        }),
      );
    },
  };
}
