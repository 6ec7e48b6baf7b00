import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import manifest from "../../package.json" with { type: "json" };
import { gatewayPorts, record, recordSecret } from "./record.ts";

const { scripts } = manifest;
type ScriptName = "start" | "sandbox" | "demo" | "doctor" | "example" | "soak";

const root = fileURLToPath(new URL("../..", import.meta.url));

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
  // The sandbox and the demo are no gateway, and tell their users of money and people on purpose.
  return runCommand(process.execPath, [...words, ...args], { env, isGateway: name === "start" });
}

export type CommandOptions = {
  /** The checkout when left out. */
  readonly cwd?: string;
  /** Besides PATH and HOME, all that it gets. */
  readonly env?: Record<string, string>;
  /** Whether what it writes is kept, to be searched for what no gateway may write. */
  readonly isGateway?: boolean;
  /** Whether signals go to all the processes that it starts, as those of a terminal or a service manager do. */
  readonly isGroup?: boolean;
};

/** Runs a program. */
export function runCommand(file: string, args: readonly string[], options: CommandOptions = {}): RunningProcess {
  const { cwd = root, env = {}, isGateway = false, isGroup = false } = options;
  const { PATH = "", HOME = "" } = process.env;
  const child: ChildProcess = spawn(file, args, {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: isGroup,
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
    if (isGateway) stream?.once("close", () => record("log", "process", `${own}\n`));
  }
  for (const secret of toSecrets(env)) recordSecret(secret);
  let isOver = false;
  const exit = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      isOver = true;
      resolve(code);
    });
  });
  const kill = (signal: NodeJS.Signals) => {
    if (!isGroup || child.pid === undefined) child.kill(signal);
    else if (!isOver) process.kill(-child.pid, signal);
  };
  return {
    pid: child.pid ?? 0,
    output: () => text,
    exit,
    kill,
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
      kill("SIGKILL");
      await exit;
    },
  };
}

/** What npm needs of the environment to reach its registry. */
export function npmEnvironment(): Record<string, string> {
  const isNeeded = /^(npm_config_\w+|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|(https?|no|all)_proxy)$/i;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value = ""]) => (isNeeded.test(name) ? [[name, value]] : [])),
  );
}

/** The gateway as `npm start` runs it, on a free port. */
export async function startGatewayCommand(
  env: Record<string, string> = {},
): Promise<RunningProcess & { readonly url: string }> {
  return toGateway(runScript("start", [], { PORT: "0", ...env }));
}

/** A process that starts a gateway, once it listens. */
export async function toGateway(command: RunningProcess): Promise<RunningProcess & { readonly url: string }> {
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
