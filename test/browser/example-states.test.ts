/** The example front end when something fails: restarts, no network, slow responses, expired tokens; and `npm run example`. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { runScript } from "../support/process.ts";
import { buildExample, cardOf, hasNoBrowser, launchBrowser, openStage, type Stage, signIn } from "./stage.ts";

async function openAs(stage: Stage, name: string): Promise<Page> {
  const page = await stage.open();
  await page.goto(stage.url);
  await signIn(page, name);
  await cardOf(page, "Plaid").waitFor();
  return page;
}

function connectionOf({ sandbox: { world } }: Stage, name: string) {
  const person = world.people.find((one) => one.name === name);
  const connection = world.connections.findLast(({ psuID }) => psuID === person?.id);
  if (connection === undefined) throw new Error(`${name} has no connection.`);
  return connection;
}

describe.skipIf(hasNoBrowser)("the example front end, when something fails", () => {
  beforeAll(buildExample, 120_000);

  it("continues by itself when the gateway is restarted, and shows what has changed meanwhile", async () => {
    await using stage = await openStage();
    const page = await openAs(stage, "Kofi Mensah");
    const line = page.getByText("The live connection is lost. Trying again…");
    await stage.stopGateway();
    await line.waitFor();
    stage.sandbox.world.breakConnection(connectionOf(stage, "Kofi Mensah"), "The bank has closed the account.");
    await page.getByRole("link", { name: "Connect a bank" }).click();
    await page.getByRole("alert").getByText("The server cannot be reached.").waitFor();
    await stage.startGateway();
    await line.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("button", { name: "Plaid" }).waitFor();
    await page.getByRole("link", { name: "Back to your banks" }).click();
    await page.getByText("The bank gives no data at the moment.").waitFor();
    expect(stage.problems).toEqual([]);
  }, 90_000);

  it("shows that it is offline, and reads again when it is back online", async () => {
    await using stage = await openStage();
    const page = await openAs(stage, "Kofi Mensah");
    await page.context().setOffline(true);
    await page.getByRole("status").getByText("You are offline. What you see may be old.").waitFor();
    await cardOf(page, "Plaid").getByText("Connected", { exact: true }).waitFor();
    const reading = page.waitForRequest((request) => request.url().endsWith("/graphql") && request.method() === "POST");
    await page.context().setOffline(false);
    await reading;
    await page.getByText("You are offline.").waitFor({ state: "detached" });
  }, 60_000);

  it("shows that loading takes long, and errors with a button to try again", async () => {
    await using stage = await openStage();
    const page = await stage.open();
    await page.goto(stage.url);
    {
      using _slow = stage.sandbox.fault(({ path }) => path.endsWith("/connections"), { delayMs: 6000 });
      await page.getByRole("button", { name: "Ben Okafor" }).click();
      await page.getByText("Loading…").waitFor();
      await page.getByText("Still loading. This takes longer than usual.").waitFor();
      await cardOf(page, "Plaid").waitFor();
    }
    using broken = stage.sandbox.fault(({ path }) => path.endsWith("/balances"), { status: 503 });
    await page.getByRole("link", { name: "Rainy day saver" }).click();
    const alert = page.getByRole("alert").first();
    await alert.getByText("The banking service does not answer at the moment.").waitFor();
    expect(await alert.textContent()).toMatch(/Reference: [\w-]{8,}/);
    broken[Symbol.dispose]();
    await alert.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("img", { name: /^The balance from / }).waitFor();
    expect(stage.problems).toEqual([]);
  }, 90_000);

  it("requires a new sign-in when the token expires, and returns to the same page", async () => {
    await using stage = await openStage({ signInLifetimeS: 6 });
    const page = await openAs(stage, "Kofi Mensah");
    await page.getByRole("link", { name: "Connect a bank" }).click();
    await page.getByRole("heading", { name: "Sign in again" }).waitFor();
    await page.getByText("Your session has ended.").waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    await signIn(page, "Kofi Mensah");
    await page.getByRole("heading", { name: "Connect a bank" }).waitFor();
  }, 60_000);

  it("requires a new sign-in when the gateway refuses the token", async () => {
    await using stage = await openStage();
    const page = await openAs(stage, "Kofi Mensah");
    await page.evaluate(() => {
      const session = JSON.parse(sessionStorage.getItem("session") ?? "");
      sessionStorage.setItem("session", JSON.stringify({ ...session, token: `${session.token.slice(0, -8)}AAAAAAAA` }));
    });
    await page.reload();
    await page.getByRole("heading", { name: "Sign in again" }).waitFor();
  }, 60_000);
});

describe.skipIf(hasNoBrowser)("npm run example", () => {
  it.each([
    ["an embedded sandbox", false],
    ["the stack of the settings", true],
  ])(
    "starts the front end and a gateway with authentication on %s, and says so",
    async (upstream, isStack) => {
      await using cleanUp = new AsyncDisposableStack();
      const stack = isStack ? cleanUp.use(await startSandbox()) : null;
      const settings = stack && {
        FORMANCE_API_URL: stack.url,
        FORMANCE_CLIENT_ID: stack.clientId,
        FORMANCE_CLIENT_SECRET: stack.clientSecret,
      };
      const example = runScript("example", ["--host", "127.0.0.1", "--port", "0"], settings ?? {});
      cleanUp.defer(async () => {
        example.kill("SIGTERM");
        expect(await example.exit).toBe(0);
      });
      const [, url = ""] = await example.waitFor(/The example: +(\S+)/);
      const [, graphql = ""] = await example.waitFor(/The gateway: +(\S+),/);
      expect(example.output()).toMatch(isStack ? /^On the stack at / : new RegExp(`^On ${upstream}`));
      const refused = await fetch(graphql, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: "{ viewer { subject } }" }),
      });
      expect(refused.status).toBe(401);
      const browser = await launchBrowser();
      cleanUp.defer(() => browser.close());
      const page = await browser.newPage();
      await page.goto(url);
      await signIn(page, "Ben Okafor");
      await cardOf(page, "Plaid").getByRole("link", { name: "Rainy day saver" }).waitFor();
    },
    90_000,
  );
});
