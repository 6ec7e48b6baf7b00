/**
 * Subscribers in a process of their own, each on a socket of its own, raw: what they cost here must not slow what is
 * measured. Forked by subscriptions.ts, orders and reports by IPC. Times are milliseconds since 1970.
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
      /** Of each subscriber, its variables. */
      readonly variables: readonly object[];
    }
  /** Each of those that are open is to be told once more. */
  | { readonly kind: "await" }
  | { readonly kind: "leave"; readonly count: number };
export type Report = { readonly at: number };

type Subscriber = { leave(): void };
type Heard = { onMessage(): void; onLost(why: string): void };

const now = () => performance.timeOrigin + performance.now();
/** Of the sockets that are being opened, as many at once. */
const atOnce = 64;

let subscribers: Subscriber[] = [];
let due = 0;
let isLeaving = false;
let allTold = Promise.withResolvers<void>();

const heard: Heard = {
  onMessage() {
    due -= 1;
    if (due === 0) allTold.resolve();
  },
  onLost(why) {
    if (!isLeaving) throw new Error(`A subscriber was lost: ${why}`);
  },
};

function expectFrom(count: number): void {
  due = count;
  allTold = Promise.withResolvers();
}

type Opening = Extract<Order, { kind: "open" }>;

async function openWebSocket({ url, token, query }: Opening, variables: object, hears: Heard): Promise<Subscriber> {
  const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws", { perMessageDeflate: false });
  socket.on("message", (data: Buffer) => {
    const text = data.toString("latin1");
    if (text.includes('"type":"next"')) hears.onMessage();
    else if (text.includes('"type":"error"')) hears.onLost(text);
  });
  socket.on("error", (error) => hears.onLost(String(error)));
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
  await once(socket, "message");
  socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query, variables } }));
  return { leave: () => socket.terminate() };
}

async function openSse({ url, token, query }: Opening, variables: object, hears: Heard): Promise<Subscriber> {
  const { hostname, port, pathname } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  let unread = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    unread += chunk;
    for (let at = unread.indexOf(nextEvent); at >= 0; at = unread.indexOf(nextEvent)) {
      unread = unread.slice(at + nextEvent.length);
      hears.onMessage();
    }
    if (unread.includes('{"errors"')) hears.onLost(unread);
    unread = unread.slice(-200);
  });
  socket.on("error", (error) => hears.onLost(String(error)));
  await once(socket, "connect");
  const body = JSON.stringify({ query, variables });
  socket.write(
    `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\naccept: text/event-stream\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return { leave: () => socket.destroy() };
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
          heard.onMessage();
        },
        onLost: heard.onLost,
      });
      subscribers.push(opened);
      await first.promise;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, openNext));
  await allTold.promise;
}

function report(): void {
  process.send?.({ at: now() } satisfies Report);
}

process.on("message", async (order: Order) => {
  if (order.kind === "open") await open(order);
  else if (order.kind === "leave") {
    isLeaving = true;
    for (const subscriber of subscribers.slice(0, order.count)) subscriber.leave();
    subscribers = subscribers.slice(order.count);
    isLeaving = subscribers.length === 0;
  } else {
    expectFrom(subscribers.length);
    report(); // ready
    await allTold.promise;
  }
  report();
});
process.once("disconnect", () => process.exit());
