/** What metrics and logs learn of calls: never what is in a request or a response. */
import type { UpstreamErrorKind } from "./errors.ts";
import type { BreakerState } from "./transport/circuit-breaker.ts";

export type UpstreamObserver = {
  /**
   * One attempt is over. `name` is the call's, such as `accounts`; `outcome` the status of the response, or why there was
   * none.
   */
  onCall(name: string, outcome: number | UpstreamErrorKind, ms: number): void;
  onRetry(name: string): void;
  /** A read was answered by an identical one that another operation had in flight. */
  onDeduplicated(name: string): void;
  onBreakerState(state: BreakerState): void;
  /** A call failed at once, without having been sent. */
  onRejected(reason: "queue-full" | "breaker-open"): void;
  /** The gateway's own token was requested. */
  onTokenRefresh(outcome: "ok" | UpstreamErrorKind): void;
};

export const noObserver: UpstreamObserver = {
  onCall() {},
  onRetry() {},
  onDeduplicated() {},
  onBreakerState() {},
  onRejected() {},
  onTokenRefresh() {},
};
