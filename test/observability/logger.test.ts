/** No log line is lost when a process ends; a log that cannot be written stops nothing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fairNow } from "../support/fair-clock.ts";
import { until } from "../support/helpers.ts";
import { runCommand } from "../support/process.ts";
import { freePort } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A process that writes these lines and then does what the code says; `stderr` is read, `stdout` not yet. */
function write(count: number, then: string) {
  const code = `
    import { createLogger } from "./src/observability/logger.ts";
    import { createMetrics } from "./src/observability/metrics.ts";
    const log = await createLogger("info");
    for (let at = 0; at < ${count}; at += 1) log.info({ at, text: "é".repeat(100) });
    ${then}`;
  return spawn(process.execPath, ["--input-type=module-typescript", "--eval", code], {
    cwd: root,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Writes these lines, ends as the code says, and is read only after a while. */
async function run(count: number, ending: string) {
  const child = write(count, ending);
  child.stderr.resume();
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

describe("a log that nobody reads", () => {
  it("holds some lines and counts the others as dropped; those that come through are whole", async () => {
    const count = 20_000;
    const child = write(
      count,
      `
      const metrics = createMetrics();
      metrics.measureProcess();
      process.stderr.write(/^gateway_log_lines_dropped_total .*$/m.exec(await metrics.text())[0]);
      process.stdin.once("data", () => {
        log.info({ at: ${count} });
        process.exit();
      });`,
    );
    child.stdout.pause();
    const [text] = await once(child.stderr, "data");
    const dropped = Number(/ (\d+)/.exec(String(text))?.[1]);
    expect(dropped).toBeGreaterThan(5000);
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
    child.stdout.resume();
    // Some of what waits must be read before there is space again.
    await until(async () => output.length > 1e6);
    child.stdin.write("now");
    await once(child, "close");
    const lines = output
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { at: number }).at);
    expect(lines).toHaveLength(count - dropped + 1);
    expect(lines.at(-1)).toBe(count);
  });

  it("does not keep a process that ends for longer than two seconds", async () => {
    const child = write(20_000, "");
    child.stdout.pause();
    child.stderr.resume();
    const startedAt = fairNow();
    const [status] = await once(child, "exit");
    expect(status).toBe(0);
    expect(fairNow() - startedAt).toBeLessThan(10_000);
    child.stdout.destroy();
  });
});

describe("a gateway goes on", () => {
  it.each([
    ["on a full disk", "> /dev/full"],
    ["after its log's pipe is closed", "| true"],
    ["while the reader of its log hangs", "| sleep 60"],
  ])("%s: 600 operations are answered, and it is live", async (_name, redirection) => {
    const port = await freePort();
    const command = `"${process.execPath}" src/cli/bin.js ${redirection}`;
    await using _gateway = runCommand("/bin/sh", ["-c", command], { env: { PORT: String(port) }, isGroup: true });
    const url = `http://127.0.0.1:${port}`;
    const isLive = () =>
      fetch(`${url}/health/live`, { signal: AbortSignal.timeout(2000) }).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(isLive);
    const operation = { method: "POST", headers: { "content-type": "application/json" } };
    for (let round = 0; round < 20; round += 1) {
      const statuses = await Promise.all(
        Array.from({ length: 30 }, async () => {
          const body = '{"query":"{ viewer { subject } }"}';
          const response = await fetch(`${url}/graphql`, { ...operation, body, signal: AbortSignal.timeout(10_000) });
          await response.arrayBuffer();
          return response.status;
        }),
      );
      expect(new Set(statuses)).toEqual(new Set([200]));
    }
    expect(await isLive()).toBe(true);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^gateway_log_lines_dropped_total \d+$/m);
  });
});
