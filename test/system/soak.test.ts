import { expect, it } from "vitest";
import { runScript } from "../support/process.ts";

/** `npm run soak` for ten minutes of the same. */
it("a minute of mixed load, with one fault after the other, has no error that no fault explains, and leaves memory and handles as they were", async () => {
  await using soak = runScript("soak", ["--seconds", "60"]);
  const code = await soak.exit;
  process.stdout.write(soak.output());
  expect(soak.output()).toContain("9 of 9 kinds");
  expect(soak.output()).toMatch(/unexpected +0\n/);
  expect(code).toBe(0);
}, 180_000);
