/** What fields cost: each declares, beside its resolver, the upstream calls that it makes and how many rows come of them. */

import type { GraphQLField } from "graphql";
import { type NodeType, parseCompositeKey, parseGlobalId } from "./global-id.ts";
import { maxKeysPerFilter } from "./loader.ts";

/**
 * What fields say of themselves, beside their resolvers: the calls of the service that they make, and how many objects
 * come of them. A few assumptions tell how much a PSU has, since nothing does before it is read.
 */

/** What the service sets no bound to. Rather more than usual: a limit that is passed in secret is none. */
export const perPsu = { connection: 3, account: 6 } as const;
export const accountsPerConnection = perPsu.account / perPsu.connection;
/** How many rows in a page of everybody's rows are of the same PSU. */
const rowsOfSamePsu = { account: 3, payment: 2 } as const;

const maxFirst = 100;
const usualFirst = 15;
/** So many PSUs' accounts fit a page of the service. */
export const psusPerAccountPage = Math.floor(maxFirst / perPsu.account);

/** How many keys of each loader one call answers. */
const keysPerCall = {
  psuById: maxKeysPerFilter,
  accountById: maxKeysPerFilter,
  paymentById: maxKeysPerFilter,
  connectorById: maxKeysPerFilter,
  accountsByPsu: psusPerAccountPage, // more accounts than usual fill further pages
  connectionsByPsu: 1,
  attemptByKey: 1,
  taskById: 1,
  balancesByAccount: 1, // of a history that fits one page
};
type Loader = keyof typeof keysPerCall;

/** What keys may be shared by: a PSU's own, whichever way they are reached. */
type Owned = keyof typeof perPsu | "connector";

/** Keys of loaders: how many, and which, by being the same object. A loader reads the same keys only once. */
export type KeySet = { readonly count: number; readonly read: Set<string>; readonly owned: Map<Owned, KeySet> };

/** The objects that a field is asked of. */
export type RowSet = {
  /** How often they stand in the answer; a list that no loader remembers is read for each. */
  readonly count: number;
  /** Those among them that differ. */
  readonly keys: KeySet;
  /** The PSUs that they belong to; none when they could be anybody's. */
  readonly psus: KeySet;
  /** How many reads they came after. A loader gathers what is asked for at the same time. */
  readonly batchStep: number;
  /** The same of what the field that gave them read for them besides. */
  readonly readAhead?: number;
  /** Where the field's type leaves it open. */
  readonly type?: NodeType;
};

export type CostAccumulator = {
  calls: number;
  values: number;
  readonly variables: Args;
  readonly keysPerBatch: Map<string, number>;
  readonly keysByIds: Map<string, KeySet>;
};

/** As the client gave them: of any type, or missing. Only execution checks them. */
export type Args = Readonly<Record<string, unknown>>;

/** Adds what a field costs to the total and tells what its own fields are asked of. */
export type Cost = (parents: RowSet, args: Args, total: CostAccumulator) => RowSet | readonly RowSet[];

/** What fields take as `extensions`. */
export type Costs = { readonly cost: Cost };

/** What a field declares; `null` for one that costs nothing. */
export function costOf(field: GraphQLField<unknown, unknown>): Cost | null {
  return (field.extensions as Partial<Costs>).cost ?? null;
}

/** So many calls for each parent, whatever else was read. */
export function calls(number: number): Costs {
  return {
    cost: (parents, _args, total) => {
      total.calls += parents.count * number;
      const keys = newKeySet(parents.count);
      return {
        count: parents.count,
        keys,
        psus: isOfAnyPsu(parents) ? keys : parents.psus,
        batchStep: parents.batchStep + 1,
      };
    },
  };
}

/** Between the ticks of what runs one after the other: more than any document is deep. */
export const serialStep = 1e6;

/** A stream: a look at its beginning, and what is asked of each message that comes of it. Messages share no loader. */
export function stream(messages: number): Costs {
  return {
    cost: (_parents, _args, total) => {
      total.calls += 1;
      return Array.from({ length: messages }, (_, index) => {
        const keys = newKeySet(1);
        return { count: 1, keys, psus: keys, batchStep: serialStep * index };
      });
    },
  };
}

/** A page of a list, which no loader remembers: one call for each parent. */
export function page(of: "psu" | "connector" | "account" | "balance" | "payment" | "attempt"): Costs {
  return {
    cost: (parents, args, total) => {
      const first = toFirst(args["first"]);
      // Behind a cursor the service goes on with pages as small as that list was begun with, which were at least 15.
      total.calls += parents.count * (args["after"] == null ? 1 : Math.max(2, Math.ceil(first / usualFirst)));
      const batchStep = parents.batchStep + 1;
      const filter = toRecord(args["filter"]);
      if (of === "psu") {
        const ids = filter["ids"];
        const keys = newKeySet(Array.isArray(ids) ? Math.min(first, ids.length) : ids == null ? first : 1);
        keys.read.add("psuById");
        return { count: keys.count, keys, psus: keys, batchStep };
      }
      const count = bounded(parents.count * first);
      // A balance stands for its account.
      if (of === "balance" || of === "connector") return { ...parents, count, batchStep };
      const psus = isOfAnyPsu(parents) ? toPsus(of, filter, count, total) : parents.psus;
      if (of !== "account") return { count, keys: newKeySet(count), psus, batchStep };
      const accounts = Math.min(count, bounded(psus.count * perPsu.account));
      return { count: accounts, keys: among("account", psus, accounts), psus, batchStep };
    },
  };
}

function toPsus(of: string, filter: Args, count: number, total: CostAccumulator): KeySet {
  const { psuId, connectionId, accountId } = filter;
  if (psuId != null) return namedPsu(psuId, total);
  if (connectionId != null) return namedPsu(parseCompositeKey(toKeyOfId(connectionId)).psuId, total);
  if (accountId != null) return newKeySet(1);
  return newKeySet(Math.ceil(count / (of === "account" ? rowsOfSamePsu.account : rowsOfSamePsu.payment)));
}

/**
 * Through a loader: each key once, and as many keys in a call as it takes, of those that are asked for at one time.
 * @param options.rows how many come out of it for each parent, and of what.
 */
export function load(
  loader: Loader,
  options: {
    readonly of?: keyof typeof perPsu;
    readonly rows?: number | ((args: Args) => number);
    /** The arguments that make keys of their own. */
    readonly by?: string;
    /** Its resolver begins with what its rows will ask for. */
    readonly readsAhead?: boolean;
    /** Read where the parents were, if their field reads ahead. */
    readonly isReadAhead?: boolean;
  } = {},
): Costs {
  const { of, rows = 1, by, readsAhead = false, isReadAhead = false } = options;
  return {
    cost: (parents, args, total) => {
      const { psus, batchStep } = parents;
      const keys = keysOf(loader, parents);
      const variant = by === undefined ? undefined : args[by];
      const readAt = isReadAhead ? (parents.readAhead ?? batchStep) : batchStep;
      read(total, loader, keys, readAt, typeof variant === "string" ? variant : "");
      const each = typeof rows === "number" ? rows : rows(args);
      const count = keys.count === 0 ? 0 : bounded(parents.count * each);
      const found = { count, keys: of === undefined ? keys : among(of, psus, count), psus, batchStep: batchStep + 1 };
      return readsAhead ? { ...found, readAhead: batchStep } : found;
    },
  };
}

function keysOf(loader: Loader, parents: RowSet): KeySet {
  const { psus, keys, count } = parents;
  if (loader === "psuById" || loader === "connectionsByPsu" || loader === "accountsByPsu") return psus;
  if (loader === "connectorById") return owned("connector", psus);
  if (loader === "accountById") return among("account", psus, count);
  return keys;
}

const loaderOf: Readonly<Record<NodeType, Loader>> = {
  PaymentServiceUser: "psuById",
  Connector: "connectorById",
  BankConnection: "connectionsByPsu",
  LinkAttempt: "attemptByKey",
  Account: "accountById",
  Payment: "paymentById",
  Task: "taskById",
};

/** The one thing of this type that the argument `id` names. */
export function byId(type: NodeType): Costs {
  return { cost: (parents, args, total) => findByIds(type, [toKeyOfId(args["id"])], parents, total) };
}

/** Whatever the global ids in the arguments name. An id of no type costs nothing: the resolver refuses it. */
export function byAnyId(idsIn: (args: Args) => readonly unknown[]): Costs {
  return {
    cost: (parents, args, total) => {
      const byType = new Map<NodeType, string[]>();
      for (const global of idsIn(args).map(toGlobalId)) {
        if (global === null) continue;
        const { typename, id } = global;
        const same = byType.get(typename);
        if (same === undefined) byType.set(typename, [id]);
        else same.push(id);
      }
      return Array.from(byType, ([type, ids]) => ({ ...findByIds(type, ids, parents, total), type }));
    },
  };
}

function findByIds(type: NodeType, ids: readonly string[], parents: RowSet, total: CostAccumulator): RowSet {
  const keys = namedKeys(type, ids, total);
  const psus = psusOf(type, ids, keys, parents, total);
  read(total, loaderOf[type], type === "BankConnection" ? psus : keys, parents.batchStep);
  return { count: ids.length, keys, psus, batchStep: parents.batchStep + 1 };
}

function psusOf(type: NodeType, ids: readonly string[], keys: KeySet, parents: RowSet, total: CostAccumulator): KeySet {
  if (type === "PaymentServiceUser") return keys;
  if (!isOfAnyPsu(parents)) return parents.psus;
  if (type !== "BankConnection" && type !== "LinkAttempt") return newKeySet(keys.count);
  const psuIds = new Set(ids.map((id) => parseCompositeKey(id).psuId));
  return namedKeys("PaymentServiceUser", [...psuIds], total);
}

export function namedPsu(id: unknown, total: CostAccumulator): KeySet {
  return namedKeys("PaymentServiceUser", [toKeyOfId(id).toLowerCase()], total);
}

/** The same ids are the same keys. */
function namedKeys(type: NodeType, ids: readonly string[], total: CostAccumulator): KeySet {
  const name = JSON.stringify([type, ...ids]);
  let keys = total.keysByIds.get(name);
  if (keys === undefined) {
    keys = newKeySet(new Set(ids).size);
    total.keysByIds.set(name, keys);
  }
  return keys;
}

function read(total: CostAccumulator, loader: Loader, keys: KeySet, batchStep: number, variant = ""): void {
  const name = loader + variant;
  if (keys.read.has(name)) return;
  keys.read.add(name);
  const at = `${loader} ${batchStep}`;
  const before = total.keysPerBatch.get(at) ?? 0;
  const after = before + keys.count;
  total.keysPerBatch.set(at, after);
  total.calls += Math.ceil(after / keysPerCall[loader]) - Math.ceil(before / keysPerCall[loader]);
}

export function newKeySet(count: number): KeySet {
  return { count, read: new Set(), owned: new Map() };
}

/** All of a PSU's own. Of connectors a stack has few: as many as one call brings. */
function owned(what: Owned, psus: KeySet): KeySet {
  let keys = psus.owned.get(what);
  if (keys === undefined) {
    keys = newKeySet(what === "connector" ? 1 : bounded(psus.count * perPsu[what]));
    psus.owned.set(what, keys);
  }
  return keys;
}

/** So many of them, or all: however often a row is met, there are no more than its PSUs have. */
function among(what: keyof typeof perPsu, psus: KeySet, count: number): KeySet {
  const all = owned(what, psus);
  return count < all.count ? newKeySet(count) : all;
}

function isOfAnyPsu({ psus }: RowSet): boolean {
  return psus.count === 0;
}

function toFirst(first: unknown): number {
  if (typeof first !== "number") return usualFirst;
  return first > 1 ? Math.min(first, maxFirst) : 1;
}

export function toRecord(value: unknown): Args {
  return typeof value === "object" && value !== null ? (value as Args) : {};
}

/** What an id names, whether it is a global id or the service's own. */
function toKeyOfId(id: unknown): string {
  return toGlobalId(id)?.id ?? (typeof id === "string" ? id : "");
}

function toGlobalId(id: unknown) {
  return typeof id === "string" ? parseGlobalId(id) : null;
}

/** Far beyond every limit, and still a number to calculate with. */
function bounded(count: number): number {
  return Math.min(count, 1e12);
}
