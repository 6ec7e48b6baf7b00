import { pino } from "pino";
import { expect } from "vitest";
import type { Sandbox } from "../../sandbox/server.ts";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { type CheckOptions, runChecks } from "../../src/doctor/run-checks.ts";
import { runScript } from "../support/process.ts";

export const secret = Buffer.alloc(24, 7).toString("base64");
export const otherSecret = Buffer.alloc(24, 8).toString("base64");

export type Env = Record<string, string>;

export const envOf = ({ url, clientId, clientSecret }: Pick<Sandbox, "url" | "clientId" | "clientSecret">): Env => ({
  FORMANCE_API_URL: url,
  FORMANCE_CLIENT_ID: clientId,
  FORMANCE_CLIENT_SECRET: clientSecret,
});

/** What `npm run doctor` finds with these settings, without a process of its own. */
export async function doctor(env: Env, options: CheckOptions = {}) {
  const findings: Finding[] = [];
  for await (const finding of runChecks(readConfig(env), options)) findings.push(finding);
  return check(env, findings);
}

/** What it finds as a command, with its exit code. */
export async function runDoctor(env: Env, ...args: readonly string[]) {
  await using command = runScript("doctor", ["--json", ...args], env);
  const code = await command.exit;
  const { ok, findings } = JSON.parse(command.output()) as { ok: boolean; findings: readonly Finding[] };
  expect([code, ok]).toEqual(findings.some(({ status }) => status === "failed") ? [1, false] : [0, true]);
  return check(env, findings);
}

/** No secret of the settings may be in what it says, and whatever is not well has a way to mend it. */
function check(env: Env, findings: readonly Finding[]) {
  const { FORMANCE_CLIENT_SECRET = secret, FORMANCE_TOKEN = secret, FORMANCE_WEBHOOK_SECRETS = secret } = env;
  const passwords = Object.values(env).flatMap((value) => (URL.canParse(value) ? new URL(value).password || [] : []));
  const text = JSON.stringify(findings);
  for (const hidden of [FORMANCE_CLIENT_SECRET, FORMANCE_TOKEN, ...FORMANCE_WEBHOOK_SECRETS.split(","), ...passwords]) {
    expect(text).not.toContain(hidden);
  }
  for (const { status, mend } of findings) expect(mend === undefined).toBe(status === "ok");
  return {
    findings,
    /** Status, meaning and way to mend of what it says about this, in a line each. */
    about: (name: string) =>
      findings
        .filter(({ about }) => about === name)
        .map(({ status, what, mend = "" }) => `${status}: ${what} ${mend}`)
        .join("\n"),
  };
}

/** A gateway that runs beside a sandbox, and takes webhooks with these secrets, or none. */
export const startGateway = (sandbox: Sandbox, secrets: string) =>
  start(
    readConfig({ ...envOf(sandbox), PORT: "0", LOG_LEVEL: "silent", FORMANCE_WEBHOOK_SECRETS: secrets }),
    pino({ level: "silent" }),
  );
