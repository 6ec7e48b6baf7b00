/** A run of one test that starts each kind of process and never ends, to be killed. */
import { defineConfig } from "vitest/config";
import { resolve } from "../../../vitest.config.ts";

export default defineConfig({
  resolve,
  test: {
    include: ["test/system/killed-run/every-process.ts"],
    globalSetup: "./test/support/run.ts",
    testTimeout: 120_000,
  },
});
