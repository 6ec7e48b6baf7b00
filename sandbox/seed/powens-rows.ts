/** Accounts and payments of Powens: ids are numbers, a debit is negative, times are local ones of Paris. */
import { readAsset, toJsonNumber } from "../decimal.ts";
import { startOfDay, toDate, toParisTime } from "../time.ts";
import type { ProviderRows } from "./provider-rows.ts";

/** Powens' number of a user: the same for all of the user's connections. */
const toUserNumber = (psuID: string): number => Number.parseInt(psuID.slice(0, 6), 16);

export const powensRows: ProviderRows = {
  accountReference: (random) => String(random.integer(10_000_000, 99_999_999)),
  paymentReference: (random) => String(random.integer(100_000_000, 999_999_999)),
  toStoredAmount: (_product, amount) => amount,
  account: (product, { connectionID }) => ({ connectionID, defaultAsset: product.asset, metadata: {} }),
  accountRaw: ({ connection, reference, product, amount, refreshedAt }) => {
    const { asset, name } = product;
    const { currency, scale } = readAsset(asset);
    return {
      id: Number(reference),
      id_user: toUserNumber(connection.psuID),
      id_connection: Number(connection.connectionID),
      currency: { id: currency, name: "", symbol: "", precision: scale },
      original_name: name,
      error: "",
      last_update: toParisTime(refreshedAt),
      balance: toJsonNumber(amount, asset),
      transactions: null,
    };
  },
  payment: ({ account, reference, asset, amount, at, refreshedAt, payee }) => ({
    createdAt: startOfDay(at),
    amount,
    status: "SUCCEEDED",
    raw: {
      id: Number(reference),
      id_account: Number(account.reference),
      date: toDate(at),
      value: toJsonNumber(amount, asset),
      type: payee.kind,
      last_update: toParisTime(refreshedAt),
    },
  }),
};
