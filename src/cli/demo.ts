/** `npm run demo`: the whole journey of a front end, over HTTP and WebSocket, on the stack of the settings or a sandbox. */
import { toCommandLine } from "../config/own-package.ts";
import { readArguments } from "./command.ts";
import type { DemoOptions } from "./demo/run.ts";
import { ExplainedError, InterruptedError, toLine } from "./explained-error.ts";

// Each step prints its operation and its answer; the first surprise ends it with a non-zero exit.
export const usage = `${toCommandLine("demo", "[options]")}

  With FORMANCE_API_URL and its credentials the demo works on that stack: it creates a user, has you
  consent at a bank, shows what arrives, and deletes the user. Without it, it works on a sandbox.

  --connector <name>     its name, id or provider; else the first of plaid, tink, powens, dummypay
  --country <code>       of the user, such as SE; else one that the provider takes
  --locale <locale>      of the user, such as sv_SE
  --redirect-url <url>   where the bank sends you back to: Plaid knows only those registered with it
  --wait <minutes>       for your consent; else 10
  --keep                 leave the user on the stack at the end
  --help                 print this
`;

function readOptions(args: readonly string[]): DemoOptions {
  const { values } = readArguments(args, {
    options: {
      connector: { type: "string" },
      country: { type: "string" },
      locale: { type: "string" },
      "redirect-url": { type: "string" },
      wait: { type: "string", default: "10" },
      keep: { type: "boolean", default: false },
    },
  });
  const { connector = null, country, locale, wait, keep } = values;
  const redirectUrl = values["redirect-url"] ?? "https://app.example.com/return?attempt={attemptId}";
  const refuse = (rule: string) => {
    throw new ExplainedError(rule);
  };
  if (!/^[A-Z]{2}$/.test(country ?? "GB")) refuse("--country must be two capitals, such as GB.");
  if (!/^[a-z]{2}[-_][A-Z]{2}$/.test(locale ?? "en_GB")) refuse("--locale must be one such as en_GB.");
  const waitMs = Number(wait) * 60_000;
  if (!(waitMs > 0 && waitMs <= 24 * 3_600_000)) refuse("--wait must be a number of minutes, of a day at the most.");
  return {
    connector,
    residence: { ...(country && { country }), ...(locale && { locale }) },
    redirectUrl,
    waitMs,
    keep,
  };
}

export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  try {
    // The gateway takes a second to load: what is wrong with the options is said before.
    const { runDemo } = await import("./demo/run.ts");
    await runDemo(options, report);
  } catch (error) {
    report(error);
  }
}

function report(error: unknown): void {
  process.stderr.write(`\nThe demo met a surprise. ${toLine(error)}\n`);
  process.exitCode = error instanceof InterruptedError ? 130 : 1;
}
