/** A reporter for vitest that ends a run with one line of counts, and before it says what could not run. */
import { appendFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";
import { missedPrograms } from "./programs.ts";

/** A file to which the counts are added, for the sum of several runs. */
const countsVariable = "TEST_COUNTS";

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.state() === "failed" && module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) count[test.result().state] += 1;
    }
    const failed = count.failed + count.pending;
    const missed = missedPrograms();
    if (missed.length > 0)
      process.stdout.write(`\nSkipped, because it is not installed: what needs ${missed.join(", ")}.\n`);
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
    const line = `${count.passed} passed, ${failed} failed${skipped}\n`;
    process.stdout.write(`\n${line}`);
    const path = process.env[countsVariable];
    if (path !== undefined) appendFileSync(path, line);
  }
}
