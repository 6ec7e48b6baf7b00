/** The sockets to the stack: one call at a time on each, the one that was used last first. */
import { Client, type Dispatcher } from "undici";
import { createProxyRoute, type ProxyRoute } from "../../lib/network/http-proxy.ts";

type ConnectionOptions = {
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  /** On the way to the stack; with user and password. */
  readonly proxy: URL | null;
  /** Of one response, in bytes. */
  readonly maxResponseBytes: number;
};

/** One client of undici with its socket, and the calls that are on it. */
export type Connection = { readonly client: Client; calls: number };

/**
 * In place of undici's `Pool`, which searches all its clients for a free one at each call and queues calls that the limiter
 * has queued already: a tenth of a call's processor time (docs/decisions/0031-the-path-of-a-call.md).
 */
export class Connections implements AsyncDisposable {
  readonly #origin: string;
  readonly #route: ProxyRoute | null;
  readonly #maxConnections: number;
  readonly #clientOptions: Client.Options;
  readonly #all: Connection[] = [];
  readonly #idle: Connection[] = [];
  /** The next one that is shared, where all are in use. */
  #next = 0;

  constructor(origin: string, { maxConnections, connectTimeoutMs, proxy, maxResponseBytes }: ConnectionOptions) {
    this.#route = proxy === null ? null : createProxyRoute(origin, proxy, connectTimeoutMs);
    this.#origin = this.#route?.origin ?? origin;
    this.#maxConnections = maxConnections;
    this.#clientOptions = {
      maxResponseSize: maxResponseBytes,
      // Off here, because each operation brings its own deadline.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: this.#route?.connect ?? { timeout: connectTimeoutMs },
    };
  }

  /** The handler holds its connection meanwhile; `release` must follow when the handler has been called last. */
  dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler & { connection: Connection | null },
  ) {
    const connection = this.#idle.pop() ?? this.#open();
    connection.calls += 1;
    handler.connection = connection;
    connection.client.dispatch(this.#route === null ? options : this.#route.toOptions(options), handler);
  }

  release(connection: Connection): void {
    connection.calls -= 1;
    if (connection.calls === 0) this.#idle.push(connection);
  }

  /** A new one, up to the limit; beyond it calls wait on one that is in use, such as one that hangs while it connects. */
  #open(): Connection {
    if (this.#all.length < this.#maxConnections) {
      const connection = { client: new Client(this.#origin, this.#clientOptions), calls: 0 };
      this.#all.push(connection);
      return connection;
    }
    this.#next = (this.#next + 1) % this.#all.length;
    return this.#all[this.#next] as Connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map(({ client }) => client.destroy()));
  }
}
