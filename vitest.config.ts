import { createRequire } from "node:module";
import { defineConfig } from "vitest/config";

/** What is measured, or needs the machine for itself, runs one file after the other when all else is done. */
const timed = [
  "test/cli/{start,first-steps}.test.ts",
  "test/repository/{package,deployment}.test.ts",
  "test/http/requests.test.ts",
  "test/system/*.test.ts",
  "test/upstream/transport/{outage,overload,recovery}.test.ts",
  "test/browser/*.test.ts",
  "test/live/load.test.ts",
  "test/http/slow-readers.test.ts",
];

/** Searches what gateways have written under all other tests. */
const redaction = "test/redaction.test.ts";

export default defineConfig({
  resolve: {
    // One copy of graphql for sources and dependencies alike: with two, `instanceof GraphQLError` fails.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve("graphql") }],
  },
  test: {
    reporters: ["default", "./test/support/closing-line.ts"],
    // All that gateways write is kept for the search at the end.
    globalSetup: "./test/support/recording.ts",
    setupFiles: "./test/support/record-sockets.ts",
    // A machine that is busy with something else can starve a test of real sockets and processes: CI tries it once more.
    retry: process.env["CI"] ? 1 : 0,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        // Most of a test's time is waiting: more files at once than processors.
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
