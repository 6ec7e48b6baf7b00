/** The sandbox's time, and its timers. */
export type Clock = {
  now(): Date;
  /** Runs `run` once, `ms` milliseconds from now. */
  after(ms: number, run: () => void): void;
};

/** The machine's time. A pending timer does not keep the process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  after(ms, run) {
    setTimeout(run, ms).unref();
  },
};

/** A clock that moves only by `advance`. */
export type ManualClock = Clock & {
  /** Moves on by `ms` milliseconds and runs what is due on the way, in order of time. */
  advance(ms: number): void;
};

export function createManualClock(start: Date | string = "2026-07-01T09:00:00Z"): ManualClock {
  let nowMs = new Date(start).getTime();
  let due: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    now: () => new Date(nowMs),
    after(ms, run) {
      due.push({ atMs: nowMs + ms, run });
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const next = due.filter((item) => item.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        due = due.filter((item) => item !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = endMs;
    },
  };
}
