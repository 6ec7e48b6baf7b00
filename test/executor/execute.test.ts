import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import {
  type ExecutionResult,
  GraphQLEnumType,
  GraphQLError,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  type GraphQLFieldResolver,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  getNamedType,
  getOperationAST,
  execute as graphqlExecute,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
} from "graphql";
import { describe, expect, it } from "vitest";
import { execute } from "../../src/executor/execute.ts";

/** A number from 0 up to 1 that follows from a text alone. */
function draw(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
  return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
}

/** One execution. All that its resolvers do follows from where they are asked, and from its seed. */
class World {
  readonly #seed: number;
  readonly #inTurn: boolean;
  readonly #waiting: { readonly order: number; readonly go: () => void }[] = [];
  /** What resolvers were called with, in order. */
  readonly calls: string[] = [];

  /** @param inTurn whether promises settle one after the other, with nothing left to do in between. */
  constructor(seed: number, inTurn: boolean) {
    this.#seed = seed;
    this.#inTurn = inTurn;
  }

  draw(at: string): number {
    return draw(`${this.#seed} ${at}`);
  }

  later<Value>(at: string, settle: () => Value | Promise<Value>): Promise<Value> {
    const order = this.draw(`order ${at}`);
    if (this.#inTurn) return new Promise<void>((go) => this.#waiting.push({ order, go })).then(settle);
    let turns = Promise.resolve();
    for (let turn = 0; turn < order * 4; turn += 1) turns = turns.then(() => {});
    return turns.then(settle);
  }

  /** Until nothing goes on any more. */
  async settle(running: unknown): Promise<ExecutionResult> {
    let isOver = false;
    const result = Promise.resolve(running as ExecutionResult).finally(() => {
      isOver = true;
    });
    await setImmediate();
    while (this.#waiting.length > 0) {
      this.#waiting
        .sort((one, other) => one.order - other.order)
        .shift()
        ?.go();
      await setImmediate();
    }
    if (!isOver && this.#inTurn) throw new Error("It hangs.");
    return result;
  }
}

type Path = { readonly prev: Path | undefined; readonly key: string | number };
const toText = (path: Path | undefined): string => (path === undefined ? "" : `${toText(path.prev)}/${path.key}`);

/** An object of the type that it names. */
type Thing = { readonly is: string; readonly at: string; readonly plain: unknown; readonly __typename?: string };

const objectNames = ["A", "B", "C"];

/** What a resolver may give for a type: mostly what fits. */
function toValue(world: World, type: GraphQLOutputType, at: string): unknown {
  const chance = world.draw(at);
  if (chance < 0.03) throw new Error(`thrown at ${at}`);
  if (chance < 0.06) return world.later(at, () => Promise.reject(new GraphQLError(`rejected at ${at}`)));
  if (chance < 0.08) return new Error(`given at ${at}`);
  if (chance < 0.1) return world.later(at, () => new Error(`given later at ${at}`));
  if (chance < 0.11) return world.later(at, () => Promise.reject(`no error at ${at}`));
  if (chance < 0.25) return world.later(at, () => toGood(world, type, at));
  return toGood(world, type, at);
}

function toGood(world: World, type: GraphQLOutputType, at: string): unknown {
  const chance = world.draw(`good ${at}`);
  if (chance < 0.06) return chance < 0.03 ? null : undefined;
  if (isNonNullType(type)) return toGood(world, type.ofType, `${at}!`);
  if (isListType(type)) {
    if (chance < 0.1) return chance < 0.08 ? "a text" : { no: "list" };
    const items = Array.from({ length: Math.floor(world.draw(`length ${at}`) * 4) }, (_, index) => {
      try {
        return toValue(world, type.ofType, `${at}[${index}]`);
      } catch (error) {
        return error;
      }
    });
    if (chance >= 0.17) return items;
    // Nobody else can look at what has not been come to of these.
    for (const item of items) Promise.resolve(item).catch(() => {});
    return chance < 0.15 ? new Set(items) : brokenOff(items);
  }
  if (isLeafType(type)) {
    if (type.name === "Int") return chance < 0.9 ? Math.floor(chance * 100) : "no number";
    return ["RED", "GREEN", "throw", "null", "undefined", at][Math.floor(world.draw(`leaf ${at}`) * 8)] ?? at;
  }
  if (type.name === "Void") return {};
  const is = isObjectType(type) && chance < 0.95 ? type.name : (objectNames[Math.floor(chance * 3)] ?? "A");
  const plain =
    chance < 0.5 ? at : (args: object, _world: World, info: { fieldName: string }) => [args, info.fieldName];
  return { is, at, plain, ...(world.draw(`named ${at}`) < 0.3 && { __typename: is }) } satisfies Thing;
}

function* brokenOff(items: readonly unknown[]): Iterable<unknown> {
  yield* items;
  throw new Error("The list breaks off.");
}

const resolve: GraphQLFieldResolver<unknown, World> = (_source, args, world, info) => {
  const at = toText(info.path);
  const { fieldName, parentType, returnType, variableValues, operation, fieldNodes, fragments, rootValue } = info;
  const told = [parentType.name, fieldName, String(returnType), variableValues, operation.operation, rootValue];
  world.calls.push(`${at} ${JSON.stringify([args, told, fieldNodes.length, Object.keys(fragments)])}`);
  if (fieldName === "echo") return JSON.stringify(args);
  return toValue(world, returnType, at);
};

const listOf = (type: GraphQLOutputType) => new GraphQLList(type);
const sure = <Type extends GraphQLOutputType>(type: Type) => new GraphQLNonNull(type as never) as GraphQLOutputType;

const color = new GraphQLEnumType({ name: "Color", values: { RED: {}, GREEN: {} } });
const odd = new GraphQLScalarType({
  name: "Odd",
  serialize(value) {
    if (value === "throw") throw new Error("It cannot be written.");
    if (value === "null") return null;
    return value === "undefined" ? undefined : String(value);
  },
  parseValue(value) {
    if (value === "throw") throw new Error("It cannot be read.");
    return [value];
  },
});
const point: GraphQLInputObjectType = new GraphQLInputObjectType({
  name: "Point",
  fields: () => ({
    x: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 1 },
    ys: { type: new GraphQLList(new GraphQLNonNull(GraphQLInt)) },
    inner: { type: point },
    odd: { type: odd },
  }),
});

function field(type: GraphQLOutputType): GraphQLFieldConfig<unknown, World> {
  return { type, resolve };
}

function fields(): GraphQLFieldConfigMap<unknown, World> {
  return {
    name: field(GraphQLString),
    sureName: field(sure(GraphQLString)),
    odd: field(odd),
    sureOdd: field(sure(odd)),
    color: field(color),
    numbers: field(listOf(GraphQLInt)),
    sureNumbers: field(sure(listOf(sure(GraphQLInt)))),
    matrix: field(listOf(listOf(sure(odd)))),
    sureMatrix: field(sure(listOf(sure(listOf(odd))))),
    a: field(a),
    sureA: field(sure(a)),
    b: field(b),
    sureC: field(sure(c)),
    thing: field(thing),
    sureThing: field(sure(thing)),
    things: field(listOf(thing)),
    sureThings: field(sure(listOf(sure(thing)))),
    loose: field(loose),
    either: field(either),
    eithers: field(listOf(sure(either))),
    nested: field(listOf(sure(listOf(loose)))),
    plain: { type: GraphQLString }, // by the resolver that graphql-js has for all
    echo: {
      type: GraphQLString,
      args: {
        number: { type: GraphQLInt, defaultValue: 3 },
        numbers: { type: new GraphQLList(new GraphQLNonNull(GraphQLInt)) },
        needed: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 4 },
        point: { type: point, defaultValue: { x: 5, ys: [6] } },
        color: { type: color },
        odd: { type: odd },
      },
      resolve,
    },
  };
}

/** Of which type a value says that it is, in all ways that this can be told, and go wrong. */
function resolveType({ is, at }: Thing, world: World): string | Promise<string | undefined> | undefined {
  const chance = world.draw(`type ${at}`);
  if (chance < 0.02) throw new Error(`no type at ${at}`);
  if (chance < 0.04) return world.later(`type ${at}`, () => Promise.reject(new Error(`no type later at ${at}`)));
  if (chance < 0.06) return ["Nothing", "Color", "Query", undefined][Math.floor(chance * 200) % 4];
  return chance < 0.3 ? world.later(`type ${at}`, () => is) : is;
}

const thing = new GraphQLInterfaceType({ name: "Thing", fields, resolveType: resolveType as never });
const loose = new GraphQLInterfaceType({ name: "Loose", fields: () => ({ name: field(GraphQLString) }) });
const interfaces = () => [thing, loose];
const a = new GraphQLObjectType<Thing, World>({ name: "A", interfaces, fields });
const b = new GraphQLObjectType<Thing, World>({
  name: "B",
  interfaces,
  fields,
  isTypeOf({ is, at }, world) {
    const chance = world.draw(`is ${at}`);
    if (chance < 0.03) throw new Error(`not known at ${at}`);
    return chance < 0.05 ? (undefined as never) : is === "B";
  },
});
const c = new GraphQLObjectType<Thing, World>({
  name: "C",
  interfaces,
  fields,
  isTypeOf({ is, at }, world, { path }) {
    const where = `is ${at} ${toText(path)}`;
    return world.later(where, () => {
      if (world.draw(where) < 0.05) throw new Error(`not known later at ${at}`);
      return is === "C";
    });
  },
});
const either = new GraphQLUnionType({ name: "Either", types: [a, b, c], resolveType: resolveType as never });
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: "Query", fields }),
  mutation: new GraphQLObjectType({ name: "Mutation", fields }),
  types: [a, b, c],
});

// Documents.

const variableDefinitions =
  "($on: Boolean!, $off: Boolean! = false, $maybe: Boolean = true, $number: Int, $needed: Int!, $default: Int = 7, " +
  "$numbers: [Int!], $point: Point = {x: 2}, $color: Color = RED, $odd: Odd, $__proto__: Int, $typeName: String! = " +
  '"A")';
const fragmentNames = ["F0", "F1", "F2"];
const conditions = ["A", "B", "C", "Thing", "Loose", "Either"];
const literals: Readonly<Record<string, readonly string[]>> = {
  number: ["1", "null", "$number", "$needed", "$default", "$__proto__"],
  numbers: ["[]", "[1, 2]", "3", "null", "$numbers", "[1, $needed]", "[$number]"],
  needed: ["8", "$needed", "$default"],
  point: ["{}", "{x: 9, ys: [1], inner: {x: $needed}}", "{inner: {inner: {}}}", "$point", "{x: $number}", "null"],
  color: ["RED", "$color", "null"],
  odd: ['"text"', '"throw"', "{some: [1, {thing: true}]}", "$odd", "{some: $number}"],
};

type Gen = <Value>(toArbitrary: () => fc.Arbitrary<Value>) => Value;

function toDocument(gen: Gen): string {
  const pick = <Value>(...values: readonly Value[]) => gen(() => fc.constantFrom(...values));
  const under = (limit: number) => gen(() => fc.nat(limit - 1));

  const directive = () =>
    under(6) > 0
      ? ""
      : ` ${pick("@skip", "@include", "@include(if: true) @skip")}(if: ${pick("true", "false", "$on", "$off", "$maybe")})`;

  function toArgs(): string {
    const names = Object.keys(literals).filter(() => under(3) === 0);
    return names.length === 0
      ? ""
      : `(${names.map((name) => `${name}: ${pick(...(literals[name] ?? []))}`).join(", ")})`;
  }

  function toSelection(typeName: string, depth: number, spreads: readonly string[]): string {
    const kind = under(12);
    if (kind === 0)
      return `...${pick("", ...conditions.map((name) => ` on ${name}`))}${directive()} ${toSet(typeName, depth, spreads)}`;
    if (kind === 1 && spreads.length > 0) return `...${pick(...spreads)}${directive()}`;
    const alias = pick("", "", "", "", "", "x: ", "y: ", "__proto__: ", "then: ", "toJSON: ", "constructor: ");
    if (kind === 2) return `${alias}__typename${directive()}`;
    const type = schema.getType(typeName);
    if (kind === 3 && typeName === "Query") {
      return pick(
        `__schema${directive()} { queryType { name } directives { name args { name defaultValue } } }`,
        `${alias}__type(name: ${pick('"B"', '"Nothing"', "$typeName")}) { name kind fields { name } ...on __Type { possibleTypes { name } } }`,
      );
    }
    const known = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
    const found = pick(...Object.values(known));
    if (found === undefined) return "__typename";
    const inner = getNamedType(found.type);
    if (!isCompositeType(inner)) return `${alias}${found.name}${found.name === "echo" ? toArgs() : ""}${directive()}`;
    return depth <= 0 ? "name" : `${alias}${found.name}${directive()} ${toSet(inner.name, depth - 1, spreads)}`;
  }

  function toSet(typeName: string, depth: number, spreads: readonly string[]): string {
    const name = typeName === "Either" ? "Loose" : typeName;
    const selections = Array.from({ length: 1 + under(4) }, () =>
      name === "Loose" && typeName === "Either"
        ? `...on ${pick("A", "B", "C")} ${toSet(pick("A", "B"), depth - 1, spreads)}`
        : toSelection(name, depth, spreads),
    );
    return `{ ${selections.join(" ")} }`;
  }

  const fragments = fragmentNames.map((name, at) => {
    const on = pick(...conditions.slice(0, 4));
    return `fragment ${name} on ${on} ${toSet(on, 1, fragmentNames.slice(at + 1))}`;
  });
  const operation = pick("query", "query", "mutation");
  const root = operation === "query" ? "Query" : "Mutation";
  return [`${operation} Asked${variableDefinitions} ${toSet(root, 3, fragmentNames)}`, ...fragments].join("\n");
}

const given: Readonly<Record<string, readonly unknown[]>> = {
  on: [true, false, true, false, null, "yes"],
  off: [undefined, true, false],
  maybe: [undefined, undefined, null, true, false],
  number: [undefined, null, 1, 2, "one"],
  needed: [1, 2, 3, 1, 2, 3, null, undefined],
  default: [undefined, null, 5],
  numbers: [undefined, null, [], [1, 2], 3, [null]],
  point: [undefined, null, { x: 3 }, { ys: [1], inner: { x: 4, odd: "odd" } }],
  color: [undefined, null, "GREEN"],
  odd: [undefined, null, "text", { some: ["thing"] }],
  typeName: [undefined, "C"],
  __proto__own: [undefined, 1, null],
};

function toVariables(gen: Gen): Record<string, unknown> {
  const chosen = Object.entries(given).map(([name, values]) => [name, gen(() => fc.constantFrom(...values))] as const);
  const set = chosen.filter(([, value]) => value !== undefined);
  // As it comes out of JSON: `__proto__` is a key like others.
  return JSON.parse(JSON.stringify(Object.fromEntries(set)).replace("__proto__own", "__proto__"));
}

// Comparing.

/** Where ours are other words: for what cannot be, without a word of the value. */
const otherWords: readonly (readonly [RegExp, string])[] = [
  [/^Expected value of type "(\w+)" but got: .*$/s, 'A value of the type "$1" was expected.'],
  [/^Abstract type "(\w+)" (must resolve|was resolved) .*$/s, 'A value of the type "$1" is of none of its types.'],
  [/^Runtime Object type "\w+" is not a .* for "(\w+)"\.$/, 'A value of the type "$1" is of none of its types.'],
  [/^Expected `(\w+)\.serialize\(.*$/s, "A $1 cannot be written as nothing."],
];

function toOurWords({ errors, ...rest }: ExecutionResult): object {
  if (errors === undefined) return rest;
  const shown = errors.map((error) => {
    const message = otherWords.reduce((text, [theirs, ours]) => text.replace(theirs, ours), error.message);
    return { ...error.toJSON(), message };
  });
  return { errors: shown, ...rest };
}

/** Runs something, and tells what rejections it has left to nobody. */
async function withRejections<Value>(work: () => Promise<Value>): Promise<readonly [Value, readonly unknown[]]> {
  const others = process.listeners("unhandledRejection");
  const reasons: unknown[] = [];
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", (reason) => reasons.push(reason));
  try {
    const value = await work();
    await setImmediate();
    return [value, reasons];
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
  }
}

const rootValue = undefined;

async function runBoth(
  text: string,
  runs: readonly { seed: number; variables: Record<string, unknown> }[],
  inTurn: boolean,
) {
  const document = parse(text);
  const operation = getOperationAST(document, "Asked");
  if (operation == null) throw new Error("There is no operation.");
  const outcomes = [];
  for (const { seed, variables } of runs) {
    const ours = new World(seed, inTurn);
    const theirs = new World(seed, inTurn);
    const asked = { schema, document, variableValues: variables, rootValue };
    const [expected] = await withRejections(() =>
      theirs.settle(graphqlExecute({ ...asked, operationName: "Asked", contextValue: theirs })),
    );
    const [result, unhandled] = await withRejections(() =>
      ours.settle(execute({ ...asked, operation, operationName: "Asked", contextValue: ours })),
    );
    expect(unhandled, text).toEqual([]);
    outcomes.push({ ours, theirs, result, expected });
  }
  return outcomes;
}

/** Where in the data an error has left null. */
function toPlace({ path = [] }: GraphQLError, data: unknown): string {
  let at = data;
  const place: (string | number)[] = [];
  for (const key of path) {
    if (at === null) break;
    place.push(key);
    at = (at as Record<string | number, unknown>)[key];
  }
  return place.join("/");
}

const gens = fc.gen().map((gen) => gen as unknown as <Value>(arbitrary: () => fc.Arbitrary<Value>) => Value);
const seed = 20_260_101;

function toRuns(gen: Gen) {
  return Array.from({ length: 3 }, () => ({ seed: gen(() => fc.nat()), variables: toVariables(gen) }));
}

describe("an operation", () => {
  it("has the data and the errors, in their order, that it has with graphql-js, and the same calls of resolvers", async () => {
    let withErrors = 0;
    let withData = 0;
    await fc.assert(
      fc.asyncProperty(gens, async (gen) => {
        const text = toDocument(gen);
        for (const { ours, theirs, result, expected } of await runBoth(text, toRuns(gen), true)) {
          expect(JSON.stringify(toOurWords(result)), text).toBe(JSON.stringify(toOurWords(expected)));
          expect(ours.calls).toEqual(theirs.calls);
          if (result.errors !== undefined) withErrors += 1;
          if (result.data != null) withData += 1;
        }
      }),
      { seed, numRuns: 3000, endOnFailure: true },
    );
    expect([withErrors, withData].every((count) => count > 500)).toBe(true);
  }, 60_000);

  it("has the same data, and an error for each place that is null for one, whatever comes first", async () => {
    await fc.assert(
      fc.asyncProperty(gens, async (gen) => {
        const text = toDocument(gen);
        for (const { result, expected } of await runBoth(text, toRuns(gen), false)) {
          expect(JSON.stringify(result.data)).toBe(JSON.stringify(expected.data));
          const places = ({ errors = [], data }: ExecutionResult) =>
            new Set(errors.map((error) => toPlace(error, data)));
          expect(places(result)).toEqual(places(expected));
        }
      }),
      { seed, numRuns: 1000, endOnFailure: true },
    );
  }, 60_000);
});

/** Runs a document of one operation, whose resolvers are told of in `see`. */
function toRun(text: string, see: (args: Record<string, unknown>) => unknown) {
  const seen = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: "Query",
      fields: {
        seen: {
          type: GraphQLString,
          args: { point: { type: point }, odd: { type: odd } },
          resolve: (_, args) => see(args),
        },
      },
    }),
  });
  const document = parse(text);
  const operation = getOperationAST(document);
  if (operation == null) throw new Error("There is no operation.");
  return (variableValues = {}) =>
    execute({ schema: seen, document, operation, operationName: undefined, variableValues, contextValue: null });
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

describe("what is kept of an operation", () => {
  it("are arguments that no resolver can change for those who come later", async () => {
    const text = "{ seen(point: {ys: [1, 2], inner: {}}) }";
    const run = toRun(text, (args) => {
      const told = JSON.stringify(args);
      const { point } = args as { point: { x: number; ys: number[]; inner: { x: number } } };
      const changes = [
        () => (args["more"] = 1),
        () => (point.x = 8),
        () => point.ys.push(3),
        () => (point.inner.x = 9),
      ];
      for (const change of changes) expect(change).toThrow(TypeError);
      return told;
    });
    const result = await run();
    expect(result).toEqual({ data: { seen: JSON.stringify({ point: { x: 1, ys: [1, 2], inner: { x: 1 } } }) } });
    expect(await run()).toEqual(result);
  });

  it("is nothing of the variables that it was first asked with", async () => {
    let secret: object | undefined = { secret: "of the first" };
    const seen = new WeakRef(secret);
    const text = "query ($odd: Odd, $on: Boolean!) { seen(odd: $odd) @include(if: $on) }";
    const run = toRun(text, () => "seen");
    await run({ odd: secret, on: true });
    secret = undefined;
    await setImmediate();
    collectGarbage();
    expect(seen.deref()).toBeUndefined();
    expect(await run({ on: true })).toEqual({ data: { seen: "seen" } });
    expect(await run({ on: false })).toEqual({ data: {} });
  });

  it("takes no more room than its document, however many operations and switches that has", async () => {
    const fields = Array.from({ length: 300 }, (_, at) => `f${at}: plain`).join(" ");
    const operations = Array.from(
      { length: 200 },
      (_, at) => `query Q${at}($a: Boolean!, $b: Boolean!, $c: Boolean!) { ...F }`,
    );
    const document = parse(
      `${operations.join("\n")} fragment F on Query { ${fields} a: plain @skip(if: $a) b: plain @skip(if: $b) c: plain @skip(if: $c) }`,
    );
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < 200; at += 1) {
      const operation = getOperationAST(document, `Q${at}`);
      if (operation == null) throw new Error("There is no such operation.");
      for (let state = 0; state < 8; state += 1) {
        const variableValues = { a: (state & 1) > 0, b: (state & 2) > 0, c: (state & 4) > 0 };
        await new World(1, false).settle(
          execute({
            schema,
            document,
            operation,
            operationName: `Q${at}`,
            variableValues,
            contextValue: new World(1, false),
          }),
        );
      }
    }
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20e6);
    expect(document.definitions).toHaveLength(201);
  }, 60_000);
});

it("an operation of a kind that the schema does not have is an error without a place", async () => {
  const document = parse("subscription { name }");
  const operation = getOperationAST(document);
  if (operation == null) throw new Error("There is no operation.");
  const { data, errors } = await execute({
    schema,
    document,
    operation,
    operationName: undefined,
    variableValues: {},
    contextValue: null,
  });
  const expected = await graphqlExecute({ schema, document });
  expect([data, errors?.map(({ path, locations }) => [path, locations])]).toEqual([
    expected.data,
    expected.errors?.map(({ path, locations }) => [path, locations]),
  ]);
});
