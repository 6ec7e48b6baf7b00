import { AsyncLocalStorage } from "node:async_hooks";

/** A part of what an operation takes, as traces show it. Nobody is told of it before it has ended. */
export type Span = {
  readonly traceId: string;
  /** By which whoever is called goes on with the trace (W3C Trace Context). */
  readonly headers: Readonly<Record<string, string>>;
  child(name: string, kind: "internal" | "client"): Span;
  /** The first of a new trace that points to where this one began: a stream can live for days, as no trace should. */
  follow(name: string): Span;
  end(ended: Ended): void;
};

export type Ended = {
  /** In place of the name that it began with. */
  readonly name?: string;
  readonly isFault: boolean;
  /** Nothing of a person, no ids, no variables. */
  readonly attributes?: Readonly<Record<string, string | number>>;
};

/**
 * Begins the trace of one operation, or its part of the caller's trace.
 * @param caller its `traceparent`; what is none counts for nothing.
 * @param startedAt as of `performance.now()`.
 */
export type StartTrace = (caller: string | null, startedAt: number) => Span;

const current = new AsyncLocalStorage<Span>();

/** The span of the work that is being done, such as a loader's batch; elsewhere the operation's. */
export function currentSpan(ofOperation: Span | null): Span | null {
  // Without tracing no operation has one, and the storage is never asked.
  return ofOperation === null ? null : (current.getStore() ?? ofOperation);
}

/** Does the work as a part of its own; without tracing it just does it. */
export function inSpan<Value>(ofOperation: Span | null, name: string, work: () => Promise<Value>): Promise<Value> {
  const span = currentSpan(ofOperation)?.child(name, "internal");
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
