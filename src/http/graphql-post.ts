/** The short way of most requests: a POST of JSON, read from and written to node:http directly. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import type { Pipeline } from "../engine/pipeline.ts";
import { withoutHttp } from "../errors.ts";
import { isAsyncIterable } from "../lib/async-iterable.ts";
import { Cancellation } from "../lib/cancellation.ts";
import type { OperationParams } from "../operation.ts";
import { type Accepted, errorHeaders, eventStream, negotiate, toStatus } from "./content-negotiation.ts";
import { securityHeaders } from "./security-headers.ts";
import { sendEvent, streamEvents } from "./sse.ts";

export type GraphqlPostOptions = {
  readonly pipeline: Pipeline;
  readonly maxRequestBytes: number;
  /** Whether pages of other origins are allowed: their answers need headers that are Yoga's. */
  readonly hasOrigins: boolean;
};

type OnError = (error: unknown) => void;

/**
 * Yoga's objects for a request and its answer cost more than all else of a small query. What is out of the ordinary is
 * left to Yoga: other methods, pages of other origins, bodies that are no operation.
 *
 * @returns a function that answers a request, with `null` once it has begun to: `onError` is called with what goes wrong
 * afterwards. Or leaves it to Yoga: at once (`false`), or with its body when that was read.
 */
export function createGraphqlPost({ pipeline, maxRequestBytes, hasOrigins }: GraphqlPostOptions) {
  function isOrdinary({ method, headers }: IncomingMessage): boolean {
    return (
      method === "POST" &&
      isJson.test(headers["content-type"] ?? "") &&
      !(hasOrigins && headers.origin !== undefined) &&
      !(Number(headers["content-length"] ?? 0) > maxRequestBytes)
    );
  }

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    address: string | null,
    { type, acceptsStream }: Accepted,
    onError: OnError,
  ): Promise<Buffer | null> {
    const body = await read(request, maxRequestBytes);
    if (body === null) return null; // its client has disconnected
    if (body.byteLength > maxRequestBytes) {
      response.once("finish", () => request.resume()); // the rest is dropped, and other requests may follow it
      return body;
    }
    const params = toParams(body);
    if (params === null) return body;
    const cancellation = new Cancellation();
    response.on("close", () => {
      if (!response.writableFinished) cancellation.cancel();
    });
    const { headers } = request;
    const { operation, result } = await pipeline.run({
      params,
      credentials: headers.authorization ?? null,
      requestId: headers["x-request-id"]?.toString() ?? null,
      address,
      traceparent: headers["traceparent"]?.toString() ?? null,
      cancellation,
      isReadOnly: false,
      acceptsStream,
    });
    const fixed = [...fixedHeaders, "x-request-id", operation.requestId];
    if (isAsyncIterable(result)) streamEvents(response, fixed, result, onError);
    else send(response, fixed, result, type);
    return null;
  }

  return (
    request: IncomingMessage,
    response: ServerResponse,
    address: string | null,
    onError: OnError,
  ): Promise<Buffer | null> | false => {
    const accepted = isOrdinary(request) ? negotiate(request.headers.accept) : null;
    return accepted !== null && answer(request, response, address, accepted, onError);
  };
}

const isJson = /^application\/(graphql\+)?json *(;|$)/i;

/** The body; `null` when its client has disconnected. One that is too long is read no further than that is known. */
function read(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size <= maxBytes) return;
      request.off("data", take).pause();
      resolve(Buffer.concat(chunks));
    };
    request.on("data", take);
    request.once("end", () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.once("close", () => resolve(null));
  });
}

const known: ReadonlySet<string> = new Set(["query", "operationName", "variables", "extensions"]);

/** `null` for what is not plainly an operation: Yoga has the words for what is wrong with it. */
function toParams(body: Buffer): OperationParams | null {
  let params: unknown;
  try {
    params = JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
  if (!isRecord(params) || !Object.keys(params).every((key) => known.has(key))) return null;
  const { query, operationName, variables, extensions } = params;
  const isOperation =
    typeof query === "string" &&
    (operationName == null || typeof operationName === "string") &&
    (variables == null || isRecord(variables)) &&
    (extensions == null || isRecord(extensions));
  return isOperation ? (params as OperationParams) : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const fixedHeaders = securityHeaders.flat();

function send(
  response: ServerResponse,
  fixed: readonly string[],
  result: ExecutionResult,
  type: Accepted["type"],
): void {
  const headers = [...fixed, ...Object.entries(errorHeaders(result)).flat()];
  const status = toStatus(result, type);
  if (type === eventStream) {
    sendEvent(response, status, headers, result);
    return;
  }
  if (response.destroyed) return;
  const text = JSON.stringify(withoutHttp(result));
  const length = String(Buffer.byteLength(text));
  response.writeHead(status, [...headers, "content-type", `${type}; charset=utf-8`, "content-length", length]);
  response.end(text);
}
