/** What a user reads in the example front end on the way to a bank and back: in one language, in words for people. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { de } from "../../examples/web/src/de.ts";
import { en } from "../../examples/web/src/en.ts";
import { errorCodes } from "../../src/errors.ts";
import { toCompositeKey, toGlobalId } from "../../src/schema/global-id.ts";
import {
  accountOf,
  addressOfReturn,
  cardOf,
  connectionsOf,
  consent,
  describeExample,
  heading,
  overhangOf,
  type Stage,
  signIn,
} from "./stage.ts";

const texts = { en, de };
type Language = keyof typeof texts;

const screens = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

/** What only the other language writes: dates, times ago, amounts. */
const foreign: Readonly<Record<Language, RegExp>> = {
  en: /\d\.\d{1,2}\.\d{2,4}|\bvor \d|\bin \d+ Tagen|\d,\d\d[\s\u00a0][£€$]/,
  de: /\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w* \d|\bago\b|\bin \d+ days|[£€$]\d/,
};
/** What no person says: enum values, ids, names of code, values that are not there. */
const machine = /\b[A-Z]+_[A-Z_]+\b|\b(plaid|tink|powens|undefined|null|NaN)\b|\[object|[\w-]{40,}|\bglobal id\b/;

/** The page is in one language, in words for people, and no wider than its window: also after a reload. */
async function expectReadable(page: Page, language: Language): Promise<void> {
  for (const isReloaded of [false, true]) {
    if (isReloaded) {
      const before = await page.locator("main").innerText();
      await page.reload();
      await expect.poll(() => page.locator("main").innerText(), { timeout: 10_000 }).toBe(before);
    }
    const labels = await page.locator("[aria-label]").evaluateAll((all) => all.map((one) => one.ariaLabel));
    const shown = `${await page.title()}\n${await page.locator("body").innerText()}\n${labels.join("\n")}`;
    expect(shown).not.toMatch(foreign[language]);
    expect(shown).not.toMatch(machine);
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
    expect(await overhangOf(page)).toBeLessThanOrEqual(0);
  }
}

/** It stands in the middle of the window, with space around it, and nothing behind it can be clicked. */
async function expectCentred(page: Page): Promise<void> {
  const dialog = page.getByRole("dialog");
  const seen = await dialog.evaluate((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return {
      margins: [left, window.innerWidth - right, top, window.innerHeight - bottom],
      backdrop: getComputedStyle(element, "::backdrop").backgroundColor,
      corners: [1, window.innerWidth - 2].map((x) => document.elementFromPoint(x, 1) === element),
    };
  });
  const [left = 0, right = 0, top = 0, bottom = 0] = seen.margins;
  expect(Math.abs(left - right)).toBeLessThanOrEqual(1);
  expect(Math.abs(top - bottom)).toBeLessThanOrEqual(1);
  expect(Math.min(left, top)).toBeGreaterThanOrEqual(16);
  expect(seen.backdrop).toMatch(/^rgba\(0, 0, 0, 0\.[3-9]\d*\)$/);
  expect(seen.corners).toEqual([true, true]);
}

describeExample("in the example front end", (stage) => {
  it.each([
    ["English", "en", "en-GB", "phone", "Kofi Mensah", "Current account", "Plaid", "Harbour & Vale"],
    ["German", "de", "de-DE", "desktop", "Chloé Martin", "Compte courant", "Powens", "Sakura Trust"],
    [
      "German, chosen in an English browser",
      "de",
      "en-US",
      "phone",
      "Emma Schneider",
      "Reisekonto",
      "Tink",
      "Thistle & Sons",
    ],
    [
      "English, chosen in a German browser",
      "en",
      "de-AT",
      "desktop",
      "Daichi Mori",
      "信託口座",
      "Powens",
      "Crédit du Rhône",
    ],
  ] as const)(
    "a user connects a bank in %s, with nothing on the way in another language or in words of machines",
    async (_title, language, locale, screen, person, account, provider, bank) => {
      const text = texts[language];
      const page = await stage().open({ locale, viewport: screens[screen] });
      await page.goto(stage().url);
      const other = page.getByRole("button", { name: text.language });
      if (!locale.startsWith(language)) await other.click();
      await heading(page, text.signIn).waitFor();
      await page.getByRole("button", { name: person }).waitFor();
      await expectReadable(page, language);
      await signIn(page, person);

      const [connection] = connectionsOf(stage(), person);
      if (connection === undefined) throw new Error("There is no connection.");
      stage().sandbox.world.announceExpiry(connection, "PENDING_EXPIRATION");
      await page.getByText(text.endsSoon, { exact: true }).waitFor();
      await expectReadable(page, language);

      const disconnect = page.getByRole("button", { name: text.disconnect(provider) }).first();
      await disconnect.click();
      await heading(page, text.disconnectAsk(provider)).waitFor();
      await expectCentred(page);
      await page.getByRole("button", { name: text.keep }).click();

      await page.getByRole("link", { name: account }).first().click();
      await page.locator(".row time").first().waitFor();
      await page.getByRole("img").and(page.locator("svg")).waitFor();
      await expectReadable(page, language);

      await page.goto(`${stage().url}/connect`);
      const connector = page.getByRole("button", { name: provider });
      await connector.waitFor();
      await expectReadable(page, language);
      await connector.click();
      await consent(page, bank);
      await heading(page, text.bankConnected).waitFor();
      await expectReadable(page, language);
      await page.getByRole("link", { name: text.goToBanks }).click();
      await cardOf(page, provider).nth(1).waitFor();
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
    },
    90_000,
  );

  const idOf = {
    account: ({ stage, person, account }: { stage: Stage; person: string; account: string }) =>
      toGlobalId("Account", accountOf(stage, person, account).id),
    connection: (stage: Stage, person: string) => {
      const [connection] = connectionsOf(stage, person);
      if (connection === undefined) throw new Error(`${person} has no connection.`);
      const { psuID, connectorID, connectionID } = connection;
      return toGlobalId(
        "BankConnection",
        toCompositeKey({ psuId: psuID, connectorId: connectorID, ownId: connectionID }),
      );
    },
  };

  it.each([
    ["en", "phone"],
    ["de", "desktop"],
  ] as const)(
    "an address that leads nowhere shows that, and the way home: in %s, on a %s",
    async (language, screen) => {
      const text = texts[language];
      const locale = language === "de" ? "de-DE" : "en-GB";
      const page = await stage().openAs("Gabriel Santos", { locale, viewport: screens[screen] });
      const own = addressOfReturn(stage(), "Gabriel Santos");
      const foreignAccount = idOf.account({ stage: stage(), person: "Ben Okafor", account: "Rainy day saver" });
      const foreignConnection = idOf.connection(stage(), "Ben Okafor");
      for (const address of [
        "/nowhere",
        "/accounts/",
        "/accounts/xyz",
        "/accounts/%00",
        `/accounts/${foreignAccount}`,
        `/accounts/${foreignAccount.slice(0, -4)}`,
        `/accounts/${foreignConnection}`,
        "/return",
        "/return?attempt=",
        "/return?attempt=xyz",
        `/return?attempt=${foreignAccount}`,
        addressOfReturn(stage(), "Kofi Mensah", "completed"),
        `${own}&connection=xyz`,
        `${own}&connection=${foreignConnection}`,
      ]) {
        await page.goto(stage().url + address);
        await expect.poll(() => page.locator("h1").textContent(), { message: address }).toBe(text.noPage);
        expect(await page.getByRole("alert").count(), address).toBe(0);
        expect(await page.getByRole("button", { name: text.again }).count(), address).toBe(0);
      }
      await expectReadable(page, language);
      await page.getByRole("link", { name: text.goToBanks }).click();
      await heading(page, text.banks).waitFor();
    },
  );

  it.each([
    ["en", "phone"],
    ["de", "desktop"],
  ] as const)("each error has a sentence for people: in %s, on a %s", async (language, screen) => {
    const { errors, fields, flags, otherError, again } = texts[language];
    const locale = language === "de" ? "de-DE" : "en-GB";
    const page = await stage().openAs("Lena Nowak", { locale, viewport: screens[screen] });
    let extensions: object = {};
    await page.route("**/graphql", async (route) => {
      const isOfBanks = route.request().postData()?.includes("locale");
      if (isOfBanks) return route.fallback();
      const error = { message: "UPSTREAM_RAW text for developers", path: ["connectors"], extensions };
      await route.fulfill({ json: { data: { connectors: null }, errors: [error] } });
    });
    await page.goto(`${stage().url}/connect`);
    const alert = page.getByRole("alert");
    const requestId = "5f0c2a9e";
    const codes = errorCodes.filter((code) => code !== "UNAUTHENTICATED");
    for (const [shown, given] of [
      ...[...codes, "A_LATER_CODE"].map((code) => [errors[code] ?? otherError, { code }] as const),
      ...Object.entries(fields).map(([field, shown]) => [shown, { code: "BAD_USER_INPUT", field }] as const),
      ...Object.entries(flags).map(([flag, shown]) => [shown, { code: "CONFLICT", [flag]: true }] as const),
    ]) {
      extensions = { ...given, requestId };
      await alert.waitFor();
      await page.getByRole("button", { name: again }).click();
      await expect.poll(() => alert.textContent(), { message: JSON.stringify(given) }).toContain(shown);
      expect(await alert.textContent()).not.toMatch(machine);
    }
    extensions = { code: "UNAUTHENTICATED" };
    await page.getByRole("button", { name: again }).click();
    await heading(page, texts[language].signInAgain).waitFor();
  });

  it("a connector that is named as in code has a name for people", async () => {
    const page = await stage().open();
    await page.route("**/graphql", async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/"name":"(Plaid|Tink|Powens)"/g, (name) => name.toLowerCase());
      await route.fulfill({ response, body });
    });
    await page.goto(stage().url);
    await signIn(page, "Ben Okafor");
    await cardOf(page, "Plaid").waitFor();
    await page
      .getByText(/^Tink · /)
      .first()
      .waitFor();
    expect(await page.locator("body").innerText()).not.toMatch(machine);
    await page.goto(`${stage().url}/connect`);
    await page.getByRole("button", { name: "Powens" }).waitFor();
    expect(await page.locator("body").innerText()).not.toMatch(machine);
  });
});
