/** How a system's answer becomes the tree that all systems must give. */
import type { QueryName } from "../queries.ts";

/** A balance as text: currency and decimal. */
export type AccountTree = { readonly name: string; readonly balances: readonly string[] };
export type UserTree = {
  readonly name: string;
  readonly connections: readonly { readonly status: string; readonly accounts: readonly AccountTree[] }[];
};

type Banks<Balance> = {
  readonly name: string;
  readonly connections: readonly {
    readonly status: string;
    readonly accounts: readonly { readonly name: string; readonly balances: readonly Balance[] }[];
  }[];
};
type FlatUser = { readonly psuId: string; readonly name: string; readonly createdAt: string };

export const isFlat = (query: QueryName): boolean => query.startsWith("Flat");
export const isOne = (query: QueryName): boolean => query.startsWith("One");

/** Balances in one order: it is no part of the question. */
export const toUserTree = <Balance>(
  { name, connections }: Banks<Balance>,
  toTexts: (all: readonly Balance[]) => readonly string[],
): UserTree => ({
  name,
  connections: connections.map(({ status, accounts }) => ({
    status,
    accounts: accounts.map((account) => ({ name: account.name, balances: toTexts(account.balances).toSorted() })),
  })),
});

type Money = { readonly amount: { readonly currency: string; readonly decimal: string } };
const ofMoney = (all: readonly Money[]) => all.map(({ amount }) => `${amount.currency} ${amount.decimal}`);

/** An answer in the gateway's schema, which the floor and all peers by hand have, too. */
export function readOwn(query: QueryName, data: unknown): unknown {
  if (isOne(query)) return toUserTree((data as { paymentServiceUser: Banks<Money> }).paymentServiceUser, ofMoney);
  const { nodes } = (data as { paymentServiceUsers: { nodes: readonly (Banks<Money> & FlatUser)[] } })
    .paymentServiceUsers;
  return isFlat(query)
    ? nodes.map(({ psuId, name, createdAt }) => ({ psuId, name, createdAt }))
    : nodes.map((user) => toUserTree(user, ofMoney));
}

/** A row of the stack. The newest of each asset comes first. */
type Row = { readonly asset: string; readonly balance: number | bigint };

function toDecimal({ asset, balance }: Row): string {
  const scale = Number(asset.split("/")[1] ?? 0);
  const sign = balance < 0 ? "-" : "";
  const digits = String(balance)
    .replace("-", "")
    .padStart(scale + 1, "0");
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const ofRows = (all: readonly Row[]) =>
  [...Map.groupBy(all, ({ asset }) => asset).values()].flatMap(([row]) =>
    row === undefined ? [] : [`${row.asset.split("/")[0]} ${toDecimal(row)}`],
  );

type RowUser = Banks<Row> & { readonly id: string; readonly createdAt: string };

/** An answer of the stack's own rows: with all of an account's history, of which the client takes the newest. */
export function readRows(query: QueryName, users: unknown): unknown {
  if (isOne(query)) return toUserTree(users as RowUser, ofRows);
  return isFlat(query)
    ? (users as readonly RowUser[]).map(({ id, name, createdAt }) => ({ psuId: id, name, createdAt }))
    : (users as readonly RowUser[]).map((user) => toUserTree(user, ofRows));
}

/** JSON with integers that a double cannot hold as bigints. */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, { source = "" }: { readonly source?: string } = {}) =>
    typeof value === "number" && /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? BigInt(source) : value,
  );
}
