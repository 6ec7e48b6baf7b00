/** `npm run record`: records what a stack answers, and compares it with an earlier recording. */
import { accessSync, constants, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { ConfigError, readConfig } from "../config/config.ts";
import { toCommandLine } from "../config/own-package.ts";
import type { Stack } from "../doctor/stack.ts";
import { compareRecordings, describe } from "../recorder/compare.ts";
import { record } from "../recorder/record.ts";
import { type Recording, readRecording, repositoryRecording, toText } from "../recorder/recording.ts";
import { readArguments } from "./command.ts";
import { ExplainedError, toLine } from "./explained-error.ts";
import { onStopSignal } from "./stop-signals.ts";

// The exit code is 1 when something has failed, and with --compare when there is a difference.
export const usage = `${toCommandLine("record", "<FORMANCE_API_URL> [options]")}

The URL may stand in FORMANCE_API_URL, too, but for --compare with a file.

  --out <file>            write what the stack answers to this file; without --compare to recording.json
  --compare [<file>]      print how it differs from the recording in the repository, or in this file
  --connector <id>        the connector to record at, by its id or name; else one for Powens, Plaid or Tink
  --no-link               leave out what needs a bank that a person has linked
  --redirect-url <url>    where the bank sends that person; else https://app.example.com/linked
  --help                  print this

Credentials are FORMANCE_CLIENT_ID and FORMANCE_CLIENT_SECRET, or FORMANCE_TOKEN.
`;

type Options = {
  readonly stack: Stack;
  readonly out: string | null;
  readonly before: Recording | null;
  readonly connector: string | null;
  readonly isLinked: boolean;
  readonly redirectUrl: string;
};

/** @throws {ExplainedError} where the arguments are not as `usage` says. */
function readOptions(args: readonly string[]): Options {
  const { values, positionals } = readArguments(args, {
    allowPositionals: true,
    options: {
      out: { type: "string" },
      compare: { type: "boolean", default: false },
      connector: { type: "string" },
      "no-link": { type: "boolean", default: false },
      "redirect-url": { type: "string", default: "https://app.example.com/linked" },
    },
  });
  const [url = process.env["FORMANCE_API_URL"], file, ...rest] = positionals;
  if (url === undefined)
    throw new ExplainedError(`the URL of a stack is required: ${toCommandLine("record", "<FORMANCE_API_URL>")}`);
  const extra = values.compare ? rest[0] : file;
  if (extra !== undefined) throw new ExplainedError(`Unexpected argument '${extra}': see --help.`);
  const out = values.out ?? (values.compare ? null : "recording.json");
  if (out !== null && !isWritable(dirname(out)))
    throw new ExplainedError("--out must be in a folder that can be written");
  if (!URL.canParse(values["redirect-url"])) throw new ExplainedError("--redirect-url must be a URL");
  return {
    stack: readStack(url),
    out,
    before: values.compare ? readRecording(file ?? repositoryRecording) : null,
    connector: values.connector ?? null,
    isLinked: !values["no-link"],
    redirectUrl: values["redirect-url"],
  };
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** By the gateway's settings, but none that have nothing to do with the stack. */
function readStack(url: string): Stack {
  const ofStack =
    /^(FORMANCE_CLIENT_ID|FORMANCE_CLIENT_SECRET|FORMANCE_TOKEN|SETTINGS_FILE|(HTTPS?|NO)_PROXY|(https?|no)_proxy)$/;
  const given = Object.entries(process.env).filter(([name]) => ofStack.test(name));
  try {
    const { upstream } = readConfig({ ...Object.fromEntries(given), FORMANCE_API_URL: url });
    if (upstream.kind === "stack") return upstream;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ExplainedError(toLine(error));
  }
  throw new ExplainedError("the URL of a stack is required");
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function recordStack({ stack, out, before, connector, isLinked, redirectUrl }: Options): Promise<void> {
  const stopping = new AbortController();
  onStopSignal(() => {
    if (stopping.signal.aborted) process.exit(1);
    say("Stopping, once its users are deleted; press again to end at once");
    stopping.abort();
  });

  async function consent(link: string): Promise<void> {
    if (new URL(link).origin === stack.url.origin) {
      await visitBank(link, { decision: "consent" }); // the sandbox's
      return;
    }
    say(`Link a test account of a bank here, within ten minutes:\n  ${link}`);
  }

  const { recording, left } = await record({
    ...{ stack, connector, redirectUrl, signal: stopping.signal, report: say },
    requests: readRecording(repositoryRecording),
    consent: isLinked ? consent : null,
  });
  if (left.length > 0) process.exitCode = 1;
  if (out !== null) {
    writeFileSync(out, toText(recording));
    say(`${recording.length} answers are in ${out}`);
  }
  if (before === null) return;
  const { differences, unmatched } = compareRecordings(before, recording);
  for (const difference of differences) say(describe(difference));
  if (unmatched.length > 0) say(`Not compared, because one recording lacks them: ${unmatched.join(", ")}`);
  say(differences.length === 0 ? "No difference" : `${differences.length} differences`);
  if (differences.length > 0) process.exitCode = 1;
}

export async function run(args: readonly string[]): Promise<void> {
  try {
    await recordStack(readOptions(args));
  } catch (error) {
    process.stderr.write(`${toLine(error)}\n`);
    process.exitCode = 1;
  }
}
