/** The random tests of the fast set, with ten times as many runs. */
import { expect, it } from "vitest";
import { npmEnvironment, runCommand } from "../support/process.ts";
import { seedVariable } from "../support/seed.ts";

const files = ["test/executor/random-operations.test.ts", "test/schema/properties/", "test/schema/short-ids.test.ts"];

it("random documents, texts, tokens and ids hold for many runs, too", { timeout: 900_000 }, async () => {
  const env = { ...npmEnvironment(), [seedVariable]: process.env[seedVariable] ?? "1", TEST_RUNS: "10" };
  await using command = runCommand("npm", ["test", "--", ...files], { env, isGroup: true });
  const code = await command.exit;
  process.stdout.write(command.output());
  expect(code, command.output()).toBe(0);
});
