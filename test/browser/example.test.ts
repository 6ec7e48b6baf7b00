/** The example front end in a browser: connecting, renewing and disconnecting banks, accounts and payments. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { until } from "../support/helpers.ts";
import {
  accountOf,
  addressOfReturn,
  cardOf,
  connectionsOf,
  consent,
  describeExample,
  goToBank,
  heading,
  signIn,
  signInAtBank,
} from "./stage.ts";

// Each test has a user and a browser context of its own.
describeExample("the example front end", (stage) => {
  it("connects a bank at Tink, without a webhook of the provider", async () => {
    const page = await stage().openAs("Astrid Lindqvist");
    // Tink's accounts name no connection.
    const others = page.getByRole("region", { name: "Other accounts" });
    await others.getByRole("link", { name: "Lönekonto" }).waitFor();
    await goToBank(page, "Tink");
    await consent(page, "Spreebank");
    await heading(page, "Your bank is connected").waitFor();
    await page.getByRole("link", { name: "Go to your banks" }).click();
    await others.getByRole("link", { name: "Tagesgeld" }).waitFor();
    expect(await cardOf(page, "Tink").count()).toBe(2);
    expect(await others.getByRole("link", { name: "Girokonto" }).textContent()).toMatch(/€[\d,]+\.\d\d$/);
  }, 60_000);

  it("waits for Plaid's webhook when the user returns before it, and shows its arrival", async () => {
    const page = await stage().openAs("Kofi Mensah");
    await goToBank(page, "Plaid");
    {
      using _held = stage().hold();
      await consent(page, "Copperfield Federal");
      await heading(page, "Waiting for Plaid").waitFor();
    }
    await heading(page, "Your bank is connected").waitFor();
    await page.getByRole("status").getByText(/Plaid/).waitFor();
    expect(stage().sandbox.webhooks.deliveries.map(({ eventType }) => eventType)).toContain(
      "payments.open_banking_user_link_status",
    );
    await page.getByRole("link", { name: "Go to your banks" }).click();
    await cardOf(page, "Plaid").getByRole("link", { name: "Everyday Checking" }).waitFor();
  }, 60_000);

  it("connects two banks in one visit at Powens, for a user who is new there", async () => {
    const page = await stage().openAs("Jun Park");
    await page.getByText("No bank connected yet").waitFor();
    await goToBank(page, "Powens");
    await consent(page, "Banque des Lilas", { another: true });
    await consent(page, "Crédit du Rhône");
    await heading(page, "Your bank is connected").waitFor();
    await page.getByRole("link", { name: "Go to your banks" }).click();
    await cardOf(page, "Powens").getByRole("link", { name: "Livret A" }).waitFor();
    await cardOf(page, "Powens").getByRole("link", { name: "Livret Jeune" }).waitFor();
    expect(await cardOf(page, "Powens").count()).toBe(2);
  }, 60_000);

  it("shows that the user cancelled at the bank, and offers to try again", async () => {
    const page = await stage().openAs("Hannah Cole");
    await cardOf(page, "Plaid").first().waitFor();
    await goToBank(page, "Plaid");
    await page.getByRole("button", { name: "Cancel and go back" }).click();
    await heading(page, "Your bank was not connected").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await heading(page, "Choose your bank").waitFor();
    expect(connectionsOf(stage(), "Hannah Cole")).toHaveLength(2);
  }, 60_000);

  it("waits when a user returns too early, offers to start again, and continues when the visit ends in another tab", async () => {
    const page = await stage().openAs("Emma Schneider");
    await goToBank(page, "Tink");
    const bank = page.url();
    const [attempt] = stage().sandbox.world.attempts;
    await page.goto(attempt?.clientRedirectURL ?? "");
    await heading(page, "Waiting for Tink").waitFor();
    await page.reload();
    await heading(page, "Waiting for Tink").waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    const other = await stage().openTab(page.context());
    await other.goto(bank);
    await consent(other, "Nordhavn Bank");
    await heading(page, "Your bank is connected").waitFor();
  }, 60_000);

  it("survives a reload at each step", async () => {
    const page = await stage().openAs("Ivan Petrov", { path: "/connect" });
    await page.reload();
    await page.getByRole("button", { name: "Powens" }).click();
    await heading(page, "Choose your bank").waitFor();
    await page.getByRole("link", { name: "Crédit du Rhône" }).click();
    await page.reload();
    await signInAtBank(page);
    await heading(page, "Share your accounts").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Give consent", exact: true }).click();
    await heading(page, "Your bank is connected").waitFor();
    await page.reload();
    await heading(page, "Your bank is connected").waitFor();
  }, 60_000);

  it("shows that the visit is over to a user who returns days later, once they have signed in", async () => {
    const address = addressOfReturn(stage(), "Gabriel Santos");
    const page = await stage().openAs("Gabriel Santos", { path: address });
    await heading(page, "This link has expired").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await heading(page, "Choose your bank").waitFor();

    const otherUser = await stage().openAs("Jun Park", { path: address });
    await heading(otherUser, "Page not found").waitFor();
  }, 60_000);

  it("repairs a connection that has lost its consent", async () => {
    const page = await stage().openAs("Ben Okafor");
    const card = cardOf(page, "Tink");
    await card.getByText("This bank is not sending any data at the moment.").waitFor();
    await card.getByRole("button", { name: "Sign in at Tink" }).click();
    await heading(page, "Sign in again").waitFor();
    await signInAtBank(page);
    await page.getByRole("button", { name: "Renew consent" }).click();
    await heading(page, "Your consent is renewed").waitFor();
    await page.getByRole("link", { name: "Go to your banks" }).click();
    await card.getByText("Connected", { exact: true }).waitFor();
    expect(await card.getByRole("button", { name: "Sign in at Tink" }).count()).toBe(0);
  }, 60_000);

  it("shows live that a consent is about to end, and that it has ended", async () => {
    const page = await stage().open();
    const started = new Promise<void>((resolve) => {
      page.on("websocket", (socket) =>
        socket.on("framereceived", ({ payload }) => {
          if (String(payload).includes('"CURRENT"')) resolve();
        }),
      );
    });
    await page.goto(stage().url);
    await signIn(page, "Daichi Mori");
    // A warning from before the stream is shown, but not announced.
    await started;
    const card = cardOf(page, "Powens");
    await card.getByText("Connected", { exact: true }).waitFor();
    const [connection] = connectionsOf(stage(), "Daichi Mori");
    if (connection === undefined) throw new Error("There is no connection.");
    stage().sandbox.world.announceExpiry(connection, "PENDING_EXPIRATION");
    await card.getByText("Ends soon").waitFor();
    await card.getByText(/Your consent ends in 7 days, on /).waitFor();
    await page.getByRole("status").getByText("The consent for Powens ends soon.").waitFor();
    stage().sandbox.world.breakConnection(connection, "The consent has ended.");
    await card.getByText("Action needed").waitFor();
    await card.getByText("This bank is not sending any data at the moment.").waitFor();
  }, 60_000);

  it("shows what is lost before it disconnects a bank, and keeps the focus", async () => {
    const page = await stage().openAs("Chloé Martin");
    const card = cardOf(page, "Powens").filter({ hasText: "Livret Jeune" });
    const disconnect = card.getByRole("button", { name: "Disconnect Powens" });
    await disconnect.click();
    const dialog = page.getByRole("dialog", { name: "Disconnect Powens?" });
    expect(await dialog.textContent()).toMatch(
      /Livret Jeune and Compte chèques and all their payments will be removed from Purse\./,
    );
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    expect(await disconnect.evaluate((button) => button === document.activeElement)).toBe(true);

    await disconnect.click();
    {
      using _held = stage().hold();
      await dialog.getByRole("button", { name: "Disconnect" }).click();
      await card.getByText("Disconnecting…").waitFor();
      await page.locator("h1:focus").waitFor();
    }
    await card.waitFor({ state: "detached" });
    await page.getByText("Powens is disconnected.").waitFor();
    await cardOf(page, "Powens").getByRole("link", { name: "Livret A" }).waitFor();
    expect(connectionsOf(stage(), "Chloé Martin")).toHaveLength(1);
  }, 60_000);

  it("shows changes of one tab in another", async () => {
    const page = await stage().openAs("Fatima Al-Sabah");
    await cardOf(page, "Powens").waitFor();
    const other = await stage().openTab(page.context());
    await other.goto(stage().url);
    await signIn(other, "Fatima Al-Sabah");
    await goToBank(other, "Powens");
    await consent(other, "Sakura Trust");
    await cardOf(page, "Powens").getByRole("link", { name: "信託口座" }).waitFor();
    await other.getByRole("link", { name: "Go to your banks" }).click();
    const second = (tab: Page) => cardOf(tab, "Powens").filter({ hasText: "信託口座" });
    await second(page).getByRole("button", { name: "Disconnect Powens" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    await second(other).waitFor({ state: "detached" });
    await second(page).waitFor({ state: "detached" });
  }, 60_000);

  it("formats amounts for the user's locale, to the last digit", async () => {
    for (const [person, name, scale] of [
      ["Hannah Cole", "Ether vault", 18],
      ["Daichi Mori", "信託口座", 0],
    ] as const) {
      const page = await stage().openAs(person, { locale: "de-DE" });
      await page.getByRole("link", { name }).click();
      await heading(page, name).waitFor();
      const { id } = accountOf(stage(), person, name);
      const digits = String(stage().sandbox.world.balances(id)[0]?.amount).padStart(scale + 1, "0");
      const whole = digits.slice(0, digits.length - scale).replace(/\B(?=(\d{3})+$)/g, ".");
      const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
      const shown = page.getByRole("region", { name: "Kontostand" }).locator("data");
      expect(await shown.textContent()).toContain(fraction === "" ? whole : `${whole},${fraction}`);
    }
  }, 60_000);

  it("says that a bank is still connected when the stack does not disconnect it, as with a second one at the same provider", async () => {
    const page = await stage().openAs("Hannah Cole");
    const disconnect = async (account: string) => {
      const card = cardOf(page, "Plaid").filter({ hasText: account });
      await card.getByRole("button", { name: "Disconnect Plaid" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
      return card;
    };
    await (await disconnect("Rewards card")).waitFor({ state: "detached" });
    const stays = await disconnect("Ether vault");
    await stays.getByText("Disconnecting…").waitFor();
    await stays.getByRole("alert").getByText("Banks are disconnected one after the other").waitFor();
    await stays.getByText("Connected", { exact: true }).waitFor();
  }, 60_000);

  it("lets the bank refuse the user, at the press of a button", async () => {
    const page = await stage().openAs("Daichi Mori");
    await goToBank(page, "Powens");
    await page.getByRole("link", { name: "Crédit du Rhône" }).click();
    await page.getByRole("button", { name: "Let the bank refuse me" }).click();
    await heading(page, "Your bank was not connected").waitFor();
    expect(connectionsOf(stage(), "Daichi Mori")).toHaveLength(1);
  }, 60_000);

  it("draws the history of a balance, and loads payments page by page as the user scrolls", async () => {
    const page = await stage().openAs("Emma Schneider");
    await page.getByRole("link", { name: "Reisekonto" }).click();
    const history = page.getByRole("img", { name: /^The balance from / });
    expect(await history.getAttribute("aria-label")).toMatch(/from −?€[\d,.]+ to −?€[\d,.]+, within a range of −?€/);
    expect((await history.locator(".step").getAttribute("d"))?.split("V").length).toBeGreaterThan(10);

    const rows = page.locator(".row time");
    await rows.first().waitFor();
    const first = await rows.count();
    expect(first).toBe(25);
    await until(async () => {
      await page.mouse.wheel(0, 3000);
      return (await page.getByText("There are no more payments.").count()) > 0;
    });
    const account = stage().sandbox.world.accounts.find((row) => row.name === "Reisekonto");
    const payments = stage().sandbox.world.payments.filter(({ sourceAccountID, destinationAccountID }) =>
      [sourceAccountID, destinationAccountID].includes(account?.id ?? ""),
    );
    expect(payments.length).toBeGreaterThan(2 * first);
    expect(await rows.count()).toBe(payments.length);
  }, 60_000);

  it("moves the focus to the heading of each new page, and works without a mouse", async () => {
    const page = await stage().openAs("Lena Nowak");
    await page.getByRole("link", { name: "Connect a bank" }).press("Enter");
    await heading(page, "Connect a bank").waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Connect a bank");
    expect(await page.title()).toBe("Connect a bank · Purse");
    const tink = page.getByRole("button", { name: "Tink" });
    await tink.waitFor();
    await until(async () => {
      await page.keyboard.press("Tab");
      return tink.evaluate((button) => button === document.activeElement);
    });
    await page.keyboard.press("Enter");
    await heading(page, "Choose your bank").waitFor();
    await page.goBack();
    await page.getByRole("button", { name: "Tink" }).and(page.locator(":enabled")).waitFor();
  }, 60_000);

  it("sends hashes instead of documents, and keeps its token out of all URLs and out of storage that lasts", async () => {
    const page = await stage().open();
    const bodies: string[] = [];
    const addresses: string[] = [];
    page.on("request", (request) => {
      addresses.push(request.url());
      if (request.url().endsWith("/graphql") && request.method() === "POST") bodies.push(request.postData() ?? "");
    });
    page.on("websocket", (socket) => {
      addresses.push(socket.url());
      socket.on("framesent", ({ payload }) => {
        if (String(payload).includes('"subscribe"')) bodies.push(JSON.stringify(JSON.parse(String(payload)).payload));
      });
    });
    await page.goto(stage().url);
    await signIn(page, "Lena Nowak");
    await cardOf(page, "Tink").waitFor();
    await until(async () => bodies.length >= 2);
    for (const body of bodies) {
      expect(JSON.parse(body).documentId).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(JSON.parse(body).query ?? "").toBe("");
    }
    const { token } = JSON.parse((await page.evaluate(() => sessionStorage.getItem("session"))) ?? "{}");
    expect(token).toMatch(/^ey/);
    for (const address of addresses) expect(address).not.toContain(token);
    expect(await page.evaluate(() => [localStorage.length, document.cookie])).toEqual([0, ""]);
    await page.getByRole("button", { name: "Sign out" }).click();
    await heading(page, "Sign in to Purse").waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  }, 60_000);
});
