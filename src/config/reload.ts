/** Takes over changed settings on SIGHUP, without a restart. */
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import { type Config, ConfigError } from "./config.ts";
import type { Setting } from "./setting.ts";
import { type SettingName, settingNames, settings } from "./settings.ts";

export type ReloadOptions = {
  /** The settings that the gateway was started with. */
  readonly started: Config;
  /** Takes over limits and trusted documents, or throws and changes nothing. */
  readonly change: (next: Config) => void;
  readonly log: Logger;
  /** Whether the level of the log follows LOG_LEVEL. */
  readonly ownsLevel: boolean;
};

/**
 * @returns a function that reads all settings again and takes over those that may change while the gateway runs. When one
 * is wrong, none is, and it throws what reading threw. Either way one line says so, by the settings' names and never by
 * their values.
 */
export function createReload({ started, change, log, ownsLevel }: ReloadOptions): (read: () => Config) => void {
  let running = started;
  return (read) => {
    try {
      const next = read();
      const { changed, needRestart } = compareSettings(running, next);
      change(next);
      const taken = Object.fromEntries(changed.map((name) => [name, next.byName[name]]));
      running = { ...running, byName: { ...running.byName, ...taken } };
      const report = () => {
        if (needRestart.length === 0) log.info({ changed }, "settings were read again");
        else log.warn({ changed, needRestart }, "settings were read again; some take effect with a restart only");
      };
      // At the more verbose of the two levels.
      const isQuieter = (log.levels.values[next.byName.LOG_LEVEL] ?? Number.POSITIVE_INFINITY) > log.levelVal;
      if (isQuieter || !ownsLevel) report();
      if (!ownsLevel) return;
      log.level = next.byName.LOG_LEVEL;
      if (!isQuieter) report();
    } catch (error) {
      const problems = error instanceof ConfigError ? error.message.split("\n") : ["the settings cannot be read"];
      log.error({ problems }, "settings were read again and are wrong: the old ones stay");
      throw error;
    }
  };
}

/** The names of the settings that differ, by whether a running gateway can take over the change. */
function compareSettings(running: Config, next: Config): { changed: SettingName[]; needRestart: SettingName[] } {
  const differ = settingNames.filter((name) => !isDeepStrictEqual(running.byName[name], next.byName[name]));
  // Whether documents must be trusted decides on more than the documents.
  const isSwitched = (running.trustedDocuments === null) !== (next.trustedDocuments === null);
  const canChange = (name: SettingName) =>
    (settings[name] as Setting).isReloadable === true && !(name === "TRUSTED_DOCUMENTS" && isSwitched);
  return { changed: differ.filter(canChange), needRestart: differ.filter((name) => !canChange(name)) };
}
