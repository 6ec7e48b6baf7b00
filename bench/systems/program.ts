/** The processes of a run: on which processors each runs, what it uses, and that none of them outlives the driver. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { constants, cpus } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

export const canPin = cpus().length > 1 && spawnSync("taskset", ["-c", "0", "true"]).status === 0;
const processors = { first: "0", others: `1-${cpus().length - 1}` };
/** What is measured has the first processor for itself; stack, load and driver share the others. */
export type Place = keyof typeof processors;

export function leaveFirstProcessor(): void {
  if (canPin) spawnSync("taskset", ["-acp", processors.others, String(process.pid)]);
}

export type Program = AsyncDisposable & { readonly child: ChildProcess; readonly pid: number };

/** Each leads a group of its own, so that what it starts ends with it. */
const running = new Set<ChildProcess>();
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (!running.has(child) || child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended, and we have not heard of it yet.
  }
}
process.on("exit", () => {
  for (const child of running) signal(child, "SIGKILL");
});
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(name, () => process.exit(128 + constants.signals[name]));

export function launch(place: Place, command: readonly string[], options: SpawnOptions = {}): Program {
  const [file = "", ...args] = canPin ? ["taskset", "-c", processors[place], ...command] : command;
  const child = spawn(file, args, { ...options, detached: true });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return {
    child,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      if (!running.has(child)) return;
      const ended = once(child, "exit");
      signal(child, "SIGTERM");
      const timer = setTimeout(() => signal(child, "SIGKILL"), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Until `ready` has a result. Rejects when the program ends, or is not ready after a minute. */
export async function untilReady<Ready>(what: string, { child }: Program, ready: () => Promise<Ready | null>) {
  const late = performance.now() + 60_000;
  for (;;) {
    const found = await ready();
    if (found !== null) return found;
    if (!running.has(child)) throw new Error(`${what} did not start.`);
    if (performance.now() > late) throw new Error(`${what} was not ready after a minute.`);
    await wait(2);
  }
}

/** Starts a program that prints one line of JSON when it is ready. Its errors go to ours. */
export async function startProgram<Ready>(
  what: string,
  place: Place,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Program & { readonly ready: Ready }> {
  const program = launch(place, command, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  if (program.child.stdout === null) throw new Error(`${what} has no output.`);
  let line: string | null = null;
  createInterface({ input: program.child.stdout }).once("line", (text) => {
    line = text;
  });
  const text = await untilReady(what, program, async () => line);
  return { ...program, ready: JSON.parse(text) as Ready };
}

/** Processor time of a process so far, in milliseconds, and its resident memory now and at peak, in MB. */
export async function usage(pid: number) {
  const stat = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const toMb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { cpuMs: (Number(stat[11]) + Number(stat[12])) * 10, mb: toMb("VmRSS"), peakMb: toMb("VmHWM") };
}
