import { UpstreamError } from "./errors.ts";

/** When the calls of one operation are over: at the time that they share, or when its caller leaves. */
export type Deadline = {
  leftMs(): number;
  /** @throws {UpstreamError} of the kind `timeout` or `cancelled` when it has come. */
  check(): void;
  /**
   * Tells the waiter when it comes, unless it is forgotten before; soon, when it has come already. With nobody to tell it
   * needs no timer.
   */
  watch(waiter: Waiter): void;
  forget(waiter: Waiter): void;
};

/** Whoever waits until a deadline at the most. */
export type Waiter = {
  /** Told once, when the deadline has come first. */
  expire(reason: UpstreamError): void;
  /** Its place among those who wait, which is the deadline's to keep; -1: it does not. */
  place: number;
};

export type DeadlineOptions = {
  readonly timeoutMs: number;
  /** Aborts when the caller leaves. */
  readonly signal?: AbortSignal | undefined;
  /** When the time began (`performance.now()`); when left out, with the first use. */
  readonly since?: (() => number) | undefined;
};

export function createDeadline({ timeoutMs, signal, since }: DeadlineOptions): Deadline {
  // One timer and one listener for all calls: `AbortSignal.any` and `timeout` would keep some memory of each call. An
  // array whose end fills the gaps: tables that a set has outgrown would hold on to what was in them.
  const waiting: Waiter[] = [];
  let timer: NodeJS.Timeout | undefined;
  let firstUse: number | undefined;

  function leftMs(): number {
    firstUse ??= performance.now();
    return (since?.() ?? firstUse) + timeoutMs - performance.now();
  }

  function end(reason: UpstreamError): void {
    // One that is told may have others forgotten, such as calls that wait for its turn: those that came last go first.
    for (let waiter = waiting.pop(); waiter !== undefined; waiter = waiting.pop()) {
      waiter.place = -1;
      waiter.expire(reason);
    }
    rest();
  }
  const leave = () => end(cancelled());
  const expire = () => end(signal?.aborted ? cancelled() : expired());

  function rest(): void {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
  }

  return {
    leftMs,
    check() {
      if (signal?.aborted) throw cancelled();
      if (leftMs() <= 0) throw expired();
    },
    watch(waiter) {
      if (waiting.length === 0) {
        timer = setTimeout(expire, signal?.aborted ? 0 : Math.max(0, leftMs()));
        signal?.addEventListener("abort", leave, { once: true });
      }
      waiter.place = waiting.length;
      waiting.push(waiter);
    },
    forget(waiter) {
      if (waiter.place === -1) return;
      const last = waiting.pop();
      if (last !== undefined && last !== waiter) {
        waiting[waiter.place] = last;
        last.place = waiter.place;
      }
      waiter.place = -1;
      if (waiting.length === 0) rest();
    },
  };
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
