/** In which epoch a call was admitted. */
export type Admitted = number;

export type BreakerState = "closed" | "open" | "half-open";

export type Breaker = {
  readonly state: BreakerState;
  /** Whether a call may go out now: `null` when it must fail at once; otherwise what to report it with. */
  admit(): Admitted | null;
  /**
   * Whether the stack answered a call that was admitted. One that says nothing of the stack, such as one whose caller left,
   * is not reported.
   */
  report(admitted: Admitted, isAnswered: boolean): void;
};

/** Of so many calls, the last ones, more than half must have failed, and at least so many must have been made. */
const window = 20;
const fewest = 10;
/** While it is open, one call in this time goes out as a probe. */
const probeEveryMs = 1000;

/**
 * Opens when most calls of late got no answer; closes with the first probe that gets one. Everybody else fails at once
 * meanwhile, also while a probe is out. A probe that hangs does not keep the next one from trying: the stack is found
 * again within a second, however it was lost. (Libraries let one probe decide, and its caller's time-out with it.)
 */
export function createBreaker(onState: (state: BreakerState) => void): Breaker {
  let state: BreakerState = "closed";
  let outcomes: boolean[] = [];
  let failures = 0;
  let probeAt = 0;
  /** Grows with each opening and closing: calls that began before say nothing about now. */
  let epoch = 0;

  function enter(next: BreakerState): void {
    if (state === next) return;
    if (state === "closed" || next === "closed") {
      epoch += 1;
      outcomes = [];
      failures = 0;
    }
    state = next;
    onState(next);
  }

  function count(isAnswered: boolean): void {
    outcomes.push(isAnswered);
    if (!isAnswered) failures += 1;
    if (outcomes.length > window && outcomes.shift() === false) failures -= 1;
    if (outcomes.length >= fewest && failures * 2 > outcomes.length) {
      probeAt = performance.now() + probeEveryMs;
      enter("open");
    }
  }

  return {
    get state() {
      return state;
    },
    admit() {
      if (state !== "closed") {
        const now = performance.now();
        if (now < probeAt) return null;
        probeAt = now + probeEveryMs;
        enter("half-open");
      }
      return epoch;
    },
    report(admitted, isAnswered) {
      if (admitted !== epoch) return;
      if (state === "closed") count(isAnswered);
      else enter(isAnswered ? "closed" : "open");
    },
  };
}
