/** A Redis that speaks as much of its protocol (RESP2) as the gateway uses, and refuses what it is told to. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

export type FakeRedis = AsyncDisposable & {
  readonly port: number;
  /** From now on this command is answered with an error of this word. */
  refuse(command: string, word: string): void;
  allow(): void;
  /** Drops every connection. */
  cut(): void;
};

export async function startFakeRedis(): Promise<FakeRedis> {
  const values = new Map<string, string>();
  const sockets = new Set<Socket>();
  const subscribers = new Set<Socket>();
  const refusals = new Map<string, string>();

  function answer(socket: Socket, [name = "", ...args]: readonly string[]): string {
    const command = name.toUpperCase();
    const word = refusals.get(command);
    if (word !== undefined) return `-${word} refused by the test.\r\n`;
    const [key = "", value = ""] = args;
    switch (command) {
      case "PING":
        return subscribers.has(socket) ? list(["pong", ""]) : "+PONG\r\n";
      case "SUBSCRIBE":
        subscribers.add(socket);
        return `*3\r\n${text("subscribe")}${text(key)}:1\r\n`;
      case "PUBLISH":
        for (const one of subscribers) one.write(list(["message", key, value]));
        return `:${subscribers.size}\r\n`;
      case "GET":
        return text(values.get(key) ?? null);
      case "SET":
        if (args.includes("XX") && !values.has(key)) return text(null);
        values.set(key, value);
        return "+OK\r\n";
      case "EVAL":
        return "*2\r\n:0\r\n:0\r\n";
      default:
        return "+OK\r\n";
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    let unread = Buffer.alloc(0);
    socket
      .on("error", () => {})
      .once("close", () => {
        sockets.delete(socket);
        subscribers.delete(socket);
      });
    socket.on("data", (chunk) => {
      unread = Buffer.concat([unread, chunk]);
      for (let command = takeCommand(unread); command !== null; command = takeCommand(unread)) {
        unread = unread.subarray(command.length);
        socket.write(answer(socket, command.words));
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    refuse: (command, word) => void refusals.set(command, word),
    allow: () => refusals.clear(),
    cut,
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}

const text = (value: string | null) => (value === null ? "$-1\r\n" : `$${Buffer.byteLength(value)}\r\n${value}\r\n`);
const list = (values: readonly string[]) => `*${values.length}\r\n${values.map(text).join("")}`;

/** The first command, and how many bytes it takes. `null`: it has not all come yet. */
function takeCommand(bytes: Buffer): { readonly words: readonly string[]; readonly length: number } | null {
  let at = 0;
  function number(): number | null {
    const end = bytes.indexOf("\r\n", at);
    if (end === -1) return null;
    const value = Number(bytes.toString("latin1", at + 1, end));
    at = end + 2;
    return value;
  }
  const count = number();
  if (count === null) return null;
  const words: string[] = [];
  for (let word = 0; word < count; word += 1) {
    const size = number();
    if (size === null || bytes.length < at + size + 2) return null;
    words.push(bytes.toString("utf8", at, at + size));
    at += size + 2;
  }
  return { words, length: at };
}
