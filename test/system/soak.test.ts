/** One minute of `npm run soak`, whose default is ten. */
import { expect, it } from "vitest";
import { runScript } from "../support/process.ts";

it("a minute of mixed load with faults causes no unexplained error, and no growth of memory or handles", async () => {
  await using soak = runScript("soak", ["--seconds", "60"]);
  const code = await soak.exit;
  process.stdout.write(soak.output());
  expect(soak.output()).toContain("9 of 9 kinds");
  expect(soak.output()).toMatch(/unexpected +0\n/);
  expect(code).toBe(0);
}, 180_000);
