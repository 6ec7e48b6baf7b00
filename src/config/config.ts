/** How the gateway is set up: from the environment to the configuration of its parts, or to every problem at once. */
import type { AuthConfig } from "../auth/auth-config.ts";
import type { OwnAuthenticate } from "../auth/own-authenticate.ts";
import type { OriginRule } from "../http/csrf.ts";
import { isLoopback } from "../lib/network/loopback.ts";
import type { Limits } from "../limits/admission.ts";
import { readEnvironment, type Variables } from "./environment.ts";
import {
  type LiveConfig,
  toAuth,
  toExposure,
  toLimits,
  toLive,
  toNonEmpty,
  toUpstream,
  type UpstreamConfig,
} from "./parts.ts";
import { toProxy } from "./proxies.ts";
import type { Environment } from "./settings.ts";

/** Each feature is a union, so that half of one cannot be expressed. */
export type Config = {
  readonly listen: { readonly host: string; readonly port: number };
  readonly upstream: UpstreamConfig;
  readonly auth: AuthConfig;
  readonly live: LiveConfig;
  /** They seal cursors, the newest first; `null`: a random one for this process. */
  readonly cursorSecrets: readonly [string, ...string[]] | null;
  readonly origins: OriginRule;
  /** Where users may be sent with the outcome of a link; `null`: anywhere. */
  readonly redirectOrigins: readonly string[] | null;
  /** The only documents that run, by their hash; `null`: any document runs. */
  readonly trustedDocuments: ReadonlyMap<string, string> | null;
  readonly limits: Limits;
  /** Of the stack: the most calls at once, and the time that those of one operation share. */
  readonly calls: { readonly sockets: number; readonly timeoutMs: number };
  readonly graphiql: boolean;
  readonly introspection: boolean;
  /** Where traces are sent; `null`: nothing is traced. */
  readonly traces: { readonly endpoint: URL; readonly proxy: URL | null } | null;
  /** Every setting's value: all that is needed of those that stand for themselves. */
  readonly byName: Environment;
};

/** The environment cannot be used; `message` names every problem, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** What a program gives itself, in place of settings. */
export type InPlaceOfSettings = {
  /** In place of `AUTH_…`. */
  readonly authenticate?: OwnAuthenticate | undefined;
  /** In place of `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly tracerProvider?: object | undefined;
};

/**
 * Reads the settings: those of the environment, then those of the file that SETTINGS_FILE names.
 * @throws {ConfigError} that names every problem at once; values are never quoted, since they may be secrets.
 */
export function readConfig(variables: Variables, inPlace: InPlaceOfSettings = {}): Config {
  const { env, wrong, problems } = readEnvironment(variables);
  const crossProblems: string[] = [];
  const config = toConfig(env, inPlace, crossProblems);
  // What follows from a setting that is wrong by itself is not worth a line.
  const all = [...problems, ...crossProblems.filter((problem) => !wrong.some((name) => problem.includes(name)))];
  if (all.length > 0 || config === null) throw new ConfigError([...new Set(all)].join("\n"));
  return config;
}

/** @returns `null` where a problem leaves none. */
function toConfig(env: Environment, inPlace: InPlaceOfSettings, problems: string[]): Config | null {
  const upstream = toUpstream(env, problems);
  const auth = toAuth(env, inPlace.authenticate, problems);
  const live = toLive(env, problems);
  const { graphiql, introspection } = toExposure(env, problems);
  const isOpenOnPurpose = env.AUTH === "off";
  if (upstream?.kind === "stack" && auth?.kind === "open" && !isOpenOnPurpose && !isLoopback(env.HOST)) {
    problems.push("AUTH_JWKS_URL or AUTH_JWKS_FILE is required where others reach HOST, or AUTH=off");
  }
  if (inPlace.tracerProvider !== undefined && env.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined) {
    problems.push("tracerProvider excludes OTEL_EXPORTER_OTLP_ENDPOINT");
  }
  const limits = toLimits(env, problems);
  if (upstream === null || auth === null) return null;
  return {
    listen: { host: env.HOST, port: env.PORT },
    upstream,
    auth,
    live,
    cursorSecrets: toNonEmpty(env.CURSOR_SECRETS),
    origins: {
      allowed: env.CORS_ORIGINS ?? [],
      // What is in front of AUTH=off may be nothing: then a page of any site could be.
      localOnly: auth.kind === "open" && isLoopback(env.HOST),
    },
    redirectOrigins: env.REDIRECT_ORIGINS ?? null,
    trustedDocuments: env.TRUSTED_DOCUMENTS ?? null,
    limits,
    calls: { sockets: env.MAX_UPSTREAM_CALLS, timeoutMs: env.OPERATION_TIMEOUT_SECONDS * 1000 },
    graphiql,
    introspection,
    traces: toTraces(env),
    byName: env,
  };
}

function toTraces(env: Environment): Config["traces"] {
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return null;
  const endpoint = new URL(env.OTEL_EXPORTER_OTLP_ENDPOINT);
  return { endpoint, proxy: toProxy(endpoint, env) };
}
