import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { GraphQLError } from "graphql";
import { handleProtocols } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import type { Viewer } from "./auth.ts";
import type { Gateway } from "./gateway.ts";
import { createOperation, type Prepared } from "./operation.ts";

export type WebSockets = {
  readonly size: number;
  /** Closes every socket with 1001, spread over `overMs`, so that not all clients come back at once elsewhere. */
  drain(overMs: number): Promise<void>;
};

/** A message of a client: an operation with its variables. */
const largestMessage = 256 * 1024;

/**
 * `graphql-transport-ws` at `/graphql`: queries, mutations and subscriptions, each checked as one over HTTP. A wrong
 * operation ends with its errors and leaves its siblings alone. The viewer is whom `connectionParams` tells.
 *
 * @param pingMs between two pings; a socket that does not answer one before the next is dead.
 */
export function serveWebSockets(server: HttpServer, gateway: Gateway, pingMs = 12_000): WebSockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessage, handleProtocols });
  // By socket: who is asking, and how to end what runs.
  type Extra = { viewer?: Viewer; readonly running?: Map<string, AbortController> };
  const runningOf = (extra: Extra) => extra.running as Map<string, AbortController>;

  useServer<Record<string, unknown>, Extra>(
    {
      async onConnect(context) {
        const { authorization, Authorization } = context.connectionParams ?? {};
        const header = typeof authorization === "string" ? authorization : Authorization;
        try {
          context.extra.viewer = await gateway.authenticate(typeof header === "string" ? header : null);
        } catch {
          return false; // 4403
        }
        Object.assign(context.extra, { running: new Map() });
        return true;
      },
      async onSubscribe(context, id, params) {
        const leaving = new AbortController();
        runningOf(context.extra).set(id, leaving);
        const operation = createOperation(null, leaving.signal, context.extra.viewer ?? null);
        const prepared = await gateway.prepare(params, operation);
        return prepared as Prepared | readonly GraphQLError[];
      },
      execute: (args) => (args as Prepared).run(),
      subscribe: (args) => (args as Prepared).run(),
      onComplete(context, id) {
        runningOf(context.extra).get(id)?.abort();
        runningOf(context.extra).delete(id);
      },
      onDisconnect(context) {
        for (const leaving of runningOf(context.extra).values()) leaving.abort();
      },
    },
    sockets,
    pingMs,
  );

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split("?", 1)[0] !== "/graphql") {
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client, request));
  });

  return {
    get size() {
      return sockets.clients.size;
    },
    async drain(overMs) {
      await Promise.all(
        [...sockets.clients].map(async (client) => {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * overMs));
          if (client.readyState === client.CLOSED) return;
          await new Promise((resolve) => {
            client.once("close", resolve);
            client.close(1001, "Going away");
            setTimeout(() => client.terminate(), 1000).unref();
          });
        }),
      );
    },
  };
}
