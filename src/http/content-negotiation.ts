/** In which form a client accepts its answer, and with which status. */
import type { ExecutionResult } from "graphql";
import { httpOf } from "../errors.ts";

export const json = "application/json";
const graphqlJson = "application/graphql-response+json";
export const eventStream = "text/event-stream";

/** `type`: of what is no stream; JSON where it is accepted. */
export type Accepted = {
  readonly type: typeof json | typeof graphqlJson | typeof eventStream;
  readonly acceptsStream: boolean;
};

const onlyJson: Accepted = { type: json, acceptsStream: false };

/** What is offered to clients that accept none of it. */
export const writtenTypes = `${graphqlJson}; charset=utf-8, ${json}; charset=utf-8, ${eventStream}`;

/** Of an `Accept` header the preferred type of JSON, and whether event streams are accepted; `null`: neither is. */
export function negotiate(accept: string | null | undefined): Accepted | null {
  if (accept === json) return onlyJson;
  const ranges = toMediaRanges(accept);
  const refused = new Set(ranges.filter(({ quality }) => quality === 0).map(({ name }) => name));
  let type: Accepted["type"] | null = null;
  for (const { name, quality } of ranges) {
    if (quality === 0) continue;
    if (name === graphqlJson) type ??= graphqlJson;
    else if (name === json || ((name === "*/*" || name === "application/*") && !refused.has(json))) type ??= json;
  }
  const acceptsStream =
    !refused.has(eventStream) && ranges.some(({ name, quality }) => quality > 0 && isEventStream(name));
  if (type !== null) return { type, acceptsStream };
  return acceptsStream ? { type: eventStream, acceptsStream } : null;
}

export function acceptsEventStream(accept: string | null | undefined): boolean {
  return negotiate(accept)?.acceptsStream === true;
}

/** Whether a client asks for a page by name, as browsers do when a person opens an address. */
export function acceptsHtml(accept: string | null | undefined): boolean {
  return accept != null && toMediaRanges(accept).some(({ name, quality }) => quality > 0 && name === "text/html");
}

const isEventStream = (name: string) => name === "*/*" || name === "text/*" || name === eventStream;

type MediaRange = { readonly name: string; readonly quality: number };

/** By preference (RFC 9110, 12.5.1); those of one quality in their order. */
function toMediaRanges(accept: string | null | undefined): readonly MediaRange[] {
  const entries = (accept || "*/*").toLowerCase().split(",");
  const ranges = entries.flatMap((entry): MediaRange[] => {
    const [name = "", ...parameters] = entry.split(";").map((part) => part.trim());
    if (parameters.some((one) => one.startsWith("charset=") && one !== "charset=utf-8")) return [];
    const weight = parameters.find((one) => one.startsWith("q="))?.slice(2);
    const quality = weight === undefined ? 1 : Number(weight);
    return [{ name, quality: quality >= 0 && quality <= 1 ? quality : 0 }];
  });
  return ranges.toSorted((a, b) => b.quality - a.quality);
}

/** Of an answer, such as `retry-after`, as its errors require them. */
export function errorHeaders({ errors = [] }: ExecutionResult): Readonly<Record<string, string>> {
  return Object.assign({}, ...errors.map((error) => httpOf(error)?.headers));
}

/**
 * GraphQL over HTTP: without data an answer is no success, but clients of `application/json` may take any status but 200
 * for an answer that is not GraphQL's. And clients of event streams take most statuses for a broken connection, and try
 * again: what is wrong is in the stream, but for a refused caller.
 */
export function toStatus({ errors = [], ...rest }: ExecutionResult, type: Accepted["type"]): number {
  let status = 0;
  let isUnexpected = false;
  for (const error of errors) {
    const http = httpOf(error);
    if (http === undefined) isUnexpected ||= error.originalError != null;
    else if (!(http.spec === true && type === json)) status = Math.max(status, http.status ?? 0);
  }
  if (status === 0 && !("data" in rest)) status = isUnexpected ? 500 : type === json ? 200 : 400;
  if (type === eventStream && (status === 400 || status === 500)) return 200;
  return status === 0 ? 200 : status;
}
