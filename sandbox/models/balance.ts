/** An amount of one asset on an account, and from when until when it was seen. */
import { type Micros, toTimestamp } from "../time.ts";
import type { Account } from "./account.ts";

export type Balance = {
  readonly accountID: string;
  readonly createdAt: Micros;
  lastUpdatedAt: Micros;
  readonly asset: string;
  readonly amount: bigint;
};

/** Here a missing PSU is an empty text. */
export const toWireBalance = (balance: Balance, account: Account) => ({
  accountID: balance.accountID,
  createdAt: toTimestamp(balance.createdAt),
  lastUpdatedAt: toTimestamp(balance.lastUpdatedAt),
  asset: balance.asset,
  balance: balance.amount,
  psuID: account.psuID ?? "",
  ...(account.connectionID === null ? {} : { openBankingConnectionID: account.connectionID }),
});

/** In events, unlike in REST, amounts are texts. */
export const toBalanceEvent = (balance: Balance, connectorID: string, provider: string) => ({
  accountID: balance.accountID,
  connectorID,
  provider,
  createdAt: toTimestamp(balance.createdAt),
  lastUpdatedAt: toTimestamp(balance.lastUpdatedAt),
  asset: balance.asset,
  balance: String(balance.amount),
});
