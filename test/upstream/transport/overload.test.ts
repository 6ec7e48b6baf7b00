import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { startGatewayCommand } from "../../support/process.ts";
import type { Order, Report } from "./load-generator.ts";

const timeoutMs = 5000;
/** A response must still be written, sent and read on a busy machine. */
const slackMs = 500;
const times = 5;

function startLoad(url: string, bodies: readonly object[]) {
  const child = fork(new URL("load-generator.ts", import.meta.url), [url, ...bodies.map((one) => JSON.stringify(one))]);
  return {
    async run(order: Order): Promise<Report> {
      child.send(order);
      return (await once(child, "message"))[0] as Report;
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/** Nine calls. */
const query = `query ($id: ID!) {
  paymentServiceUser(id: $id) { name connections { status accounts { name balances { amount { decimal } } } } }
}`;

/** The processor time that a process has used, in seconds. */
function cpuSeconds(pid: number): number {
  const [user = "", system = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ").slice(11) ?? [];
  return (Number(user) + Number(system)) / 100;
}

const rows = [
  {
    limit: "the calls that may run at once",
    settings: { MAX_UPSTREAM_CALLS: "10" },
    delayMs: 100,
    callers: [6, 8],
    // They come in waves of nearly a second: with few waves, one more or less would be a tenth of the goodput.
    aloneMs: 6000,
    per: "second",
  },
  // Goodput per processor time, since the machine may be busy with other things.
  { limit: "its processor", settings: {}, delayMs: 0, callers: [8, 16], aloneMs: 2500, per: "second of its processor" },
] as const;

describe(`${times} times what it can do`, () => {
  it.for(rows)(
    "limited by $limit: goodput stays, and no operation takes longer than the deadline",
    { timeout: 180_000 },
    async (row, { skip }) => {
      // So many people that hardly any reads are identical.
      const world = createWorld({ size: { people: 200, connectionsEach: 3, accountsEach: 2 } });
      await using sandbox = await startSandbox({ world });
      await using gateway = await startGatewayCommand({
        FORMANCE_API_URL: sandbox.url,
        FORMANCE_CLIENT_ID: sandbox.clientId,
        FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
        OPERATION_TIMEOUT_SECONDS: String(timeoutMs / 1000),
        RATE_LIMIT_OPERATOR: "off",
        RATE_LIMIT_ADDRESS: "off",
        ...row.settings,
      });
      using _slow = row.delayMs === 0 ? null : sandbox.fault(() => true, { delayMs: row.delayMs });
      const bodies = world.people.map(({ id }) => ({ query, variables: { id } }));
      await using load = startLoad(`${gateway.url}/graphql`, bodies);
      const run = async (order: Order) => {
        const before = cpuSeconds(gateway.pid);
        const report = await load.run(order);
        const perCpuSecond = report.answered / (cpuSeconds(gateway.pid) - before);
        return { ...report, efficiency: row.per === "second" ? report.goodput : perCpuSecond };
      };
      await run({ callers: 4, ms: 2000 }); // warms up
      if (!(await isConclusive())) skip("the machine was busy: its goodput before and after differ");

      /** Whether the machine was as fast before as after in one of three comparisons; that one must be good. */
      async function isConclusive(): Promise<boolean> {
        for (let attempt = 0; attempt < 3; attempt += 1) {
          const { before, over, after } = await compare();
          if (Math.abs(Math.log(after.goodput / before.goodput)) > Math.log(1.4)) continue;
          const { UPSTREAM_UNAVAILABLE = 0, RATE_LIMITED = 0, UPSTREAM_TIMEOUT = 0, ...unexpected } = over.others;
          expect(unexpected).toEqual({});
          // How long an operation will take is a guess: one in a hundred begins too late.
          expect(UPSTREAM_TIMEOUT).toBeLessThanOrEqual((UPSTREAM_UNAVAILABLE + RATE_LIMITED) / 100);
          expect(over.efficiency / before.efficiency).toBeGreaterThan(0.8);
          return true;
        }
        return false;
      }

      async function compare() {
        let best = { callers: 0, goodput: 0, efficiency: 0 };
        for (const callers of row.callers) {
          const report = await run({ callers, ms: row.aloneMs });
          expect(report.others).toEqual({});
          if (report.goodput > best.goodput) best = { callers, ...report };
        }
        const over = await run({ perSecond: times * best.goodput, ms: 9000 });
        const again = await run({ callers: best.callers, ms: row.aloneMs });
        const waits = [...gateway.output().matchAll(/"ms":(\d+)/g)].map(([, ms]) => Number(ms));
        const longestMs = Math.max(...waits);
        process.stdout.write(
          `limited by ${row.limit}: at best ${best.efficiency.toFixed(0)} operations per ${row.per}; of ${times} times as many ` +
            `${over.efficiency.toFixed(0)} (${((over.efficiency / best.efficiency) * 100).toFixed(0)} %; ${over.goodput.toFixed(0)}/s of ${(times * best.goodput).toFixed(0)}/s; then again ${again.efficiency.toFixed(0)}), ` +
            `in ${over.medianMs.toFixed(0)} ms at the median, the longest took ${longestMs} ms; the others failed with ${JSON.stringify(over.others)}\n`,
        );
        expect(again.others).toEqual({});
        expect(longestMs).toBeLessThan(timeoutMs + slackMs);
        return { before: best, over, after: again };
      }
    },
  );
});
