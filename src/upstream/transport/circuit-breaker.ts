/** The circuit breaker: lets calls fail at once while the stack does not answer, and finds out when it does again. */

/** The epoch in which a call was admitted. */
export type Epoch = number;

export type BreakerState = "closed" | "open" | "half-open";

export type CircuitBreaker = {
  readonly state: BreakerState;
  /** `null`: the call must fail at once. Otherwise the epoch to report its outcome with. */
  admit(): Epoch | null;
  /**
   * Records whether the stack answered a call that was admitted. A call that says nothing of the stack, such as a
   * cancelled one, is not reported.
   */
  report(epoch: Epoch, isAnswered: boolean): void;
};

/** It opens when more than half of the last `window` calls failed, and at least `minCalls` were made. */
const window = 20;
const minCalls = 10;
/** While it is open, one call in this time goes out as a probe. */
const probeEveryMs = 1000;

/**
 * Closes with the first probe that is answered; all other calls fail at once meanwhile. A probe that hangs does not hold
 * back the next one, so that the stack is found again within a second. Libraries wait for one probe and its time-out
 * (docs/decisions/0017-retries-circuit-breaker-and-deadline.md).
 */
export function createCircuitBreaker(onState: (state: BreakerState) => void): CircuitBreaker {
  let state: BreakerState = "closed";
  let outcomes: boolean[] = [];
  let failures = 0;
  let probeAt = 0;
  /** Grows with each opening and closing: calls that began before say nothing about now. */
  let currentEpoch = 0;

  function transition(next: BreakerState): void {
    if (state === next) return;
    if (state === "closed" || next === "closed") {
      currentEpoch += 1;
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
    if (outcomes.length >= minCalls && failures * 2 > outcomes.length) {
      probeAt = performance.now() + probeEveryMs;
      transition("open");
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
        transition("half-open");
      }
      return currentEpoch;
    },
    report(epoch, isAnswered) {
      if (epoch !== currentEpoch) return;
      if (state === "closed") count(isAnswered);
      else transition(isAnswered ? "closed" : "open");
    },
  };
}
