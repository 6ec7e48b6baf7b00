/** Keeps a connection to a server open for as long as it is wanted: Redis, NATS. */
import { setTimeout as pause } from "node:timers/promises";

/** What is open to a server. Disposing closes all of it; a second time does nothing. */
export type OpenConnection = AsyncDisposable & {
  /** Resolves, and never rejects, with why the connection is of no more use; also once it is disposed. */
  readonly lost: Promise<string>;
};

export type ReconnectingConnection<Connection extends OpenConnection> = AsyncDisposable & {
  /** `null` while there is none. */
  current(): Connection | null;
};

export type ReconnectingConnectionOptions<Connection extends OpenConnection> = {
  /** Must settle in bounded time, soon after `signal` aborts, and leave nothing open when it rejects. */
  open(signal: AbortSignal): Promise<Connection>;
  /** Called at most once in half a minute for each kind of problem, however often it comes. */
  onProblem(kind: string): void;
};

const minPauseMs = 50;
/** Short, because what is published meanwhile is missed; one attempt a second is no burden on a server that is back. */
const maxPauseMs = 1000;
/** After a connection that lasted this long the pauses start anew. */
const stableAfterMs = 10_000;
const reportAgainAfterMs = 30_000;

/**
 * The first attempt is awaited, whatever its outcome; later ones go on in the background, with growing pauses, until it
 * is disposed. Disposing closes the connection and leaves no socket and no timer.
 */
export async function startReconnectingConnection<Connection extends OpenConnection>(
  options: ReconnectingConnectionOptions<Connection>,
): Promise<ReconnectingConnection<Connection>> {
  const ending = new AbortController();
  const firstAttempt = Promise.withResolvers<void>();
  const reportedAt = new Map<string, number>();
  let current: Connection | null = null;

  function report(kind: string): void {
    const now = performance.now();
    if (ending.signal.aborted || now - (reportedAt.get(kind) ?? Number.NEGATIVE_INFINITY) < reportAgainAfterMs) return;
    reportedAt.set(kind, now);
    options.onProblem(kind);
  }

  async function keepOpen(): Promise<void> {
    for (let failures = 0; !ending.signal.aborted; failures += 1) {
      try {
        await using connection = await options.open(ending.signal);
        if (ending.signal.aborted) break;
        current = connection;
        firstAttempt.resolve();
        const openedAt = performance.now();
        const kind = await connection.lost;
        current = null;
        report(kind);
        if (performance.now() - openedAt > stableAfterMs) failures = 0;
      } catch (error) {
        report(toProblemKind(error));
      }
      firstAttempt.resolve();
      const pauseMs = Math.min(maxPauseMs, minPauseMs * 2 ** failures) * (0.5 + Math.random() / 2);
      await pause(pauseMs, undefined, { signal: ending.signal }).catch(() => {});
    }
  }

  const keeping = keepOpen();
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

/** A word for the log. Messages stay out of it: they hold addresses. */
export function toProblemKind(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  for (const one of [error, error.cause]) {
    if (one instanceof Error && "code" in one && typeof one.code === "string") return one.code;
  }
  // Redis starts its errors with a word such as WRONGPASS, NOAUTH or LOADING.
  return /^[A-Z]{3,}(?= )/.exec(error.message)?.[0] ?? error.constructor.name;
}
