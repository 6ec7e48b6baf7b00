/** The deadline that all calls of one operation share. */
import type { Cancellation, CancellationListener } from "../../lib/cancellation.ts";
import { UpstreamError } from "../errors.ts";

export type DeadlineListener = {
  /** Called once, when the time is over or the caller has cancelled. */
  onExpire(reason: UpstreamError): void;
  /** Its index among the listeners, kept by the deadline; -1: not registered. */
  index: number;
};

export type DeadlineScope = {
  /** The caller's. */
  readonly cancellation?: Cancellation | undefined;
  /** When the time began (`performance.now()`). Default: with the first use. */
  since?(): number;
};

/**
 * Ends the calls of one operation when their common time is over, or when the caller cancels. A class: each operation
 * has one (docs/decisions/0021-memory-per-stream.md).
 */
export class Deadline implements CancellationListener {
  readonly #timeoutMs: number;
  readonly #scope: DeadlineScope;
  // One timer and one cancellation listener for all calls: `AbortSignal.any` and `timeout` would keep some memory of each
  // call. An array whose end fills the gaps: the old tables of a growing set would hold on to their members.
  readonly #listeners: DeadlineListener[] = [];
  #timer: NodeJS.Timeout | undefined;
  #firstUse: number | undefined;

  constructor(timeoutMs: number, scope: DeadlineScope = {}) {
    this.#timeoutMs = timeoutMs;
    this.#scope = scope;
  }

  leftMs(): number {
    this.#firstUse ??= performance.now();
    return (this.#scope.since?.() ?? this.#firstUse) + this.#timeoutMs - performance.now();
  }

  /** @throws {UpstreamError} of the kind `timeout` or `cancelled` when it has come. */
  check(): void {
    if (this.#scope.cancellation?.isCancelled) throw cancelled();
    if (this.leftMs() <= 0) throw expired();
  }

  /** A deadline that has come already calls the listener soon, never at once. Without listeners there is no timer. */
  addListener(listener: DeadlineListener): void {
    if (this.#listeners.length === 0) this.#start();
    listener.index = this.#listeners.length;
    this.#listeners.push(listener);
  }

  removeListener(listener: DeadlineListener): void {
    if (listener.index === -1) return;
    const last = this.#listeners.pop();
    if (last !== undefined && last !== listener) {
      this.#listeners[listener.index] = last;
      last.index = listener.index;
    }
    listener.index = -1;
    if (this.#listeners.length === 0) this.#stop();
  }

  #start(): void {
    const { cancellation } = this.#scope;
    if (cancellation?.isCancelled) {
      this.#timer = setTimeout(() => this.onCancel(), 0);
    } else {
      this.#timer = setTimeout(() => this.#expire(expired()), Math.max(0, this.leftMs()));
      cancellation?.addListener(this);
    }
  }

  onCancel(): void {
    this.#expire(cancelled());
  }

  #expire(reason: UpstreamError): void {
    // The last ones first: a listener may remove others, such as queued calls that wait for its slot.
    for (let listener = this.#listeners.pop(); listener !== undefined; listener = this.#listeners.pop()) {
      listener.index = -1;
      listener.onExpire(reason);
    }
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#scope.cancellation?.removeListener(this);
  }
}

const cancelled = () => new UpstreamError("cancelled", "the caller left");
const expired = () => new UpstreamError("timeout", "no answer before the deadline");

/** Rejects at the deadline. The work itself goes on. */
export function withDeadline<Value>(deadline: Deadline, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const listener: DeadlineListener = { onExpire: reject, index: -1 };
    deadline.addListener(listener);
    work.then(resolve, reject).finally(() => deadline.removeListener(listener));
  });
}
