import { describe, expect, it } from "vitest";
import { createRandom } from "../../../sandbox/random.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { graphql } from "../../graphql/gql.ts";
import { startTestGateway } from "../../support/helpers.ts";
import { accountGlobalId, firstOf } from "../global-ids.ts";

const MoneyOf = graphql(`
  query MoneyOf($id: ID!, $locale: String) {
    account(id: $id) {
      balanceHistory(first: 100) {
        nodes { amount { asset currency scale amount decimal formatted(locale: $locale) } }
      }
    }
  }
`);

type Amount = { readonly asset: string; readonly amount: bigint };

const start = () =>
  startTestGateway({ sandbox: { world: createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } }) } });

/** What the graph makes of amounts that the service sends. */
async function show(amounts: readonly Amount[], locale = "en") {
  await using gateway = await start();
  const { sandbox } = gateway;
  const account = firstOf(sandbox.world.accounts);
  const at = "2026-08-05T12:00:00Z";
  const rows = amounts.map(
    ({ asset, amount }) =>
      `{"accountID":"${account.id}","createdAt":"${at}","lastUpdatedAt":"${at}","asset":${JSON.stringify(asset)},"balance":${amount}}`,
  );
  using _ = sandbox.fault(({ path }) => path.endsWith("/balances"), {
    body: `{"cursor":{"pageSize":100,"hasMore":false,"data":[${rows.join(",")}]}}`,
  });
  const data = await gateway.run(MoneyOf, { id: accountGlobalId(account.id), locale });
  return data.account?.balanceHistory.nodes.map((row) => row.amount) ?? [];
}

/** Any space as a plain one: locales write narrow and unbreakable ones. */
const plain = (text: string | undefined) => text?.replaceAll(/[\u00a0\u202f]/g, " ");

const forty = 1234567890123456789012345678901234567890n;

describe("an amount", () => {
  it.each([
    ["USD/2", 1234567n, "USD", 2, "12345.67", "$12,345.67"],
    ["USD/2", -1234567n, "USD", 2, "-12345.67", "-$12,345.67"],
    ["USD/2", 0n, "USD", 2, "0.00", "$0.00"],
    ["USD/2", 5n, "USD", 2, "0.05", "$0.05"],
    ["USD/2", -5n, "USD", 2, "-0.05", "-$0.05"],
    ["USD/2", 100n, "USD", 2, "1.00", "$1.00"],
    ["USD/4", 12345n, "USD", 4, "1.2345", "$1.2345"],
    ["JPY", 1234567n, "JPY", 0, "1234567", "¥1,234,567"],
    ["JPY", -1n, "JPY", 0, "-1", "-¥1"],
    ["JPY/0", 12n, "JPY", 0, "12", "¥12"],
    ["USD/0", 12n, "USD", 0, "12", "$12.00"],
    ["KWD/3", 1234567n, "KWD", 3, "1234.567", "KWD 1,234.567"],
    ["KWD/3", -1n, "KWD", 3, "-0.001", "-KWD 0.001"],
    ["USDC/6", 1234567n, "USDC", 6, "1.234567", "1.234567 USDC"],
    ["USDC/6", 1n, "USDC", 6, "0.000001", "0.000001 USDC"],
    ["BTC/8", 100000000n, "BTC", 8, "1.00000000", "1 BTC"],
    ["ETH/18", 1n, "ETH", 18, "0.000000000000000001", "0.000000000000000001 ETH"],
    ["ETH/18", -1500000000000000000n, "ETH", 18, "-1.500000000000000000", "-1.5 ETH"],
    [
      "USD/2",
      forty,
      "USD",
      2,
      "12345678901234567890123456789012345678.90",
      "$12,345,678,901,234,567,890,123,456,789,012,345,678.90",
    ],
    [
      "ETH/18",
      -forty,
      "ETH",
      18,
      "-1234567890123456789012.345678901234567890",
      "-1,234,567,890,123,456,789,012.34567890123456789 ETH",
    ],
    [
      "JPY",
      forty,
      "JPY",
      0,
      "1234567890123456789012345678901234567890",
      "¥1,234,567,890,123,456,789,012,345,678,901,234,567,890",
    ],
    ["usd/2", 150n, "usd", 2, "1.50", "1.5 usd"],
    ["GOLD", 150n, "GOLD", 0, "150", "150 GOLD"],
    ["A/B/2", 150n, "A/B", 2, "1.50", "1.5 A/B"],
    ["X/0", 150n, "X", 0, "150", "150 X"],
    ["X/", 150n, "X/", 0, "150", "150 X/"],
    ["/2", 150n, "/2", 0, "150", "150 /2"],
    ["X/-2", 150n, "X/-2", 0, "150", "150 X/-2"],
  ] as const)("of %s %s is exact", async (asset, amount, currency, scale, decimal, formatted) => {
    const [money] = await show([{ asset, amount }]);
    expect({ ...money, formatted: plain(money?.formatted) }).toEqual({
      asset,
      currency,
      scale,
      amount: amount.toString(),
      decimal,
      formatted,
    });
  });

  it.each([101, 255, 1000, 20_000])("with %i digits behind the point is shown as it is", async (scale) => {
    const [money] = await show([{ asset: `X/${scale}`, amount: -15n }]);
    const decimal = `-0.${"0".repeat(scale - 2)}15`;
    expect(money).toEqual({
      asset: `X/${scale}`,
      currency: "X",
      scale,
      amount: "-15",
      decimal,
      formatted: `${decimal}\u00a0X`,
    });
  });
});

describe("a formatted amount", () => {
  it.each([
    ["en", "USD/2", -123456789n, "-$1,234,567.89"],
    ["fr", "USD/2", -123456789n, "-1 234 567,89 $US"],
    ["fr", "EUR/2", 123456789n, "1 234 567,89 €"],
    ["de", "EUR/2", 123456789n, "1.234.567,89 €"],
    ["ja", "JPY", 1234567n, "￥1,234,567"],
    ["en-IN", "INR/2", 123456789n, "₹12,34,567.89"],
    ["en_IN", "INR/2", 123456789n, "₹12,34,567.89"],
    ["ar-EG", "EGP/2", 123456789n, "\u200f١٬٢٣٤٬٥٦٧٫٨٩ ج.م.\u200f"],
    ["ar", "KWD/3", 1234567n, "\u200f1,234.567 د.ك.\u200f"],
    ["fr", "ETH/18", 1234500000000000000000n, "1 234,5 ETH"],
    ["de", "USDC/6", -1234567891n, "-1.234,567891 USDC"],
    ["en-IN", "ETH/18", 12345678000000000000000001n, "1,23,45,678.000000000000000001 ETH"],
  ])("in %s of %s %s", async (locale, asset, amount, formatted) => {
    const [money] = await show([{ asset, amount }], locale);
    expect(plain(money?.formatted)).toBe(formatted);
  });

  it.each(["", "xx", "english", "en-", "en US", "-", "123", "e".repeat(5000)])("knows no locale %j", async (locale) => {
    await using gateway = await start();
    const id = accountGlobalId(firstOf(gateway.sandbox.world.accounts).id);
    const { errors } = await gateway.send(MoneyOf.toString(), { id, locale });
    expect(errors.length).toBeGreaterThan(0);
    for (const { extensions } of errors) expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "locale" });
  });

  it("knows no unknown locale either where it would not use it", async () => {
    await expect(show([{ asset: "X/101", amount: 1n }], "xx")).rejects.toThrow("BAD_USER_INPUT");
  });

  it("is English where no locale is given, or null", async () => {
    await using gateway = await start();
    const id = accountGlobalId(firstOf(gateway.sandbox.world.accounts).id);
    const { data } = await gateway.send<{ account: { balances: readonly Record<string, { en: string }>[] } }>(
      `query ($id: ID!) {
        account(id: $id) {
          balances(asset: "EUR/2") { amount { en: formatted(locale: "en") none: formatted null: formatted(locale: null) } }
        }
      }`,
      { id },
    );
    const money = data?.account.balances[0]?.["amount"];
    expect(money).toEqual({ en: money?.en, none: money?.en, null: money?.en });
    expect(money?.en).toMatch(/^€[\d,]+\.\d\d$/);
  });
});

describe("any amount", () => {
  const random = createRandom(7);
  const digits = (count: number) => Array.from({ length: count }, () => random.integer(0, 9)).join("");
  const amounts = Array.from({ length: 1000 }, (_none, at): Amount => {
    const scale = random.integer(0, at % 10 === 0 ? 100 : 20);
    const size = BigInt(digits(random.integer(1, 45)));
    const code = random.pick(["USD", "EUR", "JPY", "KWD", "ETH", "USDC", "XAU", "POINTS"]);
    return { asset: `${code}/${scale}`, amount: random.float() < 0.5 ? -size : size };
  });
  const pages = Array.from({ length: 10 }, (_none, at) => amounts.slice(at * 100, at * 100 + 100));

  /** Whole units and the digits behind the point, by arithmetic and not by text. */
  function divide(amount: bigint, scale: number) {
    const size = amount < 0n ? -amount : amount;
    const unit = 10n ** BigInt(scale);
    return { isNegative: amount < 0n, whole: size / unit, rest: size % unit };
  }

  it("equals its decimal, to the last digit", async () => {
    for (const page of pages) {
      const shown = await show(page);
      for (const [at, { asset, amount }] of page.entries()) {
        const { scale, decimal, ...money } = firstOf(shown.slice(at));
        const { isNegative, whole, rest } = divide(amount, scale);
        const [head = "", tail = ""] = decimal.replace(/^-/, "").split(".");
        expect([asset, scale, money.amount]).toEqual([asset, Number(asset.split("/")[1]), amount.toString()]);
        expect([decimal, decimal.startsWith("-"), BigInt(head), tail.length, BigInt(tail || "0")]).toEqual([
          decimal,
          isNegative,
          whole,
          scale,
          rest,
        ]);
        expect(head).toMatch(/^(0|[1-9]\d*)$/);
      }
    }
  });

  it.each([
    ["en", ".", ","],
    ["de", ",", "."],
    ["fr", ",", " "],
    ["en-IN", ".", ","],
  ])("is never rounded by the locale %s", async (locale, point, separator) => {
    for (const page of pages) {
      const shown = await show(page, locale);
      for (const [at, { asset, amount }] of page.entries()) {
        const { scale, formatted } = firstOf(shown.slice(at));
        const { isNegative, whole, rest } = divide(amount, scale);
        const number = /\d[\d., ]*/.exec(plain(formatted) ?? "")?.[0].trim() ?? "";
        const [head = "", tail = ""] = number.replaceAll(separator, "").split(point);
        // Only zeros may be left out or added at the end.
        expect([asset, formatted, isNegative, BigInt(head), BigInt(tail.padEnd(100, "0"))]).toEqual([
          asset,
          formatted,
          formatted.includes("-"),
          whole,
          rest * 10n ** BigInt(100 - scale),
        ]);
      }
    }
  });
});
