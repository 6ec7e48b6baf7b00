/** `npm run release` prepares a release in the checkout, and checks one for its tag's workflow. */
import { readFileSync, writeFileSync } from "node:fs";
import { readArguments, readOrExit } from "../src/cli/command.ts";
import { ExplainedError } from "../src/cli/explained-error.ts";

const usage = `npm run release -- <version>

  Writes a release such as 0.2.0 into this checkout: changelog, version, released schema, image of the example. What
  comes before and after it is in CONTRIBUTING.md. Instead:

  --check <tag>  only say what is not as the release of a tag such as v0.2.0 must be
  --notes <tag>  print what the changelog has for it
  --help         print this
`;

export type Files = Readonly<Record<FileName, string>>;
type FileName = (typeof fileNames)[number];

const released = "scripts/released-schema.graphql";
const overlay = "deploy/kubernetes/overlays/example/kustomization.yaml";
const fileNames = ["CHANGELOG.md", "package.json", "package-lock.json", "schema.graphql", released, overlay] as const;

/**
 * The files of the release.
 * @param date such as 2026-01-31.
 * @throws {Error} where there is nothing to release, or not as this version.
 */
export function toRelease(files: Files, version: string, date: string): Files {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error("The version must be one such as 0.2.0.");
  const { version: last } = JSON.parse(files["package.json"]) as { version: string };
  if (compare(version, last) <= 0) throw new Error(`The version must be later than ${last}.`);
  if (sectionOf(files["CHANGELOG.md"], "Unreleased").trim() === "") {
    throw new Error('There is nothing to release: "Unreleased" in CHANGELOG.md is empty.');
  }
  const withVersion = (text: string) => text.replace(`"version": "${last}"`, `"version": "${version}"`);
  return {
    ...files,
    "CHANGELOG.md": files["CHANGELOG.md"].replace(/^## Unreleased$/m, `## Unreleased\n\n## ${version} - ${date}`),
    "package.json": withVersion(files["package.json"]),
    // It stands there twice: of the file itself, and of the package at the root.
    "package-lock.json": withVersion(withVersion(files["package-lock.json"])),
    [released]: files["schema.graphql"],
    [overlay]: files[overlay].replace(/newTag: .*/, `newTag: ${version}`),
  };
}

/** What is not as the release of this tag must be, one a line. */
export function findFaults(files: Files, tag: string): readonly string[] {
  const version = tag.replace(/^v/, "");
  const {
    version: written,
    private: isPrivate,
    repository,
  } = JSON.parse(files["package.json"]) as Record<string, unknown>;
  const locked = JSON.parse(files["package-lock.json"]) as { version: string; packages: { "": { version: string } } };
  const faults: (readonly [boolean, string])[] = [
    [!/^v\d+\.\d+\.\d+$/.test(tag), `The tag ${tag} is none such as v0.2.0.`],
    [written !== version, `package.json has the version ${written}.`],
    [isPrivate === true, "package.json says that it is private, so it cannot be published."],
    [repository === undefined, "package.json names no repository, which npm compares with where it was built."],
    [
      locked.version !== version || locked.packages[""].version !== version,
      "package-lock.json has another version: run npm install.",
    ],
    [
      sectionOf(files["CHANGELOG.md"], version).trim() === "",
      `CHANGELOG.md has no section "${version}", or an empty one.`,
    ],
    [files[released] !== files["schema.graphql"], `${released} is not schema.graphql: copy it.`],
    [!files[overlay].includes(`newTag: ${version}\n`), `${overlay} has another tag of the image.`],
  ];
  return faults.flatMap(([isFault, text]) => (isFault ? [text] : []));
}

/** What stands under a version, without its heading. */
export function sectionOf(changelog: string, name: string): string {
  const section = changelog.split(/^## /m).find((part) => part === name || /^\S+/.exec(part)?.[0] === name);
  return section === undefined ? "" : section.slice(section.indexOf("\n") + 1);
}

function compare(one: string, other: string): number {
  const [first = [], second = []] = [one, other].map((version) => version.split(".").map(Number));
  return [0, 1, 2].map((at) => (first[at] ?? 0) - (second[at] ?? 0)).find((step) => step !== 0) ?? 0;
}

type Task = { readonly check?: string; readonly notes?: string; readonly version: string };

function readTask(args: readonly string[]): Task {
  const options = { check: { type: "string" }, notes: { type: "string" } } as const;
  const { values, positionals } = readArguments(args, { allowPositionals: true, options });
  const [version = "", extra] =
    values.check === undefined && values.notes === undefined ? positionals : ["", ...positionals];
  if (extra !== undefined) throw new ExplainedError(`Unexpected argument '${extra}': see --help.`);
  return { ...values, version };
}

function run({ check, notes, version }: Task): void {
  const files = Object.fromEntries(fileNames.map((name) => [name, readFileSync(name, "utf8")])) as Files;
  if (check !== undefined) {
    const faults = findFaults(files, check);
    process.stderr.write(faults.map((fault) => `${fault}\n`).join(""));
    process.exitCode = faults.length === 0 ? 0 : 1;
  } else if (notes !== undefined) {
    process.stdout.write(sectionOf(files["CHANGELOG.md"], notes.replace(/^v/, "")));
  } else {
    const release = toRelease(files, version, new Date().toISOString().slice(0, 10));
    for (const name of fileNames) if (release[name] !== files[name]) writeFileSync(name, release[name]);
    process.stdout.write(
      `Written as ${version}. Review it, merge it, and push the tag v${version}: see CONTRIBUTING.md.\n`,
    );
  }
}

if (import.meta.main) {
  const task = readOrExit(usage, readTask);
  try {
    run(task);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
