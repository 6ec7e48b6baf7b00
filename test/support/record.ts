import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metrics } from "../../src/observability/metrics.ts";

/** What is kept of a gateway: what it wrote to its log, what it answered, its metrics, and what none of them may ever hold. */
export type Kind = "log" | "answer" | "metrics" | "secret";
/** Where a gateway runs: called within a test, listening within a test, or in a process of its own. */
export type Place = "test" | "socket" | "process";

/** Of one run, for all its processes; unset outside of one, where nothing is kept. */
export const folderVariable = "RECORDED_IN";
/** The test file that makes the gateway write. */
export const testVariable = "RECORDED_FOR";

const flushBytes = 256 * 1024;
/** Of the answers in one test file. Those that measure slow readers have hundreds of megabytes of the same. */
const mostBytes = 32 * 1024 * 1024;
const buffers = new Map<string, { pieces: Buffer[]; size: number; kept: number }>();
process.once("exit", flush);

/** Keeps a piece of text for the search at the end of the run. Cheap: it is written in large pieces. */
export function record(kind: Kind, place: Place, text: string | Buffer): void {
  const folder = process.env[folderVariable];
  if (folder === undefined) return;
  const test = encodeURIComponent(process.env[testVariable] ?? "none");
  const path = join(folder, `${kind} ${place} ${test} ${process.pid}`);
  const buffer = buffers.get(path) ?? { pieces: [], size: 0, kept: 0 };
  buffers.set(path, buffer);
  if (kind === "answer" && buffer.kept > mostBytes) return;
  const piece = Buffer.from(text as string); // a copy: whoever wrote it may use its memory again
  buffer.pieces.push(piece);
  buffer.size += piece.length;
  buffer.kept += piece.length;
  if (buffer.size > flushBytes) flush();
}

/** Where gateways listen that are processes of their own. What arrives from there is kept. */
export const gatewayPorts = new Set<number>();

export function flush(): void {
  for (const [path, buffer] of buffers) {
    if (buffer.size > 0) appendFileSync(path, Buffer.concat(buffer.pieces));
    buffer.pieces = [];
    buffer.size = 0;
  }
}

/** Shorter ones, such as the "t" of a test that has no use for a token, are in any text. */
const shortestSecret = 8;

/** Neither a log nor an answer may hold this. */
export function recordSecret(text: string | null | undefined): void {
  if (text != null && text.length >= shortestSecret) record("secret", "test", `${text}\n`);
}

/** Takes the lines of a logger, and keeps them. */
export function createLogSink(place: Place): { readonly lines: string[]; write(line: string): void } {
  const lines: string[] = [];
  return {
    lines,
    write(line) {
      lines.push(line);
      record("log", place, line);
    },
  };
}

/** Behind the metrics of each gateway. */
export const betweenMetrics = "\n# EOF\n";

/** Keeps what a gateway has counted. */
export async function recordMetrics(metrics: Metrics): Promise<void> {
  record("metrics", "test", `${await metrics.text()}${betweenMetrics}`);
}

/** Keeps what is read of an answer, and its headers. */
export function recordResponse(response: Response): Response {
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join("");
  record("answer", "test", `${headers}\n`);
  const text = response.text.bind(response);
  return Object.assign(response, {
    async text() {
      const body = await text();
      record("answer", "test", `${body}\n`);
      return body;
    },
    async json() {
      return JSON.parse(await this.text());
    },
  });
}

type Faulty = { fault(matches: never, fault: { readonly status?: number; readonly body?: string }): Disposable };

/** What the sandbox says on a test's behest when it fails is marked as what must not get further. */
export function withRecordedFaults<Sandbox extends Faulty>(sandbox: Sandbox): Sandbox {
  return {
    ...sandbox,
    fault(matches: never, fault: { readonly status?: number; readonly body?: string }) {
      if ((fault.status ?? 200) >= 500) for (const words of fault.body?.match(longWords) ?? []) recordSecret(words);
      return sandbox.fault(matches, fault);
    },
  };
}

/** Without what is written differently in JSON and HTML. */
const longWords = /[\w .:=/'-]{16,}/g;

export type Recorded = { readonly kind: Kind; readonly place: Place; readonly test: string; readonly text: string };

/** All that the run has kept so far. */
export function readRecorded(): readonly Recorded[] {
  const folder = process.env[folderVariable];
  if (folder === undefined) return [];
  flush();
  return readdirSync(folder).map((name) => {
    const [kind, place, test = ""] = name.split(" ");
    const text = readFileSync(join(folder, name), "utf8");
    return { kind: kind as Kind, place: place as Place, test: decodeURIComponent(test), text };
  });
}
