import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { GraphQLError } from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import type { Logger } from "pino";
import { createEngine, type EngineParts, toGraphQLError } from "../engine/pipeline.ts";
import { foreignSite, notAcceptable, overloaded } from "../errors.ts";
import type { StartTrace } from "../lib/span.ts";
import { createTelemetry } from "../observability/operation-log.ts";
import { createOperationOf, type Operation, type OperationParams, type Prepared } from "../operation.ts";
import { toAddress } from "./client-address.ts";
import { isForeign, type OriginRule, type ReadHeader } from "./csrf.ts";
import { createRefusal, toRefusal } from "./error-response.ts";
import { createGraphiql } from "./graphiql.ts";
import { createPost, takesStreams } from "./graphql-post.ts";
import { createSseStreams } from "./sse-single-connection.ts";

export type GatewayParts = EngineParts & {
  readonly log: Logger;
  /** `null`: nothing is traced. */
  readonly trace: StartTrace | null;
  readonly graphiql: boolean;
  readonly origins: OriginRule;
  readonly trustedProxies: number;
};

export type Gateway = ReturnType<typeof createGateway>;

/** The graph behind `/graphql`, as a `fetch` and as a listener of node:http. Opens no port and reads no environment. */
export function createGateway(parts: GatewayParts) {
  const operationOf = createOperationOf();
  const telemetry = createTelemetry(operationOf, parts.log, { suggests: parts.introspection, metrics: parts.metrics });
  const engine = createEngine(parts, telemetry);
  const { admit } = engine;
  const streams = createSseStreams({ admit, reject, prepare, operationOf, requestBytes: parts.limits.requestBytes });
  const graphiql = createGraphiql();
  const yoga = createYoga<ServerContext>({
    schema: parts.schema,
    graphqlEndpoint: "/graphql",
    landingPage: false,
    logging: false,
    maxRequestBodySize: parts.limits.requestBytes,
    ...(parts.trustedDocuments && { extraParamNames: ["documentId"] }),
    multipart: false, // a form, too
    parserAndValidationCache: false,
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
    plugins: [
      useAddress(),
      useShedding(),
      useOrigin(),
      useNoForms(),
      graphiql.plugin,
      streams.plugin,
      useOwnEngine(),
      telemetry.plugin,
    ],
  });
  const addressOf = (request: IncomingMessage) => toAddress(request, parts.trustedProxies);
  const refuses = (header: ReadHeader) => isForeign(header, parts.origins);
  const post = createPost({
    engine,
    requestBytes: parts.limits.requestBytes,
    addressOf,
    refuses: ({ headers }) => refuses((name) => headers[name]?.toString()),
    hasOrigins: parts.origins.allowed.length > 0,
    trace,
  });

  function trace(operation: Operation, caller: string | null): void {
    operation.span = parts.trace?.(caller, operation.startedAt) ?? null;
  }

  function useAddress(): Plugin<object, ServerContext> {
    return {
      onRequest({ request, serverContext: { req } }) {
        if (req !== undefined) operationOf(request).address = addressOf(req);
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

  /** Yoga reads requests and writes answers. What is between the two is ours, and the same for every transport. */
  function useOwnEngine(): Plugin {
    return {
      async onParams({ request, params, setParams, setParamsHandler }) {
        // Before the document is looked at: who has no token learns nothing of the schema either.
        const operation = operationOf(request);
        trace(operation, request.headers.get("traceparent"));
        operation.viewer = await admit(request.headers.get("authorization"), operation.address);
        const trusted = engine.toTrusted(params);
        setParams(trusted);
        setParamsHandler(async () => {
          const prepared = await engine.prepare(trusted, operation);
          if (!("run" in prepared)) return { errors: prepared };
          if (operation.kind !== "subscription") return prepared.run();
          // Yoga would open the stream, and leave it open.
          if (!takesStreams(request.headers.get("accept") ?? undefined))
            return { errors: engine.refuse(operation, [notAcceptable()]) };
          return stream(prepared, request);
        });
      },
      onSubscribe({ args, setSubscribeFn }) {
        setSubscribeFn((args as unknown as Prepared).run);
      },
    };
  }

  /** Yoga chooses the form of an answer by whether a subscription has passed here. */
  async function stream(prepared: Prepared, request: Request) {
    return yoga.getEnveloped({ request }).subscribe({ ...prepared, contextValue: { request } });
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
      await parts.rates.consume({ viewer: null, address: operation.address }, 1);
      const prepared = await engine.prepare(engine.toTrusted(params), operation);
      if (!("run" in prepared)) return prepared.map(withoutStatus);
      const run: Prepared["run"] = async () => {
        const result = await prepared.run();
        if ("errors" in result) result.errors?.forEach(withoutStatus);
        return result;
      };
      return { ...prepared, run };
    } catch (error) {
      return engine.refuse(operation, [toGraphQLError(error)]).map(withoutStatus);
    }
  }

  /**
   * For what fails before there is an operation, such as a sign-in: log and metrics are told as of one that was refused.
   * @returns what the client may see.
   */
  function reject(operation: Operation, error: unknown): GraphQLError {
    const cause = toGraphQLError(error);
    return engine.refuse(operation, [cause])[0] ?? cause;
  }

  return {
    post,
    /** @param body of a request that `post` has read. */
    async handle(request: IncomingMessage, response: ServerResponse, body?: Buffer): Promise<void> {
      await yoga(body === undefined ? request : Object.assign(request, { body: Readable.from([body]) }), response);
    },
    turnAway,
    fetch: yoga.fetch,
    admit,
    reject,
    addressOf,
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

type ServerContext = { req?: IncomingMessage };

/** Not so whoever ends an operation, opens a stream that is reserved, or visits GraphiQL. */
function asksForWork({ method, url }: Request): boolean {
  return method === "POST" || (method === "GET" && /[?&](query|extensions|documentId)=/.test(url));
}

const refuseForRoom = createRefusal(overloaded());

/** An HTTP status means nothing where there is no HTTP answer. */
function withoutStatus(error: GraphQLError): GraphQLError {
  delete error.extensions["http"];
  return error;
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
