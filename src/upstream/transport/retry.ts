import {
  DelegateBackoff,
  ExponentialBackoff,
  handleWhen,
  type IBackoff,
  type IRetryBackoffContext,
  retry,
} from "cockatiel";
import { UpstreamError } from "../errors.ts";
import type { Deadline } from "./deadline.ts";

export type Retries = {
  /** Told of each call that begins: a part of them may be repeated. */
  began(): void;
  /** Makes another attempt, or more, after pauses, when what failed did so in passing and may be repeated. */
  again<Answer>(
    call: { readonly name: string; readonly isRepeatable: boolean },
    deadline: Deadline,
    failed: unknown,
    attempt: () => Promise<Answer>,
  ): Promise<Answer>;
};

const mostRetries = 2;
/** Whoever asks for a longer pause is not waited for: the client is told how long. */
const longestPauseMs = 2000;
/** With less than this left of an operation's time behind the pause, trying again is of no use. No jittered pause is as long. */
const leastLeftMs = 300;
/** Of the calls, this part may be repeated. What is not used up is kept, up to `most`: a restart fails many at once. */
const budgetOf = { share: 0.2, first: 10, most: 100 };

const jittered = new ExponentialBackoff<unknown>({ initialDelay: 50, maxDelay: 1000 });

/** A pause that grows, with jitter; never shorter than the service asks for. */
const backoff = new DelegateBackoff<IRetryBackoffContext<unknown>, IBackoff<unknown>>((context, state) => {
  const next = (state ?? jittered).next(context);
  const error = "error" in context.result ? context.result.error : null;
  const askedMs = error instanceof UpstreamError ? (error.retryAfterMs ?? 0) : 0;
  return { delay: Math.max(next.duration, askedMs), state: next };
});

export function createRetries(onRetry: (name: string) => void): Retries {
  let budget = budgetOf.first;

  return {
    began() {
      budget = Math.min(budgetOf.most, budget + budgetOf.share);
    },
    async again(call, deadline, failed, attempt) {
      let left = mostRetries;
      function mayRepeat(error: Error): boolean {
        if (!(error instanceof UpstreamError) || !error.isPassing) return false;
        // A 429 says that it did nothing, and yet somebody before the stack may say so, who does not know.
        if (!call.isRepeatable && (error.effect !== "none" || error.kind === "rate-limited")) return false;
        const pauseMs = error.retryAfterMs ?? 0;
        if (left === 0 || budget < 1 || pauseMs > longestPauseMs) return false;
        if (deadline.leftMs() < pauseMs + leastLeftMs) return false;
        left -= 1;
        budget -= 1;
        return true;
      }
      const policy = retry(handleWhen(mayRepeat), { maxAttempts: mostRetries, backoff });
      // Nothing but an attempt knows what became of it: when the time ends, its own error is what counts.
      return await policy.execute(async ({ attempt: number }) => {
        if (number === 0) throw failed;
        deadline.check();
        onRetry(call.name);
        return attempt();
      });
    },
  };
}
