/** Imports point one way: from left to right in the ranked list, and never in a circle. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ranks =
  "cli index gateway app recorder doctor config http engine limits schema observability executor operation auth live errors upstream lib".split(
    " ",
  );
const root = join(import.meta.dirname, "..");

/** Of `src/schema/loader.ts` it is `schema`, of `src/app.ts` it is `app`. */
const folderOf = (file: string) => file.split("/")[1]?.replace(/\.ts$/, "") ?? "";

function importsIn(folder: string): ReadonlyMap<string, readonly string[]> {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  return new Map(
    files.map((name) => {
      const file = join(folder, name);
      const specifiers = readFileSync(join(root, file), "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g);
      return [file, Array.from(specifiers, ([, specifier = ""]) => join(file, "..", specifier))];
    }),
  );
}

/** The first circle of files that import each other. */
function findCircle(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  function visit(file: string, path: readonly string[]): readonly string[] | null {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const imported of imports.get(file) ?? []) {
      const circle = visit(imported, [...path, file]);
      if (circle !== null) return circle;
    }
    done.add(file);
    return null;
  }
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle !== null) return circle;
  }
  return null;
}

describe("src", () => {
  const imports = importsIn("src");

  it("imports only from the same folder, or from one further right in the list", () => {
    const wrong = [...imports].flatMap(([file, imported]) =>
      imported
        // The command starts the sandbox where no stack is named.
        .filter((to) => !(to.startsWith("sandbox/") && ["app", "cli"].includes(folderOf(file))))
        .filter((to) => !to.startsWith("src/") || ranks.indexOf(folderOf(to)) < ranks.indexOf(folderOf(file)))
        .map((to) => `${file} must not import ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it("has every folder in the list", () => {
    expect([...new Set([...imports.keys()].map(folderOf))].filter((folder) => !ranks.includes(folder))).toEqual([]);
  });

  it("has no circle", () => expect(findCircle(imports)).toBeNull());
});

describe("sandbox", () => {
  const imports = importsIn("sandbox");

  it("imports nothing of the gateway", () => {
    const wrong = [...imports].flatMap(([file, imported]) =>
      imported.filter((to) => !to.startsWith("sandbox/")).map((to) => `${file} must not import ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it("has no circle", () => expect(findCircle(imports)).toBeNull());
});

describe.each(["src", "sandbox"])("%s", (top) => {
  it("has no file over 400 lines, and no folder with more than 16 files of its own", () => {
    const files = [...importsIn(top).keys()];
    const isLong = (file: string) => readFileSync(join(root, file), "utf8").split("\n").length > 401;
    expect(files.filter(isLong)).toEqual([]);
    const folders = Map.groupBy(files, (file) => join(file, ".."));
    expect([...folders].filter(([, own]) => own.length > 16).map(([folder]) => folder)).toEqual([]);
    expect(folders.get("src")?.length ?? 0).toBeLessThanOrEqual(5);
  });
});
