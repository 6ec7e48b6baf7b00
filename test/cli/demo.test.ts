/** `npm run demo` on a stack: a sandbox that runs by itself, with the person at the bank played by its browser driver. */
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { type RunningProcess, runScript } from "../support/process.ts";
import { startRewritingProxy } from "../support/rewriting-proxy.ts";
import { freePort } from "../support/servers.ts";

const settingsOf = ({ url, clientId, clientSecret }: Pick<Sandbox, "url" | "clientId" | "clientSecret">) => ({
  FORMANCE_API_URL: url,
  FORMANCE_CLIENT_ID: clientId,
  FORMANCE_CLIENT_SECRET: clientSecret,
});

/** The link that the demo waits at. */
async function linkOf(demo: RunningProcess): Promise<string> {
  const [, link = ""] = await demo.waitFor(/Open this link in a browser, .*\n\n {2}(\S+)\n/);
  await demo.waitFor(/The demo waits for .*\n/);
  return link;
}

const usersOf = ({ world }: Sandbox) => world.people.filter(({ metadata }) => metadata !== null && "demo" in metadata);

/** A failure is the last line, and the only one that says so. */
async function expectFailure(demo: RunningProcess, line: RegExp, code = 1): Promise<void> {
  expect(await demo.exit).toBe(code);
  const output = demo.output();
  const lines = output.split("\n").filter((text) => text.startsWith("The demo met a surprise."));
  expect(lines, output).toEqual([expect.stringMatching(line)]);
  expect(output).not.toMatch(/\n\s+at /);
  expect(output).not.toMatch(/s3cr3t/);
}

describe("npm run demo on a stack", () => {
  it.each(["plaid", "tink", "powens"])(
    "waits for a person's consent at %s, and leaves nothing behind",
    async (name) => {
      await using sandbox = await startSandbox();
      await using demo = runScript("demo", ["--connector", name], settingsOf(sandbox));
      const link = await linkOf(demo);
      expect(demo.output()).toMatch(new RegExp(`^On the stack at ${sandbox.url} \\(FORMANCE_API_URL\\)\\.\n`));
      expect(demo.output()).toContain("The demo waits for 10 minutes (--wait).");
      expect(demo.output()).toContain('"status": "PENDING"');
      expect(usersOf(sandbox)).toHaveLength(1);
      await visitBank(link, { decision: "consent" });
      expect(await demo.exit).toBe(0);
      const output = demo.output();
      expect(output).toContain('"status": "COMPLETED"');
      expect(output).toMatch(/The bank's accounts and balances.*"formatted": "/s);
      expect(output).toMatch(/The latest payments.*"type": "/s);
      expect(output).toMatch(
        /All 11 steps went as expected\.\n\nNext\n {2}The same as a front end: .* npm run example\n/,
      );
      expect(output).not.toMatch(/s3cr3t/);
      expect(usersOf(sandbox)).toEqual([]);
    },
  );

  it("works with the settings of SETTINGS_FILE, on a sandbox of another process", async () => {
    await using sandbox = runScript("sandbox", ["--port", "0"]);
    const settings = ["URL", "CLIENT_ID", "CLIENT_SECRET"].map((end) => new RegExp(`FORMANCE_(?:API_)?${end}=\\S+`));
    const lines = await Promise.all(settings.map(async (line) => (await sandbox.waitFor(line))[0]));
    await using folder = await mkdtempDisposable(join(tmpdir(), "demo-"));
    const path = join(folder.path, "settings.env");
    await writeFile(path, lines.join("\n"));
    await using demo = runScript("demo", [], { SETTINGS_FILE: path });
    await visitBank(await linkOf(demo), { decision: "consent" });
    expect(await demo.exit).toBe(0);
    expect(demo.output()).toMatch(/^On the stack at http/);
  });

  it("goes on with a connection whose attempt stays PENDING", async () => {
    await using sandbox = await startSandbox();
    await using demo = runScript("demo", ["--connector", "powens"], settingsOf(sandbox));
    const link = await linkOf(demo);
    const [attempt] = sandbox.world.attempts;
    const { id, psuID, connectorID, clientRedirectURL } = attempt ?? {};
    const data = { id, psuID, connectorID, createdAt: new Date(), status: "pending", clientRedirectURL, error: null };
    using _pending = sandbox.fault(({ path }) => path.includes("/link-attempts/"), {
      status: 200,
      body: JSON.stringify({ data }),
    });
    await visitBank(link, { decision: "consent" });
    expect(await demo.exit).toBe(0);
    expect(demo.output()).toContain("The attempt is still PENDING, but its connection is there");
  }, 60_000);

  it("waits for accounts that come after the connection, without an event", async () => {
    await using sandbox = await startSandbox();
    await using demo = runScript("demo", ["--connector", "tink"], settingsOf(sandbox));
    const link = await linkOf(demo);
    const none = JSON.stringify({ cursor: { pageSize: 100, hasMore: false, data: [] } });
    const fault = sandbox.fault(({ path }) => path === "/accounts", { status: 200, body: none });
    let reads = 0;
    using _passing = sandbox.fault(({ path }) => path === "/accounts" && ++reads <= 2, { status: 500 });
    sandbox.clearCalls();
    await visitBank(link, { decision: "consent" });
    await expect
      .poll(() => sandbox.calls.filter(({ path }) => path === "/accounts").length, { timeout: 15_000 })
      .toBeGreaterThan(2);
    expect(demo.output()).not.toContain("The bank's accounts and balances");
    fault[Symbol.dispose]();
    expect(await demo.exit).toBe(0);
  }, 60_000);

  it.each(["SIGINT", "SIGTERM"] as const)("ends on %s while it waits, and deletes its user", async (signal) => {
    await using sandbox = await startSandbox();
    await using demo = runScript("demo", [], settingsOf(sandbox));
    await linkOf(demo);
    demo.kill(signal);
    await expectFailure(demo, /It was interrupted\.$/, 130);
    expect(demo.output()).toMatch(/The demo's user [\w-]{36} is deleted from the stack\.\n$/);
    expect(usersOf(sandbox)).toEqual([]);
  });

  it("says what it leaves behind where the stack does not delete its user", async () => {
    await using sandbox = await startSandbox();
    await using demo = runScript("demo", [], settingsOf(sandbox));
    await linkOf(demo);
    using _refused = sandbox.fault(({ method }) => method === "DELETE", { status: 500 });
    demo.kill("SIGINT");
    await expectFailure(demo, /It was interrupted\.$/, 130);
    const [user] = usersOf(sandbox);
    expect(demo.output()).toContain(`The demo's user ${user?.id} is left on the stack.`);
    expect(demo.output()).toContain(`mutation { deletePaymentServiceUser(input: { psuId: "${user?.id}" })`);
  });

  it("ends where the person cancels at the bank, or lets the time run out", async () => {
    await using sandbox = await startSandbox();
    await using cancelled = runScript("demo", ["--connector", "Tink"], settingsOf(sandbox));
    await visitBank(await linkOf(cancelled), { decision: "cancel" });
    await expectFailure(cancelled, /The user left the bank without consent: got an error from tink/);
    await using late = runScript("demo", ["--wait", "0.05"], settingsOf(sandbox));
    await expectFailure(late, /"What becomes of the attempt, live" did not come true within 3 seconds\./);
    expect(usersOf(sandbox)).toEqual([]);
  });

  it("leaves its user with --keep, and says how to delete them", async () => {
    await using sandbox = await startSandbox();
    await using demo = runScript("demo", ["--keep"], settingsOf(sandbox));
    await visitBank(await linkOf(demo), { decision: "consent" });
    expect(await demo.exit).toBe(0);
    const [user] = usersOf(sandbox);
    expect(demo.output()).toContain(`The user ${user?.id} stays on the stack. mutation {`);
  });
});

describe("npm run demo explains in one line", () => {
  const connectors = (...providers: string[]) =>
    JSON.stringify({
      cursor: {
        ...{ pageSize: 100, hasMore: false },
        data: providers.map((provider) => ({
          ...{ id: provider, reference: provider, name: provider, provider },
          createdAt: "2026-01-01T00:00:00Z",
        })),
      },
    });

  it.each<[string, Record<string, string>, readonly string[], RegExp]>([
    ["a wrong path", { FORMANCE_API_URL: "/api/payments" }, [], /base path: FORMANCE_API_URL goes too deep/],
    ["refused credentials", { FORMANCE_CLIENT_SECRET: "s3cr3t-wrong" }, [], /credentials: answer 401 .*does not know/],
    ["credentials that are half there", { FORMANCE_CLIENT_SECRET: "" }, [], /FORMANCE_CLIENT_SECRET is required/],
    ["credentials without a stack", { FORMANCE_API_URL: "" }, [], /FORMANCE_API_URL is required with credentials/],
    [
      "a connector that there is not",
      {},
      ["--connector", "gocardless"],
      /No connector .*"gocardless".*Plaid \(plaid\)/,
    ],
    [
      "a connector without open banking",
      {},
      ["--connector", "Treasury"],
      /Treasury \(generic\) refuses .*choose another one/,
    ],
    [
      "a user whom the provider refuses",
      {},
      ["--country", "JP"],
      /Plaid \(plaid\) refuses the user or the link\..*support this user's country/,
    ],
    [
      "the same of another provider",
      {},
      ["--connector", "tink", "--locale", "ja_JP"],
      /Tink \(tink\) .*support this user's locale/,
    ],
  ])("%s", async (_case, settings, args, line) => {
    await using sandbox = await startSandbox();
    const { FORMANCE_API_URL = sandbox.url } = settings;
    const url = FORMANCE_API_URL.startsWith("/") ? sandbox.url + FORMANCE_API_URL : FORMANCE_API_URL;
    await using demo = runScript("demo", args, { ...settingsOf(sandbox), ...settings, FORMANCE_API_URL: url });
    await expectFailure(demo, line);
    expect(usersOf(sandbox)).toEqual([]);
  });

  it.each<[string, string[], RegExp]>([
    ["no connector at all", [], /No connector is one that .* The stack has none at all\./],
    ["none that a user can link a bank at", ["stripe", "wise"], /There are: stripe \(stripe\), wise \(wise\)\./],
  ])("%s", async (_case, providers, line) => {
    await using sandbox = await startSandbox();
    using _few = sandbox.fault(({ path }) => path === "/connectors", { status: 200, body: connectors(...providers) });
    await using demo = runScript("demo", [], settingsOf(sandbox));
    await expectFailure(demo, line);
  });

  it("a port where nobody listens, a proxy before a stack that is down, and a client that may only read", async () => {
    await using away = runScript("demo", [], settingsOf(await nobody()));
    await expectFailure(away, /url: nobody takes connections there \(ECONNREFUSED\)/);
    await using proxy = await startRewritingProxy("http://127.0.0.1", {
      answer: () => new Response("<html></html>", { status: 502 }),
    });
    await using down = runScript("demo", [], settingsOf({ ...(await nobody()), url: proxy.url }));
    await expectFailure(down, /base path: answer 502 .*Look whether the payments service is up/);
    await using sandbox = await startSandbox({ clientScopes: ["payments:read"] });
    await using reader = runScript("demo", [], settingsOf(sandbox));
    await expectFailure(reader, /scope payments:write: answer 401 .*Give the client payments:write/);
  });

  it("options without a value that can be used", async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["--connector"], /^Option '--connector <value>' argument missing: see --help\.\n$/],
      [["--country", "Sweden"], /^--country must be two capitals.*\n$/],
      [["--locale", "x"], /^--locale must be one such as en_GB\.\n$/],
      [["--wait", "soon"], /^--wait must be a number of minutes.*\n$/],
      [["--redirect-url", "http://a.example"], /--redirect-url must be an absolute https.*\n$/],
    ];
    await Promise.all(
      cases.map(async ([args, line]) => {
        await using demo = runScript("demo", args);
        expect([await demo.exit, demo.output()]).toEqual([1, expect.stringMatching(line)]);
      }),
    );
  });
});

const nobody = async () => ({ url: `http://127.0.0.1:${await freePort()}`, clientId: "a", clientSecret: "s3cr3t" });
