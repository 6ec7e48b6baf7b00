/** The source of the example front end: its size, its dependencies and its manifest. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { createTrustedDocuments } from "../../src/engine/trusted-documents.ts";
import { toSchema } from "../../src/schema/index.ts";

const web = new URL("../../examples/web/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, web), "utf8");
const texts = ["src/en.ts", "src/de.ts", "src/categories.ts"];
const sources = ["vite.config.ts", ...readdirSync(new URL("src", web)).map((name) => `src/${name}`)].filter(
  (path) => /\.(tsx?|css)$/.test(path) && !texts.includes(path),
);
const countLines = (paths: readonly string[]) =>
  paths.reduce((sum, path) => sum + read(path).split("\n").length - 1, 0);

describe("the code of the example", () => {
  // 1,500 until it showed payees, totals, partial answers and what a provider needs. Its texts are no code to be read.
  it("is under 1,800 lines, and its texts in two languages under 350", () => {
    expect(sources.length).toBeGreaterThan(15);
    const lines = countLines(["index.html", ...sources]);
    expect(lines).toBeGreaterThan(500);
    expect(lines).toBeLessThan(1800);
    expect(countLines(texts)).toBeLessThan(350);
  });

  it("is loaded as one module, and does not turn amounts into numbers", () => {
    expect([...read("index.html").matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual([
      '<script type="module" src="/src/main.tsx">',
    ]);
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: object };
    expect(Object.keys(dependencies)).toEqual(["graphql", "graphql-ws", "react", "react-dom", "urql"]);
    const text = sources.map(read).join("\n");
    expect(text).not.toMatch(/parseFloat|parseInt|Number\((?!\(\(BigInt)/);
  });

  it("has a manifest that a gateway accepts as its trusted documents", () => {
    const path = new URL("src/graphql/persisted-documents.json", web).pathname;
    const { trustedDocuments } = readConfig({ TRUSTED_DOCUMENTS: path });
    if (trustedDocuments === null) throw new Error("There are no trusted documents.");
    const trusted = createTrustedDocuments(trustedDocuments, toSchema());
    for (const [hash, document] of trustedDocuments) expect(trusted.find({ documentId: hash })).toBe(document);
    expect(trustedDocuments.size).toBe(11);
  });
});
