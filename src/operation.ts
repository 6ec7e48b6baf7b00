import { randomUUID } from "node:crypto";
import type { ExecutionArgs, ExecutionResult } from "graphql";
import type { Viewer } from "./auth/viewer.ts";
import { Cancellation } from "./lib/cancellation.ts";
import type { Span } from "./lib/span.ts";

/** What is known of one operation while it runs, whatever transport brought it. */
export type Operation = {
  readonly requestId: string;
  readonly startedAt: number;
  /** When the time began that its upstream calls share: at its start; of a stream, with each message. */
  deadlineStartsAt: number;
  /** That the client leaves. */
  readonly cancellation: Cancellation;
  /** It came by GET, which anybody's page can have a browser send: no mutation. */
  isReadOnly: boolean;
  viewer: Viewer | null;
  /** Where the client is, as far as known. */
  address: string | null;
  /** As the document names it; `null` when it is anonymous, or never got as far as being parsed. */
  name: string | null;
  /** `null` until its document has passed validation. */
  kind: "query" | "mutation" | "subscription" | null;
  /** Of what runs now: the operation, or the newest message of its stream. `null` without tracing. */
  span: Span | null;
  /** How many upstream calls it was estimated to cost, before it ran. */
  cost: number;
  /** How many its budgets have paid for so far. */
  chargedCost: number;
  upstreamCalls: number;
};

/** @param givenId the client's own; taken when it is harmless in a log. */
export function toRequestId(givenId: string | null): string {
  const id = givenId ?? randomUUID();
  // Our own as well: it comes in fourteen pieces, and whoever looks through them makes one of them, an eighth as large.
  return isHarmless.test(id) ? id : toRequestId(null);
}

const isHarmless = /^[\w.:-]{1,128}$/;

/** @param givenId the client's own request id. */
export function createOperation(
  givenId: string | null,
  cancellation: Cancellation,
  viewer: Viewer | null = null,
): Operation {
  const requestId = toRequestId(givenId);
  const startedAt = performance.now();
  return {
    requestId,
    startedAt,
    deadlineStartsAt: startedAt,
    cancellation,
    isReadOnly: false,
    viewer,
    address: null,
    name: null,
    kind: null,
    span: null,
    cost: 0,
    chargedCost: 0,
    upstreamCalls: 0,
  };
}

/** The operation that an HTTP request brings. */
export function createOperationOf(): (request: Request) => Operation {
  const operations = new WeakMap<Request, Operation>();
  return (request) => {
    let operation = operations.get(request);
    if (operation === undefined) {
      operation = createOperation(request.headers.get("x-request-id"), new Cancellation(request.signal));
      operation.isReadOnly = request.method === "GET";
      operations.set(request, operation);
    }
    return operation;
  };
}

export type OperationParams = {
  readonly query?: string | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
  readonly extensions?: Record<string, unknown> | null | undefined;
  /** The hash of a trusted document, in the spelling of the GraphQL over HTTP draft. */
  readonly documentId?: unknown;
};

/** An operation that has passed every check, ready to run. */
export type Prepared = ExecutionArgs & {
  /** Never rejects: whatever goes wrong is in the result. */
  run(): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>>;
};
