import { setImmediate } from "node:timers/promises";
import { pino } from "pino";
import { startServer } from "../../../src/http/server.ts";
import type { Invalidation } from "../../../src/live/connection-events.ts";
import { createMemoryEventBus } from "../../../src/live/event-bus.ts";
import { createLive } from "../../../src/live/live.ts";
import { createUpstreamClient } from "../../../src/upstream/client.ts";
import { createTestGraphql, unguarded } from "../graphql.ts";
import { operator } from "../helpers.ts";
import { record } from "../record.ts";

/**
 * A gateway in a process of its own, for measuring: `node --expose-gc`, forked with the stack's URL and a token. It
 * reports its URL, answers "measure", and receives invalidations.
 */
export type Order = "measure" | { readonly invalidations: readonly Invalidation[] };
export type Report =
  | { readonly url: string }
  | { readonly bytes: number; readonly cpuMs: number; readonly streams: number; readonly watchers: number };

const [stack = "", clientId = "", clientSecret = ""] = process.argv.slice(2);
const upstream = createUpstreamClient({
  url: new URL(stack),
  credentials: { kind: "client", clientId, clientSecret },
  timeoutMs: 10_000,
  sockets: 128,
});
const bus = createMemoryEventBus();
const live = createLive(bus, upstream, { limits: { streams: 10_000, streamsPerViewer: 10_000 } });
const log = pino({ base: null }, { write: (line) => record("log", "process", line) });
const graphql = createTestGraphql({
  upstream,
  live,
  authenticate: async () => operator,
  log,
  graphiql: false,
  ...unguarded,
});
const server = await startServer({ metrics: unguarded.metrics, log, host: "127.0.0.1", port: 0 });
server.serve({
  graphql,
  upstream,
  live,
  eventSources: () => ({ bus: bus.state() }),
  webhooks: null,
  graphiql: false,
});

function report(message: Report): void {
  process.send?.(message);
}

async function measure(): Promise<Report> {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const { streams, watchers } = live.watchers.size;
  return { bytes: heapUsed + external, cpuMs: (user + system) / 1000, streams, watchers };
}

process.on("message", async (order: Order) => {
  if (order === "measure") report(await measure());
  else for (const invalidation of order.invalidations) live.receive(invalidation);
});
process.once("disconnect", () => process.exit());
report({ url: `${server.url}/graphql` });
