/** Code generation: stale files are found, and written anew from the code. */
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The project in a folder of its own. */
function copyProject() {
  const folder = mkdtempSync(join(tmpdir(), "codegen-"));
  const isSource = (path: string) => !/[\\/](node_modules|\.git)$/.test(path);
  cpSync(root, folder, { recursive: true, filter: isSource });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return {
    at: (name: string) => join(folder, name),
    read: (name: string) => readFileSync(join(folder, name), "utf8"),
    run(...args: string[]) {
      const { status, stderr } = spawnSync(process.execPath, ["codegen.ts", ...args], {
        cwd: folder,
        encoding: "utf8",
      });
      return { status, stale: [...stderr.matchAll(/^(\S+) is not what the code gives/gm)].map(([, name]) => name) };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

it("stale generated files are reported, and written again from the code", { timeout: 120_000 }, () => {
  using project = copyProject();
  const [schema, manifest] = [project.read("schema.graphql"), project.read("test/graphql/persisted-documents.json")];
  writeFileSync(project.at("schema.graphql"), schema.replace("type Account ", "type Accounts "));
  const configuration = project.read("docs/configuration.md");
  writeFileSync(project.at("docs/configuration.md"), configuration.replace("| `4000` |", "| `4001` |"));
  const document = "graphql(`query AddedAfterwards { viewer { subject } }`);";
  appendFileSync(
    project.at("test/support/helpers.ts"),
    `\nimport { graphql } from "../graphql/gql.ts";\n${document}\n`,
  );
  writeFileSync(project.at("test/graphql/stale.ts"), "");
  expect(project.run("--check")).toEqual({
    status: 1,
    stale: [
      "schema.graphql",
      "docs/configuration.md",
      "test/graphql/gql.ts",
      "test/graphql/graphql.ts",
      "test/graphql/persisted-documents.json",
      "test/graphql/stale.ts",
    ],
  });

  expect(project.run().status).toBe(0);
  expect(project.read("schema.graphql")).toBe(schema);
  expect(project.read("docs/configuration.md")).toBe(configuration);
  const documents: Record<string, string> = JSON.parse(project.read("test/graphql/persisted-documents.json"));
  const added = Object.keys(documents).filter((hash) => !(hash in JSON.parse(manifest)));
  expect(added.map((hash) => documents[hash])).toEqual([expect.stringMatching(/^query AddedAfterwards/)]);
});
