/** The diagrams of the documents, drawn in a browser as GitHub draws them. */
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf, documents } from "../repository/documents.ts";
import { hasNoBrowser, launchBrowser } from "./stage.ts";

const mermaid = createRequire(import.meta.url).resolve("@mermaid-js/tiny");

const diagrams = [...documents.keys()].flatMap((path) =>
  blocksOf(path, "mermaid").map((text) => ({ path, text, kind: text.split(/\s/, 1)[0] ?? "" })),
);

/** How wide GitHub shows a document, and how small a text of 16 pixels may get in it. */
const columnPx = 830;
const smallestTextPx = 9;

/** What the script adds to the page. */
type Mermaid = {
  initialize(config: object): void;
  render(id: string, text: string): Promise<{ svg: string }>;
};

describe.skipIf(hasNoBrowser)("the diagrams", () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.addScriptTag({ path: mermaid });
  });
  afterAll(() => browser?.close());

  it.each(diagrams)("$path: the $kind can be drawn, and read in a column of GitHub's", async ({ text }) => {
    const width = await page.evaluate(async (source) => {
      const { mermaid } = globalThis as unknown as { mermaid: Mermaid };
      mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
      const { svg } = await mermaid.render("diagram", source);
      const drawn = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
      return drawn?.viewBox.baseVal.width;
    }, text);
    expect(width).toBeGreaterThan(100);
    expect((16 * columnPx) / (width ?? 0)).toBeGreaterThan(smallestTextPx);
  });

  it("take their colours from the reader's theme, light or dark", () => {
    expect(diagrams.length).toBeGreaterThan(8);
    expect(diagrams.filter(({ text }) => /%%\{|\b(?:style|classDef|linkStyle)\b|#[\da-f]{3,6}\b/.test(text))).toEqual(
      [],
    );
  });

  it("stand at the top of README.md and docs/README.md alike", () => {
    expect(blocksOf("docs/README.md", "mermaid")).toEqual(blocksOf("README.md", "mermaid"));
    expect(blocksOf("docs/architecture.md", "mermaid")[0]).toEqual(blocksOf("README.md", "mermaid")[0]);
  });
});
