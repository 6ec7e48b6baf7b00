/** Whether a browser sends a request for a page of another site. */
export type OriginRule = {
  /** The origins whose pages may send requests. */
  readonly allowed: readonly string[];
  /** Only under a name of this machine, or of an allowed origin: a page could make its own name lead here (DNS rebinding). */
  readonly localOnly: boolean;
};

export type ReadHeader = (name: string) => string | null | undefined;

/**
 * Browsers say from where a request comes; other clients say nothing, and have no cookies or network position that a
 * page could abuse (docs/decisions/0007-cross-site-requests.md).
 */
export function isCrossSite(header: ReadHeader, { allowed }: OriginRule): boolean {
  const site = header("sec-fetch-site");
  if (site === "same-origin" || site === "none") return false;
  const origin = header("origin");
  if (origin == null) return site != null;
  return !isAt(origin, header("host") ?? "") && !allowed.includes(origin);
}

/** Whether a host name is none that the gateway answers under: another may be a page's own that leads here. */
export function isForeignHost(host: string, { allowed, localOnly }: OriginRule): boolean {
  return localOnly && host !== "" && !isLocalHost(host) && !allowed.some((origin) => isAt(origin, host));
}

/** Whether the pages of an origin are served under this host. The scheme of an app is not served at all. */
function isAt(origin: string, host: string): boolean {
  const { protocol, host: own } = URL.parse(origin) ?? { protocol: "", host: "" };
  return /^https?:$/.test(protocol) && isHost(host) && URL.parse(`${protocol}//${host}`)?.host === own;
}

function isLocalHost(host: string): boolean {
  const { hostname } = (isHost(host) && URL.parse(`http://${host}`)) || { hostname: "" };
  return hostname === "[::1]" || /^(.+\.)?localhost$/.test(hostname) || /^127(\.\d+){3}$/.test(hostname);
}

export const isHost = (text: string) => /^[\w.:[\]-]{1,255}$/.test(text);
