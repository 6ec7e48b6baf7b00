/** The machine's time, with timers that take four times as long. */
import { type Clock, systemClock } from "../../sandbox/clock.ts";

/** For a sandbox that is seen in the middle of something: a delete takes 1.2 s, and a busy machine is in time, too. */
export const slowClock: Clock = { now: systemClock.now, after: (ms, run) => systemClock.after(4 * ms, run) };
