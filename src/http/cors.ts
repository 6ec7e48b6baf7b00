/** What a page of an allowed origin needs to read an answer (CORS). Its preflights are answered by Yoga. */
import type { IncomingMessage, ServerResponse } from "node:http";

export const exposedHeaders = ["x-request-id", "retry-after"];

export function allowOrigin({ headers }: IncomingMessage, response: ServerResponse, allowed: readonly string[]): void {
  const { origin } = headers;
  if (allowed.length === 0) return;
  response.setHeader("vary", "Origin");
  if (origin === undefined || !allowed.includes(origin)) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", exposedHeaders.join(", "));
}
