/** The checks on every request to the graph before anything of it is read, whatever handles it then. */
import type { IncomingMessage } from "node:http";
import type { Pipeline } from "../engine/pipeline.ts";
import { crossSite, foreignHost, overloaded } from "../errors.ts";
import { toClientAddress } from "./client-address.ts";
import { isCrossSite, isForeignHost, isHost, type OriginRule } from "./csrf.ts";
import { createRefusal, type Refusal } from "./error-response.ts";

export type RequestGuardOptions = {
  readonly pipeline: Pick<Pipeline, "isOverloaded">;
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
  /** One that follows a link to GraphiQL comes from another site, and gets a page that does nothing by itself. */
  const isVisit = ({ method, headers }: IncomingMessage) =>
    graphiql && method === "GET" && headers["sec-fetch-dest"] === "document";

  function toRefusal(request: IncomingMessage, isUpgrade: boolean): Refusal | null {
    // First, and cheap: at five times the load that can be served, most requests end here.
    if (!isUpgrade && isOperation(request) && pipeline.isOverloaded()) return overloadedRefusal;
    if (!isUpgrade && (request.method === "OPTIONS" || isVisit(request))) return null;
    const { host = "" } = request.headers;
    if (isForeignHost(host, origins)) return createRefusal(foreignHost(isHost(host) ? host : null));
    return isCrossSite((name) => request.headers[name]?.toString(), origins) ? crossSiteRefusal : null;
  }

  return (request, isUpgrade = false) => ({
    address: toClientAddress(request, trustedProxies),
    refusal: toRefusal(request, isUpgrade),
  });
}

const overloadedRefusal = createRefusal(overloaded());
const crossSiteRefusal = createRefusal(crossSite());

/** Not a CORS preflight or a visit to GraphiQL. */
function isOperation({ method, url = "" }: IncomingMessage): boolean {
  return (
    method === "POST" || ((method === "GET" || method === "HEAD") && /[?&](query|extensions|documentId)=/.test(url))
  );
}
