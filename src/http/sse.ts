/** GraphQL over SSE in distinct-connections mode: one event stream for each operation. */
import type { ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import { withoutHttp } from "../errors.ts";
import { TimerWheel } from "../lib/timer-wheel.ts";

/** Between two pings of an open stream or socket, so that proxies keep it open and dead clients are found. */
export const pingMs = 12_000;
const ping = ":\n\n";
const complete = "event: complete\ndata:\n\n";
const streamHeaders = ["content-type", "text/event-stream"];

/**
 * Writes results as they come and as fast as they are read. Straight to node:http: behind the objects that stand for
 * responses in Yoga, each open stream takes nearly twice the memory (docs/decisions/0023-event-streams.md).
 * @param headers of the answer besides its type, names and values by turns.
 * @param results which end by themselves when the client disconnects.
 * @param onError called with a fault after which nothing more can be written.
 */
export function streamEvents(
  response: ServerResponse,
  headers: readonly string[],
  results: AsyncIterableIterator<ExecutionResult>,
  onError: (error: unknown) => void,
): void {
  if (response.destroyed) {
    results.return?.().catch(onError); // nothing reads them to their end
    return;
  }
  response.writeHead(200, [...headers, ...streamHeaders]);
  response.flushHeaders(); // alone: together with anything else, the head is kept in the sixty pieces it is made of
  response.write(ping); // some browsers open the stream only with its first bytes
  releaseRequest(response);
  new EventStream(response, results, onError).read();
}

/** The same for one result. */
export function sendEvent(
  response: ServerResponse,
  status: number,
  headers: readonly string[],
  result: ExecutionResult,
): void {
  if (response.destroyed) return;
  response.writeHead(status, [...headers, ...streamHeaders]);
  response.end(toEvent(result) + complete);
}

/** The same as the body of a WHATWG response. */
export class EventSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #results: AsyncIterator<ExecutionResult>;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;

  constructor(results: AsyncIterable<ExecutionResult>) {
    this.#results = results[Symbol.asyncIterator]();
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    this.write(ping);
    sourcePings.add(this);
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const item = await this.#results.next();
      if (item.done !== true) {
        this.write(toEvent(item.value));
        return;
      }
      sourcePings.delete(this);
      this.write(complete);
      controller.close();
    } catch (error) {
      sourcePings.delete(this);
      controller.error(error); // Yoga's streams would end the process with a rejection
    }
  }

  async cancel(): Promise<void> {
    sourcePings.delete(this);
    await this.#results.return?.();
  }

  /** Only while its reader keeps up. */
  ping(): void {
    if ((this.#controller?.desiredSize ?? 0) > 0) this.write(ping);
  }

  write(text: string): void {
    this.#controller?.enqueue(encoder.encode(text));
  }
}

const encoder = new TextEncoder();
const sourcePings = new TimerWheel<EventSource>(pingMs, (source) => source.ping());

/** A class, and no promise that lives as long as the stream (docs/decisions/0021-memory-per-stream.md). */
class EventStream {
  readonly #response: ServerResponse;
  readonly #results: AsyncIterableIterator<ExecutionResult>;
  readonly #onError: (error: unknown) => void;

  constructor(
    response: ServerResponse,
    results: AsyncIterableIterator<ExecutionResult>,
    onError: (error: unknown) => void,
  ) {
    this.#response = response;
    this.#results = results;
    this.#onError = onError;
    pings.add(response);
  }

  read(): void {
    this.#results
      .next()
      .then((item) => this.#write(item))
      .catch((error) => {
        pings.delete(this.#response);
        this.#onError(error);
      });
  }

  #write(item: IteratorResult<ExecutionResult>): void {
    const response = this.#response;
    if (item.done === true) {
      pings.delete(response); // nothing may be written behind the end, which may wait for its reader
      if (!response.destroyed) response.end(complete);
    } else if (response.write(toEvent(item.value))) {
      this.read();
    } else {
      untilDrained(response).then(() => this.read());
    }
  }
}

const pings = new TimerWheel<ServerResponse>(pingMs, (response) => response.writableNeedDrain || response.write(ping));

/**
 * For as long as a stream is open, node:http keeps the request that opened it, a third of what an idle stream takes; and
 * its token is not to stay in memory for so long.
 */
function releaseRequest(response: ServerResponse): void {
  const { req } = response;
  req.removeAllListeners(); // it has been read
  req.headers = {};
  req.rawHeaders = [];
}

/** Resolves when its reader has caught up, or has disconnected. */
function untilDrained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      response.off("drain", finish).off("close", finish);
      resolve();
    };
    response.on("drain", finish).on("close", finish);
    if (response.destroyed) finish();
  });
}

const texts = new WeakMap<ExecutionResult, string>();

/** Made once for all streams that send the same result. */
function toEvent(result: ExecutionResult): string {
  let text = texts.get(result);
  if (text === undefined) {
    text = `event: next\ndata: ${JSON.stringify(withoutHttp(result))}\n\n`;
    texts.set(result, text);
  }
  return text;
}
