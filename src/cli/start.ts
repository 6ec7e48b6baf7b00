/** `npm start`: runs the gateway from its settings until a signal stops it. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ConfigError } from "../config/config.ts";
import { createGateway } from "../gateway.ts";

/** Loading the code leaves some 30 MB of emptied heap, which V8 would keep. It takes some 80 ms, but later, under load, far more. */
function returnMemory(): void {
  setFlagsFromString("--expose-gc");
  const collect: NodeJS.GCFunction = runInNewContext("gc");
  collect({ execution: "sync", flavor: "last-resort", type: "major" });
}

try {
  // Until it has started nothing is under way: it ends at once. As process 1 it would get no signal without a listener.
  let stop = (): void => process.exit(0);
  let isChanged = false;
  let reload = () => {
    isChanged = true;
  };
  // In a terminal SIGHUP means that the terminal was closed.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop());
  process.on("SIGHUP", () => (process.stdout.isTTY ? stop() : reload()));
  await using gateway = await createGateway({ settings: process.env });
  await gateway.listen();
  returnMemory();
  reload = () => {
    try {
      gateway.reload();
    } catch {} // the log says what is wrong
  };
  if (isChanged) reload();
  await new Promise<void>((resolve) => {
    stop = resolve;
  });
  gateway.log.info("stopping: requests under way may end; a second signal ends at once");
  stop = () => process.exit(1);
} catch (error) {
  const isExplained = error instanceof ConfigError || (error instanceof Error && "syscall" in error);
  process.stderr.write(`The gateway cannot start.\n${isExplained ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
