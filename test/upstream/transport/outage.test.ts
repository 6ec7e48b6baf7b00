import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Fault } from "../../support/fault-proxy.ts";
import { type Stage, startStage } from "./fault-stage.ts";

/** `OUTAGE_SECONDS=60 npx vitest run test/upstream/transport/outage.test.ts` for the whole. */
const outageMs = Number(process.env["OUTAGE_SECONDS"] ?? 6) * 1000;
const callers = 50;
/** Between a response and the caller's next request. */
const pauseMs = 50;
/** The deadline of operations. With a silent stack, the first callers wait for it. */
const timeoutMs = 2000;
/** By then the breaker has seen enough failures to open. */
const openMs = timeoutMs + 1000;

type Sent = { readonly startedAt: number; readonly endedAt: number; readonly isAnswered: boolean };

/** Callers that each send one query after the other, until disposed. */
function startCallers(stage: Stage): AsyncDisposable & { readonly sent: readonly Sent[] } {
  const sent: Sent[] = [];
  let isOver = false;
  const call = async (caller: number) => {
    // Each a different one, so that none is deduplicated.
    const document = `{ accounts(filter: { name: "${caller}" }) { nodes { id } } }`;
    while (!isOver) {
      const startedAt = performance.now();
      const { errors } = await stage.gateway.send(document);
      sent.push({ startedAt, endedAt: performance.now(), isAnswered: errors.length === 0 });
      await wait(pauseMs);
    }
  };
  const all = Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  return {
    sent,
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
  `a stack that $name for ${outageMs / 1000} s under ${callers} callers: they fail at once, it gets hardly any calls, and all succeed 5 s after its end`,
  async ({ name, fault }) => {
    await using stage = await startStage({ timeoutMs });
    await using running = startCallers(stage);
    await wait(1000);
    const measure = async (ms: number, settleMs = 0) => {
      const from = performance.now();
      stage.proxy.clear();
      await wait(settleMs);
      const early = stage.proxy.requests.length;
      await wait(ms - settleMs);
      const sent = running.sent.filter(({ startedAt }) => startedAt >= from);
      const { length } = stage.proxy.requests;
      return { from, sent, callsPerS: (length * 1000) / ms, latePerS: ((length - early) * 1000) / (ms - settleMs) };
    };
    const healthy = await measure(2000);

    const down = await (async () => {
      using _fault = stage.proxy.fault(fault);
      return await measure(outageMs, openMs);
    })();
    const open = down.sent.filter(({ startedAt }) => startedAt >= down.from + openMs);
    const after = await measure(6000);

    const failedAt = Math.max(after.from, ...after.sent.filter((one) => !one.isAnswered).map((one) => one.endedAt));
    const settled = after.sent.filter(({ startedAt }) => startedAt >= after.from + 5000);
    const figures = {
      medianMs: median(open.map(({ startedAt, endedAt }) => endedAt - startedAt)),
      load: down.callsPerS / healthy.callsPerS,
      openLoad: down.latePerS / healthy.callsPerS,
      fullAfterMs: failedAt - after.from,
      service: settled.length / (healthy.sent.length / 2),
    };
    process.stdout.write(
      `a stack that ${name} for ${outageMs / 1000} s: median answer ${figures.medianMs.toFixed(1)} ms, ` +
        `${(figures.load * 100).toFixed(2)} % of ${healthy.callsPerS.toFixed(0)} calls/s (${(figures.openLoad * 100).toFixed(2)} % behind the open breaker), full service after ${Math.round(figures.fullAfterMs)} ms\n`,
    );
    expect(open.length).toBeGreaterThan(callers);
    expect(open.filter(({ isAnswered }) => isAnswered)).toEqual([]);
    expect(figures.medianMs).toBeLessThan(100);
    expect(figures.openLoad).toBeLessThan(0.05);
    // In a short outage the calls in flight at its beginning are too large a part.
    if (outageMs >= 60_000) expect(figures.load).toBeLessThan(0.05);
    expect(figures.fullAfterMs).toBeLessThan(5000);
    // Compared to before; a busy machine lowers it, too.
    expect(figures.service).toBeGreaterThan(0.3);
  },
  outageMs + 30_000,
);

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
