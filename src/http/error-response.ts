/** The answer to a request that is refused before it reaches the pipeline. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { GraphQLError } from "graphql";
import { toClientError } from "../errors.ts";
import { toRequestId } from "../operation.ts";
import { securityHeaders } from "./security-headers.ts";

/** A refusal that is the same for every request. */
export type Refusal = {
  toResponse(requestId: string): { status: number; headers: Record<string, string>; body: string };
  send(request: IncomingMessage, response: ServerResponse): void;
};

const placeholder = "any-request-id";

/** Its text is made once: under overload there are very many. */
export function createRefusal(error: GraphQLError): Refusal {
  const { message, extensions } = toClientError(error, placeholder);
  const { http, ...shown } = extensions as { http?: { status: number; headers?: Record<string, string> } };
  const status = http?.status ?? 200;
  const headers = { ...http?.headers, "content-type": "application/json; charset=utf-8" };
  const [before = "", behind = ""] = JSON.stringify({ errors: [{ message, extensions: shown }] }).split(placeholder);
  const fixed = [...securityHeaders, ...Object.entries(headers)].flat();
  return {
    toResponse: (requestId) => ({ status, headers, body: before + requestId + behind }),
    send(request, response) {
      const requestId = toRequestId(request.headers["x-request-id"]?.toString() ?? null);
      const body = before + requestId + behind; // ASCII: its length is that in bytes
      response.writeHead(status, [...fixed, "x-request-id", requestId, "content-length", String(body.length)]);
      response.end(body);
    },
  };
}
