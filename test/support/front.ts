import { execFileSync } from "node:child_process";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export type FrontOptions = {
  /** How far the `Date` of its answers is ahead. */
  readonly aheadMs?: number;
  /** A key and a certificate, both in PEM: with them it speaks TLS. */
  readonly pem?: string;
  /** What it answers by itself. */
  readonly answer?: (request: IncomingMessage) => Response | null;
};

export type Front = AsyncDisposable & { readonly url: string };

/** What stands before a stack: hands on what it is asked, and changes what it is told to change. */
export async function startFront(target: string, options: FrontOptions = {}): Promise<Front> {
  const { aheadMs = 0, pem, answer = () => null } = options;
  const listener: RequestListener = async (request, response) => {
    const { method = "GET", headers } = request;
    const body = await buffer(request);
    const answered =
      answer(request) ??
      (await fetch(new URL(request.url ?? "/", target), {
        method,
        redirect: "manual",
        headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
          name === "authorization" || name === "content-type" ? [[name, String(value)]] : [],
        ),
        ...(body.length > 0 && method !== "GET" && { body }),
      }));
    const text = await answered.text();
    response.writeHead(answered.status, {
      "content-type": answered.headers.get("content-type") ?? "text/plain",
      date: new Date(Date.now() + aheadMs).toUTCString(),
      ...(answered.headers.has("location") && { location: answered.headers.get("location") ?? "" }),
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

/** A key, and a certificate for 127.0.0.1 that only it itself vouches for. */
export function createCertificate(): string {
  const words =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=stack -keyout - -out -";
  return execFileSync("openssl", [...words.split(" "), "-addext", "subjectAltName=IP:127.0.0.1"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}
