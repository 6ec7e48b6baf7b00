/** Whether the gateway could serve queries now, for `/health/ready`. */
import type { UpstreamClient } from "../upstream/client.ts";
import { UpstreamError } from "../upstream/errors.ts";

/** However often probes come, the stack is called once a second. */
const cacheMs = 1000;
/** Probes do not wait for long. */
const timeoutMs = 2000;

/** @returns a function that resolves to why no query could be answered now; `null` when the stack is well. */
export function createReadinessCheck(upstream: UpstreamClient): () => Promise<string | null> {
  return atMostEvery(cacheMs, () => toUnreadiness(upstream));
}

/** Does the work at most once in that time; calls in between get the result of the last time. */
export function atMostEvery<Value>(ms: number, work: () => Promise<Value>): () => Promise<Value> {
  let last: { readonly at: number; readonly value: Promise<Value> } | undefined;
  return () => {
    if (last === undefined || performance.now() - last.at >= ms) last = { at: performance.now(), value: work() };
    return last.value;
  };
}

async function toUnreadiness(upstream: UpstreamClient): Promise<string | null> {
  const calls = upstream.within({ timeoutMs });
  try {
    await calls.health();
    // While it is not ready it gets no traffic: then this is the call that finds out that the stack is back.
    if (upstream.state().breaker !== "closed") await calls.connectors({ pageSize: 1 });
    return null;
  } catch (error) {
    if (upstream.state().breaker !== "closed") return "upstream breaker open";
    return error instanceof UpstreamError ? `upstream ${error.kind}` : "upstream unavailable";
  }
}
