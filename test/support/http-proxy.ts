/** An HTTP proxy as companies have: CONNECT and whole URLs, with user and password or without. */
import { once } from "node:events";
import { createServer, request as requestHttp } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Certificate } from "./fault-proxy.ts";
import { recordSecret } from "./record.ts";

export type HttpProxy = AsyncDisposable & {
  /** For `HTTPS_PROXY` and `HTTP_PROXY`, with user and password. */
  readonly url: string;
  /** What was requested of it so far, such as `CONNECT stack.test:443`. */
  readonly requests: readonly string[];
  /** It refuses everything with this status from now on, or nothing any more. */
  refuse(status: number | null): void;
};

export type HttpProxyOptions = {
  /** The local port of each host that it knows, such as `stack.test:443`. */
  readonly hosts: Readonly<Record<string, number>>;
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly tls?: Certificate;
};

export async function startHttpProxy({ hosts, credentials, tls }: HttpProxyOptions): Promise<HttpProxy> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let refusal: number | null = null;
  const text = credentials && `${credentials.user}:${credentials.password}`;
  const expected = text && `Basic ${Buffer.from(text).toString("base64")}`;
  recordSecret(credentials?.password);
  recordSecret(expected?.replace("Basic ", ""));

  /** @returns the local port, or the status of a refusal. */
  function decide(authorization: string | undefined, host: string): { port: number } | { status: number } {
    if (authorization !== expected) return { status: 407 };
    const port = hosts[host];
    return refusal !== null || port === undefined ? { status: refusal ?? 502 } : { port };
  }

  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("connect", ({ url = "", headers }, near: Socket) => {
    requests.push(`CONNECT ${url}`);
    const decision = decide(headers["proxy-authorization"], url);
    near.on("error", () => {});
    if ("status" in decision) return void near.end(`HTTP/1.1 ${decision.status} No\r\ncontent-length: 0\r\n\r\n`);
    const far = connect(decision.port, "127.0.0.1", () => {
      near.write("HTTP/1.1 200 Connection established\r\n\r\n");
      near.pipe(far).pipe(near);
    });
    far.on("error", () => near.destroy()).once("close", () => near.destroy());
    near.once("close", () => far.destroy());
  });
  server.on("request", (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const url = URL.parse(request.url ?? "");
    const decision = decide(request.headers["proxy-authorization"], `${url?.hostname}:${url?.port || 80}`);
    if (url === null || "status" in decision) {
      return void response.writeHead("status" in decision ? decision.status : 400, { "content-length": 0 }).end();
    }
    const { "proxy-authorization": _, ...headers } = request.headers;
    const options = { port: decision.port, method: request.method, path: url.pathname + url.search, headers };
    const forwarded = requestHttp({ host: "127.0.0.1", agent: false, ...options }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    request.pipe(forwarded);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const user = credentials ? `${credentials.user}:${encodeURIComponent(credentials.password)}@` : "";
  return {
    url: `${tls === undefined ? "http" : "https"}://${user}127.0.0.1:${port}`,
    requests,
    refuse: (status) => {
      refusal = status;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
