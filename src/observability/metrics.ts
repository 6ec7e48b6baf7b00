/** What the gateway counts and measures, for Prometheus. */
import { LRUCache } from "lru-cache";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { InvalidationSource } from "../live/connection-events.ts";
import type { WebhookOutcome } from "../live/webhook-receiver.ts";
import type { UpstreamErrorKind } from "../upstream/errors.ts";
import type { UpstreamObserver } from "../upstream/observer.ts";
import type { BreakerState } from "../upstream/transport/circuit-breaker.ts";
import { createBoundCounter, createBoundHistogram } from "./bound-metrics.ts";
import { droppedLogLines } from "./logger.ts";

/** One operation that has been answered. `outcome`: `ok`, or the code of its first error. */
export type AnsweredOperation = {
  /** `null`: anonymous. */
  readonly name: string | null;
  /** `null`: its document was not valid, or was never parsed. */
  readonly kind: "query" | "mutation" | "subscription" | null;
  readonly outcome: string;
  readonly ms: number;
  readonly upstreamCalls: number;
};

/** Gauges that are read at each scrape, with their help texts. */
const gauges = {
  subscriptions: "Subscriptions that are open.",
  watchers: "Watchers of things of the stack, each for all its subscribers.",
  websockets: "WebSockets that are open.",
  connections: "TCP connections that are open, those of WebSockets and streams included.",
  upstream_in_flight: "Calls of the stack that are in flight.",
  upstream_queued: "Calls of the stack that are queued.",
  operations_waiting: "Queries and mutations that wait to begin.",
} as const;

export type GaugeName = keyof typeof gauges;

/** Disposing takes its metrics out of a registry that is not its own. */
export type Metrics = Disposable & {
  readonly contentType: string;
  /** All of it as Prometheus reads it. */
  text(): Promise<string>;
  /** Where gauges are read from; without a source a gauge is 0. */
  measure(sources: Partial<Readonly<Record<GaugeName, () => number | Promise<number>>>>): void;
  /** Reads at each scrape what works only in part. */
  measureParts(states: () => Readonly<Record<string, "connected" | "degraded">>): void;
  /** Memory, processor time, event loop, garbage collection and the log. Once in a process. */
  measureProcess(): void;
  answered(operation: AnsweredOperation): void;
  /** A message of a subscription was sent. */
  messaged(): void;
  /** A loader's batch of so many keys. */
  batched(loader: string, keys: number): void;
  readonly upstream: UpstreamObserver;
  invalidated(source: InvalidationSource): void;
  refreshed(): void;
  refreshFailed(kind: UpstreamErrorKind | "unexpected"): void;
  /** A message for one subscriber was queued, so long after the invalidation that led to it. */
  delivered(ms: number): void;
  webhook(outcome: WebhookOutcome): void;
  /** An operation was refused before it began, at once or after it had waited. */
  shed(): void;
  /** An operation was refused by a rate limit. */
  limited(kind: "psu" | "operator" | "address"): void;
};

export type MetricsOptions = {
  /** Only trusted documents run: each of their names is a label of its own. Otherwise names are any caller's words. */
  readonly areNamesTrusted?: boolean;
  /** Where they are registered, beside those of the program; by default in one of their own. */
  readonly registry?: Registry;
};

/** Whether these metrics are in this registry already, as those of another gateway. */
export function hasMetrics(registry: Registry): boolean {
  return registry.getSingleMetric("gateway_operations_total") !== undefined;
}

/** Names of operations are the client's words. */
export const maxNameLength = 64;
/** So many names are labels of their own, and the rest share one. */
const maxNames = 200;
/**
 * A name becomes a label with this many good answers. So a client that invents names needs `maxNames` times as many
 * answers, all between two uses of one name, to evict that; and a personal word that was sent once is never shown.
 */
const answersForLabel = 10;
/** Of so many names that are no labels yet the answers are counted. */
const maxCandidates = 1000;

const breakerStates = ["closed", "open", "half-open"] as const satisfies readonly BreakerState[];
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const counts = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/**
 * What the gateway counts and measures. No label holds an id or a person's data, and each has
 * a bounded set of values: codes, kinds, names of calls and loaders, and at most so many names of operations.
 */
export function createMetrics({ areNamesTrusted = false, registry }: MetricsOptions = {}): Metrics {
  const register = registry ?? new Registry();
  const namesIn = () => new Set(register.getMetricsAsArray().map(({ name }) => name));
  /** Those of the program. */
  const others = namesIn();
  const registers = [register];
  const counter = <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name: `gateway_${name}`, help, labelNames, registers });
  const histogram = <Label extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly Label[] = [],
  ) => new Histogram({ name: `gateway_${name}`, help, buckets: [...buckets], labelNames, registers });

  const operations = counter(
    "operations_total",
    "Operations, by name, kind and outcome (ok, or the code of the first error).",
    ["operation", "kind", "outcome"],
  );
  const operationSeconds = histogram(
    "operation_duration_seconds",
    "How long operations took to be answered; subscriptions, to be opened.",
    seconds,
    ["operation", "kind"],
  );
  const observeCalls = createBoundHistogram(
    { name: "gateway_operation_upstream_calls", help: "Calls of the stack that one operation cost.", registers },
    "kind",
    counts,
  );
  const messages = counter("subscription_messages_total", "Messages of subscriptions.");
  const observeBatch = createBoundHistogram(
    { name: "gateway_loader_batch_keys", help: "Keys of a loader's batch.", registers },
    "loader",
    counts.slice(1),
  );

  const countCall = createBoundCounter(
    {
      name: "gateway_upstream_calls_total",
      help: "Attempts to call the stack, by call and outcome (an HTTP status, or what went wrong without one).",
      registers,
    },
    ["call", "outcome"],
  );
  const observeCall = createBoundHistogram(
    {
      name: "gateway_upstream_call_duration_seconds",
      help: "How long attempts to call the stack took.",
      registers,
    },
    "call",
    seconds,
  );
  const retries = counter("upstream_retries_total", "Calls of the stack that were tried again.", ["call"]);
  const countDeduplicated = createBoundCounter(
    {
      name: "gateway_upstream_deduplicated_total",
      help: "Reads that used the response of an identical one in flight.",
      registers,
    },
    ["call"],
  );
  const refusals = counter("upstream_refusals_total", "Calls that were not made, by reason.", ["reason"]);
  const breaker = new Gauge({
    name: "gateway_upstream_breaker_state",
    help: "1 for the state that the circuit breaker is in.",
    labelNames: ["state"],
    registers,
  });
  const tokens = counter("upstream_token_refreshes_total", "Renewals of the gateway's own token, by outcome.", [
    "outcome",
  ]);

  const invalidations = counter(
    "invalidations_total",
    "Events and changes after which watchers refresh, by where they came from.",
    ["source"],
  );
  const refreshes = counter("refreshes_total", "Reads of the stack by watchers.");
  const refreshErrors = counter("refresh_errors_total", "Refreshes that failed, by what went wrong.", ["kind"]);
  const delays = histogram(
    "invalidation_to_message_seconds",
    "From the arrival of an invalidation to a message that followed it, put for one subscriber.",
    seconds,
  );
  const webhooks = counter("webhooks_total", "Webhooks, by outcome.", ["outcome"]);
  const limits = counter(
    "rate_limited_total",
    "Operations and sign-ins that were refused, by the limit that was exceeded.",
    ["budget"],
  );

  const shed = counter("shed_total", "Operations that were refused before they began, because too much was under way.");

  // Each name of a gauge has a source once its part has started.
  const sources: Partial<Record<GaugeName, () => number | Promise<number>>> = {};
  for (const [name, help] of Object.entries(gauges) as [GaugeName, string][]) {
    new Gauge({
      name: `gateway_${name}`,
      help,
      registers,
      async collect() {
        this.set((await sources[name]?.()) ?? 0);
      },
    });
  }

  let toStates: () => Readonly<Record<string, "connected" | "degraded">> = () => ({});
  new Gauge({
    name: "gateway_degraded",
    help: "1 while a part does not reach what it needs: the bus (Redis), nats, the rate limits of all replicas (Redis).",
    labelNames: ["part"],
    registers,
    collect() {
      for (const [part, state] of Object.entries(toStates())) this.set({ part }, state === "degraded" ? 1 : 0);
    },
  });

  function setBreaker(now: BreakerState): void {
    for (const state of breakerStates) breaker.set({ state }, state === now ? 1 : 0);
  }
  setBreaker("closed");

  /** The names that are labels. The least recently used is evicted, and what was counted under it goes with it. */
  const names = new LRUCache<string, Named>({
    max: maxNames,
    dispose({ operation, kind, outcomes }) {
      for (const outcome of outcomes) operations.remove({ operation, kind, outcome });
      operationSeconds.remove({ operation, kind });
    },
  });
  /** Their good answers so far. */
  const candidates = new LRUCache<string, number>({ max: maxCandidates });

  function toName({ name, kind, outcome }: AnsweredOperation): string {
    if (kind === null) return "(none)";
    if (name === null) return "(anonymous)";
    const operation = name.slice(0, maxNameLength);
    if (areNamesTrusted) return operation;
    const key = `${kind} ${operation}`;
    const named = names.get(key);
    if (named !== undefined) {
      named.outcomes.add(outcome);
      return operation;
    }
    if (outcome !== "ok") return "(other)"; // a refusal costs its caller nothing
    const answers = (candidates.get(key) ?? 0) + 1;
    if (answers < answersForLabel) {
      candidates.set(key, answers);
      return "(other)";
    }
    candidates.delete(key);
    names.set(key, { operation, kind, outcomes: new Set([outcome]) });
    return operation;
  }

  let own: ReadonlySet<string> = namesIn().difference(others);
  return {
    contentType: register.contentType,
    text: () => register.metrics(),
    measure: (more) => void Object.assign(sources, more),
    measureParts: (states) => {
      toStates = states;
    },
    measureProcess() {
      const before = namesIn();
      if (register.getSingleMetric("process_cpu_seconds_total") === undefined) collectDefaultMetrics({ register });
      new Counter({
        name: "gateway_log_lines_dropped_total",
        help: "Lines of the log that were dropped, because it could not be written.",
        registers,
        collect() {
          this.reset();
          this.inc(droppedLogLines());
        },
      });
      own = own.union(namesIn().difference(before));
    },
    answered(one) {
      const labels = { operation: toName(one), kind: one.kind ?? "none" };
      operations.inc({ ...labels, outcome: one.outcome });
      operationSeconds.observe(labels, one.ms / 1000);
      observeCalls(labels.kind, one.upstreamCalls);
    },
    messaged: () => messages.inc(),
    batched: observeBatch,
    upstream: {
      onCall(name, outcome, ms) {
        countCall(name, outcome);
        observeCall(name, ms / 1000);
      },
      onRetry: (name) => retries.inc({ call: name }),
      onDeduplicated: countDeduplicated,
      onBreakerState: setBreaker,
      onRejected: (reason) => refusals.inc({ reason }),
      onTokenRefresh: (outcome) => tokens.inc({ outcome }),
    },
    invalidated: (source) => invalidations.inc({ source }),
    refreshed: () => refreshes.inc(),
    refreshFailed: (kind) => refreshErrors.inc({ kind }),
    delivered: (ms) => delays.observe(ms / 1000),
    webhook: (outcome) => webhooks.inc({ outcome }),
    shed: () => shed.inc(),
    limited: (kind) => limits.inc({ budget: kind }),
    [Symbol.dispose]() {
      for (const name of own) register.removeSingleMetric(name);
    },
  };
}

/** An operation's labels, and the outcomes that they were counted with. */
type Named = { readonly operation: string; readonly kind: string; readonly outcomes: Set<string> };
