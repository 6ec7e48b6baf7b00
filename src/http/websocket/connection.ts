/** One WebSocket: who is signed in on it, what runs, and how it is written to and closed. */
import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { CloseCode, type WebSocket as GraphqlSocket } from "graphql-ws";
import { WebSocket } from "ws";
import type { Viewer } from "../../auth/viewer.ts";
import { Cancellation } from "../../lib/cancellation.ts";

/** A client with more unread bytes than this is not read from until it catches up. */
const maxUnreadBytes = 1024 * 1024;

/** How long a query or mutation that runs when its token ends may take to answer. */
const graceAfterExpiryMs = 5000;

/** A socket with all that is known of it: one object, and listeners shared by all, since there are thousands. */
export class ClientSocket extends WebSocket {
  /** Set before anything is received on it. */
  connection!: Connection;
}

export const noHeaders: IncomingHttpHeaders = {};

export class Connection implements GraphqlSocket {
  readonly socket: ClientSocket;
  readonly address: string;
  /** Mostly one: a list is smaller than a map. */
  running: RunningOperation[] = [];
  viewer: Viewer | null = null;
  /** Of the handshake, until `connection_init`. */
  headers: IncomingHttpHeaders = noHeaders;
  isAlive = true;
  /** The viewer's token has ended, and the socket ends with it. */
  isExpired = false;
  expiry: Disposable | null = null;
  initTimer: NodeJS.Timeout | undefined;
  /** Counts what is received until it is signed in. */
  initBytes: Disposable | null = null;
  messageHandler: ((text: string) => Promise<void>) | null = null;
  onEnd: ((code: number, reason: string) => Promise<void>) | null = null;

  constructor(socket: ClientSocket, address: string) {
    this.socket = socket;
    this.address = address;
  }

  get protocol(): string {
    return this.socket.protocol;
  }

  get isClosed(): boolean {
    return this.socket.readyState === WebSocket.CLOSED;
  }

  onMessage(handler: (text: string) => Promise<void>): void {
    this.messageHandler = handler;
  }

  /** Resolves once it is written: a stream waits with its next message, which may be newer by then. */
  send(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.readyState !== WebSocket.OPEN) return resolve();
      this.socket.send(text, () => {
        this.resumeReading();
        resolve();
      });
    });
  }

  close(code?: number, reason?: string): void {
    this.socket.close(code, reason);
  }

  pauseIfUnread(): void {
    if (this.socket.bufferedAmount > maxUnreadBytes) this.socket.pause();
  }

  resumeReading(): void {
    if (this.socket.isPaused && this.socket.bufferedAmount < maxUnreadBytes) this.socket.resume();
  }

  onExpire(): void {
    this.isExpired = true;
    void this.closeGracefully(performance.now() + graceAfterExpiryMs, CloseCode.Forbidden, "Forbidden");
  }

  ping(): void {
    if (!this.isAlive) {
      this.socket.terminate();
      return;
    }
    this.isAlive = false;
    this.socket.ping();
    this.resumeReading();
  }

  start(params: object): RunningOperation {
    const running = new RunningOperation(params);
    if (this.running.length === 0) this.running = [running];
    else this.running.push(running);
    return running;
  }

  /** The operation that the message with these parameters has started. */
  runningOf(params: object): RunningOperation | undefined {
    return this.running.find((one) => one.params === params);
  }

  remove(running: RunningOperation): void {
    this.running = this.running.filter((one) => one !== running);
  }

  /** Closes behind the answers of queries and mutations that are running, or at `latestAt`. */
  async closeGracefully(latestAt: number, code = 1001, reason = "Going away"): Promise<void> {
    const { socket } = this;
    const isAnswerDue = () => this.running.some((one) => one.isAnswerDue);
    while (socket.readyState === socket.OPEN && isAnswerDue() && performance.now() < latestAt) await pause(20);
    if (this.isClosed) return;
    await new Promise((resolve) => {
      socket.once("close", resolve);
      socket.close(code, reason);
      terminateSoon(socket);
    });
  }

  dispose(code: number, reason: string): void {
    clearTimeout(this.initTimer);
    this.initBytes?.[Symbol.dispose]();
    this.expiry?.[Symbol.dispose]();
    for (const running of [...this.running]) running.cancel();
    this.onEnd?.(code, reason).catch(() => {});
  }
}

/** If its client does not answer the closing. */
export function terminateSoon(socket: WebSocket): void {
  setTimeout(() => socket.terminate(), 1000).unref();
}

export class RunningOperation extends Cancellation {
  readonly params: object;
  /** It is a query or mutation whose answer is yet to be sent. */
  isAnswerDue = true;

  constructor(params: object) {
    super();
    this.params = params;
  }
}
