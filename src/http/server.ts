/** node:http: routes, start, drain. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import type { Logger } from "pino";
import { starting } from "../errors.ts";
import { keepRecent } from "../lib/recent.ts";
import type { Live } from "../live/live.ts";
import { type WebhookReceiver, webhookPath } from "../live/webhook-receiver.ts";
import { toErrorName } from "../observability/error-name.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { UpstreamClient } from "../upstream/client.ts";
import { answerPage, notFound } from "./browser-page.ts";
import { createRefusal } from "./error-response.ts";
import type { Graphql } from "./graphql.ts";
import { atMostEvery, createReadinessCheck } from "./health.ts";
import { isPageRequest } from "./request-guard.ts";
import { setSecurityHeaders } from "./security-headers.ts";
import { serveWebSockets } from "./websocket/server.ts";

export type ServerOptions = {
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
};

/** What is served, once it has started. */
export type Service = {
  readonly graphql: Graphql;
  readonly upstream: UpstreamClient;
  readonly live: Live & Disposable;
  /** The state of each source of events. Without them everything still works, only later. */
  readonly eventSources: () => Readonly<Record<string, "connected" | "degraded">>;
  /** `null`: the stack's webhooks are not accepted. */
  readonly webhooks: WebhookReceiver | null;
  /** Whether `/` leads to GraphiQL for other clients than browsers, too. */
  readonly graphiql: boolean;
  /** Between two pings of a WebSocket; default 12 s. */
  readonly pingMs?: number;
  /** How long what is running may take to end when the server stops; default 10 s. */
  readonly graceMs?: number;
  /** Over how long open sockets and streams are closed; default 1 s. */
  readonly drainMs?: number;
};

export type Server = AsyncDisposable & {
  /** Where it listens, without a path. */
  readonly url: string;
  /**
   * From now on it serves. Once only. Disposing stops it in order: `/health/ready` answers 503 and no stream is opened any
   * more; sockets and streams are closed; then no connection is accepted, and requests that are running end.
   */
  serve(service: Service): AsyncDisposable;
};

/**
 * Listens. Until there is something to serve it is live, but not ready; so an orchestrator can tell one that waits for its
 * parts from one that hangs.
 * @throws when the address cannot be listened on.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { metrics, log } = options;
  let serving: (Service & { readonly toUnreadiness: () => Promise<string | null> }) | null = null;
  let isDraining = false;
  const toMetrics = atMostEvery(minScrapeMs, metrics.text);

  async function answerReady(response: ServerResponse): Promise<void> {
    const reason = isDraining ? "draining" : serving === null ? "starting" : await serving.toUnreadiness();
    const status = reason === null ? { status: "ready" } : { status: "not ready", reason };
    answerJson(response, reason === null ? 200 : 503, {
      ...status,
      ...(serving && { eventSources: serving.eventSources() }),
    });
  }

  async function route(request: IncomingMessage, response: ServerResponse, onError: OnError): Promise<void> {
    // The absolute form, which a proxy may send (RFC 9112, 3.2.2).
    if (/^https?:\/\//i.test(request.url ?? "") && URL.canParse(request.url ?? "")) {
      const { pathname, search } = new URL(request.url ?? "");
      request.url = pathname + search;
    }
    // Yoga makes a URL of it, and would answer a stack trace where it cannot.
    if (!isServable(request)) {
      setSecurityHeaders(response);
      answerJson(response, 400, { status: "bad request" });
      return;
    }
    const path = request.url?.split("?", 1)[0];
    if (path === "/graphql" && serving !== null) return serving.graphql.handle(request, response, onError);
    setSecurityHeaders(response);
    if (path === "/health/live") {
      answerJson(response, 200, { status: "live" });
    } else if (path === "/health/ready") {
      await answerReady(response);
    } else if (path === "/metrics" && (request.method === "GET" || request.method === "HEAD")) {
      response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" });
      response.end(await toMetrics());
    } else if (serving === null && path === "/graphql") {
      startingRefusal.send(request, response);
    } else if (serving === null) {
      response.setHeader("retry-after", "1");
      answerJson(response, 503, { status: "starting" });
    } else if (path === webhookPath && serving.webhooks !== null) {
      await serving.webhooks.receive(request, response, serving.graphql.addressOf(request));
    } else if (path === "/" && (serving.graphiql || isPageRequest(request))) {
      response.writeHead(302, { location: "/graphql" }).end();
    } else if (isPageRequest(request)) {
      answerPage(response, notFound);
    } else {
      answerJson(response, 404, { status: "not found" });
    }
  }

  // Without this, `Upgrade: h2c` (the habit of some HTTP clients) would end in a refusal instead of an answer.
  const isWebSocket = ({ headers }: IncomingMessage) =>
    serving !== null && headers.upgrade?.toLowerCase() === "websocket";
  const server = createServer({ shouldUpgradeCallback: isWebSocket }, (request, response) => {
    const onError = (error: unknown) => {
      log.error({ name: toErrorName(error) }, "request failed");
      if (response.headersSent) {
        response.destroy();
        return;
      }
      for (const name of response.getHeaderNames()) response.removeHeader(name); // of the answer that failed
      setSecurityHeaders(response);
      answerJson(response, 500, { status: "failed" });
    };
    route(request, response, onError).catch(onError);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, options.host, resolve);
  });
  metrics.measure({ connections: () => promisify(server.getConnections.bind(server))() });

  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    // A connection is idle when its last request has ended; a client's keep-alive must not delay the end.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    await closed;
    clearInterval(sweep);
  }

  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    serve(service) {
      const { graphql, upstream, live, graceMs = 10_000, drainMs = 1000 } = service;
      const sockets = serveWebSockets(server, graphql, service.pingMs);
      metrics.measure({ websockets: sockets.size });
      serving = { ...service, toUnreadiness: createReadinessCheck(upstream) };
      return {
        async [Symbol.asyncDispose]() {
          if (isDraining) return;
          isDraining = true;
          const giveUp = setTimeout(() => server.closeAllConnections(), graceMs);
          // Clients of a socket or a stream come back at once, to a replica that is ready: they are closed one after the
          // other. Until then others can still connect, at least to see that this one is not ready.
          await Promise.all([sockets.drain(drainMs, graceMs / 2), live.watchers.drain(drainMs)]);
          await close();
          clearTimeout(giveUp);
        },
      };
    },
    // Requests while the start fails get no answer.
    async [Symbol.asyncDispose]() {
      const closed = close();
      server.closeAllConnections();
      await closed;
    },
  };
}

type OnError = (error: unknown) => void;

function isServable({ headers: { host = "localhost" }, url = "/" }: IncomingMessage): boolean {
  return url === "/graphql" ? isHostOfUrl(host) : URL.canParse(`http://${host}${url}`);
}

const isHostOfUrl = keepRecent((host) => URL.canParse(`http://${host}/`));

/** However often they are scraped, metrics are collected no more often. */
const minScrapeMs = 100;

/** As under overload: clients know it as an error that is worth another try. */
const startingRefusal = createRefusal(starting());

function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
