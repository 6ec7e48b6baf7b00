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
import { toPaymentEvent } from "../models/payment.ts";
import { createStatement } from "../seed/statement.ts";
import { insert, insertAccount, storeBalance } from "../store/store.ts";
import { day, type Micros, toTimestamp } from "../time.ts";
import { accountsOf, findConnector, nowOf, type SandboxContext } from "./context.ts";

/** From the connection to its first data. */
const syncDelayMs = 1200;

/** Stores a connection as active, or makes an existing one active again, and has its data fetched soon. */
export function openConnection(context: SandboxContext, input: Omit<NewConnection, "createdAt">): void {
  const known = context.store.connections.find(isOfConnection(input));
  const connection = known ?? createConnection({ ...input, createdAt: nowOf(context) });
  if (known === undefined) insert(context.store.connections, connection);
  else reconnect(context, known);
  context.clock.after(syncDelayMs, () => syncConnection(context, connection));
}

/** The event is sent only when the connection was in error. */
function reconnect(context: SandboxContext, connection: Connection): void {
  const wasBroken = connection.status === "ERROR";
  connection.status = "ACTIVE";
  connection.error = null;
  connection.updatedAt = nowOf(context);
  if (!wasBroken) return;
  const at = toTimestamp(connection.updatedAt);
  context.outbox.emit("OPEN_BANKING_USER_CONNECTION_RECONNECTED", { ...toEventKey(connection), at });
}

/** The bank no longer gives access. The service says `errorType` "ERROR" whatever the reason. */
function breakConnection(context: SandboxContext, connection: Connection, reason: string): void {
  connection.status = "ERROR";
  connection.error = reason;
  connection.updatedAt = nowOf(context);
  const at = toTimestamp(connection.updatedAt);
  const payload = { ...toEventKey(connection), errorType: "ERROR", at, reason };
  context.outbox.emit("OPEN_BANKING_USER_CONNECTION_DISCONNECTED", payload);
}

/** Nothing is stored: the event is the only sign. */
function announceExpiry(context: SandboxContext, connection: Connection, reason: string, endsAt: Micros): void {
  const at = toTimestamp(endsAt);
  context.outbox.emit("OPEN_BANKING_USER_CONNECTION_PENDING_DISCONNECT", { ...toEventKey(connection), at, reason });
}

/** Fetches a connection's data: everything the first time, later only a confirmation of the balances. */
function syncConnection(context: SandboxContext, connection: Connection): void {
  const { store, clock, outbox, random } = context;
  if (!store.connections.includes(connection)) return;
  const connector = findConnector(context, connection.connectorID);
  if (connector === undefined || connector.provider === "generic") return;
  const { provider } = connector;
  const until = nowOf({ clock });
  const tagged = !(context.syncGaps && provider === "tink");
  if (connection.dataUpdatedAt === null && accountsOf(context, connection).length === 0) {
    const from = until - 60 * day;
    const own = random.fork(`${connection.connectorID}/${connection.connectionID}`);
    const statement = createStatement({ random: own, connection, provider, from, seenAt: until, until, tagged });
    for (const account of statement.accounts) {
      insertAccount(store, account);
      outbox.emit("SAVED_ACCOUNT", toAccountEvent(account, provider));
    }
    for (const balance of statement.balances) {
      if (storeBalance(store, balance)) outbox.emit("SAVED_BALANCE", toBalanceEvent(balance, connector.id, provider));
    }
    for (const payment of statement.payments) {
      insert(store.payments, payment);
      outbox.emit("SAVED_PAYMENT", toPaymentEvent(payment, provider));
    }
  } else {
    for (const balance of accountsOf(context, connection).flatMap((account) => newestOf(context, account))) {
      const row = { ...balance, createdAt: until, lastUpdatedAt: until };
      if (storeBalance(store, row)) outbox.emit("SAVED_BALANCE", toBalanceEvent(row, connector.id, provider));
    }
  }
  const at = toTimestamp(until);
  if (context.syncGaps && provider === "powens") return;
  if (!tagged) {
    const payload = { ...toEventKey(connection), connectionID: "", at };
    outbox.emit("OPEN_BANKING_USER_CONNECTION_DATA_SYNCED", payload);
    return;
  }
  connection.dataUpdatedAt = until;
  outbox.emit("OPEN_BANKING_USER_CONNECTION_DATA_SYNCED", { ...toEventKey(connection), at });
}

function newestOf({ store }: SandboxContext, account: Account): readonly Balance[] {
  const newest = new Map<string, Balance>();
  for (const row of store.balances.get(account.id) ?? []) if (!newest.has(row.asset)) newest.set(row.asset, row);
  return [...newest.values()];
}

/** What tests and scenarios can make happen to a connection. */
export type ConnectionEvents = {
  /** The bank ends access: the connection is in error, and an event is sent. */
  breakConnection(connection: Connection, reason: string): void;
  /** The consent will end, in seven days if no time is given: an event is sent, and nothing else changes. */
  announceExpiry(connection: Connection, reason: string, endsAt?: Micros): void;
  /** The provider has fresh data. */
  syncConnection(connection: Connection): void;
};

export const createConnectionEvents = (context: SandboxContext): ConnectionEvents => ({
  breakConnection: (connection, reason) => breakConnection(context, connection, reason),
  announceExpiry: (connection, reason, endsAt = nowOf(context) + 7 * day) =>
    announceExpiry(context, connection, reason, endsAt),
  syncConnection: (connection) => syncConnection(context, connection),
});
