/** How far a connection to a server gets: name, TCP, TLS. */
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP, connect as openSocket, type Socket } from "node:net";
import { connect as secure, type TLSSocket } from "node:tls";
import { toProblemKind } from "../lib/reconnecting-connection.ts";

/** `failed` is the step that did not succeed. */
export type Reachability =
  | { readonly failed: null }
  | { readonly failed: "dns" | "tcp" | "tls" | "timeout"; readonly code: string };

const timeoutMs = 5000;

/** One step after the other, so that the one that failed is known. */
export async function checkReachability(url: URL): Promise<Reachability> {
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
