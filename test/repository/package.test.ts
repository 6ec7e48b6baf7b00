/** The npm package, installed into an empty folder: its files, its commands, its library, and its size. */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { post } from "../support/live/clients.ts";
import { npmEnvironment, type RunningProcess, runCommand, toGateway } from "../support/process.ts";

const timeout = 60_000;
const [command = ""] = Object.keys(manifest.bin);
const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFile(join(root, path), "utf8");
/** A program of the checkout. */
const tool = (name: string) => join(root, "node_modules", ".bin", name);

let folder: string;
let tarball: string;
let installed: string;
let bins: string;

async function runToEnd(file: string, args: string[], cwd?: string): Promise<string> {
  await using running = runCommand(file, args, { env: npmEnvironment(), ...(cwd !== undefined && { cwd }) });
  const code = await running.exit;
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${code}:\n${running.output()}`);
  return running.output();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "package-"));
  await runToEnd("npm", ["pack", "--pack-destination", folder]);
  const [name = ""] = (await readdir(folder)).filter((one) => one.endsWith(".tgz"));
  tarball = join(folder, name);
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--prefix", folder];
  await runToEnd("npm", ["install", ...flags, tarball], folder);
  installed = join(folder, "node_modules", manifest.name);
  bins = join(folder, "node_modules", ".bin");
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The command in the folder, as its users call it, with a Node of the gateway's version and nothing else of the checkout. */
function npx(words: readonly string[], env: Record<string, string> = {}): RunningProcess {
  const own = (process.env["PATH"] ?? "").split(delimiter).filter((one) => !one.includes("node_modules"));
  const PATH = [dirname(process.execPath), ...own].join(delimiter);
  return runCommand("npx", ["--no-install", command, ...words], { cwd: folder, env: { PATH, ...env }, isGroup: true });
}

const query = { query: "{ paymentServiceUsers(first: 1) { nodes { connections { status } } } }" };

describe("the package, installed into an empty folder", () => {
  it("contains compiled code with its types, what operators import, and no tests, sources or maps", async () => {
    const entries = await readdir(installed, { recursive: true, withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    const code = names.filter((name) => name.startsWith(join(installed, "dist")) && /(?<!\.d)\.js$/.test(name));
    expect(code.length).toBeGreaterThan(80);
    const types = code.map((name) => name.replace(/\.js$/, ".d.ts"));
    const others = names.filter((name) => ![...code, ...types].includes(name));
    const paths = others.map((name) => name.slice(installed.length + 1)).sort();
    expect(paths.filter((path) => !path.startsWith("deploy/"))).toEqual([
      "LICENSE",
      "README.md",
      "SECURITY.md",
      "dist/src/recorder/recording.json",
      "docs/alerts.yaml",
      "docs/grafana.json",
      "package.json",
      "schema.graphql",
    ]);
    const examples = [
      "deploy/caddy/Caddyfile",
      "deploy/kubernetes/base/kustomization.yaml",
      "deploy/nginx/gateway.conf",
    ];
    expect(paths).toEqual(expect.arrayContaining(examples));
    for (const name of code) {
      const text = await readFile(name, "utf8");
      expect(text).not.toContain("sourceMappingURL");
      // Its imports exist, and are no sources.
      for (const [, path = ""] of text.matchAll(/(?:from|import|import\() ?"(\.[^"]+)"/g)) {
        expect(names).toContain(join(dirname(name), path));
      }
    }
  });

  it("brings its dependencies, but none of development, and no Node", async () => {
    const names = await readdir(join(folder, "node_modules"));
    for (const name of ["typescript", "vitest", "@biomejs", "@types"]) expect(names).not.toContain(name);
    expect(names.filter((name) => /^node(-|$)/.test(name))).toEqual([]);
    expect(existsSync(join(bins, "node"))).toBe(false);
    expect(Object.keys(manifest.dependencies).filter((name) => !names.includes(name.split("/")[0] ?? ""))).toEqual([]);
  });

  it("takes no more than the documents say, by itself and with its dependencies", async () => {
    const text = (await read("docs/getting-started.md")).replaceAll(/\s+/g, " ");
    const [, own, all] = /the package takes (\d+) MB, and (\d+) MB with its dependencies/.exec(text) ?? [];
    // Releases of dependencies differ a little.
    expect((await sizeOf(installed)) / 1e6).toBeLessThan(Number(own) * 1.25);
    const size = (await sizeOf(join(folder, "node_modules"))) / 1e6;
    expect(size).toBeLessThan(Number(all) * 1.1);
    expect(size).toBeGreaterThan(Number(all) * 0.9);
  });

  it("has one name, which the documents call it by", async () => {
    expect(command).toBe(manifest.name.replace(/^@.*\//, ""));
    const names = ["README.md", ...(await readdir(join(root, "docs"))).filter((name) => /\.md$/.test(name))];
    const texts = await Promise.all(names.map((name) => read(name === "README.md" ? name : `docs/${name}`)));
    const called = texts.join("\n").matchAll(/(?:^|`)npx (?!vitest|vite\b)([@\w/-]+)/gm);
    expect(new Set(Array.from(called, ([, name]) => name))).toEqual(new Set([manifest.name]));
  });

  it("can be published: it is public, has a licence, and is not bound to this machine", async () => {
    const text = await readFile(join(installed, "package.json"), "utf8");
    const published = JSON.parse(text) as Record<string, unknown>;
    expect(published).toMatchObject({ license: "MIT", engines: { node: ">=24" }, publishConfig: { access: "public" } });
    expect(published).not.toHaveProperty("private");
    expect(published).not.toHaveProperty("optionalDependencies");
  });

  it("is what publint and Are The Types Wrong want of a package of ES modules", { timeout }, async () => {
    await runToEnd(tool("publint"), ["--strict", tarball]);
    const esm = ["--profile", "esm-only", "--exclude-entrypoints", "./schema.graphql"];
    await runToEnd(tool("attw"), [tarball, ...esm]);
  });
});

describe("the command of the package", () => {
  it("starts the gateway by npx, which answers and stops on SIGTERM", { timeout }, async () => {
    await using gateway = await toGateway(npx([], { PORT: "0" }));
    expect(await post(`${gateway.url}/graphql`, query)).toMatchObject({ data: { paymentServiceUsers: {} } });
    gateway.kill("SIGTERM");
    await gateway.exit;
    expect(gateway.output()).toContain("stopping");
  });

  it("exits with code 0 when it is stopped, and uses less than 130 MB at rest", { timeout }, async () => {
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

  it.each([
    ["--version", 0, new RegExp(`^${manifest.version}\\n$`)],
    ["--help", 0, new RegExp(`^npx ${command} <command> \\[options\\]\\n`)],
    ["--nope", 1, /^Unknown option '--nope': see --help\.\n$/],
    ["doctor", 1, /^failed {3}settings: .*FORMANCE_API_URL/m],
    ["record --help", 0, new RegExp(`^npx ${command} record <FORMANCE_API_URL> \\[options\\]\\n`)],
    ["demo", 0, new RegExp(`\\nAll 15 steps went as expected\\.\\n\\nNext\\n.* npx ${command} start\\n`)],
  ])("runs: %s", { timeout }, async (words, code, output) => {
    await using running = npx(words.split(" "));
    expect([await running.exit, running.output()]).toEqual([code, expect.stringMatching(output)]);
  });

  it("serves the sandbox, and records what it answers", { timeout }, async () => {
    await using sandbox = npx(["sandbox", "--port", "0"]);
    const [, url] = await sandbox.waitFor(/FORMANCE_API_URL=(\S+)/);
    expect((await fetch(`${url}/api/payments/_info`)).status).toBe(200);
    const { output } = sandbox;
    const settings = [...output().matchAll(/(FORMANCE_CLIENT_\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [
      name,
      value,
    ]);
    const file = join(folder, "recording.json");
    await using record = npx(["record", url ?? "", "--no-link", "--out", file], Object.fromEntries(settings));
    expect([await record.exit, record.output()]).toEqual([0, expect.stringMatching(/ answers are in /)]);
    expect((JSON.parse(await readFile(file, "utf8")) as unknown[]).length).toBeGreaterThan(100);
  });

  it("exits with code 1 and one line when Node is too old", async () => {
    // The command checks only this property.
    const old = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' });";
    const options = ["--import", `data:text/javascript,${encodeURIComponent(old)}`];
    await using refused = runCommand(process.execPath, [...options, join(installed, "dist", "src", "cli", "bin.js")]);
    expect(await refused.exit).toBe(1);
    expect(refused.output()).toMatch(/^Node 24 or newer is needed, and this is v[\d.]+: https:\S+ has it\.\n$/);
  });
});

describe("the library of the package", () => {
  const program = `
    import { type Builder, createGateway, free, ownedBy, PaymentServiceUser } from "${manifest.name}";

    type CustomerRow = { readonly psuId: string; readonly segment: string };

    function extend(builder: Builder): void {
      const Customer = builder.objectRef<CustomerRow>("Customer").implement({
        authScopes: ownedBy((row) => row.psuId),
        fields: (t) => ({ segment: t.exposeString("segment") }),
      });
      builder.objectField(PaymentServiceUser, "customer", (t) =>
        t.field({
          type: Customer,
          nullable: true,
          extensions: free(),
          resolve: ({ id }) => ({ psuId: id, segment: "premium" }),
        }),
      );
    }

    await using gateway = await createGateway({ settings: { PORT: "0" }, extend, log: { write() {} } });
    const response = await fetch(\`\${await gateway.listen()}/graphql\`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ paymentServiceUsers(first: 1) { nodes { customer { segment } } } }" }),
    });
    process.stdout.write(await response.text());`;

  // TypeScript checks the code of the dependencies' types otherwise, too, which the newest library finds faults in.
  const flags = ["--strict", "--noEmit", "--skipLibCheck", "--module", "nodenext", "--target", "esnext"];
  const types = ["--lib", "esnext", "--types", "node", "--typeRoots", join(root, "node_modules", "@types")];
  const check = (file: string) => runToEnd(tool("tsc"), [...flags, ...types, file], folder);

  it("has types for a program of one's own that extends the graph", { timeout }, async () => {
    await writeFile(join(folder, "program.mts"), program);
    await check("program.mts");
    await writeFile(join(folder, "wrong.mts"), program.replace("psuId: id", "psuId: 1"));
    await expect(check("wrong.mts")).rejects.toThrow("'number' is not assignable to type 'string'");
  });

  it("serves what such a program adds", { timeout }, async () => {
    await writeFile(join(folder, "program.mts"), program);
    const printed = await runToEnd(process.execPath, ["program.mts"], folder);
    expect(JSON.parse(printed)).toEqual({
      data: { paymentServiceUsers: { nodes: [{ customer: { segment: "premium" } }] } },
    });
  });

  it("hands out the schema", async () => {
    const print = `
      import { readFileSync } from "node:fs";
      process.stdout.write(readFileSync(new URL(import.meta.resolve("${manifest.name}/schema.graphql"))));`;
    await writeFile(join(folder, "schema.mjs"), print);
    expect(await runToEnd(process.execPath, ["schema.mjs"], folder)).toBe(await read("schema.graphql"));
  });
});

/** In bytes, of all files below a folder. */
async function sizeOf(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
