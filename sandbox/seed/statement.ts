/**
 * Invents what a bank reports of a connection: accounts, payments, and the balances that follow from them. Each
 * settled payment moves the balance by its amount, so that history and payments agree.
 */
import { type Account, createAccount } from "../models/account.ts";
import type { Balance } from "../models/balance.ts";
import type { Connection } from "../models/connection.ts";
import type { Provider } from "../models/connector.ts";
import type { Payment } from "../models/payment.ts";
import type { Product } from "../models/product.ts";
import type { Random } from "../random.ts";
import { day, type Micros, second } from "../time.ts";
import { income, ownTransfer, ownTransferIn, spending } from "./payees.ts";
import { type Transaction, toPayment } from "./provider-rows.ts";
import { rowsByProvider } from "./rows-by-provider.ts";

export type Statement = {
  readonly accounts: readonly Account[];
  /** Oldest first. */
  readonly balances: readonly Balance[];
  /** Oldest first. */
  readonly payments: readonly Payment[];
};

export type StatementInput = {
  readonly random: Random;
  readonly connection: Connection;
  readonly provider: Provider;
  /** The oldest payments are this old. */
  readonly from: Micros;
  /** When the accounts were first seen: balances are known from then on. */
  readonly seenAt: Micros;
  readonly until: Micros;
};

/** `amount` is what the user has: negative for a debt. */
type Ledger = { readonly account: Account; readonly product: Product; readonly mask: string; amount: bigint };

export function createStatement(input: StatementInput): Statement {
  const { random, connection, provider, from, seenAt, until } = input;
  const rows = rowsByProvider[provider];
  const ledgers = connection.products.map((product, at) => openLedger(input, product, at));
  const due = ledgers
    .flatMap((ledger) => paymentTimes(random, ledger.product, from, until).map((at) => ({ ledger, at })))
    .sort((a, b) => a.at - b.at);

  const balances: Balance[] = [];
  const payments: Payment[] = [];
  const addBalance = ({ account, product, amount }: Pick<Ledger, "account" | "product" | "amount">, at: Micros) => {
    const stored = rows.toStoredAmount(product, amount);
    balances.push({ accountID: account.id, createdAt: at, lastUpdatedAt: at, asset: product.asset, amount: stored });
  };
  const open = () => {
    for (const ledger of ledgers) {
      for (const [asset, amount] of Object.entries(ledger.product.besides ?? {})) {
        addBalance({ ...ledger, product: { ...ledger.product, asset }, amount }, seenAt);
      }
      addBalance(ledger, seenAt);
    }
  };

  let opened = false;
  for (const { ledger, at } of due) {
    if (!opened && at > seenAt) {
      open();
      opened = true;
    }
    const { made, touched } = pay(input, ledgers, ledger, at);
    payments.push(...made);
    if (opened) for (const other of touched) addBalance(other, at);
  }
  if (!opened) {
    // Seen only now: they hold what the bank's page has shown.
    for (const ledger of ledgers) ledger.amount = ledger.product.opening;
    open();
  }
  for (const ledger of ledgers) {
    const { account, product, mask, amount } = ledger;
    for (const [asset, held] of Object.entries(product.besides ?? {})) {
      addBalance({ account, product: { ...product, asset }, amount: held }, until);
    }
    addBalance(ledger, until);
    const { reference } = account;
    account.raw = rows.accountRaw({ connection, reference, product, amount, mask, refreshedAt: until });
  }
  return { accounts: ledgers.map(({ account }) => account), balances, payments };
}

function openLedger({ random, connection, provider, seenAt }: StatementInput, product: Product, at: number): Ledger {
  const { psuID, connectorID } = connection;
  const rows = rowsByProvider[provider];
  // Drawn beside the others, which make all payments.
  const draws = product.kind === "mortgage" ? random.fork(product.name) : random;
  const account = createAccount({
    connectorID,
    reference: rows.accountReference(draws),
    createdAt: seenAt + at,
    name: product.name,
    psuID,
    ...rows.account(product, connection),
  });
  const mask = String(draws.integer(1000, 9999));
  return { account, product, mask, amount: product.opening };
}

function paymentTimes(random: Random, product: Product, from: Micros, until: Micros): readonly Micros[] {
  if (product.usual === 0n) return [];
  const count = Math.round(((until - from) / (30 * day)) * product.paymentsPerMonth);
  // Whole milliseconds for some, microseconds for others, as databases hold them.
  return Array.from({ length: count }, () => {
    const at = from + Math.floor(random.float() * (until - from - second));
    return random.float() < 0.5 ? at - (at % 1000) : at;
  });
}

type Move = { readonly from: Ledger | null; readonly to: Ledger | null; readonly factor: number };

/** One row of each account that money leaves or reaches: a transfer between two of them has two. */
function pay(input: StatementInput, ledgers: readonly Ledger[], ledger: Ledger, at: Micros) {
  const { random, provider, until } = input;
  const rows = rowsByProvider[provider];
  const { from, to, factor } = chooseMove(random, ledgers, ledger);
  const { asset, usual } = ledger.product;
  const amount = (usual * BigInt(Math.round(factor * random.integer(20, 240)))) / 100n + 1n;
  const state = chooseState(random, provider, until - at);
  const reference = rows.paymentReference(random);
  const payee = random.pick(from === null ? income : spending);

  const toRow = (side: Ledger, own: Pick<Transaction, "reference" | "amount" | "payee">) => {
    const detail = random.fork(`${reference}/${own.amount}`);
    return toPayment(rows, { ...own, account: side.account, asset, at, refreshedAt: until, state, random: detail });
  };
  const isTransfer = from !== null && to !== null;
  const made: Payment[] = [];
  if (from !== null) {
    made.push(toRow(from, { reference, amount: -amount, payee: isTransfer ? ownTransfer : payee }));
  }
  if (to !== null) {
    const second = isTransfer ? rows.paymentReference(random.fork(reference)) : reference;
    made.push(toRow(to, { reference: second, amount, payee: isTransfer ? ownTransferIn : payee }));
  }
  if (state !== "booked") return { made, touched: [] };
  if (from !== null) from.amount -= amount;
  if (to !== null) to.amount += amount;
  return { made, touched: [from, to].filter((side) => side !== null) };
}

function chooseMove(random: Random, ledgers: readonly Ledger[], ledger: Ledger): Move {
  const { product, amount } = ledger;
  const roll = random.float();
  const isShort = product.kind !== "card" && amount < product.usual * 8n;
  const isDeepInDebt = product.kind === "card" && amount < product.usual * -60n;
  if (isDeepInDebt) return { from: null, to: ledger, factor: 20 };
  if (isShort || product.kind === "savings") return { from: null, to: ledger, factor: isShort ? 8 : 1 };
  if (product.kind === "checking" && roll < 0.15) {
    const other = ledgers.find((item) => item.product.kind === "savings" && item.product.asset === product.asset);
    if (other !== undefined) return { from: ledger, to: other, factor: 2 };
  }
  if (roll < 0.32) return { from: null, to: ledger, factor: product.kind === "checking" ? 3 : 1 };
  return { from: ledger, to: null, factor: 1 };
}

/** Powens reports only what is booked, and Tink also what it cannot classify. */
function chooseState(random: Random, provider: Provider, age: Micros): Transaction["state"] {
  const roll = random.float();
  if (age < 2 * day && roll < 0.5) return provider === "powens" ? "booked" : "pending";
  return provider === "tink" && roll > 0.98 ? "undetermined" : "booked";
}
