/** A proxy in front of a stack that rewrites its responses: dates, TLS, or whole answers. */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export type RewritingProxyOptions = {
  /** By how much the `Date` header of its responses is ahead. */
  readonly aheadMs?: number;
  /** A key and a certificate in PEM, for TLS. */
  readonly pem?: string;
  /** The responses that it makes by itself; `null` forwards the request. */
  readonly answer?: (request: IncomingMessage) => Response | null;
};

export type RewritingProxy = AsyncDisposable & { readonly url: string };

export async function startRewritingProxy(
  target: string,
  options: RewritingProxyOptions = {},
): Promise<RewritingProxy> {
  const { aheadMs = 0, pem, answer = () => null } = options;
  const listener: RequestListener = async (request, response) => {
    const { method = "GET", headers } = request;
    const body = await buffer(request);
    const rewritten =
      answer(request) ??
      (await fetch(new URL(request.url ?? "/", target), {
        method,
        redirect: "manual",
        headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
          name === "authorization" || name === "content-type" ? [[name, String(value)]] : [],
        ),
        ...(body.length > 0 && method !== "GET" && { body }),
      }));
    const text = await rewritten.text();
    response.writeHead(rewritten.status, {
      "content-type": rewritten.headers.get("content-type") ?? "text/plain",
      date: new Date(Date.now() + aheadMs).toUTCString(),
      ...(rewritten.headers.has("location") && { location: rewritten.headers.get("location") ?? "" }),
    });
    response.end(text);
  };
  const server = pem === undefined ? createServer(listener) : createSecureServer({ key: pem, cert: pem }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${pem === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
