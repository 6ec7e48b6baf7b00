import { pino } from "pino";
import { ConfigError, readConfig } from "./config.ts";
import { start } from "./start.ts";

/** Lines for people in a terminal, JSON elsewhere. */
async function toLogTarget() {
  if (!process.stdout.isTTY) return pino.destination(1);
  const { default: pretty } = await import("pino-pretty");
  return pretty({ sync: true, translateTime: "HH:MM:ss" });
}

/** The command: settings → parts → listen → signals. */
try {
  const config = readConfig(process.env);
  const log = pino({ level: config.logLevel, base: null }, await toLogTarget());
  await using _server = await start(config, log);
  // Loading the code leaves some 30 MB of emptied heap, which V8 would keep. `npm start` exposes the collector.
  globalThis.gc?.({ execution: "sync", flavor: "last-resort", type: "major" });
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
  });
  log.info("stopping: requests under way may end; a second signal ends at once");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
} catch (error) {
  const isExplained = error instanceof ConfigError || (error instanceof Error && "syscall" in error);
  process.stderr.write(`The gateway cannot start.\n${isExplained ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
