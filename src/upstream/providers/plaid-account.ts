/** What Plaid says of an account. */
import type { Account } from "../wire-types.ts";
import type { AccountDetails, AccountKind } from "./account-shape.ts";
import { toAmount, toDecimal } from "./amount.ts";
import { at, toText, toTime } from "./raw.ts";

export function readPlaidAccount({ raw, defaultAsset }: Account): AccountDetails {
  const balances = at(raw, "balances");
  // The one or the other is there; only of an official one does the service store balances.
  const currency = toText(at(balances, "iso_currency_code")) ?? toText(at(balances, "unofficial_currency_code"));
  const amountOf = (name: string) => toAmount(toDecimal(at(balances, name)), currency, defaultAsset);
  return {
    kind: kindOf(toText(at(raw, "type")), toText(at(raw, "subtype"))),
    officialName: toText(at(raw, "official_name")),
    // Two to four characters, as Plaid documents it: no bank's whole number is to be shown.
    mask: toText(at(raw, "mask"))?.slice(-4) ?? null,
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
