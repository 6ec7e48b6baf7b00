// @ts-check
/**
 * Ends the process with one line where nothing is installed yet, or where Node is too old for the code. Plain JavaScript,
 * which Node 18 can parse.
 */
import { createRequire } from "node:module";

const oldest = 24;

if (!isInstalled()) {
  end("Nothing is installed here yet: run `npm ci` first.");
} else if (Number(process.versions.node.split(".")[0]) < oldest) {
  end(`Node ${oldest} or newer is needed, and this is ${process.version}: https://nodejs.org/en/download has it.`);
}

/** Without the packages that it needs no command can say more than that one is missing. */
function isInstalled() {
  try {
    createRequire(import.meta.url).resolve("graphql");
    return true;
  } catch {
    return false;
  }
}

/** @param {string} line */
function end(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
