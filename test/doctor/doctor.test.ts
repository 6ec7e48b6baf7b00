import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, UnsecuredJWT } from "jose";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { type CheckOptions, runChecks } from "../../src/doctor/run-checks.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { webhookPath } from "../../src/live/webhook-receiver.ts";
import { freePort, isInstalled, startNats, startRedis } from "../live/servers.ts";
import { createCertificate, startFront } from "../support/front.ts";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import { runScript } from "../support/process.ts";

const secret = Buffer.alloc(24, 7).toString("base64");
const otherSecret = Buffer.alloc(24, 8).toString("base64");

type Env = Record<string, string>;

const envOf = ({ url, clientId, clientSecret }: Pick<Sandbox, "url" | "clientId" | "clientSecret">): Env => ({
  FORMANCE_API_URL: url,
  FORMANCE_CLIENT_ID: clientId,
  FORMANCE_CLIENT_SECRET: clientSecret,
});

/** What `npm run doctor` finds with these settings, without a process of its own. */
async function doctor(env: Env, options: CheckOptions = {}) {
  const findings: Finding[] = [];
  for await (const finding of runChecks(readConfig(env), options)) findings.push(finding);
  return check(env, findings);
}

/** What it finds as a command, with its exit code. */
async function runDoctor(env: Env, ...args: readonly string[]) {
  await using command = runScript("doctor", ["--json", ...args], env);
  const code = await command.exit;
  const { ok, findings } = JSON.parse(command.output()) as { ok: boolean; findings: readonly Finding[] };
  expect([code, ok]).toEqual(findings.some(({ status }) => status === "failed") ? [1, false] : [0, true]);
  return check(env, findings);
}

/** No secret of the settings may be in what it says, and whatever is not well has a way to mend it. */
function check(env: Env, findings: readonly Finding[]) {
  const { FORMANCE_CLIENT_SECRET = secret, FORMANCE_TOKEN = secret, FORMANCE_WEBHOOK_SECRETS = secret } = env;
  const passwords = Object.values(env).flatMap((value) => (URL.canParse(value) ? new URL(value).password || [] : []));
  const text = JSON.stringify(findings);
  for (const hidden of [FORMANCE_CLIENT_SECRET, FORMANCE_TOKEN, ...FORMANCE_WEBHOOK_SECRETS.split(","), ...passwords]) {
    expect(text).not.toContain(hidden);
  }
  for (const { status, mend } of findings) expect(mend === undefined).toBe(status === "ok");
  return {
    findings,
    /** Status, meaning and way to mend of what it says about this, in a line each. */
    about: (name: string) =>
      findings
        .filter(({ about }) => about === name)
        .map(({ status, what, mend = "" }) => `${status}: ${what} ${mend}`)
        .join("\n"),
  };
}

/** A gateway that runs beside a sandbox, and takes webhooks with these secrets, or none. */
const startGateway = (sandbox: Sandbox, secrets: string) =>
  start(
    readConfig({ ...envOf(sandbox), PORT: "0", LOG_LEVEL: "silent", FORMANCE_WEBHOOK_SECRETS: secrets }),
    pino({ level: "silent" }),
  );

describe("npm run doctor", () => {
  it("finds nothing wrong with a stack and a gateway that are well", async () => {
    await using sandbox = await startSandbox();
    await using gateway = await startGateway(sandbox, secret);
    sandbox.sendWebhooks({ endpoint: gateway.url + webhookPath, secret, eventTypes });
    const { findings } = await runDoctor({ ...envOf(sandbox), FORMANCE_WEBHOOK_SECRETS: secret });
    expect(findings.map(({ about, status }) => `${status} ${about}`)).toEqual([
      "ok url",
      "ok base path",
      "ok clock",
      "ok version",
      "ok credentials",
      "ok scope payments:read",
      "ok scope payments:write",
      "ok connectors",
      "ok webhook",
      "ok webhook events",
      "ok webhook secret",
      "ok webhook delivery",
      "warning callers",
    ]);
    expect(findings.find(({ about }) => about === "connectors")?.what).toContain("Plaid (plaid)");
  });

  it("changes nothing on the stack", async () => {
    await using sandbox = await startSandbox();
    const before = sandbox.world.people.length;
    await doctor(envOf(sandbox));
    expect(sandbox.world.people).toHaveLength(before);
    expect(sandbox.webhooks.configs).toHaveLength(0);
  });

  it("writes lines for people, each failure with what to do, and a count at the end", async () => {
    await using command = runScript("doctor", [], {});
    expect(await command.exit).toBe(1);
    expect(command.output()).toMatch(/^failed {3}settings: FORMANCE_API_URL is not set.*\n {9}→ Set FORMANCE_API_URL/);
    expect(command.output()).toContain("0 ok, 1 to look at, 1 failed");
  });

  it("names every problem of the settings, as the gateway does", async () => {
    const { about } = await runDoctor({ FORMANCE_API_URL: "stack", FORMANCE_CLIENT_ID: "a", PORT: "x" });
    expect(about("settings")).toContain("FORMANCE_API_URL must be an http or https URL");
    expect(about("settings")).toContain("PORT must be a port number");
  });

  it("refuses options that it does not know, and says which there are", async () => {
    for (const args of [["--fix"], ["--gateway", "gateway"]]) {
      await using command = runScript("doctor", args, {});
      expect(await command.exit).toBe(1);
      expect(command.output()).toContain("--create-webhook <url>");
      expect(command.output()).not.toMatch(/\n\s+at /);
    }
  });
});

describe("the doctor tells apart", () => {
  const at = (url: string) => doctor({ ...envOf({ url, clientId: "a", clientSecret: "b-secret" }) });

  it("a name that is not known", async () => {
    expect((await at("http://stack.invalid")).about("url")).toMatch(/^failed: the host's name is not known here \(E/);
  });

  it("a port where nobody listens", async () => {
    const { about } = await at(`http://127.0.0.1:${await freePort()}`);
    expect(about("url")).toMatch(/^failed: nobody takes connections there \(ECONNREFUSED\)/);
    expect(about("the rest of the stack")).toContain("not looked at");
  });

  it("a port that speaks no TLS", async () => {
    await using sandbox = await startSandbox();
    const { about } = await at(sandbox.url.replace("http", "https"));
    expect(about("url")).toMatch(/^failed: the connection cannot be encrypted .* write http:/);
  });

  it.skipIf(!isInstalled("openssl"))(
    "a certificate that cannot be trusted, until NODE_EXTRA_CA_CERTS names it",
    async () => {
      await using sandbox = await startSandbox();
      const pem = createCertificate();
      await using front = await startFront(sandbox.url, { pem });
      const env = envOf({ ...sandbox, url: front.url });
      const { about } = await doctor(env);
      expect(about("url")).toMatch(/^failed: .*\(DEPTH_ZERO_SELF_SIGNED_CERT\).*NODE_EXTRA_CA_CERTS/);
      await using folder = await mkdtempDisposable(join(tmpdir(), "doctor-"));
      const file = join(folder.path, "ca.pem");
      await writeFile(file, pem);
      const trusting = await runDoctor({ ...env, NODE_EXTRA_CA_CERTS: file });
      expect(trusting.about("url")).toMatch(/^ok: .* its certificate is good/);
      expect(trusting.about("connectors")).toMatch(/^ok/);
    },
  );

  it.each(["/api/payments", "/api/payments/v3/", "/api"])("a URL that goes too deep, by %s", async (path) => {
    await using sandbox = await startSandbox();
    const { about } = await at(sandbox.url + path);
    expect(about("base path")).toContain("failed: FORMANCE_API_URL goes too deep");
    expect(about("base path")).toContain(`Set FORMANCE_API_URL=${sandbox.url},`);
  });

  it("a redirect, and something that is no stack", async () => {
    await using elsewhere = await startFront("http://127.0.0.1", {
      answer: () => new Response("", { status: 308, headers: { location: "https://stack.example.com/api" } }),
    });
    const moved = (await at(elsewhere.url)).about("base path");
    expect(moved).toMatch(/^failed: answer 308 .* a redirect to https:\/\/stack\.example\.com/);
    await using page = await startFront("http://127.0.0.1", { answer: () => new Response("<h1>Hello</h1>") });
    expect((await at(page.url)).about("base path")).toMatch(
      /^failed: answer 200 .*must be the URL of the stack itself/,
    );
  });

  it("wrong credentials", async () => {
    await using sandbox = await startSandbox();
    const { about } = await doctor({ ...envOf(sandbox), FORMANCE_CLIENT_SECRET: "not-the-secret" });
    expect(about("credentials")).toMatch(/^failed: answer 401 .*FORMANCE_CLIENT_SECRET/);
  });

  it("a static token that has ended, one that will, and one that the stack does not know", async () => {
    await using sandbox = await startSandbox();
    const token = (seconds: number) =>
      new UnsecuredJWT({ scope: "openid payments:read" })
        .setExpirationTime(new Date(Date.now() + seconds * 1000))
        .encode();
    const env = (FORMANCE_TOKEN: string) => ({ FORMANCE_API_URL: sandbox.url, FORMANCE_TOKEN });
    expect((await doctor(env(token(-60)))).about("credentials")).toMatch(/^failed: FORMANCE_TOKEN ended at 2/);
    const foreign = await doctor(env(token(3600)));
    expect(foreign.about("credentials")).toMatch(/^warning: FORMANCE_TOKEN ends at 2/);
    expect(foreign.about("scope payments:read")).toMatch(/^failed: answer 401 .*holds: openid payments:read/);
  });

  it.each([
    ["payments:read", []],
    ["payments:write", ["payments:read"]],
  ])("a client without %s", async (scope, clientScopes) => {
    await using sandbox = await startSandbox({ clientScopes });
    const { about } = await doctor(envOf(sandbox));
    expect(about("credentials")).toMatch(/^ok/);
    expect(about(`scope ${scope}`)).toMatch(/^failed: answer 401 /);
    expect(about(`scope ${scope}`)).toContain(`Give the client ${scope}`);
  });

  it("a stack without connectors, and one with none for open banking", async () => {
    await using sandbox = await startSandbox();
    const page = (data: unknown[]) => JSON.stringify({ cursor: { pageSize: 15, hasMore: false, data } });
    const answerWith = (...data: unknown[]) =>
      sandbox.fault(({ path }) => path === "/connectors", { status: 200, body: page(data) });
    using _none = answerWith();
    expect((await doctor(envOf(sandbox))).about("connectors")).toMatch(/^failed: none for open banking, none at all/);
    const createdAt = "2026-01-01T00:00:00Z";
    using _other = answerWith({ id: "c", reference: "r", name: "Stripe", createdAt, provider: "stripe" });
    expect((await doctor(envOf(sandbox))).about("connectors")).toContain("none for open banking, only others (1)");
  });

  it.each([
    [2, /^ok/],
    [90, /^warning: the stack's clock is (89|90|91) s ahead/],
    [-400, /^failed: the stack's clock is (399|400|401) s behind/],
  ])("a clock that is %i s ahead", async (seconds, expected) => {
    await using sandbox = await startSandbox();
    await using front = await startFront(sandbox.url, { aheadMs: seconds * 1000 });
    expect((await doctor(envOf({ ...sandbox, url: front.url }))).about("clock")).toMatch(expected);
  });

  it.each([
    ["v3.4.2", /^ok/],
    ["v3.9.0", /^ok/],
    ["v3.2.1", /^warning: .*v3\.2\.1; the gateway was written to v3\.4/],
    ["v4.0.0", /^warning/],
    ["develop", /^warning: .*no release/],
    ["v3.0.18", /^failed: .*has no open banking/],
    ["v2.0.0", /^failed/],
  ])("version %s", async (version, expected) => {
    await using sandbox = await startSandbox();
    await using front = await startFront(sandbox.url, {
      answer: ({ url = "" }) => (url.endsWith("/_info") ? Response.json({ version }) : null),
    });
    expect((await doctor(envOf({ ...sandbox, url: front.url }))).about("version")).toMatch(expected);
  });
});

describe("of the stack's webhooks the doctor sees", () => {
  const settings = (sandbox: Sandbox) => ({ ...envOf(sandbox), FORMANCE_WEBHOOK_SECRETS: secret });

  it("that there is none", async () => {
    await using sandbox = await startSandbox();
    sandbox.sendWebhooks({ endpoint: "https://elsewhere.example.com/hooks", secret: otherSecret });
    const { about } = await doctor(settings(sandbox));
    expect(about("webhook")).toMatch(/^failed: none of the stack's webhooks \(1\) leads to .*--create-webhook/);
  });

  it("that neither webhooks nor a broker are set up", async () => {
    await using sandbox = await startSandbox();
    expect((await doctor(envOf(sandbox))).about("events")).toMatch(/^warning: neither webhooks nor the broker/);
  });

  it("that it lacks types of events, which it names", async () => {
    await using sandbox = await startSandbox();
    await using gateway = await startGateway(sandbox, secret);
    const sent = eventTypes.filter((type) => !type.endsWith("task"));
    sandbox.sendWebhooks({ endpoint: gateway.url + webhookPath, secret, eventTypes: sent });
    const { about } = await doctor(settings(sandbox));
    expect(about("webhook events")).toMatch(/^failed: it does not send payments\.updated_task PUT/);
  });

  it("that it is not active", async () => {
    await using sandbox = await startSandbox();
    await using gateway = await startGateway(sandbox, secret);
    const { id } = sandbox.sendWebhooks({ endpoint: gateway.url + webhookPath, secret, eventTypes });
    const form = `grant_type=client_credentials&scope=webhooks:write&client_id=${sandbox.clientId}`;
    const granted = await fetch(`${sandbox.url}/api/auth/oauth/token`, {
      method: "POST",
      body: new URLSearchParams(`${form}&client_secret=${sandbox.clientSecret}`),
    });
    const { access_token: token } = (await granted.json()) as { access_token: string };
    const url = `${sandbox.url}/api/webhooks/configs/${id}/deactivate`;
    await fetch(url, { method: "PUT", headers: { authorization: `Bearer ${token}` } });
    expect((await doctor(settings(sandbox))).about("webhook")).toMatch(/^failed: the one to .* is not active/);
  });

  it("that its secret is another, and that it is a former one", async () => {
    await using sandbox = await startSandbox();
    await using gateway = await startGateway(sandbox, secret);
    sandbox.sendWebhooks({ endpoint: gateway.url + webhookPath, secret, eventTypes });
    const env = (secrets: string) => ({ ...envOf(sandbox), FORMANCE_WEBHOOK_SECRETS: secrets });
    expect((await doctor(env(otherSecret))).about("webhook secret")).toMatch(/^failed: .* is none of/);
    expect((await doctor(env(`${otherSecret},${secret}`))).about("webhook secret")).toMatch(/^ok: it is number 2/);
  });

  it("that nobody takes its events: unreachable, another secret, or no gateway with webhooks", async () => {
    await using sandbox = await startSandbox();
    const deliveryTo = async (url: string) => {
      await using at = await startFront(sandbox.url);
      sandbox.sendWebhooks({ endpoint: url + webhookPath, secret, eventTypes });
      const { about } = await doctor({ ...settings(sandbox), FORMANCE_API_URL: at.url }, { gateway: new URL(url) });
      return about("webhook delivery");
    };
    expect(await deliveryTo(`http://127.0.0.1:${await freePort()}`)).toMatch(
      /^failed: neither the stack nor this machine/,
    );
    await using other = await startGateway(sandbox, otherSecret);
    expect(await deliveryTo(other.url)).toMatch(/^failed: the stack's test event was answered 401 .*other secrets/);
    await using deaf = await startGateway(sandbox, "");
    expect(await deliveryTo(deaf.url)).toMatch(
      /^failed: the stack's test event was answered 404 .*without FORMANCE_WEBHOOK/,
    );
  });

  it("nothing without webhooks:read, and then tries from here", async () => {
    await using sandbox = await startSandbox({ clientScopes: ["payments:read", "payments:write"] });
    await using gateway = await startGateway(sandbox, secret);
    const blind = await doctor(settings(sandbox));
    expect(blind.about("webhook")).toMatch(/^warning: the stack's webhooks cannot be read: answer 401 .*webhooks:read/);
    const { about } = await doctor(settings(sandbox), { gateway: new URL(gateway.url) });
    expect(about("webhook delivery")).toMatch(/^ok: .*from this machine; whether the stack reaches it is not known/);
    await gateway[Symbol.asyncDispose]();
    const gone = await doctor(settings(sandbox), { gateway: new URL(gateway.url) });
    expect(gone.about("webhook delivery")).toMatch(/^failed: no answer \(ECONNREFUSED\)/);
  });

  it("that one was made with --create-webhook, which tells its secret, once", async () => {
    await using sandbox = await startSandbox();
    const url = `http://127.0.0.1:${await freePort()}`;
    const made = await runDoctor(envOf(sandbox), "--create-webhook", url);
    const [config] = sandbox.webhooks.configs;
    expect(config).toMatchObject({ endpoint: url + webhookPath, eventTypes, active: true });
    expect(made.findings).toEqual([expect.objectContaining({ status: "ok", secret: config?.secret })]);

    await using gateway = await start(
      readConfig({
        ...envOf(sandbox),
        PORT: new URL(url).port,
        LOG_LEVEL: "silent",
        FORMANCE_WEBHOOK_SECRETS: config?.secret,
      }),
      pino({ level: "silent" }),
    );
    expect(gateway.url).toBe(url);
    const after = await doctor({ ...envOf(sandbox), FORMANCE_WEBHOOK_SECRETS: config?.secret ?? "" });
    expect(after.about("webhook delivery")).toMatch(/^ok: the stack has reached it/);

    const again = await doctor(envOf(sandbox), { createWebhook: new URL(url + webhookPath) });
    expect(again.about("webhook")).toMatch(/^failed: the stack has one to .* already/);
    expect(sandbox.webhooks.configs).toHaveLength(1);
  });

  it("that the client may make none", async () => {
    await using sandbox = await startSandbox({ clientScopes: ["payments:read", "webhooks:read"] });
    const { about } = await doctor(envOf(sandbox), { createWebhook: new URL("https://gateway.example.com") });
    expect(about("webhook")).toMatch(/^failed: answer 401 .*Give the client webhooks:write/);
  });
});

describe.skipIf(!isInstalled("redis-server"))("of Redis the doctor sees", () => {
  it("that it is well, and whether replicas share their cursors", async () => {
    await using redis = await startRedis();
    const REDIS_URL = `redis://127.0.0.1:${redis.port}`;
    const alone = await doctor({ REDIS_URL });
    expect(alone.about("redis")).toMatch(/^ok/);
    expect(alone.about("cursors")).toMatch(/^warning: CURSOR_SECRET is not set/);
    expect((await doctor({ REDIS_URL, CURSOR_SECRET: "c".repeat(32) })).about("cursors")).toMatch(/^ok/);
  });

  it("that it is down, and that the password is wrong", async () => {
    const down = await doctor({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
    expect(down.about("redis")).toMatch(/^failed: .*\(ECONNREFUSED\)/);
    await using redis = await startRedis({ password: "right-password" });
    const { about } = await doctor({ REDIS_URL: `redis://:wrong-password@127.0.0.1:${redis.port}` });
    expect(about("redis")).toMatch(/^failed: .*\(WRONGPASS\) Look at user, password/);
  });
});

describe.skipIf(!isInstalled("nats-server"))("of NATS the doctor sees", () => {
  it("that it is well, down, or wants another password", async () => {
    await using nats = await startNats({ jetStream: true, password: "right-password" });
    const at = (user: string) => doctor({ NATS_URL: `nats://${user}127.0.0.1:${nats.port}`, NATS_SUBJECT: "events" });
    expect((await at("reader:right-password@")).about("nats")).toMatch(/^ok: it lets events be read/);
    expect((await at("reader:wrong-password@")).about("nats")).toMatch(/^failed: .*user, password/);
    const down = await doctor({ NATS_URL: `nats://127.0.0.1:${await freePort()}` });
    expect(down.about("nats")).toMatch(/^failed: .*\(ECONNREFUSED\)/);
  });
});

describe("of callers the doctor sees", () => {
  const settings = (url: string): Env => ({
    AUTH_JWKS_URL: url,
    AUTH_ISSUER: "https://issuer.example.com",
    AUTH_AUDIENCE: "gateway",
  });
  const urlOf = ({ config }: Issuer) =>
    config.kind === "jwt" && config.keys.kind === "url" ? config.keys.url.href : "";

  it("that the issuer's keys can be used, or cannot be had", async () => {
    using issuer = await startIssuer();
    const env = settings(urlOf(issuer));
    expect((await doctor(env)).about("callers")).toMatch(/^ok: tokens of AUTH_ISSUER are checked with 1 keys/);
    issuer.mood = "failing";
    expect((await doctor(env)).about("callers")).toMatch(/^failed: answer 503 to the question for the keys/);
  });

  it("keys that are of no use, or that nobody should see", async () => {
    const pair = await generateKeyPair("ES256", { extractable: true });
    const secretKey = await exportJWK(pair.privateKey);
    let keys: unknown[] = [];
    const server = createServer((_request, response) => response.end(JSON.stringify({ keys })));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const env = settings(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
    try {
      keys = [{ ...(await exportJWK(pair.publicKey)), use: "enc" }];
      expect((await doctor(env)).about("callers")).toMatch(/^failed: none of 1 keys can check signatures/);
      keys = [{ kty: "oct", k: "c2VjcmV0" }];
      expect((await doctor(env)).about("callers")).toMatch(/^failed: the key set holds secret keys/);
      keys = [secretKey];
      const { about } = await doctor(env);
      expect(about("callers")).toMatch(/^failed: the key set holds secret keys/);
      expect(about("callers")).not.toContain(secretKey.d);
    } finally {
      server.close();
    }
  });

  it("whom a token speaks for, and why one is refused", async () => {
    using issuer = await startIssuer();
    const psuId = "0b8f2f3e-58f0-4c37-a1de-6d4fd3a2d0b1";
    const tell = async (claims: Record<string, unknown>) =>
      (await doctor(settings(urlOf(issuer)), { token: await issuer.sign(claims) })).about("token");
    expect(await tell({ psu_id: psuId })).toMatch(new RegExp(`^ok: speaks for the PSU ${psuId}, until 2`));
    expect(await tell({ scope: "payments:read" })).toMatch(/^ok: is an operator's, with payments:read, until/);
    expect(await tell({})).toMatch(/^warning: is an operator's without any scope/);
    expect(await tell({ iss: "https://issuer.example.com/" })).toMatch(/^failed: is refused: its issuer/);
    expect(await tell({ aud: "other" })).toMatch(/^failed: is refused: its audience/);
    expect(await tell({ exp: 1_700_000_000 })).toMatch(/^failed: is refused: it ended at 2023/);
    expect(await tell({ psu_id: "ada" })).toMatch(/^failed: is refused: its claim psu_id/);
    const open = await doctor({}, { token: await issuer.sign() });
    expect(open.about("token")).toMatch(/^warning: it is not read/);
  });
});
