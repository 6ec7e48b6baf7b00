import type { ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import { withoutHttp } from "../errors.ts";
import { TimerWheel } from "../lib/timer-wheel.ts";

/** Between two signs of life, in milliseconds. */
const pingMs = 12_000;

/**
 * Writes results as they come and as fast as they are read, as GraphQL over SSE in distinct connections has it. Straight
 * to node:http: behind the objects that stand for responses on Yoga's way, each open stream takes nearly twice the memory.
 * @param headers of the answer besides its type, one after the other.
 * @param results which end by themselves when the client leaves.
 * @param fail told of a fault, when nothing more is to be written.
 */
export function streamEvents(
  response: ServerResponse,
  headers: readonly string[],
  results: AsyncIterableIterator<ExecutionResult>,
  fail: (error: unknown) => void,
): void {
  if (response.destroyed) {
    results.return?.().catch(fail); // nobody reads them to their end
    return;
  }
  writeHead(response, 200, headers);
  response.flushHeaders(); // alone: together with anything else, the head is kept in the sixty pieces it is made of
  response.write(":\n\n"); // some browsers open the stream only with its first bytes
  lighten(response);
  new EventStream(response, results, fail).read();
}

/** The same for one result. */
export function sendEvent(
  response: ServerResponse,
  status: number,
  headers: readonly string[],
  result: ExecutionResult,
): void {
  if (response.destroyed) return;
  writeHead(response, status, headers);
  response.end(toEvent(result) + complete);
}

function writeHead(response: ServerResponse, status: number, headers: readonly string[]): void {
  response.writeHead(status, [...headers, "content-type", "text/event-stream", "cache-control", "no-cache"]);
}

/** A class, and nothing that waits for its end: thousands are open at once, and each is to be small. */
class EventStream {
  readonly #response: ServerResponse;
  readonly #results: AsyncIterableIterator<ExecutionResult>;
  readonly #fail: (error: unknown) => void;

  constructor(
    response: ServerResponse,
    results: AsyncIterableIterator<ExecutionResult>,
    fail: (error: unknown) => void,
  ) {
    this.#response = response;
    this.#results = results;
    this.#fail = fail;
    pings.add(response);
  }

  read(): void {
    this.#results
      .next()
      .then((told) => this.#tell(told))
      .catch((error) => {
        pings.delete(this.#response);
        this.#fail(error);
      });
  }

  #tell(told: IteratorResult<ExecutionResult>): void {
    const response = this.#response;
    if (told.done === true) {
      pings.delete(response); // nothing may be written behind the end, which may wait for its reader
      if (!response.destroyed) response.end(complete);
    } else if (response.write(toEvent(told.value))) {
      this.read();
    } else {
      canTakeMore(response).then(() => this.read());
    }
  }
}

const pings = new TimerWheel<ServerResponse>(
  pingMs,
  (response) => response.writableNeedDrain || response.write(":\n\n"),
);

/**
 * For as long as a stream is open, node:http keeps the request that opened it: its token is not to be found in memory
 * for so long, nor does it need the room, which is a third of what an idle stream takes.
 */
function lighten(response: ServerResponse): void {
  const { req } = response;
  req.removeAllListeners(); // it has been read
  req.headers = {};
  req.rawHeaders = [];
}

/** Resolves when its reader has caught up, or has left. */
function canTakeMore(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
    if (response.destroyed) go();
  });
}

const complete = "event: complete\ndata:\n\n";

const texts = new WeakMap<ExecutionResult, string>();

/** Made once for all streams that tell the same result. */
function toEvent(result: ExecutionResult): string {
  let text = texts.get(result);
  if (text === undefined) {
    text = `event: next\ndata: ${JSON.stringify(withoutHttp(result))}\n\n`;
    texts.set(result, text);
  }
  return text;
}
