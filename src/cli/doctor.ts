/** `npm run doctor`: checks what the gateway is set up with, and says what is wrong and how to fix it. */
import { readFileSync } from "node:fs";
import { ConfigError, readConfig } from "../config/config.ts";
import { toCommandLine, toDocument } from "../config/own-package.ts";
import { type Finding, failed, toText } from "../doctor/finding.ts";
import { type CheckOptions, runChecks } from "../doctor/run-checks.ts";
import { readArguments } from "./command.ts";
import { ExplainedError } from "./explained-error.ts";

// It changes nothing, but with `--create-webhook`. The exit code is 1 when something has failed.
export const usage = `${toCommandLine("doctor", "[options]")}

  --create-webhook <url>  have the stack send its events to the gateway at this public URL
  --gateway <url>         the gateway's public URL, where the stack's webhooks cannot be read or are several
  --token <token>         say whom a caller with this token acts for; - reads it from the input
  --json                  one JSON object instead of lines
  --help                  print this
`;

type Options = Required<CheckOptions> & { readonly json: boolean };

export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const findings: Finding[] = [];
  const report = (finding: Finding) => {
    findings.push(finding);
    if (!options.json) process.stdout.write(`${toText(finding)}\n`);
  };
  try {
    for await (const finding of runChecks(readConfig(process.env), options)) report(finding);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.message.split("\n"))
      report(failed("settings", problem, `${toDocument("configuration.md")} has a table of all settings.`));
  }
  const count = (status: Finding["status"]) => findings.filter((finding) => finding.status === status).length;
  const isWell = count("failed") === 0;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ok: isWell, findings }, null, 2)}\n`
      : `\n${count("ok")} ok, ${count("warning")} to look at, ${count("failed")} failed\n`,
  );
  process.exitCode = isWell ? 0 : 1;
}

function readOptions(args: readonly string[]): Options {
  const { values } = readArguments(args, {
    options: {
      "create-webhook": { type: "string" },
      gateway: { type: "string" },
      token: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  return {
    createWebhook: toGatewayUrl(values["create-webhook"]),
    gateway: toGatewayUrl(values.gateway),
    token: values.token === "-" ? readFileSync(0, "utf8").trim() : (values.token ?? null),
    json: values.json,
  };
}

function toGatewayUrl(text: string | undefined): URL | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) {
    throw new ExplainedError("The gateway's URL must be one such as https://gateway.example.com.");
  }
  return url;
}
