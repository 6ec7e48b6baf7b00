/** What Plaid says of an account and of a payment, and what it needs. */
import type { AccountKind, MappedAccount } from "./account-details.ts";
import { toAmount, toDecimal } from "./amount.ts";
import type { Counterparty, MappedCategory, MappedPayment } from "./payment-details.ts";
import type { Provider, RawRow } from "./provider.ts";
import { at, firstText, toDay, toHttpsUrl, toItems, toMoment, toText, toTime } from "./raw.ts";

export const plaid: Provider = {
  canLink: true,
  needs: ["COUNTRY", "LOCALE", "APPLICATION_NAME"],
  owedIsPositive: true,
  notesSyncTime: true,
  account: accountOf,
  payment: paymentOf,
};

function accountOf(raw: RawRow, defaultAsset: string | null): MappedAccount {
  const balances = at(raw, "balances");
  // The one or the other is there; only of an official one does the service store balances.
  const currency = toText(at(balances, "iso_currency_code")) ?? toText(at(balances, "unofficial_currency_code"));
  const amountOf = (name: string) => toAmount(toDecimal(at(balances, name)), currency, defaultAsset);
  return {
    kind: kindOf(toText(at(raw, "type")), toText(at(raw, "subtype"))),
    officialName: toText(at(raw, "official_name")),
    mask: toText(at(raw, "mask")),
    available: amountOf("available"),
    limit: amountOf("limit"),
    refreshedAt: toTime(at(balances, "last_updated_datetime")),
  };
}

function kindOf(type: string | null, subtype: string | null): AccountKind {
  switch (type?.toLowerCase()) {
    case "depository":
      if (subtype === null) return "UNKNOWN";
      return depositories.get(subtype.toLowerCase()) ?? "OTHER";
    case "credit":
      return "CREDIT_CARD";
    case "loan":
      return mortgages.has(subtype?.toLowerCase() ?? "") ? "MORTGAGE" : "LOAN";
    case "investment":
    case "brokerage":
      return pensions.has(subtype?.toLowerCase() ?? "") ? "PENSION" : "INVESTMENT";
    case undefined:
      return "UNKNOWN";
    default:
      return "OTHER";
  }
}

const depositories: ReadonlyMap<string, AccountKind> = new Map([
  ["checking", "CHECKING"],
  ["cash management", "CHECKING"],
  ["savings", "SAVINGS"],
  ["money market", "SAVINGS"],
  ["cd", "SAVINGS"],
  ["hsa", "SAVINGS"],
]);

/** Secured by a home. */
const mortgages: ReadonlySet<string> = new Set(["mortgage", "home equity"]);

/** Kept until retirement, of the United States, Canada and the United Kingdom. */
const pensions: ReadonlySet<string> = new Set([
  "401a",
  "401k",
  "403b",
  "457b",
  "ira",
  "keogh",
  "lif",
  "lira",
  "lrif",
  "lrsp",
  "pension",
  "prif",
  "profit sharing plan",
  "retirement",
  "rlif",
  "roth",
  "roth 401k",
  "roth 403b",
  "rrif",
  "rrsp",
  "sarsep",
  "sep ira",
  "simple ira",
  "sipp",
  "thrift savings plan",
]);

function paymentOf(raw: RawRow): MappedPayment {
  const pending = at(raw, "pending");
  const isPending = typeof pending === "boolean" ? pending : null;
  return {
    isPending,
    description: firstText(at(raw, "original_description"), at(raw, "name")),
    counterparty: counterpartyOf(raw),
    category: categoryOf(raw),
    // While it is pending, `date` is the day on which it occurred.
    bookedOn: isPending === true ? null : toDay(at(raw, "date")),
    occurredAt: toMoment(at(raw, "authorized_datetime")) ?? toMoment(at(raw, "datetime")),
  };
}

/** The merchant, if there is one; else the one that is named first, such as a bank or a payment app. */
function counterpartyOf(raw: RawRow): Counterparty {
  const named = toItems(at(raw, "counterparties")).filter((one) => toText(at(one, "name")) !== null);
  const listed = named.find((one) => at(one, "type") === "merchant") ?? named[0];
  return {
    name: firstText(at(raw, "merchant_name"), at(listed, "name")),
    // Those of the row are the merchant's.
    logoUrl: toHttpsUrl(at(raw, "logo_url")) ?? toHttpsUrl(at(listed, "logo_url")),
    website: toHttpsUrl(at(raw, "website")) ?? toHttpsUrl(at(listed, "website")),
  };
}

function categoryOf(raw: RawRow): MappedCategory | null {
  const name = toText(at(raw, "personal_finance_category", "primary"));
  if (name !== null) return { name, detailed: toText(at(raw, "personal_finance_category", "detailed")) };
  // Older rows have a list instead, from wide to narrow, in other words.
  const [widest, ...narrower] = toItems(at(raw, "category")).flatMap((one) => toText(one) ?? []);
  if (widest === undefined) return null;
  return { name: widest, detailed: toText(narrower.join(" > ")), source: "plaid-legacy" };
}
