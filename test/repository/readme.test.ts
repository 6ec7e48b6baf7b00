/** The README: its examples work, it names existing scripts, and it stays short. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import runtime from "../../runtime/package.json" with { type: "json" };
import { startTestGateway } from "../support/helpers.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const readme = read("README.md");

/** Each operation of the README with the responses below it. */
const examples = [...readme.matchAll(/```graphql\n(.*?)```\n```json\n(.*?)```/gs)].map(
  ([, operation = "", answers = ""]) => ({
    operation,
    answers: answers.split(/\n(?=\{)/).map((text) => JSON.parse(text) as Record<string, unknown>),
  }),
);
const exampleOf = (kind: string) => examples.find(({ operation }) => operation.startsWith(kind));

describe("the README", () => {
  it("has at most 150 lines", () => {
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });

  it.each(["README.md", "CONTRIBUTING.md"])("names only scripts that exist: %s", (path) => {
    const known = /npm (?:run )?(start|test|demo|soak|check|codegen|clients|schema|sandbox|bench|example|doctor)\b/g;
    const run = /npm run (\w+)/g;
    const names = [...read(path).matchAll(known), ...read(path).matchAll(run)].map(([, name = ""]) => name);
    expect(new Set(names).size).toBeGreaterThan(4);
    for (const name of names) expect(Object.keys(manifest.scripts)).toContain(name);
  });

  it("shows one query and one subscription with their responses", () => {
    expect(readme.match(/```graphql/g)?.length).toBe(2);
    expect(examples.map(({ operation }) => operation.split(" ", 1)[0])).toEqual(["query", "subscription"]);
  });

  it("shows a query with the response that it really gets", async () => {
    await using gateway = await startTestGateway();
    const { operation = "", answers } = exampleOf("query") ?? {};
    const { data, errors } = await gateway.send(operation);
    expect(errors).toEqual([]);
    expect([plain(data)]).toEqual(answers);
  });

  it("shows a subscription with the messages that it really sends", async () => {
    await using gateway = await startTestGateway();
    const { operation = "", answers } = exampleOf("subscription") ?? {};
    const [, path] = /`POST (\/sandbox\/\S+)`/.exec(readme) ?? [];
    await using stream = gateway.subscribe(operation, {});
    expect(await stream.first(1)).toEqual(answers?.slice(0, 1));
    expect((await fetch(`${gateway.sandbox.url}${path}`, { method: "POST" })).ok).toBe(true);
    expect(await stream.first(2)).toEqual(answers);
  });
});

describe("the decision on dependencies", () => {
  it("names every dependency with its reason, and no other", () => {
    const folder = "docs/decisions";
    const name = readdirSync(new URL(`../../${folder}`, import.meta.url)).find((one) => /-dependencies\.md$/.test(one));
    const text = read(`${folder}/${name}`);
    const [, table = "", development = ""] = /^\| package .*?\n(.*?)\n\nDevelopment only: (.*?)\n\n/ms.exec(text) ?? [];
    const namesIn = (part: string) => [...part.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
    /** `@scope/*` and `@scope` stand for every package of the scope. */
    const covers = (name: string, dependency: string) =>
      name === dependency || (name.startsWith("@") && dependency.startsWith(`${name.replace(/\/\*$/, "")}/`));
    const inTable = [...table.matchAll(/^\| (`[^|]+) \|.*\w.*\|$/gm)].flatMap(([, cell = ""]) =>
      namesIn(cell.replace(/` \d+/, "`")),
    );
    const { dependencies, devDependencies } = manifest;
    const production = Object.keys({ ...dependencies, ...runtime.optionalDependencies });
    expect(production.filter((one) => !inTable.some((name) => covers(name, one)))).toEqual([]);
    expect(inTable.filter((name) => !production.some((one) => covers(name, one)))).toEqual([]);
    const typeless = Object.keys(devDependencies).filter((one) => !one.startsWith("@types/"));
    const named = namesIn(development);
    expect(typeless.filter((one) => !named.some((name) => covers(name, one)))).toEqual([]);
    expect(named.filter((name) => !typeless.some((one) => covers(name, one)))).toEqual([]);
  });
});

/** With ordinary spaces: `Intl` separates with others. */
function plain(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data).replaceAll("\u00a0", " "));
}
