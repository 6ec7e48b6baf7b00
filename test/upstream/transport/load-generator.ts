import { setTimeout as wait } from "node:timers/promises";
import { Agent } from "undici";

/** Load for a gateway, from a process of its own: forked with the URL of the graph, and bodies that requests take turns with. */
export type Order =
  /** Each caller asks when it has been answered. */
  | { readonly callers: number; readonly ms: number }
  /** Requests come at this pace, whatever becomes of those before. */
  | { readonly perSecond: number; readonly ms: number };
export type Report = {
  /** Of those that were answered whole: how many a second, once it has settled, and how long they took. */
  readonly goodput: number;
  readonly answered: number;
  readonly medianMs: number;
  /** How many of the others were told what. */
  readonly others: Readonly<Record<string, number>>;
};

const [url = "", ...bodies] = process.argv.slice(2);
const { origin, pathname } = new URL(url);
/**
 * As a proxy in front keeps them. New connections say little of a gateway: a process takes one in each turn of its event
 * loop, so that with more work in a turn all who come anew wait. So many that they ask for more work than a second and a half's.
 */
const connections = 4096;
const agent = new Agent({ connections, pipelining: 1 });
const headers = { "content-type": "application/json", accept: "application/json" };

type Asked = { readonly endedAt: number; readonly ms: number; readonly outcome: string };

let turn = 0;

async function ask(): Promise<Asked> {
  const startedAt = performance.now();
  turn += 1;
  const body = bodies[turn % bodies.length] ?? null;
  const outcome = await agent
    .request({ origin, path: pathname, method: "POST", headers, body })
    .then(({ body: answer }) => answer.text())
    .then(
      (text) => /"code":"(\w+)"/.exec(text)?.[1] ?? "answered",
      (error: Error & { code?: string }) => error.code ?? error.name,
    );
  const endedAt = performance.now();
  return { endedAt, ms: endedAt - startedAt, outcome };
}

function connect(): Promise<unknown> {
  const live = { origin, path: "/health/live", method: "GET" } as const;
  return Promise.all(
    Array.from({ length: connections }, () => agent.request(live).then(({ body: answer }) => answer.dump())),
  );
}

async function run(order: Order): Promise<Report> {
  await connect();
  const asked: Asked[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + order.ms;
  if ("callers" in order) {
    const call = async () => {
      while (performance.now() < endsAt) asked.push(await ask());
    };
    await Promise.all(Array.from({ length: order.callers }, call));
  } else {
    const all: Promise<unknown>[] = [];
    for (let at = 0; performance.now() < endsAt; ) {
      for (const due = ((performance.now() - startedAt) * order.perSecond) / 1000; at < due; at += 1) {
        all.push(ask().then((one) => asked.push(one)));
      }
      await wait(2);
    }
    await Promise.all(all);
  }
  const { answered = [], ...failed } = Object.groupBy(asked, ({ outcome }) => outcome);
  const times = answered.map(({ ms }) => ms).sort((a, b) => a - b);
  const settledAt = startedAt + order.ms / 4;
  const settled = answered.filter(({ endedAt }) => endedAt >= settledAt && endedAt < endsAt);
  return {
    goodput: (settled.length * 1000) / (endsAt - settledAt),
    answered: answered.length,
    medianMs: times[times.length >> 1] ?? Number.NaN,
    others: Object.fromEntries(Object.entries(failed).map(([code, of = []]) => [code, of.length])),
  };
}

process.on("message", async (order: Order) => void process.send?.(await run(order)));
process.once("disconnect", () => process.exit());
