import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { pino } from "pino";
import { start } from "../app.ts";
import { ConfigError, readSettings } from "../config/config.ts";
import { createReload } from "../config/reload.ts";

/** For so long lines wait for others to be written with. A process that is killed takes them along. */
const togetherMs = 10;

/** Lines for people in a terminal, JSON elsewhere. A write for each line would be the largest part of a small query. */
async function toLogTarget() {
  if (!process.stdout.isTTY) {
    const target = pino.destination({ dest: 1, sync: true });
    let lines = "";
    const flush = () => {
      if (lines !== "") target.write(lines);
      lines = "";
    };
    process.on("exit", () => {
      flush();
      target.flushSync(); // what a slow reader of a pipe has not taken yet
    });
    return {
      write(line: string) {
        if (lines === "") setTimeout(flush, togetherMs).unref();
        lines += line;
      },
    };
  }
  const { default: pretty } = await import("pino-pretty");
  return pretty({ sync: true, translateTime: "HH:MM:ss" });
}

/** Loading the code leaves some 30 MB of emptied heap, which V8 would keep. It takes some 80 ms, but later, under load, far more. */
function returnMemory(): void {
  setFlagsFromString("--expose-gc");
  const collect: NodeJS.GCFunction = runInNewContext("gc");
  collect({ execution: "sync", flavor: "last-resort", type: "major" });
}

/** The command: settings → signals → parts → listen. */
try {
  const settings = readSettings(process.env);
  const log = pino({ level: settings.config.logLevel, base: null }, await toLogTarget());
  // Until it has started nothing is under way: it ends at once. As process 1 it would hear no signal without a listener.
  let stop = (): void => process.exit(0);
  let isChanged = false;
  let reload = () => {
    isChanged = true;
  };
  // In a terminal SIGHUP means that the terminal was closed.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop());
  process.on("SIGHUP", () => (process.stdout.isTTY ? stop() : reload()));
  await using gateway = await start(settings.config, log);
  returnMemory();
  reload = createReload(settings, () => readSettings(process.env), gateway.change, log);
  if (isChanged) reload();
  await new Promise<void>((resolve) => {
    stop = resolve;
  });
  log.info("stopping: requests under way may end; a second signal ends at once");
  stop = () => process.exit(1);
} catch (error) {
  const isExplained = error instanceof ConfigError || (error instanceof Error && "syscall" in error);
  process.stderr.write(`The gateway cannot start.\n${isExplained ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
