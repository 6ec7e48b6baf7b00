/** The global setup of vitest: what all processes of a run share, and that nothing of it is left. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { TestProject } from "vitest/node";
import { guardRun, type RunProcess } from "./guard.ts";
import { folderVariable } from "./record.ts";
import { seedVariable } from "./seed.ts";

/** The workers get all of it by their environment. */
export default function setUp({ vite }: TestProject) {
  const run = guardRun();
  const recorded = join(run.folder, "recorded");
  mkdirSync(recorded);
  process.env[folderVariable] = recorded;
  const today = new Date().toISOString().slice(0, 10).replaceAll("-", "");
  process.env[seedVariable] ||= vite.config.mode === "slow" ? today : "1";
  process.stdout.write(`Random tests begin with ${seedVariable}=${process.env[seedVariable]}.\n`);

  return async () => {
    const isVitest = (command: string) => /^vitest-|\bvitest\/dist\/workers\//.test(command);
    let left: readonly RunProcess[] = [];
    for (let rounds = 0; rounds < 50; rounds += 1) {
      left = run.processes().filter(({ command }) => !isVitest(command));
      if (left.length === 0) return;
      await wait(100);
    }
    throw new Error(
      `Tests have left processes, which are ended now:\n${left.map(({ command }) => command).join("\n")}`,
    );
  };
}
