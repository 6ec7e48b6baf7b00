import type { z } from "zod";
import type { Deadline } from "./deadline.ts";
import type { Place } from "./queue.ts";

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

/** The calls of one operation. */
export type Turn = {
  readonly deadline: Deadline;
  readonly place: Place;
  readonly onCall: () => void;
  readonly shares: () => boolean;
  readonly startSpan: StartSpan | undefined;
};

/** `headers` go with the request. */
export type StartSpan = (name: string) => {
  readonly headers: Readonly<Record<string, string>>;
  end(ended: { readonly isFault: boolean; readonly attributes: Readonly<Record<string, string | number>> }): void;
} | null;
