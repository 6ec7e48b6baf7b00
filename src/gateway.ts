import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
} from "graphql";
import { createYoga, isAsyncIterable, type Plugin } from "graphql-yoga";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { toAddress } from "./address.ts";
import type { Authenticate, Viewer } from "./auth.ts";
import type { Context } from "./context.ts";
import type { CursorSeal } from "./cursor.ts";
import { badUserInput, foreignSite, overloaded, unauthenticated } from "./errors.ts";
import { createEventStreams } from "./event-stream.ts";
import { createGraphiql } from "./graphiql.ts";
import { type Limits, useLimits } from "./limits.ts";
import type { Live } from "./live/live.ts";
import type { Metrics } from "./metrics.ts";
import { createOperationOf, type Operation, type OperationParams, type Prepared } from "./operation.ts";
import { isForeign, type OriginRule, type ReadHeader } from "./origin.ts";
import type { RateLimits } from "./rate.ts";
import { createRefusal, toRefusal } from "./refusal.ts";
import { runOnce } from "./same-message.ts";
import { createSseStreams } from "./sse.ts";
import { createTelemetry } from "./telemetry.ts";
import { currentSpan, type StartTrace } from "./trace.ts";
import type { TrustedDocuments } from "./trusted-documents.ts";
import type { Upstream, UpstreamClient } from "./upstream/client.ts";

export type GatewayParts = {
  readonly schema: GraphQLSchema;
  readonly upstream: UpstreamClient;
  readonly authenticate: Authenticate;
  readonly cursors: CursorSeal;
  readonly live: Live;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** `null`: nothing is traced. */
  readonly trace: StartTrace | null;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly origins: OriginRule;
  readonly redirectOrigins: readonly string[] | null;
  readonly limits: Limits;
  readonly rates: RateLimits;
  /** `null`: any document runs. */
  readonly trustedDocuments: TrustedDocuments | null;
  readonly trustedProxies: number;
};

export type Gateway = ReturnType<typeof createGateway>;

/** Of the documents that are kept parsed: by weight, in characters, and by number, since a short one may have long errors. */
const documentLimits = { maxSize: 1024 * 1024, max: 1024 };

/** The graph behind `/graphql`, as a `fetch` and as a listener of node:http. Opens no port and reads no environment. */
export function createGateway(parts: GatewayParts) {
  const operationOf = createOperationOf();
  const { settle, plugin: telemetry } = createTelemetry(operationOf, parts.log, {
    suggests: parts.introspection,
    metrics: parts.metrics,
  });
  const streams = createSseStreams({ admit, reject, prepare, operationOf, requestBytes: parts.limits.requestBytes });
  const graphiql = createGraphiql();
  const yoga = createYoga<{ operation?: Operation; req?: IncomingMessage }, Context>({
    schema: parts.schema,
    graphqlEndpoint: "/graphql",
    landingPage: false,
    logging: false,
    maxRequestBodySize: parts.limits.requestBytes,
    ...(parts.trustedDocuments && { extraParamNames: ["documentId"] }),
    multipart: false, // a form, too
    // By weight, too: parsed documents take some twenty times their text.
    parserAndValidationCache: {
      documentCache: createDocumentCache(parts.limits),
      errorCache: { get: () => undefined, set: () => {} }, // to parse again as far as the error costs little
    },
    // Every error passes one place, the telemetry, which masks.
    maskedErrors: false,
    cors: parts.origins.allowed.length > 0 && {
      origin: [...parts.origins.allowed],
      credentials: false,
      exposedHeaders: ["x-request-id", "retry-after"],
      maxAge: 600,
    },
    graphiql: parts.graphiql && graphiql.options,
    renderGraphiQL: graphiql.render,
    context: (initial): Context => {
      const operation = initial.operation ?? operationOf(initial.request);
      if (operation.viewer === null) throw unauthenticated("A bearer token is required.");
      const onCall = () => {
        operation.upstreamCalls += 1;
      };
      const { signal } = operation;
      const startSpan = (name: string) => currentSpan(operation.span)?.child(name, "client") ?? null;
      let upstream: Upstream | undefined;
      return {
        operation,
        viewer: operation.viewer,
        // Bound when it is needed: most streams never call, and each binding takes 3 kB.
        get upstream() {
          upstream ??= parts.upstream.within({ signal, onCall, since: () => operation.turnAt, startSpan });
          return upstream;
        },
        cursors: parts.cursors,
        live: parts.live,
        metrics: parts.metrics,
        redirectOrigins: parts.redirectOrigins,
        loaders: new Map(),
      };
    },
    plugins: [
      useAddress(),
      useShedding(),
      useOrigin(),
      useNoForms(),
      graphiql.plugin,
      streams.plugin,
      useAdmission(),
      telemetry,
      useLimits(parts),
      useSameMessages(),
      useLightErrors(),
      ...(parts.introspection ? [] : [useNoIntrospection()]),
    ],
  });

  const eventStreams = createEventStreams({
    admit,
    reject,
    prepare,
    addressOf: (request) => toAddress(request, parts.trustedProxies),
    refuses: ({ headers }) => isForeign((name) => headers[name]?.toString(), parts.origins),
    hasOrigins: parts.origins.allowed.length > 0,
    requestBytes: parts.limits.requestBytes,
  });

  /** From a request's `Authorization` to its viewer. Whoever asks too often is not even told whether a token holds. */
  async function admit(authorization: string | null, address: string | null): Promise<Viewer> {
    await parts.rates.charge({ viewer: null, address }, 1);
    return parts.authenticate(authorization);
  }

  function trace(operation: Operation, caller: string | null): void {
    operation.span = parts.trace?.(caller, operation.startedAt) ?? null;
  }

  function toTrusted<Params extends OperationParams>(params: Params): Params {
    return parts.trustedDocuments === null ? params : { ...params, query: parts.trustedDocuments.find(params) };
  }

  function useAddress(): Plugin<object, { req?: IncomingMessage }> {
    return {
      onRequest({ request, serverContext: { req } }) {
        if (req !== undefined) operationOf(request).address = toAddress(req, parts.trustedProxies);
      },
    };
  }

  /** Before anything is read of a request: under five times the load that can be served, refusing must cost next to nothing. */
  function useShedding(): Plugin {
    return {
      onRequest({ request, endResponse }) {
        if (!parts.upstream.state().isFull || !asksForWork(request)) return;
        parts.metrics.shed();
        const { body, ...head } = toRefusal(overloaded(), operationOf(request).requestId);
        endResponse(new Response(body, head));
      },
    };
  }

  /**
   * The same before Yoga, for a quarter of the price. Pages of other origins could not read it without the headers that
   * Yoga adds.
   * @returns whether it has answered.
   */
  function turnAway(request: IncomingMessage, response: ServerResponse): boolean {
    const { headers, method } = request;
    if (!parts.upstream.state().isFull || headers.origin !== undefined || method !== "POST") return false;
    parts.metrics.shed();
    refuseForRoom(request, response);
    return true;
  }

  const refuses = (header: ReadHeader) => isForeign(header, parts.origins);

  function useOrigin(): Plugin {
    return {
      onRequest({ request, endResponse }) {
        const header: ReadHeader = (name) => request.headers.get(name);
        // Whoever follows a link to GraphiQL comes from another site, and gets a page that does nothing by itself.
        const isVisit = parts.graphiql && request.method === "GET" && header("sec-fetch-dest") === "document";
        if (isVisit || request.method === "OPTIONS" || !refuses(header)) return;
        const { body, ...head } = toRefusal(foreignSite(), operationOf(request).requestId);
        endResponse(new Response(body, head));
      },
    };
  }

  /** Before the document is looked at: who has no token learns nothing of the schema either. */
  function useAdmission(): Plugin {
    return {
      async onParams({ request, params, setParams }) {
        const operation = operationOf(request);
        trace(operation, request.headers.get("traceparent"));
        operation.viewer = await admit(request.headers.get("authorization"), operation.address);
        setParams(toTrusted(params));
      },
    };
  }

  /**
   * Checks and readies an operation that did not come as an HTTP request of its own, as strictly as one that did. Its
   * viewer must be known. Never throws: what is wrong comes back as errors that a client may see.
   */
  async function prepare(params: OperationParams, operation: Operation): Promise<Prepared | readonly GraphQLError[]> {
    try {
      const caller = params.extensions?.["traceparent"];
      trace(operation, typeof caller === "string" ? caller : null);
      if (parts.upstream.state().isFull) throw overloaded();
      await parts.rates.charge({ viewer: null, address: operation.address }, 1);
      const query = toTrusted(params).query ?? "";
      const { schema, parse, validate, contextFactory, execute, subscribe } = yoga.getEnveloped({ operation });
      const document: DocumentNode = parse(query);
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

  /**
   * For what fails before there is an operation, such as a sign-in: log and metrics are told as of one that was refused.
   * @returns what the client may see.
   */
  function reject(operation: Operation, error: unknown): GraphQLError {
    const cause = toGraphQLError(error);
    return settle(operation, { errors: [cause] }).errors?.[0] ?? cause;
  }

  function refuse(operation: Operation, errors: readonly GraphQLError[]): readonly GraphQLError[] {
    return withoutStatus(settle(operation, { errors })).errors ?? [];
  }

  return {
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      // Without room for more, Yoga's way refuses for less.
      const streamed = !parts.upstream.state().isFull && eventStreams(request, response);
      const body = streamed === false ? null : await streamed;
      if (streamed === false) await yoga(request, response);
      else if (body !== null) await yoga(Object.assign(request, { body: Readable.from([body]) }), response);
    },
    turnAway,
    fetch: yoga.fetch,
    admit,
    reject,
    addressOf: (request: IncomingMessage) => toAddress(request, parts.trustedProxies),
    /** Whether a request with these headers is made by a page that may not ask. */
    refuses,
    requestBytes: parts.limits.requestBytes,
    prepare,
    /** How many event streams there are that carry many operations. */
    streams: streams.size,
    /** Ends the event streams that carry many operations, each behind its last one. */
    drain: streams.drain,
  };
}

/** A document is known by its text and by the limit under which it was parsed, which may change. */
function createDocumentCache({ query }: Limits) {
  const documents = new LRUCache<string, DocumentNode>({
    ...documentLimits,
    sizeCalculation: (_document, key) => key.length,
  });
  const toKey = (text: string) => `${query.tokens} ${text}`;
  return {
    get: (text: string) => documents.get(toKey(text)),
    set: (text: string, document: DocumentNode) => void documents.set(toKey(text), document),
  };
}

/** Not so whoever ends an operation, opens a stream that is reserved, or visits GraphiQL. */
function asksForWork({ method, url }: Request): boolean {
  return method === "POST" || (method === "GET" && /[?&](query|extensions|documentId)=/.test(url));
}

const refuseForRoom = createRefusal(overloaded());

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

/** The messages of streams, each run once for all that ask for the same. */
function useSameMessages(): Plugin {
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(async (args: ExecutionArgs) => {
        const opened = await createSourceEventStream(args);
        if (!isAsyncIterable(opened)) return opened;
        const source = opened[Symbol.asyncIterator]();
        const { document, operationName, variableValues: variables, contextValue } = args;
        const asked = { document, operationName, variables, viewer: (contextValue as Context).viewer };
        const toResult = async (told: IteratorResult<unknown>) => {
          if (told.done === true) return told;
          const message = told.value;
          return {
            done: false,
            value: await runOnce({ ...asked, message }, () => execute({ ...args, rootValue: message })),
          };
        };
        const results = {
          next: () => source.next().then(toResult),
          return: async () => (await source.return?.()) ?? { done: true, value: undefined },
          throw: async () => (await source.return?.()) ?? { done: true, value: undefined },
          [Symbol.asyncIterator]: () => results,
        };
        return results;
      });
    },
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

/**
 * The errors of a document are kept with it. Until its stack is written out, an error holds on to what ran when it was
 * made: the whole request, with its token and its socket.
 */
function useLightErrors(): Plugin {
  return {
    onValidate:
      () =>
      ({ result }) => {
        for (const error of result) void (error as GraphQLError).stack;
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
