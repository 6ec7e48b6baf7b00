/**
 * `npm run codegen` writes `schema.graphql`, the references of the schema and of the settings, the alerts for Kubernetes,
 * and the types of the documents in tests and example; with `--check` it only says whether what is committed is up to date.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { generate } from "@graphql-codegen/cli";
import { lexicographicSortSchema } from "graphql";
import { toSchemaText } from "./scripts/print-schema.ts";
import { toPrometheusRule } from "./scripts/prometheus-rule.ts";
import { toReference } from "./scripts/schema-reference.ts";
import { withSettingsTables } from "./scripts/settings-reference.ts";
import { readArguments, readOrExit } from "./src/cli/command.ts";
import { toSchema } from "./src/schema/index.ts";

const usage = `npm run codegen -- [options]

  --check  write nothing: say whether what is committed is what the code gives
  --help   print this
`;

const { check: isCheck } = readOrExit(
  usage,
  (args) => readArguments(args, { options: { check: { type: "boolean", default: false } } }).values,
);
const sorted = lexicographicSortSchema(toSchema());
const schema = toSchemaText(sorted);
const testFolder = "test/graphql";
const exampleFolder = "examples/web/src/graphql";
const folders = [testFolder, exampleFolder];

const client = (folder: string, documents: string, nullability: object = {}) => ({
  documents: [documents, `!${folder}/**`],
  preset: "client" as const,
  presetConfig: {
    fragmentMasking: false,
    // The manifest is what `TRUSTED_DOCUMENTS` takes.
    persistedDocuments: { mode: "embedHashInDocument" as const, hashAlgorithm: "sha256" as const },
  },
  config: {
    documentMode: "string" as const,
    ...nullability,
    enumType: "string-literal" as const,
    importExtension: ".ts",
    useTypeImports: true,
    strictScalars: true,
    scalars: {
      BigInt: "string",
      Date: "string",
      DateTime: "string",
      JSON: "unknown",
      Metadata: { input: "Record<string, unknown>", output: "Record<string, string>" },
      URL: "string",
    },
  },
});

/**
 * A field that is null only with an error beside it has the type of its value: tests throw on errors. The example shows
 * what there is, and its types say what can be null.
 */
const throwing = { nullability: { errorHandlingClient: true } };

const typed: readonly { filename: string; content: string }[] = await generate(
  {
    schema,
    silent: true,
    generates: {
      [`${testFolder}/`]: client(testFolder, "test/**/*.ts", throwing),
      [`${exampleFolder}/`]: client(exampleFolder, "examples/web/src/**/*.{ts,tsx}"),
    },
  },
  false,
);
const files = new Map([
  ["schema.graphql", schema],
  ["docs/schema.md", toReference(sorted)],
  ["docs/configuration.md", withSettingsTables(readFileSync("docs/configuration.md", "utf8"))],
  ["deploy/kubernetes/monitoring/prometheus-rule.yaml", toPrometheusRule(readFileSync("docs/alerts.yaml", "utf8"))],
  ...typed.map(({ filename, content }) => [filename, content] as const),
]);

if (isCheck) {
  const stale = [...files].filter(([name, content]) => read(name) !== content).map(([name]) => name);
  const strays = folders
    .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))
    .filter((name) => !files.has(name));
  for (const name of [...stale, ...strays])
    process.stderr.write(`${name} is not what the code gives: run \`npm run codegen\`.\n`);
  if (stale.length + strays.length > 0) process.exitCode = 1;
  else
    process.stdout.write(
      "schema.graphql, docs/schema.md, docs/configuration.md, the alerts and the typed documents are up to date.\n",
    );
} else {
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  for (const [name, content] of files) writeFileSync(name, content);
  process.stdout.write(`Written: ${[...files.keys()].join(", ")}.\n`);
}

function read(name: string): string | null {
  try {
    return readFileSync(name, "utf8");
  } catch {
    return null;
  }
}
