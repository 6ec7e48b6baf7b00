/** From settings to a gateway that listens: makes every part and hands it to those that use it. */
import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { Sandbox } from "../sandbox/server.ts";
import { createAuthenticate } from "./auth/authenticate.ts";
import { type Config, ConfigError } from "./config/config.ts";
import type { LiveConfig } from "./config/parts.ts";
import { createPipeline } from "./engine/pipeline.ts";
import { createTrustedDocuments, InvalidManifestError } from "./engine/trusted-documents.ts";
import { createGraphql } from "./http/graphql.ts";
import { startServer } from "./http/server.ts";
import { Reloadable } from "./lib/reloadable.ts";
import { startRateLimits } from "./limits/rate-limit.ts";
import { eventTypes, type Invalidation } from "./live/connection-events.ts";
import { createMemoryEventBus, type EventBus } from "./live/event-bus.ts";
import { createLive } from "./live/live.ts";
import { createWebhookReceiver, webhookPath } from "./live/webhook-receiver.ts";
import { logMapperErrors } from "./observability/mapper-log.ts";
import { createMetrics } from "./observability/metrics.ts";
import { createOperationLog } from "./observability/operation-log.ts";
import type { Tracing } from "./observability/tracing.ts";
import { createCursorSeal } from "./schema/cursor.ts";
import { toSchema } from "./schema/index.ts";
import { createUpstreamClient } from "./upstream/client.ts";
import { UpstreamError } from "./upstream/errors.ts";
import type { UpstreamObserver } from "./upstream/observer.ts";
import { createProviders } from "./upstream/providers/providers.ts";

export type Started = AsyncDisposable & {
  /** Where it listens, without a path. */
  readonly url: string;
  /**
   * Takes over what may change while it runs: limits, but for the longest request, and trusted documents where there
   * are any already. Streams stay open, and rate limits keep their state.
   * @throws {ConfigError} when a trusted document cannot run; then nothing changes.
   */
  change(next: Config): void;
};

/** From settings to a gateway that listens; with the embedded sandbox when no stack is named. */
export async function start(config: Config, log: Logger): Promise<Started> {
  await using starting = new AsyncDisposableStack();
  const metrics = createMetrics({ areNamesTrusted: config.trustedDocuments !== null });
  metrics.measureProcess();
  const server = starting.use(await startServer({ ...config.listen, metrics, log }));
  const schema = toSchema({ federation: config.byName.FEDERATION });
  const manifest = config.trustedDocuments;
  const trustedDocuments = manifest && asConfigError(() => createTrustedDocuments(manifest, schema));
  const observer: UpstreamObserver = {
    ...metrics.upstream,
    onBreakerState(state) {
      metrics.upstream.onBreakerState(state);
      log.warn({ state }, "the circuit breaker of the payments stack");
    },
  };
  const tracing = config.traces && starting.use(await startTraces(config.traces, log));
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
    openBanking: config.byName.OPEN_BANKING_PROVIDERS ?? [],
    onError: logMapperErrors(log),
  });
  const redis = config.live.bus.kind === "redis" ? config.live.bus.url : null;
  const queryLimits = new Reloadable(config.limits.query);
  const rateLimitValues = new Reloadable(config.limits.rate);
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
    authenticate: createAuthenticate(config.auth),
    cursors: createCursorSeal(config.cursorSecret),
    introspection: config.introspection,
    redirectOrigins: config.redirectOrigins,
    providers,
    startTrace: tracing?.start ?? null,
    operationLog: createOperationLog(log, metrics),
  });
  const graphql = createGraphql({
    pipeline,
    schema,
    origins: config.origins,
    trustedProxies: config.byName.TRUSTED_PROXIES,
    graphiql: config.graphiql,
    maxRequestBytes: config.limits.requestBytes,
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
  if (config.auth.kind === "open") log.warn("authentication is off: every caller is an operator");
  log.info(`GraphQL is at ${url}/graphql${config.graphiql ? ", in a browser with GraphiQL" : ""}`);
  const started = starting.move();
  return {
    url,
    change({ limits, trustedDocuments: manifest }) {
      if (manifest !== null) asConfigError(() => trustedDocuments?.replace(manifest));
      queryLimits.set(limits.query);
      rateLimitValues.set(limits.rate);
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Documents that cannot run are a problem of the settings. */
function asConfigError<Value>(use: () => Value): Value {
  try {
    return use();
  } catch (error) {
    throw error instanceof InvalidManifestError ? new ConfigError(error.message) : error;
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

async function startTraces(endpoint: URL, log: Logger): Promise<Tracing> {
  const { startTracing } = await import("./observability/tracing.ts");
  return startTracing({ endpoint, onProblem: (kind) => log.warn({ kind }, "traces are not delivered") });
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
