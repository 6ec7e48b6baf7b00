/** How far a connection to a server gets: name, TCP, TLS. */
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP, connect as openSocket, type Socket } from "node:net";
import { connect as secure, type TLSSocket } from "node:tls";
import { createProxyRoute, ProxyError } from "../lib/network/http-proxy.ts";
import { toProblemKind } from "../lib/reconnecting-connection.ts";

/** `failed` is the step that did not succeed. */
export type Reachability =
  | { readonly failed: null }
  | { readonly failed: "dns" | "tcp" | "tls" | "timeout" | "proxy"; readonly code: string };

const timeoutMs = 5000;

/** One step after the other, so that the one that failed is known. */
export async function checkReachability(url: URL, proxy: URL | null): Promise<Reachability> {
  return proxy === null ? checkDirectly(url) : checkThrough(proxy, url);
}

/** The proxy looks up the host's name. */
function checkThrough(proxy: URL, url: URL): Promise<Reachability> {
  const { origin, connect } = createProxyRoute(url.origin, proxy, timeoutMs);
  const { host, hostname, protocol, port } = new URL(origin);
  const plain = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    connect({ host, hostname: plain, protocol, port }, (error, socket) => {
      socket?.destroy();
      const code = toProblemKind(error);
      if (error === null) resolve({ failed: null });
      else resolve({ failed: error instanceof ProxyError ? "proxy" : "tls", code });
    });
  });
}

async function checkDirectly(url: URL): Promise<Reachability> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  try {
    await lookup(host);
  } catch (error) {
    return { failed: "dns", code: toProblemKind(error) };
  }
  const signal = AbortSignal.timeout(timeoutMs);
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  let socket: Socket | TLSSocket = openSocket({ host, port });
  let step: "tcp" | "tls" = "tcp";
  try {
    await once(socket, "connect", { signal });
    if (url.protocol === "https:") {
      step = "tls";
      socket = secure({ socket, host, ...(isIP(host) === 0 && { servername: host }) });
      await once(socket, "secureConnect", { signal });
    }
    return { failed: null };
  } catch (error) {
    return signal.aborted ? { failed: "timeout", code: "ETIMEDOUT" } : { failed: step, code: toProblemKind(error) };
  } finally {
    socket.destroy();
  }
}
