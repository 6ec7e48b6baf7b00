import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import type { Logger } from "pino";
import { starting } from "../errors.ts";
import type { Live } from "../live/live.ts";
import { type WebhookReceiver, webhookPath } from "../live/webhook-receiver.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { UpstreamClient } from "../upstream/client.ts";
import { UpstreamError } from "../upstream/errors.ts";
import { createRefusal } from "./error-response.ts";
import { securityHeaders } from "./security-headers.ts";
import { serveWebSockets } from "./websocket.ts";
import type { Gateway } from "./yoga.ts";

export type ServerOptions = {
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
};

/** What is served, once it has started. */
export type Service = {
  readonly gateway: Gateway;
  readonly upstream: UpstreamClient;
  readonly live: Live & Disposable;
  /** How the ways in for hints are. Without them everything still works, only later. */
  readonly hints: () => Readonly<Record<string, "connected" | "degraded">>;
  /** `null`: the stack's webhooks are not taken. */
  readonly webhooks: WebhookReceiver | null;
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
  /**
   * From now on it answers more than that it is starting. Once only. Disposing stops it in order: `/health/ready` answers
   * 503 and no stream is opened any more; sockets and streams are sent elsewhere; then no connection is taken, and
   * requests under way end.
   */
  serve(service: Service): AsyncDisposable;
};

/**
 * Listens. Until there is something to serve it answers that it is live, but not ready; so whoever started it can tell
 * one that waits for its parts from one that hangs.
 * @throws when the address cannot be listened on.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { metrics, log } = options;
  let serving: (Service & { readonly unreadiness: () => Promise<string | null> }) | null = null;
  let isDraining = false;
  const toMetrics = atMostEvery(shortestScrapeMs, metrics.text);

  async function answerReady(response: ServerResponse): Promise<void> {
    const reason = isDraining ? "draining" : serving === null ? "starting" : await serving.unreadiness();
    const status = reason === null ? { status: "ready" } : { status: "not ready", reason };
    answerJson(response, reason === null ? 200 : 503, { ...status, ...(serving && { hints: serving.hints() }) });
  }

  async function answer(request: IncomingMessage, response: ServerResponse, body?: Buffer): Promise<void> {
    for (const [name, value] of securityHeaders) response.setHeader(name, value);
    // Yoga makes a URL of it, and would tell a stack trace where it cannot.
    if (!URL.canParse(`http://${request.headers.host ?? "localhost"}${request.url ?? "/"}`)) {
      answerJson(response, 400, { status: "bad request" });
      return;
    }
    const path = request.url?.split("?", 1)[0];
    if (path === "/health/live") {
      answerJson(response, 200, { status: "live" });
    } else if (path === "/health/ready") {
      await answerReady(response);
    } else if (path === "/metrics" && (request.method === "GET" || request.method === "HEAD")) {
      response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" });
      response.end(await toMetrics());
    } else if (serving === null && path === "/graphql") {
      refuseEarly(request, response);
    } else if (serving === null) {
      response.setHeader("retry-after", "1");
      answerJson(response, 503, { status: "starting" });
    } else if (path === "/graphql") {
      await serving.gateway.handle(request, response, body);
    } else if (path === webhookPath && serving.webhooks !== null) {
      await serving.webhooks.receive(request, response);
    } else if (path === "/" && serving.graphiql) {
      response.writeHead(302, { location: "/graphql" }).end();
    } else {
      answerJson(response, 404, { status: "not found" });
    }
  }

  // Without this, `Upgrade: h2c` (the habit of some HTTP clients) would end in a refusal instead of an answer.
  const isWebSocket = ({ headers }: IncomingMessage) =>
    serving !== null && headers.upgrade?.toLowerCase() === "websocket";
  const server = createServer({ shouldUpgradeCallback: isWebSocket }, (request, response) => {
    const fail = (error: unknown) => {
      log.error({ name: error instanceof Error ? error.name : typeof error }, "request failed");
      if (response.headersSent) response.destroy();
      else answerJson(response, 500, { status: "failed" });
    };
    if (request.url === "/graphql" && serving !== null) {
      // First of all, since it is there to cost next to nothing.
      if (serving.gateway.turnAway(request, response)) return;
      const answering = serving.gateway.post(request, response, fail);
      if (answering !== false) {
        answering.then((body) => (body === null ? undefined : answer(request, response, body))).catch(fail);
        return;
      }
    }
    answer(request, response).catch(fail);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, options.host, resolve);
  });
  metrics.measure({ connections: () => promisify(server.getConnections.bind(server))() });

  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    // A connection falls idle when its last request has ended; a client's keep-alive must not hold up the end.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    await closed;
    clearInterval(sweep);
  }

  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    serve(service) {
      const { gateway, upstream, live, graceMs = 10_000, sendOffMs = 1000 } = service;
      const sockets = serveWebSockets(server, gateway, service.pingMs);
      metrics.measure({ websockets: sockets.size });
      serving = { ...service, unreadiness: atMostEvery(askAgainMs, () => toUnreadiness(upstream)) };
      return {
        async [Symbol.asyncDispose]() {
          if (isDraining) return;
          isDraining = true;
          const giveUp = setTimeout(() => server.closeAllConnections(), graceMs);
          // Clients of a socket or a stream come back at once, to whoever is ready: they are sent off one after the
          // other. Until then others can still ask, at least whether this one is ready.
          await Promise.all([
            sockets.drain(sendOffMs, graceMs / 2),
            gateway.drain(sendOffMs),
            live.watchers.drain(sendOffMs),
          ]);
          await close();
          clearTimeout(giveUp);
        },
      };
    },
    // Whoever asks while the start fails learns nothing more.
    async [Symbol.asyncDispose]() {
      const closed = close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Anybody may ask: however often, the stack is asked once a second. */
const askAgainMs = 1000;
/** Whoever probes does not wait for long. */
const answersWithinMs = 2000;
/** However often they are asked for, metrics are written out no more often. */
const shortestScrapeMs = 100;

/** Does the work at most once in that time: whoever asks sooner gets what it came to last. */
function atMostEvery<Value>(ms: number, work: () => Promise<Value>): () => Promise<Value> {
  let last: { readonly at: number; readonly value: Promise<Value> } | undefined;
  return () => {
    if (last === undefined || performance.now() - last.at >= ms) last = { at: performance.now(), value: work() };
    return last.value;
  };
}

/** Why no query could be answered now; `null` when the stack is well. */
async function toUnreadiness(upstream: UpstreamClient): Promise<string | null> {
  const calls = upstream.within({ timeoutMs: answersWithinMs });
  try {
    await calls.health();
    // Nobody sends requests to who is not ready: then this is the call that finds out whether others are answered again.
    if (upstream.state().breaker !== "closed") await calls.connectors({ pageSize: 1 });
    return null;
  } catch (error) {
    if (upstream.state().breaker !== "closed") return "upstream breaker open";
    return error instanceof UpstreamError ? `upstream ${error.kind}` : "upstream unavailable";
  }
}

/** As when there is no room: clients know it as an error that is worth another try. */
const refuseEarly = createRefusal(starting());

function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
