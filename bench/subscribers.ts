/**
 * Subscribers in a process of their own, each on a raw socket of its own, so that they hardly slow the measured gateway.
 * Forked by subscriptions.ts, which sends orders and gets reports by IPC. Times are milliseconds since 1970.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";

export type TransportName = "WebSocket" | "SSE";
export type Order =
  | {
      readonly kind: "open";
      readonly transport: TransportName;
      readonly url: string;
      readonly token: string;
      readonly query: string;
      /** The variables of each subscriber. */
      readonly variables: readonly object[];
    }
  /** Each open subscriber expects one more message. */
  | { readonly kind: "await" }
  | { readonly kind: "close"; readonly count: number };
export type Report = { readonly at: number };

type Subscriber = { close(): void };
type MessageHandler = { onMessage(): void; onLost(why: string): void };

const now = () => performance.timeOrigin + performance.now();
/** How many sockets are opened at the same time. */
const atOnce = 64;

let subscribers: Subscriber[] = [];
let due = 0;
let isClosing = false;
let allReceived = Promise.withResolvers<void>();

const counter: MessageHandler = {
  onMessage() {
    due -= 1;
    if (due === 0) allReceived.resolve();
  },
  onLost(why) {
    if (!isClosing) throw new Error(`A subscriber was lost: ${why}`);
  },
};

function expectFrom(count: number): void {
  due = count;
  allReceived = Promise.withResolvers();
}

type Opening = Extract<Order, { kind: "open" }>;

async function openWebSocket(
  { url, token, query }: Opening,
  variables: object,
  handler: MessageHandler,
): Promise<Subscriber> {
  const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws", { perMessageDeflate: false });
  socket.on("message", (data: Buffer) => {
    const text = data.toString("latin1");
    if (text.includes('"type":"next"')) handler.onMessage();
    else if (text.includes('"type":"error"')) handler.onLost(text);
  });
  socket.on("error", (error) => handler.onLost(String(error)));
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
  await once(socket, "message");
  socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query, variables } }));
  return { close: () => socket.terminate() };
}

async function openSse(
  { url, token, query }: Opening,
  variables: object,
  handler: MessageHandler,
): Promise<Subscriber> {
  const { hostname, port, pathname } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  let unread = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    unread += chunk;
    for (let at = unread.indexOf(nextEvent); at >= 0; at = unread.indexOf(nextEvent)) {
      unread = unread.slice(at + nextEvent.length);
      handler.onMessage();
    }
    if (unread.includes('{"errors"')) handler.onLost(unread);
    unread = unread.slice(-200);
  });
  socket.on("error", (error) => handler.onLost(String(error)));
  await once(socket, "connect");
  const body = JSON.stringify({ query, variables });
  socket.write(
    `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\naccept: text/event-stream\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return { close: () => socket.destroy() };
}

const nextEvent = "event: next\n";
const transports = { WebSocket: openWebSocket, SSE: openSse };

async function open(order: Opening): Promise<void> {
  const waiting = [...order.variables];
  expectFrom(waiting.length);
  const openNext = async () => {
    for (let variables = waiting.pop(); variables !== undefined; variables = waiting.pop()) {
      const first = Promise.withResolvers<void>();
      const opened = await transports[order.transport](order, variables, {
        onMessage() {
          first.resolve();
          counter.onMessage();
        },
        onLost: counter.onLost,
      });
      subscribers.push(opened);
      await first.promise;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, openNext));
  await allReceived.promise;
}

function report(): void {
  process.send?.({ at: now() } satisfies Report);
}

process.on("message", async (order: Order) => {
  if (order.kind === "open") await open(order);
  else if (order.kind === "close") {
    isClosing = true;
    for (const subscriber of subscribers.slice(0, order.count)) subscriber.close();
    subscribers = subscribers.slice(order.count);
    isClosing = subscribers.length === 0;
  } else {
    expectFrom(subscribers.length);
    report(); // ready
    await allReceived.promise;
  }
  report();
});
process.once("disconnect", () => process.exit());
