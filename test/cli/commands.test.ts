/** What all commands have in common: help, words that are wrong, a Node that is too old, signals, and readers that go. */
import { existsSync } from "node:fs";
import { cp, mkdtempDisposable } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { startSandbox } from "../../sandbox/server.ts";
import { until } from "../support/helpers.ts";
import {
  npmEnvironment,
  type RunningProcess,
  runCommand,
  runScript,
  scriptNames,
  startGatewayCommand,
} from "../support/process.ts";
import { freePort } from "../support/servers.ts";

type Env = Record<string, string>;
const timeout = 60_000;

/** A command as its users call it. */
function runNpm(words: readonly string[], env: Env = {}, isGroup = false): RunningProcess {
  return runCommand("npm", words, { env: { ...npmEnvironment(), ...env }, isGroup });
}

/** A line in a shell, with what `run` stands for: a script of package.json. */
function runShell(line: string, env: Env = {}): RunningProcess {
  const run = (_run: string, name: string) => manifest.scripts[name as "demo"].replace("exec node", process.execPath);
  return runCommand("/bin/sh", ["-c", line.replaceAll(/run (\w+)/g, run)], { env });
}

describe.each(scriptNames)("the command %s", (name) => {
  it("says with --help how it is called", { timeout }, async () => {
    await using command = runScript(name, ["--help"]);
    expect([await command.exit, command.output()]).toEqual([0, expect.stringMatching(/\n {2}--help +print this/)]);
    const call = name === "start" ? "npm run <command> -- [options]\n" : `npm run ${name} -- `;
    expect(command.output().startsWith(call)).toBe(true);
  });

  it("refuses an option that it does not have in one line, and fails", { timeout }, async () => {
    await using command = runScript(name, ["--nope"]);
    expect([await command.exit, command.output()]).toEqual([1, "Unknown option '--nope': see --help.\n"]);
  });

  it("refuses a word too many in one line, and fails", { timeout }, async () => {
    const allowed = { attacks: ["."], record: ["http://127.0.0.1:1"] }[name as string] ?? [];
    await using command = runScript(name, [...allowed, "extra"]);
    const what = name === "start" ? "Unknown command" : "Unexpected argument";
    expect([await command.exit, command.output()]).toEqual([1, `${what} 'extra': see --help.\n`]);
  });

  it("says in one line that Node is too old, and fails", { timeout }, async () => {
    const old = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' });";
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(old)}` };
    await using command = runScript(name, [], env);
    expect([await command.exit, command.output()]).toEqual([
      1,
      expect.stringMatching(/^Node 24 or newer is needed, and this is v[\d.]+: https:\/\/nodejs\.org\S+ has it\.\n$/),
    ]);
  });

  it("is the process that npm starts, so that a signal for npm reaches it", () => {
    expect(manifest.scripts[name]).toMatch(/^exec node /);
  });
});

describe("the scripts for maintainers", () => {
  it.each([
    ["schema", ["--help"], 0, /^npm run schema\n/],
    ["schema", ["--nope"], 1, /^Unknown option '--nope': see --help\.\n$/],
    ["schema", ["extra"], 1, /^Unexpected argument 'extra': see --help\.\n$/],
    ["release", ["--help"], 0, /^npm run release -- <version>\n/],
    ["release", ["--nope"], 1, /^Unknown option '--nope': see --help\.\n$/],
    ["release", ["--check", "v0.0.1", "extra"], 1, /^Unexpected argument 'extra': see --help\.\n$/],
    ["release", [], 1, /^The version must be one such as 0\.2\.0\.\n$/],
  ])("%s takes the words that it names: %s", { timeout }, async (script, words, code, output) => {
    await using command = runNpm(["run", "--silent", script, "--", ...words]);
    expect([await command.exit, command.output()]).toEqual([code, expect.stringMatching(output)]);
  });
});

describe("the gateway's command", () => {
  it("says in one line that nothing is installed yet, and fails", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "fresh-"));
    for (const file of ["src/cli/bin.js", "src/cli/require-node.js"]) {
      await cp(fileURLToPath(new URL(`../../${file}`, import.meta.url)), join(folder.path, file));
    }
    await using command = runCommand(process.execPath, ["src/cli/bin.js"], { cwd: folder.path });
    expect([await command.exit, command.output()]).toEqual([1, "Nothing is installed here yet: run `npm ci` first.\n"]);
  });

  it.each([
    [["--version"], 0, `${manifest.version}\n`],
    [["--version", "extra"], 1, "Unexpected argument 'extra': see --help.\n"],
    [["constructor"], 1, "Unknown command 'constructor': see --help.\n"],
    [["start", "doctor"], 1, "Unexpected argument 'doctor': see --help.\n"],
    [["doctor", "--version"], 1, "Unknown option '--version': see --help.\n"],
  ])("%j", async (words, code, output) => {
    await using command = runScript("start", words);
    expect([await command.exit, command.output()]).toEqual([code, output]);
  });

  it("has the commands that its help names", async () => {
    await using command = runScript("start", ["--help"]);
    await command.exit;
    const names = [...command.output().matchAll(/^ {2}([a-z]+) /gm)].map(([, name = ""]) => name);
    expect(names).toEqual(["start", "doctor", "demo", "sandbox", "record"]);
    for (const name of names) {
      await using helping = runScript("start", [name, "--help"]);
      expect([await helping.exit, helping.output()]).toEqual([
        0,
        expect.stringContaining(`npm ${name === "start" ? "" : "run "}${name}`),
      ]);
    }
  });

  it("gets its words through npm", { timeout }, async () => {
    await using refused = runNpm(["start", "--silent", "--", "--nope"]);
    expect([await refused.exit, refused.output()]).toEqual([1, "Unknown option '--nope': see --help.\n"]);
    await using helping = runNpm(["run", "--silent", "sandbox", "--", "--help"]);
    expect([await helping.exit, helping.output()]).toEqual([
      0,
      expect.stringMatching(/^npm run sandbox -- \[options\]/),
    ]);
  });
});

describe("where nobody reads the output any more", () => {
  it.each(["start --help", "doctor", "doctor --help", "demo", "record --help", "sandbox", "bench --help"])(
    "%s ends without a trace",
    { timeout },
    async (words) => {
      await using command = runShell(`run ${words} | true`);
      expect(await command.exit).toBe(0);
      expect(command.output()).not.toMatch(/EPIPE|\n\s+at /);
    },
  );

  it("the demo deletes its user", { timeout }, async () => {
    await using sandbox = await startSandbox();
    const env = toSettings(sandbox);
    await using demo = runShell("run demo | head -n 50", env);
    await demo.waitFor(/"psuId"/);
    const isDemos = ({ metadata }: { metadata: object | null }) => metadata !== null && "demo" in metadata;
    await demo.exit;
    expect(demo.output()).not.toMatch(/EPIPE|\n\s+at /);
    expect(sandbox.world.people.filter(isDemos)).toEqual([]);
    expect(sandbox.calls.some(({ method }) => method === "DELETE")).toBe(true);
  });
});

const toSettings = ({ url, clientId, clientSecret }: { url: string; clientId: string; clientSecret: string }) => ({
  FORMANCE_API_URL: url,
  FORMANCE_CLIENT_ID: clientId,
  FORMANCE_CLIENT_SECRET: clientSecret,
});

/** Whether nobody listens at a port. */
async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer()
    .once("error", () => resolve(false))
    .listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}

describe("a signal", () => {
  it.each([
    ["start", /GraphQL is at/, /stopping: requests under way may end/],
    ["sandbox", /Everything is lost when it stops/, /./],
  ])("for npm alone ends %s in order, and its port is free", { timeout }, async (name, ready, after) => {
    const port = await freePort();
    const words = name === "sandbox" ? ["run", name, "--", "--port", String(port)] : [name];
    await using command = runNpm(words, { PORT: String(port) });
    await command.waitFor(ready);
    expect(await isFree(port)).toBe(false);
    command.kill("SIGTERM");
    expect(await command.exit).toBe(0);
    expect(command.output()).toMatch(after);
    await until(() => isFree(port));
  });

  it("for npm alone ends the demo, which deletes its user", { timeout }, async () => {
    await using sandbox = await startSandbox();
    await using demo = runNpm(["run", "demo"], toSettings(sandbox));
    await demo.waitFor(/The demo waits for/);
    demo.kill("SIGTERM");
    expect(await demo.exit).toBe(130);
    expect(demo.output()).toContain("is deleted from the stack.");
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "%s for npm and the command, as a terminal or a service manager sends it, counts once",
    { timeout },
    async (signal) => {
      await using gateway = runNpm(["start"], { PORT: "0" }, true);
      await gateway.waitFor(/GraphQL is at/);
      gateway.kill(signal);
      // A second signal would end it with 1. Where npm passes it on to a process that is already ending, there is none.
      expect(await gateway.exit).not.toBe(1);
      expect(gateway.output()).toContain("stopping");
      await using sandbox = await startSandbox();
      await using demo = runNpm(["run", "demo"], toSettings(sandbox), true);
      await demo.waitFor(/The demo waits for/);
      demo.kill(signal);
      expect(await demo.exit).toBe(130);
      expect(demo.output()).toContain("is deleted from the stack.");
    },
  );
});

describe("what can be done next", () => {
  const next =
    /\nNext\r?\n {2}Queries in a browser: +(http:\S+)\/graphql\r?\n.* npm run demo\r?\n.* docs\/your-stack\.md\r?\n/;

  it.skipIf(!existsSync("/usr/bin/script"))(
    "is said by npm start in a terminal, behind its log",
    { timeout },
    async () => {
      // Gives the command a terminal of its own.
      const inTerminal = (env: Env) =>
        runCommand("/usr/bin/script", ["-qefc", manifest.scripts.start, "/dev/null"], { env });
      await using gateway = inTerminal({ PORT: "0" });
      const [, url] = await gateway.waitFor(next);
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      await using sandbox = await startSandbox();
      await using production = inTerminal({ PORT: "0", NODE_ENV: "production", AUTH: "off", ...toSettings(sandbox) });
      await production.waitFor(/GraphQL is at/);
      expect(production.output()).not.toContain("Next");
    },
  );

  it("is no part of a log that programs read", async () => {
    await using gateway = await startGatewayCommand();
    gateway.kill("SIGTERM");
    await gateway.exit;
    for (const line of gateway.output().trim().split("\n"))
      expect(JSON.parse(line)).toMatchObject({ msg: expect.any(String) });
  });
});
