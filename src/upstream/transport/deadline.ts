import type { Cancellation, CancellationListener } from "../../lib/cancellation.ts";
import { UpstreamError } from "../errors.ts";

/** Whoever waits until a deadline at the most. */
export type Waiter = {
  /** Told once, when the deadline has come first. */
  expire(reason: UpstreamError): void;
  /** Its place among those who wait, which is the deadline's to keep; -1: it does not. */
  place: number;
};

/** Whose time it is. */
export type DeadlineScope = {
  /** Of the caller. */
  readonly cancellation?: Cancellation | undefined;
  /** When the time began (`performance.now()`); when left out, with the first use. */
  since?(): number;
};

/**
 * When the calls of one operation are over: at the time that they share, or when its caller leaves. A class: each
 * operation has one.
 */
export class Deadline implements CancellationListener {
  readonly #timeoutMs: number;
  readonly #scope: DeadlineScope;
  // One timer for all calls, and told once for all that the caller leaves: `AbortSignal.any` and `timeout` would keep some
  // memory of each call. An array whose end fills the gaps: tables that a set has outgrown would hold on to what was in them.
  readonly #waiting: Waiter[] = [];
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

  /**
   * Tells the waiter when it comes, unless it is forgotten before; soon, when it has come already. With nobody to tell it
   * needs no timer.
   */
  watch(waiter: Waiter): void {
    if (this.#waiting.length === 0) this.#start();
    waiter.place = this.#waiting.length;
    this.#waiting.push(waiter);
  }

  forget(waiter: Waiter): void {
    if (waiter.place === -1) return;
    const last = this.#waiting.pop();
    if (last !== undefined && last !== waiter) {
      this.#waiting[waiter.place] = last;
      last.place = waiter.place;
    }
    waiter.place = -1;
    if (this.#waiting.length === 0) this.#rest();
  }

  #start(): void {
    const { cancellation } = this.#scope;
    if (cancellation?.isCancelled) {
      this.#timer = setTimeout(() => this.onCancel(), 0);
    } else {
      this.#timer = setTimeout(() => this.#end(expired()), Math.max(0, this.leftMs()));
      cancellation?.addListener(this);
    }
  }

  onCancel(): void {
    this.#end(cancelled());
  }

  #end(reason: UpstreamError): void {
    // One that is told may have others forgotten, such as calls that wait for its turn: those that came last go first.
    for (let waiter = this.#waiting.pop(); waiter !== undefined; waiter = this.#waiting.pop()) {
      waiter.place = -1;
      waiter.expire(reason);
    }
    this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#scope.cancellation?.removeListener(this);
  }
}

const cancelled = () => new UpstreamError("cancelled", "the caller left");
const expired = () => new UpstreamError("timeout", "no answer before the deadline");

/** Waits for `work` until the deadline; then rejects. The work itself goes on. */
export function within<Value>(deadline: Deadline, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const waiter: Waiter = { expire: reject, place: -1 };
    deadline.watch(waiter);
    work.then(resolve, reject).finally(() => deadline.forget(waiter));
  });
}
