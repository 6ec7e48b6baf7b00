/** What people know an account by, out of the raw row of its provider. */
import { memoize } from "../memoize.ts";
import { parseUpstreamId } from "../upstream-id.ts";
import type { Account } from "../wire-types.ts";
import { type AccountDetails, type AccountKind, noDetails } from "./account-shape.ts";
import { readPlaidAccount } from "./plaid-account.ts";
import { readPowensAccount } from "./powens-account.ts";
import { readTinkAccount } from "./tink-account.ts";

/**
 * The service stores an account when it comes first, and never writes the row again: amounts and times in it are those
 * of that day (`AccountsUpsert` of its `storage/accounts.go`, 2026-07).
 */
export const accountDetailsOf = memoize((account: Account): AccountDetails => {
  switch (account.provider) {
    case "plaid":
      return readPlaidAccount(account);
    case "tink":
      return readTinkAccount(account);
    case "powens":
      return readPowensAccount(account);
    default:
      return noDetails;
  }
});

/** Whether its balance is what the user owes. */
export function isLiability(kind: AccountKind): boolean {
  return kind === "CREDIT_CARD" || kind === "LOAN" || kind === "MORTGAGE";
}

/** The sign of what is owed in the balances that the service stores: Plaid's own number, which is positive. */
export function owedSignOf({ provider }: Account): 1n | -1n {
  return provider === "plaid" ? 1n : -1n;
}

/** Whether the service notes in a connection when its data came: of Plaid's alone, by an event. */
export function notesSyncTime(connectorId: string): boolean {
  return parseUpstreamId(connectorId)?.["Provider"] === "plaid";
}
