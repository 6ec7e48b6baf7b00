import type { Logger } from "pino";
import { createAuthenticate } from "./auth.ts";
import type { Config } from "./config.ts";
import { createCursorSeal } from "./cursor.ts";
import { createGateway } from "./gateway.ts";
import { createMemoryBus } from "./live/bus.ts";
import { createLive } from "./live/live.ts";
import { startSandbox } from "./sandbox/server.ts";
import { type Server, startServer } from "./server.ts";
import { createUpstreamClient } from "./upstream/client.ts";

/** From settings to a gateway that listens; with the embedded sandbox when no stack is named. */
export async function start(config: Config, log: Logger): Promise<Server> {
  await using starting = new AsyncDisposableStack();
  let stack = config.upstream;
  if (stack.kind === "sandbox") {
    const { url, clientId, clientSecret } = starting.use(await startSandbox());
    stack = { kind: "stack", url: new URL(url), credentials: { kind: "client", clientId, clientSecret } };
    log.info(`no FORMANCE_API_URL is set: serving the embedded sandbox at ${url}, with invented people and banks`);
  }
  const upstream = starting.use(createUpstreamClient({ ...stack, timeoutMs: 10_000, sockets: 128 }));
  const bus = starting.use(createMemoryBus());
  const live = starting.use(createLive(bus, upstream, { limits: { streams: 10_000, streamsPerViewer: 10_000 } }));
  const gateway = createGateway({
    ...config,
    upstream,
    live,
    authenticate: createAuthenticate(config.auth),
    cursors: createCursorSeal(config.cursorSecret),
    log,
  });
  const { url } = starting.use(
    await startServer({ ...config, ...config.listen, gateway, upstream, live, bus, webhooks: null, log }),
  );
  if (config.auth.kind === "open") log.warn("authentication is off: every caller is an operator");
  log.info(`GraphQL is at ${url}/graphql${config.graphiql ? ", in a browser with GraphiQL" : ""}`);
  const started = starting.move();
  return { url, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
