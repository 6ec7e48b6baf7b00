/**
 * Comes back to each of many things once in a period, by one timer for all of them: one each would take a quarter of a
 * kilobyte more.
 */
export class Beat<Thing> {
  readonly #stepMs: number;
  readonly #onBeat: (thing: Thing) => void;
  readonly #turns: readonly Set<Thing>[] = Array.from({ length: turnsInPeriod }, () => new Set());
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(periodMs: number, onBeat: (thing: Thing) => void) {
    this.#stepMs = periodMs / turnsInPeriod;
    this.#onBeat = onBeat;
  }

  /** The first time a period from now. */
  add(thing: Thing): void {
    this.#turns[this.#turn]?.add(thing);
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#step(), this.#stepMs);
    this.#timer.unref();
  }

  delete(thing: Thing): void {
    for (const turn of this.#turns) turn.delete(thing);
    if (this.#turns.some(({ size }) => size > 0)) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #step(): void {
    this.#turn = (this.#turn + 1) % turnsInPeriod;
    for (const thing of [...(this.#turns[this.#turn] ?? [])]) this.#onBeat(thing);
  }
}

/** Things that came together have their turn together; this many groups of them are told apart. */
const turnsInPeriod = 16;
