/** The sandbox's tables. Lists are kept in the service's order: newest first, and of equal times the last one stored. */
import type { Account } from "../models/account.ts";
import type { Attempt } from "../models/attempt.ts";
import type { Balance } from "../models/balance.ts";
import type { BankAccount } from "../models/bank-account.ts";
import type { Connection, OfConnection } from "../models/connection.ts";
import type { Connector } from "../models/connector.ts";
import type { Payment } from "../models/payment.ts";
import type { Person } from "../models/person.ts";
import type { Task } from "../models/task.ts";

export type Store = {
  readonly people: Person[];
  readonly connectors: Connector[];
  /** `psu connector` pairs that have been forwarded. */
  readonly forwarded: Set<string>;
  readonly connections: Connection[];
  readonly attempts: Attempt[];
  readonly accounts: Account[];
  readonly accountByID: Map<string, Account>;
  /** Newest first, of each account. */
  readonly balances: Map<string, Balance[]>;
  readonly payments: Payment[];
  readonly tasks: Map<string, Task>;
  readonly bankAccounts: BankAccount[];
};

export const createStore = (): Store => ({
  people: [],
  connectors: [],
  forwarded: new Set(),
  connections: [],
  attempts: [],
  accounts: [],
  accountByID: new Map(),
  balances: new Map(),
  payments: [],
  tasks: new Map(),
  bankAccounts: [],
});

export const pair = (psuID: string, connectorID: string): string => `${psuID} ${connectorID}`;

/** Inserts `row` in the list's order. */
export function insert<Row extends { readonly createdAt: number }>(rows: Row[], row: Row): void {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.createdAt ?? 0) > row.createdAt) low = middle + 1;
    else high = middle;
  }
  rows.splice(low, 0, row);
}

export function insertAccount(store: Store, account: Account): void {
  insert(store.accounts, account);
  store.accountByID.set(account.id, account);
  store.balances.set(account.id, []);
}

/**
 * Stores an amount the way the service does: a new row only when the amount differs from the asset's newest row, whose
 * time then ends; otherwise that row is confirmed. Returns false when the asset has a newer row already.
 */
export function storeBalance(store: Store, balance: Balance): boolean {
  const rows = store.balances.get(balance.accountID) ?? [];
  const newest = rows.find((row) => row.asset === balance.asset);
  if (newest !== undefined && newest.createdAt > balance.createdAt) return false;
  if (newest !== undefined && newest.amount === balance.amount) {
    newest.lastUpdatedAt = balance.lastUpdatedAt;
    return true;
  }
  if (newest !== undefined) newest.lastUpdatedAt = balance.createdAt;
  insert(rows, balance);
  return true;
}

/** Removes accounts, with their balances, and payments. */
export function removeData(store: Store, isGone: (row: OfConnection) => boolean): void {
  for (const account of store.accounts) {
    if (!isGone(account)) continue;
    store.accountByID.delete(account.id);
    store.balances.delete(account.id);
  }
  removeFrom(store.accounts, isGone);
  removeFrom(store.payments, isGone);
}

export function removeFrom<Row>(rows: Row[], isGone: (row: Row) => boolean): void {
  const kept = rows.filter((row) => !isGone(row));
  rows.splice(0, rows.length, ...kept);
}
