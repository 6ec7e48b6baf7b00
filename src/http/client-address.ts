/** The address that a request comes from, also behind proxies. */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { keepRecent } from "../lib/recent.ts";

/** Stands for every sender without an address, such as one that a proxy calls `unknown`: together they are one. */
export const unknownAddress = "unknown";

/**
 * Each proxy appends the address that it forwards for, so only the last `trustedProxies` entries of `X-Forwarded-For`
 * are not the client's own words.
 */
export function toClientAddress({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  if (trustedProxies === 0 || headers["x-forwarded-for"] === undefined) return toAddress(socket.remoteAddress ?? "");
  const forwarded = String(headers["x-forwarded-for"])
    .split(",")
    .map((address) => address.trim())
    .filter(Boolean);
  const hops = [...forwarded, socket.remoteAddress ?? ""];
  return toAddress(hops.at(-1 - Math.min(trustedProxies, forwarded.length)) ?? "");
}

/** Some proxies write the port, too, which is another one for each connection: `203.0.113.6:40001`, `"[2001:db8::1]:443"`. */
const toAddress = keepRecent((text: string): string => {
  const plain = /^"(.*)"$/.exec(text)?.[1]?.trim() ?? text;
  const address = /^\[(.*)\](?::\d+)?$/.exec(plain)?.[1] ?? /^([\d.]+):\d+$/.exec(plain)?.[1] ?? plain;
  const [bare = ""] = address.split("%", 1);
  return isIP(bare) > 0 ? bare.toLowerCase() : unknownAddress;
});
