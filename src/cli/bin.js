#!/usr/bin/env node
// @ts-check
/** The command of the package. Plain JavaScript, so that an older Node can say that it is too old. */
import "./require-node.js";
import module from "node:module";
import { fileURLToPath } from "node:url";

// Compiled code is kept for the next start, beside the sources: who can write there can change those, too. Where it
// cannot be written, each start compiles.
module.enableCompileCache(fileURLToPath(new URL("../../.cache/compiled", import.meta.url)));
const { main } = await import("./main.ts");
await main(process.argv.slice(2));
