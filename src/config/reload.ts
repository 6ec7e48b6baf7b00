import type { Logger } from "pino";
import { type Config, ConfigError, compareSettings, type Settings } from "./config.ts";

/**
 * Reads all settings again and takes over those that may change while the gateway runs. When one is wrong, none is.
 * Either way one line tells, by the settings' names and never by their values.
 *
 * @param started the settings that the gateway was started with.
 * @param change takes over limits and trusted documents, or throws and changes nothing.
 */
export function createReload(
  started: Settings,
  read: () => Settings,
  change: (next: Config) => void,
  log: Logger,
): () => void {
  let running = started;
  return () => {
    try {
      const next = read();
      const { changed, needRestart } = compareSettings(running, next);
      change(next.config);
      const taken = Object.fromEntries(changed.map((name) => [name, next.byName[name]]));
      running = { ...running, byName: { ...running.byName, ...taken } };
      const tell = () => {
        if (needRestart.length === 0) log.info({ changed }, "settings were read again");
        else log.warn({ changed, needRestart }, "settings were read again; some take effect with a restart only");
      };
      // Told at the level that tells more.
      const isQuieter = (log.levels.values[next.config.logLevel] ?? Number.POSITIVE_INFINITY) > log.levelVal;
      if (isQuieter) tell();
      log.level = next.config.logLevel;
      if (!isQuieter) tell();
    } catch (error) {
      const problems = error instanceof ConfigError ? error.message.split("\n") : ["the settings cannot be read"];
      log.error({ problems }, "settings were read again and are wrong: the old ones stay");
    }
  };
}
