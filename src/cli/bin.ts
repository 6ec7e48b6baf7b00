#!/usr/bin/env node
// What an older Node can read: it would only tell of a syntax error in the rest.
import module from "node:module";
import { fileURLToPath } from "node:url";

const oldest = 24;
if (Number(process.versions.node.split(".")[0]) >= oldest) {
  // What is compiled is kept for the next start, beside the code: whoever can write there can change that, too. Where
  // nobody can, each start compiles.
  module.enableCompileCache(fileURLToPath(new URL("../../.cache/compiled", import.meta.url)));
  await import("./start.ts");
} else {
  process.stderr.write(`The gateway needs Node ${oldest} or newer; this is ${process.version}.\n`);
  process.exitCode = 1;
}
