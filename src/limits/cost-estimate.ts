/** What an operation costs, estimated before it runs: its upstream calls and the size of its answer and arguments. */

import {
  type DocumentNode,
  type FieldNode,
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
} from "graphql";
import { collectFields, type Fragments, hasVariable } from "../executor/collect-fields.ts";
import { createPlanCache, type OperationPlans } from "../executor/plan-cache.ts";
import { sizeOfValue } from "../executor/size-of-value.ts";
import {
  type Args,
  type Cost,
  type CostAccumulator,
  costOf,
  namedPsu,
  newKeySet,
  type RowSet,
  serialStep,
  toRecord,
} from "../schema/cost.ts";

/**
 * What an operation costs, known before it runs: the calls of the service that it will make, and how large its answer
 * will be. Both follow from what fields declare beside their resolvers, and from a few assumptions on how much a PSU
 * has, which is unknown before it is read. The rest is a matter of the document alone.
 */
export type CostEstimate = {
  readonly calls: number;
  /**
   * Values in the answer, and inside the lists and objects of arguments. The same rows met again cost no call, but go into
   * the answer each time; a variable is read each time that it is used.
   */
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

/** Never throws, whatever the variables are. */
export function estimateCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variableValues: Args | null | undefined,
  bound: Bound,
): CostEstimate {
  const plans = plansOf({ schema, document, operation });
  const { shape, defaults } = factsOf(operation, plans.fragments);
  const variables = toVariables(operation, defaults, toRecord(variableValues));
  const plan = shape.fields > maxVisited ? null : planOf(schema, operation, plans, variables);
  if (plan === null) return { ...shape, calls: Number.POSITIVE_INFINITY, values: Number.POSITIVE_INFINITY };
  const total: Total = {
    ...{ calls: 0, values: 0, variables, keysPerBatch: new Map(), keysByIds: new Map() },
    sizes: new Map(),
  };
  const psus = bound.psuId === null ? newKeySet(0) : namedPsu(bound.psuId, total);
  const root = (batchStep: number): RowSet => ({ count: 1, keys: newKeySet(1), psus, batchStep });
  if (operation.operation !== "mutation") walk(plan, root(0), total, bound);
  else {
    // One after the other: none is gathered with the one before.
    for (const [index, step] of plan.steps.entries()) {
      walk({ width: 1, steps: [step] }, root(serialStep * index), total, bound);
    }
  }
  return { ...shape, calls: total.calls, values: total.values };
}

/** Exactly those that execution will see: what is not declared, or not the object's own, is nothing. */
function toVariables(operation: OperationDefinitionNode, defaults: OperationFacts["defaults"], given: Args): Args {
  const variables: Record<string, unknown> = Object.create(null);
  for (const { variable } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    variables[name] = Object.hasOwn(given, name) ? given[name] : defaults.get(name);
  }
  return variables;
}

/** Of variables by name, once they have been counted. */
type Total = CostAccumulator & { readonly sizes: Map<string, number> };

function walk(plan: Plan, parents: RowSet, total: Total, bound: Bound): void {
  total.values += parents.count * plan.width;
  for (const { cost, args, given, below } of plan.steps) {
    if (given !== null) total.values += parents.count * sizeOfArguments(given, total, bound);
    if (total.calls > bound.mostCalls || total.values > bound.mostValues) return;
    const out = cost === null ? parents : cost(parents, args(total.variables), total);
    for (const rows of Array.isArray(out) ? (out as readonly RowSet[]) : [out as RowSet]) {
      for (const [type, plan] of below) {
        if (rows.type === undefined || rows.type === type) walk(plan, rows, total, bound);
      }
    }
  }
}

function sizeOfArguments({ size, variables }: Given, total: Total, bound: Bound): number {
  let sum = size;
  for (const name of variables) {
    let own = total.sizes.get(name);
    if (own === undefined) {
      own = sizeOfValue(total.variables[name], bound.mostValues);
      total.sizes.set(name, own);
    }
    sum += own;
  }
  return sum;
}

/** An operation as far as no variable matters but those of `@skip` and `@include`. */
type Plan = { readonly width: number; readonly steps: readonly Step[] };

type Step = {
  readonly cost: Cost | null;
  readonly args: (variables: Args) => Args;
  /** `null`: its arguments have no size. */
  readonly given: Given | null;
  /** What is selected of each type that the field may answer. */
  readonly below: readonly (readonly [type: string, plan: Plan])[];
};

/** The size of arguments that stand in the document, and the variables in them, as often as they are used. */
type Given = { readonly size: number; readonly variables: readonly string[] };

type Shape = Omit<CostEstimate, "calls" | "values">;

/** What of an operation depends on no variable. */
type OperationFacts = { readonly shape: Shape; readonly defaults: ReadonlyMap<string, unknown> };

const plansOf = createPlanCache<Plan | null>();
const factsByOperation = new WeakMap<OperationDefinitionNode, OperationFacts>();
/** Selections that are visited; beyond them the operation is too large, whatever it selects. */
const maxVisited = 10_000;

function factsOf(operation: OperationDefinitionNode, fragments: Fragments): OperationFacts {
  const known = factsByOperation.get(operation);
  if (known !== undefined) return known;
  const defaults = new Map<string, unknown>();
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue !== undefined) defaults.set(variable.name.value, valueFromASTUntyped(defaultValue));
  }
  const facts = { shape: shapeOf(operation, fragments), defaults };
  factsByOperation.set(operation, facts);
  return facts;
}

function planOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  plans: OperationPlans<Plan | null>,
  variables: Args,
): Plan | null {
  const key = plans.toKey(variables);
  const known = plans.get(key);
  if (known !== undefined) return known;
  const { plan, steps } = toPlan(schema, operation, plans.fragments, variables);
  plans.keep(key, plan, steps);
  return plan;
}

/** Merges selections as execution does: those of one response key are one field. `null` when there are too many. */
function toPlan(schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments, variables: Args) {
  let visited = 0;
  let steps = 0;

  const mayContinue = () => {
    visited += 1;
    return visited <= maxVisited;
  };

  function plan(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Plan {
    const ofType = type.getFields();
    const groups = collectFields({ schema, fragments, variables, mayContinue, isStrict: false }, type, sets);
    const found: Step[] = [];
    for (const nodes of groups.values()) {
      const [node] = nodes;
      const field = node === undefined ? undefined : ofType[node.name.value];
      if (node === undefined || field === undefined || visited > maxVisited) continue; // introspection costs nothing
      const cost = costOf(field);
      const inner = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      const named = getNamedType(field.type);
      const types = isAbstractType(named) ? schema.getPossibleTypes(named) : isObjectType(named) ? [named] : [];
      const given = toGiven(node);
      if (cost === null && given === null && types.length === 0) continue;
      steps += types.length + 1;
      found.push({
        cost,
        args: cost === null ? () => noArgs : toArgs(field, node),
        given,
        below: types.map((type) => [type.name, plan(type, inner)] as const),
      });
    }
    return { width: groups.size, steps: found };
  }

  const root = schema.getRootType(operation.operation);
  const found = root == null ? null : plan(root, [operation.selectionSet]);
  return { plan: visited > maxVisited ? null : found, steps };
}

function toGiven({ arguments: given = [] }: FieldNode): Given | null {
  const variables: string[] = [];
  let size = 0;
  const add = (value: ValueNode): void => {
    if (value.kind === Kind.VARIABLE) variables.push(value.name.value);
    else if (value.kind === Kind.LIST) addAll(value.values);
    else if (value.kind === Kind.OBJECT) addAll(value.fields.map((field) => field.value));
  };
  const addAll = (values: readonly ValueNode[]): void => {
    size += values.length;
    for (const value of values) add(value);
  };
  for (const { value } of given) add(value);
  return size === 0 && variables.length === 0 ? null : { size, variables };
}

const noArgs: Args = {};

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

/** Each fragment is measured once, however often it is spread. One that spreads itself has no measure. */
function shapeOf(operation: OperationDefinitionNode, fragments: Fragments): Shape {
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
