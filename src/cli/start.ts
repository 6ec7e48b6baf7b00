/** `npm start`: runs the gateway from its settings until a signal stops it, and says in a terminal what can be done next. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { readConfig } from "../config/config.ts";
import { toCommandLine, toDocument } from "../config/own-package.ts";
import { createGateway } from "../gateway.ts";
import { readArguments } from "./command.ts";
import { toNextSteps } from "./next-steps.ts";
import { toStartFailure } from "./start-failure.ts";
import { onStopSignal } from "./stop-signals.ts";

export const usage = `${toCommandLine("start")}

Runs the gateway until SIGTERM or Ctrl-C. Its settings are environment variables, or lines of the file that
SETTINGS_FILE names: ${toDocument("configuration.md")} has them all.
Without FORMANCE_API_URL it serves an embedded sandbox.

  --help  print this
`;

/** Loading the code leaves some 30 MB of emptied heap, which V8 would keep. It takes some 80 ms, but later, under load, far more. */
function returnMemory(): void {
  setFlagsFromString("--expose-gc");
  const collect: NodeJS.GCFunction = runInNewContext("gc");
  collect({ execution: "sync", flavor: "last-resort", type: "major" });
}

/** In a terminal, and not in production: elsewhere the output is a log. */
function sayNextSteps(url: string): void {
  if (!process.stdout.isTTY) return;
  const { byName, graphiql, upstream } = readConfig(process.env);
  if (byName.NODE_ENV === "production") return;
  const steps: [string, string][] = [["The journey of an app, step by step:", toCommandLine("demo")]];
  if (graphiql) steps.unshift(["Queries in a browser:", `${url}/graphql`]);
  if (upstream.kind === "sandbox") steps.push(["Your own stack:", toDocument("your-stack.md")]);
  process.stdout.write(`${toNextSteps(steps)}\n`);
}

export async function run(args: readonly string[]): Promise<void> {
  readArguments(args, { options: {} });
  try {
    await runGateway();
  } catch (error) {
    process.stderr.write(toStartFailure(error));
    process.exitCode = 1;
  }
}

async function runGateway(): Promise<void> {
  // Until it has started nothing is under way: it ends at once. As process 1 it would get no signal without a listener.
  let stop = (): void => process.exit(0);
  let isChanged = false;
  let reload = () => {
    isChanged = true;
  };
  onStopSignal(() => stop());
  // In a terminal SIGHUP means that the terminal was closed.
  process.on("SIGHUP", () => (process.stdout.isTTY ? stop() : reload()));
  await using gateway = await createGateway({ settings: process.env });
  const url = await gateway.listen();
  returnMemory();
  reload = () => {
    try {
      gateway.reload();
    } catch {} // the log says what is wrong
  };
  if (isChanged) reload();
  sayNextSteps(url);
  await new Promise<void>((resolve) => {
    stop = resolve;
  });
  gateway.log.info("stopping: requests under way may end; a second signal ends at once");
  stop = () => process.exit(1);
}
