/** The answer to a request that is refused before it reaches the pipeline. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { GraphQLError } from "graphql";
import { toClientError } from "../errors.ts";
import { toRequestId } from "../operation.ts";
import { securityHeaders } from "./security-headers.ts";

/** A refusal that is the same for every request. */
export type Refusal = {
  readonly status: number;
  send(request: IncomingMessage, response: ServerResponse): void;
};

const placeholder = "any-request-id";

/** Its text is made once: under overload there are very many. */
export function createRefusal(error: GraphQLError): Refusal {
  const { message, extensions } = toClientError(error, placeholder);
  const { http, ...shown } = extensions as { http?: { status: number; headers?: Record<string, string> } };
  const status = http?.status ?? 200;
  const own = { ...http?.headers, "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
  const fixed = [...securityHeaders, ...Object.entries(own)].flat();
  const [before = "", behind = ""] = JSON.stringify({ errors: [{ message, extensions: shown }] }).split(placeholder);
  return {
    status,
    send(request, response) {
      const requestId = toRequestId(request.headers["x-request-id"]?.toString() ?? null);
      const text = before + requestId + behind; // ASCII: its length is that in bytes
      response.writeHead(status, [...fixed, "x-request-id", requestId, "content-length", String(text.length)]);
      response.end(text);
    },
  };
}
