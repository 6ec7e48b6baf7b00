/** How many of something end in a time, as measured over the last second. */
export type Pace = {
  count(ended: number): void;
  /** In a millisecond; 0 until a second has gone by. */
  perMs(): number;
};

const windowMs = 1000;

export function createPace(): Pace {
  let ended = 0;
  let since = performance.now();
  let last = 0;

  function measure(): void {
    const elapsedMs = performance.now() - since;
    if (elapsedMs < windowMs) return;
    last = ended / elapsedMs;
    ended = 0;
    since += elapsedMs;
  }

  return {
    count(more) {
      measure();
      ended += more;
    },
    perMs() {
      measure();
      return last;
    },
  };
}
