/** The signals that stop a command: SIGTERM, and a terminal's Ctrl-C. */

/**
 * A terminal or a service manager signals npm as well as the process that npm has started, and npm passes the signal on:
 * what comes so soon after the first is no second one.
 */
const passedOnWithinMs = 500;

/** Calls `stop` on SIGINT and on SIGTERM, each time that one is sent. */
export function onStopSignal(stop: () => void): void {
  let handledAt = Number.NEGATIVE_INFINITY;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (now - handledAt < passedOnWithinMs) return;
      handledAt = now;
      stop();
    });
  }
}
