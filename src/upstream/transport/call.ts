/** A call of the service, and what it takes from the operation that it belongs to. */
import type { z } from "zod";
import type { Span } from "../../lib/span.ts";
import type { Numbers } from "../exact-json.ts";
import type { Slot } from "./concurrency-limiter.ts";
import type { Deadline, DeadlineScope } from "./deadline.ts";

export type Call<Data> = {
  /** Its label in metrics and traces. */
  readonly name: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the stack's URL, starting with a slash; every part of it already encoded. */
  readonly path: string;
  /** JSON, sent also with GET: that is where the service reads filters. */
  readonly body: string | null;
  /** The shape of the response's body; `null`: it has none. */
  readonly shape: z.ZodType<Data> | null;
  /** In the response; `small` when left out. */
  readonly numbers?: Numbers;
  /** A write that has the same effect when it is sent twice. */
  readonly isIdempotent?: boolean;
  /** A health check: sent once, without a token, past limiter, breaker and retries. */
  readonly isProbe?: boolean;
};

/** What one operation says of its calls: when they end, who counts and traces them. */
export type CallScope = DeadlineScope & {
  /** Called as each request is sent. */
  onCall?(): void;
  /** Less than what operations have. */
  readonly timeoutMs?: number;
  /** Called as each request begins; `null`: it is not traced. */
  startSpan?(name: string): Span | null;
  /**
   * Whether its reads may be deduplicated with identical ones of other operations that are in flight. Not where the
   * answer must be newer than an event, or comes before a write.
   */
  shares?(): boolean;
};

/** What all calls of one operation have in common. */
export type CallContext = {
  readonly scope: CallScope;
  readonly deadline: Deadline;
  readonly slot: Slot;
};
