/** What people know a payment by, out of the rows of three providers: recorded ones, and odd ones. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../../src/upstream/exact-json.ts";
import type { PaymentDetails } from "../../../src/upstream/providers/payment-details.ts";
import { createProviders } from "../../../src/upstream/providers/providers.ts";
import * as wire from "../../../src/upstream/wire-types.ts";

const { paymentDetailsOf } = createProviders();

/** Of a payment whose status says nothing. */
const readPaymentDetails = (provider: string, raw: unknown) =>
  paymentDetailsOf({ provider, status: "SUCCEEDED", adjustments: [{ status: "SUCCEEDED", raw }] } as never);

const nothing: PaymentDetails = {
  isPending: null,
  description: null,
  counterparty: null,
  category: null,
  bookedOn: null,
  valueOn: null,
  occurredAt: null,
};

const recordedAt = new URL("../../sandbox/recorded/rows.json", import.meta.url);
const recorded = JSON.parse(readFileSync(recordedAt, "utf8")) as Readonly<
  Record<string, { readonly payments: readonly string[] }>
>;
const recordedOf = (provider: string) =>
  (recorded[provider]?.payments ?? []).map((text) => wire.dataOf(wire.paymentInFull).parse(parseJson(text)));

describe("recorded payments", () => {
  it("of Plaid", () => {
    expect(recordedOf("plaid").map(paymentDetailsOf)).toEqual([
      { ...nothing, isPending: false, description: "Shop", bookedOn: "2026-11-20" },
    ]);
  });

  it("of Tink, one of them pending", () => {
    expect(recordedOf("tink").map(paymentDetailsOf)).toEqual([
      { ...nothing, isPending: true, description: "Greengrocer" },
      {
        ...nothing,
        ...{ isPending: false, description: "Salary", occurredAt: "2026-11-25T08:30:00Z" },
        ...{ bookedOn: "2026-11-25", valueOn: "2026-11-25" },
      },
      {
        ...nothing,
        ...{ isPending: false, description: "Greengrocer", occurredAt: "2026-11-20T08:30:00Z" },
        ...{ bookedOn: "2026-11-20", valueOn: "2026-11-20" },
      },
    ]);
  });

  it("of Powens", () => {
    const category = { name: "transfer", detailed: null, source: "powens" };
    const rows = recordedOf("powens");
    expect(rows.length).toBeGreaterThan(2);
    for (const row of rows) {
      expect(paymentDetailsOf(row)).toEqual({ ...nothing, isPending: false, category, bookedOn: "2026-11-12" });
    }
  });
});

type Case = readonly [title: string, provider: string, raw: unknown, details: Partial<PaymentDetails>];

const shop = {
  name: "Corner Café",
  type: "merchant",
  logo_url: "https://logos.example/c.png",
  website: "cafe.example",
};
const app = { name: "Pay App", type: "payment_app", logo_url: null, website: "https://pay.example/about" };
const cafe = { name: "Corner Café", logoUrl: "https://logos.example/c.png", website: "https://cafe.example" };
const counterparty = (more: Partial<typeof cafe> | Partial<Record<keyof typeof cafe, null>>) => ({
  counterparty: { name: null, logoUrl: null, website: null, ...more },
});
const zero = "0001-01-01T00:00:00Z";

const cases: readonly Case[] = [
  ["a pending one has no day of booking", "plaid", { pending: true, date: "2026-11-20" }, { isPending: true }],
  [
    "a foreign currency, with no or three decimals, changes nothing here",
    "plaid",
    { pending: false, amount: 1480, iso_currency_code: "JPY", name: "Ramen", date: "2026-11-20" },
    { isPending: false, description: "Ramen", bookedOn: "2026-11-20" },
  ],
  [
    "the bank's own text is before Plaid's",
    "plaid",
    { original_description: "COFFEE 123", name: "Coffee" },
    { description: "COFFEE 123" },
  ],
  ["an empty text is none", "plaid", { original_description: "  ", name: " Coffee " }, { description: "Coffee" }],
  ["the merchant among several", "plaid", { counterparties: [app, shop] }, { counterparty: cafe }],
  [
    "who is named first, without a merchant",
    "plaid",
    { counterparties: [{ name: null }, app] },
    counterparty({ name: "Pay App", website: "https://pay.example/about" }),
  ],
  [
    "the row's own merchant",
    "plaid",
    { merchant_name: "Corner Café", website: "cafe.example", logo_url: "https://logos.example/c.png" },
    { counterparty: cafe },
  ],
  [
    "a website alone",
    "plaid",
    { website: "www.shop.example", counterparties: [] },
    counterparty({ website: "https://www.shop.example" }),
  ],
  ...[
    "http://shop.example",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "//shop.example",
    "https://user:pass@shop.example",
    "https://shop.example\\@evil.example",
    "https://shop .example",
    "shop.example/path",
    "shop.example:8080",
    "localhost",
    "user@shop.example",
    "",
    5,
    null,
    `https://shop.example/${"x".repeat(2100)}`,
  ].map(
    (website): Case => [
      `the website ${JSON.stringify(website)?.slice(0, 60)} is none`,
      "plaid",
      { merchant_name: "Shop", website, logo_url: website, counterparties: [{ name: "Shop", website }] },
      counterparty({ name: "Shop" }),
    ],
  ),
  [
    "an https URL stays as it is",
    "plaid",
    { logo_url: " HTTPS://Logos.example/a b.png", website: "https://shop.example/a?b=c#d" },
    counterparty({ website: "https://shop.example/a?b=c#d" }),
  ],
  [
    "a category",
    "plaid",
    { personal_finance_category: { primary: "INCOME", detailed: "INCOME_WAGES", confidence_level: "LOW" } },
    { category: { name: "INCOME", detailed: "INCOME_WAGES", source: "plaid" } },
  ],
  [
    "an older category",
    "plaid",
    { personal_finance_category: null, category: ["Food and Drink", "Restaurants", null, "Coffee Shop"] },
    { category: { name: "Food and Drink", detailed: "Restaurants > Coffee Shop", source: "plaid-legacy" } },
  ],
  [
    "an older category of one step",
    "plaid",
    { category: ["Transfer"] },
    { category: { name: "Transfer", detailed: null, source: "plaid-legacy" } },
  ],
  ["no category", "plaid", { personal_finance_category: { primary: "" }, category: [] }, {}],
  [
    "the time of its authorisation is before that of its booking",
    "plaid",
    { authorized_datetime: "2026-11-20T08:30:00Z", datetime: "2026-11-21T10:00:00Z", date: "2026-11-21" },
    { occurredAt: "2026-11-20T08:30:00Z", bookedOn: "2026-11-21" },
  ],
  [
    "a day is not shown as midnight",
    "plaid",
    { authorized_datetime: "2026-11-20T00:00:00Z", datetime: "2026-11-21T00:00:00+01:00", date: "2026-11-21" },
    { bookedOn: "2026-11-21" },
  ],
  [
    "a time with an offset",
    "plaid",
    { datetime: "2026-11-20T08:30:00.5+05:30" },
    { occurredAt: "2026-11-20T08:30:00.5+05:30" },
  ],
  ...["2026-02-30", "2026-13-01", "20.11.2026", "", 20261120, null, zero, "0000-01-01"].map(
    (date): Case => [`the day ${JSON.stringify(date)} is none`, "plaid", { date, datetime: date }, {}],
  ),
  [
    "wrong kinds",
    "plaid",
    {
      ...{ pending: "true", name: { text: "x" }, original_description: 5, merchant_name: [], counterparties: "none" },
      ...{ personal_finance_category: "INCOME", category: { 0: "x" }, date: true, authorized_datetime: 5 },
    },
    {},
  ],
  [
    "counterparties of wrong kinds",
    "plaid",
    { counterparties: [null, 5, "x", [], { name: 5 }, { type: "merchant" }] },
    {},
  ],

  ["pending", "tink", { status: "PENDING" }, { isPending: true }],
  ["booked", "tink", { status: "BOOKED" }, { isPending: false }],
  ["neither", "tink", { status: "UNDEFINED" }, {}],
  [
    "texts by their order",
    "tink",
    { descriptions: { display: "", original: null, detailed: { unstructured: " CARD PAYMENT " } } },
    { description: "CARD PAYMENT" },
  ],
  ["the original text", "tink", { descriptions: { display: " ", original: "SHOP 1" } }, { description: "SHOP 1" }],
  [
    "zero times are none",
    "tink",
    {
      ...{ bookedDateTime: zero, transactionDateTime: zero, valueDateTime: zero },
      dates: { booked: zero, transaction: zero, value: zero },
    },
    {},
  ],
  [
    "days out of times",
    "tink",
    { bookedDateTime: "2026-11-20T10:00:00Z", valueDateTime: "2026-11-21T00:00:00Z", dates: {} },
    { bookedOn: "2026-11-20", valueOn: "2026-11-21", occurredAt: "2026-11-20T10:00:00Z" },
  ],
  [
    "the time of booking is not when it was made, where that day is known",
    "tink",
    { bookedDateTime: "2026-11-21T10:00:00Z", dates: { transaction: "2026-11-20T00:00:00Z", booked: "2026-11-21" } },
    { bookedOn: "2026-11-21" },
  ],
  ["wrong kinds", "tink", { status: 5, dates: [], descriptions: "x", bookedDateTime: {}, valueDateTime: "soon" }, {}],

  [
    "a card payment with its time",
    "powens",
    { type: "card", date: "2026-11-20", date_time: "2026-11-20 08:30:00", value: -12.34 },
    {
      isPending: false,
      category: { name: "card", detailed: null, source: "powens" },
      bookedOn: "2026-11-20",
      occurredAt: "2026-11-20T08:30:00Z",
    },
  ],
  [
    "midnight",
    "powens",
    { date: "2026-11-20", date_time: "2026-11-20 00:00:00" },
    { isPending: false, bookedOn: "2026-11-20" },
  ],
  ["an unknown type", "powens", { type: "unknown" }, { isPending: false }],
  ["wrong kinds", "powens", { type: 5, date: {}, date_time: "yesterday" }, { isPending: false }],

  ["any row", "mollie", { pending: true, status: "PENDING", name: "x", type: "card", date: "2026-11-20" }, {}],
];

describe("a payment", () => {
  it.each(cases)("%s (%s)", (_title, provider, raw, details) => {
    expect(readPaymentDetails(provider, raw)).toEqual({ ...nothing, ...details });
  });

  const rows = [null, undefined, 5, "text", true, 10n];
  it.each(["plaid", "tink", "powens", "mollie", ""].flatMap((provider) => rows.map((raw) => [provider, raw])))(
    "of %j whose row is %s has no details",
    (provider, raw) => {
      expect(readPaymentDetails(String(provider), raw)).toEqual(nothing);
    },
  );

  it.each(["plaid", "tink", "powens"])("of %s never fails, whatever its members are", (provider) => {
    const names =
      `pending original_description name merchant_name counterparties logo_url website category date datetime
      authorized_datetime personal_finance_category status descriptions dates bookedDateTime transactionDateTime
      valueDateTime type date_time`.split(/\s+/);
    const odd: readonly unknown[] = [
      null,
      5,
      -0,
      "",
      " ",
      "x",
      true,
      [],
      [[]],
      {},
      { toString: null },
      12345678901234567890n,
      [{ name: {} }],
    ];
    for (const value of odd) {
      const raw = Object.fromEntries(names.map((name) => [name, value]));
      expect(() => JSON.stringify(readPaymentDetails(provider, raw))).not.toThrow();
    }
    const inherited = Object.create({ pending: true, name: "x", status: "PENDING", type: "card" });
    expect(readPaymentDetails(provider, inherited)).toEqual({
      ...nothing,
      isPending: provider === "powens" ? false : null,
    });
  });
});

describe("whether it is pending", () => {
  const payment = (provider: string, status: string, raw?: unknown) =>
    ({ provider, status, adjustments: raw === undefined ? [] : [{ status, raw }] }) as unknown as wire.PaymentInFull;

  it.each([
    ["mollie", "PENDING", {}, true],
    ["mollie", "SUCCEEDED", {}, null],
    ["mollie", "PENDING", undefined, true],
    ["plaid", "SUCCEEDED", { pending: true }, true],
    ["plaid", "SUCCEEDED", {}, null],
    ["plaid", "SUCCEEDED", undefined, null],
    ["tink", "OTHER", { status: "UNDEFINED" }, null],
    ["tink", "PENDING", null, true],
    ["powens", "SUCCEEDED", {}, false],
  ])("of %s with %s and %j: %s", (provider, status, raw, isPending) => {
    expect(paymentDetailsOf(payment(provider, status, raw)).isPending).toBe(isPending);
  });

  it("is what the newest adjustment says", () => {
    const adjustments = [
      { status: "SUCCEEDED", raw: { status: "BOOKED", descriptions: { display: "Now" } } },
      { status: "PENDING", raw: { status: "PENDING", descriptions: { display: "Before" } } },
    ];
    const row = { provider: "tink", status: "SUCCEEDED", adjustments } as unknown as wire.PaymentInFull;
    expect(paymentDetailsOf(row)).toEqual({ ...nothing, isPending: false, description: "Now" });
  });
});
