#!/usr/bin/env node
// What an older Node can read: it would only tell of a syntax error in the rest.
const oldest = 24;
if (Number(process.versions.node.split(".")[0]) >= oldest) {
  await import("./main.ts");
} else {
  process.stderr.write(`The gateway needs Node ${oldest} or newer; this is ${process.version}.\n`);
  process.exitCode = 1;
}
