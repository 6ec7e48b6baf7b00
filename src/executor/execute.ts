import {
  createSourceEventStream,
  type DocumentNode,
  defaultFieldResolver,
  defaultTypeResolver,
  type ExecutionResult,
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getNullableType,
  getVariableValues,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  locatedError,
  type OperationDefinitionNode,
  responsePathAsArray,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from "graphql";
import { nothingToFollow } from "../errors.ts";
import type { Context } from "../schema/context.ts";
import { runOnce } from "./coalesce.ts";
import {
  collectFields,
  conditionVariablesOf,
  type Fragments,
  fragmentsOf,
  hasVariable,
  toConditionKey,
  type Variables,
} from "./collect-fields.ts";

/**
 * Executes operations as the specification says and graphql-js does, error by error, only faster: what depends on the
 * document alone (which fields are asked of which type, and what their arguments are) is worked out once for each
 * operation and kept with it. Parsing, validation and the coercion of variables, arguments and leaves are graphql-js's.
 */
export type Execution = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** As the client gave them. */
  readonly variableValues: Variables;
  readonly contextValue: unknown;
};

type Result = ExecutionResult<Record<string, unknown>>;

/** A query or a mutation. Never throws, never rejects. */
export function execute(execution: Execution): Result | Promise<Result> {
  const variables = coerce(execution);
  return Array.isArray(variables) ? { errors: variables } : run(execution, variables as Variables, undefined);
}

type Opening = Execution & { readonly operationName: string | null | undefined; readonly contextValue: Context };

/** Opens a stream; errors where that is refused. Each message is executed as it comes, with the same variables. */
export async function subscribe(execution: Opening): Promise<Result | AsyncIterableIterator<Result>> {
  const variables = coerce(execution);
  if (Array.isArray(variables)) return { errors: variables };
  const type = execution.schema.getSubscriptionType();
  // graphql-js would throw at what `@skip` or `@include` has left nothing of.
  if (type != null && planOf(execution, variables as Variables).rootOf(type).all.length === 0)
    return { errors: [nothingToFollow()] };
  const opened = await createSourceEventStream(execution);
  if (!(Symbol.asyncIterator in opened)) return opened as Result;
  return new Results(execution, variables as Variables, opened[Symbol.asyncIterator]());
}

/** A class, and no promise more than it takes: there are thousands at once. */
class Results implements AsyncIterableIterator<Result> {
  readonly #execution: Opening;
  readonly #variables: Variables;
  readonly #source: AsyncIterator<unknown>;

  constructor(execution: Opening, variables: Variables, source: AsyncIterator<unknown>) {
    this.#execution = execution;
    this.#variables = variables;
    this.#source = source;
  }

  next(): Promise<IteratorResult<Result>> {
    return this.#source.next().then((told) => (told.done === true ? told : this.#execute(told.value)));
  }

  async #execute(message: unknown): Promise<IteratorResult<Result>> {
    const { document, operationName, variableValues, contextValue } = this.#execution;
    const asked = { document, operationName, variables: variableValues, viewer: contextValue.viewer, message };
    const value = await runOnce(asked, () => run(this.#execution, this.#variables, message));
    return { done: false, value: value as Result };
  }

  async return(): Promise<IteratorResult<Result>> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<Result>> {
    await this.#source.return?.();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function coerce({ schema, operation, variableValues }: Execution): Variables | GraphQLError[] {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues, {
    maxErrors: 50,
  });
  return coerced ?? [...(errors ?? [])];
}

function run(execution: Execution, variables: Variables, rootValue: unknown): Result | Promise<Result> {
  const { schema, operation, contextValue } = execution;
  const type = schema.getRootType(operation.operation);
  const plan = planOf(execution, variables);
  const running: Run = { plan, rootValue, contextValue, variables, failures: createFailures() };
  const toResult = (values: unknown): Result => {
    plan.keep();
    const { errors } = running.failures;
    const data = values as Record<string, unknown> | null;
    return errors.length === 0 ? { data } : { errors, data };
  };
  const toNothing = (error: unknown): Result => {
    running.failures.add(error as GraphQLError, undefined);
    return toResult(null);
  };
  try {
    if (type == null) throw new GraphQLError("There are no such operations.", { nodes: operation });
    const fields = plan.rootOf(type);
    const isSerial = operation.operation === "mutation";
    const data = (isSerial ? executeInOrder : executeFields)(running, fields, rootValue, undefined);
    return isPromise(data) ? data.then(toResult, toNothing) : toResult(data);
  } catch (error) {
    return toNothing(error);
  }
}

type Path = GraphQLResolveInfo["path"];

/** One execution. */
type Run = {
  readonly plan: Plan;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  readonly variables: Variables;
  readonly failures: Failures;
};

type Failures = { readonly errors: GraphQLError[]; add(error: GraphQLError, path: Path | undefined): void };

/** What fails below a place that is null already is told no more. */
function createFailures(): Failures {
  const errors: GraphQLError[] = [];
  const nulled = new Set<Path | undefined>();
  return {
    errors,
    add(error, path) {
      for (let at = path; at !== undefined; at = at.prev) if (nulled.has(at)) return;
      if (nulled.has(undefined)) return;
      nulled.add(path);
      errors.push(error);
    },
  };
}

// The plan of an operation.

/** An operation with its switches in one state: nothing in it depends on a variable but arguments. */
type Plan = {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, ReturnType<Fragments["get"]> & object>>;
  rootOf(type: GraphQLObjectType): Fields;
  /** What a field asks of its value, once it is known of which type that is. */
  below(field: Field, type: GraphQLObjectType): Fields;
  /** For further executions, if it is not larger than what it took to write it. */
  keep(): void;
};

/** What is asked of one type, and an object with a place for each of the answers, in their order. */
type Fields = { readonly all: readonly Field[]; readonly template: Readonly<Record<string, unknown>> | null };

/** All that one response key of one type takes. */
type Field = {
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly name: string;
  readonly type: GraphQLOutputType;
  readonly isNonNull: boolean;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  /** Its value has no fields: nothing but an error needs to know where it stands. */
  readonly isLeaf: boolean;
  /** Its resolver has a fourth parameter. */
  readonly takesInfo: boolean;
  readonly toArgs: (variables: Variables) => Record<string, unknown>;
  readonly complete: Complete;
  readonly below: Map<GraphQLObjectType, Fields>;
};

/** What the plans of one document share. */
type Shared = {
  readonly switches: readonly string[];
  readonly fragments: Fragments;
  readonly fragmentsByName: Plan["fragments"];
  /** Fields of plans that may still be kept. */
  room: number;
};

type Plans = { readonly shared: Shared; readonly bySwitches: Map<string, Plan> };

const plansOf = new WeakMap<GraphQLSchema, WeakMap<OperationDefinitionNode, Plans>>();
const sharedOf = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, Shared>>();
const mostPlansKept = 8;
/**
 * Characters of a document for each field of its plans that may be kept: fragments, switches and operations multiply, at
 * no cost of text.
 */
const charactersPerField = 4;

function planOf({ schema, document, operation }: Execution, variables: Variables): Plan {
  const plans = getOrMake(getOrMake(plansOf, schema, toWeakMap), operation, () => ({
    shared: getOrMake(getOrMake(sharedOf, schema, toWeakMap), document, () => toShared(document)),
    bySwitches: new Map<string, Plan>(),
  }));
  const key = toConditionKey(plans.shared.switches, variables);
  return (
    plans.bySwitches.get(key) ?? createPlan({ schema, operation }, toSwitched(plans.shared, variables), plans, key)
  );
}

function toShared(document: DocumentNode): Shared {
  const fragments = fragmentsOf(document);
  const room = (document.loc?.end ?? 0) / charactersPerField;
  return { switches: conditionVariablesOf(document), fragments, fragmentsByName: Object.fromEntries(fragments), room };
}

const toWeakMap = () => new WeakMap<never, never>();

function getOrMake<Key extends object, Value>(map: WeakMap<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Of the variables no more than a plan may keep: it outlives the request that it was made for. */
function toSwitched({ switches }: Shared, variables: Variables): Variables {
  const known = switches.filter((name) => Object.hasOwn(variables, name));
  return Object.fromEntries(known.map((name) => [name, variables[name]]));
}

function createPlan(
  { schema, operation }: Pick<Execution, "schema" | "operation">,
  variables: Variables,
  { shared, bySwitches }: Plans,
  key: string,
): Plan {
  const { fragments } = shared;
  const selected = { schema, fragments, variables, goesOn: () => true, isStrict: true };
  let size = 0;
  let kept = 0;
  let root: Fields | undefined;
  const toFields = (type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Fields => {
    const fields = Array.from(collectFields(selected, type, sets), ([key, nodes]) => toField(schema, type, key, nodes));
    size += fields.length;
    const all = fields.filter((field) => field !== null);
    // In a plain object `__proto__` is no key like others.
    const isPlain = all.every(({ key }) => key !== "__proto__");
    return { all, template: isPlain ? Object.fromEntries(all.map(({ key }) => [key, null])) : null };
  };
  return {
    schema,
    operation,
    fragments: shared.fragmentsByName,
    rootOf(type) {
      root ??= toFields(type, [operation.selectionSet]);
      return root;
    },
    below(field, type) {
      let fields = field.below.get(type);
      if (fields === undefined) {
        fields = toFields(
          type,
          field.nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
        );
        field.below.set(type, fields);
      }
      return fields;
    },
    keep() {
      const known = bySwitches.get(key);
      const isKept = known === this;
      if (isKept ? size === kept : known !== undefined || bySwitches.size >= mostPlansKept) return;
      if (size - kept <= shared.room) {
        shared.room -= size - kept;
        kept = size;
        if (!isKept) bySwitches.set(key, this);
      } else if (isKept) {
        bySwitches.delete(key); // another type has come since
        shared.room += kept;
        kept = 0;
      }
    },
  };
}

function toField(
  schema: GraphQLSchema,
  parentType: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
): Field | null {
  const [node] = nodes;
  const field = node && fieldOf(schema, parentType, node.name.value);
  if (node === undefined || field === undefined) return null; // validation lets no such field pass
  const resolve: Field["resolve"] = field.resolve ?? defaultFieldResolver;
  return {
    key,
    nodes,
    parentType,
    name: field.name,
    type: field.type,
    isNonNull: isNonNullType(field.type),
    resolve,
    isLeaf: isLeafType(getNullableType(field.type)),
    takesInfo: resolve.length === 0 || resolve.length > 3, // no parameter by name: it may take all
    toArgs: toArgs(field, node),
    complete: toComplete(field.type),
    below: new Map(),
  };
}

function fieldOf(schema: GraphQLSchema, type: GraphQLObjectType, name: string) {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (type === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return type.getFields()[name];
}

/** Arguments without a variable are read once, and nobody may change them. */
function toArgs(field: GraphQLField<unknown, unknown>, node: FieldNode): Field["toArgs"] {
  if ((node.arguments ?? []).some(({ value }) => hasVariable(value))) {
    return (variables) => getArgumentValues(field, node, variables);
  }
  let args: Record<string, unknown> | undefined;
  return () => {
    args ??= freeze(getArgumentValues(field, node));
    return args;
  };
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain) return value; // what a scalar has made is its own affair
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}

// Running it.

/** Where a field stands, which is all that its resolver is told besides: the rest is looked up when it is asked for. */
class Place implements GraphQLResolveInfo {
  readonly #run: Run;
  readonly #field: Field;
  readonly prev: Path | undefined;
  readonly key: string;

  constructor(run: Run, field: Field, prev: Path | undefined) {
    this.#run = run;
    this.#field = field;
    this.prev = prev;
    this.key = field.key;
  }
  get typename() {
    return this.#field.parentType.name;
  }
  get path(): Path {
    return this;
  }
  get fieldName() {
    return this.#field.name;
  }
  get fieldNodes() {
    return this.#field.nodes;
  }
  get returnType() {
    return this.#field.type;
  }
  get parentType() {
    return this.#field.parentType;
  }
  get schema() {
    return this.#run.plan.schema;
  }
  get fragments() {
    return this.#run.plan.fragments;
  }
  get rootValue() {
    return this.#run.rootValue;
  }
  get operation() {
    return this.#run.plan.operation;
  }
  get variableValues() {
    return this.#run.variables as Record<string, unknown>;
  }
}

function executeFields(run: Run, { all, template }: Fields, source: unknown, path: Path | undefined): unknown {
  const values = createValues(template);
  let awaited: Field[] | undefined;
  try {
    for (const field of all) {
      const value = executeField(run, field, source, path);
      values[field.key] = value;
      if (!isPromise(value)) continue;
      if (awaited === undefined) awaited = [field];
      else awaited.push(field);
    }
  } catch (error) {
    if (awaited === undefined) throw error;
    return settle(values, awaited).finally(() => {
      throw error;
    });
  }
  return awaited === undefined ? values : settle(values, awaited);
}

/** What is awaited takes the place of its promise. */
function settle(values: Record<string, unknown>, awaited: readonly Field[]): Promise<typeof values> {
  const [only] = awaited;
  if (awaited.length === 1 && only !== undefined) {
    return (values[only.key] as Promise<unknown>).then((value) => {
      values[only.key] = value;
      return values;
    });
  }
  return Promise.all(awaited.map(({ key }) => values[key])).then((settled) => {
    for (const [at, { key }] of awaited.entries()) values[key] = settled[at];
    return values;
  });
}

async function executeInOrder(run: Run, { all, template }: Fields, source: unknown, path: Path | undefined) {
  const values = createValues(template);
  for (const field of all) values[field.key] = await executeField(run, field, source, path);
  return values;
}

function createValues(template: Fields["template"]): Record<string, unknown> {
  return template === null ? Object.create(null) : { ...template };
}

function executeField(run: Run, field: Field, source: unknown, parentPath: Path | undefined): unknown {
  const known = field.isLeaf && !field.takesInfo ? null : new Place(run, field, parentPath);
  try {
    const value = field.resolve(source, field.toArgs(run.variables), run.contextValue, known as Place);
    if (isPromise(value) || !field.isLeaf) {
      const place = known ?? new Place(run, field, parentPath);
      const fail = (error: unknown) => failAt(run, field, place, field.isNonNull, error);
      if (!isPromise(value)) return orFail(field.complete(run, field, place, place, value), fail);
      return value.then((settled) => {
        try {
          return orFail(field.complete(run, field, place, place, settled), fail);
        } catch (error) {
          return fail(error);
        }
      }, fail);
    }
    return field.complete(run, field, known as Place, known as Place, value);
  } catch (error) {
    return failAt(run, field, known ?? new Place(run, field, parentPath), field.isNonNull, error);
  }
}

function orFail(completed: unknown, fail: (error: unknown) => null): unknown {
  return isPromise(completed) ? completed.then(undefined, fail) : completed;
}

/** Null, if that is allowed here; otherwise whatever is above is null, too. */
function failAt(run: Run, { nodes }: Field, path: Path, isNonNull: boolean, error: unknown): null {
  const located = locatedError(error, nodes, responsePathAsArray(path));
  if (isNonNull) throw located;
  run.failures.add(located, path);
  return null;
}

/**
 * From what a resolver gave to what goes into the answer. What cannot be is a fault of ours: an error that clients do not
 * see, and that, unlike graphql-js's, quotes no value.
 */
type Complete = (run: Run, field: Field, info: Place, path: Path, value: unknown) => unknown;

function toComplete(type: GraphQLOutputType): Complete {
  if (isNonNullType(type)) return toNonNull(toComplete(type.ofType));
  if (isListType(type)) return orNull(toList(type.ofType));
  if (isLeafType(type)) return orNull(toLeaf(type));
  return orNull(isObjectType(type) ? toObject(type) : toAbstract(type));
}

function orNull(complete: Complete): Complete {
  return (run, field, info, path, value) => {
    if (value instanceof Error) throw value;
    return value == null ? null : complete(run, field, info, path, value);
  };
}

function toNonNull(complete: Complete): Complete {
  return (run, field, info, path, value) => {
    const completed = complete(run, field, info, path, value);
    if (completed !== null) return completed;
    throw new Error(`Cannot return null for non-nullable field ${field.parentType.name}.${field.name}.`);
  };
}

function toList(itemType: GraphQLOutputType): Complete {
  const complete = toComplete(itemType);
  const isNonNull = isNonNullType(itemType);
  return (run, field, info, path, value) => {
    if (typeof value !== "object" || !(Symbol.iterator in (value as object))) {
      throw new Error(`Expected Iterable, but did not find one for field "${field.parentType.name}.${field.name}".`);
    }
    let index = 0;
    const items: unknown[] = [];
    let awaited: Path[] | undefined;
    try {
      for (const item of value as Iterable<unknown>) {
        const itemPath: Path = { prev: path, key: index, typename: undefined };
        index += 1;
        try {
          const completed = isPromise(item)
            ? item.then((settled) => complete(run, field, info, itemPath, settled))
            : complete(run, field, info, itemPath, item);
          items.push(completed);
          if (!isPromise(completed)) continue;
          if (awaited === undefined) awaited = [itemPath];
          else awaited.push(itemPath);
        } catch (error) {
          items.push(failAt(run, field, itemPath, isNonNull, error));
        }
      }
    } catch (error) {
      abandon(items);
      if (Array.isArray(value)) abandon(value.slice(index));
      throw error;
    }
    if (awaited === undefined) return items;
    return settleItems(items, awaited, (itemPath, error) => failAt(run, field, itemPath, isNonNull, error));
  };
}

/** As `settle`, for what is awaited of a list. */
function settleItems(
  items: unknown[],
  awaited: readonly Path[],
  fail: (path: Path, error: unknown) => null,
): Promise<unknown[]> {
  let due = awaited.length;
  return new Promise((resolve, reject) => {
    for (const path of awaited) {
      const at = path.key as number;
      const settled = (value: unknown) => {
        items[at] = value;
        due -= 1;
        if (due === 0) resolve(items);
      };
      (items[at] as Promise<unknown>).then(settled, (error) => {
        try {
          settled(fail(path, error));
        } catch (failure) {
          reject(failure);
        }
      });
    }
  });
}

/** Nobody waits for these any more: a rejection among them must not end the process. */
function abandon(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) abandon(item);
  else if (isPromise(value)) value.then(abandon, () => {});
}

function toLeaf(type: GraphQLLeafType): Complete {
  return (_run, _field, _info, _path, value) => {
    const written = type.serialize(value);
    if (written != null) return written;
    throw new Error(`A ${type.name} cannot be written as nothing.`);
  };
}

function toObject(type: GraphQLObjectType): Complete {
  return (run, field, info, path, value) => {
    const fields = run.plan.below(field, type);
    const isOfType = type.isTypeOf == null || type.isTypeOf(value, run.contextValue, info);
    const executed = (isIt: unknown) => {
      if (isIt) return executeFields(run, fields, value, path);
      throw new Error(`A value of the type "${type.name}" was expected.`);
    };
    return isPromise(isOfType) ? isOfType.then(executed) : executed(isOfType);
  };
}

function toAbstract(type: GraphQLAbstractType): Complete {
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const byName = new Map<string, Complete>();
  const completeAs = (schema: GraphQLSchema, name: unknown): Complete => {
    const known = byName.get(name as string);
    if (known !== undefined) return known;
    const found = typeof name === "string" ? schema.getType(name) : undefined;
    if (!isObjectType(found) || !schema.isSubType(type, found)) {
      throw new Error(`A value of the type "${type.name}" is of none of its types.`);
    }
    const complete = toObject(found);
    byName.set(found.name, complete);
    return complete;
  };
  return (run, field, info, path, value) => {
    const name = resolveType(value, run.contextValue, info, type);
    const complete = (resolved: unknown) => completeAs(run.plan.schema, resolved)(run, field, info, path, value);
    return isPromise(name) ? name.then(complete) : complete(name);
  };
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && typeof (value as Promise<unknown>).then === "function";
}
