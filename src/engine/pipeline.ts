/** What every operation goes through, whatever transport brings it. */
import { hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from "graphql";
import type { Authenticate } from "../auth/authenticate.ts";
import type { Viewer } from "../auth/viewer.ts";
import {
  asRequestError,
  badUserInput,
  mutationByGet,
  noSuchOperation,
  notAcceptable,
  overloaded,
  persistedQueryNotSupported,
  rateLimited,
  toClientError,
  toGraphQLError,
} from "../errors.ts";
import { isAboutDocument } from "../executor/about-document.ts";
import { type Execution, execute, subscribe } from "../executor/execute.ts";
import { isAsyncIterable } from "../lib/async-iterable.ts";
import type { Reloadable } from "../lib/reloadable.ts";
import type { StartTrace } from "../lib/span.ts";
import { createAdmission, type QueryLimits } from "../limits/admission.ts";
import type { RateLimits } from "../limits/rate-limit.ts";
import type { OperationLog } from "../observability/operation-log.ts";
import { createOperation, type Operation, type OperationOrigin, type OperationParams } from "../operation.ts";
import { createDocumentCache, type ParsedDocument } from "./document-cache.ts";
import { type ContextParts, OperationContext } from "./operation-context.ts";
import { OperationStream } from "./operation-stream.ts";
import { namesPersistedQuery, type TrustedDocuments } from "./trusted-documents.ts";

export type PipelineParts = ContextParts & {
  readonly schema: GraphQLSchema;
  readonly authenticate: Authenticate;
  readonly introspection: boolean;
  readonly queryLimits: Reloadable<QueryLimits>;
  readonly rateLimits: RateLimits;
  /** `null`: any document runs. */
  readonly trustedDocuments: TrustedDocuments | null;
  /** `null`: nothing is traced. */
  readonly startTrace: StartTrace | null;
  readonly operationLog: OperationLog;
};

type Sent = {
  /** An `Authorization` header, or the viewer that was authenticated before, as on a WebSocket. */
  readonly credentials: string | null | Viewer;
  readonly headers: IncomingHttpHeaders;
  /** Of a WebSocket's `connection_init`. */
  readonly connectionParams: Readonly<Record<string, unknown>> | null;
};

export type OperationRequest = OperationOrigin &
  Sent & {
    /** Or how to read them, once the caller is authenticated: no body of an unknown caller is read. */
    readonly params: OperationParams | (() => Promise<OperationParams>);
    readonly traceparent: string | null;
    /** It came by GET, which a page of any site can have a browser send. */
    readonly isReadOnly: boolean;
    /** Whether its client reads a stream of results. */
    readonly acceptsStream: boolean;
  };

export type OperationResponse = {
  readonly operation: Operation;
  /** Errors are as the client may see them. */
  readonly result: ExecutionResult | AsyncIterableIterator<ExecutionResult>;
};

export type Pipeline = {
  /**
   * Sheds an operation where no more may wait from its address, or in all: then in how many milliseconds it is worth
   * another try; `null`: it may go on. Every operation is checked; HTTP asks before it reads a body, too. Counts each one
   * that is shed.
   */
  shedLoad(address: string | null): number | null;
  /** Never rejects: whatever goes wrong is in the result. */
  run(request: OperationRequest): Promise<OperationResponse>;
  /** Authenticates a socket before its first operation. Never rejects: a refusal is logged as an operation's is. */
  signIn(request: OperationOrigin & Sent): Promise<Viewer | GraphQLError>;
  /** Answers a request that a transport could not read, in the order of `run`: authenticated first. Never rejects. */
  refuse(request: OperationOrigin & Sent, errors: readonly Error[]): Promise<ExecutionResult>;
};

type OperationExecution = Execution & { readonly contextValue: OperationContext };

export function createPipeline(parts: PipelineParts): Pipeline {
  const { schema, introspection, upstream, metrics, rateLimits, operationLog: log } = parts;
  const documents = createDocumentCache(parts);
  const admission = createAdmission(parts);
  const streamDeps = { log, toClientResult, reconcile: admission.reconcile };

  async function run(request: OperationRequest): Promise<OperationResponse> {
    const operation = createOperation(request);
    try {
      operation.span = parts.startTrace?.(request.traceparent, operation.startedAt) ?? null;
      const fullForMs = shedLoad(request.address);
      if (fullForMs !== null) throw overloaded(fullForMs);
      const viewer = await authenticate(request, operation);
      const given = typeof request.params === "function" ? await request.params() : request.params;
      const params = toTrusted(given);
      checkNesting(params.variables);
      const { document, errors } = await toDocument(operation, params.query ?? "");
      if (errors.length > 0) return { operation, result: finish(operation, { errors: errors.map(asRequestError) }) };
      const execution = toExecution(operation, document, params, viewer, request.isReadOnly);
      if (operation.kind === "subscription" && !request.acceptsStream) throw notAcceptable();
      const admitted = admission.admit(operation, execution);
      if (admitted !== undefined) await admitted;
      const result = await (operation.kind === "subscription"
        ? openStream(operation, execution)
        : executeOnce(operation, execution));
      return { operation, result: isAsyncIterable(result) ? result : finish(operation, result) };
    } catch (error) {
      const thrown = toGraphQLError(error);
      const seen = operation.kind === null ? asRequestError(thrown) : thrown;
      return { operation, result: finish(operation, { errors: [seen] }) };
    }
  }

  function shedLoad(address: string | null): number | null {
    const fullForMs = upstream.fullForMs(address);
    if (fullForMs !== null) metrics.shed();
    return fullForMs;
  }

  /**
   * Before the document is parsed: without a token nothing is learnt of the schema from its errors. And after the
   * address is charged, so that tokens cannot be guessed at any rate.
   */
  async function authenticate(request: Sent, operation: Operation): Promise<Viewer> {
    const consumed = rateLimits.consume({ viewer: null, address: operation.address }, 1);
    if (consumed !== undefined) await consumed;
    const { credentials } = request;
    const isKnown = typeof credentials === "object" && credentials !== null;
    operation.viewer = isKnown ? credentials : await parts.authenticate(credentials, request);
    return operation.viewer;
  }

  function toTrusted(params: OperationParams): OperationParams {
    const { trustedDocuments } = parts;
    if (trustedDocuments !== null) return { ...params, query: trustedDocuments.find(params) };
    if (params.query == null && namesPersistedQuery(params)) throw persistedQueryNotSupported();
    return params;
  }

  /** What it takes to parse and validate is charged before it is done; a refused document is never free. */
  async function toDocument(operation: Operation, text: string): Promise<ParsedDocument> {
    const cached = documents.find(text);
    const cost = cached === undefined ? Math.ceil(text.length / charactersPerCall) : Number(cached.errors.length > 0);
    const charged = admission.chargeDocument(operation, cost);
    if (charged !== undefined) await charged;
    return cached ?? documents.add(text);
  }

  function toExecution(
    operation: Operation,
    document: OperationExecution["document"],
    { operationName, variables }: OperationParams,
    viewer: Viewer,
    isReadOnly: boolean,
  ): OperationExecution {
    const definition = getOperationAST(document, operationName || null);
    if (definition == null) throw noSuchOperation();
    if (definition.operation === "mutation" && isReadOnly) throw mutationByGet();
    operation.name = definition.name?.value ?? null;
    operation.kind = definition.operation;
    const contextValue = new OperationContext(parts, operation, viewer);
    return {
      schema,
      document,
      operation: definition,
      operationName: operationName || null,
      variableValues: variables ?? {},
      contextValue,
    };
  }

  async function executeOnce(operation: Operation, execution: OperationExecution): Promise<ExecutionResult> {
    const permit = admission.reserve(operation, execution.contextValue.upstream, () => toReadsKey(execution));
    try {
      const refusal = permit.ready === undefined ? null : await permit.ready;
      if (refusal !== null) {
        metrics.shed();
        throw refusal.isOwnShare ? rateLimited(refusal.retryAfterMs) : overloaded(refusal.retryAfterMs);
      }
      const result = await execute(execution);
      // A field that failed may have ended it before the others, whose further calls nobody would be charged for.
      if (result.errors !== undefined) operation.cancellation.cancel();
      return result;
    } finally {
      permit.release();
    }
  }

  function openStream(operation: Operation, execution: OperationExecution) {
    const coalesceBy = (message: unknown) => toCoalescingKey(execution, message);
    return subscribe({ ...execution, coalesceBy }, (stream) => new OperationStream(stream, streamDeps, operation));
  }

  function finish(operation: Operation, result: ExecutionResult): ExecutionResult {
    const seen = toClientResult(operation, result);
    log.answered(operation, seen);
    admission.reconcile(operation);
    return seen;
  }

  /** Suggestions of graphql-js name fields of the schema, so they are left out where introspection is off. */
  function toClientResult({ requestId, viewer }: Operation, result: ExecutionResult): ExecutionResult {
    if (result.errors === undefined || result.errors.length === 0) return result;
    const reader = { isOperator: viewer?.psuId === null, suggests: introspection, isAboutDocument };
    return { ...result, errors: result.errors.map((error) => toClientError(error, requestId, reader)) };
  }

  function fail(operation: Operation, error: unknown): GraphQLError {
    const thrown = toGraphQLError(error);
    return finish(operation, { errors: [thrown] }).errors?.[0] ?? thrown;
  }

  return {
    shedLoad,
    run,
    async signIn(request) {
      const operation = createOperation(request);
      try {
        return await authenticate(request, operation);
      } catch (error) {
        return fail(operation, error);
      }
    },
    async refuse(request, errors) {
      const operation = createOperation(request);
      try {
        await authenticate(request, operation);
        return finish(operation, { errors: errors.map(toGraphQLError).map(asRequestError) });
      } catch (error) {
        return { errors: [fail(operation, error)] };
      }
    },
  };
}

/** Parsing and validating so many characters is charged like one upstream call. */
const charactersPerCall = 1000;

/** Deeper variables than any input has would exhaust the stack of what walks through them. */
const maxNesting = 64;

function checkNesting(value: unknown, depth = 0): void {
  if (depth > maxNesting) throw badUserInput("`variables` are nested too deep.", "variables");
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) for (const item of value) checkNesting(item, depth + 1);
  else for (const key in value) checkNesting((value as Record<string, unknown>)[key], depth + 1);
}

/**
 * Subscribers of one document to whom the same happens at the same moment share one execution: of thousands who hear of
 * one change, one pays. All that a resolver may look at is in the key, the viewer above all; an error is compared with
 * nothing.
 */
function toCoalescingKey(
  { operationName, variableValues, contextValue }: OperationExecution,
  message: unknown,
): string | null {
  if (message instanceof Error) return null;
  const { subject, psuId, scopes } = contextValue.viewer;
  return JSON.stringify([subject, psuId, scopes, operationName, variableValues, message]);
}

/** Of queries that make the same calls, if they begin together. */
function toReadsKey({ document, operationName, variableValues, contextValue }: OperationExecution): string {
  const { psuId, scopes } = contextValue.viewer;
  const key = JSON.stringify([psuId, scopes, toDocumentId(document), operationName, variableValues]);
  return hash("sha256", key, "base64url"); // variables may be long
}

/** Of one text there is one document, in the cache. */
function toDocumentId(document: DocumentNode): number {
  let id = documentIds.get(document);
  if (id === undefined) {
    id = documentCount;
    documentCount += 1;
    documentIds.set(document, id);
  }
  return id;
}

const documentIds = new WeakMap<DocumentNode, number>();
let documentCount = 0;
