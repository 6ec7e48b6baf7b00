/** The way through an HTTP proxy: a tunnel (CONNECT) to an https origin, and whole URLs in the requests to an http one. */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { buildConnector, type Dispatcher, Pool } from "undici";
import { toProblemKind } from "../reconnecting-connection.ts";

/** The proxy opened no way to the origin. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  /** `PROXY_` with the proxy's status, such as `PROXY_407`, or with why there was none, such as `PROXY_ECONNREFUSED`. */
  readonly code: string;

  constructor(reason: string) {
    super(`PROXY_${reason}`);
    this.code = this.message;
  }
}

/** The status that the proxy answered with, if that is why there is no way; `null` for every other error. */
export function proxyStatusOf(code: string): number | null {
  const [, status] = /^PROXY_(\d{3})$/.exec(code) ?? [];
  return status === undefined ? null : Number(status);
}

export type ProxyRoute = {
  /** For undici: where a client of this origin connects to, and how. */
  readonly origin: string;
  readonly connect: buildConnector.connector;
  /** What it sends there for this request. */
  toOptions(options: Dispatcher.DispatchOptions): Dispatcher.DispatchOptions;
};

/** @param proxy may hold user and password. */
export function createProxyRoute(origin: string, proxy: URL, timeoutMs: number): ProxyRoute {
  const { protocol, host } = new URL(origin);
  if (protocol === "https:")
    return { origin, connect: createTunnel(proxy, timeoutMs), toOptions: (options) => options };
  const added = { host, ...toAuthorization(proxy) };
  return {
    origin: proxy.origin,
    connect: connectTo(timeoutMs),
    toOptions: (options) => ({
      ...options,
      origin: proxy.origin,
      path: origin + options.path,
      headers: Array.isArray(options.headers)
        ? [...options.headers, ...Object.entries(added).flat()]
        : { ...(options.headers as Record<string, string>), ...added },
    }),
  };
}

/** A pool of connections to the origin, through the proxy where there is one. */
export function createDispatcher(
  origin: string,
  proxy: URL | null,
  options: Pool.Options & { readonly timeoutMs: number },
): Dispatcher {
  const { timeoutMs, ...rest } = options;
  if (proxy === null) return new Pool(origin, { ...rest, connect: { timeout: timeoutMs } });
  const route = createProxyRoute(origin, proxy, timeoutMs);
  const pool = new Pool(route.origin, { ...rest, connect: route.connect });
  return pool.compose((dispatch) => (request, handler) => dispatch(route.toOptions(request), handler));
}

/** Errors on the way to the proxy itself are the proxy's. */
function connectTo(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs });
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error === null) callback(null, socket);
      else callback(new ProxyError(toProblemKind(error)), null);
    });
}

/** TLS runs through the tunnel, so that the proxy sees no more than the host's name. */
function createTunnel(proxy: URL, timeoutMs: number): buildConnector.connector {
  const secure = buildConnector({ timeout: timeoutMs });
  const request = proxy.protocol === "https:" ? requestHttps : requestHttp;
  return (options, callback) => {
    const target = options.port ? options.host : `${options.host}:443`;
    const fail = (reason: string) => callback(new ProxyError(reason), null);
    const connecting = request(proxy, {
      method: "CONNECT",
      path: target,
      headers: { host: target, ...toAuthorization(proxy) },
      auth: null,
      agent: false,
    });
    // In all: an answer that comes byte by byte would never be idle.
    const timer = setTimeout(() => {
      connecting.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" }));
    }, timeoutMs);
    connecting
      .once("connect", ({ statusCode = 0 }, socket, head) => {
        socket.on("error", () => {});
        if (head.length > 0) socket.unshift(head);
        if (statusCode >= 200 && statusCode <= 299) secure({ ...options, httpSocket: socket as never }, callback);
        else {
          socket.destroy();
          fail(String(statusCode));
        }
      })
      .once("error", (error) => fail(toProblemKind(error)))
      .once("close", () => clearTimeout(timer))
      .end();
  };
}

function toAuthorization({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(text).toString("base64")}` };
}
