/** The parts of the configuration that several settings make together, and what must hold between those settings. */
import type { AuthConfig } from "../auth/auth-config.ts";
import type { OwnAuthenticate } from "../auth/own-authenticate.ts";
import type { Limits } from "../limits/admission.ts";
import type { Credentials } from "../upstream/transport/transport.ts";
import { toProxy } from "./proxies.ts";
import type { Environment } from "./settings.ts";

/** `sandbox`: no stack was named, so the embedded one is started. */
export type UpstreamConfig =
  | { readonly kind: "sandbox" }
  | { readonly kind: "stack"; readonly url: URL; readonly credentials: Credentials; readonly proxy: URL | null };

export type LiveConfig = {
  /** Carries events to the other replicas. */
  readonly bus: { readonly kind: "memory" } | { readonly kind: "redis"; readonly url: URL };
  /** The stack's own broker; `null`: it is not read. */
  readonly nats: { readonly url: string; readonly subject: string } | null;
  /** Of the stack's webhook, the newest first; `null`: webhooks are refused. */
  readonly webhookSecrets: readonly [string, ...string[]] | null;
  /** How long a link can be completed, and how old data may be before it is called stale. */
  readonly linkLifetimeMs: number;
  readonly staleAfterMs: number;
};

const isProduction = (env: Environment) => env.NODE_ENV === "production";

/** @returns `null` for none. */
export function toNonEmpty<Value>(list: readonly Value[] | undefined): readonly [Value, ...Value[]] | null {
  const [first, ...others] = list ?? [];
  return first === undefined ? null : [first, ...others];
}

/** @returns `null` where a problem leaves none. */
export function toUpstream(env: Environment, problems: string[]): UpstreamConfig | null {
  const { FORMANCE_API_URL: url, FORMANCE_CLIENT_ID: clientId, FORMANCE_CLIENT_SECRET: clientSecret } = env;
  const token = env.FORMANCE_TOKEN;
  const hasClient = clientId !== undefined || clientSecret !== undefined;
  if (url === undefined) {
    if (isProduction(env)) problems.push("FORMANCE_API_URL is required with NODE_ENV=production");
    if (hasClient || token !== undefined) problems.push("FORMANCE_API_URL is required with credentials for it");
    return { kind: "sandbox" };
  }
  if (hasClient && token !== undefined) {
    problems.push("FORMANCE_TOKEN and FORMANCE_CLIENT_ID exclude each other");
    return null;
  }
  const stack = { kind: "stack", url: new URL(url), proxy: toProxy(new URL(url), env) } as const;
  if (token !== undefined) return { ...stack, credentials: { kind: "token", token } };
  if (clientId !== undefined && clientSecret !== undefined) {
    return { ...stack, credentials: { kind: "client", clientId, clientSecret } };
  }
  if (clientId !== undefined) problems.push("FORMANCE_CLIENT_SECRET is required with FORMANCE_CLIENT_ID");
  else if (clientSecret !== undefined) problems.push("FORMANCE_CLIENT_ID is required with FORMANCE_CLIENT_SECRET");
  else problems.push("FORMANCE_CLIENT_ID and FORMANCE_CLIENT_SECRET, or FORMANCE_TOKEN, are required");
  return null;
}

/** @returns `null` where a problem leaves none. */
export function toAuth(
  env: Environment,
  authenticate: OwnAuthenticate | undefined,
  problems: string[],
): AuthConfig | null {
  const { AUTH_JWKS_URL: url, AUTH_JWKS_FILE: set, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = env;
  const names = ["AUTH_JWKS_URL", "AUTH_JWKS_FILE", "AUTH_ISSUER", "AUTH_AUDIENCE"] as const;
  const given = names.filter((name) => env[name] !== undefined);
  if (authenticate !== undefined) {
    const both = [...(env.AUTH === undefined ? [] : ["AUTH"]), ...given];
    if (both.length > 0) problems.push(`authenticate excludes ${both.join(", ")}`);
    return { kind: "own", authenticate };
  }
  if (env.AUTH === "off") {
    if (given.length > 0) problems.push(`AUTH=off excludes ${given.join(", ")}`);
    return { kind: "open" };
  }
  if (given.length === 0) {
    if (isProduction(env))
      problems.push("AUTH_JWKS_URL or AUTH_JWKS_FILE is required with NODE_ENV=production, or AUTH=off");
    return { kind: "open" };
  }
  if (url === undefined && set === undefined)
    problems.push("AUTH_JWKS_URL or AUTH_JWKS_FILE is required to check tokens");
  if (url !== undefined && set !== undefined) problems.push("AUTH_JWKS_URL and AUTH_JWKS_FILE exclude each other");
  if (issuer === undefined) problems.push("AUTH_ISSUER is required to check tokens");
  if (audience === undefined) problems.push("AUTH_AUDIENCE is required to check tokens");
  if (issuer === undefined || audience === undefined) return null;
  const common = { kind: "jwt", issuer, audience, psuClaim: env.AUTH_PSU_CLAIM } as const;
  if (url !== undefined) {
    const keys = { kind: "url", url: new URL(url), proxy: toProxy(new URL(url), env) } as const;
    return { ...common, keys };
  }
  if (set !== undefined) return { ...common, keys: { kind: "file", set } };
  return null;
}

export function toLive(env: Environment, problems: string[]): LiveConfig {
  const { REDIS_URL: redis, NATS_URL: nats, NATS_SUBJECT: subject, FORMANCE_WEBHOOK_SECRETS: secrets } = env;
  if (subject !== undefined && nats === undefined) problems.push("NATS_URL is required with NATS_SUBJECT");
  if (isProduction(env) && redis !== undefined && env.CURSOR_SECRETS === undefined) {
    problems.push("CURSOR_SECRETS is required with REDIS_URL and NODE_ENV=production: replicas must share it");
  }
  return {
    bus: redis === undefined ? { kind: "memory" } : { kind: "redis", url: new URL(redis) },
    nats: nats === undefined ? null : { url: nats, subject: subject ?? "payments" },
    webhookSecrets: toNonEmpty(secrets),
    linkLifetimeMs: env.LINK_LIFETIME_HOURS * 3_600_000,
    staleAfterMs: env.STALE_AFTER_HOURS * 3_600_000,
  };
}

/** What a client can learn of the schema. */
export function toExposure(env: Environment, problems: string[]): { graphiql: boolean; introspection: boolean } {
  const isTrial = !isProduction(env) && env.TRUSTED_DOCUMENTS === undefined;
  const graphiql = env.GRAPHIQL ?? isTrial;
  const introspection = env.INTROSPECTION ?? (graphiql || isTrial);
  if (graphiql && env.TRUSTED_DOCUMENTS !== undefined) {
    problems.push("GRAPHIQL=on and TRUSTED_DOCUMENTS exclude each other: its queries are not in the manifest");
  }
  if (graphiql && !introspection) problems.push("GRAPHIQL=on requires INTROSPECTION=on: it shows the schema");
  return { graphiql, introspection };
}

export function toLimits(env: Environment, problems: string[]): Limits {
  for (const name of ["RATE_LIMIT_PSU", "RATE_LIMIT_OPERATOR", "RATE_LIMIT_ADDRESS"] as const) {
    const perMinute = env[name];
    if (perMinute !== null && perMinute < env.MAX_QUERY_COST) {
      problems.push(`${name} must not be less than MAX_QUERY_COST: a query that costs it could never run`);
    }
  }
  return {
    query: {
      calls: env.MAX_QUERY_COST,
      values: env.MAX_QUERY_VALUES,
      depth: env.MAX_QUERY_DEPTH,
      aliases: env.MAX_QUERY_ALIASES,
      directives: env.MAX_QUERY_DIRECTIVES,
      tokens: env.MAX_QUERY_TOKENS,
    },
    requestBytes: env.MAX_REQUEST_BYTES,
    rate: { psu: env.RATE_LIMIT_PSU, operator: env.RATE_LIMIT_OPERATOR, address: env.RATE_LIMIT_ADDRESS },
  };
}
