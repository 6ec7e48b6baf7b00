import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import manifest from "../package.json" with { type: "json" };
import { gatewayPorts, record, recordSecret } from "./record.ts";

const { scripts } = manifest;
type ScriptName = "start" | "sandbox" | "demo" | "example";

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
    let own = "";
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      own += chunk;
      for (const look of waiting) look();
    });
    // The sandbox and the demo are no gateway, and tell their users of money and people on purpose.
    if (name === "start") stream?.once("close", () => record("log", "process", `${own}\n`));
  }
  for (const secret of toSecrets(env)) recordSecret(secret);
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
  const port = Number(new URL(url).port);
  gatewayPorts.add(port);
  void command.exit.then(() => gatewayPorts.delete(port));
  return { ...command, url };
}

/** What is secret in settings: by their names, and the passwords in URLs. */
function toSecrets(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (/SECRET|TOKEN/.test(name)) return value.split(",");
    return URL.canParse(value) ? [decodeURIComponent(new URL(value).password)] : [];
  });
}
