/** Reads the body of a POST to the graph, within bounds of size, time and memory. */
import type { IncomingMessage } from "node:http";
import type { GraphQLError } from "graphql";
import { disconnected, overloaded, unreadable } from "../errors.ts";
import type { ArrivingBodiesOptions } from "../lib/arriving-bodies.ts";
import { createBodyReader, type Unread } from "../lib/body-reader.ts";
import { charsetOf, decodeUtf8 } from "../lib/utf8.ts";
import type { OperationParams } from "../operation.ts";

export type BodyLimits = {
  readonly maxBytes: number;
  /** Of all bodies that are arriving. */
  readonly maxTotalBytes?: number;
  readonly timeoutMs?: number;
};

export type ReadParams = (request: IncomingMessage, address: string) => Promise<OperationParams>;

/**
 * @returns a function that reads an operation; rejects with a GraphQLError for what is none. `address`: whose bodies are
 * counted together while they arrive.
 */
export function createParamsReader(limits: BodyLimits): ReadParams {
  const { maxBytes, maxTotalBytes, timeoutMs = 15_000 } = limits;
  const arriving = toArrivingBounds(maxBytes, maxTotalBytes);
  const readBody = createBodyReader({ maxBytes, timeoutMs, arriving });

  return async (request, address) => {
    const { headers } = request;
    const type = toMediaType(headers["content-type"]);
    if (headers["content-encoding"] !== undefined && headers["content-encoding"].toLowerCase() !== "identity") {
      throw unreadable(415, "The body must not be compressed.", { "accept-encoding": "identity" });
    }
    if (Number(headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const body = await readBody(request, address);
    if (typeof body === "string") throw toError(body, maxBytes);
    const text = decodeUtf8(body);
    if (text === null) throw unreadable(400, "The body is not in UTF-8.");
    return toParams(text, type);
  };
}

/**
 * Drops what is still arriving of a request that was answered without it, since a client that is cut off while it sends
 * may not read the answer. One that goes on sending is disconnected.
 * @param isKnown whether its caller was authenticated: of others less is read, since what waits to be dropped takes memory, too.
 */
export function discardBody(request: IncomingMessage, isKnown: boolean): void {
  if (request.complete) return;
  let leftBytes = isKnown ? 4 * mebibyte : 64 * 1024;
  request.on("data", (chunk: Buffer) => {
    leftBytes -= chunk.byteLength;
    if (leftBytes < 0) request.destroy();
  });
  request.resume();
  const timer = setTimeout(() => request.destroy(), discardMs);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
}

const discardMs = 1000;

/** For requests of so many bytes: an eighth of all from one address, but a whole request in any case. */
export function toArrivingBounds(
  maxRequestBytes: number,
  maxBytes = Math.max(64 * mebibyte, 2 * maxRequestBytes),
): ArrivingBodiesOptions {
  return { maxBytes, maxBytesEach: Math.max(maxBytes / 8, maxRequestBytes) };
}

const mebibyte = 1024 * 1024;

function toError(reason: Unread, maxBytes: number): GraphQLError {
  if (reason === "too-large") return tooLarge(maxBytes);
  if (reason === "too-slow") return unreadable(408, "The body did not arrive in time.");
  return reason === "busy" ? overloaded(retryBodyMs) : disconnected();
}

/** A body that comes at once finds space at any time. */
const retryBodyMs = 1000;

const tooLarge = (maxBytes: number) => unreadable(413, `The request is too large: ${maxBytes} bytes at the most.`);

type MediaType = "json" | "graphql";

/** Forms and plain text are what a page of another site can send without a preflight. */
function toMediaType(contentType: string | undefined): MediaType {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  const isJson = type === "application/json" || type === "application/graphql+json";
  if (!isJson && type !== "application/graphql") {
    throw unreadable(415, "The body must be of the type application/json.", { accept: "application/json" });
  }
  if (!/^utf-?8$/.test(charsetOf(contentType))) {
    throw unreadable(415, "The body must be in UTF-8.", { accept: "application/json; charset=utf-8" });
  }
  return isJson ? "json" : "graphql";
}

const known: ReadonlySet<string> = new Set(["query", "operationName", "variables", "extensions", "documentId"]);

function toParams(text: string, type: MediaType): OperationParams {
  if (type === "graphql") return { query: text };
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch {
    throw unreadable(400, "The body is not JSON.");
  }
  if (!isRecord(params)) throw unreadable(400, "The body must be a JSON object: a query and its variables.");
  const { query, operationName, variables, extensions } = params;
  const wrong =
    Object.keys(params).find((key) => !known.has(key) && params[key] != null) ??
    (query == null || typeof query === "string" ? undefined : "query") ??
    (operationName == null || typeof operationName === "string" ? undefined : "operationName") ??
    (variables == null || isRecord(variables) ? undefined : "variables") ??
    (extensions == null || isRecord(extensions) ? undefined : "extensions");
  if (wrong !== undefined)
    throw unreadable(400, `The body's \`${wrong.slice(0, 64)}\` is not one of GraphQL over HTTP.`);
  return params as OperationParams;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
