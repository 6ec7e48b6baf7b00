/** The log of a gateway on its standard output: lines for people in a terminal, JSON elsewhere. */
import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";

/** How long a line may wait to be written together with others. A process that is killed takes such lines along. */
const flushEveryMs = 50;
const flushAtBytes = 8 * 1024;
/** Some 8,000 lines wait while they cannot be written; those that come then are dropped. */
const maxBufferedBytes = 2 * 1024 * 1024;
/** At the end a reader that takes nothing for so long is given up. */
const stalledAfterMs = 2000;

let dropped = 0;

/** How many lines this process could not write. */
export function droppedLogLines(): number {
  return dropped;
}

/** All gateways of a process write to the one standard output. */
let target: Promise<DestinationStream> | undefined;

export async function createLogger(level: NonNullable<LoggerOptions["level"]>): Promise<Logger> {
  target ??= toTarget();
  return pino({ level, base: null }, await target);
}

async function toTarget(): Promise<DestinationStream> {
  // To look at `process.stdout` also makes writes to a pipe return at once, whether or not there is a reader.
  return process.stdout.isTTY ? prettyTarget() : jsonTarget();
}

async function prettyTarget() {
  const { default: pretty } = await import("pino-pretty");
  return pretty({ sync: true, translateTime: "HH:MM:ss" });
}

/** Lines are written together: a write for each would be the largest part of a small query. */
function jsonTarget() {
  let isEnding = false;
  let left = 0;
  let progressAt = 0;

  /** While the gateway runs, what a pipe does not take is kept for the next flush. At the end it is waited for. */
  function isWorthWaiting(_error: Error, writing: number, waiting: number): boolean {
    if (!isEnding) return false;
    if (writing + waiting !== left) {
      left = writing + waiting;
      progressAt = performance.now();
    }
    return performance.now() - progressAt < stalledAfterMs;
  }

  const target = pino.destination({
    dest: 1,
    // Asynchronous writes that are under way when the process exits could be lost.
    sync: true,
    minLength: flushAtBytes,
    periodicFlush: flushEveryMs,
    maxLength: maxBufferedBytes,
    retryEAGAIN: isWorthWaiting,
  });
  // A full disk, or a pipe that is full or broken: lines stay in the buffer, and the next flush tries again. Pino's own
  // listener would never write again after a broken pipe, and end the process after any other error.
  target.removeAllListeners("error").on("error", () => {});
  target.on("drop", () => {
    dropped += 1;
  });
  process.on("exit", () => {
    isEnding = true;
    target.end();
  });
  return target;
}
