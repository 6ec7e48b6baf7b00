import { readFileSync, writeFileSync } from "node:fs";
import { lexicographicSortSchema, printSchema } from "graphql";
import { toSchema } from "./src/schema.ts";

/** `npm run codegen` prints `schema.graphql` from the code; with `--check` it only says whether that is up to date. */
const path = new URL("schema.graphql", import.meta.url);
const printed = `${printSchema(lexicographicSortSchema(toSchema()))}\n`;

if (!process.argv.includes("--check")) {
  writeFileSync(path, printed);
  process.stdout.write("schema.graphql is printed.\n");
} else if (readFileSync(path, "utf8") === printed) {
  process.stdout.write("schema.graphql is up to date.\n");
} else {
  process.stderr.write("schema.graphql is not what the code serves: run `npm run codegen`.\n");
  process.exitCode = 1;
}
