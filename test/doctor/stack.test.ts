import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { createCertificate } from "../support/certificate.ts";
import { startRewritingProxy } from "../support/rewriting-proxy.ts";
import { freePort, isInstalled } from "../support/servers.ts";
import { doctor, envOf, runDoctor } from "./helpers.ts";

describe("the doctor's checks of the stack find", () => {
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
      await using proxy = await startRewritingProxy(sandbox.url, { pem });
      const env = envOf({ ...sandbox, url: proxy.url });
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
    await using redirecting = await startRewritingProxy("http://127.0.0.1", {
      answer: () => new Response("", { status: 308, headers: { location: "https://stack.example.com/api" } }),
    });
    const moved = (await at(redirecting.url)).about("base path");
    expect(moved).toMatch(/^failed: answer 308 .* a redirect to https:\/\/stack\.example\.com/);
    await using website = await startRewritingProxy("http://127.0.0.1", {
      answer: () => new Response("<h1>Hello</h1>"),
    });
    expect((await at(website.url)).about("base path")).toMatch(
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
    using _leaving = answerWith({
      ...{ id: "c", reference: "r", name: "Plaid", createdAt, provider: "plaid", scheduledForDeletion: true },
    });
    expect((await doctor(envOf(sandbox))).about("connectors")).toContain("none for open banking, only others (1)");
    using _own = answerWith({ id: "c", reference: "r", name: "My Bank", createdAt, provider: "mybank" });
    expect((await doctor(envOf(sandbox))).about("connectors")).toContain("none for open banking, only others (1)");
    const named = await doctor({ ...envOf(sandbox), OPEN_BANKING_PROVIDERS: "MyBank" });
    expect(named.about("connectors")).toMatch(/^ok: for open banking: My Bank \(mybank\)/);
    using _trial = answerWith({ id: "c", reference: "r", name: "Dummy", createdAt, provider: "dummypay" });
    expect((await doctor(envOf(sandbox))).about("connectors")).toMatch(/^warning: only for trials: Dummy \(dummypay\)/);
  });

  it.each([
    [2, /^ok/],
    [90, /^warning: the stack's clock is (89|90|91) s ahead/],
    [-400, /^failed: the stack's clock is (399|400|401) s behind/],
  ])("a clock that is %i s ahead", async (seconds, expected) => {
    await using sandbox = await startSandbox();
    await using proxy = await startRewritingProxy(sandbox.url, { aheadMs: seconds * 1000 });
    expect((await doctor(envOf({ ...sandbox, url: proxy.url }))).about("clock")).toMatch(expected);
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
    await using proxy = await startRewritingProxy(sandbox.url, {
      answer: ({ url = "" }) => (url.endsWith("/_info") ? Response.json({ version }) : null),
    });
    expect((await doctor(envOf({ ...sandbox, url: proxy.url }))).about("version")).toMatch(expected);
  });
});
