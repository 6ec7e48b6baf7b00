/** A span of a trace, and which one is current; nothing here depends on a tracing library. */
import { AsyncLocalStorage } from "node:async_hooks";

/** Not exported before it has ended. */
export type Span = {
  readonly traceId: string;
  /** Of requests that are part of it (W3C Trace Context). */
  readonly headers: Readonly<Record<string, string>>;
  child(name: string, kind: "internal" | "client"): Span;
  /** The first span of a new trace, with a link to this one: a stream can live for days, as no trace should. */
  follow(name: string): Span;
  end(outcome: SpanOutcome): void;
};

export type SpanOutcome = {
  /** In place of the name that it was started with. */
  readonly name?: string;
  readonly isFault: boolean;
  /** No personal data, no ids, no variables. */
  readonly attributes?: Readonly<Record<string, string | number>>;
};

/**
 * Starts the trace of one operation, or its part of the caller's trace.
 * @param traceparent the caller's; an invalid one is ignored.
 * @param startedAt as of `performance.now()`.
 */
export type StartTrace = (traceparent: string | null, startedAt: number) => Span;

const current = new AsyncLocalStorage<Span>();

/** The span of the work in progress, such as a loader's batch; elsewhere the operation's. */
export function currentSpan(operationSpan: Span | null): Span | null {
  // Without tracing there is none, and the storage is never read.
  return operationSpan === null ? null : (current.getStore() ?? operationSpan);
}

/** Runs the work in a span of its own; without tracing it just runs. */
export function inSpan<Value>(operationSpan: Span | null, name: string, work: () => Promise<Value>): Promise<Value> {
  const span = currentSpan(operationSpan)?.child(name, "internal");
  if (span === undefined) return work();
  return current.run(span, async () => {
    let isFault = true;
    try {
      const value = await work();
      isFault = false;
      return value;
    } finally {
      span.end({ isFault });
    }
  });
}
