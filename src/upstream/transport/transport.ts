/** Sends calls to the service: retries, limiter, breaker, token and HTTP, in this order. */
import type { Span } from "../../lib/span.ts";
import { toFailure, toTokenError, type UpstreamError, withEffect } from "../errors.ts";
import { noObserver, type UpstreamObserver } from "../observer.ts";
import { check, isSuccess, toData } from "../response-body.ts";
import { tokenResponse } from "../wire-types.ts";
import { createRefreshingToken, createStaticToken, type GrantedToken } from "./access-token.ts";
import type { Call, CallContext, CallScope } from "./call.ts";
import { type BreakerState, createCircuitBreaker } from "./circuit-breaker.ts";
import { createConcurrencyLimiter, createSlot } from "./concurrency-limiter.ts";
import { Connections } from "./connections.ts";
import { Deadline } from "./deadline.ts";
import { createDeduplication } from "./deduplication.ts";
import type { MaxWaiting, Permit, Reservation } from "./fair-admission.ts";
import { HttpExchange, type HttpExchangeDeps, type HttpRequest, type HttpResponse } from "./http-exchange.ts";
import { Attempt, type AttemptDeps } from "./request-attempt.ts";
import { createRequestHeaders, jsonType } from "./request-headers.ts";
import { createRetries } from "./retry.ts";

export type Credentials =
  | { readonly kind: "client"; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: "token"; readonly token: string };

export type TransportOptions = {
  /** The stack's URL, without `/api/payments`. */
  readonly url: URL;
  readonly credentials: Credentials;
  /** On the way to the stack; with user and password. */
  readonly proxy?: URL | null;
  /** The time that the calls of one operation share, tokens and retries included, in milliseconds. */
  readonly timeoutMs: number;
  /** The most calls at once, each on a socket of its own. Sockets ÷ latency is the ceiling of calls per second. */
  readonly sockets: number;
  /** Of light operations, and of heavy ones. */
  readonly maxWaiting?: MaxWaiting | undefined;
  readonly observer?: UpstreamObserver | undefined;
};

export type TransportState = {
  readonly inFlight: number;
  readonly queued: number;
  /** Operations that wait to begin. */
  readonly waiting: number;
  readonly breaker: BreakerState;
};

export type Transport = AsyncDisposable & {
  /** Begins the calls of one operation. */
  begin(scope: CallScope): CallContext;
  /** @throws {UpstreamError} and nothing else. */
  send<Data>(call: Call<Data>, context: CallContext): Promise<Data>;
  /** See `ConcurrencyLimiter`. */
  reserve(reservation: Reservation, context: CallContext): Permit;
  state(): TransportState;
  /** See `ConcurrencyLimiter`. */
  fullForMs(address: string | null): number | null;
};

/** Far above a full page of the service, whose rows may hold raw data of the provider; in bytes. */
const maxResponseBytes = 64 * 1024 * 1024;
/** Of the gateway's own token. */
export const gatewayScopes = "openid payments:read payments:write";
/** Below the stack's URL. */
export const tokenPath = "/api/auth/oauth/token";
/** For tokens and probes, which are never queued. */
const extraSockets = 2;
const maxQueuedPerSocket = 8;
const defaultMaxWaiting: MaxWaiting = { all: 1000, ofOwner: 250 };
/** The service's tokens live for an hour; assumed when the response does not say. */
const tokenLifetimeS = 3600;

export function createTransport(options: TransportOptions): Transport {
  const { url, credentials, proxy = null, timeoutMs, sockets, observer = noObserver } = options;
  const connections = new Connections(url.origin, {
    maxConnections: sockets + extraSockets,
    connectTimeoutMs: timeoutMs,
    proxy,
    maxResponseBytes,
  });
  const exchangeDeps: HttpExchangeDeps = { connections, basePath: url.pathname.replace(/\/+$/, ""), observer };
  const breaker = createCircuitBreaker((state) => {
    limiter.onBreaker();
    observer.onBreakerState(state);
  });
  const limiter = createConcurrencyLimiter({
    maxConcurrent: sockets,
    maxQueued: maxQueuedPerSocket * sockets,
    timeoutMs,
    maxWaiting: options.maxWaiting ?? defaultMaxWaiting,
    isBroken: () => breaker.state !== "closed",
  });
  const retries = createRetries((name) => observer.onRetry(name));
  const deps: AttemptDeps = {
    ...exchangeDeps,
    limiter,
    breaker,
    deduplication: createDeduplication(),
    token: credentials.kind === "token" ? createStaticToken(credentials.token) : createRefreshingToken(grantToken),
    toHeaders: createRequestHeaders(),
    timeoutMs,
    counts: { answered: 0, silent: 0 },
    retry,
  };

  async function grantToken(): Promise<GrantedToken> {
    if (credentials.kind !== "client") throw new Error("A static token is never granted.");
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      scope: gatewayScopes,
    });
    try {
      const headers = ["content-type", "application/x-www-form-urlencoded"];
      const request = { name: "token", method: "POST", path: tokenPath, headers, body: form.toString() } as const;
      const response = await exchange(exchangeDeps, request, new Deadline(timeoutMs), null);
      if (!isSuccess(response.status)) throw toTokenError(response);
      const granted = check(tokenResponse, response.text);
      observer.onTokenRefresh("ok");
      return { token: granted.access_token, lifetimeMs: (granted.expires_in ?? tokenLifetimeS) * 1000 };
    } catch (error) {
      const failure = toFailure(error);
      observer.onTokenRefresh(failure.kind);
      throw withEffect(failure, "none"); // the call that needs the token has not been sent
    }
  }

  /** Past limiter, breaker and token. */
  async function probe<Data>(call: Call<Data>, { scope, deadline }: CallContext): Promise<Data> {
    deadline.check();
    scope.onCall?.();
    const { name, method, path, body } = call;
    const request = { name, method, path, headers: body === null ? [] : jsonType, body };
    return toData(call, await exchange(exchangeDeps, request, deadline, scope.startSpan?.(name) ?? null));
  }

  function attempt<Data>(call: Call<Data>, context: CallContext, isFirst: boolean): Promise<Data> {
    return new Promise((resolve, reject) => new Attempt(deps, call, context, resolve, reject, isFirst).start());
  }

  async function retry<Data>(call: Call<Data>, context: CallContext, failure: unknown): Promise<Data> {
    const isRepeatable = call.method === "GET" || call.isIdempotent === true;
    try {
      if (call.isProbe) throw failure;
      const { name } = call;
      const again = () => attempt(call, context, false);
      return await retries.retry({ name, isRepeatable }, context.deadline, failure, again);
    } catch (error) {
      const last = toFailure(error);
      throw isRepeatable ? withEffect(last, "none") : last; // what may be sent twice did no harm if it was sent
    }
  }

  function send<Data>(call: Call<Data>, context: CallContext): Promise<Data> {
    if (call.isProbe) return probe(call, context).catch((error) => retry(call, context, error));
    retries.onCall();
    return attempt(call, context, true);
  }

  return {
    begin: (scope) => ({ scope, deadline: new Deadline(scope.timeoutMs ?? timeoutMs, scope), slot: createSlot() }),
    send,
    reserve: (reservation, { slot, deadline }) => limiter.reserve(reservation, slot, deadline),
    state: () => ({
      inFlight: limiter.running,
      queued: limiter.queued,
      waiting: limiter.waiting,
      breaker: breaker.state,
    }),
    fullForMs: limiter.fullForMs,
    async [Symbol.asyncDispose]() {
      await connections[Symbol.asyncDispose]();
    },
  };
}

/** Rejects with an `UpstreamError` when there is no response before the deadline. */
function exchange(
  deps: HttpExchangeDeps,
  request: HttpRequest,
  deadline: Deadline,
  span: Span | null,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => new SingleExchange(deps, deadline, resolve, reject).start(request, span));
}

class SingleExchange extends HttpExchange {
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: UpstreamError) => void;

  constructor(
    deps: HttpExchangeDeps,
    deadline: Deadline,
    resolve: (response: HttpResponse) => void,
    reject: (error: UpstreamError) => void,
  ) {
    super(deps, deadline);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(request: HttpRequest, span: Span | null): void {
    this.deadline.addListener(this);
    this.sendRequest(request, span);
  }

  protected override onResponse(response: HttpResponse): void {
    this.deadline.removeListener(this);
    this.#resolve(response);
  }

  protected override onError(error: UpstreamError): void {
    this.deadline.removeListener(this);
    this.#reject(error);
  }
}
