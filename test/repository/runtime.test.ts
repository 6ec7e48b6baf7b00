/** What `npm ci` does in a checkout about Node: `runtime/install.js`, in a folder of its own. */
import { cp, mkdtempDisposable, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import runtime from "../../runtime/package.json" with { type: "json" };
import { npmEnvironment, runCommand } from "../support/process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

type Machine = {
  readonly node?: string;
  readonly platform?: string;
  readonly arch?: string;
  readonly isMusl?: boolean;
};

/** Runs it in a checkout with nothing installed, on what passes for this machine. */
async function install({ node = "20.19.0", platform = "linux", arch = process.arch, isMusl = false }: Machine) {
  const folder = await mkdtempDisposable(join(tmpdir(), "runtime-"));
  const filter = (path: string) => !path.includes("node_modules");
  await cp(join(root, "package.json"), join(folder.path, "package.json"));
  await cp(join(root, "runtime"), join(folder.path, "runtime"), { recursive: true, filter });
  const machine = `
    Object.defineProperty(process.versions, "node", { value: "${node}" });
    Object.defineProperty(process, "platform", { value: "${platform}" });
    Object.defineProperty(process, "arch", { value: "${arch}" });
    const report = process.report.getReport();
    if (${isMusl}) delete report.header.glibcVersionRuntime;
    process.report.getReport = () => report;`;
  const options = ["--import", `data:text/javascript,${encodeURIComponent(machine)}`];
  const env = { ...npmEnvironment(), npm_config_prefer_offline: "true" };
  await using command = runCommand(process.execPath, [...options, "runtime/install.js"], { cwd: folder.path, env });
  const code = await command.exit;
  return {
    code,
    output: command.output(),
    folder: folder.path,
    installed: (await readdir(folder.path)).includes("node_modules"),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

describe("npm ci in a checkout", () => {
  it("does nothing where Node is new enough", async () => {
    await using result = await install({ node: process.versions.node });
    expect(result).toMatchObject({ code: 0, output: "", installed: false });
  });

  it.each<[string, Machine]>([
    ["macOS", { platform: "darwin" }],
    ["Windows", { platform: "win32" }],
    ["Alpine, whose libc is musl", { isMusl: true }],
    ["another processor", { arch: "riscv64" }],
  ])("says in one line what to install on %s with an older Node", async (_case, machine) => {
    await using result = await install(machine);
    expect(result).toMatchObject({ code: 0, installed: false });
    expect(result.output).toMatch(
      /^Node 24 or newer is needed, and this is v[\d.]+: https:\/\/nodejs\.org\S+ has it\.\n$/,
    );
  });

  it.skipIf(!(`node-linux-${process.arch}` in runtime.optionalDependencies))(
    "brings a Node on Linux with an older one, puts it where npm's scripts find it, and says so in one line",
    { timeout: 120_000 },
    async () => {
      await using result = await install({});
      expect(result.output).toMatch(
        /^This is Node v[\d.]+: npm's scripts here run on Node [\d.]+, which is now in .*\n$/,
      );
      await using node = runCommand(join(result.folder, "node_modules", ".bin", "node"), ["--version"]);
      expect(await node.exit).toBe(0);
      const versions = new Set(Object.values(runtime.optionalDependencies));
      expect(versions).toEqual(new Set([node.output().trim().slice(1)]));
    },
  );
});

it("the oldest Node of the command and of package.json are the same", async () => {
  const [, oldest] = /oldest = (\d+);/.exec(await readFile(join(root, "src/cli/require-node.js"), "utf8")) ?? [];
  expect(manifest.engines.node).toBe(`>=${oldest}`);
});
