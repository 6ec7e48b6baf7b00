import type { z } from "zod";
import type { Place } from "./concurrency-limiter.ts";
import type { Deadline, DeadlineScope } from "./deadline.ts";

export type Call<Data> = {
  /** As metrics call it. */
  readonly name: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the stack's URL, starting with a slash; every part of it already encoded. */
  readonly path: string;
  /** Sent as JSON, also with GET: that is where the service reads filters. */
  readonly body?: unknown;
  /** The shape that the answer must have; `null` where the answer has no body. */
  readonly shape: z.ZodType<Data> | null;
  /** A write that does the same when it is sent twice. */
  readonly isIdempotent?: boolean;
  /** Whether the stack is there: open to all, and asked past queue, breaker and retries, once only. */
  readonly isProbe?: boolean;
};

/** What belongs to one operation of the graph: who may cancel its calls, who counts them, when they must be over. */
export type CallScope = DeadlineScope & {
  /** Told of each request as it is sent. */
  onCall?(): void;
  /** Less than what operations have. */
  readonly timeoutMs?: number;
  /** Told of each request as it begins; `null`: it is not traced. */
  startSpan?(name: string): CallSpan | null;
  /**
   * Whether its reads may be answered by identical ones that others have under way, and theirs by its own. Not for those
   * that want to know how things are after something that they have heard of, or before a write.
   */
  shares?(): boolean;
};

/** `headers` go with the request. */
export type CallSpan = {
  readonly headers: Readonly<Record<string, string>>;
  end(ended: { readonly isFault: boolean; readonly attributes: Readonly<Record<string, string | number>> }): void;
};

/** The calls of one operation. */
export type Turn = {
  readonly scope: CallScope;
  readonly deadline: Deadline;
  readonly place: Place;
};
