#!/usr/bin/env node
/** The command of the package: checks Node's version, in what an older Node can parse, and starts the gateway. */
import module from "node:module";
import { fileURLToPath } from "node:url";

const oldest = 24;
if (Number(process.versions.node.split(".")[0]) >= oldest) {
  // Compiled code is kept for the next start, beside the sources: who can write there can change those, too. Where it
  // cannot be written, each start compiles.
  module.enableCompileCache(fileURLToPath(new URL("../../.cache/compiled", import.meta.url)));
  await import("./start.ts");
} else {
  process.stderr.write(`The gateway needs Node ${oldest} or newer; this is ${process.version}.\n`);
  process.exitCode = 1;
}
