/** Reads each setting by itself: from the environment, and from the file that SETTINGS_FILE names. */
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { z } from "zod";
import type { Setting } from "./setting.ts";
import { type Environment, isSettingName, type SettingName, settings } from "./settings.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

export type Reading = {
  /** Where a setting is wrong its default stands, so that what is wrong between the others can be seen, too. */
  readonly env: Environment;
  readonly wrong: readonly SettingName[];
  /** One a line, each with the setting's name and never with its value. */
  readonly problems: readonly string[];
};

const toSchema = ({ shape, default: initial }: Setting) =>
  initial === undefined ? shape.optional() : shape.prefault(initial);
const schema = z.object(
  Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, toSchema(setting)])),
);

export function readEnvironment(variables: Variables): Reading {
  const fileProblems: string[] = [];
  const fromEnvironment = toGiven(variables);
  const given = { ...readFile(fromEnvironment["SETTINGS_FILE"], fileProblems), ...fromEnvironment };
  const issues = schema.safeParse(given).error?.issues ?? [];
  const wrong = issues.map(({ path: [name] }) => name as SettingName);
  const right = Object.entries(given).filter(([name]) => !(isSettingName(name) && wrong.includes(name)));
  return {
    env: schema.parse(Object.fromEntries(right)) as Environment,
    wrong,
    problems: [...fileProblems, ...issues.map(({ path: [name], message }) => `${String(name)} ${message}`)],
  };
}

/** An empty value counts as unset. */
function toGiven(variables: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => {
      const text = value?.trim();
      return text ? [[name, text]] : [];
    }),
  );
}

/** What the file of settings gives; nothing where none is named. */
function readFile(path: string | undefined, problems: string[]): Record<string, string> {
  if (path === undefined) return {};
  try {
    const given = toGiven(parseEnv(readFileSync(path, "utf8")));
    for (const name of Object.keys(given)) {
      if (name !== "SETTINGS_FILE" && isSettingName(name)) continue;
      // What stands there in place of a name may be the second line of a secret.
      const shown = /^[A-Z][A-Z_]{0,63}$/.test(name) ? name : "a line";
      problems.push(`SETTINGS_FILE: ${shown} is no setting that it can hold`);
    }
    return given;
  } catch {
    problems.push("SETTINGS_FILE names a file that cannot be read");
    return {};
  }
}
