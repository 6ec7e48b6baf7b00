/** Runs the tests in three groups: most in parallel, timed ones one by one, then the search for secrets. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Tests that measure, or need the machine for themselves: they run one by one after all others. */
const timed = [
  "test/cli/{start,first-steps,demo,example}.test.ts",
  "test/repository/{package,deployment}.test.ts",
  "test/extended/{example,refused-fields}.test.ts",
  "test/http/requests.test.ts",
  "test/system/*.test.ts",
  "test/upstream/transport/{outage,overload,recovery}.test.ts",
  "test/browser/*.test.ts",
  "test/live/load.test.ts",
  "test/http/slow-readers.test.ts",
];

/** Searches what gateways have written in all other tests. */
const redaction = "test/redaction.test.ts";

export default defineConfig({
  resolve: {
    // One copy of graphql for sources and dependencies alike: with two, `instanceof GraphQLError` fails.
    alias: [
      { find: /^graphql$/, replacement: createRequire(import.meta.url).resolve("graphql") },
      // As Node resolves the package's own name.
      { find: /^open-banking-graphql-gateway$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) },
    ],
  },
  test: {
    reporters: ["default", "./test/support/closing-line.ts"],
    // All that gateways write is recorded for the search at the end; no process is left.
    globalSetup: "./test/support/run.ts",
    setupFiles: ["./test/support/record-sockets.ts", "./test/support/seed.ts"],
    // A busy machine can starve tests of real sockets and processes: CI runs them once more.
    retry: process.env["CI"] ? 1 : 0,
    // Long enough for a busy machine: what never comes fails, late.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        // Tests mostly wait, so more files run at once than there are processors.
        test: {
          name: "tests",
          include: ["test/**/*.test.ts"],
          exclude: [...timed, redaction],
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "timed", include: timed, maxWorkers: 1, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
      { extends: true, test: { name: "redaction", include: [redaction], sequence: { groupOrder: 2 } } },
    ],
  },
});
