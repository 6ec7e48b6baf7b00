/** The source of the example front end: its size, its dependencies and its manifest. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { createTrustedDocuments } from "../../src/engine/trusted-documents.ts";
import { toSchema } from "../../src/schema/index.ts";

const web = new URL("../../examples/web/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, web), "utf8");
const sources = ["vite.config.ts", ...readdirSync(new URL("src", web)).map((name) => `src/${name}`)].filter((path) =>
  /\.(tsx?|css)$/.test(path),
);

describe("the code of the example", () => {
  it("is under 1,500 lines", () => {
    expect(sources.length).toBeGreaterThan(15);
    const lines = ["index.html", ...sources].reduce((sum, path) => sum + read(path).split("\n").length - 1, 0);
    expect(lines).toBeGreaterThan(500);
    expect(lines).toBeLessThan(1500);
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
