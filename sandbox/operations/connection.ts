/** What happens to a connection after it is there: data arrives, access ends, access comes back. */

import type { Account, Balance, Connection, Payment, Product } from "../model.ts";
import { createStatement } from "../seed/statement.ts";
import { insert, insertAccount, storeBalance } from "../store/store.ts";
import { day, type Micros, toTimestamp } from "../time.ts";
import { accountsOf, findConnector, nowOf, type SandboxContext } from "./context.ts";

/** From the connection to its first data. */
export const syncDelayMs = 1200;

export type NewConnection = {
  readonly psuID: string;
  readonly connectorID: string;
  readonly connectionID: string;
  readonly bankID: string;
  readonly products: readonly Product[];
};

/** Stores a connection as active, a known one as active again, and has its data fetched soon. */
export function openConnection(engine: SandboxContext, input: NewConnection): void {
  const now = nowOf(engine);
  const known = engine.store.connections.find(
    (row) =>
      row.psuID === input.psuID && row.connectorID === input.connectorID && row.connectionID === input.connectionID,
  );
  const connection: Connection = known ?? {
    ...input,
    createdAt: now,
    dataUpdatedAt: null,
    updatedAt: now,
    status: "ACTIVE",
    error: null,
    metadata: null,
  };
  if (known === undefined) insert(engine.store.connections, connection);
  else reconnect(engine, known);
  engine.clock.after(syncDelayMs, () => syncConnection(engine, connection));
}

/** The event is sent only when the connection was in error. */
function reconnect(engine: SandboxContext, connection: Connection): void {
  const wasBroken = connection.status === "ERROR";
  connection.status = "ACTIVE";
  connection.error = null;
  connection.updatedAt = nowOf(engine);
  if (!wasBroken) return;
  const at = toTimestamp(connection.updatedAt);
  engine.outbox.emit("OPEN_BANKING_USER_CONNECTION_RECONNECTED", { ...toKey(connection), at });
}

/** The bank no longer gives access. The service says `errorType` "ERROR" whatever the reason. */
export function breakConnection(engine: SandboxContext, connection: Connection, reason: string): void {
  connection.status = "ERROR";
  connection.error = reason;
  connection.updatedAt = nowOf(engine);
  const at = toTimestamp(connection.updatedAt);
  const payload = { ...toKey(connection), errorType: "ERROR", at, reason };
  engine.outbox.emit("OPEN_BANKING_USER_CONNECTION_DISCONNECTED", payload);
}

/** Nothing is stored: only the event tells. */
export function announceExpiry(engine: SandboxContext, connection: Connection, reason: string, endsAt: Micros): void {
  const at = toTimestamp(endsAt);
  engine.outbox.emit("OPEN_BANKING_USER_CONNECTION_PENDING_DISCONNECT", { ...toKey(connection), at, reason });
}

/** Fetches a connection's data: everything the first time, later only a confirmation of the balances. */
export function syncConnection(engine: SandboxContext, connection: Connection): void {
  const { store, clock, outbox, random } = engine;
  if (!store.connections.includes(connection)) return;
  const connector = findConnector(engine, connection.connectorID);
  if (connector === undefined || connector.provider === "generic") return;
  const { provider } = connector;
  const until = nowOf({ clock });
  const tagged = !(engine.syncGaps && provider === "tink");
  if (connection.dataUpdatedAt === null && accountsOf(engine, connection).length === 0) {
    const from = until - 60 * day;
    const own = random.fork(`${connection.connectorID}/${connection.connectionID}`);
    const statement = createStatement({ random: own, connection, provider, from, seenAt: until, until, tagged });
    for (const account of statement.accounts) {
      insertAccount(store, account);
      outbox.emit("SAVED_ACCOUNT", toAccountPayload(account, provider));
    }
    for (const balance of statement.balances) {
      if (storeBalance(store, balance)) outbox.emit("SAVED_BALANCE", toBalancePayload(balance, connector.id, provider));
    }
    for (const payment of statement.payments) {
      insert(store.payments, payment);
      outbox.emit("SAVED_PAYMENT", toPaymentPayload(payment, provider));
    }
  } else {
    for (const balance of accountsOf(engine, connection).flatMap((account) => newestOf(engine, account))) {
      const row = { ...balance, createdAt: until, lastUpdatedAt: until };
      if (storeBalance(store, row)) outbox.emit("SAVED_BALANCE", toBalancePayload(row, connector.id, provider));
    }
  }
  const at = toTimestamp(until);
  if (engine.syncGaps && provider === "powens") return;
  if (!tagged) {
    const payload = { ...toKey(connection), connectionID: "", at };
    outbox.emit("OPEN_BANKING_USER_CONNECTION_DATA_SYNCED", payload);
    return;
  }
  connection.dataUpdatedAt = until;
  outbox.emit("OPEN_BANKING_USER_CONNECTION_DATA_SYNCED", { ...toKey(connection), at });
}

function newestOf({ store }: SandboxContext, account: Account): readonly Balance[] {
  const newest = new Map<string, Balance>();
  for (const row of store.balances.get(account.id) ?? []) if (!newest.has(row.asset)) newest.set(row.asset, row);
  return [...newest.values()];
}

const toKey = ({ psuID, connectorID, connectionID }: Connection) => ({ psuID, connectorID, connectionID });

const toAccountPayload = (account: Account, provider: string) => ({
  id: account.id,
  provider,
  connectorID: account.connectorID,
  createdAt: toTimestamp(account.createdAt),
  reference: account.reference,
  type: account.type,
  rawData: account.raw,
  defaultAsset: account.defaultAsset,
  name: account.name,
  metadata: account.metadata,
});

/** In events, unlike in REST, amounts are texts. */
const toBalancePayload = (balance: Balance, connectorID: string, provider: string) => ({
  accountID: balance.accountID,
  connectorID,
  provider,
  createdAt: toTimestamp(balance.createdAt),
  lastUpdatedAt: toTimestamp(balance.lastUpdatedAt),
  asset: balance.asset,
  balance: String(balance.amount),
});

const toPaymentPayload = (payment: Payment, provider: string) => ({
  id: payment.id,
  connectorID: payment.connectorID,
  provider,
  reference: payment.reference,
  createdAt: toTimestamp(payment.createdAt),
  type: payment.type,
  status: payment.status,
  scheme: payment.scheme,
  asset: payment.asset,
  rawData: { transaction_id: payment.reference },
  initialAmount: String(payment.initialAmount),
  amount: String(payment.amount),
  ...(payment.sourceAccountID === null ? {} : { sourceAccountID: payment.sourceAccountID }),
  ...(payment.destinationAccountID === null ? {} : { destinationAccountID: payment.destinationAccountID }),
  metadata: payment.metadata,
});
