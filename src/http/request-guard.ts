/** The checks on every request to the graph before anything of it is read, whatever handles it then. */
import type { IncomingMessage } from "node:http";
import type { Pipeline } from "../engine/pipeline.ts";
import { crossSite, foreignHost, overloaded } from "../errors.ts";
import { toClientAddress } from "./client-address.ts";
import { acceptsHtml } from "./content-negotiation.ts";
import { isCrossSite, isForeignHost, isHost, type OriginRule } from "./csrf.ts";
import { createRefusal, type Refusal } from "./error-response.ts";

export type RequestGuardOptions = {
  readonly pipeline: Pick<Pipeline, "shedLoad">;
  readonly origins: OriginRule;
  readonly trustedProxies: number;
  /** Whether a browser may visit GraphiQL. */
  readonly graphiql: boolean;
};

export type GuardedRequest = {
  readonly address: string;
  /** `null`: it may go on. */
  readonly refusal: Refusal | null;
};

/** `isUpgrade`: it opens a WebSocket, which is neither an operation nor a visit, whatever its URL and headers say. */
export type RequestGuard = (request: IncomingMessage, isUpgrade?: boolean) => GuardedRequest;

export function createRequestGuard({ pipeline, origins, trustedProxies, graphiql }: RequestGuardOptions): RequestGuard {
  /** One that follows a link to here comes from another site, and gets a page that does nothing by itself. */
  const isVisit = (request: IncomingMessage) =>
    request.method === "GET" &&
    request.headers["sec-fetch-dest"] === "document" &&
    (graphiql || isPageRequest(request));

  function toRefusal(request: IncomingMessage, isUpgrade: boolean, address: string): Refusal | null {
    // First, and cheap: at five times the load that can be served, most requests end here.
    if (!isUpgrade && isOperation(request)) {
      const fullForMs = pipeline.shedLoad(address);
      if (fullForMs !== null) return toOverloadedRefusal(fullForMs);
    }
    if (!isUpgrade && (request.method === "OPTIONS" || isVisit(request))) return null;
    const { host = "" } = request.headers;
    if (isForeignHost(host, origins)) return createRefusal(foreignHost(isHost(host) ? host : null));
    return isCrossSite((name) => request.headers[name]?.toString(), origins) ? crossSiteRefusal : null;
  }

  return (request, isUpgrade = false) => {
    const address = toClientAddress(request, trustedProxies);
    return { address, refusal: toRefusal(request, isUpgrade, address) };
  };
}

/** The last one, which is made anew only when the wait has changed: under overload there are very many. */
let overloadedRefusal: { readonly waitMs: number; readonly refusal: Refusal } | null = null;

function toOverloadedRefusal(waitMs: number): Refusal {
  if (overloadedRefusal?.waitMs !== waitMs) overloadedRefusal = { waitMs, refusal: createRefusal(overloaded(waitMs)) };
  return overloadedRefusal.refusal;
}

const crossSiteRefusal = createRefusal(crossSite());

/** Of a person who opens the address in a browser, and runs nothing by that. */
export function isPageRequest(request: IncomingMessage): boolean {
  const { method, headers } = request;
  return (method === "GET" || method === "HEAD") && acceptsHtml(headers.accept) && !isOperation(request);
}

/** Not a CORS preflight or a visit to GraphiQL. */
function isOperation({ method, url = "" }: IncomingMessage): boolean {
  return (
    method === "POST" || ((method === "GET" || method === "HEAD") && /[?&](query|extensions|documentId)=/.test(url))
  );
}
