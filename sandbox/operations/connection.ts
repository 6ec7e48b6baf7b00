/** Opening a connection, and what happens to it later: data arrives, access ends, access comes back. */

import { type Account, toAccountEvent } from "../models/account.ts";
import { type Balance, toBalanceEvent } from "../models/balance.ts";
import {
  type Connection,
  createConnection,
  isOfConnection,
  type NewConnection,
  toEventKey,
} from "../models/connection.ts";
import { isOpenBanking, type Provider } from "../models/connector.ts";
import { type Payment, toPaymentEvent } from "../models/payment.ts";
import { createStatement } from "../seed/statement.ts";
import { insert, insertAccount, storeBalance } from "../store/store.ts";
import { day, type Micros, toTimestamp } from "../time.ts";
import { accountsOf, findConnector, nowOf, type SandboxContext } from "./context.ts";

/** From the connection to its first accounts, and from these to their payments. */
const accountsDelayMs = 1000;
const paymentsDelayMs = 200;
/** From the consent to what the bank does next, where the user has chosen something on its page. */
const nextStepDelayMs = 15_000;

/** Stores a connection as active, or makes an existing one active again, and has its data fetched soon. */
export function openConnection(context: SandboxContext, input: Omit<NewConnection, "createdAt">): Connection {
  const known = context.store.connections.find(isOfConnection(input));
  const connection = known ?? createConnection({ ...input, createdAt: nowOf(context) });
  if (known === undefined) insert(context.store.connections, connection);
  else renew(context, known);
  context.clock.after(accountsDelayMs, () => {
    if (!isWorking(context, connection)) return;
    const payments = fetchAccounts(context, connection);
    context.clock.after(paymentsDelayMs, () => {
      if (isWorking(context, connection)) finishSync(context, connection, payments);
    });
  });
  return connection;
}

export type NextStep = "none" | "reauthentication" | "expiry";

/** Has the bank do its next step some time after the consent, unless the connection has ended or been renewed by then. */
export function scheduleNextStep(context: SandboxContext, connection: Connection, step: NextStep): void {
  const consent = connection.consentedAt;
  context.clock.after(nextStepDelayMs, () => {
    if (!isWorking(context, connection) || connection.consentedAt !== consent) return;
    if (step === "reauthentication") disturbConnection(context, connection, step);
    if (step === "expiry" && announcesExpiry(context, connection)) announceExpiry(context, connection, null);
  });
}

const isWorking = ({ store }: SandboxContext, connection: Connection): boolean =>
  connection.status === "ACTIVE" && store.connections.includes(connection);

function providerOf(context: SandboxContext, { connectorID }: Connection): Provider {
  const provider = findConnector(context, connectorID)?.provider;
  if (provider === undefined || !isOpenBanking(provider))
    throw new Error("A connection needs an open banking provider.");
  return provider;
}

/** The user has given the consent again. The event is sent only when the connection was in error. */
function renew(context: SandboxContext, connection: Connection): void {
  connection.consentedAt = nowOf(context);
  if (connection.status === "ERROR") reconnect(context, connection);
  else connection.updatedAt = connection.consentedAt;
}

function reconnect(context: SandboxContext, connection: Connection): void {
  connection.status = "ACTIVE";
  connection.error = null;
  connection.updatedAt = nowOf(context);
  const at = toTimestamp(connection.updatedAt);
  context.outbox.emit("OPEN_BANKING_USER_CONNECTION_RECONNECTED", { ...toEventKey(connection), at });
}

/** The bank no longer gives access. The service says `errorType` "ERROR" whatever the reason. */
function breakConnection(context: SandboxContext, connection: Connection, reason: string | null): void {
  connection.status = "ERROR";
  connection.error = reason;
  connection.updatedAt = nowOf(context);
  const at = toTimestamp(connection.updatedAt);
  const payload = { ...toEventKey(connection), errorType: "ERROR", at, ...(reason !== null && { reason }) };
  context.outbox.emit("OPEN_BANKING_USER_CONNECTION_DISCONNECTED", payload);
}

export type Trouble = "reauthentication" | "end" | "outage";

/** The provider's words; null where it has none. Only Powens' mark an outage as temporary. */
const reasons: Readonly<Record<Provider, Readonly<Record<Trouble, string | null>>>> = {
  plaid: {
    reauthentication: "the login details changed",
    end: "the user has taken back the permission",
    outage: "the institution does not respond",
  },
  tink: {
    reauthentication: "Your session with the bank has expired. Please sign in again.",
    end: "The bank no longer gives access.",
    outage: "The bank does not respond. Please try again later.",
  },
  powens: {
    reauthentication: "SCA error",
    end: null,
    outage: "temporary error: website unavailable or rate limiting",
  },
};

function disturbConnection(context: SandboxContext, connection: Connection, trouble: Trouble): void {
  breakConnection(context, connection, reasons[providerOf(context, connection)][trouble]);
}

const announcesExpiry = (context: SandboxContext, connection: Connection): boolean =>
  providerOf(context, connection) === "plaid";

/** Nothing is stored: the event is the only sign. */
function announceExpiry(
  context: SandboxContext,
  connection: Connection,
  reason: string | null,
  endsAt: Micros = nowOf(context) + 7 * day,
): void {
  const at = toTimestamp(endsAt);
  context.outbox.emit("OPEN_BANKING_USER_CONNECTION_PENDING_DISCONNECT", { ...toEventKey(connection), at, reason });
}

/** The provider has fresh data: everything the first time, later a confirmation of the balances. */
function syncConnection(context: SandboxContext, connection: Connection): void {
  if (!context.store.connections.includes(connection)) return;
  finishSync(context, connection, fetchAccounts(context, connection));
}

/** Stores accounts and balances. Returns the payments that are still to be stored. */
function fetchAccounts(context: SandboxContext, connection: Connection): readonly Payment[] {
  const { store, random } = context;
  const provider = providerOf(context, connection);
  const until = nowOf(context);
  if (connection.accountIDs.length > 0) {
    refreshBalances(context, connection, provider, until);
    return [];
  }
  const own = random.fork(`${connection.connectorID}/${connection.connectionID}`);
  const from = until - 60 * day;
  const statement = createStatement({ random: own, connection, provider, from, seenAt: until, until });
  for (const account of statement.accounts) {
    insertAccount(store, account);
    connection.accountIDs.push(account.id);
    context.outbox.emit("SAVED_ACCOUNT", toAccountEvent(account, provider));
  }
  for (const balance of statement.balances) saveBalance(context, connection, provider, balance);
  return statement.payments;
}

/** An account is stored once: with a later sync only its balances change. */
function refreshBalances(context: SandboxContext, connection: Connection, provider: Provider, until: Micros): void {
  for (const account of accountsOf(context, connection)) {
    for (const balance of newestOf(context, account)) {
      saveBalance(context, connection, provider, { ...balance, createdAt: until, lastUpdatedAt: until });
    }
  }
}

function saveBalance(context: SandboxContext, { connectorID }: Connection, provider: Provider, row: Balance): void {
  const isNew = storeBalance(context.store, row);
  if (isNew) context.outbox.emit("SAVED_BALANCE", toBalanceEvent(row, connectorID, provider));
}

/**
 * Stores the payments and tells of the sync, by provider: Plaid's connection has its time, and an event. Tink's event
 * names no connection, and Powens has none; a sync of these two shows that the connection works, which has an event, too.
 */
function finishSync(context: SandboxContext, connection: Connection, payments: readonly Payment[]): void {
  const { store, outbox } = context;
  const provider = providerOf(context, connection);
  for (const payment of payments) {
    insert(store.payments, payment);
    outbox.emit("SAVED_PAYMENT", toPaymentEvent(payment, provider));
  }
  const now = nowOf(context);
  const synced = { ...toEventKey(connection), at: toTimestamp(now) };
  if (provider === "plaid") {
    connection.dataUpdatedAt = now;
    outbox.emit("OPEN_BANKING_USER_CONNECTION_DATA_SYNCED", synced);
    return;
  }
  reconnect(context, connection);
  if (provider === "tink") outbox.emit("OPEN_BANKING_USER_CONNECTION_DATA_SYNCED", { ...synced, connectionID: "" });
}

function newestOf({ store }: SandboxContext, account: Account): readonly Balance[] {
  const newest = new Map<string, Balance>();
  for (const row of store.balances.get(account.id) ?? []) if (!newest.has(row.asset)) newest.set(row.asset, row);
  return [...newest.values()];
}

/** What tests and scenarios can make happen to a connection. */
export type ConnectionEvents = {
  /** The connection is in error, and an event is sent. */
  breakConnection(connection: Connection, reason: string | null): void;
  /** The same, with the reason that the connection's provider has for it. */
  disturbConnection(connection: Connection, trouble: Trouble): void;
  /** The consent will end, in seven days if no time is given: an event is sent, and nothing else changes. */
  announceExpiry(connection: Connection, reason: string | null, endsAt?: Micros): void;
  /** Whether the connection's provider announces the end of a consent. */
  announcesExpiry(connection: Connection): boolean;
  /** The provider has fresh data. */
  syncConnection(connection: Connection): void;
};

export const createConnectionEvents = (context: SandboxContext): ConnectionEvents => ({
  breakConnection: (connection, reason) => breakConnection(context, connection, reason),
  disturbConnection: (connection, trouble) => disturbConnection(context, connection, trouble),
  announceExpiry: (connection, reason, endsAt) => announceExpiry(context, connection, reason, endsAt),
  announcesExpiry: (connection) => announcesExpiry(context, connection),
  syncConnection: (connection) => syncConnection(context, connection),
});
