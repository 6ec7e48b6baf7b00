/** What a release writes, and what it refuses. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Files, findFaults, sectionOf, toRelease } from "../../scripts/release.ts";

const overlay = "deploy/kubernetes/overlays/example/kustomization.yaml";
const released = "scripts/released-schema.graphql";
const names = ["CHANGELOG.md", "package.json", "package-lock.json", "schema.graphql", released, overlay];

/** As the checkout has them, but with something to release, and not private. */
function readFiles(): Files {
  const files = Object.fromEntries(
    names.map((name) => [name, readFileSync(new URL(`../../${name}`, import.meta.url), "utf8")]),
  ) as Files;
  return {
    ...files,
    "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n- A change.\n\n## 0.1.0\n\n- The first.\n",
    "package.json": files["package.json"]
      .replace(/ {2}"private": true,\n/, "")
      .replace("{", '{ "repository": "github:x/y",'),
    "schema.graphql": `${files["schema.graphql"]}\n# changed since`,
  };
}

describe("a release", () => {
  it("names the changes by version and date, renews the released schema, and passes its tag's check", () => {
    const files = readFiles();
    const next = toRelease(files, "99.0.0", "2026-01-31");
    expect(next["CHANGELOG.md"]).toBe(
      "# Changelog\n\n## Unreleased\n\n## 99.0.0 - 2026-01-31\n\n- A change.\n\n## 0.1.0\n\n- The first.\n",
    );
    expect(next[released]).toBe(files["schema.graphql"]);
    expect(next[overlay]).toContain("newTag: 99.0.0\n");
    expect(findFaults(next, "v99.0.0")).toEqual([]);
    expect(sectionOf(next["CHANGELOG.md"], "99.0.0").trim()).toBe("- A change.");
    expect(sectionOf(next["CHANGELOG.md"], "Unreleased").trim()).toBe("");
  });

  it.each([
    ["a version that is none", "1.0", "The version must be one such as 0.2.0."],
    ["an older version", "0.0.9", "The version must be later than"],
  ])("is refused for %s", (_title, version, expected) => {
    expect(() => toRelease(readFiles(), version, "2026-01-31")).toThrow(expected);
  });

  it("is refused where nothing has changed", () => {
    const files = { ...readFiles(), "CHANGELOG.md": "## Unreleased\n\n## 0.1.0\n" };
    expect(() => toRelease(files, "99.0.0", "2026-01-31")).toThrow("There is nothing to release");
  });

  it.each<[string, Partial<Files>, string, string]>([
    ["a tag that is none", {}, "99.0.0", "The tag 99.0.0 is none such as v0.2.0."],
    ["a tag of another version", {}, "v99.0.1", "package.json has the version 99.0.0."],
    [
      "a schema that was not renewed",
      { "schema.graphql": "type Query { id: ID }" },
      "v99.0.0",
      "is not schema.graphql",
    ],
    ["no section of the changelog", { "CHANGELOG.md": "## Unreleased\n" }, "v99.0.0", 'has no section "99.0.0"'],
    ["an image of another version", { [overlay]: "newTag: 1.0.0\n" }, "v99.0.0", "has another tag of the image"],
    [
      "a private package",
      { "package.json": '{ "version": "99.0.0", "private": true }' },
      "v99.0.0",
      "package.json says that it is private",
    ],
    ["a package of no repository", { "package.json": '{ "version": "99.0.0" }' }, "v99.0.0", "names no repository"],
  ])("is not published with %s", (_title, changed, tag, expected) => {
    const release = toRelease(readFiles(), "99.0.0", "2026-01-31");
    expect(findFaults({ ...release, ...changed }, tag)).toContainEqual(expect.stringContaining(expected));
  });
});
