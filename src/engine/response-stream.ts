/** The results of a subscription on their way to its client: each is made safe, logged and charged as it passes. */
import type { ExecutionResult } from "graphql";
import type { OperationLog } from "../observability/operation-log.ts";
import type { Operation } from "../operation.ts";

/** What all streams share. */
export type ResponseStreamDeps = {
  readonly log: OperationLog;
  toClientResult(operation: Operation, result: ExecutionResult): ExecutionResult;
  /** Charges what the operation has cost beyond what was charged so far, or gives the rest back. */
  reconcile(operation: Operation): void;
};

/** A class, since thousands exist at once (docs/decisions/0021-memory-per-stream.md). */
export class ResponseStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #deps: ResponseStreamDeps;
  readonly #results: AsyncIterableIterator<ExecutionResult>;
  readonly #operation: Operation;
  readonly #traceId: string | null;
  #messages = 0;
  #callsBefore: number;
  #isEnded = false;

  constructor(deps: ResponseStreamDeps, results: AsyncIterableIterator<ExecutionResult>, operation: Operation) {
    this.#deps = deps;
    this.#results = results;
    this.#operation = operation;
    this.#traceId = operation.span?.traceId ?? null;
    deps.log.streamOpened(operation);
    this.#callsBefore = operation.upstreamCalls;
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    return this.#results.next().then(
      (item) => this.#pass(item),
      (error) => {
        this.#end();
        throw error;
      },
    );
  }

  #pass(item: IteratorResult<ExecutionResult>): IteratorResult<ExecutionResult> {
    if (item.done === true) {
      this.#end();
      return item;
    }
    const { log, reconcile, toClientResult } = this.#deps;
    const operation = this.#operation;
    // What was not used is given back only at the end: the stream goes on.
    if (operation.upstreamCalls > operation.chargedCost) reconcile(operation);
    const value = toClientResult(operation, item.value);
    this.#messages += 1;
    log.messageSent(operation, value, operation.upstreamCalls - this.#callsBefore);
    this.#callsBefore = operation.upstreamCalls;
    return { done: false, value };
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#deps.log.streamEnded(this.#operation, this.#messages, this.#traceId);
    this.#deps.reconcile(this.#operation);
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.#end();
    return (await this.#results.return?.()) ?? { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<ExecutionResult>> {
    this.#end();
    await this.#results.return?.();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
