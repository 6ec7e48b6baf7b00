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

/** Of an `Accept` header the first type of JSON, and whether event streams are accepted; `null` when it names neither. */
export function negotiate(accept: string | null | undefined): Accepted | null {
  if (accept === json) return onlyJson;
  let type: Accepted["type"] | null = null;
  let isMultipart = false;
  const types = toMediaTypes(accept);
  for (const name of types) {
    if (name.startsWith("multipart/")) isMultipart = true;
    if (name === graphqlJson) type ??= graphqlJson;
    else if (name === json || name === "*/*" || name === "application/*") type ??= json;
  }
  const acceptsStream = types.some(isEventStream);
  if (type !== null) return { type, acceptsStream };
  return acceptsStream && !isMultipart ? { type: eventStream, acceptsStream } : null;
}

export function acceptsEventStream(accept: string | null | undefined): boolean {
  return toMediaTypes(accept).some(isEventStream);
}

const isEventStream = (name: string) => name === "*/*" || name === "text/*" || name === eventStream;

function toMediaTypes(accept: string | null | undefined): readonly string[] {
  const entries = (accept || "*/*").toLowerCase().split(",");
  return entries.flatMap((entry) => {
    const [name = "", ...parameters] = entry.split(";").map((part) => part.trim());
    return parameters.some((one) => one.startsWith("charset=") && one !== "charset=utf-8") ? [] : [name];
  });
}

/** Of an answer, such as `retry-after`, as its errors require them. */
export function errorHeaders({ errors = [] }: ExecutionResult): Readonly<Record<string, string>> {
  return Object.assign({}, ...errors.map((error) => httpOf(error)?.headers));
}

/**
 * GraphQL over HTTP: clients of `application/json` may take any status but 200 for an answer that is not GraphQL's. And
 * clients of event streams take a 400 for a broken connection, and try again: what is wrong is in the stream.
 */
export function toStatus({ errors = [], ...rest }: ExecutionResult, type: Accepted["type"]): number {
  let status = 0;
  let isUnexpected = false;
  for (const error of errors) {
    const http = httpOf(error);
    if (http === undefined) isUnexpected ||= error.originalError != null;
    else if (!(http.spec === true && type === json)) status = Math.max(status, http.status ?? 0);
  }
  if (status === 400 && type === eventStream) return 200;
  if (status > 0) return status;
  return isUnexpected && !("data" in rest) ? 500 : 200;
}
