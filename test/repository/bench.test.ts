/** The bench through its real command, for fractions of a second: what it refuses, what it finds, and that all of it ends. */
import { randomUUID } from "node:crypto";
import { cp, mkdtempDisposable, readdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, validate } from "graphql";
import { describe, expect, it, vi } from "vitest";
import { queries, walks } from "../../bench/queries.ts";
import { answerFromMemory } from "../../bench/upstream.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { toSchema } from "../../src/schema/index.ts";
import { markVariable, processesOf } from "../support/guard.ts";
import { type RunningProcess, runCommand } from "../support/process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const timeout = 120_000;
const short = "--rounds 2 --seconds 0.3 --warm-up 0.1 --floor dispatch:64";

/** The command, with a folder of its own for temporary files, and a mark by which its processes are known. */
async function startBench(args: string, { peer, cwd = root }: { readonly peer?: string; readonly cwd?: string } = {}) {
  const folder = await mkdtempDisposable(join(tmpdir(), "bench-test-"));
  const mark = [process.env[markVariable], randomUUID()].filter(Boolean).join("/");
  const words = [...args.split(" "), ...(peer === undefined ? [] : ["--peer", peer])];
  const env = { TMPDIR: folder.path, [markVariable]: mark };
  const command: RunningProcess = runCommand(process.execPath, ["bench/run.ts", ...words], { cwd, env });
  return {
    ...command,
    /** The command lines of the processes that run. */
    processes: (): readonly string[] => processesOf(mark, folder.path).map(({ command }) => command),
    /** Its exit code, once nothing of it is left: neither a process nor a file. */
    async end(): Promise<number | null> {
      const code = await command.exit;
      await vi.waitFor(() => expect(this.processes()).toEqual([]), { timeout: 60_000 });
      expect(await readdir(folder.path)).toEqual([]);
      return code;
    },
    async [Symbol.asyncDispose]() {
      await command[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
}

const linesOf = (output: string, start: string) => output.split("\n").filter((line) => line.startsWith(start));

describe("the bench", () => {
  it("finds that floor and gateway answer right, on its world and on the edges", { timeout }, async () => {
    await using bench = await startBench("--check --systems floor,gateway");
    expect(await bench.end(), bench.output()).toBe(0);
    for (const name of ["floor", "gateway"]) {
      const lines = linesOf(bench.output(), `${name}, `);
      expect(lines).toHaveLength(14);
      for (const line of lines) expect(line).toMatch(/: right( \(\d+\))?$/);
    }
    expect(bench.output()).toContain("All answers are right.");
  });

  it("reports a peer that rounds an amount", { timeout }, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "peer-"));
    const peer = join(folder.path, "rounding.mjs");
    await writeFile(
      peer,
      `const { STACK_URL, CLIENT_ID, CLIENT_SECRET } = process.env;
      process.argv = ["node", "floor", STACK_URL, CLIENT_ID, CLIENT_SECRET, "64", "dispatch"];
      const { stringify } = JSON;
      JSON.stringify = (value) => stringify(value).replace("12.345678901234567891", "12.345678901234567000");
      await import(${JSON.stringify(join(root, "bench/floor.ts"))});`,
    );
    await using bench = await startBench("--check --systems floor --queries Flat", {
      peer: `${process.execPath} ${peer}`,
    });
    expect(await bench.end(), bench.output()).toBe(1);
    const wrong = bench
      .output()
      .split("\n")
      .filter((line) => line.includes("WRONG"));
    expect(wrong).toEqual([
      "peer, twenty digits: WRONG: ETH 12.345678901234567000 instead of ETH 12.345678901234567891",
    ]);
  });

  it("measures systems side by side, and two checkouts pair by pair", { timeout }, async () => {
    await using bench = await startBench(`--peers --systems floor,gateway --queries FlatApart --against . ${short}`);
    expect(await bench.end(), bench.output()).toBe(0);
    const output = bench.output();
    expect(linesOf(output, "| floor | ")).toEqual([
      expect.stringMatching(/^\| floor \| \d+ \| 1\.00 \| [\d.]+ \|$/),
      expect.stringMatching(/^\| floor \| \d\.\d\d \|$/),
    ]);
    expect(linesOf(output, "| gateway | ")).toEqual([
      expect.stringMatching(/^\| gateway \| \d+ \| \d\.\d\d \| [\d.]+ \|$/),
    ]);
    const pair = /[\d.]+ \| [\d.]+ \| \d\.\d\d \d\.\d\d \| \d\.\d\d/.source;
    expect(linesOf(output, "| FlatApart | ")).toEqual([
      expect.stringMatching(new RegExp(`^\\| FlatApart \\| 10 \\| ${pair} \\| ${pair} \\|$`)),
    ]);
  });

  it.each([
    ["interrupted", "SIGINT", 130],
    ["killed", "SIGKILL", null],
  ] as const)(
    "ends all its processes when it is %s in the middle of a measurement",
    { timeout },
    async (_how, signal, code) => {
      const long = "--rounds 1 --seconds 600 --warm-up 0.1 --floor dispatch:64";
      await using bench = await startBench(`--peers --systems floor,gateway --queries FlatApart ${long}`);
      const runs = (file: string) => bench.processes().some((line) => line.includes(file));
      const seen = (file: string) =>
        vi.waitFor(() => expect(runs(file), bench.output()).toBe(true), { timeout: 60_000, interval: 50 });
      // The gateway's answers have been compared: the floor is measured.
      await seen("src/cli/bin.js");
      await seen("bench/floor.ts");
      bench.kill(signal);
      expect(await bench.end(), bench.output()).toBe(code);
    },
  );

  it("ends all its processes when one of them fails", { timeout }, async () => {
    await using bench = await startBench("--check --systems floor", { peer: "false" });
    expect(await bench.end()).toBe(1);
    expect(bench.output()).toContain("peer did not start.");
  });

  it.each([
    ["--systems nothing", '--systems: there is no "nothing", only floor, gateway, yoga, mercurius, tailcall.'],
    ["--queries Flat,Deep", '--queries: there is no "Deep", only Flat, One,'],
    ["--callers 10,0", '--callers: "10,0" is not a list of numbers from 1 up.'],
    ["--rounds 1,2", '--rounds: "1,2" is not one number.'],
    ["--floor fast", '--floor: "fast" is not like dispatch:64.'],
    ["--against /nowhere", '--against: there is no checkout in "/nowhere".'],
    ["--unknown", "'--unknown'"],
  ])("refuses %s", { timeout }, async (args, message) => {
    await using bench = await startBench(args);
    expect(await bench.end()).toBe(1);
    expect(bench.output()).toContain(message);
    expect(bench.output()).not.toContain("    at ");
  });

  it("names the command that installs a peer", { timeout }, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "checkout-"));
    const filter = (path: string) => !path.includes("node_modules");
    await cp(join(root, "bench"), join(folder.path, "bench"), { recursive: true, filter });
    for (const name of ["node_modules", "sandbox", "src", "test", "package.json"])
      await symlink(join(root, name), join(folder.path, name));
    await using bench = await startBench("--check --systems yoga,mercurius", { cwd: folder.path });
    expect(await bench.end()).toBe(1);
    for (const name of ["Yoga by hand", "Mercurius"])
      expect(bench.output()).toContain(`${name} is not installed: \`npm ci --prefix bench/peers\`.`);
    expect(bench.output()).not.toContain("    at ");
  });
});

it.each(Object.entries({ ...queries, ...walks }))("the schema allows the bench's query %s", (_name, document) => {
  expect(validate(toSchema(), parse(document))).toEqual([]);
});

it("the bench's stack answers although the sandbox resets a connection", async () => {
  await using sandbox = await startSandbox();
  using memory = await answerFromMemory(sandbox, 0);
  let resets = 0;
  using _fault = sandbox.fault(
    () => {
      resets += 1;
      return resets === 1;
    },
    { reset: true },
  );
  const body = new URLSearchParams({ grant_type: "client_credentials" }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const response = await fetch(`${memory.url}/api/auth/oauth/token`, { method: "POST", headers, body });
  await response.text();
  expect(resets).toBe(2);
});
