/** Repeats calls that failed in passing: after a pause, within a budget and the operation's deadline. */
import { setTimeout as wait } from "node:timers/promises";
import { UpstreamError } from "../errors.ts";
import type { Deadline } from "./deadline.ts";

type RepeatableCall = { readonly name: string; readonly isRepeatable: boolean };

export type Retries = {
  /** Adds a call's share to the budget. */
  onCall(): void;
  /** Makes up to two more attempts at a call whose first one has failed. */
  retry<Data>(call: RepeatableCall, deadline: Deadline, failure: unknown, attempt: () => Promise<Data>): Promise<Data>;
};

const maxRetries = 2;
/** A longer `Retry-After` is left to the client. */
const maxPauseMs = 2000;
/** With less time left behind the pause, a retry is of no use. No jittered pause is as long. */
const minTimeLeftMs = 300;
/** Retries per call. What is not used up is kept, up to `max`: a restart fails many calls at once. */
const budgetOf = { share: 0.2, initial: 10, max: 100 };

export function createRetries(onRetry: (name: string) => void): Retries {
  let budget = budgetOf.initial;

  function mayRetry(call: RepeatableCall, deadline: Deadline, error: unknown): error is UpstreamError {
    if (!(error instanceof UpstreamError) || !error.isPassing) return false;
    // A 429 says that nothing was done, but a proxy in front of the stack may have sent it without knowing.
    if (!call.isRepeatable && (error.effect !== "none" || error.kind === "rate-limited")) return false;
    const pauseMs = error.retryAfterMs ?? 0;
    return budget >= 1 && pauseMs <= maxPauseMs && deadline.leftMs() >= pauseMs + minTimeLeftMs;
  }

  return {
    onCall() {
      budget = Math.min(budgetOf.max, budget + budgetOf.share);
    },
    async retry(call, deadline, failure, attempt) {
      let error = failure;
      for (let retries = 0, lastDueMs = 0; retries < maxRetries && mayRetry(call, deadline, error); retries += 1) {
        budget -= 1;
        const nextDueMs = dueMs(retries);
        await wait(Math.max(nextDueMs - lastDueMs, error.retryAfterMs ?? 0));
        lastDueMs = nextDueMs;
        deadline.check(); // during an attempt the attempt does it: only it knows what may have been done
        onRetry(call.name);
        try {
          return await attempt();
        } catch (next) {
          error = next;
        }
      }
      throw error;
    },
  };
}

/**
 * When a retry is due after the first failure: within 70 ms, then after 70 to 140 ms. Decorrelated jitter, as in Polly:
 * spread evenly, and never two short pauses in a row.
 */
function dueMs(retries: number): number {
  const exponent = retries + Math.random();
  return 36 * 2 ** exponent * Math.tanh(Math.sqrt(4 * exponent));
}
