/** A schema whose resolvers answer at random, and with everything that can go wrong. */
import { setImmediate } from "node:timers/promises";
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
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";

/** A number from 0 up to 1 that follows from a text alone. */
function draw(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
  return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
}

/** The context of one execution: what its resolvers do follows from their paths and its seed alone. */
export class World {
  readonly #seed: number;
  readonly #isSequential: boolean;
  readonly #waiting: { readonly order: number; readonly go: () => void }[] = [];
  /** What resolvers were called with, in order. */
  readonly calls: string[] = [];

  /** @param isSequential whether promises settle one after the other, each once all that follows from the last has run. */
  constructor(seed: number, isSequential: boolean) {
    this.#seed = seed;
    this.#isSequential = isSequential;
  }

  draw(at: string): number {
    return draw(`${this.#seed} ${at}`);
  }

  later<Value>(at: string, settle: () => Value | Promise<Value>): Promise<Value> {
    const order = this.draw(`order ${at}`);
    if (this.#isSequential) return new Promise<void>((go) => this.#waiting.push({ order, go })).then(settle);
    let ticks = Promise.resolve();
    for (let tick = 0; tick < order * 4; tick += 1) ticks = ticks.then(() => {});
    return ticks.then(settle);
  }

  /** Lets promises settle until none waits. */
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
    if (!isOver && this.#isSequential) throw new Error("It hangs.");
    return result;
  }
}

type Path = { readonly prev: Path | undefined; readonly key: string | number };
const toText = (path: Path | undefined): string => (path === undefined ? "" : `${toText(path.prev)}/${path.key}`);

/** An object of the type that it names. */
type Thing = { readonly is: string; readonly at: string; readonly plain: unknown; readonly __typename?: string };

const objectNames = ["A", "B", "C"];

/** What a resolver returns for a type: mostly what fits. */
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
    // Where iteration stops early, the rejections of the rest are out of the executor's reach.
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
  const known = [parentType.name, fieldName, String(returnType), variableValues, operation.operation, rootValue];
  world.calls.push(`${at} ${JSON.stringify([args, known, fieldNodes.length, Object.keys(fragments)])}`);
  if (fieldName === "echo") return JSON.stringify(args);
  return toValue(world, returnType, at);
};

const listOf = (type: GraphQLOutputType) => new GraphQLList(type);
const sure = <Type extends GraphQLOutputType>(type: Type) => new GraphQLNonNull(type as never) as GraphQLOutputType;

const color = new GraphQLEnumType({ name: "Color", values: { RED: {}, GREEN: {} } });
export const odd = new GraphQLScalarType({
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
export const point: GraphQLInputObjectType = new GraphQLInputObjectType({
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
    plain: { type: GraphQLString }, // by the default resolver
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

/** Names a value's type in all ways that there are, and fails in all of them. */
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
export const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: "Query", fields }),
  mutation: new GraphQLObjectType({ name: "Mutation", fields }),
  types: [a, b, c],
});
