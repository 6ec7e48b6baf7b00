import type { IncomingMessage } from "node:http";

/**
 * Where a request comes from. Each proxy writes behind what it was sent whom it speaks for, so only the last
 * `trustedProxies` entries of `X-Forwarded-For` are not the client's own words.
 */
export function toAddress({ headers, socket }: IncomingMessage, trustedProxies: number): string | null {
  const told = String(headers["x-forwarded-for"] ?? "")
    .split(",")
    .map((address) => address.trim())
    .filter(Boolean);
  const hops = [...told, socket.remoteAddress ?? ""];
  return hops.at(-1 - Math.min(trustedProxies, told.length)) || null;
}
