/** Reads what stands behind a command. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { ExplainedError } from "./explained-error.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** @throws {ExplainedError} for an option that there is not, one without its value, and words that are none. */
export function readArguments<const T extends Options>(options: T) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const [problem] = (error instanceof Error ? error.message : String(error)).split(/\n|\. /, 1);
    throw new ExplainedError(`${problem?.replace(/\.$/, "")}. With --help it says which options there are.`);
  }
}
