/** Every link of every document leads somewhere, and every measured figure stands once. */
import { access } from "node:fs/promises";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { documents, root, withoutBlocks } from "./documents.ts";

type Link = { readonly from: string; readonly to: string; readonly anchor: string | undefined };

/** Links and images, by Markdown and by HTML, but for those to other sites. */
function linksOf([from, text]: readonly [string, string]): readonly Link[] {
  const prose = withoutBlocks(text).replaceAll(/`[^`\n]*`(?!\])/g, "");
  const targets = [/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g, /^\[[^\]]+\]: (\S+)/gm, /\b(?:href|src)="([^"]+)"/g];
  return targets
    .flatMap((target) => [...prose.matchAll(target)].map(([, url = ""]) => url))
    .filter((url) => !/^(?:https?|mailto):/.test(url))
    .map((url) => {
      const [path = "", anchor] = url.split("#", 2);
      return { from, to: path === "" ? from : posix.normalize(posix.join(posix.dirname(from), path)), anchor };
    });
}

/** The anchors of a document as GitHub makes them, where a heading that stands twice gets a number, and its own. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set(Array.from(text.matchAll(/<a id="([^"]+)">/g), ([, id = ""]) => id));
  for (const [, title = ""] of withoutBlocks(text).matchAll(/^#{1,6} (.*)$/gm)) {
    const plain = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").trim();
    const slug = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

const links = [...documents].flatMap(linksOf);

describe("the documents", () => {
  it("link only to files that are there, and to headings that are there", async () => {
    expect(documents.size).toBeGreaterThan(50);
    expect(links.length).toBeGreaterThan(300);
    expect(links.filter(({ anchor }) => anchor !== undefined).length).toBeGreaterThan(100);
    const anchors = new Map([...documents].map(([path, text]) => [path, anchorsOf(text)]));
    const broken: string[] = [];
    for (const { from, to, anchor } of links) {
      const isThere = await access(join(root, to)).then(
        () => true,
        () => false,
      );
      if (!isThere || to.startsWith("..")) broken.push(`${from}: ${to} is not there`);
      else if (anchor !== undefined && !anchors.get(to)?.has(anchor)) broken.push(`${from}: ${to} has no #${anchor}`);
    }
    expect(broken).toEqual([]);
  });

  it("say of each image what it shows", () => {
    const nameless = [...documents].filter(([, text]) => /!\[\s*\]\(|<img (?![^>]*alt="[^"]+")/.test(text));
    expect(nameless.map(([path]) => path)).toEqual([]);
  });

  it("state measured figures in three of them, to which the others link", () => {
    /** Times and sizes as finely as one measures; limits and pauses are whole seconds and megabytes. */
    const figure = /(?<![\w.,])(?:\d[\d,.]* (?:ms|µs|kB)|\d[\d,]*\.\d+ (?:s|MB|GB|%))(?!\w)/g;
    const measured = new Set(["docs/performance.md", "docs/resilience.md", "docs/live-status.md"]);
    /** What the sandbox plays, and what alerts wait for. */
    const settled = new Map([
      ["docs/getting-started.md", new Set(["1.5 s"])],
      ["docs/operations.md", new Set(["2.5 s"])],
    ]);
    /** Each is of its own day, and has its own measurements. */
    const isOfItsDay = (path: string) => /^(?:docs\/decisions\/|bench\/RESULTS|CHANGELOG)/.test(path);
    const stray: string[] = [];
    for (const [path, text] of documents) {
      if (measured.has(path) || isOfItsDay(path)) continue;
      for (const [found] of withoutBlocks(text).matchAll(figure)) {
        if (!settled.get(path)?.has(found)) stray.push(`${path}: ${found}`);
      }
    }
    expect(stray).toEqual([]);
  });
});
