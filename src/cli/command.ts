/** A command line: its words, its usage, and how it ends where something is wrong with them. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { ExplainedError, toLine } from "./explained-error.ts";

export type Command = {
  readonly usage: string;
  /** @throws {ExplainedError} where the words are not as `usage` says. */
  run(args: readonly string[]): Promise<void>;
};

/** @throws {ExplainedError} for an option that there is not, one without its value, and words that are not allowed. */
export function readArguments<const T extends ParseArgsConfig>(args: readonly string[], config: T) {
  try {
    return parseArgs({ ...config, args: [...args] });
  } catch (error) {
    const [problem] = (error instanceof Error ? error.message : String(error)).split(/\n|\. /, 1);
    throw new ExplainedError(`${problem?.replace(/\.$/, "")}: see --help.`);
  }
}

/** Runs a command, or prints its usage. What is wrong with its words is one line, and exit code 1. */
export async function runCommand({ usage, run }: Command, args: readonly string[]): Promise<void> {
  endWithReader();
  if (isHelpWanted(args)) {
    process.stdout.write(usage);
    return;
  }
  try {
    await run(args);
  } catch (error) {
    if (!(error instanceof ExplainedError)) throw error;
    process.stderr.write(`${toLine(error)}\n`);
    process.exitCode = 1;
  }
}

/** For a program that is one script: what it was called with, or the end of the process, as with `runCommand`. */
export function readOrExit<Options>(usage: string, read: (args: readonly string[]) => Options): Options {
  endWithReader();
  const args = process.argv.slice(2);
  if (isHelpWanted(args)) {
    process.stdout.write(usage);
    process.exit(0);
  }
  try {
    return read(args);
  } catch (error) {
    if (!(error instanceof ExplainedError)) throw error;
    process.stderr.write(`${toLine(error)}\n`);
    process.exit(1);
  }
}

function isHelpWanted(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).some((word) => word === "--help" || word === "-h");
}

/** As a shell reports a program that was ended by SIGPIPE. */
const brokenPipe = 141;

/** Where nobody reads its output any more, as behind `| head`, a command ends as on SIGTERM, and cleans up. */
function endWithReader(): void {
  let isEnding = false;
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (isEnding) return;
    isEnding = true;
    if (code !== "EPIPE") process.stderr.write(`The output cannot be written (${code}).\n`);
    if (!process.emit("SIGTERM", "SIGTERM")) process.exit(brokenPipe);
  });
  process.stderr.on("error", () => {});
}
