/** The example front end when something fails: restarts, no network, slow responses, expired tokens; and `npm run example`. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { runScript } from "../support/process.ts";
import {
  accountOf,
  addressOfReturn,
  cardOf,
  connectionsOf,
  describeExample,
  hasNoBrowser,
  heading,
  launchBrowser,
  signIn,
} from "./stage.ts";

const phone = { viewport: { width: 390, height: 844 } };
const unreachable = "Purse cannot be reached at the moment.";
const lost = "The connection is lost. Reconnecting…";

/** Pages of Kofi Mensah's by their address, and what each shows once it has read everything. */
const pages = {
  banks: ["", (page: Page) => cardOf(page, "Plaid").getByRole("link", { name: "Current account" })],
  connect: ["connect", (page: Page) => page.getByRole("button", { name: "Plaid" })],
  account: ["account", (page: Page) => page.locator(".row time").first()],
  return: ["return", (page: Page) => heading(page, "Your bank is connected")],
} as const;

describeExample("the example front end, when something fails", (stage) => {
  const openKofi = async (path = "/") => {
    const page = await stage().openAs("Kofi Mensah", { path });
    if (path === "/") await pages.banks[1](page).waitFor();
    return page;
  };
  const addressOf = (name: keyof typeof pages) => {
    if (name === "account") {
      return `/accounts/${toGlobalId("Account", accountOf(stage(), "Kofi Mensah", "Current account").id)}`;
    }
    return name === "return" ? addressOfReturn(stage(), "Kofi Mensah", "completed") : `/${pages[name][0]}`;
  };
  const alertOf = (page: Page) => page.getByRole("alert").getByText(unreachable).first();

  it("continues by itself when the gateway is restarted, on each page, and shows what has changed meanwhile", async () => {
    const page = await openKofi();
    const tabs: [Page, keyof typeof pages][] = [];
    for (const name of ["banks", "connect", "account", "return"] as const) {
      const tab = await stage().openAs("Kofi Mensah", { ...phone, path: addressOf(name) });
      await pages[name][1](tab).waitFor();
      tabs.push([tab, name]);
    }
    await stage().stopGateway();
    await page.getByText(lost).waitFor();
    await page.getByRole("link", { name: "Connect a bank" }).click();
    await alertOf(page).waitFor();
    // The return page has nothing but a stream, which waits.
    for (const [tab, name] of tabs) {
      await tab.reload();
      await (name === "return" ? tab.getByText("Loading…") : alertOf(tab)).waitFor();
    }
    const connection = connectionsOf(stage(), "Kofi Mensah").at(-1);
    if (connection === undefined) throw new Error("There is no connection.");
    stage().sandbox.world.breakConnection(connection, "The bank has closed the account.");
    await stage().startGateway();
    await page.getByText(lost).waitFor({ state: "detached" });
    for (const [tab, name] of [...tabs, [page, "connect"]] as const) {
      await pages[name][1](tab).waitFor();
      await tab.getByRole("alert").waitFor({ state: "detached" });
    }
    await page.getByRole("link", { name: "Back to your banks" }).click();
    await page.getByText("This bank is not sending any data at the moment.").waitFor();
  }, 90_000);

  it("shows that it is offline, and reads again when it is back online, on each page", async () => {
    const page = await stage().openAs("Hannah Cole", phone);
    const card = cardOf(page, "Plaid").first();
    await card.getByText("Connected", { exact: true }).waitFor();
    const steps = [
      ["Connect a bank", page.getByRole("link", { name: "Connect a bank" }), pages.connect[1](page)],
      ["Everyday Checking", page.getByRole("link", { name: "Everyday Checking" }), pages.account[1](page)],
    ] as const;
    for (const [title, link, shown] of steps) {
      await page.context().setOffline(true);
      await page.getByRole("status").getByText("You are offline. What you see may be out of date.").waitFor();
      await card.getByText("Connected", { exact: true }).waitFor();
      await link.click();
      await alertOf(page).waitFor();
      await page.context().setOffline(false);
      await shown.waitFor();
      await heading(page, title).waitFor();
      await page.getByRole("alert").waitFor({ state: "detached" });
      await page.getByText("You are offline.").waitFor({ state: "detached" });
      await page.getByRole("link", { name: /Purse/ }).click();
      await card.waitFor();
    }
    await page.context().setOffline(true);
    // One that is online by its own word, on a network that leads nowhere.
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await alertOf(page).waitFor();
    await card.getByText("Connected", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("alert").getByText("Signing in is not possible at the moment.").waitFor();
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Hannah Cole" }).waitFor();
    await page.getByRole("alert").waitFor({ state: "detached" });
  }, 60_000);

  it("reads again at a click", async () => {
    const page = await stage().open(phone);
    await page.addInitScript(() => {
      Object.assign(window, { setInterval: () => 0 }); // so that it does not by itself
    });
    await page.goto(stage().url);
    await signIn(page, "Astrid Lindqvist");
    await page.route("**/graphql", (route) => route.abort());
    await page.getByRole("link", { name: "Connect a bank" }).click();
    await alertOf(page).waitFor();
    await page.unroute("**/graphql");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("button", { name: "Tink" }).waitFor();
    await page.getByRole("alert").waitFor({ state: "detached" });
  });

  it("begins a stream anew that has failed: of banks by itself, of a visit to the bank at a click", async () => {
    const page = await stage().open();
    const refused = new Set<string>();
    await page.routeWebSocket(/\/graphql$/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => {
        const { type, id, payload } = JSON.parse(String(message)) as Record<string, { variables: object }> & {
          type: string;
        };
        const key = JSON.stringify(payload?.variables);
        if (type !== "subscribe" || refused.has(key)) return server.send(message);
        refused.add(key);
        const extensions = { code: "UPSTREAM_UNAVAILABLE", retryable: true };
        socket.send(JSON.stringify({ type: "error", id, payload: [{ message: "The stack is away.", extensions }] }));
      });
    });
    await page.goto(stage().url);
    await signIn(page, "Daichi Mori");
    await page.getByText(lost).waitFor();
    await page.getByText(lost).waitFor({ state: "detached" });
    const [connection] = connectionsOf(stage(), "Daichi Mori");
    if (connection === undefined) throw new Error("There is no connection.");
    stage().sandbox.world.announceExpiry(connection, "PENDING_EXPIRATION");
    await cardOf(page, "Powens").getByText("Ends soon").waitFor();
    await page.goto(stage().url + addressOfReturn(stage(), "Daichi Mori", "completed"));
    await page.getByRole("alert").getByText("The banking service is not available at the moment.").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await heading(page, "Your bank is connected").waitFor();
  }, 60_000);

  it("shows that loading takes long, and errors with a button to try again", async () => {
    const page = await stage().open();
    await page.goto(stage().url);
    {
      using _slow = stage().sandbox.fault(({ path }) => path.endsWith("/connections"), { delayMs: 6000 });
      await page.getByRole("button", { name: "Ben Okafor" }).click();
      await page.getByText("Loading…").waitFor();
      await page.getByText("Still loading. This is taking longer than usual.").waitFor();
      await cardOf(page, "Plaid").waitFor();
    }
    using broken = stage().sandbox.fault(({ path }) => path.endsWith("/balances"), { status: 503 });
    await page.getByRole("link", { name: "Rainy day saver" }).click();
    const alert = page.getByRole("alert").first();
    await alert.getByText("The banking service is not available at the moment.").waitFor();
    expect(await alert.textContent()).toMatch(/Reference: [\w-]{8,}/);
    broken[Symbol.dispose]();
    await alert.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("img", { name: /^The balance from / }).waitFor();
  }, 90_000);

  it.each(["connect", "account", "return"] as const)(
    "requires a new sign-in when the token expires, and returns to the same page: %s",
    async (name) => {
      const page = await openKofi(addressOf(name));
      await pages[name][1](page).waitFor();
      await page.evaluate(() => {
        const session = JSON.parse(sessionStorage.getItem("session") ?? "");
        sessionStorage.setItem("session", JSON.stringify({ ...session, expiresAt: Date.now() + 500 }));
      });
      await page.reload();
      await heading(page, "Sign in again").waitFor();
      await page.getByText("Your session has ended.").waitFor();
      expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
      await signIn(page, "Kofi Mensah");
      await pages[name][1](page).waitFor();
    },
    60_000,
  );

  it("requires a new sign-in when the gateway refuses the token", async () => {
    const page = await openKofi();
    await page.evaluate(() => {
      const session = JSON.parse(sessionStorage.getItem("session") ?? "");
      sessionStorage.setItem("session", JSON.stringify({ ...session, token: `${session.token.slice(0, -8)}AAAAAAAA` }));
    });
    await page.reload();
    await heading(page, "Sign in again").waitFor();
  }, 60_000);
});

describe.skipIf(hasNoBrowser)("npm run example", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it.each([
    ["an embedded sandbox", false],
    ["the stack of the settings", true],
  ])(
    "starts the front end and a gateway with authentication on %s, and says so and what to try",
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
        // Nor what Vite writes when a browser leaves.
        expect(example.output()).not.toMatch(/error|\n +at /i);
      });
      const [, url = ""] = await example.waitFor(/The example: +(\S+)/);
      const [, graphql = ""] = await example.waitFor(/The gateway: +(\S+),/);
      await example.waitFor(isStack ? /Try next:\n.*one of the stack's users/ : /Try next:\n.*Ben Okafor/);
      expect(example.output()).toMatch(isStack ? /^On the stack at / : new RegExp(`^On ${upstream}`));
      const refused = await fetch(graphql, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: "{ viewer { subject } }" }),
      });
      expect(refused.status).toBe(401);
      const page = await browser.newPage();
      await page.goto(url);
      await signIn(page, "Ben Okafor");
      await cardOf(page, "Plaid").getByRole("link", { name: "Rainy day saver" }).waitFor();
      await page.goto("about:blank");
    },
    90_000,
  );
});
