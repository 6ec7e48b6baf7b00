/** Sends malformed input to a fuzz target, and checks the responses, the log and the memory. */
import { connect } from "node:net";
import { expect } from "vitest";
import { createRandom, type Random } from "../../../sandbox/random.ts";
import type { FuzzTarget } from "./target.ts";

export type Finding = {
  /** `FUZZ_SEED` with this value repeats the run. */
  readonly seed: string;
  readonly script: number;
  readonly what: string;
  readonly sent: string;
  readonly got: string;
};

/** The outcome of one connection: how many malformed inputs were sent on it, and what was wrong with the responses. */
export type Outcome = {
  readonly cases: number;
  readonly answers: readonly (number | null)[];
  readonly faults: readonly { readonly what: string; readonly sent: string | Buffer; readonly got: string }[];
};

const atOnce = 48;
/** How much memory may grow during the second half, which is 5,000 inputs. */
const mostGrowth = 4 * 1024 * 1024;

/**
 * Plays scripts, each on a connection of its own with a random seed of its own, until `count` malformed inputs were sent.
 * Expects no fault in a response, no problem in the log, no more memory after the second half than after the first, and
 * a gateway that still works.
 * @returns how often each status or close code came back.
 */
export async function fuzz(
  target: FuzzTarget,
  count: number,
  play: (random: Random) => Promise<Outcome>,
): Promise<ReadonlyMap<number | null, number>> {
  const { seed } = target;
  const findings: Finding[] = [];
  const answers = new Map<number | null, number>();
  let scripts = 0;
  let cases = 0;

  async function playUntil(total: number): Promise<void> {
    while (cases < total && findings.length < 20) {
      const script = scripts;
      scripts += 1;
      const outcome = await play(createRandom(`${seed}/${script}`));
      cases += outcome.cases;
      for (const answer of outcome.answers) answers.set(answer, (answers.get(answer) ?? 0) + 1);
      for (const { what, sent, got } of outcome.faults) {
        findings.push({ seed, script, what, sent: sent.toString("latin1").slice(0, 1500), got: got.slice(0, 1500) });
      }
    }
  }
  const half = (total: number) => Promise.all(Array.from({ length: atOnce }, () => playUntil(total)));

  await half(count / 2);
  const before = Math.min(await target.heldBytes(), await target.heldBytes(), await target.heldBytes());
  await half(count);
  let growth = (await target.heldBytes()) - before;
  for (const deadline = Date.now() + 5000; growth > mostGrowth && Date.now() < deadline; ) {
    growth = (await target.heldBytes()) - before;
  }
  expect(findings).toEqual([]);
  expect(growth, `bytes, with the seed ${seed}`).toBeLessThan(mostGrowth);
  const problems = target
    .output()
    .match(/^.*("level":[56]0|unexpected error|request failed|Warning:|"kind":"(?!cancelled)).*$/gm);
  expect(problems, `in the log, with the seed ${seed}`).toBeNull();
  await target.expectHealthy();
  return answers;
}

/** No response may show internals. Metrics name the codes of all outcomes. */
export function toFault(got: string): string | null {
  if (/^content-type: text\/plain; version=/im.test(got)) return null;
  if (/INTERNAL_SERVER_ERROR/.test(got)) return "INTERNAL_SERVER_ERROR";
  if (/UPSTREAM_\w+/.test(got)) return "an error of the stack";
  if (/node_modules|node:internal|file:\/\/\/|\/src\/|\n\s+at |\\n\s+at /.test(got)) return "a trace or a path";
  return null;
}

/** After how many milliseconds of silence the gateway is taken to wait for more, or to be busy. */
const silence = { short: 100, long: 1000 } as const;
const longest = 12_000;

/**
 * Writes to a new connection and reads to its end. After a silence it closes its side.
 * @param waits whether the gateway may be waiting for more, as it also does with an event stream.
 * @returns what came, and whether the gateway kept the connection open for too long.
 */
export function exchange(
  port: number,
  bytes: Buffer,
  waits: boolean,
): Promise<{ readonly got: string; readonly isHeld: boolean }> {
  return new Promise((resolve) => {
    let got = "";
    let isHeld = false;
    let isEnded = false;
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.setTimeout(waits ? silence.short : silence.long);
    socket.on("timeout", () => {
      if (!isEnded) {
        isEnded = true;
        socket.setTimeout(longest);
        socket.end();
      } else {
        isHeld = true;
        socket.destroy();
      }
    });
    socket.on("data", (chunk) => {
      got += chunk.toString("latin1");
      if (!isEnded && /\btext\/event-stream; charset=utf-8\r\n/.test(got)) socket.setTimeout(silence.short);
    });
    socket.on("error", () => {}).on("close", () => resolve({ got, isHeld }));
  });
}

/** One request of several on a connection. */
export type Sent = { readonly bytes: Buffer; readonly waits: boolean; readonly isRefused?: boolean };

/** Sends the requests on one connection without waiting in between. Only the last may keep the gateway waiting. */
export async function sendAll(port: number, requests: readonly Sent[]): Promise<Outcome> {
  const waits = requests.some((request) => request.waits);
  const { got, isHeld } = await exchange(port, Buffer.concat(requests.map(({ bytes }) => bytes)), waits);
  const parts = got.split(/(?=HTTP\/1\.1 [2-5]\d\d )/).filter((part) => /^HTTP\/1\.1 [2-5]/.test(part));
  const statuses = parts.map((part) => Number(part.slice(9, 12)));
  const faults: { what: string; sent: Buffer; got: string }[] = [];
  for (const [at, part] of parts.entries()) {
    const status = statuses[at] ?? 0;
    // After a broken request it is not known which response belongs to which request.
    const request = requests[Math.min(at, requests.length - 1)];
    const isTaken = request?.isRefused === true && status < 400;
    const what = status >= 500 ? `status ${status}` : isTaken ? "taken" : toFault(part);
    if (what !== null) faults.push({ what, sent: request?.bytes ?? Buffer.alloc(0), got: part });
  }
  if (isHeld) faults.push({ what: "held", sent: Buffer.concat(requests.map(({ bytes }) => bytes)), got });
  return { cases: requests.length, answers: statuses, faults };
}
