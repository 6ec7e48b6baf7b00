import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Fault } from "../../support/fault-proxy.ts";
import { type Stage, startStage } from "./fault-stage.ts";

/** `OUTAGE_SECONDS=60 npx vitest run test/upstream/transport/outage.test.ts` for the whole. */
const outageMs = Number(process.env["OUTAGE_SECONDS"] ?? 6) * 1000;
const callers = 50;
/** Of a caller, between an answer and the next question. */
const thinkMs = 50;
/** Of one operation. With a stack that is silent, the first callers wait for so long. */
const timeoutMs = 2000;
/** The breaker has to see some of it before it opens. */
const openMs = timeoutMs + 1000;

type Asked = { readonly startedAt: number; readonly endedAt: number; readonly isAnswered: boolean };

/** Has callers ask, one question after the other, until it is disposed. */
function startCallers(stage: Stage): AsyncDisposable & { readonly asked: readonly Asked[] } {
  const asked: Asked[] = [];
  let isOver = false;
  const call = async (caller: number) => {
    // Each for something else, so that none is answered by a call of another.
    const document = `{ accounts(filter: { name: "${caller}" }) { nodes { id } } }`;
    while (!isOver) {
      const startedAt = performance.now();
      const { errors } = await stage.gateway.send(document);
      asked.push({ startedAt, endedAt: performance.now(), isAnswered: errors.length === 0 });
      await wait(thinkMs);
    }
  };
  const all = Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  return {
    asked,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await all;
    },
  };
}

const downs: readonly { readonly name: string; readonly fault: Fault }[] = [
  { name: "answers 503", fault: { kind: "answer", status: 503 } },
  { name: "is silent", fault: { kind: "silence" } },
];

it.each(downs)(
  `a stack that $name for ${outageMs / 1000} s under ${callers} callers: they are told at once, it is left alone, and all is well 5 s later`,
  async ({ name, fault }) => {
    await using stage = await startStage({ timeoutMs });
    await using callersOf = startCallers(stage);
    await wait(1000);
    const measure = async (ms: number, settleMs = 0) => {
      const from = performance.now();
      stage.proxy.clear();
      await wait(settleMs);
      const early = stage.proxy.requests.length;
      await wait(ms - settleMs);
      const asked = callersOf.asked.filter(({ startedAt }) => startedAt >= from);
      const { length } = stage.proxy.requests;
      return { from, asked, callsPerS: (length * 1000) / ms, latePerS: ((length - early) * 1000) / (ms - settleMs) };
    };
    const well = await measure(2000);

    const down = await (async () => {
      using _fault = stage.proxy.fault(fault);
      return await measure(outageMs, openMs);
    })();
    const open = down.asked.filter(({ startedAt }) => startedAt >= down.from + openMs);
    const after = await measure(6000);

    const failedAt = Math.max(after.from, ...after.asked.filter((one) => !one.isAnswered).map((one) => one.endedAt));
    const settled = after.asked.filter(({ startedAt }) => startedAt >= after.from + 5000);
    const figures = {
      medianMs: median(open.map(({ startedAt, endedAt }) => endedAt - startedAt)),
      load: down.callsPerS / well.callsPerS,
      openLoad: down.latePerS / well.callsPerS,
      fullAfterMs: failedAt - after.from,
      service: settled.length / (well.asked.length / 2),
    };
    process.stdout.write(
      `a stack that ${name} for ${outageMs / 1000} s: median answer ${figures.medianMs.toFixed(1)} ms, ` +
        `${(figures.load * 100).toFixed(2)} % of ${well.callsPerS.toFixed(0)} calls/s (${(figures.openLoad * 100).toFixed(2)} % behind the open breaker), full service after ${Math.round(figures.fullAfterMs)} ms\n`,
    );
    expect(open.length).toBeGreaterThan(callers);
    expect(open.filter(({ isAnswered }) => isAnswered)).toEqual([]);
    expect(figures.medianMs).toBeLessThan(100);
    expect(figures.openLoad).toBeLessThan(0.05);
    // In a short one, what was under way when it began counts for more.
    if (outageMs >= 60_000) expect(figures.load).toBeLessThan(0.05);
    expect(figures.fullAfterMs).toBeLessThan(5000);
    // Of what it was; a machine that is busy with something else counts, too.
    expect(figures.service).toBeGreaterThan(0.3);
  },
  outageMs + 30_000,
);

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
