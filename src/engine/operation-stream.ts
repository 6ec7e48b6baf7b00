/** The results of a subscription on their way to its client: each is made safe, logged and charged as it passes. */
import type { ExecutionResult } from "graphql";
import { toGraphQLError } from "../errors.ts";
import { ResponseStream, type StreamParts } from "../executor/execute.ts";
import type { OperationLog } from "../observability/operation-log.ts";
import type { Operation } from "../operation.ts";

type Result = ExecutionResult<Record<string, unknown>>;

/** What all streams share. */
export type OperationStreamDeps = {
  readonly log: OperationLog;
  toClientResult(operation: Operation, result: ExecutionResult): ExecutionResult;
  /** Charges what the operation has cost beyond what was charged so far, or gives the rest back. */
  reconcile(operation: Operation): void;
};

/**
 * Never rejects: an iterator that throws would end the socket of its siblings in some transports. What goes wrong is the
 * last result of this stream alone. A class, since thousands exist at once (docs/decisions/0021-memory-per-stream.md).
 */
export class OperationStream extends ResponseStream {
  readonly #deps: OperationStreamDeps;
  readonly #operation: Operation;
  readonly #traceId: string | null;
  #messages = 0;
  #callsBefore: number;
  /** Of the error that has ended it. */
  #failure: readonly unknown[] | null = null;

  constructor(parts: StreamParts, deps: OperationStreamDeps, operation: Operation) {
    super(parts);
    this.#deps = deps;
    this.#operation = operation;
    this.#traceId = operation.span?.traceId ?? null;
    deps.log.streamOpened(operation);
    this.#callsBefore = operation.upstreamCalls;
  }

  override next(): Promise<IteratorResult<Result>> {
    return this.#failure === null ? super.next() : this.return();
  }

  protected override onError(error: unknown): IteratorResult<Result> {
    const value = this.onResult({ errors: [toGraphQLError(error)] });
    this.#failure = (value.errors ?? []).map(({ extensions }) => extensions["code"]);
    return { done: false, value };
  }

  protected override onResult(result: Result): Result {
    const { log, reconcile, toClientResult } = this.#deps;
    const operation = this.#operation;
    // What was not used is given back only at the end: the stream goes on.
    if (operation.upstreamCalls > operation.chargedCost) reconcile(operation);
    const seen = toClientResult(operation, result) as Result;
    this.#messages += 1;
    log.messageSent(operation, seen, operation.upstreamCalls - this.#callsBefore);
    this.#callsBefore = operation.upstreamCalls;
    return seen;
  }

  protected override onEnd(): void {
    this.#deps.log.streamEnded(this.#operation, this.#failure ?? "ended", this.#messages, this.#traceId);
    this.#deps.reconcile(this.#operation);
  }
}
