/** Programs in processes of their own: scripts of package.json and the gateway's command. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import manifest from "../../package.json" with { type: "json" };
import { runEnvironment } from "./guard.ts";
import { gatewayPorts, record, recordSecret } from "./record.ts";

const { scripts } = manifest;
/** Those that are one process of Node. */
export const scriptNames = [
  ...(["start", "sandbox", "demo", "doctor", "record"] as const),
  ...(["bench", "soak", "attacks", "example", "extended", "codegen"] as const),
];
type ScriptName = (typeof scriptNames)[number];

const root = fileURLToPath(new URL("../..", import.meta.url));

export type RunningProcess = AsyncDisposable & {
  readonly pid: number;
  output(): string;
  /** The first match in the output; rejects when the process exits, or after a minute without a match. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit code, once it has ended. */
  exit: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
};

/** Runs a script of package.json as `npm run` does, but without npm, and with no other settings than these. */
export function runScript(
  name: ScriptName,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): RunningProcess {
  const [, , ...words] = scripts[name].split(" "); // each starts with "exec node"
  // The sandbox and the demo print people and money on purpose; `start` with a word prints help, or what is wrong with it.
  return runCommand(process.execPath, [...words, ...args], { env, isGateway: name === "start" && args.length === 0 });
}

export type CommandOptions = {
  /** By default the checkout. */
  readonly cwd?: string;
  /** Its environment, besides what each process of a run has. */
  readonly env?: Record<string, string>;
  /** Whether its output is recorded, and searched for secrets at the end of the run. */
  readonly isGateway?: boolean;
  /** Whether signals go to all processes that it starts, too, as those of a terminal do. */
  readonly isGroup?: boolean;
};

export function runCommand(file: string, args: readonly string[], options: CommandOptions = {}): RunningProcess {
  const { cwd = root, env = {}, isGateway = false, isGroup = false } = options;
  const child: ChildProcess = spawn(file, args, {
    cwd,
    env: { ...runEnvironment(), ...env },
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
      for (const check of waiting) check();
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
          waiting.delete(check);
          clearTimeout(timer);
          finish();
        };
        const check = () => {
          const match = pattern.exec(text);
          if (match !== null) settle(() => resolve(match));
        };
        const fail = (why: string) => settle(() => reject(new Error(`${why} before ${pattern} in:\n${text}`)));
        const timer = setTimeout(() => fail("A minute passed"), 60_000);
        waiting.add(check);
        exit.then(() => fail("It exited"));
        check();
      });
    },
    async [Symbol.asyncDispose]() {
      kill("SIGKILL");
      await exit;
    },
  };
}

/** The environment variables that npm needs to reach its registry. */
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

/** The process of a gateway, once it listens. One that does not is ended. */
export async function toGateway(command: RunningProcess): Promise<RunningProcess & { readonly url: string }> {
  const [, url = ""] = await command.waitFor(/GraphQL is at (\S+)\/graphql/).catch(async (error: unknown) => {
    await command[Symbol.asyncDispose]();
    throw error;
  });
  const port = Number(new URL(url).port);
  gatewayPorts.add(port);
  void command.exit.then(() => gatewayPorts.delete(port));
  return { ...command, url };
}

/** The secrets among settings: by their names, and the passwords in URLs. */
function toSecrets(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (/SECRET|TOKEN/.test(name)) return value.split(",");
    return URL.canParse(value) ? [decodeURIComponent(new URL(value).password)] : [];
  });
}
