/** Reads what stands behind a command. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { ExplainedError } from "./explained-error.ts";

/** @throws {ExplainedError} for an option that there is not, one without its value, and words that are not allowed. */
export function readArguments<const T extends ParseArgsConfig>(config: T) {
  try {
    return parseArgs(config);
  } catch (error) {
    const [problem] = (error instanceof Error ? error.message : String(error)).split(/\n|\. /, 1);
    throw new ExplainedError(`${problem?.replace(/\.$/, "")}. With --help it says which options there are.`);
  }
}
