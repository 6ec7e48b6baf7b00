/** The address that a request comes from, also behind proxies. */
import type { IncomingMessage } from "node:http";

/**
 * Each proxy appends the address that it forwards for, so only the last `trustedProxies` entries of `X-Forwarded-For`
 * are not the client's own words.
 */
export function toClientAddress({ headers, socket }: IncomingMessage, trustedProxies: number): string | null {
  const forwarded = String(headers["x-forwarded-for"] ?? "")
    .split(",")
    .map((address) => address.trim())
    .filter(Boolean);
  const hops = [...forwarded, socket.remoteAddress ?? ""];
  return hops.at(-1 - Math.min(trustedProxies, forwarded.length)) || null;
}
