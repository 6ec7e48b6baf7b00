/** A clock for bounds on time: while processes share a processor it runs slower, as they do. */
import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";

/** How many are running, or ready to. */
function countRunning(): number {
  const text = process.platform === "linux" ? readFileSync("/proc/loadavg", "latin1") : "";
  return Number(/ (\d+)\//.exec(text)?.[1] ?? loadavg()[0]);
}

let fairMs = 0;
let lastMs = performance.now();

/** Milliseconds since some moment. On an idle machine they are as long as any. */
export function fairNow(): number {
  const now = performance.now();
  fairMs += (now - lastMs) / Math.max(1, countRunning() / availableParallelism());
  lastMs = now;
  return fairMs;
}

setInterval(fairNow, 20).unref();
