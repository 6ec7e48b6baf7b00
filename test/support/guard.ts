/**
 * Ends all processes of a run when the one that drives it has died, however it died, and removes the run's temporary
 * folder. Linux shows in /proc which processes are of the run.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The mark: of a run within a run it begins with the outer one's, so that it ends with that, too. */
export const markVariable = "RUN_MARK";
/** Short, because the browser's sockets are in it, whose paths have at most 107 bytes. */
const toFolderPrefix = (pid: number) => `obgw-${pid}-`;
const folderPattern = /^obgw-(\d+)-\w{6}$/;

/** What a process of a run needs of its environment, whatever else it is given. */
export function runEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", markVariable];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

export type RunProcess = { readonly pid: number; readonly command: string };

export type Run = {
  /** Where all its processes write temporary files. */
  readonly folder: string;
  /** Its processes, besides this one and its guard. */
  processes(): readonly RunProcess[];
};

/** Marks all processes that this one starts from now on. */
export function guardRun(): Run {
  removeFoldersOfTheDead();
  const folder = mkdtempSync(join(tmpdir(), toFolderPrefix(process.pid)));
  const mark = [process.env[markVariable], randomUUID()].filter(Boolean).join("/");
  // In a session of its own, and without the mark: what ends the run does not end it.
  const guard = spawn(process.execPath, [fileURLToPath(import.meta.url), mark, folder], {
    stdio: ["pipe", "ignore", "inherit"],
    detached: true,
  });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  process.env[markVariable] = mark;
  process.env["TMPDIR"] = folder;
  dieWithNpm();
  return { folder, processes: () => processesOf(mark, folder).filter(({ pid }) => pid !== guard.pid) };
}

/** npm passes on no SIGKILL: what it has started must see that it is gone. */
function dieWithNpm(): void {
  const isNpm = (pid: number) => /^npm |\bnpm(-cli\.js)?\0/.test(read(pid, "cmdline"));
  const ancestors: number[] = [];
  for (let pid = process.ppid; pid > 1; pid = Number(read(pid, "stat").split(") ").at(-1)?.split(" ")[1] ?? 0))
    ancestors.push(pid);
  const npm = ancestors.filter(isNpm);
  setInterval(() => !npm.every(isNpm) && process.kill(process.pid, "SIGKILL"), 500).unref();
}

/** Of runs whose guard has died, too, for example with the machine. */
function removeFoldersOfTheDead(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(folderPattern.exec(name)?.[1]);
    if (pid > 0 && !isRunning(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Empty where there is none, and for processes of others. */
function read(pid: number, name: "cmdline" | "environ" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}

/**
 * Those of a run, and of the runs within it: their environment has the mark, or, since Redis and Chromium overwrite theirs
 * with a title, they work in the run's folder. None on other systems than Linux.
 */
export function processesOf(mark: string, folder: string): readonly RunProcess[] {
  const isMarked = (pid: number) => `\0${read(pid, "environ")}`.includes(`\0${markVariable}=${mark}`);
  const isInside = (pid: number) => folderOf(pid).startsWith(folder) || read(pid, "cmdline").includes(folder);
  const all = process.platform === "linux" ? readdirSync("/proc").map(Number) : [];
  const found = all.filter((pid) => pid > 0 && pid !== process.pid && (isMarked(pid) || isInside(pid)));
  return found.map((pid) => ({ pid, command: read(pid, "cmdline").replaceAll("\0", " ").trim() }));
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}

/** Until twice none is found, because one may just be starting; for at most some ten seconds. */
async function endAll(mark: string, folder: string): Promise<void> {
  for (let [rounds, quiet] = [0, 0]; quiet < 2 && rounds < 100; rounds += 1) {
    if (rounds > 0) await wait(100);
    const left = processesOf(mark, folder);
    quiet = left.length === 0 ? quiet + 1 : 0;
    for (const { pid } of left) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
  }
}

if (import.meta.main) {
  const [mark = "", folder = ""] = process.argv.slice(2);
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {});
  process.stdin.resume().once("end", async () => {
    await endAll(mark, folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
}
