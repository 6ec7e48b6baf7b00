import { setTimeout as wait } from "node:timers/promises";
import { Agent } from "undici";

/** Load for a gateway, from a process of its own: forked with the endpoint's URL and the bodies to send in rotation. */
export type Order =
  /** Each caller sends its next request after a response. */
  | { readonly callers: number; readonly ms: number }
  /** Requests are sent at this pace, whatever the outcome of earlier ones. */
  | { readonly perSecond: number; readonly ms: number };
export type Report = {
  /** Successful responses per second, after a settling time. */
  readonly goodput: number;
  /** Successful responses. */
  readonly answered: number;
  readonly medianMs: number;
  /** How many failed, by code. */
  readonly others: Readonly<Record<string, number>>;
};

const [url = "", ...bodies] = process.argv.slice(2);
const { origin, pathname } = new URL(url);
/**
 * Kept open, as a proxy would: a process accepts only one new connection in each iteration of its event loop. So many
 * that they can request more work than fits into a second and a half.
 */
const connections = 4096;
const agent = new Agent({ connections, pipelining: 1 });
const headers = { "content-type": "application/json", accept: "application/json" };

type Sent = { readonly endedAt: number; readonly ms: number; readonly outcome: string };

let sentCount = 0;

async function send(): Promise<Sent> {
  const startedAt = performance.now();
  sentCount += 1;
  const body = bodies[sentCount % bodies.length] ?? null;
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
    Array.from({ length: connections }, () =>
      agent.request(live).then(
        ({ body: answer }) => answer.dump(),
        () => {}, // an idle connection was closed at that moment
      ),
    ),
  );
}

async function run(order: Order): Promise<Report> {
  await connect();
  const sent: Sent[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + order.ms;
  if ("callers" in order) {
    const call = async () => {
      while (performance.now() < endsAt) sent.push(await send());
    };
    await Promise.all(Array.from({ length: order.callers }, call));
  } else {
    const all: Promise<unknown>[] = [];
    for (let at = 0; performance.now() < endsAt; ) {
      for (const due = ((performance.now() - startedAt) * order.perSecond) / 1000; at < due; at += 1) {
        all.push(send().then((one) => sent.push(one)));
      }
      await wait(2);
    }
    await Promise.all(all);
  }
  const { answered = [], ...failed } = Object.groupBy(sent, ({ outcome }) => outcome);
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
