import { UpstreamError } from "./errors.ts";

/** When the calls of one operation are over: at the time that they share, or when its caller leaves. */
export type Deadline = {
  leftMs(): number;
  /** @throws {UpstreamError} of the kind `timeout` or `cancelled` when it has come. */
  check(): void;
  /** Calls `onOver` when it comes; what is returned takes that back. With nobody to call it needs no timer. */
  watch(onOver: (reason: UpstreamError) => void): () => void;
};

export type DeadlineOptions = {
  readonly timeoutMs: number;
  /** Aborts when the caller leaves. */
  readonly signal?: AbortSignal | undefined;
  /** When the time began (`performance.now()`); when left out, with the first use. */
  readonly since?: (() => number) | undefined;
};

export function createDeadline({ timeoutMs, signal, since }: DeadlineOptions): Deadline {
  // One timer and one listener for all calls: `AbortSignal.any` and `timeout` would keep some memory of each call.
  const watching = new Set<Watcher>();
  let timer: NodeJS.Timeout | undefined;
  let firstUse: number | undefined;

  function leftMs(): number {
    firstUse ??= performance.now();
    return (since?.() ?? firstUse) + timeoutMs - performance.now();
  }

  function end(reason: UpstreamError): void {
    rest();
    const all = [...watching];
    watching.clear();
    for (const watcher of all) watcher.onOver?.(reason);
  }
  const leave = () => end(cancelled());
  const expire = () => end(expired());

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
    watch(onOver) {
      if (watching.size === 0) {
        timer = setTimeout(expire, Math.max(0, leftMs()));
        signal?.addEventListener("abort", leave, { once: true });
      }
      const watcher: Watcher = { onOver };
      watching.add(watcher);
      return () => {
        watcher.onOver = null;
        if (watching.delete(watcher) && watching.size === 0) rest();
      };
    },
  };
}

/** Emptied when it is taken back: tables that a set has outgrown hold on to what was in them (see `createSharing`). */
type Watcher = { onOver: ((reason: UpstreamError) => void) | null };

const cancelled = () => new UpstreamError("cancelled", "the caller left");
const expired = () => new UpstreamError("timeout", "no answer before the deadline");

/** Waits for `work` until the deadline; then rejects. The work itself goes on. */
export function within<Value>(deadline: Deadline, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const forget = deadline.watch(reject);
    work.then(resolve, reject).finally(forget);
  });
}
