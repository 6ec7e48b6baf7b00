/** Documents and variables at random for the schema of `random-schema.ts`. */
import fc from "fast-check";
import { getNamedType, isCompositeType, isInterfaceType, isObjectType } from "graphql";
import { schema } from "./random-schema.ts";

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

export type Gen = <Value>(toArbitrary: () => fc.Arbitrary<Value>) => Value;

export function toDocument(gen: Gen): string {
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
  return [`${operation} Random${variableDefinitions} ${toSet(root, 3, fragmentNames)}`, ...fragments].join("\n");
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

export function toVariables(gen: Gen): Record<string, unknown> {
  const chosen = Object.entries(given).map(([name, values]) => [name, gen(() => fc.constantFrom(...values))] as const);
  const set = chosen.filter(([, value]) => value !== undefined);
  // As it comes out of JSON: `__proto__` is a key like others.
  return JSON.parse(JSON.stringify(Object.fromEntries(set)).replace("__proto__own", "__proto__"));
}
