/**
 * What tells the providers' accounts and payments apart: the rows look alike, but mean different things, and `raw` is a
 * different object for each. Source: live runs of the real connectors (Payments 2026-07).
 */
import type { Account } from "../models/account.ts";
import type { ConnectionKey } from "../models/connection.ts";
import { createPayment, type EarlierState, type Payment } from "../models/payment.ts";
import type { Product } from "../models/product.ts";
import type { Random } from "../random.ts";
import type { Micros } from "../time.ts";
import type { Payee } from "./payees.ts";

type Raw = Readonly<Record<string, unknown>>;

export type AccountState = {
  readonly connection: ConnectionKey;
  readonly reference: string;
  readonly product: Product;
  /** What the user has: negative for a debt. */
  readonly amount: bigint;
  /** The last digits of the account's number. */
  readonly mask: string;
  /** When the bank was last read. */
  readonly refreshedAt: Micros;
};

export type Transaction = {
  readonly account: Account;
  readonly reference: string;
  readonly asset: string;
  /** Negative when money goes out. */
  readonly amount: bigint;
  readonly at: Micros;
  /** When the bank was last read: nothing of the transaction is later. */
  readonly refreshedAt: Micros;
  readonly state: "booked" | "pending" | "undetermined";
  readonly payee: Payee;
  /** Draws what differs between transactions, such as which times the bank tells. */
  readonly random: Random;
};

export type ProviderRows = {
  /** New ids, as the provider makes them. */
  accountReference(random: Random): string;
  paymentReference(random: Random): string;
  /** The balance that is stored of what the user has. */
  toStoredAmount(product: Product, amount: bigint): bigint;
  account(product: Product, connection: ConnectionKey): Pick<Account, "connectionID" | "defaultAsset" | "metadata">;
  accountRaw(state: AccountState): Raw;
  payment(transaction: Transaction): EarlierState & Partial<Pick<Payment, "earlier">>;
};

/** The direction is in the type, and in which side names the user's account: the other one is never known. */
export function toPayment(rows: ProviderRows, transaction: Transaction): Payment {
  const { account, reference, asset, amount } = transaction;
  const isOut = amount < 0n;
  return createPayment({
    connectorID: account.connectorID,
    reference,
    asset,
    type: isOut ? "PAYOUT" : "PAY-IN",
    [isOut ? "sourceAccountID" : "destinationAccountID"]: account.id,
    psuID: account.psuID,
    connectionID: account.connectionID,
    ...rows.payment(transaction),
  });
}

export const absolute = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
