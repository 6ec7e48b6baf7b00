/** Finds names that are meant for a setting and are none, among variables that may be anybody's. */
import { isSettingName, type SettingName, settingNames } from "./settings.ts";

/**
 * What begins like this is meant for the gateway. Not `REDIS_`, `NATS_`, `OTEL_`, `NODE_`, nor all of `AUTH_`, as Auth.js
 * has `AUTH_SECRET`: those are others', too.
 */
const ownPrefix =
  /^(FORMANCE|AUTH_(JW|ISS|AUD|PSU)\w*|CORS|RATE_LIMIT|MAX_QUERY|MAX_REQUEST|MAX_UPSTREAM|OPERATION_TIMEOUT|LINK_LIFETIME|STALE_AFTER|OPEN_BANKING|REDIRECT_ORIGINS?|TRUSTED_(PROX|DOC)\w*)_/;

/** What Kubernetes sets for each service of a namespace, such as one that is called `auth`. */
const isServiceLink = (name: string, value: string) =>
  /_SERVICE_(HOST|PORT(_\w+)?)$/.test(name) ||
  /_PORT_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?$/.test(name) ||
  (name.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(value));

/** Whether a variable of the environment is meant as a setting, though it has the name of none. */
export function isMisspelt(name: string, given: Readonly<Record<string, string>>): boolean {
  const value = given[name] ?? "";
  if (isSettingName(name) || isServiceLink(name, value)) return false;
  if (ownPrefix.test(`${toUsual(name)}_`)) return true;
  const meant = nearestSetting(name);
  // Beside the right name it is somebody else's. Short names are near to many others: HOST to HOME.
  return meant !== null && meant.length >= 8 && given[meant] === undefined;
}

/** Names of earlier releases, and what to write instead. */
export const replaced: Readonly<Record<string, string>> = {
  CURSOR_SECRET: "CURSOR_SECRETS, which may hold the same secret, and older ones behind it with commas between",
};

/** The name and what may have been meant by it, or what is in its place by now. */
export function describeMisspelt(name: string): string {
  const instead = Object.hasOwn(replaced, name) ? replaced[name] : undefined;
  if (instead !== undefined) return `${name} is no setting any more: use ${instead}`;
  const meant = nearestSetting(name);
  return `${name} is no setting${meant === null ? "" : `: did you mean ${meant}?`}`;
}

function nearestSetting(name: string): SettingName | null {
  const usual = toUsual(name);
  const near = settingNames
    .filter((setting) => sharesPart(usual, setting)) // counting takes time, at each start
    .map((setting) => ({ setting, steps: countEdits(usual, setting) }))
    .filter(({ setting, steps }) => steps <= (setting.length < 12 ? 1 : 2))
    .toSorted((one, other) => one.steps - other.steps);
  return near[0]?.setting ?? null;
}

/** Two edits leave at least one of three parts as it was. */
function sharesPart(name: string, setting: string): boolean {
  const third = Math.ceil(setting.length / 3);
  return [0, third, 2 * third].some((at) => name.includes(setting.slice(at, at + third)));
}

const toUsual = (name: string) => name.toUpperCase().replaceAll(/[-.]/g, "_");

/** How many letters must be changed, added or left out (Levenshtein's distance). */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [at, other] of [...to].entries()) {
      next.push(Math.min((row[at] ?? 0) + (letter === other ? 0 : 1), (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
