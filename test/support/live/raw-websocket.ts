import { once } from "node:events";
import { connect } from "node:net";

/** A WebSocket client on a bare socket: it can stop reading, and needs to answer nothing. */
export type RawWebSocket = Disposable & {
  /** Several messages go out in one piece. */
  send(...messages: readonly object[]): void;
  sendText(text: string): void;
  /** The next message of this type. */
  next(type: string): Promise<{ readonly id?: string; readonly payload?: unknown }>;
  stopReading(): void;
  resumeReading(): void;
  /** The close code, or `null` when the socket just ended. */
  readonly closed: Promise<number | null>;
  readonly pings: number;
};

/** @param answersPings whether it is alive, as far as the server can see. */
export async function connectRawWebSocket(
  url: string,
  { answersPings, protocol = "graphql-transport-ws" }: { readonly answersPings: boolean; readonly protocol?: string },
): Promise<RawWebSocket> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
  );
  const messages: { type: string; id?: string; payload?: unknown }[] = [];
  let buffer = Buffer.alloc(0);
  let isUpgraded = false;
  let pings = 0;
  let code: number | null = null;
  let wake = () => {};
  const closed = new Promise<number | null>((resolve) => socket.once("close", () => resolve(code)));

  function write(opcode: number, content: Buffer): void {
    const { length } = content;
    const head = length < 126 ? Buffer.from([0x80 | opcode, 0x80 | length]) : Buffer.alloc(length < 65_536 ? 4 : 10);
    if (length >= 126) {
      head[0] = 0x80 | opcode;
      head[1] = 0x80 | (length < 65_536 ? 126 : 127);
      if (length < 65_536) head.writeUInt16BE(length, 2);
      else head.writeBigUInt64BE(BigInt(length), 2);
    }
    socket.write(Buffer.concat([head, Buffer.alloc(4), content])); // a mask of zeros leaves the content as it is
  }

  socket.on("data", (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    if (!isUpgraded) {
      const end = buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      buffer = buffer.subarray(end + 4);
      isUpgraded = true;
    }
    for (;;) {
      const short = (buffer[1] ?? 0) & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (buffer.length < start) return;
      const length = short < 126 ? short : short === 126 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
      if (buffer.length < start + length) return;
      const content = buffer.subarray(start, start + length);
      const opcode = (buffer[0] ?? 0) & 0x0f;
      buffer = buffer.subarray(start + length);
      if (opcode === 1) messages.push(JSON.parse(content.toString()));
      if (opcode === 8) {
        code = content.length >= 2 ? content.readUInt16BE(0) : null;
        write(8, content);
      }
      if (opcode === 9) {
        pings += 1;
        if (answersPings) write(10, content);
      }
      wake();
    }
  });

  return {
    send(...sent) {
      socket.cork();
      for (const message of sent) write(1, Buffer.from(JSON.stringify(message)));
      socket.uncork();
    },
    sendText: (text) => write(1, Buffer.from(text)),
    async next(type) {
      const deadline = Date.now() + 60_000;
      for (;;) {
        const at = messages.findIndex((message) => message.type === type);
        const [message] = at < 0 ? [] : messages.splice(at, 1);
        if (message !== undefined) return message;
        if (socket.closed) throw new Error(`The socket was closed (${code}) before a message "${type}".`);
        if (Date.now() > deadline) throw new Error(`There was no message "${type}" within a minute.`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 1000);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    stopReading: () => void socket.pause(),
    resumeReading: () => void socket.resume(),
    closed,
    get pings() {
      return pings;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
