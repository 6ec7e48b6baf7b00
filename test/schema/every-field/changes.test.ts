import { afterAll, describe, expect, it } from "vitest";
import type { TestGateway } from "../../support/helpers.ts";
import {
  choosesPerson,
  codesOf,
  fieldsOf,
  fill,
  foreignIn,
  foreignValues,
  givensOf,
  isNothing,
  isOf,
  objectTypes,
  toDocument,
} from "./requests.ts";
import { fieldRules, namesIn, ruleOf, schema } from "./rules.ts";
import { record, scene, toSeen } from "./scene.ts";
import { stage } from "./stage.ts";

afterAll(() => scene[Symbol.asyncDispose]());

describe("a PSU", () => {
  it.each(fieldsOf([schema.getSubscriptionType()]))(
    "receives nothing of another's by $name",
    async ({ name, type, field }) => {
      for (const given of givensOf(name, field.args)) {
        await Promise.all(
          foreignValues(given).map(async (value) => {
            const variables = fill(name, field.args, given.path, value);
            await using stream = scene.mine.subscribe(toDocument(type, field, value), variables);
            const codes = await stream.codes();
            expect([name, value, codes]).toEqual([
              name,
              value,
              [expect.stringMatching(/^(NOT_FOUND|BAD_USER_INPUT)$/)],
            ]);
            const [message] = stream.messages;
            expect(message && foreignIn(message, variables)).toEqual([]);
            expect(isNothing(message?.data)).toBe(true);
          }),
        );
      }
    },
  );

  it.each(fieldsOf([schema.getMutationType()]))(
    "changes nothing of another's by $name",
    async ({ name, type, field, rule }) => {
      const { world, other, clock } = scene;
      const theirs = () => {
        const rows = [world.connections, world.attempts, world.accounts, world.payments, world.bankAccounts.all].flat();
        return structuredClone([world.person(other), ...rows.filter(({ psuID }) => psuID === other)]);
      };
      const before = theirs();
      for (const given of givensOf(name, field.args)) {
        for (const value of foreignValues(given)) {
          const variables = fill(name, field.args, given.path, value);
          let answer: Awaited<ReturnType<TestGateway["send"]>> = { status: 0, data: null, errors: [] };
          const calls = await scene.mine.calls(async () => {
            answer = await scene.mine.send(toDocument(type, field, value), variables);
          });
          const at = { name, given: given.path.join("."), value };
          expect({ ...at, foreign: foreignIn(answer, variables) }).toEqual({ ...at, foreign: [] });
          // Keys are the viewer's own: the same key of another PSU makes another attempt.
          if (given.rule === "key") continue;
          const isOfKind = choosesPerson(given) && namesIn(given.rule).some((kind) => isOf(kind, String(value)));
          const refusals =
            rule === "operator" ? /^FORBIDDEN$/ : isOfKind ? /^NOT_FOUND$/ : /^(NOT_FOUND|BAD_USER_INPUT)$/;
          expect({ ...at, codes: codesOf(answer.errors) }).toEqual({
            ...at,
            codes: [expect.stringMatching(refusals)],
          });
          expect({ ...at, data: answer.data, writes: calls.filter(({ method }) => method !== "GET") }).toEqual({
            ...at,
            data: { [field.name]: null },
            writes: [],
          });
        }
      }
      clock.advance(10_000);
      expect(theirs()).toEqual(before);
    },
  );
});

describe("a PSU that uses all that it may", () => {
  it("is answered, in every field, with what is its own", async () => {
    await using scene = await stage();
    const { mine, clock, world } = scene;
    const seen = toSeen();
    const mutation = schema.getMutationType();
    const subscription = schema.getSubscriptionType();
    for (const { name, type, field } of fieldsOf([subscription])) {
      await using stream = mine.subscribe<object, object>(
        toDocument(type, field, null),
        fill(name, field.args, [], null),
      );
      for (const data of await stream.first(1)) if (subscription) record(subscription, data, seen);
    }
    for (const step of namesIn(fieldRules["Mutation"]?.own)) {
      const field = mutation?.getFields()[step];
      if (mutation === undefined || mutation === null || field === undefined) continue;
      const name = `Mutation.${step}`;
      const { data, errors } = await mine.send(toDocument(mutation, field, null), fill(name, field.args, [], null));
      expect([name, errors]).toEqual([name, []]);
      record(mutation, data, seen);
      clock.advance(1000);
    }
    expect(world.people.map(({ id }) => id)).toEqual([scene.other]);
    expect(foreignIn({ data: [...seen.values], errors: [] })).toEqual([]);
    const names = objectTypes.flatMap((type) => {
      if (!/Payload$|Change$|^Mutation$|^Subscription$/.test(type.name)) return [];
      const allowed = Object.keys(type.getFields()).filter((name) => ruleOf(type.name, name) !== "operator");
      return allowed.map((name) => `${type.name}.${name}`);
    });
    expect(names.filter((name) => !seen.met.has(name))).toEqual([]);
  });
});
