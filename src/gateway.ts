import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
} from "graphql";
import { createYoga, isAsyncIterable, type Plugin } from "graphql-yoga";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { Authenticate } from "./auth.ts";
import type { Context } from "./context.ts";
import type { CursorSeal } from "./cursor.ts";
import { badUserInput, unauthenticated } from "./errors.ts";
import { example } from "./graphiql.ts";
import type { Live } from "./live/live.ts";
import { createOperationOf, largestRequest, type Operation, type OperationParams, type Prepared } from "./operation.ts";
import { toSchema } from "./schema.ts";
import { createSseStreams } from "./sse.ts";
import { createTelemetry } from "./telemetry.ts";
import type { UpstreamClient } from "./upstream/client.ts";

export type GatewayParts = {
  readonly upstream: UpstreamClient;
  readonly authenticate: Authenticate;
  readonly cursors: CursorSeal;
  readonly live: Live;
  readonly log: Logger;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly corsOrigins: readonly string[];
};

export type Gateway = ReturnType<typeof createGateway>;

/** The longest document that is parsed, in tokens. */
const mostTokens = 4000;
/** Of the documents that are kept parsed, in characters. */
const cacheWeight = 1024 * 1024;

function createCache<Value extends object>() {
  return new LRUCache<string, Value>({ maxSize: cacheWeight, sizeCalculation: (_value, text) => text.length + 1 });
}

/** The graph behind `/graphql`, as a `fetch` and as a listener of node:http. Opens no port and reads no environment. */
export function createGateway(parts: GatewayParts) {
  const operationOf = createOperationOf();
  const { settle, plugin: telemetry } = createTelemetry(operationOf, parts.log);
  const streams = createSseStreams({ authenticate: parts.authenticate, prepare });
  const yoga = createYoga<{ operation?: Operation }, Context>({
    schema: toSchema(),
    graphqlEndpoint: "/graphql",
    landingPage: false,
    logging: false,
    maxRequestBodySize: largestRequest,
    // A browser sends both kinds of form to any site without asking: nothing may come of it.
    multipart: false,
    // By weight, not by number: parsed documents take some twenty times their text.
    parserAndValidationCache: { documentCache: createCache(), errorCache: createCache() },
    // Every error passes one place, the telemetry, which masks.
    maskedErrors: false,
    cors: parts.corsOrigins.length === 0 ? false : { origin: [...parts.corsOrigins], credentials: false },
    graphiql: parts.graphiql && { title: "Open banking", defaultQuery: example.query, subscriptionsProtocol: "SSE" },
    renderGraphiQL: async (options) => {
      // From the installed package, so that it works without a network; 9 MB that only a first visit loads.
      const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
      return renderGraphiQL(Object.assign({ variables: example.variables }, options)); // Yoga's type omits `variables`
    },
    context: (initial): Context => {
      const operation = initial.operation ?? operationOf(initial.request);
      if (operation.viewer === null) throw unauthenticated("A bearer token is required.");
      const onCall = () => {
        operation.upstreamCalls += 1;
      };
      return {
        operation,
        viewer: operation.viewer,
        upstream: parts.upstream.within({ signal: operation.signal, onCall }),
        cursors: parts.cursors,
        live: parts.live,
        loaders: new Map(),
      };
    },
    plugins: [
      streams.plugin,
      useAuthentication(operationOf, parts.authenticate),
      telemetry,
      useBounds(),
      ...(parts.introspection ? [] : [useNoIntrospection()]),
    ],
  });

  /**
   * Checks and readies an operation that did not come as an HTTP request of its own, as strictly as one that did. Its
   * viewer must be known. Never throws: what is wrong comes back as errors that a client may see.
   */
  async function prepare(params: OperationParams, operation: Operation): Promise<Prepared | readonly GraphQLError[]> {
    try {
      const { schema, parse, validate, contextFactory, execute, subscribe } = yoga.getEnveloped({ operation });
      const document: DocumentNode = parse(params.query);
      const errors: readonly GraphQLError[] = validate(schema, document);
      if (errors.length > 0) return refuse(operation, errors);
      const asked = getOperationAST(document, params.operationName);
      if (asked == null) {
        return refuse(operation, [badUserInput("The document has several operations, or none of this name.")]);
      }
      const args = {
        schema,
        document,
        operationName: params.operationName ?? null,
        variableValues: params.variables ?? {},
        contextValue: await contextFactory(),
      };
      const run = async () => {
        try {
          const result: Awaited<ReturnType<Prepared["run"]>> = await (asked.operation === "subscription"
            ? subscribe(args)
            : execute(args));
          return isAsyncIterable(result) ? result : withoutStatus(result);
        } catch (error) {
          return settle(operation, { errors: [toGraphQLError(error)] });
        }
      };
      return { ...args, run };
    } catch (error) {
      return refuse(operation, [toGraphQLError(error)]);
    }
  }

  function refuse(operation: Operation, errors: readonly GraphQLError[]): readonly GraphQLError[] {
    return withoutStatus(settle(operation, { errors })).errors ?? [];
  }

  return {
    handle: yoga,
    fetch: yoga.fetch,
    authenticate: parts.authenticate,
    corsOrigins: parts.corsOrigins,
    prepare,
    /** Ends the event streams that carry many operations, each behind its last one. */
    drain: streams.drain,
  };
}

/** An HTTP status means nothing where there is no HTTP answer. */
function withoutStatus(result: ExecutionResult): ExecutionResult {
  for (const { extensions } of result.errors ?? []) delete extensions["http"];
  return result;
}

function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError("Unexpected error.", {
    originalError: error instanceof Error ? error : new Error(typeof error),
  });
}

/** Before the document is looked at: who has no token learns nothing of the schema either. */
function useAuthentication(operationOf: (request: Request) => Operation, authenticate: Authenticate): Plugin {
  return {
    async onParams({ request }) {
      operationOf(request).viewer = await authenticate(request.headers.get("authorization"));
    },
  };
}

function useBounds(): Plugin {
  return {
    onRequest({ request, endResponse, fetchAPI }) {
      if (request.headers.get("content-type")?.includes("application/x-www-form-urlencoded")) {
        endResponse(new fetchAPI.Response(null, { status: 415, headers: { accept: "application/json" } }));
      }
    },
    onParse({ setParseFn, parseFn }) {
      setParseFn((source, options) => parseFn(source, { ...options, maxTokens: mostTokens }));
    },
  };
}

function useNoIntrospection(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };
}
