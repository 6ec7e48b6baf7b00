import { setTimeout as pause } from "node:timers/promises";

/** What is open to a server. Disposing closes all of it; a second time does nothing. */
export type Line = AsyncDisposable & {
  /** Resolves, and never rejects, with why the line is of no more use; also once it is disposed. */
  readonly lost: Promise<string>;
};

export type LineKeeper<Opened extends Line> = AsyncDisposable & {
  /** `null` while there is none. */
  current(): Opened | null;
};

export type LineOptions<Opened extends Line> = {
  /** Must settle in bounded time, soon after `signal` aborts, and leave nothing open when it rejects. */
  open(signal: AbortSignal): Promise<Opened>;
  /** Told each kind of problem at most once in half a minute, however often it comes. */
  onProblem(kind: string): void;
};

const shortestPauseMs = 50;
/** Short, because what is announced meanwhile is missed; one attempt a second is no burden on a server that is back. */
const longestPauseMs = 1000;
/** A line that lasted this long was a good one: the pauses start anew. */
const steadyMs = 10_000;
const tellAgainAfterMs = 30_000;

/**
 * Keeps one line open for as long as it is not disposed: the first attempt is awaited, whatever comes of it; later ones
 * are made by itself, with growing pauses, for ever. Disposing closes the line and leaves no socket and no timer.
 */
export async function startLine<Opened extends Line>(options: LineOptions<Opened>): Promise<LineKeeper<Opened>> {
  const ending = new AbortController();
  const firstAttempt = Promise.withResolvers<void>();
  const toldAt = new Map<string, number>();
  let current: Opened | null = null;

  function tell(kind: string): void {
    const now = performance.now();
    if (ending.signal.aborted || now - (toldAt.get(kind) ?? Number.NEGATIVE_INFINITY) < tellAgainAfterMs) return;
    toldAt.set(kind, now);
    options.onProblem(kind);
  }

  async function keep(): Promise<void> {
    for (let failures = 0; !ending.signal.aborted; failures += 1) {
      try {
        await using line = await options.open(ending.signal);
        if (ending.signal.aborted) break;
        current = line;
        firstAttempt.resolve();
        const openedAt = performance.now();
        const kind = await line.lost;
        current = null;
        tell(kind);
        if (performance.now() - openedAt > steadyMs) failures = 0;
      } catch (error) {
        tell(toProblemKind(error));
      }
      firstAttempt.resolve();
      const pauseMs = Math.min(longestPauseMs, shortestPauseMs * 2 ** failures) * (0.5 + Math.random() / 2);
      await pause(pauseMs, undefined, { signal: ending.signal }).catch(() => {});
    }
  }

  const keeping = keep();
  await firstAttempt.promise;
  return {
    current: () => current,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await current?.[Symbol.asyncDispose]();
      await keeping;
    },
  };
}

/** No answer came in time. */
export class SilenceError extends Error {
  override readonly name = "SilenceError";
  readonly code = "ETIMEDOUT";
}

/**
 * Waits for `work` at most so long; then, or when `signal` aborts, rejects. The work itself goes on.
 * @throws {SilenceError} at the deadline.
 */
export function answered<Value>(work: Promise<Value>, deadlineMs: number, signal?: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = () => settle(() => reject(signal?.reason));
    // A process that was busy past the deadline has the answer unread in its socket: one more turn lets it be read.
    const timer = setTimeout(() => setImmediate(() => settle(() => reject(new SilenceError()))), deadlineMs);
    function settle(finish: () => void): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      finish();
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

/** A word for the log. Messages stay out of it: they hold addresses. */
export function toProblemKind(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  for (const one of [error, error.cause]) {
    if (one instanceof Error && "code" in one && typeof one.code === "string") return one.code;
  }
  // Redis starts its errors with a word such as WRONGPASS, NOAUTH or LOADING.
  return /^[A-Z]{3,}(?= )/.exec(error.message)?.[0] ?? error.constructor.name;
}
