/** Reads each setting by itself: from the environment, and from the file that SETTINGS_FILE names. */
import { z } from "zod";
import { describeMisspelt, isMisspelt } from "./misspelt.ts";
import type { Setting } from "./setting.ts";
import { network } from "./settings/network.ts";
import { type Environment, isSettingName, type SettingName, settings } from "./settings.ts";
import { parseSettingsFile } from "./settings-file.ts";
import { readText } from "./text-file.ts";

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
  const notText = Object.keys(variables).filter((name) => !/^(string|undefined)$/.test(typeof variables[name]));
  const fromEnvironment = toGiven(variables);
  const given = { ...readFile(fromEnvironment["SETTINGS_FILE"], fileProblems), ...fromEnvironment };
  const misspelt = Object.keys(fromEnvironment).filter((name) => isMisspelt(name, given));
  const issues = schema.safeParse(given).error?.issues ?? [];
  const wrong = issues.map(({ path: [name] }) => name as SettingName);
  const right = Object.entries(given).filter(([name]) => !(isSettingName(name) && wrong.includes(name)));
  return {
    env: schema.parse(Object.fromEntries(right)) as Environment,
    wrong,
    problems: [
      ...notText.map((name) => `${name} must be text, as in the environment`),
      ...fileProblems,
      ...misspelt.map(describeMisspelt),
      ...issues.map(({ path: [name], message }) => `${String(name)} ${message}`),
    ],
  };
}

/** An empty value counts as unset. */
function toGiven(variables: Variables): Record<string, string> {
  const given = Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => {
      const text = typeof value === "string" ? value.trim() : "";
      return text ? [[name, text]] : [];
    }),
  );
  for (const name of Object.keys(network)) {
    const { [name.toLowerCase()]: text } = given;
    if (text === undefined) continue;
    given[name] = text;
    delete given[name.toLowerCase()];
  }
  return given;
}

/** What the file of settings gives; nothing where none is named. */
function readFile(path: string | undefined, problems: string[]): Record<string, string> {
  if (path === undefined) return {};
  const text = readText(path);
  if (text === null) {
    problems.push("SETTINGS_FILE names a file that cannot be read, or is not UTF-8");
    return {};
  }
  const { lines, problems: unread } = parseSettingsFile(text);
  problems.push(...unread.map((problem) => `SETTINGS_FILE: ${problem}`));
  const given = new Map<string, string>();
  for (const { number, name, value } of lines) {
    if (name === "SETTINGS_FILE") problems.push(`SETTINGS_FILE: line ${number}: it cannot name another one`);
    else if (!isSettingName(name)) {
      // What stands there in place of a name may be the second line of a secret.
      const isShown = /^[A-Z][A-Z_]{0,63}$/.test(name);
      problems.push(`SETTINGS_FILE: line ${number}: ${isShown ? describeMisspelt(name) : "this is no setting"}`);
    } else if (given.has(name)) problems.push(`SETTINGS_FILE: line ${number} sets ${name} again`);
    else given.set(name, value);
  }
  return Object.fromEntries([...given].filter(([, value]) => value.trim() !== ""));
}
