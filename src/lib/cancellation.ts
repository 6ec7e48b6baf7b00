/** The cancellation of one operation by its client, as a small stand-in for `AbortSignal`. */
export type CancellationListener = { onCancel(): void };

/**
 * An `AbortSignal` takes as much memory as all else of a small stream, and as much time as a call
 * (docs/decisions/0021-memory-per-stream.md).
 */
export class Cancellation {
  #isCancelled = false;
  /** Mostly one or two. */
  #listeners: readonly CancellationListener[] = none;

  /** @param signal cancels it, where there is one already. */
  constructor(signal: AbortSignal | null = null) {
    if (signal?.aborted) this.#isCancelled = true;
    else signal?.addEventListener("abort", () => this.cancel(), { once: true });
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Calls the listener once; at once where it is cancelled already. */
  addListener(listener: CancellationListener): void {
    if (this.#isCancelled) listener.onCancel();
    else this.#listeners = this.#listeners === none ? [listener] : [...this.#listeners, listener];
  }

  removeListener(listener: CancellationListener): void {
    const others = this.#listeners.filter((one) => one !== listener);
    this.#listeners = others.length === 0 ? none : others;
  }

  cancel(): void {
    this.#isCancelled = true;
    const listeners = this.#listeners;
    this.#listeners = none;
    for (const one of listeners) one.onCancel();
  }
}

const none: readonly CancellationListener[] = [];
