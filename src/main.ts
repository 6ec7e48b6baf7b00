import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { pino } from "pino";
import { ConfigError, readSettings } from "./config.ts";
import { createReload } from "./reload.ts";
import { start } from "./start.ts";

/** Lines for people in a terminal, JSON elsewhere. */
async function toLogTarget() {
  if (!process.stdout.isTTY) return pino.destination(1);
  const { default: pretty } = await import("pino-pretty");
  return pretty({ sync: true, translateTime: "HH:MM:ss" });
}

/** Loading the code leaves some 30 MB of emptied heap, which V8 would keep. */
function returnMemory(): void {
  setFlagsFromString("--expose-gc");
  const collect: NodeJS.GCFunction = runInNewContext("gc");
  collect({ execution: "sync", flavor: "last-resort", type: "major" });
}

/** The command: settings → parts → listen → signals. */
try {
  const settings = readSettings(process.env);
  const log = pino({ level: settings.config.logLevel, base: null }, await toLogTarget());
  await using gateway = await start(settings.config, log);
  returnMemory();
  const stops: NodeJS.Signals[] = ["SIGINT", "SIGTERM"];
  // In a terminal it means that the terminal was closed.
  if (process.stdout.isTTY) stops.push("SIGHUP");
  else
    process.on(
      "SIGHUP",
      createReload(settings, () => readSettings(process.env), gateway.change, log),
    );
  await new Promise((resolve) => {
    for (const signal of stops) process.once(signal, resolve);
  });
  log.info("stopping: requests under way may end; a second signal ends at once");
  for (const signal of stops) process.on(signal, () => process.exit(1));
} catch (error) {
  const isExplained = error instanceof ConfigError || (error instanceof Error && "syscall" in error);
  process.stderr.write(`The gateway cannot start.\n${isExplained ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
