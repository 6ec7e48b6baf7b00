/** Which proxy a request goes through, by the settings that other programs read, too. */
import { BlockList, isIP } from "node:net";
import { isLoopback } from "../lib/network/loopback.ts";
import type { Environment } from "./settings.ts";

/**
 * The proxy for a URL, with its user and password; `null`: none. This machine is never reached through one.
 * A name of NO_PROXY stands for itself and all names below it, as for curl and Go.
 */
export function toProxy(url: URL, { HTTPS_PROXY, HTTP_PROXY, NO_PROXY = [] }: ProxySettings): URL | null {
  const proxy = url.protocol === "https:" ? HTTPS_PROXY : HTTP_PROXY;
  if (proxy === undefined) return null;
  const host = url.hostname.replace(/^\[|\]$|\.$/g, "");
  if (isLoopback(host) || host.endsWith(".localhost")) return null;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return NO_PROXY.some((entry) => covers(entry, host, port)) ? null : new URL(proxy);
}

export type ProxySettings = Pick<Environment, "HTTPS_PROXY" | "HTTP_PROXY" | "NO_PROXY">;

function covers(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  const { name, network, port: entryPort } = readNoProxy(entry);
  if (entryPort !== null && entryPort !== port) return false;
  if (isIP(name) === 0) return host === name || host.endsWith(`.${name}`);
  return isIP(host) > 0 && isWithin(host, name, network);
}

function isWithin(address: string, network: string, bits: number | null): boolean {
  const family = (text: string) => (isIP(text) === 6 ? "ipv6" : "ipv4");
  const list = new BlockList();
  if (bits === null) list.addAddress(network, family(network));
  else list.addSubnet(network, bits, family(network));
  return list.check(address, family(address));
}

/** An entry's parts: `.example.com` and `*.example.com` are `example.com`. */
function readNoProxy(entry: string): { name: string; network: number | null; port: string | null } {
  const [, address = "", bits] = /^([\da-f.:]+)\/(\d+)$/i.exec(entry) ?? [];
  if (bits !== undefined) return { name: address, network: Number(bits), port: null };
  if (isIP(entry) > 0) return { name: entry, network: null, port: null };
  const [, name = "", port = null] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  return { name: name.replace(/^\*?\.|^\[|\]$/g, "").toLowerCase(), network: null, port };
}
