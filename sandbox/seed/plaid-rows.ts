/** Accounts and payments of Plaid: amounts in major units, and in `raw` positive when money goes out. */
import { readAsset, toDecimal } from "../decimal.ts";
import type { Product } from "../models/product.ts";
import { day, type Micros, second, startOfDay, toDate, toTimestamp } from "../time.ts";
import type { Payee } from "./payees.ts";
import { absolute, type ProviderRows, type Transaction } from "./provider-rows.ts";

const kinds: Readonly<Record<Product["kind"], { readonly type: string; readonly subtype: string }>> = {
  checking: { type: "depository", subtype: "checking" },
  savings: { type: "depository", subtype: "savings" },
  card: { type: "credit", subtype: "credit card" },
  mortgage: { type: "loan", subtype: "mortgage" },
  crypto: { type: "investment", subtype: "crypto exchange" },
};
const officialCurrency = /^(?!BTC|ETH)[A-Z]{3}$/;

/** As a double: Plaid's own amounts are no more than that. */
const toNumber = (amount: bigint, asset: string): number => Number(toDecimal(amount, asset));

function currencyOf(asset: string) {
  const { currency } = readAsset(asset);
  const isOfficial = officialCurrency.test(currency);
  return {
    iso_currency_code: isOfficial ? currency : null,
    unofficial_currency_code: isOfficial ? null : currency,
  };
}

/** What is owed is positive. */
const toStoredAmount = ({ kind }: Product, amount: bigint): bigint =>
  kind === "card" || kind === "mortgage" ? -amount : amount;

/** What can be spent, and up to where: of a card, in whole thousands above what is owed. */
function limitsOf({ kind, asset }: Product, stored: bigint) {
  const current = toNumber(stored, asset);
  if (kind === "checking" || kind === "savings") return { available: current, limit: null };
  if (kind !== "card") return { available: null, limit: null };
  const thousand = 1000n * 10n ** BigInt(readAsset(asset).scale);
  const limit = (absolute(stored) / thousand + 2n) * thousand;
  return { available: toNumber(limit - stored, asset), limit: toNumber(limit, asset) };
}

/** Few banks say when they were last read. */
const tellsTime = (product: Product): boolean => product.name === "Cash";

function datesOf({ at, refreshedAt, state, random }: Transaction) {
  const authorized = at - (at % second);
  const posted = state === "pending" ? authorized : Math.min(authorized + day, refreshedAt - (refreshedAt % second));
  const roll = random.float();
  const knowsTime = roll < 0.4;
  const dates = {
    authorized_date: roll < 0.8 ? toDate(authorized) : null,
    authorized_datetime: knowsTime ? toTimestamp(authorized) : null,
    date: toDate(posted),
    datetime: knowsTime ? toTimestamp(posted) : null,
  };
  const createdAt: Micros = knowsTime ? authorized : startOfDay(roll < 0.8 ? authorized : posted);
  return { dates, createdAt };
}

/** What Plaid knows of a shop. Banks' own transfers have none of it. */
function merchantOf({ merchant, category }: Payee) {
  const personal_finance_category = { ...category, confidence_level: "VERY_HIGH" };
  if (merchant === null) return { counterparties: [], personal_finance_category };
  const site = merchant.toLowerCase().replace(/[^a-z]+/g, "-");
  const website = `${site}.sandbox.invalid`;
  const logo_url = `https://logos.sandbox.invalid/${site}.png`;
  return {
    counterparties: [{ name: merchant, type: "merchant", logo_url, website }],
    logo_url,
    merchant_name: merchant,
    personal_finance_category,
    website,
  };
}

const nowhere = {
  address: null,
  city: null,
  country: null,
  lat: null,
  lon: null,
  postal_code: null,
  region: null,
  store_number: null,
};

const noPaymentMeta = {
  by_order_of: null,
  payee: null,
  payer: null,
  payment_method: null,
  payment_processor: null,
  ppd_id: null,
  reason: null,
  reference_number: null,
};

export const plaidRows: ProviderRows = {
  accountReference: (random) => random.token(28),
  paymentReference: (random) => random.token(32),
  toStoredAmount,
  account: (product, { connectionID }) => ({
    connectionID,
    defaultAsset: product.asset,
    metadata: { accountType: kinds[product.kind].type },
  }),
  accountRaw: ({ reference, product, amount, mask, refreshedAt }) => {
    const { asset, kind, name, officialName = null } = product;
    const stored = toStoredAmount(product, amount);
    const { available, limit } = limitsOf(product, stored);
    return {
      account_id: reference,
      balances: {
        available,
        current: toNumber(stored, asset),
        limit,
        ...currencyOf(asset),
        ...(tellsTime(product) && { last_updated_datetime: toTimestamp(refreshedAt - (refreshedAt % second)) }),
      },
      mask,
      name,
      official_name: officialName,
      ...kinds[kind],
    };
  },
  payment: (transaction) => {
    const { account, reference, asset, amount, state, payee } = transaction;
    const { dates, createdAt } = datesOf(transaction);
    return {
      createdAt,
      amount: absolute(amount),
      // Also while it is pending.
      status: "SUCCEEDED",
      raw: {
        account_id: account.reference,
        account_owner: null,
        amount: toNumber(-amount, asset),
        category_id: null,
        ...dates,
        ...currencyOf(asset),
        ...merchantOf(payee),
        location: nowhere,
        name: payee.merchant ?? payee.purpose,
        original_description: `${payee.purpose} ${payee.merchant ?? ""}`.trim().toUpperCase(),
        payment_channel: payee.kind === "card" ? "in store" : "other",
        payment_meta: noPaymentMeta,
        pending: state === "pending",
        pending_transaction_id: null,
        transaction_code: null,
        transaction_id: reference,
      },
    };
  },
};
