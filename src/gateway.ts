/** `createGateway`: the gateway as a library, which the command starts, too. */
import type { TracerProvider } from "@opentelemetry/api";
import type { GraphQLSchema } from "graphql";
import { type DestinationStream, type Logger, pino } from "pino";
import type { Registry } from "prom-client";
import { listen, prepare, type Started } from "./app.ts";
import type { OwnAuthenticate } from "./auth/own-authenticate.ts";
import { ConfigError, readConfig } from "./config/config.ts";
import type { Variables } from "./config/environment.ts";
import { createReload } from "./config/reload.ts";
import { findPluginProblems, type RequestPlugin } from "./http/plugins.ts";
import { createLogger } from "./observability/logger.ts";
import type { Extend } from "./schema/extension.ts";
import { findProviderProblems } from "./upstream/providers/own-providers.ts";
import type { Provider } from "./upstream/providers/provider.ts";

export type GatewayOptions = {
  /** By their names in docs/configuration.md; default `process.env`. */
  readonly settings?: Variables;
  /** Adds own fields and types. All gateways of a process share one graph: give each the same function. */
  readonly extend?: Extend;
  /** Says who a caller is, in place of the settings `AUTH_…`. */
  readonly authenticate?: OwnAuthenticate;
  /** For requests by HTTP. With any, every request takes the longer way through Yoga. */
  readonly plugins?: readonly RequestPlugin[];
  /** By the name that the service writes: what the rows of a plugin of one's own mean. */
  readonly providers?: Readonly<Record<string, Provider>>;
  /** A logger, whose level is then its own; or where lines of JSON go. Default: the standard output. */
  readonly log?: Logger | DestinationStream;
  /** A registry of prom-client to which the gateway's metrics are added; `/metrics` serves all of it. */
  readonly metrics?: { readonly registry: Registry };
  /** Of OpenTelemetry, in place of `OTEL_EXPORTER_OTLP_ENDPOINT`. It is not shut down with the gateway. */
  readonly tracerProvider?: TracerProvider;
};

export type Gateway = AsyncDisposable & {
  /** With own fields and types, as for code generators. */
  readonly schema: GraphQLSchema;
  readonly log: Logger;
  /**
   * Listens at `HOST` and `PORT`, once.
   * @returns where, without a path.
   * @throws where it cannot; then it is closed. Redis and NATS that do not answer are tried again while it runs.
   */
  listen(): Promise<string>;
  /**
   * Takes over changed settings, as on SIGHUP: those that need a restart are named in the log.
   * @param settings default: those that it was created with, read again.
   * @throws {ConfigError} and changes nothing where one is wrong.
   */
  reload(settings?: Variables): void;
  /** Stops it in order, within some ten seconds; requests that are running end. Safe to be called again. */
  close(): Promise<void>;
};

/**
 * Makes a gateway that does not listen yet, and opens nothing.
 * @throws {ConfigError} that names every problem of settings and options, one a line.
 */
export async function createGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const { settings = process.env, extend, authenticate, log: given, metrics, tracerProvider } = options;
  const { plugins, providers } = options;
  const inPlace = { authenticate, tracerProvider };
  const config = readAll(options, () => readConfig(settings, inPlace));
  const log = await toLog(given, config.byName.LOG_LEVEL);
  const prepared = prepare(config, log, {
    ...(extend && { extend }),
    ...(plugins && { plugins }),
    ...(providers && { providers }),
    ...(metrics && { registry: metrics.registry }),
    ...(tracerProvider && { tracerProvider }),
  });
  const reload = createReload({ started: config, change: prepared.change, log, ownsLevel: !isLogger(given) });
  let starting: Promise<Started> | null = null;
  let closing: Promise<void> | null = null;

  async function closeOnce(): Promise<void> {
    const started = await starting?.catch(() => null); // one that failed has closed itself
    if (started == null) prepared[Symbol.dispose]();
    else await started[Symbol.asyncDispose]();
  }

  function close(): Promise<void> {
    closing ??= closeOnce();
    return closing;
  }

  return {
    schema: prepared.schema,
    log,
    async listen() {
      if (closing !== null) throw new Error("The gateway is closed.");
      if (starting !== null) throw new Error("The gateway listens already.");
      starting = listen(prepared);
      return (await starting).url;
    },
    reload: (next = settings) => reload(() => readAll({ settings: next }, () => readConfig(next, inPlace))),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const checks: Readonly<Record<keyof GatewayOptions, (value: unknown) => readonly string[]>> = {
  settings: (value) =>
    isObject(value) && !Array.isArray(value) ? [] : ["settings must be an object of texts, such as process.env"],
  extend: (value) => (typeof value === "function" ? [] : ["extend must be a function of the builder"]),
  authenticate: (value) => (typeof value === "function" ? [] : ["authenticate must be a function"]),
  plugins: (value) => (Array.isArray(value) ? findPluginProblems(value) : ["plugins must be a list"]),
  providers: findProviderProblems,
  log: (value) => (hasMethod(value, "write") || isLogger(value) ? [] : ["log must be a pino Logger or a stream"]),
  metrics: (value) =>
    isObject(value) && hasMethod(value["registry"], "registerMetric")
      ? []
      : ["metrics.registry must be a Registry of prom-client"],
  tracerProvider: (value) =>
    hasMethod(value, "getTracer") ? [] : ["tracerProvider must be a TracerProvider of OpenTelemetry"],
};

/** @throws {ConfigError} with the problems of the options and of the settings together. */
function readAll<Value>(options: GatewayOptions, read: () => Value): Value {
  const problems = Object.entries(options).flatMap(([name, value]) => {
    if (!Object.hasOwn(checks, name)) return [`${name} is no option: there are ${Object.keys(checks).join(", ")}`];
    return value === undefined ? [] : checks[name as keyof GatewayOptions](value);
  });
  if (problems.length === 0) return read();
  if (options.settings === undefined || checks.settings(options.settings).length === 0) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.message.split("\n"));
    }
  }
  throw new ConfigError(problems.join("\n"));
}

async function toLog(given: GatewayOptions["log"], level: string): Promise<Logger> {
  if (isLogger(given)) return given;
  return given === undefined ? createLogger(level) : pino({ level, base: null }, given);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function hasMethod(value: unknown, name: string): boolean {
  return isObject(value) && typeof value[name] === "function";
}

const isLogger = (value: unknown): value is Logger => hasMethod(value, "child");
