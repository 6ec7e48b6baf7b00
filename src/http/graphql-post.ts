/** A POST to the graph, read from and written to node:http directly. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import type { Pipeline } from "../engine/pipeline.ts";
import { withoutHttp } from "../errors.ts";
import { isAsyncIterable } from "../lib/async-iterable.ts";
import { Cancellation } from "../lib/cancellation.ts";
import { type Accepted, errorHeaders, eventStream, negotiate, toStatus, writtenTypes } from "./content-negotiation.ts";
import { discardBody, type ReadParams } from "./request-body.ts";
import { securityHeaders } from "./security-headers.ts";
import { sendEvent, streamEvents } from "./sse.ts";

export type GraphqlPostOptions = {
  readonly pipeline: Pipeline;
  readonly readParams: ReadParams;
};

/**
 * Yoga's objects for a request and its answer cost more than all else of a small query. The body is read once the caller
 * is authenticated.
 * @returns a function that answers a request; `onError` is called with what goes wrong while a stream is open.
 */
export function createGraphqlPost({ pipeline, readParams }: GraphqlPostOptions) {
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    address: string,
    onError: (error: unknown) => void,
  ): Promise<void> => {
    const { headers } = request;
    const accepted = negotiate(headers.accept);
    if (accepted === null) {
      refuseUnacceptable(request, response);
      return;
    }
    const cancellation = new Cancellation();
    response.on("close", () => {
      if (!response.writableFinished) cancellation.cancel();
    });
    const { operation, result } = await pipeline.run({
      params: () => readParams(request, address),
      credentials: headers.authorization ?? null,
      headers,
      connectionParams: null,
      requestId: headers["x-request-id"]?.toString() ?? null,
      address,
      traceparent: headers["traceparent"]?.toString() ?? null,
      cancellation,
      isReadOnly: false,
      acceptsStream: accepted.acceptsStream,
    });
    const written = [...fixedHeaders, "x-request-id", operation.requestId];
    if (isAsyncIterable(result)) streamEvents(response, written, result, onError);
    else send(response, written, result, accepted.type);
    discardBody(request, operation.viewer !== null);
  };
}

const fixedHeaders: readonly string[] = [...securityHeaders.flat(), "cache-control", "no-store"];

/** None of the types that its client accepts can be written. */
export function refuseUnacceptable(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(406, [...fixedHeaders, "accept", writtenTypes, "content-length", "0"]).end();
  discardBody(request, false);
}

function send(response: ServerResponse, headers: string[], result: ExecutionResult, type: Accepted["type"]): void {
  if (result.errors !== undefined) headers.push(...Object.entries(errorHeaders(result)).flat());
  const status = toStatus(result, type);
  if (type === eventStream) {
    sendEvent(response, status, headers, result);
    return;
  }
  if (response.destroyed) return;
  const text = JSON.stringify(withoutHttp(result));
  const length = String(Buffer.byteLength(text));
  headers.push("content-type", `${type}; charset=utf-8`, "content-length", length);
  response.writeHead(status, headers);
  response.end(text);
}
