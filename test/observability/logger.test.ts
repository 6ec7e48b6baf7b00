/** No log line is lost when a process ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Writes these lines, ends as the code says, and is read only after a while. */
async function run(count: number, ending: string) {
  const code = `
    import { createLogger } from "./src/observability/logger.ts";
    const log = await createLogger("info");
    for (let at = 0; at < ${count}; at += 1) log.info({ at, text: "é".repeat(100) });
    ${ending}`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", code], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  child.stdout.pause();
  setTimeout(() => child.stdout.resume(), 500);
  const [status] = await once(child, "close");
  return {
    status,
    lines: output
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { at: number }).at),
  };
}

it.each([
  ["ends by itself", 0, ""],
  ["exits", 3, "process.exit(3)"],
  ["throws", 1, 'throw new Error("")'],
  ["throws later", 1, 'setTimeout(() => { throw new Error(""); }, 5)'],
])("the log of a process that %s is whole, also over a slow pipe", async (_title, status, ending) => {
  // More than the buffers of logger and pipe, and less than either.
  for (const count of [5000, 3]) {
    expect(await run(count, ending)).toEqual({ status, lines: Array.from({ length: count }, (_, at) => at) });
  }
});
