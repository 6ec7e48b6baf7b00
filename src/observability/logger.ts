/** The log of a gateway on its standard output: lines for people in a terminal, JSON elsewhere. */
import { type Logger, type LoggerOptions, pino } from "pino";

/** How long a line may wait to be written together with others. A process that is killed takes such lines along. */
const flushEveryMs = 50;
const flushAtBytes = 8 * 1024;

export async function createLogger(level: NonNullable<LoggerOptions["level"]>): Promise<Logger> {
  return pino({ level, base: null }, process.stdout.isTTY ? await prettyTarget() : jsonTarget());
}

async function prettyTarget() {
  const { default: pretty } = await import("pino-pretty");
  return pretty({ sync: true, translateTime: "HH:MM:ss" });
}

/** Lines are written together: a write for each would be the largest part of a small query. */
function jsonTarget() {
  // Asynchronous writes that are under way when the process exits could be lost.
  const target = pino.destination({ dest: 1, sync: true, minLength: flushAtBytes, periodicFlush: flushEveryMs });
  process.on("exit", () => target.end());
  return target;
}
