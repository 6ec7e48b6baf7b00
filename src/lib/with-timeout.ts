/** A bound on how long to wait for work that cannot be stopped. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
  readonly code = "ETIMEDOUT";
}

/**
 * Waits for `work` for at most `timeoutMs`; then, or when `signal` aborts, rejects. The work itself goes on.
 * @throws {TimeoutError} at the deadline.
 */
export function withTimeout<Value>(work: Promise<Value>, timeoutMs: number, signal?: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = () => settle(() => reject(signal?.reason));
    // A process that was busy past the deadline has the answer unread in its socket: one more tick lets it be read.
    const timer = setTimeout(() => setImmediate(() => settle(() => reject(new TimeoutError()))), timeoutMs);
    function settle(finish: () => void): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      finish();
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
