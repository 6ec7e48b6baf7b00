import type { IncomingMessage, ServerResponse } from "node:http";
import type { GraphQLError } from "graphql";
import { toClientError } from "../errors.ts";
import { toRequestId } from "../operation.ts";

/** The answer to a request that is refused before GraphQL begins. */
export function toRefusal(error: GraphQLError, requestId: string) {
  const { message, extensions } = toClientError(error, requestId);
  const { http, ...shown } = extensions as { http?: { status: number; headers?: Record<string, string> } };
  return {
    status: http?.status ?? 200,
    headers: { ...http?.headers, "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({ errors: [{ message, extensions: shown }] }),
  };
}

const anyId = "any-request-id";

/** The same for whatever comes to node:http. Its text is made once: there may be very many. */
export function createRefusal(error: GraphQLError) {
  const { status, headers: own, body } = toRefusal(error, anyId);
  const [before = "", behind = ""] = body.split(anyId);
  const fixed = [...Object.entries({ ...own, "x-content-type-options": "nosniff" })].flat();
  return ({ headers }: IncomingMessage, response: ServerResponse): void => {
    const requestId = toRequestId(headers["x-request-id"]?.toString() ?? null);
    const text = before + requestId + behind; // ASCII: its length is that in bytes
    response.writeHead(status, [...fixed, "x-request-id", requestId, "content-length", String(text.length)]).end(text);
  };
}
