/** All documents of the repository, by their paths. */
import { glob, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

const notOurs = new Set(["node_modules", "dist", ".git"]);

async function readDocuments(): Promise<ReadonlyMap<string, string>> {
  const exclude = (path: string) => notOurs.has(basename(path));
  const texts = new Map<string, string>();
  for await (const path of glob(["**/*.md", ".github/**/*.md"], { cwd: root, exclude })) {
    texts.set(path, await readFile(join(root, path), "utf8"));
  }
  return new Map([...texts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const documents = await readDocuments();

/** @throws when there is no such document. */
export function textOf(path: string): string {
  const text = documents.get(path);
  if (text === undefined) throw new Error(`There is no ${path}.`);
  return text;
}

/** The blocks of a language, also those that stand in lists. */
export function blocksOf(path: string, language: string): readonly string[] {
  const block = new RegExp(`^( *)\`\`\`${language}\\n(.*?)^\\1\`\`\`$`, "gms");
  return [...textOf(path).matchAll(block)].map(([, , text = ""]) => text);
}

/** What a reader sees as prose, headings and links: without blocks of code. */
export function withoutBlocks(text: string): string {
  return text.replace(/^( *)```.*?^\1```$/gms, "");
}
