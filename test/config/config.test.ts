import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../src/config/config.ts";
import type { Setting } from "../../src/config/setting.ts";
import { settingNames, settings, topics } from "../../src/config/settings.ts";

function problems(variables: Record<string, string>): string[] {
  try {
    readConfig(variables);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n");
  }
}

const stack = { FORMANCE_API_URL: "https://stack.example.com", FORMANCE_TOKEN: "t" };
const jwt = {
  AUTH_JWKS_URL: "https://issuer.example.com/jwks",
  AUTH_ISSUER: "https://issuer.example.com",
  AUTH_AUDIENCE: "api",
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "settings-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with this content. */
function file(content: unknown): string {
  const path = join(folder, `${Math.random()}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("settings", () => {
  it("default to the sandbox on localhost:4000, open, with GraphiQL", () => {
    const { byName, ...config } = readConfig({});
    expect(byName).toMatchObject({ TRUSTED_PROXIES: 0, FEDERATION: false, LOG_LEVEL: "info" });
    expect(config).toEqual({
      listen: { host: "127.0.0.1", port: 4000 },
      upstream: { kind: "sandbox" },
      auth: { kind: "open" },
      live: {
        bus: { kind: "memory" },
        nats: null,
        webhookSecrets: null,
        linkLifetimeMs: 86_400_000,
        staleAfterMs: 86_400_000,
      },
      cursorSecrets: null,
      origins: { allowed: [], localOnly: true },
      redirectOrigins: null,
      trustedDocuments: null,
      limits: {
        query: { calls: 1000, values: 100_000, depth: 15, aliases: 50, directives: 50, tokens: 2000 },
        requestBytes: 262_144,
        rate: { psu: 1200, operator: 60_000, address: 60_000 },
      },
      calls: { sockets: 256, timeoutMs: 10_000 },
      graphiql: true,
      introspection: true,
      traces: null,
    });
  });

  it("each belong to a topic, and are marked where they are secret or may hold a password", () => {
    expect(Object.values(topics).flatMap((topic) => Object.keys(topic))).toEqual([...settingNames]);
    const mayHoldSecret = /SECRET|TOKEN$|^(REDIS|NATS)_URL$|^HTTPS?_PROXY$/;
    for (const [name, { isSecret }] of Object.entries<Setting>(settings)) {
      expect([name, isSecret ?? false]).toEqual([name, mayHoldSecret.test(name)]);
    }
  });

  it("take an empty value for none, as compose files write it", () => {
    expect(readConfig({ FORMANCE_API_URL: "", PORT: " " })).toEqual(readConfig({}));
  });

  it("describe a stack by client credentials or by a static token", () => {
    const client = { FORMANCE_CLIENT_ID: "id", FORMANCE_CLIENT_SECRET: "secret" };
    expect(readConfig({ FORMANCE_API_URL: "https://s.example.com/x", ...client }).upstream).toEqual({
      kind: "stack",
      url: new URL("https://s.example.com/x"),
      proxy: null,
      credentials: { kind: "client", clientId: "id", clientSecret: "secret" },
    });
    expect(readConfig(stack).upstream).toMatchObject({ credentials: { kind: "token", token: "t" } });
  });

  it("describe the live side: secrets with the newest first, the bus, and the stack's own broker", () => {
    const secrets = "newest-secret-1234,older-secret-12345";
    const live = { FORMANCE_WEBHOOK_SECRETS: secrets, REDIS_URL: "redis://cache:6379", NATS_URL: "nats://broker:4222" };
    expect(readConfig(live).live).toMatchObject({
      bus: { kind: "redis", url: new URL("redis://cache:6379") },
      nats: { url: "nats://broker:4222", subject: "payments" },
      webhookSecrets: ["newest-secret-1234", "older-secret-12345"],
    });
  });

  it("serve a subgraph only where asked to, whatever else is on", () => {
    expect(readConfig({ FEDERATION: "on", INTROSPECTION: "off", GRAPHIQL: "off" }).byName.FEDERATION).toBe(true);
    expect(readConfig({ FEDERATION: "off", INTROSPECTION: "on" }).byName.FEDERATION).toBe(false);
    expect(problems({ FEDERATION: "yes" })).toEqual(["FEDERATION must be on or off"]);
  });

  it("turn GraphiQL and introspection off in production unless asked for", () => {
    const production = { NODE_ENV: "production", AUTH: "off", ...stack };
    expect(readConfig(production)).toMatchObject({ graphiql: false, introspection: false });
    expect(readConfig({ ...production, GRAPHIQL: "on" })).toMatchObject({ graphiql: true, introspection: true });
  });

  it("come from the environment first, and then from the file that SETTINGS_FILE names", () => {
    const SETTINGS_FILE = file("# chosen by hand\nPORT=4100\nLOG_LEVEL='debug'\nHOST=\n");
    const defaults = readConfig({});
    expect(readConfig({ SETTINGS_FILE, PORT: "4200", LOG_LEVEL: "" })).toEqual({
      ...defaults,
      listen: { host: "127.0.0.1", port: 4200 },
      byName: { ...defaults.byName, SETTINGS_FILE, PORT: 4200, LOG_LEVEL: "debug" },
    });
  });

  it("are refused for a file with what is no setting, or half of one beside the environment", () => {
    const SETTINGS_FILE = file("SETTINGS_FILE=x\nPORTS=1\nFORMANCE_CLIENT_ID=i\nc2VjcmV0=\nc2VjcmV0=x");
    expect(problems({ SETTINGS_FILE, FORMANCE_API_URL: "https://s.example.com" })).toEqual([
      "SETTINGS_FILE: line 1: it cannot name another one",
      "SETTINGS_FILE: line 2: PORTS is no setting: did you mean PORT?",
      "SETTINGS_FILE: line 4: this is no setting",
      "SETTINGS_FILE: line 5: this is no setting",
      "FORMANCE_CLIENT_SECRET is required with FORMANCE_CLIENT_ID",
    ]);
  });

  it("are refused as a whole, with every problem named", () => {
    expect(problems({ PORT: "70000", LOG_LEVEL: "loud", GRAPHIQL: "maybe", CORS_ORIGINS: "https://a.com/x" })).toEqual([
      "PORT must be a port number",
      "CORS_ORIGINS must hold origins such as https://app.example.com, with commas between",
      "GRAPHIQL must be on or off",
      "LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent",
    ]);
  });

  it.each([
    ["a stack without credentials", { FORMANCE_API_URL: "https://s.example.com" }, /FORMANCE_TOKEN, are required/],
    ["credentials without a stack", { FORMANCE_TOKEN: "t" }, /FORMANCE_API_URL is required/],
    [
      "half of the client's credentials",
      { ...stack, FORMANCE_TOKEN: "", FORMANCE_CLIENT_ID: "i" },
      /SECRET is required/,
    ],
    ["two kinds of credentials", { ...stack, FORMANCE_CLIENT_ID: "i", FORMANCE_CLIENT_SECRET: "s" }, /exclude/],
    ["keys without an audience", { ...jwt, AUTH_AUDIENCE: "" }, /AUTH_AUDIENCE is required/],
    ["an audience without keys", { ...jwt, AUTH_JWKS_URL: "" }, /AUTH_JWKS_URL or AUTH_JWKS_FILE is required/],
    ["a file of keys that is not there", { ...jwt, AUTH_JWKS_URL: "", AUTH_JWKS_FILE: "no.json" }, /cannot be read/],
    ["a URL of keys with a password", { ...jwt, AUTH_JWKS_URL: "https://a:b@issuer.example.com" }, /user or password/],
    ["a stack's URL that is none", { ...stack, FORMANCE_API_URL: "stack" }, /FORMANCE_API_URL must be an http/],
    ["a stack's URL with a password", { ...stack, FORMANCE_API_URL: "https://a:b@s.example.com" }, /user or password/],
    ["a stack that others reach as operators", { ...stack, HOST: "0.0.0.0" }, /where others reach HOST, or AUTH=off/],
    ["GraphiQL without introspection", { GRAPHIQL: "on", INTROSPECTION: "off" }, /GRAPHIQL=on requires INTROSPECTION/],
    ["any origin", { CORS_ORIGINS: "*" }, /must hold origins/],
    ["a redirect to anywhere", { REDIRECT_ORIGINS: "https://*.example.com/" }, /must hold origins/],
    ["a redirect in the open", { REDIRECT_ORIGINS: "http://app.example.com" }, /must hold https origins/],
    ["no calls at all", { MAX_QUERY_COST: "0" }, /whole number from 1 on/],
    ["a limit that is no number", { MAX_QUERY_DEPTH: "deep" }, /whole number from 1 on/],
    ["a rate that is no number", { RATE_LIMIT_PSU: "-5" }, /calls a minute, or off/],
    ["a budget that no query fits in", { RATE_LIMIT_PSU: "500" }, /must not be less than MAX_QUERY_COST/],
    ["a number of proxies that is none", { TRUSTED_PROXIES: "all" }, /whole number from 0 to 32/],
    ["a manifest that is not there", { TRUSTED_DOCUMENTS: "no.json" }, /cannot be read/],
    ["a file of settings that is not there", { SETTINGS_FILE: "no.env" }, /cannot be read/],
    ["AUTH=off beside keys", { ...jwt, AUTH: "off" }, /AUTH=off excludes/],
    ["production without authentication", { NODE_ENV: "production", ...stack }, /or AUTH=off/],
    ["a short cursor secret", { CURSOR_SECRETS: "short" }, /at least 32 characters/],
    ["a short cursor secret behind another", { CURSOR_SECRETS: `${"x".repeat(32)},short` }, /at least 32 characters/],
    ["a short webhook secret", { FORMANCE_WEBHOOK_SECRETS: "long-enough-secret,short" }, /at least 16 characters/],
    ["a bus that is no Redis", { REDIS_URL: "https://cache" }, /redis or rediss URL/],
    ["a link that lives no time", { LINK_LIFETIME_HOURS: "0" }, /must be a number of hours/],
    ["a subject without a broker", { NATS_SUBJECT: "payments" }, /NATS_URL is required/],
    [
      "replicas in production that do not share their cursors",
      { NODE_ENV: "production", AUTH: "off", ...stack, REDIS_URL: "redis://cache" },
      /CURSOR_SECRETS is required/,
    ],
    ["a collector of traces that is no URL", { OTEL_EXPORTER_OTLP_ENDPOINT: "o:4318" }, /must be an http or https URL/],
  ])("are refused for %s", (_title, variables, expected) => {
    expect(problems(variables)).toEqual([expect.stringMatching(expected)]);
  });

  it.each([
    ["no JSON", "not json"],
    ["no set", {}],
    ["no keys", { keys: [] }],
    ["a shared secret", { keys: [{ kty: "oct", k: "c2VjcmV0" }] }],
  ])("are refused for a file of keys that holds %s", (_title, content) => {
    const variables = { ...jwt, AUTH_JWKS_URL: "", AUTH_JWKS_FILE: file(content) };
    expect(problems(variables)).toEqual([expect.stringMatching(/AUTH_JWKS_FILE .*public keys/)]);
  });

  it("are refused for a file of keys that holds a private one, and taken with its public half", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const variables = async (key: CryptoKey) => ({
      ...jwt,
      AUTH_JWKS_URL: "",
      AUTH_JWKS_FILE: file({ keys: [await exportJWK(key)] }),
    });
    expect(problems(await variables(privateKey))).toEqual([expect.stringMatching(/public keys/)]);
    expect(problems(await variables(publicKey))).toEqual([]);
    expect(problems({ ...(await variables(publicKey)), ...jwt })).toEqual([
      "AUTH_JWKS_URL and AUTH_JWKS_FILE exclude each other",
    ]);
  });

  it.each([
    ["no JSON", "{"],
    ["a list", []],
    ["nothing", {}],
    ["what is no text", { abc: 1 }],
  ])("are refused for a manifest that holds %s", (_title, content) => {
    expect(problems({ TRUSTED_DOCUMENTS: file(content) })).toEqual([expect.stringMatching(/manifest of documents/)]);
  });

  it("turn GraphiQL and introspection off with trusted documents, and refuse GraphiQL beside them", () => {
    const TRUSTED_DOCUMENTS = file({ abc: "{ viewer { subject } }" });
    expect(readConfig({ TRUSTED_DOCUMENTS })).toMatchObject({ graphiql: false, introspection: false });
    expect(problems({ TRUSTED_DOCUMENTS, GRAPHIQL: "on" })).toEqual([expect.stringMatching(/exclude each other/)]);
  });

  it("report what is wrong between settings also when one is wrong by itself", () => {
    expect(problems({ PORT: "x", FORMANCE_CLIENT_ID: "i", AUTH_JWKS_FILE: "no.json", AUTH_ISSUER: "i" })).toEqual([
      "PORT must be a port number",
      "AUTH_JWKS_FILE names a file that cannot be read, or is not UTF-8",
      "FORMANCE_API_URL is required with credentials for it",
      "AUTH_AUDIENCE is required to check tokens",
    ]);
  });

  it("never show a value, since it may be a secret", () => {
    const secret = "ftp://user:hunter2@host";
    expect(problems({ FORMANCE_API_URL: secret, AUTH: "hunter2", LOG_LEVEL: "hunter2" }).join()).not.toContain(
      "hunter2",
    );
  });
});
