/** One timer for thousands of things that each need a tick once in a period, such as pings of open sockets. */
export class TimerWheel<Item> {
  readonly #stepMs: number;
  readonly #onTick: (item: Item) => void;
  readonly #slots: readonly Set<Item>[] = Array.from({ length: slotCount }, () => new Set());
  #current = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(periodMs: number, onTick: (item: Item) => void) {
    this.#stepMs = periodMs / slotCount;
    this.#onTick = onTick;
  }

  /** Its first tick comes a period from now. */
  add(item: Item): void {
    this.#slots[this.#current]?.add(item);
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#step(), this.#stepMs);
    this.#timer.unref();
  }

  delete(item: Item): void {
    for (const slot of this.#slots) slot.delete(item);
    if (this.#slots.some(({ size }) => size > 0)) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #step(): void {
    this.#current = (this.#current + 1) % slotCount;
    for (const item of [...(this.#slots[this.#current] ?? [])]) this.#onTick(item);
  }
}

/** Items that are added within the same step tick together. */
const slotCount = 16;
