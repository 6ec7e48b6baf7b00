/** The gateway's command: its first word names one of its commands, and without one it starts the gateway. */
import { ownPackage, toCommandLine, toDocument } from "../config/own-package.ts";
import { type Command, runCommand } from "./command.ts";
import { ExplainedError } from "./explained-error.ts";

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: () => import("./start.ts"),
  doctor: () => import("./doctor.ts"),
  demo: () => import("./demo.ts"),
  sandbox: () => import("./sandbox.ts"),
  record: () => import("./record.ts"),
};

const usage = `${toCommandLine("<command>", "[options]")}

  start     run the gateway; this is what happens without a command
  doctor    check the settings, the stack, its webhook, Redis, NATS and the issuer
  demo      connect a bank and read its accounts, step by step, on a sandbox or your stack
  sandbox   serve a stand-in for the stack, with invented people and banks
  record    record what a stack answers, and compare it with an earlier recording

  --help     print this, or the options of a command
  --version  print the version

Settings are environment variables: ${toDocument("configuration.md")} has them all.
`;

const overview: Command = {
  usage,
  async run([word, ...others]) {
    if (word !== "--version") throw new ExplainedError(`Unknown command '${word}': see --help.`);
    if (others.length > 0) throw new ExplainedError(`Unexpected argument '${others[0]}': see --help.`);
    process.stdout.write(`${ownPackage.version}\n`);
  },
};

/** Runs the command that the words name. */
export async function main(args: readonly string[]): Promise<void> {
  const [word = "start", ...others] = args;
  const isOverview = ["--help", "-h", "--version"].includes(word);
  if (word.startsWith("-") && !isOverview) return main(["start", ...args]);
  const load = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (load === undefined) await runCommand(overview, args);
  else await runCommand(await load(), others);
}
