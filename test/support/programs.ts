/** The programs that some tests start, and what a run does without them. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const names = {
  "redis-server": ["redis-server"],
  "nats-server": ["nats-server"],
  chromium: ["chromium", "chromium-browser", "google-chrome"],
  openssl: ["openssl"],
  curl: ["curl"],
  git: ["git"],
  script: ["script"],
  caddy: ["caddy"],
  nginx: ["nginx"],
  kubectl: ["kubectl"],
  hadolint: ["hadolint"],
  shellcheck: ["shellcheck"],
} as const;

export type ProgramName = keyof typeof names;

/** Its path. */
export function findProgram(name: ProgramName): string | null {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/sbin", "/usr/local/bin"];
  const paths = names[name].flatMap((file) => folders.map((folder) => join(folder, file)));
  return paths.find((path) => existsSync(path)) ?? null;
}

const isUnavailable = (name: ProgramName) => (process.env["TESTS_WITHOUT"] ?? "").split(" ").includes(name);

/** In the run's folder of temporary files: what its test files have missed. */
const missed = () => join(tmpdir(), "missed-programs");

/**
 * Whether tests that need this program can run; the end of the run says where they can't. With `CI` set they run and
 * fail, so that nothing is skipped unseen, but for the programs that TESTS_WITHOUT names.
 */
export function isInstalled(name: ProgramName): boolean {
  if (findProgram(name) !== null || (process.env["CI"] && !isUnavailable(name))) return true;
  appendFileSync(missed(), `${name}\n`);
  return false;
}

/** Those without which tests of this run were skipped. */
export function missedPrograms(): readonly string[] {
  const text = existsSync(missed()) ? readFileSync(missed(), "utf8") : "";
  return [...new Set(text.split("\n").filter(Boolean))].sort();
}
