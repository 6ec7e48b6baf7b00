/** What the example front end shows of payments, accounts and connectors, in both languages, also when a part fails. */
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect, it } from "vitest";
import { logoOrigin } from "../../examples/web/src/logo-origin.ts";
import { until } from "../support/helpers.ts";
import { accountOf, cardOf, describeExample, overhangOf, type Stage } from "./stage.ts";

const phone = { viewport: { width: 390, height: 844 } };
const german = { locale: "de-DE" };

type Row = Stage["sandbox"]["world"]["payments"][number];

const ofPlaid = ({ raw }: Row) => raw["merchant_name"] ?? raw["original_description"];
const ofTink = ({ raw }: Row) => (raw["descriptions"] as { display: string }).display;
/** Powens names nobody. */
const ofPowens = ({ type }: Row) => (type === "PAYOUT" ? "Payment" : "Money in");

const isPending = ({ raw }: Row): boolean => raw["pending"] === true || raw["status"] === "PENDING";

describeExample("the example front end shows", (stage) => {
  /** The first page, as the stack has it: newest first. */
  function paymentsOf(person: string, account: string) {
    const { id } = accountOf(stage(), person, account);
    return stage()
      .sandbox.world.payments.filter(({ sourceAccountID, destinationAccountID }) =>
        [sourceAccountID, destinationAccountID].includes(id),
      )
      .toSorted((a, b) => Number(b.createdAt - a.createdAt))
      .slice(0, 25);
  }

  async function openPayments(person: string, account: string, options?: BrowserContextOptions): Promise<Page> {
    const page = await stage().openAs(person, options);
    await page.getByRole("link", { name: account }).first().click();
    await page.locator(".row time").first().waitFor();
    return page;
  }

  const rowsOf = (page: Page) =>
    page.locator(".rows .row").evaluateAll((all) =>
      all.slice(0, 25).map((row) => {
        const [data, time] = [row.querySelector("data"), row.querySelector("time")];
        return {
          payee: row.querySelector("strong")?.textContent,
          details: row.querySelector(".soft")?.textContent?.split(" · ")[1],
          amount: data?.textContent?.replaceAll("\u00a0", " "),
          value: data?.value,
          colour: data && getComputedStyle(data).color,
          isPending: row.querySelector(".pill") !== null,
          time: time?.dateTime,
          day: time?.textContent,
        };
      }),
    );

  it.each([
    ["Plaid", "Hannah Cole", "Everyday Checking", /^[A-Z][a-z]+( [a-z]+)*$/, ofPlaid],
    ["Tink", "Astrid Lindqvist", "Lönekonto", /^$/, ofTink],
    ["Powens", "Chloé Martin", "Compte courant", /^(Card payment|Direct debit|Transfer|Deposit)$/, ofPowens],
  ] as const)("who was paid, what for and when, by %s", async (_provider, person, account, category, toPayee) => {
    const page = await openPayments(person, account, { timezoneId: "America/Los_Angeles" });
    const rows = await rowsOf(page);
    const payments = paymentsOf(person, account);
    expect(rows).toHaveLength(25);
    expect(rows.map(({ payee }) => payee).toSorted()).toEqual(payments.map(toPayee).toSorted());
    for (const { amount = "", value = "", details = "", time = "", day } of rows) {
      expect(details).toMatch(category);
      // One minus sign, for people; the value is for machines.
      expect(amount).toMatch(value.startsWith("-") ? /^−[^-−+]+$/ : /^\+[^-−+]+$/);
      expect(time).not.toMatch(/T00:00:00/);
      if (time.length > 10) continue;
      // A day stays that day, also where its midnight in UTC is the evening before.
      expect(day).toMatch(new RegExp(`^${Number(time.slice(8))} `));
    }
    const colours = (isOut: boolean) =>
      new Set(rows.filter(({ value }) => value?.startsWith("-") === isOut).map(({ colour }) => colour));
    expect(colours(true).isDisjointFrom(colours(false))).toBe(true);
    expect(rows.filter(({ isPending }) => isPending).length).toBe(payments.filter(isPending).length);
  });

  it("a shop's logo once it has loaded, and else a letter: never a broken image", async () => {
    const page = await stage().openAs("Kofi Mensah");
    const requested: string[] = [];
    await page.context().route(`${logoOrigin}/**`, (route) => {
      requested.push(route.request().url());
      if (!route.request().url().includes("rail")) return route.fulfill({ status: 404 });
      const body = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle r="20" fill="red"/></svg>';
      return route.fulfill({ contentType: "image/svg+xml", body });
    });
    // As Plaid's own addresses are: the sandbox's lead nowhere.
    await page.route("**/graphql", async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replaceAll("https://logos.sandbox.invalid", logoOrigin);
      await route.fulfill({ response, body });
    });
    await cardOf(page, "Plaid").getByRole("link", { name: "Current account" }).click();
    await page.locator("img.logo").first().waitFor();
    for (let at = 0; at < 3; at += 1) await page.mouse.wheel(0, 2000);
    await expect.poll(() => requested.length).toBeGreaterThan(1);
    const haveLoaded = (all: readonly Element[]) => all.every((one) => (one as HTMLImageElement).naturalWidth > 0);
    await expect.poll(() => page.locator("img.logo").evaluateAll(haveLoaded)).toBe(true);
    expect(await page.locator("span.logo").count()).toBeGreaterThan(0);
  });

  it("kinds, digits, what is owed, and totals, on a phone in both languages", async () => {
    for (const [options, first, kind, owed, total] of [
      [{}, "All accounts", /^Rainy day saver.*Savings ·· \d{4}/, /^£[\d,]+\.\d\d owed$/, /^£[\d,]+\.\d\d$/],
      [german, "Alle Konten", /^Rainy day saver.*Sparkonto ·· \d{4}/, /^[\d.]+,\d\d £ offen$/, /^[\d.]+,\d\d £$/],
    ] as const) {
      const page = await stage().openAs("Ben Okafor", { ...phone, ...options });
      const totals = page.getByRole("region", { name: first, exact: true }).locator("data");
      expect((await totals.textContent())?.replace("\u00a0", " ")).toMatch(total);
      await page.getByRole("link", { name: kind }).waitFor();
      const card = page.getByRole("link", { name: /^Credit card/ });
      expect((await card.locator("data").textContent())?.replace("\u00a0", " ")).toMatch(owed);
      expect(await overhangOf(page)).toBe(0);
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(options === german ? "de" : "en");
      await card.click();
      const limits = options === german ? /^Kreditrahmen am .*: [\d.]+,00/ : /^Credit limit as of .*: £[\d,]+\.00$/;
      await page.getByText(limits).waitFor();
      expect(await overhangOf(page)).toBe(0);
    }
  }, 60_000);

  it("debts of Tink, whose balances are negative, without a sign, and subtracts them in the totals", async () => {
    const page = await stage().openAs("Astrid Lindqvist", phone);
    const mortgage = page.getByRole("link", { name: /^Bolån/ }).locator("data");
    expect(await mortgage.textContent()).toMatch(/^SEK\u00a01,845,000\.00 owed$/);
    const totals = page.getByRole("region", { name: "All accounts" });
    expect(await totals.locator("data").textContent()).toMatch(/^−SEK\u00a01,\d{3},\d{3}\.\d\d$/);
    await totals.getByText(/^You have SEK.* and owe SEK.*1,8\d\d,\d{3}\.\d\d\.$/).waitFor();
  });

  it("amounts of 18 decimals on a phone without a scroll bar", async () => {
    const page = await stage().openAs("Hannah Cole", { ...phone, ...german });
    await page.getByRole("link", { name: "Ether vault" }).waitFor();
    expect(await overhangOf(page)).toBe(0);
  });

  it("all but the one balance that fails, no totals without it, and both once it is there again", async () => {
    const { id } = accountOf(stage(), "Ben Okafor", "Rainy day saver");
    const failing = ({ path }: { readonly path: string }) => decodeURIComponent(path).includes(`${id}/balances`);
    using broken = stage().sandbox.fault(failing, { status: 503 });
    const page = await stage().openAs("Ben Okafor", { ...phone, ...german });
    const plaid = cardOf(page, "Plaid");
    await plaid.getByText("Kontostand nicht verfügbar").waitFor();
    expect(await plaid.locator("data").count()).toBe(2);
    const totals = page.getByRole("region", { name: "Alle Konten" });
    await totals.getByText("Derzeit gibt es keine Summe").waitFor();
    expect(await totals.locator("data").count()).toBe(0);
    expect(await page.getByRole("alert").count()).toBe(0);
    broken[Symbol.dispose]();
    await plaid.getByRole("button", { name: "Erneut versuchen" }).click();
    await totals.locator("data").waitFor();
    expect(await plaid.locator("data").count()).toBe(3);
    expect(await page.getByRole("button", { name: "Erneut versuchen" }).count()).toBe(0);
  }, 60_000);

  it("the account when its payments fail, and the payments when their details fail", async () => {
    using list = stage().sandbox.fault(({ path }) => path.endsWith("/payments"), { status: 503 });
    // No other test reads these details: for a minute they would not be read again.
    const page = await stage().openAs("Astrid Lindqvist");
    await page.getByRole("link", { name: /^Kreditkort/ }).click();
    await page.getByRole("region", { name: "Balance" }).locator("data").waitFor();
    const alert = page.getByRole("alert");
    await alert.getByText("The banking service is not available at the moment.").waitFor();
    using details = stage().sandbox.fault(({ path }) => /\/payments\/[^/]+$/.test(path), { status: 503 });
    list[Symbol.dispose]();
    await alert.getByRole("button", { name: "Try again" }).click();
    await alert.getByText("Some payment details are missing.").waitFor();
    const payees = new Set((await rowsOf(page)).map(({ payee }) => payee));
    expect(payees.isSubsetOf(new Set(["Payment", "Money in"]))).toBe(true);
    details[Symbol.dispose]();
    // After so many failures the gateway spares the stack for a moment.
    await until(async () => {
      const again = alert.getByRole("button", { name: "Try again" });
      if ((await again.count()) > 0) await again.click();
      return (await page.locator(".rows").getByText("Corner Café").count()) > 0;
    });
    await alert.waitFor({ state: "detached" });
  }, 60_000);

  it("only connectors that link banks, and what the user lacks for one before it refuses", async () => {
    const page = await stage().openAs("Jun Park", { ...phone, ...german, path: "/connect" });
    await page.getByRole("button", { name: "Powens" }).waitFor();
    expect(await page.locator(".rows strong").allTextContents()).toEqual(["Powens", "Tink", "Plaid"]);
    expect(await page.locator(".rows button").count()).toBe(1);
    expect(await page.getByText(/^In Ihrem Profil fehlt: Land\./).count()).toBe(2);
    expect(await overhangOf(page)).toBe(0);
    const english = await stage().openAs("Ivan Petrov", { path: "/connect" });
    await english.getByText("Your profile is missing a country and a language.").first().waitFor();
  }, 60_000);

  it("that no bank can be connected, where no connector links any", async () => {
    const page = await stage().openAs("Jun Park", phone);
    await page.route("**/graphql", (route) =>
      route.request().postData()?.includes("locale")
        ? route.fallback()
        : route.fulfill({ json: { data: { connectors: { nodes: [] } } } }),
    );
    await page.getByRole("link", { name: "Connect a bank" }).click();
    await page.getByText("No bank can be connected at the moment.").waitFor();
  });

  it("a provider's refusal in words for people, in their language", async () => {
    const page = await stage().openAs("Fatima Al-Sabah", { ...german, path: "/connect" });
    await page.getByRole("button", { name: "Tink" }).click();
    const alert = page.getByRole("alert");
    await alert.getByText("Dieser Dienst ist in Ihrem Land nicht verfügbar.").waitFor();
    expect(await alert.textContent()).not.toMatch(/connector|input|user/i);
  });

  it("the language that the user chooses, also after a reload, and the browser's own without a choice", async () => {
    const page = await stage().openAs("Lena Nowak", { locale: "fr-FR" });
    await page.getByRole("heading", { name: "Your banks" }).waitFor();
    await page.getByRole("button", { name: "Deutsch" }).click();
    await page.getByRole("heading", { name: "Ihre Banken" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Ihre Banken" }).waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("heading", { name: "Your banks" }).waitFor();
  });

  it("English in a browser whose locale is no language tag", async () => {
    const page = await stage().open();
    await page.addInitScript(() => {
      Object.defineProperty(navigator, "languages", { value: ["de@posix", "deq", "en-US@posix"] });
    });
    await page.goto(stage().url);
    await page.getByRole("heading", { name: "Sign in to Purse" }).waitFor();
  });
});
