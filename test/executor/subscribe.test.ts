/** Subscriptions: how streams open, what each message becomes, and how they end. */
import {
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  subscribe as graphqlSubscribe,
} from "graphql";
import { describe, expect, it } from "vitest";
import { subscribe } from "../../src/executor/execute.ts";
import { toComparable, toExecution, toSchema } from "./compare.ts";

const text = `
  type Query { a: Int }
  type Subscription { tick(from: Int = 1, fail: Boolean): Tick, other: Int }
  type Tick { number: Int, must: Int!, late: Int }
`;

type Source = GraphQLFieldResolver<unknown, unknown>;
type Stream = AsyncIterableIterator<ExecutionResult>;

function schemaOf(source: Source): GraphQLSchema {
  const schema = toSchema(text, {
    Subscription: { tick: (message: unknown) => message },
    Tick: {
      must: ({ number }: { number: number }) => (number === 2 ? null : number),
      late: async ({ number }: { number: number }) => number,
    },
  });
  const field = schema.getSubscriptionType()?.getFields()["tick"];
  if (field !== undefined) field.subscribe = source;
  return schema;
}

async function* ticks(count = 3) {
  for (let number = 1; number <= count; number += 1) yield { number };
}

const alone = () => null;
const open = (schema: GraphQLSchema, query: string, variableValues = {}) => {
  const execution = toExecution(schema, query, { variableValues, createContext: () => "the context" });
  return {
    ours: () => subscribe({ ...execution, coalesceBy: alone }),
    theirs: () => graphqlSubscribe(execution),
  };
};

/** How a promise ends, as text. */
async function outcomeOf(work: () => unknown): Promise<string> {
  try {
    const value = await work();
    if (typeof value !== "object" || value === null) return String(value);
    if (Symbol.asyncIterator in value) return "a stream";
    if ("done" in value && "value" in value) {
      return `${value.done} ${value.value === undefined ? "" : toComparable(value.value as ExecutionResult)}`;
    }
    return toComparable(value);
  } catch (error) {
    return `rejected: ${error instanceof Error ? error.message : error}`;
  }
}

type Step = (stream: Stream) => unknown;
const next: Step = (stream) => stream.next();
const end: Step = (stream) => stream.return?.();
const fail: Step = (stream) => stream.throw?.(new Error("thrown in"));

async function outcomesOf(opening: () => Promise<unknown>, steps: readonly Step[]): Promise<readonly string[]> {
  const opened = await opening();
  expect(Symbol.asyncIterator in (opened as object)).toBe(true);
  const outcomes: string[] = [];
  for (const step of steps) outcomes.push(await outcomeOf(() => step(opened as Stream)));
  return outcomes;
}

/** The schema is made for each stream, since its source may have state. */
async function compareSteps(toSource: () => Source, query: string, steps: readonly Step[]) {
  const ours = await outcomesOf(open(schemaOf(toSource()), query).ours, steps);
  expect(ours).toEqual(await outcomesOf(open(schemaOf(toSource()), query).theirs, steps));
  return ours;
}

const query = "subscription { tick { number } }";

describe("opening", () => {
  const sources: readonly (readonly [string, Source])[] = [
    ["a generator", () => ticks()],
    ["a promise of a generator", async () => ticks()],
    [
      "a resolver that throws",
      () => {
        throw new Error("not opened");
      },
    ],
    ["a resolver that rejects", async () => Promise.reject(new Error("not opened"))],
    ["a resolver that returns an error", () => new Error("not opened")],
    ["a promise of an error", async () => new Error("not opened")],
  ];
  it.each(sources)("%s", async (_title, source) => {
    const { ours, theirs } = open(schemaOf(source), query);
    expect(await outcomeOf(ours)).toBe(await outcomeOf(theirs));
  });

  it.each([undefined, null, 1, {}, []])("a source that is no stream: %o", async (source) => {
    const { ours, theirs } = open(
      schemaOf(() => source),
      query,
    );
    expect(await outcomeOf(ours)).toBe(await outcomeOf(theirs));
    expect(await outcomeOf(ours)).toContain("rejected: Subscription field must return Async Iterable.");
  });

  it.each([
    ["subscription ($from: Int!) { tick(from: $from) { number } }", {}],
    ["subscription ($from: Int!) { tick(from: $from) { number } }", { from: "one" }],
    ["subscription ($on: Boolean!) { tick @include(if: $on) { number } }", { on: null }],
    ['subscription { tick(from: "one") { number } }', {}],
  ])("%s with %o is an error", async (query, variables) => {
    const { ours, theirs } = open(
      schemaOf(() => ticks()),
      query,
      variables,
    );
    expect(await outcomeOf(ours)).toBe(await outcomeOf(theirs));
  });

  it.each(["subscription { tick @skip(if: true) { number } }", "subscription { ... @include(if: false) { other } }"])(
    "%s has nothing to subscribe to",
    async (query) => {
      const { ours } = open(
        schemaOf(() => ticks()),
        query,
      );
      const error = { message: "A subscription must ask for a field that is not skipped." };
      expect(await ours()).toMatchObject({ errors: [error] });
    },
  );

  it("the source has arguments, context and info", async () => {
    const calls: unknown[] = [];
    const source: Source = (root, args, context, { fieldName, variableValues }) => {
      calls.push([root, { ...args }, context, fieldName, { ...variableValues }]);
      return ticks();
    };
    const { ours, theirs } = open(schemaOf(source), "subscription ($fail: Boolean) { tick(fail: $fail) { number } }", {
      fail: true,
    });
    await theirs();
    await ours();
    expect(calls[1]).toEqual(calls[0]);
  });
});

describe("messages", () => {
  it.each([
    query,
    "subscription { renamed: tick { number late } }",
    "subscription { tick { must } }",
    "subscription { tick { late must number } }",
    "subscription S { ...F } fragment F on Subscription { tick { number __typename } }",
  ])("%s", async (query) => {
    await compareSteps(() => () => ticks(), query, [next, next, next, next, next]);
  });

  it.each([
    ["null", null],
    ["an error", new Error("a message")],
    ["an object whose field rejects", { number: () => Promise.reject(new Error("late")) }],
    ["a text", "text"],
  ])("that are %s", async (_title, message) => {
    async function* messages() {
      yield message;
      yield { number: 1 };
    }
    await compareSteps(() => () => messages(), query, [next, next, next]);
  });
});

describe("ending", () => {
  async function* failing() {
    yield { number: 1 };
    throw new Error("the source fails");
  }
  /** A source of the plainest kind: without `return` and `throw`. */
  function bare(): AsyncIterableIterator<unknown> {
    let number = 0;
    return {
      async next() {
        number += 1;
        return { done: false, value: { number } };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
  const sources: Readonly<Record<string, () => AsyncIterable<unknown>>> = {
    "a generator": () => ticks(),
    "a generator that fails": failing,
    "a source without return() and throw()": bare,
  };
  const steps: Readonly<Record<string, readonly Step[]>> = {
    "by the source": [next, next, next, next],
    "by return()": [next, end, end],
    "by return() at once": [end, next],
    "by throw()": [next, fail],
    "by throw() at once": [fail],
    "by return() and then throw()": [next, end, fail],
  };
  it.each(
    Object.entries(sources).flatMap(([source, toSource]) =>
      Object.entries(steps).map(([way, some]) => [source, way, toSource, some] as const),
    ),
  )("of %s, %s", async (_source, _way, toSource, some) => {
    await compareSteps(() => toSource, query, some);
  });

  it.each([
    ["return()", end],
    ["throw()", fail],
  ])("%s closes the source once", async (_title, step) => {
    let closed = 0;
    async function* closing() {
      try {
        yield* ticks();
      } finally {
        closed += 1;
      }
    }
    await outcomesOf(open(schemaOf(closing), query).ours, [next, step]);
    expect(closed).toBe(1);
  });
});

describe("next() before the last one is settled", () => {
  it.each(["subscription { tick { number } }", "subscription { tick { late } }", "subscription { tick { must } }"])(
    "%s",
    async (query) => {
      const all: Step = async (stream) => {
        const items = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
        return items.map(({ done, value }) => `${done} ${JSON.stringify(value)}`).join("\n");
      };
      const [ours] = await compareSteps(() => () => ticks(), query, [all]);
      expect(ours?.split("\n")).toHaveLength(4);
    },
  );
});
