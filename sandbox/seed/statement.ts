/**
 * Invents what a bank reports of a connection: accounts, payments, and the balances that follow from them. Each
 * settled payment moves the balance by its amount, so that history and payments agree.
 */
import { type Account, createAccount } from "../models/account.ts";
import type { Balance } from "../models/balance.ts";
import type { Connection } from "../models/connection.ts";
import type { Provider } from "../models/connector.ts";
import { createPayment, type Payment, type PaymentType } from "../models/payment.ts";
import type { Product } from "../models/product.ts";
import type { Random } from "../random.ts";
import { day, type Micros, second } from "../time.ts";

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
  /** False stores accounts and payments without the connection's id. */
  readonly tagged?: boolean;
};

type Ledger = { readonly account: Account; readonly product: Product; amount: bigint };

export function createStatement(input: StatementInput): Statement {
  const { random, connection, from, seenAt, until } = input;
  const ledgers = connection.products.map((product, at) => openLedger(input, product, at));
  const due = ledgers
    .flatMap((ledger) => paymentTimes(random, ledger.product, from, until).map((at) => ({ ledger, at })))
    .sort((a, b) => a.at - b.at);

  const balances: Balance[] = [];
  const payments: Payment[] = [];
  const addBalance = ({ account, product, amount }: Ledger, at: Micros) =>
    balances.push({ accountID: account.id, createdAt: at, lastUpdatedAt: at, asset: product.asset, amount });
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
    const { payment, touched } = pay(input, ledgers, ledger, at);
    payments.push(payment);
    if (opened) for (const other of touched) addBalance(other, at);
  }
  if (!opened) open();
  for (const { account, product, amount } of ledgers) {
    const last = { accountID: account.id, createdAt: until, lastUpdatedAt: until };
    for (const [asset, held] of Object.entries(product.besides ?? {})) balances.push({ ...last, asset, amount: held });
    balances.push({ ...last, asset: product.asset, amount });
  }
  return { accounts: ledgers.map(({ account }) => account), balances, payments };
}

function openLedger(
  { random, connection, provider, seenAt, tagged }: StatementInput,
  product: Product,
  at: number,
): Ledger {
  const { psuID, connectorID, connectionID } = connection;
  const reference = provider === "powens" ? String(random.integer(10_000_000, 99_999_999)) : random.token(28);
  const account = createAccount({
    connectorID,
    reference,
    createdAt: seenAt + at,
    name: product.name,
    defaultAsset: product.asset,
    psuID,
    connectionID: tagged === false ? null : connectionID,
    metadata: product.kind === "card" ? { kind: "card", network: "visa" } : { kind: product.kind },
    raw: { id: reference, name: product.name, subtype: product.kind, mask: String(random.integer(1000, 9999)) },
  });
  return { account, product, amount: product.opening };
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

const descriptions = {
  income: ["Salary", "Invoice 2071", "Refund from a friend", "Rent share", "Expenses paid back"],
  spending: ["Groceries", "Coffee", "Train ticket", "Electricity", "Phone", "Books", "Restaurant", "Rent", "Pharmacy"],
};

type Move = {
  readonly type: PaymentType;
  readonly from: Ledger | null;
  readonly to: Ledger | null;
  readonly factor: number;
};

function pay(input: StatementInput, ledgers: readonly Ledger[], ledger: Ledger, at: Micros) {
  const { random, connection, provider, until } = input;
  const move = chooseMove(random, ledgers, ledger);
  const { product } = ledger;
  const amount = (product.usual * BigInt(Math.round(move.factor * random.integer(20, 240)))) / 100n + 1n;
  const status = chooseStatus(random, until - at);
  const reference = provider === "powens" ? String(random.integer(100_000_000, 999_999_999)) : random.token(32);
  const payment = createPayment({
    connectorID: connection.connectorID,
    reference,
    createdAt: at,
    type: move.type,
    initialAmount: amount,
    amount: status === "REFUNDED" ? 0n : amount,
    asset: product.asset,
    scheme: chooseScheme(product, move.type),
    status,
    sourceAccountID: move.from?.account.id ?? null,
    destinationAccountID: move.to?.account.id ?? null,
    psuID: connection.psuID,
    connectionID: ledger.account.connectionID,
    metadata: { description: random.pick(move.type === "PAY-IN" ? descriptions.income : descriptions.spending) },
  });
  if (status !== "SUCCEEDED") return { payment, touched: [] };
  if (move.from !== null) move.from.amount -= amount;
  if (move.to !== null) move.to.amount += amount;
  return { payment, touched: [move.from, move.to].filter((side) => side !== null) };
}

function chooseMove(random: Random, ledgers: readonly Ledger[], ledger: Ledger): Move {
  const { product, amount } = ledger;
  const roll = random.float();
  const isShort = product.kind !== "card" && amount < product.usual * 8n;
  const isDeepInDebt = product.kind === "card" && amount < product.usual * -60n;
  if (isDeepInDebt) return { type: "PAY-IN", from: null, to: ledger, factor: 20 };
  if (isShort || product.kind === "savings") return { type: "PAY-IN", from: null, to: ledger, factor: isShort ? 8 : 1 };
  if (product.kind === "checking" && roll < 0.15) {
    const other = ledgers.find((item) => item.product.kind === "savings" && item.product.asset === product.asset);
    if (other !== undefined) return { type: "TRANSFER", from: ledger, to: other, factor: 2 };
  }
  if (roll < 0.32) return { type: "PAY-IN", from: null, to: ledger, factor: product.kind === "checking" ? 3 : 1 };
  return { type: "PAYOUT", from: ledger, to: null, factor: 1 };
}

function chooseStatus(random: Random, age: Micros): string {
  const roll = random.float();
  if (age < 2 * day && roll < 0.5) return "PENDING";
  if (roll > 0.98) return "REFUNDED";
  return roll > 0.95 ? "FAILED" : "SUCCEEDED";
}

function chooseScheme(product: Product, type: PaymentType): string {
  if (product.kind === "card") return "CARD_VISA";
  if (product.kind === "crypto" || type === "TRANSFER") return "OTHER";
  const currency = product.asset.slice(0, 3);
  if (currency === "EUR") return type === "PAY-IN" ? "SEPA_CREDIT" : "SEPA_DEBIT";
  return currency === "USD" ? "ACH" : "A2A";
}
