import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  valueFromASTUntyped,
  visit,
} from "graphql";
import { type NodeType, openGlobalId, readPartKey } from "./id.ts";
import { maxKeysPerFilter } from "./loader.ts";

/**
 * What an operation costs, told before it runs: the calls of the service that it will make, and how large its answer
 * will be. Both follow from what fields declare beside their resolvers, and from a few assumptions on how much a PSU
 * has, since nothing tells before it is read. The rest is a matter of the document alone.
 */
export type Weight = {
  readonly calls: number;
  /** Values in the answer. The same rows met again cost no call, but go into the answer each time. */
  readonly values: number;
  readonly depth: number;
  /** Selected fields, with fragments counted wherever they are spread; so are the next two. */
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
};

type Bound = {
  /** The one PSU that the caller speaks for; `null` for an operator. */
  readonly psuId: string | null;
  /** Counting stops soon after either of these is passed. */
  readonly mostCalls: number;
  readonly mostValues: number;
};

/** What the service sets no bound to. Rather more than usual: a limit that is passed in secret is none. */
export const perPsu = { connection: 3, account: 6 } as const;
export const accountsPerConnection = perPsu.account / perPsu.connection;
/** How many rows in a page of everybody's rows are of the same PSU. */
const rowsOfSamePsu = { account: 3, payment: 2 } as const;

const maxFirst = 100;
const usualFirst = 15;

/** How many keys of each loader one call answers. */
const keysPerCall = {
  psuById: maxKeysPerFilter,
  accountById: maxKeysPerFilter,
  paymentById: maxKeysPerFilter,
  connectorById: maxKeysPerFilter,
  accountsByPsu: maxFirst / perPsu.account, // more accounts than these fill further pages
  connectionsByPsu: 1,
  attemptByKey: 1,
  taskById: 1,
  balancesByAccount: 1, // of a history that fits one page
};
type Loader = keyof typeof keysPerCall;

/** What keys may be shared by: a PSU's own, whichever way they are reached. */
type Owned = keyof typeof perPsu | "connector";

/** Keys of loaders: how many, and which, by being the same object. A loader reads the same keys only once. */
type Keys = { readonly count: number; readonly read: Set<string>; readonly owned: Map<Owned, Keys> };

/** The objects that a field is asked of. */
type Rows = {
  /** How often they stand in the answer; a list that no loader remembers is read for each. */
  readonly count: number;
  /** Those among them that differ. */
  readonly keys: Keys;
  /** The PSUs that they belong to; none when they could be anybody's. */
  readonly psus: Keys;
  /** How many reads they came after. A loader gathers what is asked for at the same time. */
  readonly tick: number;
  /** Where the field's type leaves it open. */
  readonly type?: NodeType;
};

type Bill = {
  calls: number;
  values: number;
  readonly bound: Bound;
  readonly variables: Args;
  readonly gathered: Map<string, number>;
  readonly named: Map<string, Keys>;
};

/** As the client gave them: of any type, or missing. Only execution checks them. */
type Args = Readonly<Record<string, unknown>>;

/** Adds what a field costs to the bill and tells what its own fields are asked of. */
type Cost = (parents: Rows, args: Args, bill: Bill) => Rows | readonly Rows[];

/** What fields take as `extensions`. */
export type Costs = { readonly cost: Cost };

/** What a field declares; `null` for one that costs nothing. */
export function costOf(field: GraphQLField<unknown, unknown>): Cost | null {
  return (field.extensions as Partial<Costs>).cost ?? null;
}

/** So many calls for each parent, whatever else was read. */
export function calls(number: number): Costs {
  return {
    cost: (parents, _args, bill) => {
      bill.calls += parents.count * number;
      const keys = newKeys(parents.count);
      return { count: parents.count, keys, psus: isAnybodys(parents) ? keys : parents.psus, tick: parents.tick + 1 };
    },
  };
}

/** A stream: a look at its beginning, and what is asked of each message that comes of it. Messages share no loader. */
export function stream(messages: number): Costs {
  return {
    cost: (_parents, _args, bill) => {
      bill.calls += 1;
      return Array.from({ length: messages }, (_, index) => {
        const keys = newKeys(1);
        return { count: 1, keys, psus: keys, tick: serial * index };
      });
    },
  };
}

/** A page of a list, which no loader remembers: one call for each parent. */
export function page(of: "psu" | "connector" | "account" | "balance" | "payment" | "attempt"): Costs {
  return {
    cost: (parents, args, bill) => {
      const first = toFirst(args["first"]);
      // Behind a cursor the service goes on with pages as small as that list was begun with, which were at least 15.
      bill.calls += parents.count * (args["after"] == null ? 1 : Math.max(2, Math.ceil(first / usualFirst)));
      const tick = parents.tick + 1;
      const filter = toRecord(args["filter"]);
      if (of === "psu") {
        const ids = filter["ids"];
        const keys = newKeys(Array.isArray(ids) ? Math.min(first, ids.length) : ids == null ? first : 1);
        keys.read.add("psuById");
        return { count: keys.count, keys, psus: keys, tick };
      }
      const count = bounded(parents.count * first);
      // A balance stands for its account.
      if (of === "balance" || of === "connector") return { ...parents, count, tick };
      const psus = isAnybodys(parents) ? toPsus(of, filter, count, bill) : parents.psus;
      if (of !== "account") return { count, keys: newKeys(count), psus, tick };
      const accounts = Math.min(count, bounded(psus.count * perPsu.account));
      return { count: accounts, keys: among("account", psus, accounts), psus, tick };
    },
  };
}

function toPsus(of: string, filter: Args, count: number, bill: Bill): Keys {
  const { psuId, connectionId, accountId } = filter;
  if (psuId != null) return psuNamed(psuId, bill);
  if (connectionId != null) return psuNamed(readPartKey(toName(connectionId)).psuId, bill);
  if (accountId != null) return newKeys(1);
  return newKeys(Math.ceil(count / (of === "account" ? rowsOfSamePsu.account : rowsOfSamePsu.payment)));
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
  } = {},
): Costs {
  const { of, rows = 1, by } = options;
  return {
    cost: (parents, args, bill) => {
      const { psus } = parents;
      const keys = keysOf(loader, parents);
      const variant = by === undefined ? undefined : args[by];
      read(bill, loader, keys, parents.tick, typeof variant === "string" ? variant : "");
      const each = typeof rows === "number" ? rows : rows(args);
      const count = keys.count === 0 ? 0 : bounded(parents.count * each);
      return { count, keys: of === undefined ? keys : among(of, psus, count), psus, tick: parents.tick + 1 };
    },
  };
}

function keysOf(loader: Loader, parents: Rows): Keys {
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
  return { cost: (parents, args, bill) => find(type, [toName(args["id"])], parents, bill) };
}

/** Whatever the arguments `id` or `ids` name. An id of no type costs nothing: the resolver refuses it. */
export function byAnyId(): Costs {
  return {
    cost: (parents, { id, ids = id }, bill) => {
      const given: readonly unknown[] = Array.isArray(ids) ? ids : [ids];
      const byType = new Map<NodeType, string[]>();
      for (const global of given.slice(0, maxFirst).map(toGlobalId)) {
        if (global === null) continue;
        const { typename, id } = global;
        const same = byType.get(typename);
        if (same === undefined) byType.set(typename, [id]);
        else same.push(id);
      }
      return Array.from(byType, ([type, ids]) => ({ ...find(type, ids, parents, bill), type }));
    },
  };
}

function find(type: NodeType, ids: readonly string[], parents: Rows, bill: Bill): Rows {
  const keys = named(type, ids, bill);
  const psus = psusOf(type, ids, keys, parents, bill);
  read(bill, loaderOf[type], type === "BankConnection" ? psus : keys, parents.tick);
  return { count: ids.length, keys, psus, tick: parents.tick + 1 };
}

function psusOf(type: NodeType, ids: readonly string[], keys: Keys, parents: Rows, bill: Bill): Keys {
  if (type === "PaymentServiceUser") return keys;
  if (!isAnybodys(parents)) return parents.psus;
  if (type !== "BankConnection" && type !== "LinkAttempt") return newKeys(keys.count);
  const psuIds = new Set(ids.map((id) => readPartKey(id).psuId));
  return named("PaymentServiceUser", [...psuIds], bill);
}

function psuNamed(id: unknown, bill: Bill): Keys {
  return named("PaymentServiceUser", [toName(id).toLowerCase()], bill);
}

/** The same ids are the same keys. */
function named(type: NodeType, ids: readonly string[], bill: Bill): Keys {
  const name = JSON.stringify([type, ...ids]);
  let keys = bill.named.get(name);
  if (keys === undefined) {
    keys = newKeys(new Set(ids).size);
    bill.named.set(name, keys);
  }
  return keys;
}

function read(bill: Bill, loader: Loader, keys: Keys, tick: number, variant = ""): void {
  const name = loader + variant;
  if (keys.read.has(name)) return;
  keys.read.add(name);
  const at = `${loader} ${tick}`;
  const before = bill.gathered.get(at) ?? 0;
  const after = before + keys.count;
  bill.gathered.set(at, after);
  bill.calls += Math.ceil(after / keysPerCall[loader]) - Math.ceil(before / keysPerCall[loader]);
}

function newKeys(count: number): Keys {
  return { count, read: new Set(), owned: new Map() };
}

/** All of a PSU's own. Of connectors a stack has few: as many as one call brings. */
function owned(what: Owned, psus: Keys): Keys {
  let keys = psus.owned.get(what);
  if (keys === undefined) {
    keys = newKeys(what === "connector" ? 1 : bounded(psus.count * perPsu[what]));
    psus.owned.set(what, keys);
  }
  return keys;
}

/** So many of them, or all: however often a row is met, there are no more than its PSUs have. */
function among(what: keyof typeof perPsu, psus: Keys, count: number): Keys {
  const all = owned(what, psus);
  return count < all.count ? newKeys(count) : all;
}

function isAnybodys({ psus }: Rows): boolean {
  return psus.count === 0;
}

function toFirst(first: unknown): number {
  if (typeof first !== "number") return usualFirst;
  return first > 1 ? Math.min(first, maxFirst) : 1;
}

function toRecord(value: unknown): Args {
  return typeof value === "object" && value !== null ? (value as Args) : {};
}

/** What an id names, whether it is a global id or the service's own. */
function toName(id: unknown): string {
  return toGlobalId(id)?.id ?? (typeof id === "string" ? id : "");
}

function toGlobalId(id: unknown) {
  return typeof id === "string" ? openGlobalId(id) : null;
}

/** Far beyond every limit, and still a number to calculate with. */
function bounded(count: number): number {
  return Math.min(count, 1e12);
}

/** Never throws, whatever the variables are. */
export function weigh(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variableValues: Args | null | undefined,
  bound: Bound,
): Weight {
  const known = readingOf(schema, document, operation);
  const variables = toVariables(known, toRecord(variableValues));
  const plan = planOf(known, variables);
  if (plan === null) return { ...known.shape, calls: Number.POSITIVE_INFINITY, values: Number.POSITIVE_INFINITY };
  const bill: Bill = { calls: 0, values: 0, bound, variables, gathered: new Map(), named: new Map() };
  const psus = bound.psuId === null ? newKeys(0) : psuNamed(bound.psuId, bill);
  const root = (tick: number): Rows => ({ count: 1, keys: newKeys(1), psus, tick });
  if (operation.operation !== "mutation") walk(plan, root(0), bill);
  else {
    // One after the other: none is gathered with the one before.
    for (const [index, step] of plan.steps.entries()) {
      walk({ width: 1, steps: [step] }, root(serial * index), bill);
    }
  }
  return { ...known.shape, calls: bill.calls, values: bill.values };
}

/** Exactly those that execution will see: what is not declared, or not the object's own, is nothing. */
function toVariables({ operation, defaults }: Reading, given: Args): Args {
  const variables: Record<string, unknown> = Object.create(null);
  for (const { variable } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    variables[name] = Object.hasOwn(given, name) ? given[name] : defaults.get(name);
  }
  return variables;
}

/** Between the ticks of what runs one after the other: more than any document is deep. */
const serial = 1e6;

function walk(plan: Plan, parents: Rows, bill: Bill): void {
  bill.values += parents.count * plan.width;
  for (const { cost, args, below } of plan.steps) {
    if (bill.calls > bill.bound.mostCalls || bill.values > bill.bound.mostValues) return;
    const out = cost === null ? parents : cost(parents, args(bill.variables), bill);
    for (const rows of Array.isArray(out) ? (out as readonly Rows[]) : [out as Rows]) {
      for (const [type, plan] of below) {
        if (rows.type === undefined || rows.type === type) walk(plan, rows, bill);
      }
    }
  }
}

/** An operation as far as no variable matters but those of `@skip` and `@include`. */
type Plan = { readonly width: number; readonly steps: readonly Step[] };

type Step = {
  readonly cost: Cost | null;
  readonly args: (variables: Args) => Args;
  /** What is asked of each type that may come out. */
  readonly below: readonly (readonly [type: string, plan: Plan])[];
};

type Shape = Omit<Weight, "calls" | "values">;

type Reading = {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly shape: Shape;
  readonly defaults: ReadonlyMap<string, unknown>;
  /** The variables that switch parts on and off. */
  readonly switches: readonly string[];
  /** By the state of the switches. */
  readonly plans: Map<string, Plan | null>;
  /** Steps of plans that may still be kept: what is short to write must not be large to remember. */
  room: number;
};

const readings = new WeakMap<GraphQLSchema, WeakMap<OperationDefinitionNode, Reading>>();
const mostPlansKept = 8;
/** Selections that are looked at; beyond them the operation is too large, whatever it asks for. */
const mostVisited = 10_000;

function readingOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Reading {
  let ofSchema = readings.get(schema);
  if (ofSchema === undefined) {
    ofSchema = new WeakMap();
    readings.set(schema, ofSchema);
  }
  const known = ofSchema.get(operation);
  if (known !== undefined) return known;
  const fragments = new Map<string, FragmentDefinitionNode>();
  const switches = new Set<string>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  visit(document, {
    Directive({ name, arguments: [condition] = [] }) {
      const isSwitch = name.value === "skip" || name.value === "include";
      if (isSwitch && condition?.value.kind === Kind.VARIABLE) switches.add(condition.value.name.value);
    },
  });
  const defaults = new Map<string, unknown>();
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue !== undefined) defaults.set(variable.name.value, valueFromASTUntyped(defaultValue));
  }
  const reading: Reading = {
    schema,
    operation,
    fragments,
    shape: shapeOf(operation, fragments),
    defaults,
    switches: [...switches],
    plans: new Map(),
    room: (document.loc?.end ?? 0) / 4,
  };
  ofSchema.set(operation, reading);
  return reading;
}

function planOf(reading: Reading, variables: Args): Plan | null {
  const { plans, switches } = reading;
  const key = switches.map((name) => (variables[name] === true ? 1 : variables[name] === false ? 0 : "-")).join("");
  const known = plans.get(key);
  if (known !== undefined) return known;
  if (reading.shape.fields > mostVisited) return null;
  const { plan, steps } = toPlan(reading, variables);
  if (steps <= reading.room && plans.size < mostPlansKept) {
    plans.set(key, plan);
    reading.room -= steps;
  }
  return plan;
}

/** Merges selections as execution does: those of one response key are one field. `null` when there are too many. */
function toPlan({ schema, operation, fragments }: Reading, variables: Args) {
  let visited = 0;
  let steps = 0;

  function collect(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    const applies = (condition: string | undefined) => {
      if (condition === undefined || condition === type.name) return true;
      const other = schema.getType(condition);
      return isAbstractType(other) && schema.isSubType(other, type);
    };
    const add = ({ selections }: SelectionSetNode) => {
      for (const selection of selections) {
        visited += 1;
        if (visited > mostVisited) return;
        if (!isOn(selection.directives, variables)) continue;
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value;
          const same = fields.get(key);
          if (same === undefined) fields.set(key, [selection]);
          else same.push(selection);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          if (applies(selection.typeCondition?.name.value)) add(selection.selectionSet);
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value);
          const fragment = fragments.get(selection.name.value);
          if (fragment !== undefined && applies(fragment.typeCondition.name.value)) add(fragment.selectionSet);
        }
      }
    };
    for (const set of sets) add(set);
    return fields;
  }

  function plan(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Plan {
    const ofType = type.getFields();
    const groups = collect(type, sets);
    const found: Step[] = [];
    for (const nodes of groups.values()) {
      const [node] = nodes;
      const field = node === undefined ? undefined : ofType[node.name.value];
      if (node === undefined || field === undefined || visited > mostVisited) continue; // introspection costs nothing
      const cost = costOf(field);
      const inner = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      const named = getNamedType(field.type);
      const types = isAbstractType(named) ? schema.getPossibleTypes(named) : isObjectType(named) ? [named] : [];
      if (cost === null && types.length === 0) continue;
      steps += types.length + 1;
      found.push({
        cost,
        args: cost === null ? () => noArgs : toArgs(field, node),
        below: types.map((type) => [type.name, plan(type, inner)] as const),
      });
    }
    return { width: groups.size, steps: found };
  }

  const root = schema.getRootType(operation.operation);
  const found = root == null ? null : plan(root, [operation.selectionSet]);
  return { plan: visited > mostVisited ? null : found, steps };
}

const noArgs: Args = {};

function isOn(directives: readonly DirectiveNode[] = [], variables: Args): boolean {
  return directives.every(({ name, arguments: [condition] = [] }) => {
    if (condition === undefined || (name.value !== "skip" && name.value !== "include")) return true;
    return valueFromASTUntyped(condition.value, variables) !== (name.value === "skip");
  });
}

/** The arguments of a field, as far as possible once for all runs. */
function toArgs(field: GraphQLField<unknown, unknown>, node: FieldNode): (variables: Args) => Args {
  const fixed: Record<string, unknown> = {};
  const open: [name: string, value: ValueNode][] = [];
  for (const { name, defaultValue } of field.args) if (defaultValue !== undefined) fixed[name] = defaultValue;
  for (const { name, value } of node.arguments ?? []) {
    if (hasVariable(value)) open.push([name.value, value]);
    else fixed[name.value] = valueFromASTUntyped(value);
  }
  if (open.length === 0) return () => fixed;
  return (variables) => {
    const args = { ...fixed };
    for (const [name, node] of open) {
      const value = valueFromASTUntyped(node, variables);
      if (value !== undefined) args[name] = value;
    }
    return args;
  };
}

function hasVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(hasVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => hasVariable(field.value));
}

/** Each fragment is measured once, however often it is spread. One that spreads itself has no measure. */
function shapeOf(operation: OperationDefinitionNode, fragments: Reading["fragments"]): Shape {
  const known = new Map<string, Shape>();

  function ofSet({ selections }: SelectionSetNode): Shape {
    let depth = 0;
    let fields = 0;
    let aliases = 0;
    let directives = 0;
    for (const selection of selections) {
      directives += selection.directives?.length ?? 0;
      let inner = none;
      if (selection.kind === Kind.FRAGMENT_SPREAD) inner = ofFragment(selection.name.value);
      else if (selection.selectionSet !== undefined) inner = ofSet(selection.selectionSet);
      depth = Math.max(depth, selection.kind === Kind.FIELD ? 1 : inner.depth);
      if (selection.kind === Kind.FIELD) {
        fields += 1;
        if (selection.alias !== undefined) aliases += 1;
        // Introspection is deep by nature, and validation has a limit of its own for it.
        if (!selection.name.value.startsWith("__")) depth = Math.max(depth, inner.depth + 1);
      }
      fields += inner.fields;
      aliases += inner.aliases;
      directives += inner.directives;
    }
    return { depth, fields, aliases, directives };
  }

  function ofFragment(name: string): Shape {
    const measured = known.get(name);
    if (measured !== undefined) return measured;
    known.set(name, endless);
    const fragment = fragments.get(name);
    const inner = fragment === undefined ? none : ofSet(fragment.selectionSet);
    const shape = { ...inner, directives: inner.directives + (fragment?.directives?.length ?? 0) };
    known.set(name, shape);
    return shape;
  }

  const own = [operation, ...(operation.variableDefinitions ?? [])];
  const directives = own.reduce((sum, node) => sum + (node.directives?.length ?? 0), 0);
  const shape = ofSet(operation.selectionSet);
  return { ...shape, directives: shape.directives + directives };
}

const none: Shape = { depth: 0, fields: 0, aliases: 0, directives: 0 };
const endless: Shape = {
  depth: Number.POSITIVE_INFINITY,
  fields: Number.POSITIVE_INFINITY,
  aliases: Number.POSITIVE_INFINITY,
  directives: Number.POSITIVE_INFINITY,
};
