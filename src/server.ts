import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import helmet from "helmet";
import type { Logger } from "pino";
import type { Gateway } from "./gateway.ts";
import type { Live } from "./live/live.ts";
import type { WebhookReceiver } from "./live/webhook.ts";
import type { UpstreamClient } from "./upstream/client.ts";
import { UpstreamError } from "./upstream/errors.ts";
import { serveWebSockets } from "./websocket.ts";

export type ServerOptions = {
  readonly gateway: Gateway;
  readonly upstream: UpstreamClient;
  readonly live: Live & Disposable;
  /** How the ways in for hints are. Without them everything still works, only later. */
  readonly hints: () => Readonly<Record<string, "connected" | "degraded">>;
  /** `null`: the stack's webhooks are not taken. */
  readonly webhooks: WebhookReceiver | null;
  readonly log: Logger;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Whether `/` leads to GraphiQL. */
  readonly graphiql: boolean;
  /** Between two pings of a WebSocket; default 12 s. */
  readonly pingMs?: number;
  /** How long what is under way may take to end when the server stops; default 10 s. */
  readonly graceMs?: number;
  /** Over how long open sockets and streams are ended; default 1 s. */
  readonly sendOffMs?: number;
};

export type Server = AsyncDisposable & {
  /** Where it listens, without a path. */
  readonly url: string;
};

/** Where the stack's Webhooks module is to send its events. */
export const webhookPath = "/webhooks/formance";

/**
 * Listens. Disposing stops it in order: `/health/ready` answers 503 and no stream is opened any more; sockets and
 * streams are sent elsewhere; then no connection is taken, and requests under way end.
 * @throws when the address cannot be listened on.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { gateway, upstream, log, graceMs = 10_000, sendOffMs = 1000 } = options;
  let draining = false;
  const unreadiness = createUnreadiness(upstream);

  const setSecurityHeaders = helmet({
    // Nothing here is a page, but for GraphiQL, which brings its own policy.
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    xFrameOptions: { action: "deny" },
    strictTransportSecurity: false, // for whoever ends TLS to decide
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Yoga makes a URL of it, and would tell a stack trace where it cannot.
    if (!URL.canParse(`http://${request.headers.host ?? "localhost"}${request.url ?? "/"}`)) {
      answerJson(response, 400, { status: "bad request" });
      return;
    }
    const path = request.url?.split("?", 1)[0];
    if (path === "/graphql") {
      await gateway.handle(request, response);
    } else if (path === webhookPath && options.webhooks !== null) {
      await options.webhooks.receive(request, response);
    } else if (path === "/health/live") {
      answerJson(response, 200, { status: "live" });
    } else if (path === "/health/ready") {
      const reason = draining ? "draining" : await unreadiness();
      const hints = options.hints();
      answerJson(
        response,
        reason === null ? 200 : 503,
        reason === null ? { status: "ready", hints } : { status: "not ready", reason, hints },
      );
    } else if (path === "/" && options.graphiql) {
      response.writeHead(302, { location: "/graphql" }).end();
    } else {
      answerJson(response, 404, { status: "not found" });
    }
  }

  // Without this, `Upgrade: h2c` (the habit of some HTTP clients) would end in a refusal instead of an answer.
  const isWebSocket = ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === "websocket";
  const server = createServer({ shouldUpgradeCallback: isWebSocket }, (request, response) => {
    setSecurityHeaders(request, response, () => {});
    answer(request, response).catch((error: unknown) => {
      log.error({ name: error instanceof Error ? error.name : typeof error }, "request failed");
      if (response.headersSent) response.destroy();
      else answerJson(response, 500, { status: "failed" });
    });
  });
  const sockets = serveWebSockets(server, gateway, options.pingMs);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, options.host, resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    async [Symbol.asyncDispose]() {
      if (draining) return;
      draining = true;
      const giveUp = setTimeout(() => server.closeAllConnections(), graceMs);
      // Clients of a socket or a stream come back at once, to whoever is ready: they are sent off one after the other.
      // Until then others can still ask, at least whether this one is ready.
      await Promise.all([
        sockets.drain(sendOffMs, graceMs / 2),
        gateway.drain(sendOffMs),
        options.live.watches.drain(sendOffMs),
      ]);
      const closed = new Promise((resolve) => server.close(resolve));
      // A connection falls idle when its last request has ended; a client's keep-alive must not hold up the end.
      const sweep = setInterval(() => server.closeIdleConnections(), 50);
      await closed;
      clearInterval(sweep);
      clearTimeout(giveUp);
    },
  };
}

/** Anybody may ask: however often, the stack is asked once a second. */
const askAgainMs = 1000;
/** Whoever probes does not wait for long. */
const answersWithinMs = 2000;

function createUnreadiness(upstream: UpstreamClient): () => Promise<string | null> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let answer: Promise<string | null> = Promise.resolve(null);
  return () => {
    if (performance.now() - askedAt < askAgainMs) return answer;
    askedAt = performance.now();
    answer = toUnreadiness(upstream);
    return answer;
  };
}

/** Why no query could be answered now; `null` when the stack is well. */
async function toUnreadiness(upstream: UpstreamClient): Promise<string | null> {
  try {
    await upstream.within({ timeoutMs: answersWithinMs }).health();
    return null;
  } catch (error) {
    return error instanceof UpstreamError ? `upstream ${error.kind}` : "upstream unavailable";
  }
}

function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
