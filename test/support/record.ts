/** Records what gateways write in tests, for the search for secrets at the end of a run. */
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metrics } from "../../src/observability/metrics.ts";

/** What is recorded: log lines, answers and metrics of gateways, and the secrets that none of them may hold. */
export type Kind = "log" | "answer" | "metrics" | "secret";
/** Where the gateway runs: called in a test, listening in a test, or in a process of its own. */
export type Place = "test" | "socket" | "process";

/** The folder of one run, for all its processes. Nothing is recorded without it. */
export const folderVariable = "RECORDED_IN";
/** The test file that uses the gateway. */
export const testVariable = "RECORDED_FOR";

const flushBytes = 256 * 1024;
/** The limit for answers of one test file: those with slow readers have hundreds of equal megabytes. */
const mostBytes = 32 * 1024 * 1024;
const buffers = new Map<string, { pieces: Buffer[]; size: number; kept: number }>();
process.once("exit", flush);

/** Records a piece of text. Cheap, because it is written in large pieces. */
export function record(kind: Kind, place: Place, text: string | Buffer): void {
  const folder = process.env[folderVariable];
  if (folder === undefined) return;
  const test = encodeURIComponent(process.env[testVariable] ?? "none");
  const path = join(folder, `${kind} ${place} ${test} ${process.pid}`);
  const buffer = buffers.get(path) ?? { pieces: [], size: 0, kept: 0 };
  buffers.set(path, buffer);
  if (kind === "answer" && buffer.kept > mostBytes) return;
  const piece = Buffer.from(text as string); // a copy, because the writer may reuse the memory
  buffer.pieces.push(piece);
  buffer.size += piece.length;
  buffer.kept += piece.length;
  if (buffer.size > flushBytes) flush();
}

/** The ports of gateways in other processes. What arrives from them is recorded. */
export const gatewayPorts = new Set<number>();

export function flush(): void {
  for (const [path, buffer] of buffers) {
    if (buffer.size > 0) appendFileSync(path, Buffer.concat(buffer.pieces));
    buffer.pieces = [];
    buffer.size = 0;
  }
}

/** Shorter secrets, such as the token "t" in a test that needs none, occur in any text. */
const shortestSecret = 8;

/** Marks a text that neither a log nor an answer may hold. */
export function recordSecret(text: string | null | undefined): void {
  if (text != null && text.length >= shortestSecret) record("secret", "test", `${text}\n`);
}

/** A destination for a logger that records its lines. */
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

/** Separates the metrics of gateways. */
export const betweenMetrics = "\n# EOF\n";

/** Records the metrics of a gateway. */
export async function recordMetrics(metrics: Metrics): Promise<void> {
  record("metrics", "test", `${await metrics.text()}${betweenMetrics}`);
}

/** Records the headers of a response, and its body when it is read. */
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

/** Marks the bodies of the sandbox's faults as text that must not leave the gateway. */
export function withRecordedFaults<Sandbox extends Faulty>(sandbox: Sandbox): Sandbox {
  return {
    ...sandbox,
    fault(matches: never, fault: { readonly status?: number; readonly body?: string }) {
      if ((fault.status ?? 200) >= 500) for (const words of fault.body?.match(longWords) ?? []) recordSecret(words);
      return sandbox.fault(matches, fault);
    },
  };
}

/** Words without characters that JSON or HTML escape. */
const longWords = /[\w .:=/'-]{16,}/g;

export type Recorded = { readonly kind: Kind; readonly place: Place; readonly test: string; readonly text: string };

/** All that the run has recorded so far. */
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
