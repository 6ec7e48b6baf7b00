/** What people know an account by, out of the raw rows of three providers. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../../src/upstream/exact-json.ts";
import { type AccountDetails, type AccountKind, isLiability } from "../../../src/upstream/providers/account-details.ts";
import { createProviders } from "../../../src/upstream/providers/providers.ts";
import * as wire from "../../../src/upstream/wire-types.ts";

const { accountDetailsOf, notesSyncTime } = createProviders();

const noDetails: AccountDetails = {
  kind: "UNKNOWN",
  officialName: null,
  mask: null,
  available: null,
  limit: null,
  refreshedAt: null,
};

const account = (provider: string, raw: unknown, defaultAsset: string | null = null) =>
  ({ provider, raw, defaultAsset }) as wire.Account;

const recorded = JSON.parse(
  readFileSync(new URL("../../sandbox/recorded/rows.json", import.meta.url), "utf8"),
) as Readonly<Record<string, { readonly accounts: readonly string[] }>>;

describe("a recorded account", () => {
  const detailsOf = (provider: string, at: number) =>
    accountDetailsOf(wire.dataOf(wire.account).parse(parseJson(recorded[provider]?.accounts[at] ?? "")));

  it.each([
    ["plaid", 0, { kind: "SAVINGS", mask: "0000", available: { asset: "EUR/2", amount: 5000n } }],
    ["plaid", 1, { kind: "CHECKING", mask: "0000", available: { asset: "EUR/2", amount: 123_456n } }],
    ["tink", 0, { kind: "CHECKING", refreshedAt: "2026-11-28T21:10:42.045Z" }],
    ["tink", 1, { kind: "CHECKING", refreshedAt: "2026-11-28T21:10:42.001Z" }],
    ["powens", 0, { refreshedAt: "2026-11-28T21:09:51Z" }],
    ["powens", 1, { refreshedAt: "2026-11-28T21:09:51Z" }],
    ["powens", 2, { refreshedAt: "2026-11-28T20:32:39Z" }],
  ])("of %s (%i) has these details, and no others", (provider, at, details) => {
    expect(detailsOf(provider, at)).toEqual({ ...noDetails, ...details });
  });
});

describe("the kind of an account", () => {
  const plaid: readonly [string | null, string | null, AccountKind][] = [
    ["depository", "checking", "CHECKING"],
    ["depository", "cash management", "CHECKING"],
    ["depository", "savings", "SAVINGS"],
    ["depository", "money market", "SAVINGS"],
    ["depository", "cd", "SAVINGS"],
    ["depository", "hsa", "SAVINGS"],
    ["depository", "prepaid", "OTHER"],
    ["depository", "paypal", "OTHER"],
    ["depository", "ebt", "OTHER"],
    ["depository", null, "UNKNOWN"],
    ["depository", "", "UNKNOWN"],
    ["credit", "credit card", "CREDIT_CARD"],
    ["credit", "paypal", "CREDIT_CARD"],
    ["credit", null, "CREDIT_CARD"],
    ["loan", "mortgage", "MORTGAGE"],
    ["loan", "home equity", "MORTGAGE"],
    ["loan", "student", "LOAN"],
    ["loan", "auto", "LOAN"],
    ["loan", "line of credit", "LOAN"],
    ["loan", "overdraft", "LOAN"],
    ["loan", null, "LOAN"],
    ["investment", "brokerage", "INVESTMENT"],
    ["investment", "crypto exchange", "INVESTMENT"],
    ["investment", "529", "INVESTMENT"],
    ["investment", null, "INVESTMENT"],
    ["investment", "401k", "PENSION"],
    ["investment", "403B", "PENSION"],
    ["investment", "ira", "PENSION"],
    ["investment", "roth", "PENSION"],
    ["investment", "rrsp", "PENSION"],
    ["investment", "sipp", "PENSION"],
    ["investment", "pension", "PENSION"],
    ["brokerage", null, "INVESTMENT"],
    ["other", "other", "OTHER"],
    ["a new one", "constructor", "OTHER"],
    [null, "checking", "UNKNOWN"],
    ["", null, "UNKNOWN"],
  ];
  it.each(plaid)("of Plaid's type %j and subtype %j is %s", (type, subtype, kind) => {
    expect(accountDetailsOf(account("plaid", { type, subtype })).kind).toBe(kind);
  });

  it.each([
    ...["CHECKING", "SAVINGS", "CREDIT_CARD", "LOAN", "MORTGAGE", "INVESTMENT", "PENSION"].map((kind) => [kind, kind]),
    ...["OTHER", "DIGITAL_WALLET", "EXTERNAL", "constructor"].map((type) => [type, "OTHER"]),
    ...["UNDEFINED", "", null, 5, {}].map((type) => [type, "UNKNOWN"]),
  ])("of Tink's type %j is %s", (type, kind) => {
    expect(accountDetailsOf(account("tink", { type })).kind).toBe(kind);
  });

  it.each([
    ["CREDIT_CARD", true],
    ["LOAN", true],
    ["MORTGAGE", true],
    ["CHECKING", false],
    ["INVESTMENT", false],
    ["OTHER", false],
    ["UNKNOWN", false],
  ] as const)("%s is a liability: %s", (kind, isOne) => {
    expect(isLiability(kind)).toBe(isOne);
  });
});

/** As text, since it is read as the service's answers are. */
const plaidAmount = (amount: string, codes: string, defaultAsset: string | null) =>
  accountDetailsOf(
    account("plaid", parseJson(`{"balances": {"limit": ${amount}, "available": ${amount}, ${codes}}}`), defaultAsset),
  );
const iso = (code: string) => `"iso_currency_code": "${code}", "unofficial_currency_code": null`;

describe("an amount of Plaid's", () => {
  it.each([
    ["1234.56", iso("EUR"), "EUR/2", "EUR/2", 123_456n],
    ["0", iso("EUR"), "EUR/2", "EUR/2", 0n],
    ["-0.0", iso("EUR"), "EUR/2", "EUR/2", 0n],
    ["-12.3", iso("EUR"), "EUR/2", "EUR/2", -1230n],
    ["0.1", iso("USD"), "USD/2", "USD/2", 10n],
    ["4.35", iso("USD"), "USD/2", "USD/2", 435n],
    ["50.00", iso("USD"), "USD/2", "USD/2", 5000n],
    // More digits than usual.
    ["1.005", iso("USD"), "USD/2", "USD/3", 1005n],
    ["1200", iso("JPY"), "JPY", "JPY", 1200n],
    ["1200.5", iso("JPY"), "JPY", "JPY/1", 12_005n],
    ["1.5", iso("KWD"), "KWD/3", "KWD/3", 1500n],
    // Without a default asset, or with that of another currency.
    ["1.5", iso("KWD"), null, "KWD/3", 1500n],
    ["1200", iso("JPY"), null, "JPY", 1200n],
    ["12.5", iso("CHF"), "EUR/2", "CHF/2", 1250n],
    ["12.5", iso("CHF"), "CHF/4", "CHF/4", 125_000n],
    ["0.0005", '"iso_currency_code": null, "unofficial_currency_code": "BTC"', null, "BTC/4", 5n],
    ["12", '"iso_currency_code": "", "unofficial_currency_code": "POINTS"', null, "POINTS", 12n],
    // Exponents, and what a double cannot hold.
    ["1e3", iso("EUR"), "EUR/2", "EUR/2", 100_000n],
    ["1.5E+21", iso("EUR"), "EUR/2", "EUR/2", 150_000_000_000_000_000_000_000n],
    ["1e-7", iso("EUR"), "EUR/2", "EUR/7", 1n],
    ["90071992547409931.01", iso("EUR"), "EUR/2", "EUR/2", 9_007_199_254_740_993_101n],
    ["9007199254740993", iso("EUR"), "EUR/2", "EUR/2", 900_719_925_474_099_300n],
    ["0.123456789012345678901", iso("ETH"), null, "ETH/21", 123_456_789_012_345_678_901n],
  ] as const)("%s of {%s} on an account in %s is exact", (amount, codes, defaultAsset, asset, minor) => {
    const { available, limit } = plaidAmount(amount, codes, defaultAsset);
    expect([available, limit]).toEqual([
      { asset, amount: minor },
      { asset, amount: minor },
    ]);
  });

  it.each([
    ["null", iso("EUR")],
    ['"12.50"', iso("EUR")],
    ["[12]", iso("EUR")],
    ["{}", iso("EUR")],
    ["true", iso("EUR")],
    ["1e400", iso("EUR")],
    ["1e-400", iso("EUR")],
    ["1e99999", iso("EUR")],
    ["9".repeat(200), iso("EUR")],
    ["12.5", iso("")],
    ["12", iso("EUR/2")],
    ["12.5", '"iso_currency_code": null'],
    ["12.5", '"iso_currency_code": 978'],
  ])("%s of {%s} is none", (amount, codes) => {
    expect(plaidAmount(amount, codes, "EUR/2")).toMatchObject({ available: null, limit: null });
  });
});

describe("an amount of Tink's", () => {
  const tinkAmount = (currencyCode: unknown, unscaledValue: unknown, scale: unknown) => {
    const amount = { amount: { currencyCode, value: { scale, unscaledValue } } };
    return accountDetailsOf(account("tink", { balances: { available: amount, creditLimit: amount } }));
  };

  it.each([
    ["GBP", "214350", "2", "GBP/2", 214_350n],
    ["GBP", "-5", "2", "GBP/2", -5n],
    ["GBP", "5", "0", "GBP/2", 500n],
    ["GBP", "5", "-3", "GBP/2", 500_000n],
    ["GBP", "12345", "3", "GBP/3", 12_345n],
    ["GBP", "12340", "3", "GBP/2", 1234n],
    ["JPY", "1200", "0", "JPY", 1200n],
    ["JPY", "120000", "2", "JPY", 1200n],
    ["KWD", "15", "1", "KWD/3", 1500n],
    ["GBP", "0", "9999", "GBP/2", 0n],
    ["GBP", "9".repeat(60), "2", "GBP/2", BigInt("9".repeat(60))],
  ] as const)("%s %s at scale %s is exact", (currency, unscaled, scale, asset, minor) => {
    const { available, limit } = tinkAmount(currency, unscaled, scale);
    expect([available, limit]).toEqual([
      { asset, amount: minor },
      { asset, amount: minor },
    ]);
  });

  it.each([
    ["", "", ""],
    ["", "5", "2"],
    ["GBP", "", "2"],
    ["GBP", "5", ""],
    ["GBP", "5", "1000000"],
    ["GBP", "5", "-5000"],
    ["GBP", "5", "999"],
    ["GBP", "5.5", "2"],
    ["GBP", "0x5", "2"],
    ["GBP", " 5", "2"],
    ["GBP", 5, 2],
    [null, null, null],
    ["GBP", {}, []],
    ["GBP", "9".repeat(1000), "2"],
  ])("%j %j at scale %j is none", (currency, unscaled, scale) => {
    expect(tinkAmount(currency, unscaled, scale)).toMatchObject({ available: null, limit: null });
  });
});

const wrongKinds = [undefined, null, "", "text", 5, 5n, true, [], [[]], {}, Object.create(null), new Date(0)];

it.each(["plaid", "tink", "powens", "generic", ""])("what %s sends of another kind is nothing", (provider) => {
  const names =
    "type subtype mask official_name balances dates last_update iso_currency_code available limit creditLimit amount value scale";
  for (const wrong of wrongKinds) {
    const members = Object.fromEntries(names.split(" ").map((name) => [name, wrong]));
    for (const raw of [wrong, members, { ...members, balances: members, dates: members }]) {
      const { kind, mask, officialName, ...amounts } = accountDetailsOf(account(provider, raw));
      expect([typeof kind, amounts]).toEqual(["string", { available: null, limit: null, refreshedAt: null }]);
      expect([mask, officialName]).toEqual(
        provider === "plaid" && raw !== wrong && wrong === "text" ? ["text", "text"] : [null, null],
      );
    }
  }
});

it("shows no whole number that a bank gives as its last digits", () => {
  expect(accountDetailsOf(account("plaid", { mask: "GB29NWBK60161331926819" })).mask).toBe("6819");
});

it("a card of Plaid's has its names and limits", () => {
  const raw = {
    ...{ type: "credit", subtype: "credit card", mask: " 4321 ", official_name: "Rewards Visa", name: "Card" },
    balances: { available: 358.5, current: 1641.5, limit: 2000, iso_currency_code: "USD" },
  };
  expect(accountDetailsOf(account("plaid", raw, "USD/2"))).toEqual({
    ...{ kind: "CREDIT_CARD", officialName: "Rewards Visa", mask: "4321", refreshedAt: null },
    available: { asset: "USD/2", amount: 35_850n },
    limit: { asset: "USD/2", amount: 200_000n },
  });
});

it.each([
  ["powens", { last_update: "2026-11-28 22:09:51" }, "2026-11-28T21:09:51Z"],
  ["powens", { last_update: "2026-07-28 22:09:51" }, "2026-07-28T20:09:51Z"],
  ["powens", { last_update: "2026-01-01 00:30:00" }, "2025-12-31T23:30:00Z"],
  // The hour that there is twice, and the one that there is not.
  ["powens", { last_update: "2026-10-25 02:30:00" }, "2026-10-25T00:30:00Z"],
  ["powens", { last_update: "2026-10-25 03:00:00" }, "2026-10-25T02:00:00Z"],
  ["powens", { last_update: "2026-03-29 02:30:00" }, "2026-03-29T01:30:00Z"],
  ["powens", { last_update: "2026-02-30 02:30:00" }, null],
  ["powens", { last_update: "2026-11-28T22:09:51Z" }, null],
  ["powens", { last_update: "" }, null],
  ["powens", { last_update: null }, null],
  ["powens", { last_update: 1_795_903_791 }, null],
  ["powens", {}, null],
  ["tink", { dates: { lastRefreshed: "2026-11-28T21:10:42.045Z" } }, "2026-11-28T21:10:42.045Z"],
  ["tink", { dates: { lastRefreshed: "0001-01-01T00:00:00Z" } }, null],
  ["tink", { dates: null }, null],
  ["tink", { dates: { lastRefreshed: "yesterday" } }, null],
  ["plaid", { balances: { last_updated_datetime: "2026-11-28T21:10:42+01:00" } }, "2026-11-28T21:10:42+01:00"],
  ["plaid", { balances: { last_updated_datetime: null } }, null],
  ["plaid", { last_update: "2026-11-28 22:09:51" }, null],
  ["generic", { last_update: "2026-11-28 22:09:51" }, null],
  ["powens", null, null],
  ["tink", "text", null],
  ["plaid", undefined, null],
])("an account of %s with %j was refreshed at %s", (provider, raw, at) => {
  expect(accountDetailsOf(account(provider, raw)).refreshedAt).toBe(at);
});

it.each([
  [{ Provider: "plaid", Reference: "a" }, true],
  [{ Provider: "powens", Reference: "a" }, false],
  [{ Reference: "plaid" }, false],
])("the connections of %j have the time of their data: %s", (id, hasTime) => {
  expect(notesSyncTime(Buffer.from(JSON.stringify(id)).toString("base64url"))).toBe(hasTime);
});
