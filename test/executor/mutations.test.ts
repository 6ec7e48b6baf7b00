/** A mutation's fields run one after the other, those below them side by side, and one that fails stops none that follow. */
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { compare, toSchema } from "./compare.ts";

const text = `
  type Query { number: Int }
  type Mutation { set(to: Int!, ms: Int): Counter, fail(ms: Int): Int, mustNotFail(ms: Int): Int!, add: Counter }
  type Counter { number: Int, late: Int, mustBe: Int!, log: [String!]! }
`;

class Context {
  number = 0;
  readonly log: string[] = [];
}

type Args = { readonly to?: number; readonly ms?: number };

function fail(name: string, { ms }: Args) {
  const error = new Error(`${name} fails`);
  if (ms === undefined) throw error;
  return setTimeout(ms).then(() => Promise.reject(error));
}

const schema = toSchema(text, {
  Mutation: {
    set(_source: unknown, { to = 0, ms }: Args, context: Context) {
      context.log.push(`set ${to}`);
      const done = () => {
        context.number = to;
        context.log.push(`done ${to}`);
        return context;
      };
      return ms === undefined ? done() : setTimeout(ms).then(done);
    },
    fail: (_source: unknown, args: Args) => fail("fail", args),
    mustNotFail: (_source: unknown, args: Args) => fail("mustNotFail", args),
    add: (_source: unknown, _args: unknown, context: Context) => Object.assign(context, { number: context.number + 1 }),
  },
  Counter: {
    late: ({ number }: Context) => setTimeout(1).then(() => number),
    mustBe: ({ number }: Context) => (number === 2 ? null : number),
    log: ({ log }: Context) => [...log],
  },
});

const run = (mutation: string) => compare(schema, mutation, { createContext: () => new Context() });

describe("a mutation", () => {
  it.each([
    "mutation { set(to: 1) { number } }",
    "mutation { a: set(to: 1, ms: 5) { number late } b: set(to: 2) { number log } c: set(to: 3, ms: 1) { log late } }",
    "mutation { a: set(to: 1) { late } b: add { late } c: add { number } }",
    "mutation { a: fail b: set(to: 1) { log } }",
    "mutation { a: fail(ms: 3) b: set(to: 1) { log } c: fail d: set(to: 3) { log } }",
    "mutation { a: set(to: 2) { mustBe } b: set(to: 1) { mustBe log } }",
    "mutation { a: set(to: 2, ms: 2) { late mustBe } b: set(to: 1) { log } }",
    "mutation { a: set(to: 1) { number } b: mustNotFail c: set(to: 3) { number } }",
    "mutation { a: set(to: 1) { number } b: mustNotFail(ms: 1) c: set(to: 3) { number } }",
    "mutation { ...F a: add { number } } fragment F on Mutation { a: add { late } b: set(to: 7) { number } }",
    "mutation { set(to: 1) { number } set(to: 1) { late } }",
    "mutation { set { number } }",
  ])("%s", async (mutation) => {
    await run(mutation);
  });

  it("a field begins when the one before it is done, with all that is selected of that", async () => {
    const { data } = await run("mutation { a: set(to: 1, ms: 5) { late } b: set(to: 2) { log } }");
    expect(data).toEqual({ a: { late: 1 }, b: { log: ["set 1", "done 1", "set 2", "done 2"] } });
  });
});
