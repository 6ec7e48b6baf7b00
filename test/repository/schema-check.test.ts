/** What a change of the schema may break, and what the linter of the schema finds. */
import { readFileSync } from "node:fs";
import { ESLint } from "eslint";
import { describe, expect, it } from "vitest";
import { toFaults } from "../../scripts/schema-check.ts";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

const released = `
  type Query { account(id: ID!): Account }
  type Account { id: ID! name: String! type: Type old: String }
  enum Type { CURRENT SAVINGS }
  input Filter { name: String id: ID }
`;
/** The released schema with one thing changed. */
const changed = (from: string, to: string) => {
  expect(released).toContain(from);
  return released.replace(from, to);
};
const withoutField = changed("old: String", "");
const changelog = (unreleased: string) => `# Changelog\n\n## Unreleased\n\n${unreleased}\n\n## 0.1.0\n\nThe first.\n`;
const breaking = (at: string) => `### Breaking\n\n- \`${at}\`: use something else.`;

describe("the schema", () => {
  it("breaks clients of the last release only where the changelog says so", async () => {
    expect(
      await toFaults(read("scripts/released-schema.graphql"), read("schema.graphql"), read("CHANGELOG.md")),
    ).toEqual([]);
  });
});

describe("a schema", () => {
  it("may grow without a note in the changelog", async () => {
    const more = `${released} type New { id: ID! } extend type Account { news: New }`;
    expect(await toFaults(released, more, changelog(""))).toEqual([]);
  });

  it.each([
    ["a field is gone", withoutField, "Account.old"],
    ["a field may now be null", changed("name: String!", "name: String"), "Account.name"],
    ["a type is gone", changed("input Filter { name: String id: ID }", ""), "Filter"],
    ["a value is gone", changed("SAVINGS", ""), "Type.SAVINGS"],
    ["an argument is required", changed("id: ID!)", "id: ID!, at: ID!)"), "Query.account.at"],
    ["an argument is of another type", changed("id: ID!)", "id: Int!)"), "Query.account.id"],
    ["an input's field is gone", changed("name: String id: ID }", "name: String }"), "Filter.id"],
  ])("is refused when %s, until the changelog names it", async (_what, schema, at) => {
    const [fault, ...others] = await toFaults(released, schema, changelog(""));
    expect([fault, others]).toEqual([expect.stringContaining(`- \`${at}\``), []]);
    expect(await toFaults(released, schema, changelog(breaking(at)))).toEqual([]);
  });

  it("is refused when the note names something else or is in another place", async () => {
    const others = [breaking("Account.name"), "### Removed\n\n- `Account.old`: gone.", "- `Account.old`: gone."];
    for (const note of others) {
      expect(await toFaults(released, withoutField, changelog(note))).toContainEqual(
        expect.stringContaining("Account.old"),
      );
    }
    const before = `${changelog("")}\n${breaking("Account.old")}\n`;
    expect(await toFaults(released, withoutField, before)).toHaveLength(1);
  });

  it("is refused when a note names a change that breaks nothing", async () => {
    const faults = await toFaults(released, released, changelog(breaking("Account.old")));
    expect(faults).toEqual(["CHANGELOG.md notes `Account.old` as breaking, and it breaks nothing."]);
  });

  it("may deprecate with a reason that ends with both dates, and with no other reason", async () => {
    const places = [
      ["old: String", "Account.old"],
      ["SAVINGS", "Type.SAVINGS"],
      ["name: String id", "Filter.name"],
      ["id: ID!)", "Query.account.id"],
    ] as const;
    for (const [place, at] of places) {
      const deprecate = (reason: string) =>
        changed(place, place.replace(/(?= id$)|(?=\)$)|$/, ` @deprecated(reason: "${reason}")`));
      const dated = "Use `name`. (since 2026-01-31, until 2026-07-31)";
      expect(await toFaults(released, deprecate(dated), changelog(""))).toEqual([]);
      for (const reason of ["Use `name`.", "(since 2026-01-31, until 2026-07-31)", "Old (since January)"]) {
        expect(await toFaults(released, deprecate(reason), changelog(""))).toEqual([
          `${at} is deprecated: its reason must end with "(since 2026-01-31, until 2026-07-31)".`,
        ]);
      }
    }
  });
});

describe("the linter", () => {
  const schema = read("schema.graphql");

  async function lint(text: string) {
    const [result] = await new ESLint().lintText(text, { filePath: "schema.graphql" });
    return result?.messages.map(({ ruleId }) => ruleId?.replace("@graphql-eslint/", "")) ?? [];
  }

  it("finds nothing in the schema", async () => {
    expect(await lint(schema)).toEqual([]);
  });

  it.each([
    ["a type without a description", /"""An account at a bank."""/, "", "require-description"],
    ["a field without a description", /"""The upstream's own id."""\n/, "", "require-description"],
    ["a name in another style", /accountId: String!/, "account_id: String!", "naming-convention"],
    ["an object without an id", /(type Task [^}]*) id: ID!/, "$1", "strict-id-in-types"],
    ["an id that `node` does not take", /type Task implements Node \{/, "type Task {", "no-restricted-syntax"],
    ["a page without its `pageInfo`", /(type AccountPage [^}]*) pageInfo: PageInfo!/, "$1", "relay-connection-types"],
    ["a list of pages that takes no cursor", /after: String\n/, "behind: String\n", "relay-arguments"],
  ])("finds %s", async (_what, from, to, rule) => {
    const text = schema.replace(from, to);
    expect(text).not.toBe(schema);
    expect(await lint(text)).toContain(rule);
  });
});
