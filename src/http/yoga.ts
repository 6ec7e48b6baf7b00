/** GraphQL Yoga reads and answers what the short way of graphql-post.ts does not: GET, CORS, GraphiQL, broken requests. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { ExecutionResult, GraphQLSchema } from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import type { Pipeline } from "../engine/pipeline.ts";
import { isAsyncIterable } from "../lib/async-iterable.ts";
import { Cancellation } from "../lib/cancellation.ts";
import { toRequestId } from "../operation.ts";
import { acceptsEventStream, errorHeaders, eventStream, negotiate, toStatus } from "./content-negotiation.ts";
import { createGraphiql } from "./graphiql.ts";
import type { GuardedRequest } from "./request-guard.ts";
import { EventSource } from "./sse.ts";

export type YogaOptions = {
  readonly pipeline: Pipeline;
  readonly schema: GraphQLSchema;
  readonly maxRequestBytes: number;
  readonly graphiql: boolean;
  /** Whose pages may send requests. */
  readonly allowedOrigins: readonly string[];
  readonly hasTrustedDocuments: boolean;
};

type ServerContext = GuardedRequest & { readonly req?: IncomingMessage };

/** @returns a function that answers a request; `body`: of a request whose body was read. */
export function createYogaHandler(options: YogaOptions) {
  const { allowedOrigins } = options;
  const graphiql = createGraphiql();
  const yoga = createYoga<GuardedRequest>({
    schema: options.schema,
    graphqlEndpoint: "/graphql",
    landingPage: false,
    logging: false,
    maxRequestBodySize: options.maxRequestBytes,
    ...(options.hasTrustedDocuments && { extraParamNames: ["documentId"] }),
    multipart: false, // a form, too
    parserAndValidationCache: false,
    maskedErrors: false, // the pipeline masks
    cors: allowedOrigins.length > 0 && {
      origin: [...allowedOrigins],
      credentials: false,
      exposedHeaders: ["x-request-id", "retry-after"],
      maxAge: 600,
    },
    graphiql: options.graphiql && graphiql.options,
    renderGraphiQL: graphiql.render,
    plugins: [usePipeline(options), useNoForms(), graphiql.plugin, useEventStream()],
  });

  return async (
    request: IncomingMessage,
    response: ServerResponse,
    guarded: GuardedRequest,
    body?: Buffer,
  ): Promise<void> => {
    const read = body === undefined ? request : Object.assign(request, { body: Readable.from([body]) });
    await yoga(read, response, guarded);
  };
}

/** A browser sends forms to any site without asking. */
function useNoForms(): Plugin {
  return {
    onRequest({ request, endResponse, fetchAPI }) {
      if (request.headers.get("content-type")?.includes("application/x-www-form-urlencoded")) {
        endResponse(new fetchAPI.Response(null, { status: 415, headers: { accept: "application/json" } }));
      }
    },
  };
}

function usePipeline({ pipeline, hasTrustedDocuments }: YogaOptions): Plugin<object, ServerContext> {
  const requestIds = new WeakMap<Request, string>();

  function requestIdOf(request: Request): string {
    let id = requestIds.get(request);
    if (id === undefined) {
      id = toRequestId(request.headers.get("x-request-id"));
      requestIds.set(request, id);
    }
    return id;
  }

  const originOf = (request: Request, address: string | null) => ({
    requestId: requestIdOf(request),
    address,
    cancellation: new Cancellation(request.signal),
    credentials: request.headers.get("authorization"),
  });

  return {
    // With the headers that a page of an allowed origin needs to read it.
    onRequest({ request, endResponse, serverContext: { refusal } }) {
      if (refusal === null) return;
      const { body, ...head } = refusal.toResponse(requestIdOf(request));
      endResponse(new Response(body, head));
    },
    onParams({ request, params, setParams, setParamsHandler, context }) {
      // Yoga requires a text, but a trusted document is named by its hash.
      if (hasTrustedDocuments) setParams({ ...params, query: params.query ?? "{ __typename }" });
      const { headers, method } = request;
      setParamsHandler(async () => {
        const { result } = await pipeline.run({
          ...originOf(request, (context as ServerContext).address),
          params,
          traceparent: headers.get("traceparent"),
          isReadOnly: method === "GET",
          acceptsStream: acceptsEventStream(headers.get("accept")),
        });
        return result;
      });
    },
    // What Yoga itself refused, such as a body that is no operation.
    async onResultProcess({ request, result, setResult, serverContext }) {
      if (Array.isArray(result) || isAsyncIterable(result)) return;
      const errors = result.errors ?? [];
      if (errors.every(({ extensions }) => "requestId" in extensions)) return;
      setResult(await pipeline.refuse(originOf(request, serverContext.address), errors));
    },
    onResponse({ request, response }) {
      response.headers.set("x-request-id", requestIdOf(request));
    },
  };
}

/** Event streams in the form of sse.ts. */
function useEventStream(): Plugin {
  return {
    onResultProcess({ request, result, setResultProcessor }) {
      const isOneResult = Array.isArray(result) || !isAsyncIterable(result);
      if (isOneResult && negotiate(request.headers.get("accept"))?.type !== eventStream) return;
      setResultProcessor((processed, fetchAPI) => {
        if (Array.isArray(processed)) throw new Error("Batching is off.");
        const isStream = isAsyncIterable(processed);
        const body = new fetchAPI.ReadableStream(new EventSource(isStream ? processed : once(processed)));
        const own = isStream ? {} : errorHeaders(processed);
        const headers = { ...own, "content-type": eventStream, "cache-control": "no-cache" };
        const status = isStream ? 200 : toStatus(processed, eventStream);
        return new fetchAPI.Response(body, { status, headers });
      }, eventStream);
    },
  };
}

async function* once(result: ExecutionResult) {
  yield result;
}
