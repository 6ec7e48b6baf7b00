/** The file of settings, line by line, and misspelt settings in it and in the environment. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../src/config/config.ts";
import { settingNames } from "../../src/config/settings.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "settings-file-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string | Buffer): { SETTINGS_FILE: string } {
  const path = join(folder, `${Math.random()}.env`);
  writeFileSync(path, content);
  return { SETTINGS_FILE: path };
}

function problems(variables: Record<string, string>): string[] {
  try {
    readConfig(variables);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n");
  }
}

const client = "FORMANCE_API_URL=https://stack.example.com\nFORMANCE_CLIENT_ID=gateway\n";

describe("a line of the file of settings", () => {
  it.each([
    ["abc#def", "abc#def"],
    ["#abc", "#abc"],
    ["abc #def", "abc"],
    ["abc\t# def", "abc"],
    ["'abc #def'", "abc #def"],
    ['"abc #def" # the stack\'s', "abc #def"],
    ['`it\'s "so"`', 'it\'s "so"'],
    ["ab'c\"d", "ab'c\"d"],
    ["abc=def==", "abc=def=="],
    [String.raw`"ab\nc"`, String.raw`ab\nc`],
    [String.raw`ab\nc\\d`, String.raw`ab\nc\\d`],
    ["$" + "{HOME}$1", "$" + "{HOME}$1"],
    ["  abc def  ", "abc def"],
    ["pässwört", "pässwört"],
    ["' abc '", " abc "],
  ])("FORMANCE_CLIENT_SECRET=%s is read whole", (written, value) => {
    const { byName } = readConfig(file(`${client}FORMANCE_CLIENT_SECRET=${written}\n`));
    expect(byName.FORMANCE_CLIENT_SECRET).toBe(value);
  });

  it.each([
    ["PORT=4100"],
    ["PORT = 4100"],
    ["  export PORT=4100"],
    ["# a comment\n\n   # another\nPORT=4100"],
    ["\u{feff}PORT=4100"],
    ["HOST=127.0.0.1\r\nPORT=4100\r\n"],
    ["HOST=\nPORT='4100'"],
  ])("%j sets the port", (text) => {
    expect(readConfig(file(text)).listen).toEqual({ host: "127.0.0.1", port: 4100 });
  });

  it.each([
    ["LOG_LEVEL=info\nPORT: 1", "SETTINGS_FILE: line 2 is not NAME=value"],
    ["PORT 1", "SETTINGS_FILE: line 1 is not NAME=value"],
    ["PORT", "SETTINGS_FILE: line 1 is not NAME=value"],
    ["=1", "SETTINGS_FILE: line 1 is not NAME=value"],
    ["// PORT=1", "SETTINGS_FILE: line 1 is not NAME=value"],
    ["set PORT=1", "SETTINGS_FILE: line 1 is not NAME=value"],
    ['{"PORT": 1}', "SETTINGS_FILE: line 1 is not NAME=value"],
    ["HOST='127.0.0.1\nPORT=1", "SETTINGS_FILE: line 1 has a quote that does not close at its end"],
    ['HOST="127.0.0.1"x', "SETTINGS_FILE: line 1 has a quote that does not close at its end"],
    ['HOST="127.0.0.1"#x', "SETTINGS_FILE: line 1 has a quote that does not close at its end"],
    ["PORT=1\nPORT=2", "SETTINGS_FILE: line 2 sets PORT again"],
    ["SETTINGS_FILE=x", "SETTINGS_FILE: line 1: it cannot name another one"],
    ["PORTS=1", "SETTINGS_FILE: line 1: PORTS is no setting: did you mean PORT?"],
    ["NOTHING=1", "SETTINGS_FILE: line 1: NOTHING is no setting"],
    ["c2VjcmV0=x", "SETTINGS_FILE: line 1: this is no setting"],
  ])("%j is refused with its number", (text, expected) => {
    expect(problems(file(text))).toEqual([expected]);
  });

  it("is refused where it is not UTF-8, and a file that is not there", () => {
    const expected = ["SETTINGS_FILE names a file that cannot be read, or is not UTF-8"];
    expect(problems(file(Buffer.from("AUTH_ISSUER=Jos\xe9", "latin1")))).toEqual(expected);
    expect(problems({ SETTINGS_FILE: join(folder, "no.env") })).toEqual(expected);
  });
});

describe("a variable of the environment", () => {
  it.each([
    ["CORS_ORIGIN", "CORS_ORIGIN is no setting: did you mean CORS_ORIGINS?"],
    ["RATE_LIMIT_PSUS", "RATE_LIMIT_PSUS is no setting: did you mean RATE_LIMIT_PSU?"],
    ["RATE_LIMIT_USER", "RATE_LIMIT_USER is no setting"],
    ["FORMANCE_TOKENS", "FORMANCE_TOKENS is no setting: did you mean FORMANCE_TOKEN?"],
    ["FORMANCE_WEBHOOK_SECRET", "FORMANCE_WEBHOOK_SECRET is no setting: did you mean FORMANCE_WEBHOOK_SECRETS?"],
    ["FORMANCE_URL", "FORMANCE_URL is no setting"],
    ["AUTH_JWKS_URI", "AUTH_JWKS_URI is no setting: did you mean AUTH_JWKS_URL?"],
    ["AUTH_PSU", "AUTH_PSU is no setting"],
    ["AUTH_ISSUERS", "AUTH_ISSUERS is no setting: did you mean AUTH_ISSUER?"],
    ["MAX_QUERY_COMPLEXITY", "MAX_QUERY_COMPLEXITY is no setting"],
    ["MAX_UPSTREAM_CALL", "MAX_UPSTREAM_CALL is no setting: did you mean MAX_UPSTREAM_CALLS?"],
    ["OPERATION_TIMEOUT", "OPERATION_TIMEOUT is no setting"],
    ["OPERATION_TIMEOUT_MS", "OPERATION_TIMEOUT_MS is no setting"],
    ["LINK_LIFETIME", "LINK_LIFETIME is no setting"],
    ["TRUSTED_PROXY", "TRUSTED_PROXY is no setting"],
    ["TRUSTED_DOCUMENT", "TRUSTED_DOCUMENT is no setting: did you mean TRUSTED_DOCUMENTS?"],
    ["REDIRECT_ORIGIN", "REDIRECT_ORIGIN is no setting: did you mean REDIRECT_ORIGINS?"],
    ["REDIS_URI", "REDIS_URI is no setting: did you mean REDIS_URL?"],
    ["redis_url", "redis_url is no setting: did you mean REDIS_URL?"],
    ["cors-origins", "cors-origins is no setting: did you mean CORS_ORIGINS?"],
    ["GRAPHQL", "GRAPHQL is no setting: did you mean GRAPHIQL?"],
    ["SETTING_FILE", "SETTING_FILE is no setting: did you mean SETTINGS_FILE?"],
    ["CURSOR_SECRETES", "CURSOR_SECRETES is no setting: did you mean CURSOR_SECRETS?"],
  ])("%s stops the start", (name, expected) => {
    expect(problems({ [name]: "off" })).toEqual([expected]);
  });

  it("stops the start for each setting that lacks its last letter, or has one too many", () => {
    for (const name of settingNames.filter(({ length }) => length >= 8)) {
      expect(problems({ [`${name}S`]: "1" })).toEqual([`${name}S is no setting: did you mean ${name}?`]);
      expect(problems({ [name.slice(0, -1)]: "1" })[0]).toMatch(new RegExp(`(did you mean|use) ${name}\\b`));
    }
  });

  it("stops the start for a setting of an earlier release, and says what to write instead", () => {
    const secret = "the secret of an earlier release";
    const expected =
      /^(SETTINGS_FILE: line 1: )?CURSOR_SECRET is no setting any more: use CURSOR_SECRETS, which may hold/;
    expect(problems({ CURSOR_SECRET: secret })).toEqual([expect.stringMatching(expected)]);
    expect(problems(file(`CURSOR_SECRET=${secret}`))).toEqual([expect.stringMatching(expected)]);
    // Both, while replicas of both releases run with the same environment.
    expect(problems({ CURSOR_SECRET: secret, CURSOR_SECRETS: secret })).toEqual([]);
  });

  it.each([
    ["of a shell", { PATH: "/bin", HOME: "/root", HOSTNAME: "h", HOSTTYPE: "x86_64", POST: "1", LOGNAME: "root" }],
    [
      "of Node and npm",
      { NODE_OPTIONS: "", NODE_EXTRA_CA_CERTS: "x", npm_package_name: "x", npm_lifecycle_event: "x" },
    ],
    ["of other programs", { REDIS_HOST: "h", REDIS_TLS_URL: "x", NATS_USER: "u", NAME_URL: "x", LOG_FORMAT: "json" }],
    ["of Auth.js", { AUTH_SECRET: "x", AUTH_URL: "https://app.example.com", AUTH_TRUST_HOST: "1" }],
    ["of OpenTelemetry", { OTEL_SERVICE_NAME: "x", OTEL_EXPORTER_OTLP_HEADERS: "x", OTEL_EXPORTER_OTLP_PROTOCOL: "x" }],
    [
      "of Kubernetes, for services that are called auth, formance and redis",
      {
        AUTH_SERVICE_HOST: "10.0.0.1",
        AUTH_SERVICE_PORT: "8080",
        AUTH_SERVICE_PORT_HTTP: "8080",
        AUTH_PORT: "tcp://10.0.0.1:8080",
        AUTH_PORT_8080_TCP: "tcp://10.0.0.1:8080",
        AUTH_PORT_8080_TCP_ADDR: "10.0.0.1",
        AUTH_PORT_8080_TCP_PORT: "8080",
        AUTH_PORT_8080_TCP_PROTO: "tcp",
        FORMANCE_GATEWAY_SERVICE_HOST: "10.0.0.2",
        FORMANCE_GATEWAY_PORT_80_TCP: "tcp://10.0.0.2:80",
        REDIS_PORT: "tcp://10.0.0.3:6379",
      },
    ],
    ["that is near a setting which is set, too", { REDIS_URL: "redis://cache", REDIS_URI: "redis://cache" }],
    ["that is empty", { CORS_ORIGIN: "" }],
  ])("%s is somebody else's", (_title, variables) => {
    expect(problems(variables as Record<string, string>)).toEqual([]);
  });

  it("beside a file is compared with both", () => {
    expect(problems({ ...file("REDIS_URL=redis://cache"), REDIS_URI: "redis://cache" })).toEqual([]);
    expect(problems({ ...file("PORT=1"), CORS_ORIGIN: "x" })).toEqual([
      "CORS_ORIGIN is no setting: did you mean CORS_ORIGINS?",
    ]);
  });
});
