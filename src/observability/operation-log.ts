import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { ExecutionResult, GraphQLError } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";
import type { Logger } from "pino";
import { toClientError } from "../errors.ts";
import type { Operation } from "../operation.ts";
import { UpstreamError } from "../upstream/errors.ts";
import type { Metrics } from "./metrics.ts";

export type TelemetryOptions = {
  /** Whether graphql-js may propose names of the schema for one that it does not know. */
  readonly suggests: boolean;
  readonly metrics: Metrics;
};

export type Telemetry = {
  /** Ends an operation: the errors as a client may see them, and its one log line. */
  settle(operation: Operation, result: ExecutionResult): ExecutionResult;
  /** A stream has been opened. What comes of it passes here. */
  open(operation: Operation): OpenStream;
  /** For the answers of Yoga that never got as far as an operation. */
  readonly plugin: Plugin;
};

export type OpenStream = {
  /** A message as its client may see it. */
  tell(message: ExecutionResult): ExecutionResult;
  end(): void;
};

/**
 * Turns every error into what a client may see, and writes one line per operation. Neither holds a person's data: the
 * line has no variables, no messages of the service about input, and no stack traces.
 */
export function createTelemetry(
  operationOf: (request: Request) => Operation,
  log: Logger,
  { suggests, metrics }: TelemetryOptions,
): Telemetry {
  function settle(operation: Operation, result: ExecutionResult): ExecutionResult {
    const clean = toClientResult(operation, result);
    const codes = (clean.errors ?? []).map(({ extensions }) => extensions["code"]);
    line(operation, codes.length === 0 ? "ok" : [...new Set(codes)], {});
    close(operation, toOutcome(clean));
    for (const error of clean.errors ?? []) logCause(operation, error);
    return clean;
  }

  function toClientResult(operation: Operation, result: ExecutionResult): ExecutionResult {
    if (result.errors === undefined || result.errors.length === 0) return result;
    return { ...result, errors: result.errors.map((error) => toClientError(error, operation.requestId, suggests)) };
  }

  function line(operation: Operation, outcome: unknown, more: object): void {
    const { requestId, name, viewer, startedAt, cost, upstreamCalls, span } = operation;
    const ms = Math.round((performance.now() - startedAt) * 10) / 10;
    log.info(
      {
        requestId,
        ...(span && { traceId: span.traceId }),
        operation: name?.slice(0, longestName) ?? null,
        subject: toLoggedSubject(viewer?.subject ?? null),
        outcome,
        ms,
        cost,
        upstreamCalls,
        ...more,
      },
      "operation",
    );
  }

  /** It has been answered, or its stream has been opened. */
  function close(operation: Operation, outcome: string): void {
    const { name, kind, startedAt, upstreamCalls } = operation;
    metrics.answered({ name, kind, outcome, ms: performance.now() - startedAt, upstreamCalls });
    endSpan(operation, outcome, upstreamCalls);
  }

  function endSpan({ span, name, kind }: Operation, outcome: string, upstreamCalls: number): void {
    if (span === null) return;
    const shownName = name?.slice(0, longestName) ?? "(anonymous)";
    span.end({
      name: shownName,
      isFault: /^(UPSTREAM|INTERNAL)_/.test(outcome),
      attributes: {
        "graphql.operation.name": shownName,
        "graphql.operation.type": kind ?? "none",
        "gateway.outcome": outcome,
        "gateway.upstream_calls": upstreamCalls,
      },
    });
  }

  /** What the client is not told. The service's words about somebody's input stay out of the log. */
  function logCause({ requestId }: Operation, error: GraphQLError): void {
    const cause = error.originalError;
    const at = { requestId, path: error.path?.join(".").slice(0, longestPath) };
    if (cause instanceof UpstreamError) {
      const isAboutInput = cause.kind === "invalid" || cause.kind === "not-found" || cause.kind === "conflict";
      if (!isAboutInput) log.warn({ ...at, kind: cause.kind, cause: cause.message }, "upstream failed");
    } else if (error.extensions["code"] === "INTERNAL_SERVER_ERROR") {
      // Neither its message, in which the engine quotes data, nor its whole stack: where in our code it was thrown.
      log.error({ ...at, name: cause?.name, thrownAt: toPlace(cause) }, "unexpected error");
    }
  }

  /** A class: there are thousands at once. */
  class Opened implements OpenStream {
    readonly #operation: Operation;
    readonly #opening: { readonly traceId: string } | null;
    #messages = 0;
    #told: number;

    constructor(operation: Operation) {
      this.#operation = operation;
      this.#opening = operation.span && { traceId: operation.span.traceId };
      this.#told = operation.upstreamCalls;
    }

    tell(message: ExecutionResult): ExecutionResult {
      const operation = this.#operation;
      this.#messages += 1;
      metrics.messaged();
      const clean = toClientResult(operation, message);
      for (const error of clean.errors ?? []) logCause(operation, error);
      endSpan(operation, toOutcome(clean), operation.upstreamCalls - this.#told);
      this.#told = operation.upstreamCalls;
      return clean;
    }

    end(): void {
      line(this.#operation, "ended", { messages: this.#messages, ...this.#opening });
    }
  }

  function open(operation: Operation): OpenStream {
    close(operation, "ok");
    return new Opened(operation);
  }

  return {
    settle,
    open,
    plugin: {
      // Where no document was run: a refused token, a body that is not GraphQL, a document that is not valid.
      onResultProcess({ request, result, setResult }) {
        if (Array.isArray(result) || isAsyncIterable(result)) return;
        const isSettled = (result.errors ?? []).every(({ extensions }) => "requestId" in extensions);
        if (!isSettled) setResult(settle(operationOf(request), result));
      },
      onResponse({ request, response }) {
        response.headers.set("x-request-id", operationOf(request).requestId);
      },
    },
  };
}

/** As metrics and traces know it: `ok`, or the code of the first error. */
function toOutcome({ errors = [] }: ExecutionResult): string {
  return String(errors[0]?.extensions["code"] ?? "ok");
}

/** The first place of this project in a stack, such as `schema/psu.ts:42`, or `schema/psu.js:42` where it is compiled. */
function toPlace(error: Error | undefined): string | undefined {
  const [, behind = ""] = (error?.stack ?? "").split(`${dirname(import.meta.dirname)}/`);
  return /^[\w/.-]+\.[jt]s:\d+/.exec(behind)?.[0];
}

/** Names of operations and aliases are the client's words. */
const longestName = 64;
const longestPath = 256;

/** An opaque id as it is; what may be an e-mail or a phone number as a hash, by which lines can still be told apart. */
function toLoggedSubject(subject: string | null): string | null {
  if (subject === null || /^[\w.:|-]{1,128}$/.test(subject)) return subject;
  return `sha256:${createHash("sha256").update(subject).digest("hex").slice(0, 16)}`;
}
