/** A run of the tests that is killed in the middle leaves neither a process nor a file. */
import { randomUUID } from "node:crypto";
import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { markVariable, processesOf } from "../support/guard.ts";
import { npmEnvironment, runCommand } from "../support/process.ts";
import { findProgram } from "../support/programs.ts";

const config = "test/system/killed-run/vitest.config.ts";

/** Of the run, what tells its processes apart. */
const kinds = {
  main: /vitest run --config/,
  worker: /vitest\/dist\/workers\/forks\.js/,
  gateway: /src\/cli\/bin\.js$/,
  sandbox: /src\/cli\/bin\.js sandbox/,
  npm: /^npm run sandbox/,
  bench: /bench\/run\.ts/,
  "what the bench measures": /bench\/floor\.ts/,
  load: /load-generator\.ts/,
  ...(findProgram("redis-server") && { redis: /redis-server/ }),
  ...(findProgram("nats-server") && { nats: /nats-server/ }),
  ...(findProgram("chromium") && { browser: /chrom\S+ .*--type=renderer|chrom\S+ .*--remote-debugging-pipe/ }),
};

it.runIf(process.platform === "linux").each<[string, "npm" | "main" | "worker" | "group", NodeJS.Signals]>([
  ["the main process of vitest is killed", "main", "SIGKILL"],
  ["npm alone is killed", "npm", "SIGKILL"],
  ["a worker is killed", "worker", "SIGKILL"],
  ["all processes of its group are killed", "group", "SIGKILL"],
  ["a user presses Ctrl+C", "group", "SIGINT"],
])("nothing is left of a run when %s", { timeout: 240_000 }, async (_title, whom, signal) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "k-"));
  const mark = [process.env[markVariable], randomUUID()].filter(Boolean).join("/");
  const env = { ...npmEnvironment(), [markVariable]: mark, TMPDIR: folder.path };
  await using npm = runCommand("npm", ["test", "--", "--config", config], { env, isGroup: true });
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  const missing = () => {
    const commands = processesOf(mark, folder.path).map(({ command }) => command);
    return Object.entries(kinds).filter(([, pattern]) => !commands.some((command) => pattern.test(command)));
  };
  void npm.exit.then(() => ended.reject(new Error(`The run has ended:\n${npm.output()}`)));
  const allRun = vi.waitFor(() => expect(missing(), npm.output()).toEqual([]), { timeout: 120_000, interval: 100 });
  await Promise.race([allRun, ended.promise]);

  if (whom === "npm") process.kill(npm.pid, signal);
  else if (whom === "group") npm.kill(signal);
  else process.kill(processesOf(mark, folder.path).find(({ command }) => kinds[whom].test(command))?.pid ?? 0, signal);

  await vi.waitFor(() => expect(processesOf(mark, folder.path)).toEqual([]), { timeout: 60_000, interval: 100 });
  // npm keeps compiled code there.
  expect((await readdir(folder.path)).filter((name) => name !== "node-compile-cache")).toEqual([]);
});
