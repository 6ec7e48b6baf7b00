import { isRequiredArgument } from "graphql";
import { afterAll, describe, expect, it } from "vitest";
import { psuGlobalId } from "../global-ids.ts";
import {
  choosesPerson,
  codesOf,
  fieldsOf,
  fill,
  foreignIn,
  foreignValues,
  givensOf,
  isNothing,
  objectTypes,
  takesId,
  toDocument,
} from "./requests.ts";
import { isOpen, rootTypes, ruleOf, schema } from "./rules.ts";
import {
  crawl,
  foreign,
  foreignCursors,
  foreignIds,
  isNode,
  markers,
  nodeId,
  own,
  readRoots,
  record,
  scene,
  splicedIds,
} from "./scene.ts";

afterAll(() => scene[Symbol.asyncDispose]());

describe("the stage", () => {
  it("has something in every field of both PSUs, and hundreds of texts that are only the other's", () => {
    const fields = objectTypes
      .filter(isNode)
      .flatMap((type) => Object.keys(type.getFields()).map((name) => [type, name]));
    const names = fields.map(([type, name]) => `${type}.${name}`);
    expect(names.filter((name) => !own.met.has(name))).toEqual([]);
    expect(names.filter((name) => !foreign.met.has(name))).toEqual([]);
    expect(markers.size).toBeGreaterThan(200);
    expect(foreignIds.length).toBeGreaterThan(12);
    expect(splicedIds.length).toBeGreaterThan(20);
    expect(foreignCursors.length).toBeGreaterThan(20);
  });
});

describe("a PSU", () => {
  it("reaches all of its own, by every field, and nothing of another's", async () => {
    const seen = await crawl(scene.mine, [psuGlobalId(scene.me), ...(own.values.get("Task.id") ?? []).map(String)]);
    await readRoots(scene.mine, seen);
    expect(foreignIn({ data: [...seen.values], errors: [] })).toEqual([]);
    for (const name of [...own.values.keys()].filter((name) => name.endsWith(".id"))) {
      const wanted = own.values.get(name)?.map(String).toSorted();
      // The lists of what is open also show what is not in use yet.
      const found = seen.values.get(name)?.map(String).toSorted();
      if (!isOpen(name)) expect([name, found]).toEqual([name, wanted]);
    }
    // What the crawl does not select: lookups by each field that wants an id.
    for (const { name, type, field } of fieldsOf([schema.getQueryType()])) {
      if (!field.args.some(isRequiredArgument)) continue;
      const { data, errors } = await scene.mine.send(toDocument(type, field, null), fill(name, field.args, [], null));
      expect([name, errors]).toEqual([name, []]);
      record(type, data, seen);
    }
    const isElsewhere = (type: string) =>
      /Payload$|Change$|^Mutation$|^Subscription$|^PaymentServiceUser(Page|Edge)$/.test(type);
    const fields = objectTypes.flatMap((type) =>
      Object.keys(type.getFields()).map((field) => [type.name, field] as const),
    );
    const allowed = fields.filter(([type, field]) => !isElsewhere(type) && ruleOf(type, field) !== "operator");
    expect(allowed.map((names) => names.join(".")).filter((name) => !seen.met.has(name))).toEqual([]);
  });

  const queries = fieldsOf([schema.getQueryType(), ...objectTypes.filter((type) => !rootTypes.includes(type))]);

  it.each(queries.filter(({ rule }) => rule !== "operator"))(
    "gets nothing of another's from $name",
    async ({ name, type, field }) => {
      for (const given of givensOf(name, field.args)) {
        for (const value of foreignValues(given)) {
          for (const all of given.path.length > 1 && takesId(given) ? [false, true] : [false]) {
            const variables = fill(name, field.args, given.path, value, all);
            const answer = await scene.mine.send(toDocument(type, field, value), variables);
            const at = { name, given: given.path.join("."), value, errors: answer.errors };
            expect({ ...at, foreign: foreignIn(answer, variables) }).toEqual({ ...at, foreign: [] });
            const codes = codesOf(answer.errors);
            expect({ ...at, codes: codes.filter((code) => code !== "BAD_USER_INPUT") }).toEqual({
              ...at,
              codes: [],
            });
            if (!takesId(given) && given.rule !== "cursor") continue;
            expect({ ...at, data: isNothing(answer.data) }).toEqual({ ...at, data: true });
            if (given.rule === "cursor") expect({ ...at, codes }).toEqual({ ...at, codes: ["BAD_USER_INPUT"] });
          }
        }
      }
    },
  );

  it("is refused what is for operators, before anything is read", async () => {
    const refused = objectTypes.flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => ruleOf(type.name, field.name) === "operator" && type !== schema.getSubscriptionType())
        .map((field) => ({ type, field, name: `${type.name}.${field.name}` })),
    );
    expect(refused.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Query.paymentServiceUsers", "Account.raw"]),
    );
    for (const { type, field, name } of refused) {
      // What a refused field would answer can't be reached by anything else.
      if (!rootTypes.includes(type) && !isNode(type)) continue;
      const places = [undefined, ...givensOf(name, field.args).filter((given) => foreignValues(given).length > 0)];
      for (const given of places) {
        const value = given === undefined ? undefined : foreignValues(given)[0];
        const variables = fill(name, field.args, given?.path ?? [], value);
        const [id] = own.values.get(`${type.name}.id`) ?? [];
        const document =
          field.args.length > 0 || rootTypes.includes(type)
            ? toDocument(type, field, value)
            : `{ ${nodeId(String(id))} { ... on ${type.name} { ${field.name} } } }`;
        let answer = await scene.mine.send(document, variables);
        const calls = await scene.mine.calls(async () => {
          answer = await scene.mine.send(document, variables);
        });
        expect([name, codesOf(answer.errors), foreignIn(answer, variables)]).toEqual([name, ["FORBIDDEN"], []]);
        expect(isNothing(answer.data)).toBe(true);
        if (rootTypes.includes(type)) expect(calls).toEqual([]);
      }
    }
  });
});

describe("the same values", () => {
  it.each(fieldsOf([schema.getQueryType()]).filter(({ rule }) => rule !== "open"))(
    "find what is the other's for an operator, by $name",
    async ({ name, type, field }) => {
      // What is negated finds the others.
      const finding = givensOf(name, field.args).filter(({ path }) => !path.includes("not"));
      for (const given of finding.filter((one) => choosesPerson(one) || one.rule === "cursor")) {
        let found = 0;
        for (const value of foreignValues(given)) {
          const variables = fill(name, field.args, given.path, value);
          const { data } = await scene.operator.send(toDocument(type, field, value), variables);
          found += foreignIn({ data, errors: [] }).length;
          if (found > 0) break;
        }
        expect([name, given.path, found > 0]).toEqual([name, given.path, true]);
      }
    },
  );
});
