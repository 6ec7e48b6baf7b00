import { randomUUID } from "node:crypto";
import { type GraphQLError, getOperationAST } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";
import type { Logger } from "pino";
import type { Viewer } from "./auth.ts";
import { toClientError } from "./errors.ts";
import { UpstreamError } from "./upstream/errors.ts";

/** What is known of one HTTP request to the graph while it runs. */
export type Operation = {
  readonly requestId: string;
  readonly startedAt: number;
  upstreamCalls: number;
  viewer: Viewer | null;
  /** As the document names it; `null` when it is anonymous, or never got as far as being parsed. */
  name: string | null;
};

export type Operations = { of(request: Request): Operation };

/** One record per request, for whoever takes part in answering it. */
export function createOperations(): Operations {
  const operations = new WeakMap<Request, Operation>();
  return {
    of(request) {
      let operation = operations.get(request);
      if (operation === undefined) {
        const given = request.headers.get("x-request-id");
        const requestId = given !== null && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
        operation = { requestId, startedAt: performance.now(), upstreamCalls: 0, viewer: null, name: null };
        operations.set(request, operation);
      }
      return operation;
    },
  };
}

/**
 * Turns every error into what a client may see, and writes one line per operation. Neither holds a person's data: the
 * line has no variables, no messages of the service about input, and no stack traces.
 */
export function useTelemetry(operations: Operations, log: Logger): Plugin<{ request: Request }> {
  return {
    onExecute({ args }) {
      const name = getOperationAST(args.document, args.operationName)?.name?.value;
      operations.of(args.contextValue.request).name = name ?? null;
    },
    onResultProcess({ request, result, setResult }) {
      if (Array.isArray(result) || isAsyncIterable(result)) return;
      const operation = operations.of(request);
      const { requestId } = operation;
      const errors = (result.errors ?? []).map((error) => toClientError(error, requestId));
      if (errors.length > 0) setResult({ ...result, errors });
      log.info(
        {
          requestId,
          operation: operation.name,
          subject: operation.viewer?.subject ?? null,
          outcome: errors.length === 0 ? "ok" : [...new Set(errors.map((error) => error.extensions["code"]))],
          ms: Math.round((performance.now() - operation.startedAt) * 10) / 10,
          upstreamCalls: operation.upstreamCalls,
        },
        "operation",
      );
      for (const error of errors) logCause(log, requestId, error);
    },
    onResponse({ request, response }) {
      response.headers.set("x-request-id", operations.of(request).requestId);
    },
  };
}

/** What the client is not told. The service's words about somebody's input stay out of the log. */
function logCause(log: Logger, requestId: string, error: GraphQLError): void {
  const cause = error.originalError;
  const at = { requestId, path: error.path?.join(".") };
  if (cause instanceof UpstreamError) {
    const isAboutInput = cause.kind === "invalid" || cause.kind === "not-found" || cause.kind === "conflict";
    if (!isAboutInput) log.warn({ ...at, kind: cause.kind, cause: cause.message }, "upstream failed");
  } else if (error.extensions["code"] === "INTERNAL_SERVER_ERROR") {
    log.error({ ...at, name: cause?.name, cause: cause?.message }, "unexpected error");
  }
}
