/** How fresh a connection's data is, and what its user must do. */
import { refreshedAtOf, tellsOfData } from "../../upstream/account-refresh.ts";
import type * as wire from "../../upstream/wire-types.ts";

/** The accounts of a connection, and when the bank was last read for each: RFC 3339, `null` where nobody tells. */
export type ConnectionData = readonly { readonly id: string; readonly refreshedAt: string | null }[];

export type Health = {
  readonly dataUpdatedAt: string | null;
  readonly isStale: boolean | null;
  readonly requiredAction: "NONE" | "RELINK" | "WAIT";
  /** When the clock alone will change it (epoch, milliseconds). */
  readonly changesAt: number;
};

/** Before the first sync the service writes Go's zero time. */
export function isSynced({ dataUpdatedAt }: wire.BankConnection): boolean {
  return !dataUpdatedAt.startsWith("0001-01-01T00:00:00");
}

/** Whether only its accounts tell when its data came. */
export function isToldByAccounts(connection: wire.BankConnection): boolean {
  return !isSynced(connection) && !tellsOfData(connection.connectorID);
}

/** Of all accounts of a PSU. Connection ids are the provider's: two connectors may use the same one. */
export function accountsOf(
  { connectorID, connectionID }: wire.BankConnection,
  accounts: readonly wire.Account[],
): readonly wire.Account[] {
  return accounts.filter((one) => one.connectorID === connectorID && one.openBankingConnectionID === connectionID);
}

/** Tink's accounts name no connection: those of the connector count for each of the PSU's there. */
export function toConnectionData(connection: wire.BankConnection, accounts: readonly wire.Account[]): ConnectionData {
  const unnamed = accounts.filter(
    (one) => one.connectorID === connection.connectorID && one.openBankingConnectionID === null,
  );
  return [...accountsOf(connection, accounts), ...unnamed]
    .map((account) => ({ id: account.id, refreshedAt: refreshedAtOf(account) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** When the bank was last read for any of them. */
export function newestOf(data: ConnectionData): string | null {
  const times = data.flatMap(({ refreshedAt }) => (refreshedAt === null ? [] : [refreshedAt]));
  return times.reduce<string | null>(
    (newest, one) => (newest === null || Date.parse(one) > Date.parse(newest) ? one : newest),
    null,
  );
}

/**
 * @param data `null`: not read, because the connection tells itself, or because that failed.
 * @param consentEndsAt `null`: no warning stands.
 */
export function healthOf(
  connection: wire.BankConnection,
  data: ConnectionData | null,
  consentEndsAt: string | null,
  staleAfterMs: number,
): Health {
  const dataUpdatedAt = isSynced(connection) ? connection.dataUpdatedAt : newestOf(data ?? []);
  const isOlder = (time: string) => Date.now() > Date.parse(time) + staleAfterMs;
  const isStale = dataUpdatedAt === null ? null : isOlder(dataUpdatedAt);
  const isWaiting = !isSynced(connection) && (data ?? []).length === 0 && !isOlder(connection.createdAt);
  const changes = [
    ...(isStale === false && dataUpdatedAt !== null ? [dataUpdatedAt] : []),
    ...(isWaiting ? [connection.createdAt] : []),
  ];
  return {
    dataUpdatedAt,
    isStale,
    requiredAction: connection.status === "ERROR" || consentEndsAt !== null ? "RELINK" : isWaiting ? "WAIT" : "NONE",
    changesAt: Math.min(Number.POSITIVE_INFINITY, ...changes.map((time) => Date.parse(time) + staleAfterMs + 1)),
  };
}
