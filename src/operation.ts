/** What is known of one operation while it runs, whatever transport brought it. */
import { randomUUID } from "node:crypto";
import type { Viewer } from "./auth/viewer.ts";
import type { Cancellation } from "./lib/cancellation.ts";
import type { Span } from "./lib/span.ts";

/** The parameters of GraphQL over HTTP, as the client gave them. */
export type OperationParams = {
  readonly query?: string | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
  readonly extensions?: Record<string, unknown> | null | undefined;
  /** The hash of a trusted document, in the spelling of the GraphQL over HTTP draft. */
  readonly documentId?: unknown;
};

export type Operation = {
  readonly requestId: string;
  readonly startedAt: number;
  /** When the time began that its upstream calls share: at its start; of a stream, with each message. */
  deadlineStartsAt: number;
  /** By the client. */
  readonly cancellation: Cancellation;
  readonly address: string | null;
  /** `null` until it is authenticated. */
  viewer: Viewer | null;
  /** As the document names it; `null` when it is anonymous, or was refused before it was parsed. */
  name: string | null;
  /** `null` until its document is valid and the operation in it is found. */
  kind: "query" | "mutation" | "subscription" | null;
  /** Of the operation, or of the newest message of its stream. `null` without tracing. */
  span: Span | null;
  /** The upstream calls that it was estimated to cost, before it ran. */
  cost: number;
  /** What its document cost to parse and validate, in upstream calls. */
  documentCost: number;
  /** The upstream calls that its rate limits have been charged so far. */
  chargedCost: number;
  upstreamCalls: number;
};

/** What a transport knows of an operation before it runs. */
export type OperationOrigin = {
  /** The client's own request id; accepted when it is harmless in a log. */
  readonly requestId: string | null;
  readonly address: string | null;
  readonly cancellation: Cancellation;
};

export function createOperation({ requestId, address, cancellation }: OperationOrigin): Operation {
  const startedAt = performance.now();
  return {
    requestId: toRequestId(requestId),
    startedAt,
    deadlineStartsAt: startedAt,
    cancellation,
    address,
    viewer: null,
    name: null,
    kind: null,
    span: null,
    cost: 0,
    documentCost: 0,
    chargedCost: 0,
    upstreamCalls: 0,
  };
}

export function toRequestId(given: string | null): string {
  const id = given ?? randomUUID();
  // Our own as well: V8 keeps it as fourteen pieces, which the search joins to one, an eighth as large.
  return isHarmless.test(id) ? id : toRequestId(null);
}

const isHarmless = /^[\w.:-]{1,128}$/;
