import fc from "fast-check";
import { parse, validate } from "graphql";
import { afterAll, describe, expect, it } from "vitest";
import { operator } from "../../support/helpers.ts";
import { documents, fillIn, schema } from "./documents.ts";
import { closeStage, expectHarmless, leaksIn, owners, people, post, runs, textsOf, viewers } from "./stage.ts";

afterAll(closeStage);

describe("any document of any viewer", () => {
  it("shows a PSU nothing of another's, and fails only with what its caller has done", async () => {
    const seen = { documents: 0, own: 0 };
    const callers = fc.oneof(
      { weight: 4, arbitrary: fc.nat({ max: people.length - 1 }) },
      { weight: 1, arbitrary: fc.integer({ min: people.length, max: viewers.length - 1 }) },
    );
    await fc.assert(
      fc.asyncProperty(callers, documents(), async (caller, template) => {
        const viewer = viewers[caller] ?? operator;
        const document = fillIn(template, viewer);
        expect(validate(schema, parse(document))).toEqual([]);
        const answer = await post(caller, document);
        expectHarmless(answer);
        const leaks = leaksIn(viewer, answer, document);
        if (viewer.psuId !== null) expect(leaks).toEqual([]);
        seen.documents += 1;
        if (textsOf(answer.data).some((text) => owners.get(text) === (viewer.psuId ?? ""))) seen.own += 1;
      }),
      runs(200),
    );
    // It was no empty exercise: PSUs find what is theirs, and what an operator finds would have been noticed.
    expect(seen.own).toBeGreaterThan(seen.documents / 20);
    const all = await post(people.length, "{ accounts(first: 100) { nodes { id } } }");
    expect(leaksIn(viewers[0] ?? operator, all, "").length).toBeGreaterThan(10);
  });
});
