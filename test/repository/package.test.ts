/** The npm package, installed into an empty folder and started. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { post } from "../support/live/clients.ts";
import { npmEnvironment, runCommand, toGateway } from "../support/process.ts";

const command = "open-banking-graphql-gateway";

let folder: string;
let installed: string;
let bins: string;

async function runToEnd(file: string, args: string[], cwd?: string): Promise<void> {
  await using running = runCommand(file, args, { env: npmEnvironment(), ...(cwd !== undefined && { cwd }) });
  const code = await running.exit;
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${code}:\n${running.output()}`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "package-"));
  await runToEnd("npm", ["pack", "--pack-destination", folder]);
  const [tarball = ""] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--prefix", folder];
  await runToEnd("npm", ["install", ...flags, join(folder, tarball)], folder);
  installed = join(folder, "node_modules", command);
  bins = join(folder, "node_modules", ".bin");
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const query = { query: "{ paymentServiceUsers(first: 1) { nodes { connections { status } } } }" };

describe("the package, installed into an empty folder", () => {
  it("contains compiled code, but no tests, sources or maps", async () => {
    const entries = await readdir(installed, { recursive: true, withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    const code = names.filter((name) => name.startsWith(join(installed, "dist")));
    expect(code.length).toBeGreaterThan(80);
    expect(code.filter((name) => !name.endsWith(".js"))).toEqual([]);
    expect(names.filter((name) => !code.includes(name)).map((name) => name.slice(installed.length + 1))).toEqual(
      expect.arrayContaining(["LICENSE", "README.md", "SECURITY.md", "package.json", "schema.graphql"]),
    );
    expect(names.length - code.length).toBe(5);
    for (const name of code) {
      const text = await readFile(name, "utf8");
      expect(text).not.toContain("sourceMappingURL");
      // Its imports exist, and are no sources.
      for (const [, path = ""] of text.matchAll(/(?:from|import|import\() ?"(\.[^"]+)"/g)) {
        expect(names).toContain(join(dirname(name), path));
      }
    }
  });

  it("brings its dependencies, but none of development", async () => {
    const names = await readdir(join(folder, "node_modules"));
    for (const name of ["typescript", "vitest", "@biomejs"]) expect(names).not.toContain(name);
    expect(Object.keys(manifest.dependencies).filter((name) => !names.includes(name.split("/")[0] ?? ""))).toEqual([]);
  });

  it("starts the gateway by npx, which answers and stops on SIGTERM", async () => {
    // With the Node of this machine, whichever it is: the package brings one where it is too old.
    const path = (process.env["PATH"] ?? "")
      .split(delimiter)
      .filter((one) => !one.endsWith(join("node_modules", ".bin")));
    const env = { PORT: "0", PATH: path.join(delimiter) };
    await using gateway = await toGateway(runCommand("npx", [command], { cwd: folder, env, isGroup: true }));
    expect(await post(`${gateway.url}/graphql`, query)).toMatchObject({ data: { paymentServiceUsers: {} } });
    gateway.kill("SIGTERM");
    await gateway.exit;
    expect(gateway.output()).toContain("stopping");
  });

  it("starts the gateway by its command, which exits with code 0 and uses less than 130 MB at rest", async () => {
    const env = { PORT: "0", PATH: `${bins}${delimiter}${process.env["PATH"]}` };
    await using gateway = await toGateway(runCommand(join(bins, command), [], { cwd: folder, env, isGateway: true }));
    const resident = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${gateway.pid}/status`, "utf8"))?.[1];
    expect(Number(resident) / 1024).toBeLessThan(130);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    gateway.kill("SIGTERM");
    expect(await gateway.exit).toBe(0);
    // The next start does not compile it again.
    expect(await readdir(join(installed, "dist", ".cache", "compiled"))).not.toEqual([]);
  });

  it("exits with code 1 and one line when Node is too old", async () => {
    // The command checks only this property.
    const old = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' });";
    const options = ["--import", `data:text/javascript,${encodeURIComponent(old)}`];
    await using refused = runCommand(process.execPath, [...options, join(installed, "dist", "src", "cli", "bin.js")]);
    expect(await refused.exit).toBe(1);
    expect(refused.output()).toMatch(/^The gateway needs Node 24 or newer; this is v[\d.]+\.\n$/);
  });
});
