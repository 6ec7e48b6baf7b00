/** Made once: with none given, each abort makes an error of its own. */
const gone = new Error("the client has left");

/**
 * That a client leaves an operation. Thousands of streams wait for that and call nobody meanwhile: an `AbortSignal`, which
 * takes as much room as all else of a small stream, is made for those who ask for one.
 */
export class Leaving {
  #signal: AbortSignal | null;
  #controller: AbortController | null = null;
  #hasLeft = false;
  #onLeave: { leave(): void } | null = null;

  /** @param signal which tells it, where there is one already. */
  constructor(signal: AbortSignal | null = null) {
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    if (this.#signal !== null) return this.#signal;
    this.#controller = new AbortController();
    this.#signal = this.#controller.signal;
    if (this.#hasLeft) this.#controller.abort(gone);
    return this.#signal;
  }

  /** Told once, at once where the client has left already. There is one who is told: the last to say so. */
  tell(whom: { leave(): void }): void {
    this.#onLeave = whom;
    if (this.#hasLeft || this.#signal?.aborted === true) this.leave();
    else if (this.#controller === null) this.#signal?.addEventListener("abort", () => this.leave(), { once: true });
  }

  leave(): void {
    this.#hasLeft = true;
    this.#controller?.abort(gone);
    const whom = this.#onLeave;
    this.#onLeave = null;
    whom?.leave();
  }
}
