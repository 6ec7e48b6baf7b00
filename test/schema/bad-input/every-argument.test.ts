/** Every argument and input field of the schema, with values that none may take. */

import {
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toGlobalId } from "../../../src/schema/global-id.ts";
import { toSchema } from "../../../src/schema/index.ts";
import { unguarded } from "../../support/graphql.ts";
import { type ClientError, startTestGateway, type TestGateway } from "../../support/helpers.ts";
import { firstOf, oneOfEach } from "../global-ids.ts";

const schema = toSchema({ federation: true });
const mostBytes = 8 * 1024 * 1024;

/** An argument, or a field of an input below one. */
type Place = {
  readonly parent: GraphQLObjectType;
  readonly field: string;
  /** The argument first. */
  readonly path: readonly string[];
  readonly type: GraphQLInputType;
};

type Input = { readonly name: string; readonly type: GraphQLInputType };

function placesIn(parent: GraphQLObjectType, field: string, inputs: readonly Input[], at: readonly string[]): Place[] {
  return inputs.flatMap(({ name, type }) => {
    const path = [...at, name];
    const named = getNamedType(type);
    // An input inside one of its own kind is met once.
    if (at.includes(name) && isInputObjectType(named)) return [];
    if (isInputObjectType(named)) return placesIn(parent, field, Object.values(named.getFields()), path);
    return [{ parent, field, path, type }];
  });
}

const places = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type) && !isIntrospectionType(type))
  .flatMap((type) => {
    const parent = type as GraphQLObjectType;
    return Object.values(parent.getFields()).flatMap(({ name, args }) => placesIn(parent, name, args, []));
  });

const titleOf = ({ parent, field, path }: Place) => `${parent.name}.${field}(${path.join(".")})`;
const kindOf = ({ type }: Place) => getNamedType(type).name;

let gateway: TestGateway;
beforeAll(async () => {
  const limits = { ...unguarded.limits, requestBytes: mostBytes };
  gateway = await startTestGateway({ guards: { schema, limits } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const noAccount = "00000000-0000-4000-8000-000000000000";

/** Something that is accepted where an argument or input field is required. */
function acceptable(name: string, type: GraphQLInputType): unknown {
  const named = getNamedType(type);
  if (isInputObjectType(named)) {
    const needed = Object.values(named.getFields()).filter((field) => isNonNullType(field.type));
    return Object.fromEntries(needed.map((field) => [field.name, acceptable(field.name, field.type)]));
  }
  const ids = oneOfEach(gateway.sandbox.world);
  const byName: Readonly<Record<string, unknown>> = {
    psuId: ids.PaymentServiceUser,
    connectorId: ids.Connector,
    connectionId: ids.BankConnection,
    bankAccountId: toGlobalId("BankAccount", `${firstOf(gateway.sandbox.world.people).id}:${noAccount}`),
    clientRedirectUrl: "https://app.example.com/",
    name: "Jane Doe",
    id: ids.Account,
    ids: [ids.Account],
    representations: [{ __typename: "Account", id: ids.Account }],
  };
  if (!(name in byName)) throw new Error(`The test does not know what ${name} takes.`);
  return byName[name];
}

/** The argument that a place belongs to, with the value there. */
function toArgument({ parent, field, path }: Place, value: unknown): unknown {
  const [name = "", ...inner] = path;
  const argument = parent.getFields()[field]?.args.find((one) => one.name === name);
  if (argument === undefined) throw new Error("There is no such argument.");
  const fill = (type: GraphQLInputType, [next, ...rest]: readonly string[]): unknown => {
    if (next === undefined) return value;
    const named = getNamedType(type);
    if (!isInputObjectType(named)) throw new Error("There is no such input field.");
    const own = named.getFields()[next];
    if (own === undefined) throw new Error("There is no such input field.");
    return { ...(acceptable("", type) as object), [next]: fill(own.type, rest) };
  };
  return fill(argument.type, inner);
}

/** How to reach a field that is not at the root. */
function around(parent: GraphQLObjectType, selection: string): string {
  const ids = oneOfEach(gateway.sandbox.world);
  switch (parent) {
    case schema.getQueryType():
      return `query QUERY { ${selection} }`;
    case schema.getMutationType():
      return `mutation QUERY { ${selection} }`;
    case schema.getSubscriptionType():
      return `subscription QUERY { ${selection} }`;
  }
  const ways: Readonly<Record<string, string>> = {
    Account: `account(id: "${ids.Account}") { ${selection} }`,
    PaymentServiceUser: `paymentServiceUser(id: "${ids.PaymentServiceUser}") { ${selection} }`,
    Money: `account(id: "${ids.Account}") { balances { amount { ${selection} } } }`,
  };
  const way = ways[parent.name];
  if (way === undefined) throw new Error(`The test does not know how to reach a ${parent.name}.`);
  return `query QUERY { ${way} }`;
}

type Refusal = { readonly errors: readonly ClientError[]; readonly writes: number };

/** What the gateway answers to a value in a place. Everything else that the field requires is there. */
async function send(place: Place, value: unknown): Promise<Refusal> {
  const { parent, field: name, path } = place;
  const field = parent.getFields()[name];
  if (field === undefined) throw new Error("There is no such field.");
  const given = field.args.filter((one) => one.name === path[0] || isNonNullType(one.type));
  const variables = Object.fromEntries(
    given.map((one) => [one.name, one.name === path[0] ? toArgument(place, value) : acceptable(one.name, one.type)]),
  );
  const passed = given.map((one) => `${one.name}: $${one.name}`).join(", ");
  const below = isObjectType(getNamedType(field.type)) || !("parseValue" in getNamedType(field.type));
  const declared = given.map((one) => `$${one.name}: ${one.type}`).join(", ");
  const document = around(parent, `${name}(${passed})${below ? " { __typename }" : ""}`).replace(
    "QUERY",
    `(${declared})`,
  );
  let errors: readonly ClientError[] = [];
  const calls = await gateway.calls(async () => {
    if (parent !== schema.getSubscriptionType()) {
      errors = (await gateway.send(document, variables)).errors;
      return;
    }
    await using stream = gateway.subscribe(document, variables);
    await stream.codes();
    errors = stream.messages.flatMap((message) => message.errors);
  });
  return { errors, writes: calls.filter(({ method, path }) => method !== "GET" && !path.includes("oauth")).length };
}

const megabyte = "x".repeat(1024 * 1024);

/** Values of a megabyte for a place; each in a list of its own where the place takes lists. */
function largeValues({ type }: Place): readonly unknown[] {
  const named = getNamedType(type);
  const isList = isListType(getNullableType(type));
  const asGiven = (value: unknown) => (isList ? [value] : value);
  const texts =
    named.name === "Metadata"
      ? [
          { key: megabyte },
          { [megabyte]: "value" },
          Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`key${at}`, ""])),
          { key: { deep: megabyte } },
        ]
      : named.name === "_Any"
        ? [
            { __typename: "Account", id: megabyte },
            { __typename: megabyte, id: "x" },
          ]
        : [megabyte];
  const many = [() => "x", () => ({})].map((value) => Array.from({ length: 200_000 }, value));
  return [...texts.map(asGiven), ...(isList ? many : [])];
}

const titled = (chosen: readonly Place[]) => chosen.map((place) => [titleOf(place), place] as const);

it.each(titled(places))("%s takes no megabyte", async (_title, place) => {
  for (const value of largeValues(place)) {
    const { errors, writes } = await send(place, value);
    expect(errors.length).toBeGreaterThan(0);
    for (const { extensions } of errors) {
      expect(["BAD_USER_INPUT", "QUERY_TOO_COMPLEX"]).toContain(extensions.code);
      if (kindOf(place) === "String") expect(extensions["field"]).toBe(place.path.join("."));
    }
    expect(writes).toBe(0);
    // An error does not repeat what it is about.
    expect(JSON.stringify(errors).length).toBeLessThan(20_000 * errors.length);
  }
});

const stored = ["String", "ID", "URL", "DateTime", "BigInt", "Metadata"];

it.each(titled(places.filter((place) => stored.includes(kindOf(place)))))(
  "%s takes no NUL and no half of a character, and says where it is",
  async (_title, place) => {
    const field = place.path.join(".");
    const isList = isListType(getNullableType(place.type));
    for (const text of ["a\0b", "\0", "\ud800", "a\udfffb"]) {
      const isMetadata = kindOf(place) === "Metadata";
      for (const value of isMetadata ? [{ key: text }, { [text]: "value" }] : [text]) {
        const { errors, writes } = await send(place, isList ? [value] : value);
        const at = isList ? `${field}.0` : isMetadata ? `${field}.${Object.keys(value as object)[0]}` : field;
        expect([text, errors.map(({ extensions }) => [extensions.code, extensions["field"]])]).toEqual([
          text,
          [["BAD_USER_INPUT", at]],
        ]);
        expect(writes).toBe(0);
      }
    }
  },
);
