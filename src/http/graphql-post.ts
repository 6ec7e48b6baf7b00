import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import { isAsyncIterable } from "graphql-yoga";
import { type Engine, toGraphQLError } from "../engine/pipeline.ts";
import { httpOf, notAcceptable, withoutHttp } from "../errors.ts";
import { Cancellation } from "../lib/cancellation.ts";
import { createOperation, type Operation, type OperationParams } from "../operation.ts";
import { securityHeaders } from "./security-headers.ts";
import { sendEvent, streamEvents } from "./sse.ts";

export type PostOptions = {
  readonly engine: Engine;
  readonly requestBytes: number;
  readonly addressOf: (request: IncomingMessage) => string | null;
  /** Whether a page asks that may not. */
  readonly refuses: (request: IncomingMessage) => boolean;
  /** Whether pages of other origins may ask: their answers need headers that are Yoga's. */
  readonly hasOrigins: boolean;
  /** Told of each operation with the request's `traceparent` before anything else. */
  readonly trace: (operation: Operation, caller: string | null) => void;
};

/**
 * The short way of most requests: a POST of JSON that takes JSON or an event stream, without the objects that stand for
 * requests and responses on Yoga's way, which cost more than all else of a small query. What is out of the ordinary goes
 * Yoga's way: other methods, pages of other origins, bodies that are no operation.
 *
 * @returns answers a request, `null` then, or when it has begun to: `fail` is told what goes wrong afterwards. Or leaves
 * it to Yoga: at once (`false`), or with its body when it was read.
 */
export function createPost({ engine, requestBytes, addressOf, refuses, hasOrigins, trace }: PostOptions) {
  function isOrdinary(request: IncomingMessage): boolean {
    const { method, headers } = request;
    return (
      method === "POST" &&
      isJson.test(headers["content-type"] ?? "") &&
      !(hasOrigins && headers.origin !== undefined) &&
      headers["x-graphql-event-stream-token"] === undefined &&
      !(Number(headers["content-length"] ?? 0) > requestBytes) &&
      !refuses(request)
    );
  }

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    form: Form,
    fail: Fail,
  ): Promise<Buffer | null> {
    const body = await read(request, requestBytes);
    if (body === null) return null; // its client has left
    if (body.byteLength > requestBytes) {
      response.once("finish", () => request.resume()); // the rest is nobody's, and other requests may follow it
      return body;
    }
    const params = toParams(body);
    if (params === null) return body;
    const cancellation = new Cancellation();
    response.on("close", () => {
      if (!response.writableFinished) cancellation.cancel();
    });
    const operation = createOperation(request.headers["x-request-id"]?.toString() ?? null, cancellation);
    operation.address = addressOf(request);
    const result = await perform(params, operation, request.headers, form);
    if (isAsyncIterable(result)) streamEvents(response, [...fixed, "x-request-id", operation.requestId], result, fail);
    else send(response, operation, result, form);
    return null;
  }

  async function perform(
    params: OperationParams,
    operation: Operation,
    headers: IncomingHttpHeaders,
    { streams }: Form,
  ): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
    try {
      trace(operation, headers["traceparent"]?.toString() ?? null);
      operation.viewer = await engine.admit(headers.authorization ?? null, operation.address);
      const prepared = await engine.prepare(engine.toTrusted(params), operation);
      if (!("run" in prepared)) return { errors: prepared };
      if (operation.kind === "subscription" && !streams) throw notAcceptable();
      return await prepared.run();
    } catch (error) {
      return { errors: engine.refuse(operation, [toGraphQLError(error)]) };
    }
  }

  return (request: IncomingMessage, response: ServerResponse, fail: Fail): Promise<Buffer | null> | false => {
    const form = isOrdinary(request) ? toForm(request.headers.accept) : null;
    return form !== null && answer(request, response, form, fail);
  };
}

const isJson = /^application\/(graphql\+)?json *(;|$)/i;

type Fail = (error: unknown) => void;

/** The body; `null` when its client has left. One that grows too long is left as far as it was read: too long for Yoga, too. */
function read(request: IncomingMessage, mostBytes: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size <= mostBytes) return;
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

/** `null` for whatever is not plainly an operation: Yoga has the words for what is wrong with it. */
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

const json = "application/json";
const graphqlJson = "application/graphql-response+json";
const events = "text/event-stream";

/** How a client takes its answers: `type` what is no stream, JSON wherever it may be. */
type Form = { readonly type: typeof json | typeof graphqlJson | typeof events; readonly streams: boolean };

const onlyJson: Form = { type: json, streams: false };

/**
 * The first of the types of JSON that an `Accept` names, and whether streams are taken, as Yoga reads it; `null` when it
 * names neither.
 */
function toForm(accept: string | undefined): Form | null {
  if (accept === json) return onlyJson;
  let type: Form["type"] | null = null;
  let isMultipart = false;
  const types = toTypes(accept);
  for (const asked of types) {
    if (asked.startsWith("multipart/")) isMultipart = true;
    if (asked === graphqlJson) type ??= graphqlJson;
    else if (asked === json || asked === "*/*" || asked === "application/*") type ??= json;
  }
  const streams = types.some(isStream);
  if (type !== null) return { type, streams };
  return streams && !isMultipart ? { type: events, streams } : null;
}

/** Whether a client takes event streams. */
export function takesStreams(accept: string | undefined): boolean {
  return toTypes(accept).some(isStream);
}

const isStream = (asked: string) => asked === "*/*" || asked === "text/*" || asked === events;

function toTypes(accept: string | undefined): readonly string[] {
  const entries = (accept || "*/*").toLowerCase().split(",");
  return entries.flatMap((entry) => {
    const [asked = "", ...parameters] = entry.split(";").map((part) => part.trim());
    return parameters.some((one) => one.startsWith("charset=") && one !== "charset=utf-8") ? [] : [asked];
  });
}

function send(response: ServerResponse, { requestId }: Operation, result: ExecutionResult, { type }: Form): void {
  const own = Object.entries(Object.assign({}, ...(result.errors ?? []).map((error) => httpOf(error)?.headers)));
  const headers = [...fixed, "x-request-id", requestId, ...(own as [string, string][]).flat()];
  const status = toStatus(result, type);
  // Clients of event streams take a 400 for a broken connection, and try again: what is wrong is in the stream.
  if (type === events) {
    sendEvent(response, status === 400 ? 200 : status, headers, result);
    return;
  }
  if (response.destroyed) return;
  const text = JSON.stringify(withoutHttp(result));
  const length = String(Buffer.byteLength(text));
  response.writeHead(status, [...headers, "content-type", `${type}; charset=utf-8`, "content-length", length]);
  response.end(text);
}

const fixed = securityHeaders.flat();

/** As Yoga has it: clients of `application/json` may take anything but 200 for an answer that is not GraphQL's. */
function toStatus({ errors = [], ...rest }: ExecutionResult, type: string): number {
  let status = 0;
  let isUnexpected = false;
  for (const error of errors) {
    const http = httpOf(error);
    if (http === undefined) isUnexpected ||= error.originalError != null;
    else if (!(http.spec === true && type === json)) status = Math.max(status, http.status ?? 0);
  }
  if (status > 0) return status;
  return isUnexpected && !("data" in rest) ? 500 : 200;
}
