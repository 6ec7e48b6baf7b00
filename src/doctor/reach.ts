import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP, connect as openSocket, type Socket } from "node:net";
import { connect as secure, type TLSSocket } from "node:tls";
import { toProblemKind } from "../lib/reconnecting-connection.ts";

/** How far one comes on the way to a server. */
export type Reach =
  | { readonly end: "there" }
  | { readonly end: "dns" | "tcp" | "tls" | "silence"; readonly code: string };

const withinMs = 5000;

/** Goes step by step, so that each can be told apart: name, connection, encryption. */
export async function reach(url: URL): Promise<Reach> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  try {
    await lookup(host);
  } catch (error) {
    return { end: "dns", code: toProblemKind(error) };
  }
  const signal = AbortSignal.timeout(withinMs);
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  let socket: Socket | TLSSocket = openSocket({ host, port });
  let end: "tcp" | "tls" = "tcp";
  try {
    await once(socket, "connect", { signal });
    if (url.protocol === "https:") {
      end = "tls";
      socket = secure({ socket, host, ...(isIP(host) === 0 && { servername: host }) });
      await once(socket, "secureConnect", { signal });
    }
    return { end: "there" };
  } catch (error) {
    return signal.aborted ? { end: "silence", code: "ETIMEDOUT" } : { end, code: toProblemKind(error) };
  } finally {
    socket.destroy();
  }
}
