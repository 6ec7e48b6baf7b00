/** What a page of another site has a browser send. */
export type OriginRule = {
  /** The origins whose pages may ask. */
  readonly allowed: readonly string[];
  /** Only under a name of this machine: a page whose own name leads here all of a sudden would pass for one of ours. */
  readonly localOnly: boolean;
};

export type ReadHeader = (name: string) => string | null | undefined;

/**
 * Whether a browser asks for a page that may not: one of another site that is not allowed. Browsers ask whoever a page
 * names, and say from where; whatever else asks says nothing, and has nothing that a page could abuse.
 */
export function isForeign(header: ReadHeader, { allowed, localOnly }: OriginRule): boolean {
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
