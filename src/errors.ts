/** Every error that a client can see, and how anything thrown becomes one of them. */
import { type ExecutionResult, GraphQLError } from "graphql";
import { withoutNumbers } from "./upstream/account-numbers.ts";
import { maxRetryAfterMs, UpstreamError, type UpstreamErrorKind } from "./upstream/errors.ts";
import { findRefusal } from "./upstream/refusals.ts";

export const errorCodes = [
  "BAD_USER_INPUT",
  "NOT_FOUND",
  "CONFLICT",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "RATE_LIMITED",
  "QUERY_TOO_COMPLEX",
  "DOCUMENT_NOT_TRUSTED",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_TIMEOUT",
  "UPSTREAM_MALFORMED",
  "UPSTREAM_UNAUTHORIZED",
  "INTERNAL_SERVER_ERROR",
] as const;

/** Every `extensions.code` that a client can see. The codes of the server library become BAD_USER_INPUT. */
export type ErrorCode = (typeof errorCodes)[number];

type ClientView = {
  readonly code: ErrorCode;
  readonly message: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
};

/** What a client sees of each kind of upstream failure, if `findRefusal` knows no better. */
const clientViews: Readonly<Record<UpstreamErrorKind, ClientView>> = {
  invalid: {
    code: "BAD_USER_INPUT",
    message: "The payments stack or the provider refused this.",
    retryable: false,
  },
  "not-found": { code: "NOT_FOUND", message: "What this names does not exist.", retryable: false },
  conflict: {
    code: "CONFLICT",
    message: "The payments stack refused this: it conflicts with what is there.",
    retryable: false,
  },
  unauthorized: {
    code: "UPSTREAM_UNAUTHORIZED",
    message: "The payments stack refused the gateway's credentials.",
    retryable: false,
  },
  "rate-limited": { code: "RATE_LIMITED", message: "The payments stack asks to slow down.", retryable: true },
  unavailable: { code: "UPSTREAM_UNAVAILABLE", message: "The payments stack is not available.", retryable: true },
  timeout: { code: "UPSTREAM_TIMEOUT", message: "The payments stack did not answer in time.", retryable: true },
  malformed: {
    code: "UPSTREAM_MALFORMED",
    message: "The payments stack answered something that its contract does not allow.",
    retryable: false,
  },
  cancelled: { code: "UPSTREAM_UNAVAILABLE", message: "The request was cancelled.", retryable: true },
};

/** A write was sent, and its answer was lost. */
const uncertain = "Whether it was done is not known: look before you try again.";

/** The gateway has no capacity now: nothing of the request was done. There may be some once `waitMs` have gone by. */
export function overloaded(waitMs: number): GraphQLError {
  const message = "Too much is asked for at the moment.";
  return clientError("UPSTREAM_UNAVAILABLE", message, { retryable: true, ...retryAfter(503, waitMs) });
}

/** The gateway listens, but is not ready yet: nothing of the request was done. */
export function starting(): GraphQLError {
  const http = { status: 503, headers: { "retry-after": "1" } };
  return clientError("UPSTREAM_UNAVAILABLE", "The gateway is starting.", { retryable: true, http });
}

/** The gateway's own refusal of what the client sent. `field` is a path such as `input.address.country`. */
export function badUserInput(message: string, field?: string): GraphQLError {
  return clientError("BAD_USER_INPUT", message, field === undefined ? {} : { field });
}

/** A sum that cannot be made, because the stack has no balance of these accounts: one may still come. */
export function balanceMissing(accountIds: readonly string[]): GraphQLError {
  const message = "The stack has no balance of some of the accounts, so that a sum would be wrong.";
  return clientError("UPSTREAM_UNAVAILABLE", message, { retryable: true, accountIds });
}

/** A mutation or subscription names something that is not there, or not the caller's: the two look alike. */
export function notFound(field: string, message = "What this names does not exist."): GraphQLError {
  return clientError("NOT_FOUND", message, { field });
}

/** A subscription whose client takes no event stream. */
export function notAcceptable(): GraphQLError {
  const http = { status: 406, headers: { accept: "text/event-stream" } };
  return clientError("BAD_USER_INPUT", "A subscription is answered with an event stream: accept text/event-stream.", {
    http,
  });
}

export function noSuchOperation(): GraphQLError {
  const message = "The document has several operations, or none of this name.";
  return clientError("BAD_USER_INPUT", message, { http: { status: 400 } });
}

export function mutationByGet(): GraphQLError {
  const http = { status: 405, headers: { allow: "POST" } };
  return clientError("BAD_USER_INPUT", "A mutation must come by POST.", { http });
}

export function conflict(message: string, field: string): GraphQLError {
  return clientError("CONFLICT", message, { field });
}

/**
 * The stack has accepted a delete and has not done it: its task is an earlier one's, which has ended since.
 * @param others what else ends the object.
 */
export function deleteNotStarted(field: string, others: readonly string[]): GraphQLError {
  const message =
    "The stack did not start this deletion, because of an earlier one of this user at this connector, which has just " +
    `succeeded: for some days trying again does not help. ${others.join("; ")}.`;
  return clientError("CONFLICT", message, { field, deleteNotStarted: true });
}

/**
 * The stack has accepted a delete, and does not show whether it does it or an earlier one.
 * @param others what else ends the object, where an earlier one has succeeded and this one has most likely not begun.
 */
export function deleteUnconfirmed(field: string, others: readonly string[]): GraphQLError {
  const message =
    "The stack has not confirmed this deletion: an earlier one of this user at this connector shares its task. " +
    "It is done when the connection is no longer listed: look before you try again.";
  const more =
    "Most likely it will not be: the earlier one has succeeded, and the stack starts no other for some days. If it " +
    `stays listed, ${others.join("; ")}.`;
  const text = others.length === 0 ? message : `${message} ${more}`;
  return clientError("CONFLICT", text, { field, outcomeUnknown: true });
}

/** A user was removed from a connector before, and the stack does not show that it does so again. */
export function removalRepeated(field: string): GraphQLError {
  const message =
    "An earlier removal of this user from this connector has succeeded, and the stack does not confirm another one for " +
    "some days. Unless the user was forwarded there again, nothing is left to do; else `deletePaymentServiceUser` ends " +
    "everything of the user.";
  return clientError("CONFLICT", message, { field, outcomeUnknown: true });
}

/** No token, or one that does not hold. */
export function unauthenticated(message: string): GraphQLError {
  return clientError("UNAUTHENTICATED", message, { http: { status: 401, headers: { "www-authenticate": "Bearer" } } });
}

/** The last message of a stream whose token has ended. */
export function tokenEnded(): GraphQLError {
  return clientError("UNAUTHENTICATED", "The token has ended: subscribe again with a new one.");
}

/** The keys that tokens are checked with cannot be had now. */
export function tokensUncheckable(): GraphQLError {
  const message = "Tokens cannot be checked now, because their issuer does not answer.";
  return clientError("UPSTREAM_UNAVAILABLE", message, { retryable: true, http: { status: 503 } });
}

/** More than one operation may ask for; the extensions say what was found and what the limit is. */
export function tooComplex(message: string, limits: Readonly<Record<string, number>>): GraphQLError {
  return clientError("QUERY_TOO_COMPLEX", message, { ...limits, http: { status: 400 } });
}

/** Only the documents of a manifest run, and this is not one of them. */
export function notTrusted(): GraphQLError {
  return clientError("DOCUMENT_NOT_TRUSTED", "Only documents that were registered run here.", {
    http: { status: 400 },
  });
}

/** A hash alone, where any document runs: clients of automatic persisted queries know this message, and go on without. */
export function persistedQueryNotSupported(): GraphQLError {
  const http = { status: 400, spec: true };
  return clientError("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported", { http });
}

/** The request is not one that can be read, whatever it was to be. */
export function unreadable(status: 400 | 408 | 413 | 415, message: string, headers = {}): GraphQLError {
  return clientError("BAD_USER_INPUT", message, { http: { status, headers } });
}

/** Its client has disconnected before it was read. */
export function disconnected(): GraphQLError {
  return clientError("BAD_USER_INPUT", "The request broke off.", { http: { status: 400 } });
}

export function forbidden(message: string): GraphQLError {
  return clientError("FORBIDDEN", message);
}

/** A page of another site, which CORS_ORIGINS does not allow. */
export function crossSite(): GraphQLError {
  return clientError("FORBIDDEN", "Pages of this origin may not ask here: CORS_ORIGINS does not name it.", {
    http: { status: 403 },
  });
}

/** Without tokens the gateway answers only under names of its own machine; `null`: the name cannot be shown. */
export function foreignHost(host: string | null): GraphQLError {
  const message =
    "This gateway checks no tokens, so it answers only under a name of its own machine, such as localhost. " +
    `To use it under another, name that origin in CORS_ORIGINS: http://${host ?? "<host>"}`;
  return clientError("FORBIDDEN", message, { http: { status: 403 } });
}

/** More live streams are open than one viewer, or this process, may have. */
export function tooManyStreams(): GraphQLError {
  return clientError("RATE_LIMITED", "Too many subscriptions are open.", { retryable: true });
}

/** A budget of upstream calls is spent; the same operation passes once `retryAfterMs` have gone by. */
export function rateLimited(waitMs: number): GraphQLError {
  const message = "Too much was asked for in a short time.";
  return clientError("RATE_LIMITED", message, { retryable: true, ...retryAfter(429, waitMs) });
}

function retryAfter(status: number, waitMs: number) {
  const retryAfterMs = Math.min(maxRetryAfterMs, waitMs);
  return { retryAfterMs, http: { status, headers: { "retry-after": String(Math.ceil(retryAfterMs / 1000)) } } };
}

/** A call of another service did not end within the time of its operation. `isWrite`: what it has done is not known. */
export function elsewhereTimeout(isWrite: boolean): GraphQLError {
  const message = "Another service did not answer in time.";
  return isWrite
    ? clientError("UPSTREAM_TIMEOUT", `${message} ${uncertain}`, { outcomeUnknown: true })
    : clientError("UPSTREAM_TIMEOUT", message, { retryable: true });
}

/** An error that clients see as it is: by its code, and whether the same request may succeed later. */
export function clientError(
  code: ErrorCode,
  message: string,
  extensions: Readonly<Record<string, unknown>> = {},
): GraphQLError {
  const error = new GraphQLError(message, { extensions: { code, retryable: false, ...extensions } });
  forClients.add(error);
  return error;
}

/** Another service's errors may have the same form, and a text that no client is to read. */
const forClients = new WeakSet<GraphQLError>();

/** Whether it is one of those that are made for clients. */
export const isClientError = (error: GraphQLError) => forClients.has(error);

/** A write was done, but its result could not be read back: the client must not write again. */
export function doneButUnread(cause: unknown, message: string, createdId: string): GraphQLError {
  return clientError(cause instanceof UpstreamError ? clientViews[cause.kind].code : "INTERNAL_SERVER_ERROR", message, {
    createdId,
  });
}

/** Who will read an error. */
export type ErrorReader = {
  /** An operator also gets the stack's own text about the input. */
  readonly isOperator?: boolean;
  /** Whether graphql-js may propose names of the schema for one that it does not know. */
  readonly suggests?: boolean;
  /** Whether what was thrown in execution is about the client's document; default: nothing is. */
  readonly isAboutDocument?: (error: object) => boolean;
};

/**
 * What a client sees of anything thrown. Whatever is not meant for clients becomes one masked
 * `INTERNAL_SERVER_ERROR`; its `originalError` keeps the cause for the log.
 */
export function toClientError(error: GraphQLError, requestId: string, reader: ErrorReader = {}): GraphQLError {
  const { isOperator = false, suggests = true, isAboutDocument = () => false } = reader;
  const cause = rootCause(error);
  if (cause instanceof UpstreamError) return toUpstreamView(error, cause, requestId, isOperator);
  if (!(cause instanceof GraphQLError) || cause.extensions["unexpected"] === true) {
    const original = cause instanceof Error ? cause : new Error(typeof cause);
    return locatedLike(error, "Unexpected error.", masked(requestId), original);
  }
  const { field, http } = cause.extensions;
  if (isClientError(cause)) return locatedLike(error, cause.message, { ...cause.extensions, requestId }, null);
  // Of the errors in execution only those of arguments are about the document. Others may quote data: a value that its
  // scalar does not take, or what another service says.
  if (error.path !== undefined && !isAboutDocument(cause)) {
    return locatedLike(error, "Unexpected error.", masked(requestId), cause);
  }
  // Syntax, validation and variables: graphql-js's own words about the client's document.
  const at = field ?? /^Variable "\$(\w+)"/.exec(error.message)?.[1];
  const refused = { code: "BAD_USER_INPUT" satisfies ErrorCode, retryable: false, requestId };
  const message = suggests ? error.message : error.message.replace(/ Did you mean .*/s, "");
  return locatedLike(
    error,
    withoutNumbers(shorten(message)),
    { ...refused, ...(at ? { field: at } : {}), ...(http ? { http } : {}) },
    null,
  );
}

function masked(requestId: string) {
  return { code: "INTERNAL_SERVER_ERROR" satisfies ErrorCode, retryable: false, requestId };
}

function toUpstreamView(at: GraphQLError, cause: UpstreamError, requestId: string, isOperator: boolean): GraphQLError {
  const refusal = findRefusal(cause);
  const { code, message, retryable } = { ...clientViews[refusal?.kind ?? cause.kind], ...refusal };
  if (cause.effect === "unknown") {
    const extensions = { code, retryable: false, outcomeUnknown: true, requestId };
    return locatedLike(at, `${message} ${uncertain}`, extensions, cause);
  }
  const extensions = {
    code,
    retryable,
    ...(cause.retryAfterMs !== undefined && { retryAfterMs: cause.retryAfterMs }),
    ...(refusal !== null && { field: refusal.field, ...refusal.flags }),
    ...(isOperator && cause.refused !== null && { upstreamMessage: toShownText(cause.message, cause.refused.call) }),
    requestId,
  };
  return locatedLike(at, message, extensions, cause);
}

/** What the stack says of a call; of one with account numbers, without those. */
function toShownText(message: string, call: string): string {
  return /bankAccount/i.test(call) ? withoutNumbers(shorten(message)) : shorten(message);
}

/** graphql-js and the stack quote values whole: a long one would be repeated, and account numbers end up in logs. */
function shorten(message: string): string {
  return message.length > maxMessageLength ? `${message.slice(0, maxMessageLength).toWellFormed()}…` : message;
}

const maxMessageLength = 1000;

function locatedLike(
  at: GraphQLError,
  message: string,
  extensions: Readonly<Record<string, unknown>>,
  originalError: Error | null,
): GraphQLError {
  const { nodes = null, source = null, positions = null, path = null } = at;
  const located = new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
  forClients.add(located);
  return located;
}

function rootCause(error: GraphQLError): unknown {
  let cause: unknown = error;
  while (cause instanceof GraphQLError && cause.originalError != null) cause = cause.originalError;
  return cause;
}

type Http = { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly spec?: boolean };

/** What an error means for an HTTP response. `spec`: a status that clients of `application/json` do not get. */
export function httpOf({ extensions }: GraphQLError): Http | undefined {
  return extensions["http"] as Http | undefined;
}

/** A result as it goes over the wire: without what its errors mean for an HTTP response. */
export function withoutHttp(result: ExecutionResult): object {
  if (result.errors === undefined) return result;
  const errors = result.errors.map((error) => {
    const { extensions: { http: _http, ...extensions } = {}, ...shown } = error.toJSON();
    return { ...shown, extensions };
  });
  return { ...result, errors };
}

/** Anything thrown as a GraphQLError; what is not one already keeps its cause for the log. */
export function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError("Unexpected error.", {
    originalError: error instanceof Error ? error : new Error(typeof error),
  });
}

/** An error before execution (GraphQL: a request error) has an HTTP status of its own, but for clients of `application/json`. */
export function asRequestError(error: GraphQLError): GraphQLError {
  // Before anything runs, a SyntaxError is about the JSON of the request, and a RangeError about its depth.
  const cause = rootCause(error);
  if (cause instanceof SyntaxError || cause instanceof RangeError)
    return unreadable(400, "The request cannot be read.");
  if (error.originalError == null) error.extensions["http"] ??= { spec: true, status: 400 };
  return error;
}

/** An HTTP status means nothing where there is no HTTP answer. */
export function deleteHttp(error: GraphQLError): void {
  delete error.extensions["http"];
}
