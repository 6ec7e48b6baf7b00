/** Whether a browser sends a request for a page of another site. */
export type OriginRule = {
  /** The origins whose pages may send requests. */
  readonly allowed: readonly string[];
  /** Only under a name of this machine: a page could make its own name lead here (DNS rebinding). */
  readonly localOnly: boolean;
};

export type ReadHeader = (name: string) => string | null | undefined;

/**
 * Browsers say from where a request comes; other clients say nothing, and have no cookies or network position that a
 * page could abuse (docs/decisions/0007-cross-site-requests.md).
 */
export function isCrossSite(header: ReadHeader, { allowed, localOnly }: OriginRule): boolean {
  const host = header("host") ?? "";
  if (localOnly && host !== "" && !isLocalHost(host)) return true;
  const site = header("sec-fetch-site");
  if (site === "same-origin" || site === "none") return false;
  const origin = header("origin");
  if (origin == null) return site != null;
  const isOwn = URL.canParse(origin) && new URL(origin).host === host;
  return !isOwn && !allowed.includes(origin);
}

function isLocalHost(host: string): boolean {
  const { hostname } = URL.parse(`http://${host}`) ?? { hostname: "" };
  return hostname === "[::1]" || /^(.+\.)?localhost$/.test(hostname) || /^127(\.\d+){3}$/.test(hostname);
}
