import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import manifest from "../package.json" with { type: "json" };

const { scripts } = manifest;
type ScriptName = "start" | "sandbox" | "demo";

const root = fileURLToPath(new URL("..", import.meta.url));

export type RunningProcess = AsyncDisposable & {
  readonly pid: number;
  output(): string;
  /** The first match in what the process has written; rejects when it exits or ten seconds pass without one. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit code, once it has ended. */
  exit: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
};

/** Runs a script of package.json as `npm run` would, but without npm, and with these settings and no others. */
export function runScript(
  name: ScriptName,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): RunningProcess {
  const [, ...words] = scripts[name].split(" "); // each starts with "node"
  const child: ChildProcess = spawn(process.execPath, [...words, ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (const look of waiting) look();
    });
  }
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    pid: child.pid ?? 0,
    output: () => text,
    exit,
    kill: (signal) => child.kill(signal),
    waitFor(pattern) {
      return new Promise((resolve, reject) => {
        const settle = (finish: () => void) => {
          waiting.delete(look);
          clearTimeout(timer);
          finish();
        };
        const look = () => {
          const match = pattern.exec(text);
          if (match !== null) settle(() => resolve(match));
        };
        const fail = (why: string) => settle(() => reject(new Error(`${why} before ${pattern} in:\n${text}`)));
        const timer = setTimeout(() => fail("Ten seconds passed"), 10_000);
        waiting.add(look);
        exit.then(() => fail("It exited"));
        look();
      });
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exit;
    },
  };
}

/** The gateway as `npm start` runs it, on a free port. */
export async function startGatewayCommand(
  env: Record<string, string> = {},
): Promise<RunningProcess & { readonly url: string }> {
  const command = runScript("start", [], { PORT: "0", ...env });
  const [, url = ""] = await command.waitFor(/GraphQL is at (\S+)\/graphql/);
  return { ...command, url };
}
