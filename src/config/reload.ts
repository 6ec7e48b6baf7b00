/** Takes over changed settings on SIGHUP, without a restart. */
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import { type Config, ConfigError } from "./config.ts";
import type { Setting } from "./setting.ts";
import { type SettingName, settingNames, settings } from "./settings.ts";

/**
 * Reads all settings again and takes over those that may change while the gateway runs. When one is wrong, none is.
 * Either way one line says so, by the settings' names and never by their values.
 *
 * @param started the settings that the gateway was started with.
 * @param change takes over limits and trusted documents, or throws and changes nothing.
 */
export function createReload(
  started: Config,
  read: () => Config,
  change: (next: Config) => void,
  log: Logger,
): () => void {
  let running = started;
  return () => {
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
      if (isQuieter) report();
      log.level = next.byName.LOG_LEVEL;
      if (!isQuieter) report();
    } catch (error) {
      const problems = error instanceof ConfigError ? error.message.split("\n") : ["the settings cannot be read"];
      log.error({ problems }, "settings were read again and are wrong: the old ones stay");
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
