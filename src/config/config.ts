import { readFileSync } from "node:fs";
import { isDeepStrictEqual, parseEnv } from "node:util";
import type { JSONWebKeySet } from "jose";
import { z } from "zod";
import type { OriginRule } from "../http/csrf.ts";
import type { Limits } from "../limits/admission.ts";
import { isRedirectUrl } from "../schema/input.ts";
import type { Credentials } from "../upstream/transport/transport.ts";

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
  readonly origins: OriginRule;
  /** Where users may be sent with the outcome of a link; `null`: anywhere. */
  readonly redirectOrigins: readonly string[] | null;
  /** The only documents that run, by their hash; `null`: any document runs. */
  readonly trustedDocuments: ReadonlyMap<string, string> | null;
  readonly limits: Limits;
  /** Of the stack: the most calls at once, and the time that those of one operation share. */
  readonly calls: { readonly sockets: number; readonly timeoutMs: number };
  /** How many proxies in front say in `X-Forwarded-For` whom they speak for. */
  readonly trustedProxies: number;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  /** Where traces are sent; `null`: nothing is traced. */
  readonly traces: URL | null;
  /** Whether the graph is a subgraph of Apollo Federation, too. */
  readonly federation: boolean;
  readonly logLevel: (typeof logLevels)[number];
};

export type AuthConfig =
  /** Everybody is an operator. */
  | { readonly kind: "open" }
  | {
      readonly kind: "jwt";
      readonly keys:
        | { readonly kind: "url"; readonly url: URL }
        | { readonly kind: "file"; readonly set: JSONWebKeySet };
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
const httpUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL", abort: true })
  .refine((text) => new URL(text).username === "" && new URL(text).password === "", "must not hold user or password")
  .optional();
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
const origins = z
  .string()
  .transform(toList)
  .refine((list) => list.every(isOrigin), {
    error: "must hold origins such as https://app.example.com, with commas between",
    abort: true,
  })
  .optional();
const count = (least: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= least, `must be a whole number from ${least} on`)
    .transform(Number);
const rate = z.union([z.literal("off").transform(() => null), count(1)], "must be a number of calls a minute, or off");

/** The JSON in a file, in one of these shapes. */
const jsonFile = <Value>(shape: z.ZodType<Value>, wanted: string) =>
  z
    .string()
    .transform((path, context): Value => {
      try {
        return shape.parse(JSON.parse(readFileSync(path, "utf8")));
      } catch (error) {
        const isThere = error instanceof SyntaxError || error instanceof z.ZodError;
        context.addIssue(isThere ? `must name a file with ${wanted}` : "names a file that cannot be read");
        return z.NEVER;
      }
    })
    .optional();

/** Public keys alone: who can read the file must not be able to sign. */
const publicKey = z.looseObject({ kty: z.enum(["RSA", "EC", "OKP"]) }).refine((key) => !("d" in key));
const isKeySet = (value: unknown) => z.object({ keys: z.array(publicKey).min(1) }).safeParse(value).success;
const keySet = z.custom<JSONWebKeySet>(isKeySet);
const manifest = z
  .record(z.string(), z.string())
  .transform((documents) => new Map(Object.entries(documents)))
  .refine(({ size }) => size > 0);

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
  AUTH_JWKS_FILE: jsonFile(keySet, "a JSON Web Key Set of public keys (RSA, EC or OKP)"),
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
  CORS_ORIGINS: origins,
  // Elsewhere `http` would send the outcome of a link over the network in the open.
  REDIRECT_ORIGINS: origins.refine(
    (list) => list === undefined || list.every((origin) => isRedirectUrl(`${origin}/`)),
    "must hold https origins, or http on localhost",
  ),
  TRUSTED_DOCUMENTS: jsonFile(manifest, 'a manifest of documents by hash: {"<hash>": "query …"}'),
  TRUSTED_PROXIES: count(0).default(0),
  MAX_QUERY_COST: count(1).default(1000),
  MAX_QUERY_VALUES: count(1).default(100_000),
  MAX_QUERY_DEPTH: count(1).default(15),
  MAX_QUERY_ALIASES: count(0).default(50),
  MAX_QUERY_DIRECTIVES: count(0).default(50),
  MAX_QUERY_TOKENS: count(1).default(2000),
  MAX_UPSTREAM_CALLS: count(1).default(256),
  OPERATION_TIMEOUT_SECONDS: count(1).default(10),
  MAX_REQUEST_BYTES: count(1024).default(256 * 1024),
  RATE_LIMIT_PSU: rate.default(1200),
  RATE_LIMIT_OPERATOR: rate.default(60_000),
  RATE_LIMIT_ADDRESS: rate.default(60_000),
  GRAPHIQL: flag,
  INTROSPECTION: flag,
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl,
  FEDERATION: flag,
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`).default("info"),
});

type Variables = Readonly<Record<string, string | undefined>>;

export const settingNames: readonly string[] = ["SETTINGS_FILE", ...Object.keys(environment.shape)];

/** What may change while the gateway runs. */
const reloadable = /^(LOG_LEVEL|TRUSTED_DOCUMENTS|MAX_QUERY_\w+|RATE_LIMIT_\w+)$/;

/** The settings, and each as it was read, by its name. */
export type Settings = { readonly config: Config; readonly byName: Readonly<Record<string, unknown>> };

/** The names of the settings that differ, by whether the change can be taken over by a gateway that runs. */
export function compareSettings(running: Settings, next: Settings): { changed: string[]; needRestart: string[] } {
  const differ = settingNames.filter((name) => !isDeepStrictEqual(running.byName[name], next.byName[name]));
  // Whether documents must be trusted decides on more than the documents.
  const isSwitched = (running.config.trustedDocuments === null) !== (next.config.trustedDocuments === null);
  const canChange = (name: string) => reloadable.test(name) && !(name === "TRUSTED_DOCUMENTS" && isSwitched);
  return { changed: differ.filter(canChange), needRestart: differ.filter((name) => !canChange(name)) };
}

export function readConfig(variables: Variables): Config {
  return readSettings(variables).config;
}

/** An empty value counts as unset. */
function toGiven(variables: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => {
      const text = value?.trim();
      return text ? [[name, text]] : [];
    }),
  );
}

/** What the file of settings gives; nothing where none is named. */
function readFile(path: string | undefined, problems: string[]): Record<string, string> {
  if (path === undefined) return {};
  try {
    const given = toGiven(parseEnv(readFileSync(path, "utf8")));
    for (const name of Object.keys(given)) {
      if (name !== "SETTINGS_FILE" && settingNames.includes(name)) continue;
      // What stands there in place of a name may be the second line of a secret.
      const shown = /^[A-Z][A-Z_]{0,63}$/.test(name) ? name : "a line";
      problems.push(`SETTINGS_FILE: ${shown} is no setting that it can hold`);
    }
    return given;
  } catch {
    problems.push("SETTINGS_FILE names a file that cannot be read");
    return {};
  }
}

/**
 * Reads the settings: those of the environment, then those of the file that SETTINGS_FILE names.
 * @throws {ConfigError} that names every problem at once; values are never quoted, since they may be secrets.
 */
export function readSettings(variables: Variables): Settings {
  const ofFile: string[] = [];
  const fromEnvironment = toGiven(variables);
  const given = { ...readFile(fromEnvironment["SETTINGS_FILE"], ofFile), ...fromEnvironment };
  const first = environment.safeParse(given);
  const bad = first.success ? [] : first.error.issues.map(({ path: [name] }) => String(name));
  // What is wrong with one setting must not hide what is wrong between others.
  const env = first.success ? first.data : environment.parse(omit(given, bad));
  const problems: string[] = [];
  const production = env.NODE_ENV === "production";
  const upstream = readUpstream(env, production, problems);
  const auth = readAuth(env, production, problems);
  const live = readLive(env, problems);
  if (production && env.REDIS_URL !== undefined && env.CURSOR_SECRET === undefined) {
    problems.push("CURSOR_SECRET is required with REDIS_URL and NODE_ENV=production: replicas must share it");
  }
  const graphiql = env.GRAPHIQL ?? (!production && env.TRUSTED_DOCUMENTS === undefined);
  const introspection = env.INTROSPECTION ?? (graphiql || (!production && env.TRUSTED_DOCUMENTS === undefined));
  if (graphiql && env.TRUSTED_DOCUMENTS !== undefined) {
    problems.push("GRAPHIQL=on and TRUSTED_DOCUMENTS exclude each other: its queries are not in the manifest");
  }
  if (graphiql && !introspection) problems.push("GRAPHIQL=on requires INTROSPECTION=on: it shows the schema");
  if (upstream?.kind === "stack" && auth?.kind === "open" && env.AUTH !== "off" && !isLoopback(env.HOST)) {
    problems.push("AUTH_JWKS_URL or AUTH_JWKS_FILE is required where others reach HOST, or AUTH=off");
  }
  const limits = readLimits(env, problems);
  const wrong = [
    ...ofFile,
    ...(first.error?.issues ?? []).map((issue) => `${issue.path[0]?.toString()} ${issue.message}`),
    ...problems.filter((problem) => !bad.some((name) => problem.includes(name))),
  ];
  if (wrong.length > 0 || upstream === null || auth === null) throw new ConfigError([...new Set(wrong)].join("\n"));
  const config: Config = {
    listen: { host: env.HOST, port: env.PORT },
    upstream,
    auth,
    live,
    cursorSecret: env.CURSOR_SECRET ?? null,
    origins: {
      allowed: env.CORS_ORIGINS ?? [],
      // Open without having been asked to be: a developer's own machine.
      localOnly: auth.kind === "open" && env.AUTH !== "off" && isLoopback(env.HOST),
    },
    redirectOrigins: env.REDIRECT_ORIGINS ?? null,
    trustedDocuments: env.TRUSTED_DOCUMENTS ?? null,
    limits,
    calls: { sockets: env.MAX_UPSTREAM_CALLS, timeoutMs: env.OPERATION_TIMEOUT_SECONDS * 1000 },
    trustedProxies: env.TRUSTED_PROXIES,
    graphiql,
    introspection,
    traces: env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? null : new URL(env.OTEL_EXPORTER_OTLP_ENDPOINT),
    federation: env.FEDERATION ?? false,
    logLevel: env.LOG_LEVEL,
  };
  return { config, byName: env };
}

function omit<Value>(values: Readonly<Record<string, Value>>, names: readonly string[]): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
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

/** Only programs of this machine can reach it. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function readLimits(env: Environment, problems: string[]): Limits {
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
  const { AUTH_JWKS_URL: url, AUTH_JWKS_FILE: set, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = env;
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
  if (url === undefined && set === undefined)
    problems.push("AUTH_JWKS_URL or AUTH_JWKS_FILE is required to check tokens");
  if (url !== undefined && set !== undefined) problems.push("AUTH_JWKS_URL and AUTH_JWKS_FILE exclude each other");
  if (issuer === undefined) problems.push("AUTH_ISSUER is required to check tokens");
  if (audience === undefined) problems.push("AUTH_AUDIENCE is required to check tokens");
  if (issuer === undefined || audience === undefined) return null;
  const keys =
    url !== undefined
      ? { kind: "url" as const, url: new URL(url) }
      : set !== undefined
        ? { kind: "file" as const, set }
        : null;
  return keys === null ? null : { kind: "jwt", keys, issuer, audience, psuClaim: env.AUTH_PSU_CLAIM };
}
