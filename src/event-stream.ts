import type { IncomingMessage, ServerResponse } from "node:http";
import type { ExecutionResult, GraphQLError } from "graphql";
import { isAsyncIterable } from "graphql-yoga";
import type { Viewer } from "./auth.ts";
import { createOperation, type Operation, type OperationParams, type Prepared } from "./operation.ts";

export type EventStreamOptions = {
  readonly admit: (authorization: string | null, address: string | null) => Promise<Viewer>;
  /** Tells log and metrics of a request that is refused, and returns what its client may see. */
  readonly reject: (operation: Operation, error: unknown) => GraphQLError;
  readonly prepare: (params: OperationParams, operation: Operation) => Promise<Prepared | readonly GraphQLError[]>;
  readonly addressOf: (request: IncomingMessage) => string | null;
  /** Whether a page asks that may not. */
  readonly refuses: (request: IncomingMessage) => boolean;
  /** Whether pages of other origins may ask: their answers need headers that are Yoga's. */
  readonly hasOrigins: boolean;
  /** The longest body of a request. */
  readonly requestBytes: number;
};

type Result = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

/** Between two signs of life, in milliseconds. */
const pingMs = 12_000;
/** Made once: with none given, each abort makes an error of its own. */
const gone = new Error("the client has left");

/**
 * GraphQL over SSE, distinct connections: a POST whose answer is the stream of one operation, written straight to
 * node:http. Behind the objects that stand for requests and responses on Yoga's way, each open stream takes nearly twice
 * the memory. What is out of the ordinary is left to Yoga: other methods, pages of other origins, bodies that are no
 * operation.
 *
 * @returns answers a request, or leaves it: at once (`false`), or once it was read, with its body.
 */
export function createEventStreams(options: EventStreamOptions) {
  const { admit, reject, prepare, addressOf, refuses, hasOrigins, requestBytes } = options;

  function isOrdinary(request: IncomingMessage): boolean {
    const { method, headers } = request;
    return (
      method === "POST" &&
      request.url === "/graphql" &&
      headers.accept === "text/event-stream" &&
      /^application\/json *(;|$)/i.test(headers["content-type"] ?? "") &&
      !(hasOrigins && headers.origin !== undefined) &&
      headers["x-graphql-event-stream-token"] === undefined &&
      Number(headers["content-length"] ?? Number.POSITIVE_INFINITY) <= requestBytes &&
      !refuses(request)
    );
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<Buffer | null> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return null; // its client has left
    }
    const body = Buffer.concat(chunks);
    const params = toParams(body, request.headers["traceparent"]?.toString());
    if (params === null) return body;
    const leaving = new AbortController();
    const operation = createOperation(request.headers["x-request-id"]?.toString() ?? null, leaving.signal);
    operation.address = addressOf(request);
    response.once("close", () => leaving.abort(gone));
    response.setHeader("x-request-id", operation.requestId);
    await send(response, await perform(params, operation, request.headers.authorization ?? null));
    return null;
  }

  async function perform(params: OperationParams, operation: Operation, token: string | null): Promise<Result> {
    try {
      operation.viewer = await admit(token, operation.address);
    } catch (error) {
      return { errors: [reject(operation, error)] };
    }
    const prepared = await prepare(params, operation);
    return "run" in prepared ? prepared.run() : { errors: prepared };
  }

  return (request: IncomingMessage, response: ServerResponse): Promise<Buffer | null> | false =>
    isOrdinary(request) && answer(request, response);
}

/** `null` for whatever is not plainly an operation: Yoga has the words for what is wrong with it. */
function toParams(body: Buffer, traceparent: string | undefined): OperationParams | null {
  let params: unknown;
  try {
    params = JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
  if (!isRecord(params)) return null;
  const { query, operationName, variables, extensions, ...more } = params;
  const isOperation =
    typeof query === "string" &&
    (operationName == null || typeof operationName === "string") &&
    (variables == null || isRecord(variables)) &&
    (extensions == null || isRecord(extensions)) &&
    Object.keys(more).length === 0;
  if (!isOperation) return null;
  return traceparent === undefined ? params : { ...params, extensions: { ...extensions, traceparent } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Writes a result, or results as they come and as fast as they are read. */
async function send(response: ServerResponse, result: Result): Promise<void> {
  if (response.destroyed) {
    if (isAsyncIterable(result)) await result.return?.();
    return;
  }
  response.writeHead(isAsyncIterable(result) ? 200 : toStatus(response, result), {
    "content-type": "text/event-stream",
    "cache-control": "no-cache",
  });
  if (!isAsyncIterable(result)) {
    response.end(toEvent(result) + complete);
    return;
  }
  response.write(":\n\n"); // some browsers open the stream only with its first bytes
  const ping = setInterval(() => response.writableNeedDrain || response.write(":\n\n"), pingMs);
  ping.unref();
  response.once("close", () => {
    clearInterval(ping);
    void result.return?.();
  });
  for await (const message of result) {
    if (!response.write(toEvent(message))) await canTakeMore(response);
  }
  response.end(complete);
}

/** Resolves when its reader has caught up, or has left. */
function canTakeMore(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
    if (response.destroyed) go();
  });
}

const complete = "event: complete\ndata:\n\n";

const texts = new WeakMap<ExecutionResult, string>();

/** Made once for all streams that tell the same result. */
function toEvent(result: ExecutionResult): string {
  let text = texts.get(result);
  if (text === undefined) {
    text = `event: next\ndata: ${JSON.stringify({ ...result, errors: result.errors?.map(withoutHttp) })}\n\n`;
    texts.set(result, text);
  }
  return text;
}

function withoutHttp(error: GraphQLError) {
  const { extensions: { http: _http, ...extensions } = {}, ...shown } = error.toJSON();
  return { ...shown, extensions };
}

/** What is wrong with an operation is in its stream: clients take a 400 for a broken connection, and try again. */
function toStatus(response: ServerResponse, { errors = [], data }: ExecutionResult): number {
  if (data != null) return 200;
  for (const { extensions } of errors) {
    const { retryAfterMs } = extensions;
    if (typeof retryAfterMs === "number") response.setHeader("retry-after", Math.ceil(retryAfterMs / 1000));
    const status = statuses[String(extensions["code"])];
    if (status !== undefined) return status;
  }
  return 200;
}

const statuses: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  RATE_LIMITED: 429,
  UPSTREAM_UNAVAILABLE: 503,
};
