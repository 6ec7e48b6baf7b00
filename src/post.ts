import type { IncomingMessage, ServerResponse } from "node:http";
import type { ExecutionResult, GraphQLError } from "graphql";
import { type Engine, toGraphQLError } from "./engine.ts";
import { createOperation, type Operation, type OperationParams, type Prepared } from "./operation.ts";
import { securityHeaders } from "./security-headers.ts";

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

/** A request that was read and then left to Yoga; `stream`: the operation that it asks for, when it is a subscription. */
export type Left = {
  readonly body: Buffer;
  readonly stream?: { readonly operation: Operation; readonly params: OperationParams; readonly prepared: Prepared };
};

/**
 * The short way of most requests: a POST of JSON that takes JSON, without the objects that stand for requests and
 * responses on Yoga's way, which cost more than all else of a small query. What is out of the ordinary goes Yoga's way:
 * pages of other origins, streams, bodies that are no operation.
 *
 * @returns answers a request, `null` then; or leaves it to Yoga, at once (`false`) or when it was read.
 */
export function createPost({ engine, requestBytes, addressOf, refuses, hasOrigins, trace }: PostOptions) {
  function isOrdinary(request: IncomingMessage): boolean {
    const { method, headers } = request;
    return (
      method === "POST" &&
      isJson.test(headers["content-type"] ?? "") &&
      toType(headers.accept) !== null &&
      !(hasOrigins && headers.origin !== undefined) &&
      headers["x-graphql-event-stream-token"] === undefined &&
      !(Number(headers["content-length"] ?? 0) > requestBytes) &&
      !refuses(request)
    );
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<Left | null> {
    const body = await read(request, requestBytes);
    if (body === null) return null;
    const params = toParams(body);
    if (params === null) return { body };
    const { headers } = request;
    const leaving = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) leaving.abort(gone);
    });
    const operation = createOperation(headers["x-request-id"]?.toString() ?? null, leaving.signal);
    operation.address = addressOf(request);
    try {
      trace(operation, headers["traceparent"]?.toString() ?? null);
      operation.viewer = await engine.admit(headers.authorization ?? null, operation.address);
      const trusted = engine.toTrusted(params);
      const prepared = await engine.prepare(trusted, operation);
      if (!("run" in prepared)) write(response, operation, { errors: prepared }, headers.accept);
      else if (operation.kind === "subscription") return { body, stream: { operation, params: trusted, prepared } };
      else write(response, operation, (await prepared.run()) as ExecutionResult, headers.accept);
    } catch (error) {
      write(response, operation, { errors: engine.refuse(operation, [toGraphQLError(error)]) }, headers.accept);
    }
    return null;
  }

  return (request: IncomingMessage, response: ServerResponse): Promise<Left | null> | false =>
    isOrdinary(request) && answer(request, response);
}

const isJson = /^application\/(graphql\+)?json *(;|$)/i;

/** Made once: with none given, each abort makes an error of its own. */
const gone = new Error("the client has left");

/** The body; `null` when its client has left. One that grows too long is left as far as it was read: too long for Yoga, too. */
function read(request: IncomingMessage, mostBytes: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size <= mostBytes) return;
      request.pause();
      resolve(Buffer.concat(chunks));
    });
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

/** The first of the types of JSON that an `Accept` names; `null` for none, or one that asks for more than that. */
function toType(accept: string | undefined): typeof json | typeof graphqlJson | null {
  if (accept === undefined || accept === json) return json;
  for (const entry of accept.toLowerCase().split(",")) {
    const [type = "", ...parameters] = entry.split(";").map((part) => part.trim());
    if (parameters.some((one) => one.startsWith("charset=") && one !== "charset=utf-8")) continue;
    if (type === graphqlJson) return graphqlJson;
    if (type === json || type === "*/*" || type === "application/*") return json;
  }
  return null;
}

type Http = { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly spec?: boolean };

const httpOf = ({ extensions }: GraphQLError) => extensions["http"] as Http | undefined;

function write(
  response: ServerResponse,
  { requestId }: Operation,
  result: ExecutionResult,
  accept: string | undefined,
): void {
  if (response.destroyed) return;
  const type = toType(accept) ?? json;
  const text = JSON.stringify(result.errors === undefined ? result : withoutHttp(result));
  const errors = result.errors ?? [];
  response.writeHead(toStatus(result, type), [
    ...fixed,
    "content-type",
    `${type}; charset=utf-8`,
    "x-request-id",
    requestId,
    "content-length",
    String(Buffer.byteLength(text)),
    ...errors.flatMap((error) => Object.entries(httpOf(error)?.headers ?? {}).flat()),
  ]);
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

function withoutHttp(result: ExecutionResult): object {
  const errors = result.errors?.map((error) => {
    const { extensions, ...shown } = error.toJSON();
    const { http: _http, ...others } = extensions ?? {};
    return { ...shown, extensions: others };
  });
  return { ...result, errors };
}
