/** One log line, one metric and one span for each operation; none of them holds personal data. */
import { hash } from "node:crypto";
import { dirname } from "node:path";
import type { ExecutionResult, GraphQLError } from "graphql";
import type { Logger } from "pino";
import { keepRecent } from "../lib/recent.ts";
import { isUuid } from "../lib/uuid.ts";
import type { Operation } from "../operation.ts";
import { UpstreamError } from "../upstream/errors.ts";
import { toErrorName } from "./error-name.ts";
import { type Metrics, maxNameLength } from "./metrics.ts";
import { toLoggedText } from "./refusal-text.ts";

/**
 * Is given results as their client sees them; the cause of a masked error stays in its `originalError`. Lines hold no
 * variables, no values that the service quotes, and no stack traces.
 */
export type OperationLog = {
  /** A query or mutation was answered, or any operation was refused. */
  answered(operation: Operation, result: ExecutionResult): void;
  streamOpened(operation: Operation): void;
  /** @param upstreamCalls that this message cost. */
  messageSent(operation: Operation, result: ExecutionResult, upstreamCalls: number): void;
  /**
   * @param outcome `ended`, or the codes of the error that ended it.
   * @param traceId of the opening; each message has a trace of its own.
   */
  streamEnded(operation: Operation, outcome: unknown, messages: number, traceId: string | null): void;
};

export function createOperationLog(log: Logger, metrics: Metrics): OperationLog {
  function writeLine(operation: Operation, outcome: unknown, more: object | null): void {
    const { requestId, name, viewer, startedAt, cost, upstreamCalls, span } = operation;
    const ms = Math.round((performance.now() - startedAt) * 10) / 10;
    const line = {
      requestId,
      operation: name?.slice(0, maxNameLength) ?? null,
      subject: toLoggedSubject(viewer?.subject ?? null),
      outcome,
      ms,
      cost,
      upstreamCalls,
    };
    if (span !== null || more !== null) Object.assign(line, span && { traceId: span.traceId }, more);
    log.info(line, "operation");
  }

  function measure(operation: Operation, outcome: string): void {
    const { name, kind, startedAt, upstreamCalls } = operation;
    metrics.answered({ name, kind, outcome, ms: performance.now() - startedAt, upstreamCalls });
    endSpan(operation, outcome, upstreamCalls);
  }

  /** What the client does not see. */
  function logCauses({ requestId }: Operation, { errors = none }: ExecutionResult): void {
    for (const error of errors) logCause(requestId, error);
  }

  function logCause(requestId: string, error: GraphQLError): void {
    const cause = error.originalError;
    const at = { requestId, path: error.path?.join(".").slice(0, maxPathLength) };
    if (cause instanceof UpstreamError) {
      const { kind, message, refused } = cause;
      if (refused !== null) log.info({ ...at, kind, ...refused, text: toLoggedText(message) }, "upstream refused");
      // A caller who leaves is nothing to look after.
      else if (kind === "cancelled") log.info({ ...at, kind, cause: message }, "upstream failed");
      // An id that no path can hold was never sent.
      else if (kind !== "not-found") log.warn({ ...at, kind, cause: message }, "upstream failed");
    } else if (error.extensions["code"] === "INTERNAL_SERVER_ERROR") {
      // Not its message, in which the executor may quote data, nor its whole stack: only where in our code it was thrown.
      log.error({ ...at, name: toErrorName(cause), thrownAt: toSourceLocation(cause) }, "unexpected error");
    }
  }

  return {
    answered(operation, result) {
      const codes = (result.errors ?? none).map(({ extensions }) => extensions["code"]);
      writeLine(operation, codes.length === 0 ? "ok" : [...new Set(codes)], null);
      measure(operation, toOutcome(result));
      logCauses(operation, result);
    },
    streamOpened: (operation) => measure(operation, "ok"),
    messageSent(operation, result, upstreamCalls) {
      metrics.messaged();
      logCauses(operation, result);
      endSpan(operation, toOutcome(result), upstreamCalls);
    },
    streamEnded: (operation, outcome, messages, traceId) =>
      writeLine(operation, outcome, { messages, ...(traceId !== null && { traceId }) }),
  };
}

function endSpan({ span, name, kind }: Operation, outcome: string, upstreamCalls: number): void {
  if (span === null) return;
  const shownName = name?.slice(0, maxNameLength) ?? "(anonymous)";
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

/** As metrics and traces name it: `ok`, or the code of the first error. */
function toOutcome({ errors = [] }: ExecutionResult): string {
  return String(errors[0]?.extensions["code"] ?? "ok");
}

const sourceRoot = `${dirname(import.meta.dirname)}/`;

/** The first place of this project in a stack, such as `schema/loader.ts:42`. */
function toSourceLocation(error: Error | undefined): string | undefined {
  const [, rest = ""] = String(error?.stack).split(sourceRoot);
  return /^[\w/.-]+\.[jt]s:\d+/.exec(rest)?.[0];
}

const maxPathLength = 256;
const none: readonly GraphQLError[] = [];

/** A UUID as it is; what may be an e-mail, a phone number or an IBAN as a hash, by which lines can still be distinguished. */
function toLoggedSubject(subject: string | null): string | null {
  return subject === null || isUuid(subject) ? subject : toDigest(subject);
}

const toDigest = keepRecent((subject) => `sha256:${hash("sha256", subject, "hex").slice(0, 16)}`);
