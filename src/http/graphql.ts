/** Requests to `/graphql`: checked once, then answered by graphql-post.ts or by Yoga. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { GraphQLSchema } from "graphql";
import type { Pipeline } from "../engine/pipeline.ts";
import { answerPage, graphiqlIsOff } from "./browser-page.ts";
import { toClientAddress } from "./client-address.ts";
import { acceptsEventStream, negotiate } from "./content-negotiation.ts";
import { allowOrigin } from "./cors.ts";
import type { OriginRule } from "./csrf.ts";
import { createGraphqlPost, refuseUnacceptable } from "./graphql-post.ts";
import type { RequestPlugin } from "./plugins.ts";
import { createParamsReader, discardBody } from "./request-body.ts";
import { createRequestGuard, isPageRequest, type RequestGuard } from "./request-guard.ts";
import { setSecurityHeaders } from "./security-headers.ts";
import { createYogaHandler } from "./yoga.ts";

export type GraphqlOptions = {
  readonly pipeline: Pipeline;
  readonly schema: GraphQLSchema;
  readonly maxRequestBytes: number;
  readonly origins: OriginRule;
  readonly trustedProxies: number;
  readonly graphiql: boolean;
  /** With any, every request goes through Yoga. */
  readonly plugins?: readonly RequestPlugin[];
  readonly onPluginError?: (error: unknown) => void;
  /** Whether the people are invented; default: not. */
  readonly isSandbox?: boolean;
};

/** What HTTP and WebSockets serve the graph with. */
export type Graphql = {
  readonly pipeline: Pipeline;
  readonly guard: RequestGuard;
  readonly maxRequestBytes: number;
  /** Of any request, to the graph or not. */
  addressOf(request: IncomingMessage): string;
  /** Answers the request. Rejects, or calls `onError` later, with a fault of the gateway's own. */
  handle(request: IncomingMessage, response: ServerResponse, onError: (error: unknown) => void): Promise<void>;
};

export function createGraphql(options: GraphqlOptions): Graphql {
  const { pipeline, maxRequestBytes, origins, plugins = [], onPluginError = () => {} } = options;
  const guard = createRequestGuard(options);
  const readParams = createParamsReader({ maxBytes: maxRequestBytes });
  const post = createGraphqlPost({ pipeline, readParams });
  const yoga = createYogaHandler({ ...options, plugins, onPluginError, readParams, allowedOrigins: origins.allowed });
  return {
    pipeline,
    guard,
    maxRequestBytes,
    addressOf: (request) => toClientAddress(request, options.trustedProxies),
    async handle(request, response, onError) {
      const { address, refusal } = guard(request);
      allowOrigin(request, response, origins.allowed);
      if (refusal !== null) {
        refusal.send(request, response);
        discardBody(request, false);
      } else if (!options.graphiql && isPageRequest(request)) {
        answerPage(response, graphiqlIsOff);
      } else if (request.method === "POST" && plugins.length === 0) {
        await post(request, response, address, onError);
      } else if (request.method === "POST" && negotiate(request.headers.accept) === null) {
        refuseUnacceptable(request, response); // before it is executed
      } else {
        // Node sends no body in answer to a request that came as HEAD; a stream would never end.
        const acceptsStream = request.method !== "HEAD" && acceptsEventStream(request.headers.accept);
        if (request.method === "HEAD") request.method = "GET";
        setSecurityHeaders(response);
        await yoga(request, response, { request, address, acceptsStream });
        if (request.method === "POST") discardBody(request, false);
      }
    },
  };
}
