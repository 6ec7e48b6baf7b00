import { existsSync } from "node:fs";
import { z } from "zod";
import type { Credentials } from "./upstream/transport.ts";

/** How the gateway is set up. Each feature is a union, so that half of one cannot be expressed. */
export type Config = {
  readonly listen: { readonly host: string; readonly port: number };
  /** `sandbox`: no stack was named, so the embedded one is started. */
  readonly upstream:
    | { readonly kind: "sandbox" }
    | { readonly kind: "stack"; readonly url: URL; readonly credentials: Credentials };
  readonly auth: AuthConfig;
  readonly live: LiveConfig;
  /** Seals cursors; `null`: a random one for this process. */
  readonly cursorSecret: string | null;
  readonly corsOrigins: readonly string[];
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly logLevel: (typeof logLevels)[number];
};

export type AuthConfig =
  /** Everybody is an operator. */
  | { readonly kind: "open" }
  | {
      readonly kind: "jwt";
      readonly keys: { readonly kind: "url"; readonly url: URL } | { readonly kind: "file"; readonly path: string };
      readonly issuer: string;
      readonly audience: string;
      /** The claim that holds a PSU's id. */
      readonly psuClaim: string;
    };

export type LiveConfig = {
  /** Carries hints to the other replicas. */
  readonly bus: { readonly kind: "memory" } | { readonly kind: "redis"; readonly url: URL };
  /** The stack's own broker; `null`: it is not read. */
  readonly nats: { readonly url: string; readonly subject: string } | null;
  /** Of the stack's webhook, the newest first; `null`: webhooks are not taken. */
  readonly webhookSecrets: readonly [string, ...string[]] | null;
  /** How long a link can be completed, and how old data may be before it is called stale. */
  readonly linkLifetimeMs: number;
  readonly staleAfterMs: number;
};

/** The environment cannot be used; `message` names every problem, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

const text = z.string().optional();
const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional();
const flag = z
  .enum(["on", "off"], "must be on or off")
  .transform((value) => value === "on")
  .optional();
const hours = z
  .string()
  .refine((text) => Number(text) > 0 && Number.isFinite(Number(text)), "must be a number of hours")
  .transform(Number)
  .default(24);
const toList = (text: string) => text.split(",").map((item) => item.trim());
const isOrigin = (value: string) => URL.canParse(value) && new URL(value).origin === value;

const environment = z.object({
  NODE_ENV: text,
  PORT: z
    .string()
    .refine((port) => /^\d+$/.test(port) && Number(port) <= 65535, "must be a port number")
    .transform(Number)
    .default(4000),
  HOST: z.string().default("127.0.0.1"),
  FORMANCE_API_URL: httpUrl,
  FORMANCE_CLIENT_ID: text,
  FORMANCE_CLIENT_SECRET: text,
  FORMANCE_TOKEN: text,
  AUTH: z.literal("off", "can only be off").optional(),
  AUTH_JWKS_URL: httpUrl,
  AUTH_JWKS_FILE: text.refine((path) => path === undefined || existsSync(path), "names a file that does not exist"),
  AUTH_ISSUER: text,
  AUTH_AUDIENCE: text,
  AUTH_PSU_CLAIM: z.string().default("psu_id"),
  FORMANCE_WEBHOOK_SECRETS: z
    .string()
    .transform(toList)
    .refine(
      (secrets) => secrets.every((secret) => secret.length >= 16),
      "must hold secrets of at least 16 characters, with commas between",
    )
    .optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: "must be a redis or rediss URL" }).optional(),
  NATS_URL: z.url({ protocol: /^(nats|tls)$/, error: "must be a nats or tls URL" }).optional(),
  NATS_SUBJECT: z
    .string()
    .regex(/^[^\s.]+(\.[^\s.]+)*$/, "must be a NATS subject")
    .optional(),
  LINK_LIFETIME_HOURS: hours,
  STALE_AFTER_HOURS: hours,
  CURSOR_SECRET: z.string().min(32, "must have at least 32 characters").optional(),
  CORS_ORIGINS: z
    .string()
    .transform((list) => list.split(",").map((item) => item.trim()))
    .refine(
      (origins) => origins.every(isOrigin),
      "must hold origins such as https://app.example.com, with commas between",
    )
    .optional(),
  GRAPHIQL: flag,
  INTROSPECTION: flag,
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`).default("info"),
});

/** Settings of the contract whose features this version lacks. Ignoring one would be a silent gap in what it guards. */
const unsupported = ["TRUSTED_DOCUMENTS", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/**
 * Reads the settings. An empty value counts as unset.
 * @throws {ConfigError} that names every problem at once; values are never quoted, since they may be secrets.
 */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(variables)
      .map(([name, value]) => [name, value?.trim()] as const)
      .filter(([, value]) => value),
  );
  const parsed = environment.safeParse(given);
  const problems = unsupported
    .filter((name) => name in given)
    .map((name) => `${name} is not supported by this version`);
  if (!parsed.success) {
    problems.unshift(...parsed.error.issues.map((issue) => `${issue.path[0]?.toString()} ${issue.message}`));
    throw new ConfigError(problems.join("\n"));
  }
  const env = parsed.data;
  const production = env.NODE_ENV === "production";
  const upstream = readUpstream(env, production, problems);
  const auth = readAuth(env, production, problems);
  const live = readLive(env, problems);
  if (production && env.REDIS_URL !== undefined && env.CURSOR_SECRET === undefined) {
    problems.push("CURSOR_SECRET is required with REDIS_URL and NODE_ENV=production: replicas must share it");
  }
  if (problems.length > 0 || upstream === null || auth === null) throw new ConfigError(problems.join("\n"));
  return {
    listen: { host: env.HOST, port: env.PORT },
    upstream,
    auth,
    live,
    cursorSecret: env.CURSOR_SECRET ?? null,
    corsOrigins: env.CORS_ORIGINS ?? [],
    graphiql: env.GRAPHIQL ?? !production,
    introspection: env.INTROSPECTION ?? !production,
    logLevel: env.LOG_LEVEL,
  };
}

type Environment = z.output<typeof environment>;

function readUpstream(env: Environment, production: boolean, problems: string[]): Config["upstream"] | null {
  const { FORMANCE_API_URL: url, FORMANCE_CLIENT_ID: clientId, FORMANCE_CLIENT_SECRET: clientSecret } = env;
  const token = env.FORMANCE_TOKEN;
  const hasClient = clientId !== undefined || clientSecret !== undefined;
  if (url === undefined) {
    if (production) problems.push("FORMANCE_API_URL is required with NODE_ENV=production");
    if (hasClient || token !== undefined) problems.push("FORMANCE_API_URL is required with credentials for it");
    return { kind: "sandbox" };
  }
  if (hasClient && token !== undefined) {
    problems.push("FORMANCE_TOKEN and FORMANCE_CLIENT_ID exclude each other");
    return null;
  }
  if (token !== undefined) return { kind: "stack", url: new URL(url), credentials: { kind: "token", token } };
  if (clientId !== undefined && clientSecret !== undefined) {
    return { kind: "stack", url: new URL(url), credentials: { kind: "client", clientId, clientSecret } };
  }
  if (clientId !== undefined) problems.push("FORMANCE_CLIENT_SECRET is required with FORMANCE_CLIENT_ID");
  else if (clientSecret !== undefined) problems.push("FORMANCE_CLIENT_ID is required with FORMANCE_CLIENT_SECRET");
  else problems.push("FORMANCE_CLIENT_ID and FORMANCE_CLIENT_SECRET, or FORMANCE_TOKEN, are required");
  return null;
}

function readLive(env: Environment, problems: string[]): LiveConfig {
  const { REDIS_URL: redis, NATS_URL: nats, NATS_SUBJECT: subject, FORMANCE_WEBHOOK_SECRETS: secrets } = env;
  if (subject !== undefined && nats === undefined) problems.push("NATS_URL is required with NATS_SUBJECT");
  const [newest, ...older] = secrets ?? [];
  return {
    bus: redis === undefined ? { kind: "memory" } : { kind: "redis", url: new URL(redis) },
    nats: nats === undefined ? null : { url: nats, subject: subject ?? "payments" },
    webhookSecrets: newest === undefined ? null : [newest, ...older],
    linkLifetimeMs: env.LINK_LIFETIME_HOURS * 3_600_000,
    staleAfterMs: env.STALE_AFTER_HOURS * 3_600_000,
  };
}

function readAuth(env: Environment, production: boolean, problems: string[]): AuthConfig | null {
  const { AUTH_JWKS_URL: url, AUTH_JWKS_FILE: path, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = env;
  const names = ["AUTH_JWKS_URL", "AUTH_JWKS_FILE", "AUTH_ISSUER", "AUTH_AUDIENCE"] as const;
  const given = names.filter((name) => env[name] !== undefined);
  if (env.AUTH === "off") {
    if (given.length > 0) problems.push(`AUTH=off excludes ${given.join(", ")}`);
    return { kind: "open" };
  }
  if (given.length === 0) {
    if (production) problems.push("AUTH_JWKS_URL or AUTH_JWKS_FILE is required with NODE_ENV=production, or AUTH=off");
    return { kind: "open" };
  }
  if (url === undefined && path === undefined)
    problems.push("AUTH_JWKS_URL or AUTH_JWKS_FILE is required to check tokens");
  if (url !== undefined && path !== undefined) problems.push("AUTH_JWKS_URL and AUTH_JWKS_FILE exclude each other");
  if (issuer === undefined) problems.push("AUTH_ISSUER is required to check tokens");
  if (audience === undefined) problems.push("AUTH_AUDIENCE is required to check tokens");
  if (issuer === undefined || audience === undefined) return null;
  const keys =
    url !== undefined
      ? { kind: "url" as const, url: new URL(url) }
      : path !== undefined
        ? { kind: "file" as const, path }
        : null;
  return keys === null ? null : { kind: "jwt", keys, issuer, audience, psuClaim: env.AUTH_PSU_CLAIM };
}
