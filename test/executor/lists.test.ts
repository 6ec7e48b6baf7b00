/** Lists, by the nullability of list and items, and by all ways that a value and its items can come or fail. */
import { describe, expect, it } from "vitest";
import { compare, toSchema } from "./compare.ts";

const types = ["[Int]", "[Int]!", "[Int!]", "[Int!]!"];

const rejected = async () => {
  throw new Error("rejected");
};

/** Items, anew for each execution. */
const lists: Readonly<Record<string, () => readonly unknown[]>> = {
  "no items": () => [],
  values: () => [1, 2],
  "a null": () => [1, null, 2],
  "an undefined": () => [1, undefined, 2],
  "an error": () => [1, new Error("an item"), 2],
  "a value of the wrong type": () => [1, "two", 3],
  "two errors": () => [new Error("first"), 1, new Error("second")],
  promises: () => [Promise.resolve(1), 2, Promise.resolve(3)],
  "a promise of null": () => [1, Promise.resolve(null)],
  "a promise of an error": () => [Promise.resolve(new Error("resolved")), 1],
  "a rejected promise": () => [1, rejected(), 2],
  "a rejected promise before an error": () => [rejected(), new Error("an item")],
  "two rejected promises": () => [rejected(), Promise.reject(new Error("also rejected")), 1],
};

function* throwing(items: readonly unknown[]) {
  yield* items;
  throw new Error("broken off");
}

/** How a list comes out of its resolver. */
const forms: Readonly<Record<string, (items: () => readonly unknown[]) => unknown>> = {
  "an array": (items) => items(),
  "a promise": async (items) => items(),
  "a function": (items) => items,
  "a set": (items) => new Set(items()),
};

const run = (type: string, value: unknown) =>
  compare(toSchema(`type Query { list: ${type}, other: Int }`, { Query: { list: value, other: 1 } }), "{ list other }");

describe.each(types)("%s", (type) => {
  for (const [form, toValue] of Object.entries(forms)) {
    it.each(Object.entries(lists))(`as ${form} with %s`, async (_title, items) => {
      await run(type, () => toValue(items));
    });
  }

  it.each([
    ["null", () => null],
    ["undefined", () => undefined],
    ["a promise of null", async () => null],
    ["a rejected promise", rejected],
    ["an error", () => new Error("returned")],
    ["a promise of an error", async () => new Error("resolved")],
    ["a number", () => 1],
    ["a text, which is iterable but no list", () => "text"],
    ["an object that is not iterable", () => ({ length: 1, 0: 1 })],
    ["an iterable that throws", () => throwing([1, 2])],
    ["an iterable that throws after a rejected promise", () => throwing([Promise.reject(new Error("lost"))])],
    ["an iterable whose iterator cannot be had", () => ({ [Symbol.iterator]: () => throwing([]).next() })],
  ])("of %s", async (_title, value) => {
    await run(type, value);
  });
});

describe("a list of lists", () => {
  const innerTypes = ["[[Int]]", "[[Int]!]", "[[Int!]]", "[[Int!]!]!"];
  const values: readonly (readonly [string, () => unknown])[] = [
    ["values", () => [[1], [], [2, 3]]],
    ["a null list", () => [[1], null]],
    ["a null item", () => [[1], [null, 2]]],
    ["a rejected list beside a rejected item", () => [rejected(), [rejected(), 1]]],
    ["a list that is none", () => [[1], 2]],
    ["a promise of promises", () => [Promise.resolve([Promise.resolve(1), rejected()]), [2]]],
  ];
  it.each(innerTypes.flatMap((type) => values.map(([title, value]) => [type, title, value] as const)))(
    "%s of %s",
    async (type, _title, value) => {
      await run(type, value);
    },
  );
});

describe("a list of objects", () => {
  const schema = toSchema("type Query { items: [Item!] } type Item { id: Int!, name: String }", {
    Query: { items: () => [{ id: 1 }, Promise.resolve({ id: 2 }), { id: Promise.resolve(3) }, { id: null }] },
    Item: { name: ({ id }: { id: unknown }) => (id === 2 ? rejected() : `item ${id}`) },
  });

  it.each(["{ items { name } }", "{ items { id } }", "{ items { id name } }", "{ items { name id } }"])(
    "%s",
    async (text) => {
      await compare(schema, text);
    },
  );

  it("an error has the index of its item in its path", async () => {
    const { errors } = await compare(schema, "{ items { name } }");
    expect(errors?.map(({ path }) => path)).toEqual([["items", 1, "name"]]);
  });
});
