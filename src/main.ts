import { pino } from "pino";
import { createAuthenticate } from "./auth.ts";
import { ConfigError, readConfig } from "./config.ts";
import { createCursorSeal } from "./cursor.ts";
import { createGateway } from "./gateway.ts";
import { startSandbox } from "./sandbox/server.ts";
import { startServer } from "./server.ts";
import { createUpstreamClient } from "./upstream/client.ts";

/** The command: settings → parts → listen → signals. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = pino({ level: config.logLevel, base: null }, await toLogTarget());
  await using parts = new AsyncDisposableStack();

  let stack = config.upstream;
  if (stack.kind === "sandbox") {
    const { url, clientId, clientSecret } = parts.use(await startSandbox());
    stack = { kind: "stack", url: new URL(url), credentials: { kind: "client", clientId, clientSecret } };
    log.info(`no FORMANCE_API_URL is set: serving the embedded sandbox at ${url}, with invented people and banks`);
  }
  const upstream = parts.use(createUpstreamClient({ ...stack, timeoutMs: 10_000, sockets: 128 }));
  const gateway = createGateway({
    ...config,
    upstream,
    authenticate: createAuthenticate(config.auth),
    cursors: createCursorSeal(config.cursorSecret),
    log,
  });
  const server = parts.use(await startServer({ ...config, ...config.listen, gateway, upstream, log }));
  if (config.auth.kind === "open") log.warn("authentication is off: every caller is an operator");
  log.info(`GraphQL is at ${server.url}/graphql${config.graphiql ? ", in a browser with GraphiQL" : ""}`);

  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
  });
  log.info("stopping: requests under way may end");
}

/** Lines for people in a terminal, JSON elsewhere. */
async function toLogTarget() {
  if (!process.stdout.isTTY) return pino.destination(1);
  const { default: pretty } = await import("pino-pretty");
  return pretty({ sync: true, translateTime: "HH:MM:ss" });
}

try {
  await main();
} catch (error) {
  const isExplained = error instanceof ConfigError || (error instanceof Error && "syscall" in error);
  process.stderr.write(`The gateway cannot start.\n${isExplained ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
