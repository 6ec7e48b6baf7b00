/** Whoever goes on until its client leaves. */
export type Staying = { leave(): void };

/**
 * That a client leaves an operation. In place of an `AbortSignal`, which takes as much room as all else of a small stream,
 * and as much time as a call.
 */
export class Leaving {
  #hasLeft = false;
  /** Mostly one or two. */
  #staying: readonly Staying[] = nobody;

  /** @param signal which tells it, where there is one already. */
  constructor(signal: AbortSignal | null = null) {
    if (signal?.aborted) this.#hasLeft = true;
    else signal?.addEventListener("abort", () => this.leave(), { once: true });
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Tells it once, at once where the client has left already; not when it is forgotten before. */
  tell(whom: Staying): void {
    if (this.#hasLeft) whom.leave();
    else this.#staying = this.#staying === nobody ? [whom] : [...this.#staying, whom];
  }

  forget(whom: Staying): void {
    const others = this.#staying.filter((one) => one !== whom);
    this.#staying = others.length === 0 ? nobody : others;
  }

  leave(): void {
    this.#hasLeft = true;
    const staying = this.#staying;
    this.#staying = nobody;
    for (const one of staying) one.leave();
  }
}

const nobody: readonly Staying[] = [];
