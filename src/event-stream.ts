import type { ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import { isAsyncIterable } from "graphql-yoga";
import { Beat } from "./beat.ts";
import { withoutHttp } from "./errors.ts";

/** Between two signs of life, in milliseconds. */
const pingMs = 12_000;

/**
 * Writes a result, or results as they come and as fast as they are read, as GraphQL over SSE in distinct connections
 * has it. Straight to node:http: behind the objects that stand for responses on Yoga's way, each open stream takes nearly
 * twice the memory.
 * @param headers of the answer besides its type, one after the other.
 */
export function sendEvents(
  response: ServerResponse,
  status: number,
  headers: readonly string[],
  result: ExecutionResult | AsyncIterableIterator<ExecutionResult>,
): Promise<void> {
  if (!response.destroyed) {
    response.writeHead(status, [...headers, "content-type", "text/event-stream", "cache-control", "no-cache"]);
  }
  return isAsyncIterable(result) ? tell(response, result) : tellOnce(response, result);
}

async function tellOnce(response: ServerResponse, result: ExecutionResult): Promise<void> {
  if (!response.destroyed) response.end(toEvent(result) + complete);
}

/** Apart from what writes the head, which has much in hand that would be kept. */
async function tell(response: ServerResponse, results: AsyncIterableIterator<ExecutionResult>): Promise<void> {
  if (response.destroyed) {
    await results.return?.();
    return;
  }
  response.flushHeaders(); // alone: together with anything else, the head is kept in the sixty pieces it is made of
  response.write(":\n\n"); // some browsers open the stream only with its first bytes
  lighten(response);
  pings.add(response);
  response.on("close", () => {
    pings.delete(response);
    results.return?.().catch(() => {}); // nobody is left to be told
  });
  for await (const result of results) {
    if (!response.write(toEvent(result))) await canTakeMore(response);
  }
  pings.delete(response); // nothing may be written behind the end, which may wait for its reader
  response.end(complete);
}

const pings = new Beat<ServerResponse>(pingMs, (response) => response.writableNeedDrain || response.write(":\n\n"));

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
