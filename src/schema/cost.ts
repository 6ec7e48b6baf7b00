/** What fields cost: each declares, beside its resolver, the upstream calls that it makes and how many rows come of them. */

import type { GraphQLField } from "graphql";
import type { Upstream } from "../upstream/client.ts";
import { maxPageSize } from "../upstream/pages.ts";
import { type NodeType, parseBankAccountKey, parseCompositeKey, parseGlobalId } from "./global-id.ts";
import { maxKeysPerFilter } from "./loader.ts";
import { defaultFirst, maxFirst, smallestUpstreamPage } from "./page-sizes.ts";

/**
 * How much a PSU is assumed to have, since that is not known before it is read. Rather more than usual: a limit that
 * operations exceed unnoticed is none.
 */
export const perPsu = { connection: 3, account: 6, bankAccount: 2 } as const;
export const accountsPerConnection = perPsu.account / perPsu.connection;
/** How many rows of the same PSU are assumed in a page of all PSUs' rows. */
const rowsOfSamePsu = { account: 3, payment: 2 } as const;

/** How many PSUs' accounts fit into one upstream page. */
export const psusPerAccountPage = Math.floor(maxPageSize / perPsu.account);

/** At how many connectors of a stack users are assumed to link banks. */
const openBankingConnectors = 4;

/** How many keys of each loader one call reads. */
const keysPerCall = {
  psuById: maxKeysPerFilter,
  accountById: maxKeysPerFilter,
  paymentById: maxKeysPerFilter,
  paymentDetailsById: 1,
  connectorById: maxKeysPerFilter,
  connectorsByProviders: 1,
  accountsByPsu: psusPerAccountPage, // more accounts than usual fill further pages
  connectionsByPsu: 1,
  attemptByKey: 1,
  taskById: 1,
  bankAccountById: maxKeysPerFilter,
  bankAccountNumbers: 1,
  balancesByAccount: 1, // of a history that fits one page
};
type Loader = keyof typeof keysPerCall;

/** What belongs to PSUs, so that its keys are the same whichever way a query reaches them. */
type Owned = keyof typeof perPsu | "connector";

/** Keys of a loader. Equal keys are the same object, so that `read`, the loaders that have read it, counts them once. */
export type KeySet = { readonly count: number; readonly read: Set<string>; readonly owned: Map<Owned, KeySet> };

/** The rows that a field is resolved for. */
export type RowSet = {
  /** How many stand in the answer, the same row counted each time. */
  readonly count: number;
  /** The distinct ones. */
  readonly keys: KeySet;
  /** The PSUs that they belong to; empty when that could be any. */
  readonly psus: KeySet;
  /** How many reads came before. A loader batches the keys of the same step. */
  readonly batchStep: number;
  /** The step in which their own field has already begun to read what its rows select. */
  readonly readAhead?: number;
  /** Connectors as an account brings them along, without what only their own list has. */
  readonly isBase?: true;
  /** Set where the field's type is abstract. */
  readonly type?: NodeType;
};

export type CostAccumulator = {
  calls: number;
  values: number;
  readonly variables: Args;
  readonly keysPerBatch: Map<string, number>;
  readonly keysByIds: Map<string, KeySet>;
};

/** Unchecked: only execution knows their types. */
export type Args = Readonly<Record<string, unknown>>;

/** Adds what a field costs to the total, and returns the rows that its own fields are resolved for. */
export type Cost = (parents: RowSet, args: Args, total: CostAccumulator) => RowSet | readonly RowSet[];

/** A field's `extensions`. */
export type Costs = { readonly cost: Cost };
/** Of a field whose rows are of one type. */
type RowCosts = { readonly cost: (...given: Parameters<Cost>) => RowSet };

/** A method of `Upstream` that makes one call. */
export type UpstreamCall = {
  [Name in keyof Upstream]: Upstream[Name] extends (...args: never[]) => Promise<unknown> ? Name : never;
}[keyof Upstream];

/** What a field declares; `null` for one that costs nothing. */
export function costOf(field: GraphQLField<unknown, unknown>): Cost | null {
  return (field.extensions as Partial<Costs>).cost ?? null;
}

/**
 * These calls for each parent, whatever else was read; where an optional argument adds one, as if it were given. A test
 * runs every mutation and compares the calls that it makes.
 */
export function calls(names: readonly UpstreamCall[]): Costs & { readonly upstreamCalls: readonly UpstreamCall[] } {
  return {
    upstreamCalls: names,
    cost: (parents, _args, total) => {
      total.calls += parents.count * names.length;
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

/** Keeps the batch steps of what runs one after the other apart: more than any document is deep. */
export const serialStep = 1e6;

/** A stream: the calls at its beginning, and the selection of each message. Messages share no loaders. */
export function stream(messages: number, atBeginning = 1): Costs {
  return {
    cost: (_parents, _args, total) => {
      total.calls += atBeginning;
      return Array.from({ length: messages }, (_, index) => {
        const keys = newKeySet(1);
        return { count: 1, keys, psus: keys, batchStep: serialStep * index };
      });
    },
  };
}

/** A page of a list, which no loader caches: at least one call for each parent. */
export function page(of: "psu" | "connector" | "account" | "balance" | "payment" | "attempt"): Costs {
  return {
    cost: (parents, args, total) => {
      const first = toFirst(args["first"]);
      // After a cursor the upstream's pages are as small as those that the list was begun with.
      const pages = args["after"] == null ? 1 : Math.max(2, Math.ceil(first / smallestUpstreamPage));
      total.calls += parents.count * pages;
      const batchStep = parents.batchStep + 1;
      const filter = toRecord(args["filter"]);
      if (of === "psu") {
        const ids = filter["ids"];
        const keys = newKeySet(Array.isArray(ids) ? Math.min(first, ids.length) : ids == null ? first : 1);
        keys.read.add("psuById");
        return { count: keys.count, keys, psus: keys, batchStep };
      }
      const count = bounded(parents.count * first);
      // Balances have their account's keys.
      if (of === "balance" || of === "connector") return { ...parents, count, batchStep };
      const psus = isOfAnyPsu(parents) ? toPsus(of, filter, count, total) : parents.psus;
      if (of !== "account") return { count, keys: newKeySet(count), psus, batchStep };
      const accounts = Math.min(count, bounded(psus.count * perPsu.account));
      return { count: accounts, keys: among("account", psus, accounts), psus, batchStep };
    },
  };
}

/** Of one connector, or of all at which users can link banks. */
export function attemptPage(): Costs {
  const { cost } = page("attempt");
  return {
    cost: (parents, args, total) => {
      if (args["connectorId"] == null) {
        // A cursor names the connectors.
        if (args["after"] == null) {
          read(total, "connectorsByProviders", namedKeys("Connector", ["of providers"], total), parents.batchStep);
        }
        total.calls += parents.count * (openBankingConnectors - 1);
      }
      return cost(parents, args, total);
    },
  };
}

/** What a connector's own list has, and an account does not bring along. */
export function whole(): Costs {
  const { cost } = load("connectorById");
  return { cost: (parents, args, total) => (parents.isBase ? cost(parents, args, total) : parents) };
}

/** Connectors that come with their accounts. */
export function withAccount(): Costs {
  return { cost: (parents) => ({ ...parents, isBase: true }) };
}

/** Of a list among the arguments; one value stands for a list of one. */
export function countOf(values: unknown): number {
  return Array.isArray(values) ? values.length : 1;
}

function toPsus(of: string, filter: Args, count: number, total: CostAccumulator): KeySet {
  const { psuId, connectionId, accountId, sourceAccountId, destinationAccountId } = filter;
  if (psuId != null) return namedPsu(psuId, total);
  if (connectionId != null) return namedPsu(parseCompositeKey(toKeyOfId(connectionId)).psuId, total);
  if ((accountId ?? sourceAccountId ?? destinationAccountId) != null) return newKeySet(1);
  return newKeySet(Math.ceil(count / (of === "account" ? rowsOfSamePsu.account : rowsOfSamePsu.payment)));
}

/**
 * Through a loader: each key once, and as many keys of the same step in one call as the loader takes.
 * @param options.rows how many rows it returns for each parent.
 */
export function load(
  loader: Loader,
  options: {
    readonly of?: keyof typeof perPsu;
    readonly rows?: number | ((args: Args) => number);
    /** The argument that is part of the key. */
    readonly by?: string;
    /** Its resolver begins to read what its rows select. */
    readonly readsAhead?: boolean;
    /** Read together with the parents, if their field reads ahead. */
    readonly isReadAhead?: boolean;
  } = {},
): RowCosts {
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

/** One after the other, for the rows that the one before returns. */
export function through(...steps: readonly RowCosts[]): RowCosts {
  return { cost: (parents, args, total) => steps.reduce((rows, { cost }) => cost(rows, args, total), parents) };
}

function keysOf(loader: Loader, parents: RowSet): KeySet {
  const { psus, keys, count } = parents;
  if (loader === "psuById" || loader === "connectionsByPsu" || loader === "accountsByPsu") return psus;
  if (loader === "connectorById") return owned("connector", psus);
  if (loader === "accountById") return among("account", psus, count);
  if (loader === "bankAccountById") return owned("bankAccount", psus);
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
  BankAccount: "bankAccountById",
};

/** The node of this type with the id in the argument `id`. */
export function byId(type: NodeType): Costs {
  return { cost: (parents, args, total) => findByIds(type, [toKeyOfId(args["id"])], parents, total) };
}

/** The nodes with the global ids in the arguments. What is no global id costs nothing: the resolver refuses it. */
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
  if (type === "BankAccount") read(total, "psuById", psus, parents.batchStep);
  read(total, loaderOf[type], type === "BankConnection" ? psus : keys, parents.batchStep);
  return { count: ids.length, keys, psus, batchStep: parents.batchStep + 1 };
}

function psusOf(type: NodeType, ids: readonly string[], keys: KeySet, parents: RowSet, total: CostAccumulator): KeySet {
  if (type === "PaymentServiceUser") return keys;
  if (!isOfAnyPsu(parents)) return parents.psus;
  if (type !== "BankConnection" && type !== "LinkAttempt" && type !== "BankAccount") return newKeySet(keys.count);
  const toOwner = type === "BankAccount" ? parseBankAccountKey : parseCompositeKey;
  const psuIds = new Set(ids.map((id) => toOwner(id).psuId));
  return namedKeys("PaymentServiceUser", [...psuIds], total);
}

export function namedPsu(id: unknown, total: CostAccumulator): KeySet {
  return namedKeys("PaymentServiceUser", [toKeyOfId(id).toLowerCase()], total);
}

/** Equal ids give the same `KeySet`. */
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

/** All that the PSUs have. Connectors are few: one call reads them all. */
function owned(what: Owned, psus: KeySet): KeySet {
  let keys = psus.owned.get(what);
  if (keys === undefined) {
    keys = newKeySet(what === "connector" ? 1 : bounded(psus.count * perPsu[what]));
    psus.owned.set(what, keys);
  }
  return keys;
}

/** At most `count` of them: however often a row is met, there are no more than its PSUs have. */
function among(what: keyof typeof perPsu, psus: KeySet, count: number): KeySet {
  const all = owned(what, psus);
  return count < all.count ? newKeySet(count) : all;
}

function isOfAnyPsu({ psus }: RowSet): boolean {
  return psus.count === 0;
}

function toFirst(first: unknown): number {
  if (typeof first !== "number") return defaultFirst;
  return first > 1 ? Math.min(first, maxFirst) : 1;
}

export function toRecord(value: unknown): Args {
  return typeof value === "object" && value !== null ? (value as Args) : {};
}

/** The key in an id, whether that is a global id or the upstream's own. */
function toKeyOfId(id: unknown): string {
  return toGlobalId(id)?.id ?? (typeof id === "string" ? id : "");
}

function toGlobalId(id: unknown) {
  return typeof id === "string" ? parseGlobalId(id) : null;
}

/** Far beyond every limit, and still a number to calculate with. */
export function bounded(count: number): number {
  return Math.min(count, 1e12);
}
