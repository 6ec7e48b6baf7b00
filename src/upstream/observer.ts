import type { UpstreamErrorKind } from "./errors.ts";
import type { BreakerState } from "./transport/circuit-breaker.ts";

/** Is told what becomes of the calls: for metrics and logs. Never sees what is asked or answered. */
export type UpstreamObserver = {
  /**
   * One attempt is over. `name` is the call's, such as `accounts`; `outcome` the status of the answer, or why there was
   * none.
   */
  called(attempt: { readonly name: string; readonly outcome: number | UpstreamErrorKind; readonly ms: number }): void;
  /** A call is tried again. */
  retried(name: string): void;
  /** A read was answered by an identical one that another operation had under way. */
  shared(name: string): void;
  breaker(state: BreakerState): void;
  /** A call failed at once, without having been sent. */
  refused(reason: "queue-full" | "breaker-open"): void;
  /** The gateway's own token was asked for. */
  tokenRefreshed(outcome: "ok" | UpstreamErrorKind): void;
};

export const nobody: UpstreamObserver = {
  called() {},
  retried() {},
  shared() {},
  breaker() {},
  refused() {},
  tokenRefreshed() {},
};
