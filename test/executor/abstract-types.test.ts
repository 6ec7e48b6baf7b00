/** Interfaces and unions: a value's type by `resolveType`, `isTypeOf` or `__typename`, and when none of them knows it. */
import type { GraphQLResolveInfo } from "graphql";
import { describe, expect, it } from "vitest";
import { compare, toSchema } from "./compare.ts";

const text = `
  type Query { pet: Pet, being: Being, pets: [Pet], neededPet: Pet!, dog: Dog }
  interface Being { name: String }
  type Dog implements Being { name: String, barks: Boolean }
  type Cat implements Being { name: String, meows: Boolean }
  type Fish implements Being { name: String }
  union Pet = Dog | Cat
  enum Color { RED }
`;

const dog = { is: "Dog", name: "Odie", barks: true };
const cat = { is: "Cat", name: "Garfield", meows: false };
const fish = { is: "Fish", name: "Wanda" };
type Animal = { readonly is: string };

const fields = { pet: () => dog, being: () => cat, pets: () => [dog, cat, dog], neededPet: () => cat, dog: () => dog };

const queries = [
  "{ pet { __typename ... on Dog { name barks } ... on Cat { name meows } } }",
  "{ being { __typename name ... on Cat { meows } } }",
  "{ pets { ... on Being { name } ... on Dog { barks } ... on Cat { meows } } }",
  "{ pets { ...Names ... on Dog { barks } } } fragment Names on Being { __typename name }",
  "{ neededPet { __typename } }",
  "{ dog { name barks } }",
];

const later = <Value>(value: Value) => Promise.resolve(value);
const fails = () => {
  throw new Error("type unknown");
};

const nameOf = ({ is }: Animal) => is;
const isA = (name: string) => ({ type: { isTypeOf: ({ is }: Animal) => is === name } });
const isLaterA = (name: string) => ({ type: { isTypeOf: async ({ is }: Animal) => is === name } });
const resolvedBy = (resolveType: unknown) => ({ Pet: { type: { resolveType } }, Being: { type: { resolveType } } });

const ways: Readonly<Record<string, Parameters<typeof toSchema>[1]>> = {
  "by resolveType": resolvedBy(nameOf),
  "by resolveType, later": resolvedBy(async (value: Animal) => nameOf(value)),
  "by isTypeOf": { Dog: isA("Dog"), Cat: isA("Cat"), Fish: isA("Fish") },
  "by isTypeOf, later": { Dog: isLaterA("Dog"), Cat: isLaterA("Cat"), Fish: isLaterA("Fish") },
  "by isTypeOf, one of them later": { Dog: isLaterA("Dog"), Cat: isA("Cat"), Fish: isA("Fish") },
  "by both": { ...resolvedBy(nameOf), Dog: isA("Dog"), Cat: isLaterA("Cat") },
  "by both, which contradict each other": { ...resolvedBy(() => "Dog"), Dog: isA("Dog") },
  "by both, which contradict each other later": { ...resolvedBy(() => later("Dog")), Dog: isLaterA("Dog") },
  "by __typename": { Query: { ...fields, pet: { ...dog, __typename: "Dog" }, being: { ...cat, __typename: "Cat" } } },
  "by nothing": {},
  "by resolveType, which throws": resolvedBy(fails),
  "by resolveType, which rejects": resolvedBy(async () => fails()),
  "by isTypeOf, which throws": { Dog: { type: { isTypeOf: fails } } },
  "by isTypeOf, which rejects": { Dog: { type: { isTypeOf: async () => fails() } } },
  "as undefined": resolvedBy(() => undefined),
  "as undefined, later": resolvedBy(() => later(undefined)),
  "as a name that the schema does not have": resolvedBy(() => "Unicorn"),
  "as a type without fields": resolvedBy(() => "Color"),
  "as an abstract type": resolvedBy(() => "Being"),
  "as an object type that is not one of its own": resolvedBy(() => "Query"),
  "as an empty text": resolvedBy(() => ""),
  "as no text": resolvedBy(() => ({ name: "Dog" })),
};

describe.each(Object.entries(ways))("a type that is known %s", (_title, types) => {
  const schema = toSchema(text, { Query: fields, ...types });
  it.each(queries)("%s", async (query) => {
    await compare(schema, query);
  });
});

describe("a value of another type", () => {
  it("is an error of its item alone", async () => {
    const schema = toSchema(text, { Query: { pets: [dog, fish, cat] }, ...resolvedBy(nameOf) });
    const { data, errors } = await compare(schema, "{ pets { ... on Being { name } } }");
    expect(data).toEqual({ pets: [{ name: "Odie" }, null, { name: "Garfield" }] });
    expect(errors?.map(({ path }) => path)).toEqual([["pets", 1]]);
  });

  it("is not quoted", async () => {
    const schema = toSchema(text, { Query: { dog: { is: "secret" } }, Dog: isA("Dog") });
    const { errors } = await compare(schema, "{ dog { name } }");
    expect(errors?.map(({ message }) => message)).toEqual(['A value of the type "Dog" was expected.']);
  });
});

it("resolveType has the value, the context, the info of its field, and the type", async () => {
  const calls: string[] = [];
  const resolveType = (value: Animal, context: unknown, { path, fieldName }: GraphQLResolveInfo, type: unknown) => {
    calls.push(JSON.stringify([value, context, path.key, path.typename, fieldName, String(type)]));
    return value.is;
  };
  const schema = toSchema(text, { Query: fields, ...resolvedBy(resolveType) });
  await compare(schema, "{ all: pets { __typename } }", { createContext: () => "the context" });
  expect(calls).toHaveLength(9); // of graphql-js, and twice of ours
  expect(calls.slice(3)).toEqual([...calls.slice(0, 3), ...calls.slice(0, 3)]);
});
