/** From settings to a gateway that listens: makes every part and hands it to those that use it. */
import { randomBytes } from "node:crypto";
import type { TracerProvider } from "@opentelemetry/api";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Sandbox } from "../sandbox/server.ts";
import { createAuthenticate } from "./auth/authenticate.ts";
import { type Config, ConfigError } from "./config/config.ts";
import { ownPackage } from "./config/own-package.ts";
import type { LiveConfig } from "./config/parts.ts";
import { createPipeline } from "./engine/pipeline.ts";
import { createTrustedDocuments, InvalidManifestError, type TrustedDocuments } from "./engine/trusted-documents.ts";
import { createGraphql } from "./http/graphql.ts";
import type { RequestPlugin } from "./http/plugins.ts";
import { startServer } from "./http/server.ts";
import { Reloadable } from "./lib/reloadable.ts";
import type { StartTrace } from "./lib/span.ts";
import type { QueryLimits } from "./limits/admission.ts";
import { type RateLimitValues, startRateLimits } from "./limits/rate-limit.ts";
import { eventTypes, type Invalidation } from "./live/connection-events.ts";
import { createMemoryEventBus, type EventBus } from "./live/event-bus.ts";
import { createLive } from "./live/live.ts";
import { createWebhookReceiver, webhookPath } from "./live/webhook-receiver.ts";
import { toErrorName } from "./observability/error-name.ts";
import { logMapperErrors } from "./observability/mapper-log.ts";
import { createMetrics, hasMetrics, type Metrics } from "./observability/metrics.ts";
import { createOperationLog } from "./observability/operation-log.ts";
import type { TraceExporter } from "./observability/trace-exporter.ts";
import { createCursorSeal } from "./schema/cursor.ts";
import { type Extend, InvalidExtensionError } from "./schema/extension.ts";
import { toSchema } from "./schema/index.ts";
import { createUpstreamClient } from "./upstream/client.ts";
import { UpstreamError } from "./upstream/errors.ts";
import type { UpstreamObserver } from "./upstream/observer.ts";
import type { Provider } from "./upstream/providers/provider.ts";
import { createProviders } from "./upstream/providers/providers.ts";

export type Started = AsyncDisposable & {
  /** Where it listens, without a path. */
  readonly url: string;
};

/** What a program adds to the gateway, besides what `Config` has of it. */
export type OwnParts = {
  readonly extend?: Extend;
  readonly plugins?: readonly RequestPlugin[];
  readonly providers?: Readonly<Record<string, Provider>>;
  readonly registry?: Registry;
  readonly tracerProvider?: TracerProvider;
};

/** All that can be made without a network. Disposing takes the metrics out of the program's registry. */
export type Prepared = Disposable & {
  readonly config: Config;
  readonly log: Logger;
  readonly own: OwnParts;
  readonly metrics: Metrics;
  readonly schema: GraphQLSchema;
  readonly trustedDocuments: TrustedDocuments | null;
  readonly queryLimits: Reloadable<QueryLimits>;
  readonly rateLimitValues: Reloadable<RateLimitValues>;
  /**
   * Takes over what may change while it runs: limits, but for the longest request, and trusted documents where there
   * are any already. Streams stay open, and rate limits keep their state.
   * @throws {ConfigError} when a trusted document cannot run; then nothing changes.
   */
  change(next: Config): void;
};

/** @throws {ConfigError} for own parts or trusted documents that cannot be used; then nothing is left of it. */
export function prepare(config: Config, log: Logger, own: OwnParts = {}): Prepared {
  const { extend = null, registry } = own;
  if (registry !== undefined && hasMetrics(registry)) {
    throw new ConfigError("metrics.registry has the metrics of a gateway already: give each its own");
  }
  const schema = asConfigError(() => toSchema({ federation: config.byName.FEDERATION, extend }));
  const manifest = config.trustedDocuments;
  const trustedDocuments = manifest && asConfigError(() => createTrustedDocuments(manifest, schema));
  const queryLimits = new Reloadable(config.limits.query);
  const rateLimitValues = new Reloadable(config.limits.rate);
  const metrics = createMetrics({ areNamesTrusted: manifest !== null, ...(registry && { registry }) });
  return {
    ...{ config, log, own, metrics, schema, trustedDocuments, queryLimits, rateLimitValues },
    change({ limits, trustedDocuments: manifest }) {
      if (manifest !== null) asConfigError(() => trustedDocuments?.replace(manifest));
      queryLimits.set(limits.query);
      rateLimitValues.set(limits.rate);
    },
    [Symbol.dispose]: () => metrics[Symbol.dispose](),
  };
}

/** From settings to a gateway that listens; with the embedded sandbox when no stack is named. */
export async function start(config: Config, log: Logger): Promise<Started> {
  return listen(prepare(config, log));
}

/** Listens, and connects to all that it needs; where that fails nothing is left open. */
export async function listen(prepared: Prepared): Promise<Started> {
  await using starting = new AsyncDisposableStack();
  const { config, log, own, metrics, schema, trustedDocuments, queryLimits, rateLimitValues } = starting.use(prepared);
  const { plugins = [], providers: ownProviders = {} } = own;
  metrics.measureProcess();
  const server = starting.use(await startServer({ ...config.listen, metrics, log }));
  const observer: UpstreamObserver = {
    ...metrics.upstream,
    onBreakerState(state) {
      metrics.upstream.onBreakerState(state);
      log.warn({ state }, "the circuit breaker of the payments stack");
    },
  };
  const exporter = config.traces && starting.use(await startExporter(config.traces, log));
  const tracerProvider = own.tracerProvider ?? exporter?.provider ?? null;
  const sandbox = config.upstream.kind === "sandbox" ? starting.use(await startEmbedded()) : null;
  const upstream = starting.use(createUpstreamClient({ ...toStack(config, sandbox), ...config.calls, observer }));

  const warn = (message: string) => (kind: string) => log.warn({ kind }, message);
  const bus = starting.use(await startBus(config.live, warn("event bus is degraded")));
  const live = starting.use(
    createLive(bus, upstream, {
      ...config.live,
      limits: { streams: 10_000, streamsPerViewer: 100 },
      onInvalidation: metrics.invalidated,
      onRefresh: metrics.refreshed,
      onDelivered: metrics.delivered,
      onRefreshError(error) {
        const kind = error instanceof UpstreamError ? error.kind : "unexpected";
        metrics.refreshFailed(kind);
        log.debug({ kind }, "a refresh failed");
      },
    }),
  );
  const nats = starting.use(await startBroker(config.live, live.receive, warn("NATS consumer is degraded")));
  const secrets = config.live.webhookSecrets ?? (sandbox === null ? null : ([toSecret()] as const));
  const webhooks =
    secrets &&
    createWebhookReceiver({
      secrets,
      publish: live.publish,
      onOutcome(outcome) {
        metrics.webhook(outcome);
        log.info({ outcome }, "webhook");
      },
    });

  const providers = createProviders({
    own: ownProviders,
    openBanking: config.byName.OPEN_BANKING_PROVIDERS ?? [],
    onError: logMapperErrors(log),
  });
  const redis = config.live.bus.kind === "redis" ? config.live.bus.url : null;
  const rateLimits = starting.use(
    await startRateLimits({
      values: rateLimitValues,
      redis,
      onRefusal: metrics.limited,
      onProblem: warn("rate limits are degraded"),
    }),
  );
  const pipeline = createPipeline({
    schema,
    upstream,
    live,
    metrics,
    trustedDocuments,
    queryLimits,
    rateLimits,
    authenticate: createAuthenticate(config.auth, (member) =>
      log.error({ member }, "authenticate returned what is no viewer: the caller was refused"),
    ),
    cursors: createCursorSeal(config.cursorSecrets),
    introspection: config.introspection,
    redirectOrigins: config.redirectOrigins,
    providers,
    startTrace: tracerProvider && (await toStartTrace(tracerProvider)),
    operationLog: createOperationLog(log, metrics),
  });
  const graphql = createGraphql({
    pipeline,
    schema,
    origins: config.origins,
    trustedProxies: config.byName.TRUSTED_PROXIES,
    graphiql: config.graphiql,
    isSandbox: sandbox !== null,
    maxRequestBytes: config.limits.requestBytes,
    plugins,
    onPluginError: (error) => log.error({ name: toErrorName(error) }, "a plugin failed"),
  });
  function toStates(): Readonly<Record<string, "connected" | "degraded">> {
    const limits = rateLimits.state();
    return { bus: bus.state(), ...(nats && { nats: nats.state() }), ...(limits && { rateLimits: limits }) };
  }
  metrics.measureParts(toStates);
  metrics.measure({
    subscriptions: () => live.watchers.size.streams,
    watchers: () => live.watchers.size.watchers,
    upstream_in_flight: () => upstream.state().inFlight,
    upstream_queued: () => upstream.state().queued,
    operations_waiting: () => upstream.state().waiting,
  });
  starting.use(server.serve({ graphql, upstream, live, eventSources: toStates, webhooks, graphiql: config.graphiql }));
  const { url } = server;
  if (sandbox !== null && secrets !== null) {
    sandbox.sendWebhooks({ endpoint: `${url}${webhookPath}`, secret: secrets[0], eventTypes });
    log.info(
      `no FORMANCE_API_URL is set: serving the embedded sandbox at ${sandbox.url}, with invented people and banks`,
    );
  }
  if (plugins.length > 0) {
    log.info("plugins: every request by HTTP goes through Yoga, which takes longer; operations on WebSockets do not");
  }
  if (config.auth.kind === "open") log.warn("authentication is off: every caller is an operator");
  log.info(`GraphQL is at ${url}/graphql${config.graphiql ? ", in a browser with GraphiQL" : ""}`);
  const started = starting.move();
  return { url, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Documents that cannot run are a problem of the settings, as own fields are of the options. */
function asConfigError<Value>(use: () => Value): Value {
  try {
    return use();
  } catch (error) {
    const isExplained = error instanceof InvalidManifestError || error instanceof InvalidExtensionError;
    throw isExplained ? new ConfigError(error.message) : error;
  }
}

function toStack({ upstream }: Config, sandbox: { url: string; clientId: string; clientSecret: string } | null) {
  if (upstream.kind === "stack") return upstream;
  if (sandbox === null) throw new Error("Without a stack there is a sandbox.");
  const { url, clientId, clientSecret } = sandbox;
  return { url: new URL(url), credentials: { kind: "client" as const, clientId, clientSecret } };
}

// The sandbox and the clients of Redis, NATS and collectors are loaded only where they are used: they would take time and
// memory in every other process.
async function startEmbedded(): Promise<Sandbox> {
  const { startSandbox } = await import("../sandbox/server.ts");
  return startSandbox({ scenario: {} });
}

async function startBus({ bus }: LiveConfig, onProblem: (kind: string) => void): Promise<EventBus> {
  if (bus.kind === "memory") return createMemoryEventBus();
  const { startRedisEventBus } = await import("./live/redis-event-bus.ts");
  return startRedisEventBus({ url: bus.url, onProblem });
}

async function startExporter(traces: NonNullable<Config["traces"]>, log: Logger): Promise<TraceExporter> {
  const { startTraceExporter } = await import("./observability/trace-exporter.ts");
  return startTraceExporter({
    ...traces,
    serviceName: ownPackage.name,
    onProblem: (kind) => log.warn({ kind }, "traces are not delivered"),
  });
}

async function toStartTrace(provider: TracerProvider): Promise<StartTrace> {
  const { createTracing } = await import("./observability/tracing.ts");
  return createTracing(provider);
}

async function startBroker(
  { nats }: LiveConfig,
  onInvalidation: (invalidation: Invalidation) => void,
  onProblem: (kind: string) => void,
) {
  if (nats === null) return null;
  const { startNatsConsumer } = await import("./live/nats-consumer.ts");
  return startNatsConsumer({ ...nats, onInvalidation, onProblem });
}

/** As the stack makes one: base64 of 24 bytes. */
function toSecret(): string {
  return randomBytes(24).toString("base64");
}
