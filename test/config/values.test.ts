/** For each setting, values that work and values that cannot. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../src/config/config.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "values-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: unknown): string {
  const path = join(folder, `${Math.random()}.json`);
  writeFileSync(path, typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return path;
}

/** What is wrong with a setting, where it has what belongs to it. */
function problems(name: string, value: string): string[] {
  const beside: Record<string, Record<string, string>> = {
    FORMANCE_API_URL: { FORMANCE_TOKEN: "t" },
    FORMANCE_TOKEN: { FORMANCE_API_URL: "https://stack.example.com" },
    FORMANCE_CLIENT_ID: { FORMANCE_API_URL: "https://stack.example.com", FORMANCE_CLIENT_SECRET: "s" },
    FORMANCE_CLIENT_SECRET: { FORMANCE_API_URL: "https://stack.example.com", FORMANCE_CLIENT_ID: "i" },
    NATS_SUBJECT: { NATS_URL: "nats://broker" },
  };
  const jwt = { AUTH_ISSUER: "https://issuer.example.com", AUTH_AUDIENCE: "gateway" };
  const keys = { AUTH_JWKS_URL: "https://issuer.example.com/jwks" };
  const auth = name.startsWith("AUTH_JWKS") ? jwt : name.startsWith("AUTH_") ? { ...jwt, ...keys } : {};
  try {
    readConfig({ ...beside[name], ...auth, [name]: value });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n");
  }
}

const works: Readonly<Record<string, readonly string[]>> = {
  NODE_ENV: ["development", "test", "staging"],
  PORT: ["0", "80", "65535"],
  HOST: ["0.0.0.0", "::", "::1", "127.0.0.1", "fe80::1%eth0", "localhost", "my-mac.local", "my_gateway"],
  CURSOR_SECRETS: [
    "a pass phrase with spaces that is long enough",
    "gvvRzqZ9bXg4Lc7oSKF0u1m1sOWu9mEJv0Qk0iXyU0Y=, an older pass phrase that is long enough",
  ],
  FORMANCE_API_URL: [
    "https://s.example.com",
    "http://gateway:8080",
    "https://s.example.com/stack/",
    "https://[::1]:80",
  ],
  FORMANCE_CLIENT_ID: ["gateway"],
  FORMANCE_CLIENT_SECRET: ["with spaces, commas #and more"],
  FORMANCE_TOKEN: ["abc.def-_~+/=="],
  MAX_UPSTREAM_CALLS: ["1", "65535"],
  OPERATION_TIMEOUT_SECONDS: ["1", "3600"],
  MAX_REQUEST_BYTES: ["1024", "104857600"],
  AUTH_JWKS_URL: ["https://issuer.example.com/jwks?tenant=one", "http://auth:8080/keys"],
  AUTH_ISSUER: ["https://issuer.example.com/", "issuer"],
  AUTH_AUDIENCE: ["api://gateway", "gateway"],
  AUTH_PSU_CLAIM: ["sub", "https://example.com/psu_id", "psu-id"],
  CORS_ORIGINS: [
    "https://app.example.com",
    "http://localhost:5173, capacitor://localhost",
    "ionic://localhost",
    "app://obsidian.md",
    "tauri://localhost",
    "chrome-extension://abcdefghijklmnop",
    "http://[::1]:3000",
  ],
  OPEN_BANKING_PROVIDERS: ["mybank", "MyBank, other-bank2"],
  REDIRECT_ORIGINS: ["https://app.example.com", "http://localhost:5173"],
  HTTPS_PROXY: ["http://proxy:3128", "proxy:3128", "https://user:p%40ss@proxy.example.com/", "http://[::1]:3128"],
  HTTP_PROXY: ["http://proxy"],
  NO_PROXY: ["*", ".svc,.cluster.local", "10.0.0.0/8, fd00::/8,::1", "host:8080 other", "[::1]:80", "*.example.com,"],
  TRUSTED_PROXIES: ["0", "2"],
  FORMANCE_WEBHOOK_SECRETS: ["dHJpYWwtb25seS13ZWJob29rLXMw, dHJpYWwtb25seS13ZWJob29rLXMx"],
  REDIS_URL: [
    "redis://cache",
    "redis://cache:6379",
    "redis://cache:6379/",
    "rediss://user:p%40ss@cache.example.com:6380/15",
    "redis://:password@127.0.0.1:6379/0",
    "redis://reader@cache",
    "redis://[::1]:6379",
    "redis://my_cache",
  ],
  NATS_URL: [
    "nats://broker",
    "tls://user:password@broker.example.com:4222",
    "nats://one:4222,nats://two:4222",
    "nats://one:4222, tls://token@two:4222/ , three",
    "broker:4222",
    "nats://[::1]:4222",
  ],
  NATS_SUBJECT: ["payments", "events.payments", "events.*", "*.payments", "events.>", ">"],
  LINK_LIFETIME_HOURS: ["24", "0.5", ".5", "87600"],
  STALE_AFTER_HOURS: ["1"],
  OTEL_EXPORTER_OTLP_ENDPOINT: ["http://collector:4318", "https://otel.example.com/otlp/"],
};

const fails: Readonly<Record<string, readonly string[]>> = {
  HTTPS_PROXY: ["socks5://proxy:1080", "http://proxy/path", "http://proxy?x", "http://", "a b", "http://%zz@proxy"],
  HTTP_PROXY: ["ftp://proxy"],
  NO_PROXY: ["http://stack.example.com", "10.0.0.0/33", "10.0.0.0/8:80", "ex*mple.com", "a/b"],
  NODE_ENV: ["prod", "Production", "PRODUCTION", "production-eu"],
  PORT: ["65536", "-1", "0x50", "80.5", "80a"],
  HOST: ["http://0.0.0.0", "0.0.0.0:4000", "[::]", "*", "256.0.0.1", "127.1", "a b", "localhost,127.0.0.1", "a..b"],
  FORMANCE_API_URL: [
    "https://s.example.com?x=1",
    "https://s.example.com/#/x",
    "https://s.example.com:0",
    "https://s.exa\tmple.com",
    "ws://s.example.com",
  ],
  FORMANCE_CLIENT_ID: ["gate\nway"],
  FORMANCE_CLIENT_SECRET: ["sec\nret", "sec\u0000ret"],
  FORMANCE_TOKEN: ["Bearer abc", "abc def", "abc\ndef", "töken", "“abc”"],
  MAX_UPSTREAM_CALLS: ["0", "65536", "1e3"],
  OPERATION_TIMEOUT_SECONDS: ["0", "3601", "999999999", "1.5"],
  MAX_REQUEST_BYTES: ["1023", "104857601", "256k"],
  AUTH_JWKS_URL: ["https://issuer.example.com/#/jwks", "file:///jwks.json"],
  AUTH_ISSUER: ["https://one.example.com https://two.example.com"],
  AUTH_AUDIENCE: ["one two"],
  AUTH_PSU_CLAIM: ["psu id", "iss", "aud", "exp", "scope", "scp"],
  CORS_ORIGINS: [
    "*",
    "null",
    "https://*.example.com",
    "capacitor://*",
    "https://App.example.com",
    "https://app.example.com/",
    "https://app.example.com:443",
    "app.example.com",
    "wss://app.example.com",
    "capacitor://localhost/",
    "capacitor://user@localhost",
    "capacitor:",
    "file://",
    "https://app.example.com,",
  ],
  OPEN_BANKING_PROVIDERS: ["my bank", "mybank,", "-", "my.bank", ","],
  REDIRECT_ORIGINS: ["capacitor://localhost", "https://*.example.com", "http://app.example.com"],
  TRUSTED_PROXIES: ["33", "-1", "all"],
  FORMANCE_WEBHOOK_SECRETS: [
    "dHJpYWwtb25seS13ZWJob29rLXMw dHJpYWwtb25seS13ZWJob29rLXMx",
    "dHJpYWwtb25seS13ZWJob29rLXMw,",
  ],
  REDIS_URL: [
    "redis://h:1/abc",
    "redis://h:1/99999",
    "redis://h:1/-1",
    "redis://h:1/1e1",
    "redis://h:1/0x1",
    "redis://h:1/0/1",
    "redis://h:1?db=1",
    "redis://h:1/0?ssl_cert_reqs=none",
    "redis://h:1/0#x",
    "redis://h:0",
    "redis://h:99999",
    "redis://",
    "redis:///0",
    "redis:h:1",
    "redis://one,two",
    "redis://one:1,two:1",
    "redis://:p%zz@h",
    "redis://my cache",
    "h:6379",
    "unix:///run/redis.sock",
  ],
  NATS_URL: [
    "nats://one,",
    ",nats://one",
    "nats://one,https://two",
    "nats://one nats://two",
    "nats://one:99999,nats://two",
    "nats://one,nats://two:abc",
    "nats://one:0",
    "nats://",
    "nats://one/path",
    "nats://one?x=1",
    "nats://one,nats://two#x",
    "nats://u:%zz@one",
    "ws://one",
  ],
  NATS_SUBJECT: ["pay ments", "payments.", ".payments", "pay..ments", "payments>", "events.>.more", "pay*"],
  LINK_LIFETIME_HOURS: ["0", "-1", "1e9", "0x18", "24h", "87601", "Infinity", "1,5"],
  STALE_AFTER_HOURS: ["1e9", "0.0"],
  OTEL_EXPORTER_OTLP_ENDPOINT: ["http://collector:4318/v1/traces", "http://collector:4318?x=1", "collector:4317"],
};

const toRows = (table: typeof works) =>
  Object.entries(table).flatMap(([name, values]) => values.map((value) => [name, value] as const));

describe("the value of a setting", () => {
  it.each(toRows(works))("%s=%s works", (name, value) => {
    expect(problems(name, value)).toEqual([]);
  });

  it.each(toRows(fails))("%s=%j cannot work, and stops the start", (name, value) => {
    expect(problems(name, value)).toEqual([expect.stringMatching(`^${name} (must|may|names)`)]);
  });
});

describe("a file that a setting names", () => {
  it.each([
    ["a byte order mark", '\u{feff}{"abc": "{ viewer { subject } }"}'],
    ["a hash that objects treat in a way of their own", '{"__proto__": "{ viewer { subject } }"}'],
  ])("may hold %s", (_title, content) => {
    const { trustedDocuments } = readConfig({ TRUSTED_DOCUMENTS: file(content) });
    expect([...(trustedDocuments?.values() ?? [])]).toEqual(["{ viewer { subject } }"]);
  });

  it.each([
    ["an empty object", {}],
    ["nothing", ""],
    ["a list", ["{ viewer { subject } }"]],
    ["null", "null"],
    ["an empty document", { abc: "" }],
    ["a document without a hash", { "": "{ viewer { subject } }" }],
    ["an object for a document", { abc: { query: "{ viewer { subject } }" } }],
    ["bytes that are no UTF-8", Buffer.from('{"abc": "{ viewer { subject } } # caf\xe9"}', "latin1")],
  ])("is no manifest with %s", (_title, content) => {
    expect(problems("TRUSTED_DOCUMENTS", file(content))).toEqual([
      expect.stringMatching(/^TRUSTED_DOCUMENTS (must|na)/),
    ]);
  });

  const publicOf = async (alg: string, options: object = {}): Promise<JWK> =>
    exportJWK((await generateKeyPair(alg, { extractable: true, ...options })).publicKey);

  it.each(["RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"])("may hold a key for %s", async (alg) => {
    const key = await publicOf(alg);
    expect(problems("AUTH_JWKS_FILE", file({ keys: [key] }))).toEqual([]);
    expect(problems("AUTH_JWKS_FILE", file({ keys: [{ ...key, alg, use: "sig", key_ops: ["verify"] }] }))).toEqual([]);
    // Beside what is for something else.
    expect(problems("AUTH_JWKS_FILE", file({ keys: [{ ...key, use: "enc" }, key] }))).toEqual([]);
  });

  it("is no key set with keys alone that cannot check signatures, or with any that can sign", async () => {
    const key = await publicOf("ES256");
    const rsa = await publicOf("RS256");
    const pair = await generateKeyPair("RS256", { extractable: true });
    const { d: _d, ...halfSecret } = await exportJWK(pair.privateKey);
    for (const keys of [
      [],
      [{ ...key, use: "enc" }],
      [{ ...key, key_ops: ["deriveKey"] }],
      [{ ...key, alg: "ECDH-ES" }],
      [{ ...key, alg: "HS256" }],
      [{ ...key, alg: "ES384" }],
      [{ ...key, x: "AAAA" }],
      [{ ...rsa, alg: "RSA-OAEP" }],
      [{ kty: "RSA", e: "AQAB" }],
      [{ ...rsa, n: Buffer.alloc(128, 255).toString("base64url") }],
      [{ kty: "OKP", crv: "X25519", x: Buffer.alloc(32, 9).toString("base64url") }],
      [{ kty: "oct", k: "c2VjcmV0" }],
      [key, await exportJWK(pair.privateKey)],
      [key, halfSecret],
    ]) {
      expect([keys, problems("AUTH_JWKS_FILE", file({ keys }))]).toEqual([
        keys,
        [expect.stringMatching(/^AUTH_JWKS_FILE must .*public keys/)],
      ]);
    }
  });
});
