import { expect, it } from "vitest";
import { runScript } from "./process.ts";

/** `npm run soak` for ten minutes of the same. */
it("a minute of mixed load, with one fault after the other, has no error that no fault explains, and leaves memory and handles as they were", async () => {
  await using soak = runScript("soak", ["--seconds", "45"]);
  const code = await soak.exit;
  process.stdout.write(soak.output());
  expect(soak.output()).toMatch(/unexpected +0\n/);
  expect(code).toBe(0);
}, 180_000);
