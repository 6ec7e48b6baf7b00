/** `npm test` and `npm run test:slow`: each file of tests is in one of the two, and the search for secrets in both. */
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vitest = fileURLToPath(new URL("../../node_modules/.bin/vitest", import.meta.url));
const redaction = "test/redaction.test.ts";

type Listed = { readonly file: string; readonly projectName: string };

async function list(...args: readonly string[]): Promise<readonly Listed[]> {
  const words = [vitest, "list", "--filesOnly", ...args, "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root });
  const listed = JSON.parse(stdout) as readonly Listed[];
  return listed.map(({ file, projectName }) => ({ file: relative(root, file), projectName }));
}
const filesOf = (listed: readonly Listed[]) => listed.map(({ file }) => file);

describe("each file of tests", () => {
  it("is in the fast or in the slow set, and the search for secrets is in both", async () => {
    const [fast, slow] = [filesOf(await list()), filesOf(await list("--mode", "slow"))];
    expect([fast, slow].map((files) => files.filter((file) => file === redaction))).toEqual([[redaction], [redaction]]);
    const both = [...fast, ...slow].filter((file) => file !== redaction);
    const all = globSync("test/**/*.test.ts", { cwd: root }).filter((file) => file !== redaction);
    expect(both.toSorted()).toEqual(all.toSorted());
    expect([fast.length > 100, slow.length > 10]).toEqual([true, true]);
  });

  it("runs when it is named, whichever set it is in", async () => {
    const named = ["test/repository/test-sets.test.ts", "test/system/soak.test.ts"];
    expect((await list(...named)).toSorted((a, b) => a.file.localeCompare(b.file))).toEqual([
      { file: named[0], projectName: "fast" },
      { file: named[1], projectName: "slow" },
    ]);
  });
});
