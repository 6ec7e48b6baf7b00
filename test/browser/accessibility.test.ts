/** Accessibility of the example and of the bank's pages, checked by axe. */
import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import {
  addressOfReturn,
  cardOf,
  consent,
  describeExample,
  goToBank,
  overhangOf,
  signIn,
  signInAtBank,
} from "./stage.ts";

const screens = [
  { colorScheme: "light", width: 390, height: 844 },
  { colorScheme: "dark", width: 1280, height: 800 },
  { colorScheme: "light", width: 1280, height: 800 },
  { colorScheme: "dark", width: 390, height: 844 },
] as const;

/**
 * Serious and critical violations that axe finds on the page, light and dark, on a phone and on a desktop; and the
 * screens on which the page is too wide.
 */
async function findingsOf(page: Page): Promise<readonly string[]> {
  const findings: string[] = [];
  await page.evaluate(axe.source);
  for (const { colorScheme, width, height } of screens) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    const { violations } = await page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ["violations"] }),
    );
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    const where = `${colorScheme}, ${width} pixels`;
    for (const { id, nodes } of serious) findings.push(...nodes.map(({ html }) => `${where}: ${id}: ${html}`));
    const overhang = await overhangOf(page);
    if (overhang > 0) findings.push(`${where}: ${overhang} pixels too wide`);
  }
  return findings;
}

describeExample("axe finds no serious violation", (stage) => {
  it("on the pages of the example", async () => {
    const page = await stage().open();
    const seen: string[] = [];
    const check = async (name: string) => {
      seen.push(name);
      expect(await findingsOf(page), name).toEqual([]);
    };
    const heading = (name: string | RegExp) => page.getByRole("heading", { name }).first().waitFor();

    await page.goto(stage().url);
    await page.getByRole("button", { name: "Ben Okafor" }).waitFor();
    await check("sign in");
    const { promise: isReleased, resolve: release } = Promise.withResolvers<void>();
    await page.route("**/graphql", (route) => isReleased.then(() => route.fallback()));
    await page.getByRole("button", { name: "Ben Okafor" }).click();
    await page.getByText("Still loading.").waitFor();
    await check("loading");
    release();
    await cardOf(page, "Tink").waitFor();
    await check("banks, one of them broken");
    await cardOf(page, "Tink").getByRole("button", { name: "Disconnect Tink" }).click();
    await check("dialog");
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: /^Savings/ }).click();
    await page.getByRole("img", { name: /^The balance/ }).waitFor();
    await page.locator(".row time").first().waitFor();
    await check("account");
    await page.goto(`${stage().url}/connect`);
    await page.getByRole("button", { name: "Plaid" }).waitFor();
    await check("connect");
    await goToPlaid(page);
    {
      using _held = stage().hold();
      await consent(page, "Harbour & Vale");
      await heading("Waiting for Plaid");
      await check("waiting");
    }
    await heading("Your bank is connected");
    await check("connected");
    await page.goto(`${stage().url}/connect`);
    await goToPlaid(page);
    await page.getByRole("button", { name: "Cancel and go back" }).click();
    await heading("Your bank was not connected");
    await check("cancelled");
    await page.route("**/graphql", (route) => route.abort());
    await page.goto(`${stage().url}/connect`);
    await page.getByRole("alert").waitFor();
    await check("error");
    await page.unroute("**/graphql");
    await page.goto(`${stage().url}/nowhere`);
    await heading("Page not found");
    await check("no such page");
    await page.context().setOffline(true);
    await page.getByText("You are offline.").waitFor();
    await check("offline");
    expect(seen).toHaveLength(12);
  }, 120_000);

  it("on the pages of a user without a bank, one who returns too late, one who renews a consent, and one who is signed out", async () => {
    const page = await stage().open();
    const shown = async (heading: string) => {
      await page.getByRole("heading", { name: heading, exact: true }).waitFor();
      expect(await findingsOf(page), heading).toEqual([]);
    };
    await page.goto(stage().url);
    await signIn(page, "Jun Park");
    await page.getByText("No bank connected yet").waitFor();
    await shown("Your banks");
    await page.getByRole("button", { name: "Sign out" }).click();
    await shown("Sign in to Purse");
    await page.goto(stage().url + addressOfReturn(stage(), "Gabriel Santos"));
    await signIn(page, "Gabriel Santos");
    await shown("This link has expired");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.goto(stage().url);
    await signIn(page, "Ben Okafor");
    await cardOf(page, "Tink").getByRole("button", { name: "Sign in at Tink" }).click();
    await shown("Sign in again");
    await signInAtBank(page);
    await shown("Share your accounts");
    await page.getByRole("button", { name: "Renew consent" }).click();
    await shown("Your consent is renewed");
    await page.evaluate(() => {
      const session = JSON.parse(sessionStorage.getItem("session") ?? "");
      sessionStorage.setItem("session", JSON.stringify({ ...session, token: `${session.token.slice(0, -8)}AAAAAAAA` }));
    });
    await page.reload();
    await page.getByText("Your session has ended.").waitFor();
    await shown("Sign in again");
  }, 120_000);

  async function goToPlaid(page: Page): Promise<void> {
    await page.getByRole("button", { name: "Plaid" }).click();
    await page.getByRole("heading", { name: "Choose your bank" }).waitFor();
  }

  it("on the pages of the bank", async () => {
    const page = await stage().open();
    await page.goto(stage().url);
    await signIn(page, "Chloé Martin");
    await goToBank(page, "Powens");
    const link = page.url();
    expect(await findingsOf(page), "choose a bank").toEqual([]);
    await page.getByRole("link", { name: "Gulf Pearl Bank" }).click();
    expect(await findingsOf(page), "sign in").toEqual([]);
    await signInAtBank(page);
    expect(await findingsOf(page), "accounts").toEqual([]);
    for (const box of await page.getByRole("checkbox").all()) await box.uncheck();
    await page.getByRole("button", { name: "Give consent", exact: true }).click();
    await page.getByRole("alert").waitFor();
    expect(await findingsOf(page), "no account is chosen").toEqual([]);
    await page.getByRole("checkbox").first().check();
    await page.getByRole("button", { name: "Give consent and add another bank" }).click();
    await page.getByRole("heading", { name: "Add another bank?" }).waitFor();
    expect(await findingsOf(page), "another bank").toEqual([]);
    await page.getByRole("button", { name: "Cancel and go back" }).click();
    await page.getByRole("heading", { name: "Your bank was not connected" }).waitFor();
    await page.goto(link);
    await page.getByRole("heading", { name: "This link has been used" }).waitFor();
    expect(await findingsOf(page), "a used link").toEqual([]);
  }, 60_000);
});
