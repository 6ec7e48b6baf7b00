/** The executor could be taken out of this project as it is: it and its tests import nothing else of it. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const importsOf = (text: string) => [...text.matchAll(/(?:from|import)\s*\(?"([^"]+)"/g)].map(([, name = ""]) => name);

it.each([
  ["the executor", new URL("../../src/executor/", import.meta.url), /^(graphql$|\.\/)/],
  ["its tests", import.meta.url, /^(graphql$|vitest$|fast-check$|node:|\.\/|\.\.\/\.\.\/src\/executor\/)/],
])("%s", (_title, folder, allowed) => {
  const files = readdirSync(new URL(".", folder)).map((name) => readFileSync(new URL(name, folder), "utf8"));
  const imported = files.flatMap(importsOf);
  expect(imported).toContain("graphql");
  expect(imported.filter((name) => !allowed.test(name))).toEqual([]);
});
