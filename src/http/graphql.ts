/** Requests to `/graphql`: checked once, then answered on the short way or by Yoga. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { GraphQLSchema } from "graphql";
import type { Pipeline } from "../engine/pipeline.ts";
import type { OriginRule } from "./csrf.ts";
import { createGraphqlPost } from "./graphql-post.ts";
import { createRequestGuard, type RequestGuard } from "./request-guard.ts";
import { setSecurityHeaders } from "./security-headers.ts";
import { createYogaHandler } from "./yoga.ts";

export type GraphqlOptions = {
  readonly pipeline: Pipeline;
  readonly schema: GraphQLSchema;
  readonly maxRequestBytes: number;
  readonly origins: OriginRule;
  readonly trustedProxies: number;
  readonly graphiql: boolean;
  readonly hasTrustedDocuments: boolean;
};

/** What HTTP and WebSockets serve the graph with. */
export type Graphql = {
  readonly pipeline: Pipeline;
  readonly guard: RequestGuard;
  readonly maxRequestBytes: number;
  /** Answers the request. Rejects, or calls `onError` later, with a fault of the gateway's own. */
  handle(request: IncomingMessage, response: ServerResponse, onError: (error: unknown) => void): Promise<void>;
};

export function createGraphql(options: GraphqlOptions): Graphql {
  const { pipeline, maxRequestBytes, origins } = options;
  const guard = createRequestGuard(options);
  const post = createGraphqlPost({ pipeline, maxRequestBytes, hasOrigins: origins.allowed.length > 0 });
  const yoga = createYogaHandler({ ...options, allowedOrigins: origins.allowed });
  return {
    pipeline,
    guard,
    maxRequestBytes,
    async handle(request, response, onError) {
      const guarded = guard(request);
      if (guarded.refusal !== null && request.headers.origin === undefined) {
        guarded.refusal.send(request, response);
        return;
      }
      const isShort = guarded.refusal === null && request.url === "/graphql";
      const body = isShort ? await post(request, response, guarded.address, onError) : false;
      if (body === null) return;
      setSecurityHeaders(response);
      await yoga(request, response, guarded, body || undefined);
    },
  };
}
