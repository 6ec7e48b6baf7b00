/** Which tests run: those of `npm test`, those of `npm run test:slow`, and behind both the search for secrets. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { parseCLI } from "vitest/node";

/**
 * Tests that measure, wait for real clocks, flood, draw thousands of inputs, need a browser, or run long. They run one by
 * one. All others are fast.
 */
const slow = [
  "test/browser/*.test.ts",
  "test/cli/*.test.ts",
  "test/extended/{example,refused-fields}.test.ts",
  "test/http/{fuzz-requests,fuzz-websocket,requests,slow-readers}.test.ts",
  "test/live/{cadence,leaks,load}.test.ts",
  "test/repository/{bench,deployment,kubernetes,package,performance,release,runtime,workflows}.test.ts",
  "test/system/*.test.ts",
  "test/upstream/transport/{fair-admission,outage,overload,recovery,waiting}.test.ts",
];

/** Fast ones that change what others share, so that each has a process of its own. */
const alone = ["test/extended/*.test.ts", "test/schema/authorization.test.ts"];

/** Searches what the gateways of the run have written. */
const redaction = "test/redaction.test.ts";

/** Whether this run names its tests, by file or by title: then they may be of either set. */
function isChosen(): boolean {
  const { filter, options } = parseCLI(["vitest", ...process.argv.slice(2)], { allowUnknownOptions: true });
  return filter.length > 0 || options.testNamePattern !== undefined;
}

export const resolve = {
  // One copy of graphql for sources and dependencies alike: with two, `instanceof GraphQLError` fails.
  alias: [
    { find: /^graphql$/, replacement: createRequire(import.meta.url).resolve("graphql") },
    // As Node resolves the package's own name.
    { find: /^open-banking-graphql-gateway$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) },
  ],
};

export default defineConfig(({ mode }) => ({
  resolve,
  test: {
    reporters: ["default", "./test/support/closing-line.ts"],
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
          name: "fast",
          include: mode === "slow" && !isChosen() ? [] : ["test/**/*.test.ts"],
          exclude: [...slow, ...alone, redaction],
          isolate: false,
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: mode === "slow" && !isChosen() ? [] : alone,
          exclude: slow,
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "slow",
          include: mode === "slow" || isChosen() ? slow : [],
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: "redaction", include: [redaction], sequence: { groupOrder: 2 } } },
    ],
  },
}));
