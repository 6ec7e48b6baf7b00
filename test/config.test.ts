import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../src/config.ts";

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

describe("settings", () => {
  it("default to the sandbox on localhost:4000, open, with GraphiQL", () => {
    expect(readConfig({})).toEqual({
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
      cursorSecret: null,
      corsOrigins: [],
      graphiql: true,
      introspection: true,
      logLevel: "info",
    });
  });

  it("take an empty value for none, as compose files write it", () => {
    expect(readConfig({ FORMANCE_API_URL: "", PORT: " " })).toEqual(readConfig({}));
  });

  it("describe a stack by client credentials or by a static token", () => {
    const client = { FORMANCE_CLIENT_ID: "id", FORMANCE_CLIENT_SECRET: "secret" };
    expect(readConfig({ FORMANCE_API_URL: "https://s.example.com/x", ...client }).upstream).toEqual({
      kind: "stack",
      url: new URL("https://s.example.com/x"),
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

  it("turn GraphiQL and introspection off in production unless asked for", () => {
    const production = { NODE_ENV: "production", AUTH: "off", ...stack };
    expect(readConfig(production)).toMatchObject({ graphiql: false, introspection: false });
    expect(readConfig({ ...production, GRAPHIQL: "on" })).toMatchObject({ graphiql: true, introspection: false });
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
    ["two kinds of keys", { ...jwt, AUTH_JWKS_FILE: "package.json" }, /exclude each other/],
    ["a file of keys that is not there", { ...jwt, AUTH_JWKS_URL: "", AUTH_JWKS_FILE: "no.json" }, /does not exist/],
    ["AUTH=off beside keys", { ...jwt, AUTH: "off" }, /AUTH=off excludes/],
    ["production without authentication", { NODE_ENV: "production", ...stack }, /or AUTH=off/],
    ["a short cursor secret", { CURSOR_SECRET: "short" }, /at least 32 characters/],
    ["a short webhook secret", { FORMANCE_WEBHOOK_SECRETS: "long-enough-secret,short" }, /at least 16 characters/],
    ["a bus that is no Redis", { REDIS_URL: "https://cache" }, /redis or rediss URL/],
    ["a link that lives no time", { LINK_LIFETIME_HOURS: "0" }, /must be a number of hours/],
    ["a subject without a broker", { NATS_SUBJECT: "payments" }, /NATS_URL is required/],
    [
      "replicas in production that do not share their cursors",
      { NODE_ENV: "production", AUTH: "off", ...stack, REDIS_URL: "redis://cache" },
      /CURSOR_SECRET is required/,
    ],
    ["a feature that is not there yet", { TRUSTED_DOCUMENTS: "manifest.json" }, /not supported by this version/],
  ])("are refused for %s", (_title, variables, expected) => {
    expect(problems(variables)).toEqual([expect.stringMatching(expected)]);
  });

  it("never show a value, since it may be a secret", () => {
    const secret = "ftp://user:hunter2@host";
    expect(problems({ FORMANCE_API_URL: secret, AUTH: "hunter2", LOG_LEVEL: "hunter2" }).join()).not.toContain(
      "hunter2",
    );
  });
});
