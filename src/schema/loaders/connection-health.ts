/** How fresh a connection's data is, and what its user must do. */
import { MapperError } from "../../upstream/providers/mapper.ts";
import type { Providers } from "../../upstream/providers/providers.ts";
import type * as wire from "../../upstream/wire-types.ts";

/** The accounts of a connection, and when the bank was last read for each: RFC 3339, `null` where that is not known. */
export type ConnectionData = readonly { readonly id: string; readonly refreshedAt: string | null }[];

export type Health = {
  readonly dataUpdatedAt: string | null;
  readonly isStale: boolean | null;
  /** `null`: its status is one that this gateway does not know. */
  readonly requiredAction: "NONE" | "RELINK" | "WAIT" | null;
  /** When the clock alone will change it (epoch, milliseconds). */
  readonly changesAt: number;
};

/** Before the first sync the service writes Go's zero time. */
export function isSynced({ dataUpdatedAt }: wire.BankConnection): boolean {
  return !dataUpdatedAt.startsWith("0001-01-01T00:00:00");
}

/** Whether its own row does not say when its data came: its accounts and its `updatedAt` do. */
export function lacksSyncTime(connection: wire.BankConnection, providers: Providers): boolean {
  return !isSynced(connection) && !providers.notesSyncTime(connection.connectorID);
}

/** Of all accounts of a PSU. Connection ids are the provider's: two connectors may use the same one. */
export function accountsOf(
  { connectorID, connectionID }: wire.BankConnection,
  accounts: readonly wire.Account[],
): readonly wire.Account[] {
  return accounts.filter((one) => one.connectorID === connectorID && one.openBankingConnectionID === connectionID);
}

/**
 * @param accounts of its PSU.
 * @param connections of its PSU. Tink's accounts name none: each counts for the newest at its connector that is older.
 * One that is older than all was left behind by a deleted connection, and counts once the bank was read again.
 */
export function toConnectionData(
  connection: wire.BankConnection,
  accounts: readonly wire.Account[],
  connections: readonly wire.BankConnection[],
  providers: Providers,
): ConnectionData {
  const { connectorID, createdAt, updatedAt } = connection;
  const hasSynced = updatedAt !== null && isLater(updatedAt, createdAt);
  const atConnector = connections
    .filter((one) => one.connectorID === connectorID)
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const unnamed = accounts.filter((account) => {
    if (account.connectorID !== connectorID || account.openBankingConnectionID !== null) return false;
    const owner = atConnector.find((one) => !isLater(one.createdAt, account.createdAt));
    return owner === undefined ? hasSynced : owner.connectionID === connection.connectionID;
  });
  return [...accountsOf(connection, accounts), ...unnamed]
    .map((account) => ({ id: account.id, refreshedAt: toRefreshedAt(account, providers) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Where the provider's mapper failed it is not known: a bank must not be gone for that. */
function toRefreshedAt(account: wire.Account, providers: Providers): string | null {
  const { refreshedAt } = providers.accountDetailsOf(account);
  return refreshedAt instanceof MapperError ? null : refreshedAt;
}

/**
 * The service stores a bank's account once, so that the account's own time is that of the first data; with each later
 * sync of Tink or Powens it moves the connection's `updatedAt` on (its `accounts.go` and `handle_webhooks.go`, 2026-07).
 * Of a connection in error that is the time of the error; of one with an unknown status it may be.
 */
function toDataTime({ status, updatedAt }: wire.BankConnection, data: ConnectionData): string | null {
  if (data.length === 0 || status !== "ACTIVE") return null;
  const times = [updatedAt, ...data.map(({ refreshedAt }) => refreshedAt)];
  return times.reduce(
    (newest, one) => (newest === null || (one !== null && isLater(one, newest)) ? one : newest),
    null,
  );
}

function isLater(a: string, b: string): boolean {
  return Date.parse(a) > Date.parse(b);
}

/**
 * @param data `null`: not read, because the connection has the time itself, or because that failed.
 * @param consentEndsAt `null`: no warning stands.
 */
export function healthOf(
  connection: wire.BankConnection,
  data: ConnectionData | null,
  consentEndsAt: string | null,
  staleAfterMs: number,
): Health {
  const dataUpdatedAt = isSynced(connection) ? connection.dataUpdatedAt : toDataTime(connection, data ?? []);
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
    requiredAction: toRequiredAction(connection, consentEndsAt !== null, isWaiting),
    changesAt: Math.min(Number.POSITIVE_INFINITY, ...changes.map((time) => Date.parse(time) + staleAfterMs + 1)),
  };
}

function toRequiredAction({ status }: wire.BankConnection, isWarned: boolean, isWaiting: boolean) {
  if (status === "ERROR" || isWarned) return "RELINK";
  if (status !== "ACTIVE") return null;
  return isWaiting ? "WAIT" : "NONE";
}
