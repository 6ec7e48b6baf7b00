/** GraphQL Yoga answers what is no POST: GET, CORS preflights, GraphiQL, other methods; with plugins, everything. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline as pipe } from "node:stream/promises";
import type { ExecutionResult, GraphQLSchema } from "graphql";
import { createYoga, type GraphQLParams, type Plugin } from "graphql-yoga";
import type { Pipeline } from "../engine/pipeline.ts";
import { withoutHttp } from "../errors.ts";
import { isAsyncIterable } from "../lib/async-iterable.ts";
import { Cancellation } from "../lib/cancellation.ts";
import { toRequestId } from "../operation.ts";
import { errorHeaders, eventStream, negotiate, toStatus, writtenTypes } from "./content-negotiation.ts";
import { exposedHeaders } from "./cors.ts";
import { createGraphiql } from "./graphiql/graphiql.ts";
import { guardPlugin, type RequestPlugin } from "./plugins.ts";
import type { ReadParams } from "./request-body.ts";
import { EventSource } from "./sse.ts";

export type YogaOptions = {
  readonly pipeline: Pipeline;
  readonly schema: GraphQLSchema;
  readonly graphiql: boolean;
  /** Whether the people are invented. */
  readonly isSandbox?: boolean;
  /** Whose pages may send requests. */
  readonly allowedOrigins: readonly string[];
  readonly plugins: readonly RequestPlugin[];
  /** A plugin threw. */
  readonly onPluginError: (error: unknown) => void;
  readonly readParams: ReadParams;
};

type ServerContext = {
  readonly request: IncomingMessage;
  readonly address: string;
  readonly acceptsStream: boolean;
};

export function createYogaHandler(options: YogaOptions) {
  const { allowedOrigins, isSandbox = false } = options;
  const graphiql = createGraphiql({ isSandbox });
  const yoga = createYoga<ServerContext>({
    schema: options.schema,
    graphqlEndpoint: "/graphql",
    landingPage: false,
    logging: false,
    extraParamNames: ["documentId"],
    parserAndValidationCache: false,
    maskedErrors: false, // the pipeline masks
    cors: allowedOrigins.length > 0 && {
      origin: [...allowedOrigins],
      credentials: false,
      exposedHeaders: [...exposedHeaders],
      maxAge: 600,
    },
    graphiql(request) {
      if (options.graphiql) graphiql.visit(request);
      return options.graphiql && {};
    },
    renderGraphiQL: graphiql.render,
    // Plugins may change what is asked for before it goes to the pipeline, and see a response with its headers.
    plugins: [
      graphiql.plugin,
      useOwnHeaders(),
      ...options.plugins.map((plugin) => guardPlugin(plugin, options.onPluginError)),
      usePipeline(options),
      useOwnAnswers(),
    ],
  });

  // Yoga itself would answer what fails with a stack trace, and a body that breaks off would end the process.
  return async (request: IncomingMessage, response: ServerResponse, context: ServerContext): Promise<void> => {
    await writeResponse(await yoga.handleNodeRequestAndResponse(request, response, context), response);
  };
}

/** Rejects with what is wrong in it, and may have written a part. That its client leaves is nothing wrong. */
async function writeResponse(answer: Response, response: ServerResponse): Promise<void> {
  if (response.destroyed) {
    await answer.body?.cancel();
    return;
  }
  const { status, statusText, headers, body } = answer;
  for (const [name, value] of headers) if (name !== "set-cookie") response.setHeader(name, value);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);
  if (statusText) response.statusMessage = statusText;
  response.statusCode = status;
  if (body === null) {
    response.end();
    return;
  }
  let isDisconnected = false;
  response.once("close", () => {
    isDisconnected = !response.writableFinished;
  });
  response.flushHeaders();
  await pipe(body, response).catch((error) => {
    if (!isDisconnected) throw error;
  });
}

const requestIds = new WeakMap<Request, string>();

function requestIdOf(request: Request): string {
  let id = requestIds.get(request);
  if (id === undefined) {
    id = toRequestId(request.headers.get("x-request-id"));
    requestIds.set(request, id);
  }
  return id;
}

function useOwnHeaders(): Plugin {
  return {
    onResponse({ request, response }) {
      response.headers.set("x-request-id", requestIdOf(request));
      response.headers.set("cache-control", "no-store");
    },
  };
}

function usePipeline({ pipeline, readParams }: YogaOptions): Plugin<object, ServerContext> {
  const originOf = (request: Request, { address, request: { headers } }: ServerContext) => ({
    requestId: requestIdOf(request),
    address,
    cancellation: new Cancellation(request.signal),
    credentials: request.headers.get("authorization"),
    headers,
    connectionParams: null,
  });

  return {
    onRequestParse({ serverContext: { request, address }, setRequestParser }) {
      if (request.method !== "POST") return;
      setRequestParser(async () => {
        if (request.readableDidRead) throw new Error("A plugin has read the body.");
        return (await readParams(request, address)) as GraphQLParams;
      });
    },
    onParams({ request, params, setParams, setParamsHandler, context }) {
      // Yoga requires a text, but a trusted document is named by its hash.
      setParams({ ...params, query: params.query ?? "{ __typename }" });
      setParamsHandler(async () => {
        const serverContext = context as unknown as ServerContext;
        const { acceptsStream } = serverContext;
        const { result } = await pipeline.run({
          ...originOf(request, serverContext),
          params,
          traceparent: request.headers.get("traceparent"),
          isReadOnly: request.method !== "POST",
          acceptsStream,
        });
        return result;
      });
    },
    // What Yoga itself refused, such as variables that are no JSON.
    async onResultProcess({ request, result, setResult, serverContext }) {
      if (Array.isArray(result) || isAsyncIterable(result)) return;
      const errors = result.errors ?? [];
      if (errors.every(({ extensions }) => "requestId" in extensions)) return;
      setResult(await pipeline.refuse(originOf(request, serverContext), errors));
    },
  };
}

/** Answers in the form and with the status of a POST. */
function useOwnAnswers(): Plugin {
  return {
    onResultProcess({ request, setResultProcessor }) {
      const accepted = negotiate(request.headers.get("accept"));
      if (accepted === null) {
        setResultProcessor((_result, fetchAPI) => {
          return new fetchAPI.Response(null, { status: 406, headers: { accept: writtenTypes } });
        }, "*/*");
        return;
      }
      const { type } = accepted;
      setResultProcessor((processed, fetchAPI) => {
        if (Array.isArray(processed)) throw new Error("Batching is off.");
        const isStream = isAsyncIterable(processed);
        const own = isStream ? {} : errorHeaders(processed);
        const status = isStream ? 200 : toStatus(processed, type);
        if (!isStream && type !== eventStream) {
          const headers = { ...own, "content-type": `${type}; charset=utf-8` };
          return new fetchAPI.Response(JSON.stringify(withoutHttp(processed)), { status, headers });
        }
        const body = new fetchAPI.ReadableStream(new EventSource(isStream ? processed : once(processed)));
        return new fetchAPI.Response(body, { status, headers: { ...own, "content-type": eventStream } });
      }, type);
    },
  };
}

async function* once(result: ExecutionResult) {
  yield result;
}
