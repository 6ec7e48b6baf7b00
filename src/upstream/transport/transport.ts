import { Pool } from "undici";
import { toFailure, toTokenError, UpstreamError } from "../errors.ts";
import { nobody, type UpstreamObserver } from "../observer.ts";
import { check, isSuccess, toData } from "../response-body.ts";
import { tokenResponse } from "../wire-types.ts";
import { createRefreshingToken, createStaticToken, type GrantedToken } from "./access-token.ts";
import type { Call, CallScope, CallSpan, Turn } from "./call.ts";
import { type BreakerState, createBreaker } from "./circuit-breaker.ts";
import { createPlace, createQueue } from "./concurrency-limiter.ts";
import { Deadline } from "./deadline.ts";
import { createSharing } from "./deduplication.ts";
import type { Permit } from "./fair-admission.ts";
import { type Answer, type Asker, exchange, type Request } from "./http-exchange.ts";
import { type Around, Attempt } from "./request-attempt.ts";
import { createRetries } from "./retry.ts";

export type Credentials =
  | { readonly kind: "client"; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: "token"; readonly token: string };

export type TransportOptions = {
  /** The stack's URL, without `/api/payments`. */
  readonly url: URL;
  readonly credentials: Credentials;
  /** The time that the calls of one operation share, tokens and retries included, in milliseconds. */
  readonly timeoutMs: number;
  /** The most calls at once, each on a socket of its own. Sockets ÷ latency is the ceiling of calls per second. */
  readonly sockets: number;
  readonly observer?: UpstreamObserver | undefined;
};

export type TransportState = {
  readonly inFlight: number;
  readonly queued: number;
  /** No operation that has not begun would be taken now. */
  readonly isFull: boolean;
  readonly breaker: BreakerState;
};

export type Transport = AsyncDisposable & {
  begin(scope: CallScope): Turn;
  /** @throws {UpstreamError} and nothing else. */
  send<Answer>(call: Call<Answer>, turn: Turn): Promise<Answer>;
  /**
   * Keeps room for an operation, of about so many calls, until it leaves; `null`: its holder's operations hold all that
   * one holder's may. See `Queue`.
   */
  reserve(calls: number, holder: string | null, turn: Turn): Permit | null;
  state(): TransportState;
};

/** Far above a full page of the service, whose rows may hold raw data of the provider; in bytes. */
const largestAnswer = 64 * 1024 * 1024;
/** What the gateway asks for with client credentials. */
export const gatewayScopes = "openid payments:read payments:write";
/** Below the stack's URL. */
export const tokenPath = "/api/auth/oauth/token";
/** For tokens and probes, which wait for no call. */
const ownSockets = 2;
/** Calls that wait for one that is under way to end. */
const queuedPerSocket = 8;
/** The service's tokens live for an hour; assumed when the answer does not say. */
const tokenLifetimeS = 3600;

/**
 * A call goes through: retries → its turn in the queue → the breaker → token and request. Each attempt waits for its
 * turn anew. A read that others have sent already is not sent again.
 */
export function createTransport(options: TransportOptions): Transport {
  const { url, credentials, timeoutMs, sockets, observer = nobody } = options;
  // Time-outs are off here, because each operation brings its own deadline.
  const pool = new Pool(url.origin, {
    connections: sockets + ownSockets,
    maxResponseSize: largestAnswer,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMs },
  });
  const basePath = url.pathname.replace(/\/+$/, "");
  const breaker = createBreaker((state) => observer.breaker(state));
  const queue = createQueue({ atOnce: sockets, longest: queuedPerSocket * sockets });
  const retries = createRetries((name) => observer.retried(name));
  const around: Around = {
    queue,
    breaker,
    sharing: createSharing(),
    token: credentials.kind === "token" ? createStaticToken(credentials.token) : createRefreshingToken(grantToken),
    observer,
    timeoutMs,
    told: { answered: 0, silent: 0 },
    ask: askFor,
    again,
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
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const request: Request = { method: "POST", path: tokenPath, headers, body: form.toString() };
      const answer = await toAnswer((asker) => ask("token", request, new Deadline(timeoutMs), null, asker));
      if (!isSuccess(answer.status)) throw toTokenError(answer);
      const granted = check(tokenResponse, answer.text);
      observer.tokenRefreshed("ok");
      return { token: granted.access_token, lifetimeMs: (granted.expires_in ?? tokenLifetimeS) * 1000 };
    } catch (error) {
      const { kind, message, cause, retryAfterMs, isPassing } = toFailure(error);
      observer.tokenRefreshed(kind);
      // Whatever it was for has not been sent.
      throw new UpstreamError(kind, message, { cause, retryAfterMs, isPassing, effect: "none" });
    }
  }

  function ask(name: string, request: Request, deadline: Deadline, span: CallSpan | null, asker: Asker): void {
    const headers = span === null ? request.headers : { ...request.headers, ...span.headers };
    const { method, path, body } = request;
    exchange(pool, { method, path: basePath + path, headers, body }, deadline, new Counted(name, span, asker));
  }

  /** Told of what becomes of a request before whoever asks: metrics and traces. */
  class Counted implements Asker {
    readonly #name: string;
    readonly #span: CallSpan | null;
    readonly #asker: Asker;
    readonly #startedAt = performance.now();

    constructor(name: string, span: CallSpan | null, asker: Asker) {
      this.#name = name;
      this.#span = span;
      this.#asker = asker;
    }

    #tell(outcome: number | UpstreamError["kind"]): void {
      observer.called({ name: this.#name, outcome, ms: performance.now() - this.#startedAt });
      const isFault = typeof outcome === "string" || outcome >= 400;
      this.#span?.end({ isFault, attributes: { "gateway.upstream_outcome": outcome } });
    }

    answered(answer: Answer): void {
      this.#tell(answer.status);
      this.#asker.answered(answer);
    }

    failed(failure: UpstreamError): void {
      this.#tell(failure.kind);
      this.#asker.failed(failure);
    }
  }

  function askFor(call: Call<unknown>, turn: Turn, body: string | null, bearer: string | null, asker: Asker): void {
    turn.scope.onCall?.();
    const headers: Record<string, string> = {};
    if (body !== null) headers["content-type"] = "application/json";
    if (bearer !== null) headers["authorization"] = `Bearer ${bearer}`;
    const span = turn.scope.startSpan?.(call.name) ?? null;
    ask(call.name, { method: call.method, path: call.path, headers, body }, turn.deadline, span, asker);
  }

  async function probe<Data>(call: Call<Data>, turn: Turn): Promise<Data> {
    return toData(call.shape, await toAnswer((asker) => askFor(call, turn, null, null, asker)));
  }

  /** What goes well, as nearly all does, does not come here. */
  async function again<Data>(call: Call<Data>, turn: Turn, failed: unknown): Promise<Data> {
    const attempt = () =>
      new Promise<Data>((resolve, reject) => new Attempt(around, call, turn, resolve, reject, false).begin());
    const isRepeatable = call.method === "GET" || call.isIdempotent === true;
    try {
      if (call.isProbe) throw failed;
      return await retries.retry({ name: call.name, isRepeatable }, turn.deadline, failed, attempt);
    } catch (error) {
      const failure = toFailure(error);
      throw isRepeatable ? toHarmless(failure) : failure; // what may be sent again does no harm by having been sent
    }
  }

  function send<Data>(call: Call<Data>, turn: Turn): Promise<Data> {
    try {
      turn.deadline.check();
    } catch (error) {
      return again(call, turn, error);
    }
    if (call.isProbe) return probe(call, turn).catch((error) => again(call, turn, error));
    retries.onCall();
    return new Promise((resolve, reject) => new Attempt(around, call, turn, resolve, reject, true).begin());
  }

  return {
    begin: (scope) => ({
      scope,
      deadline: new Deadline(scope.timeoutMs ?? timeoutMs, scope),
      place: createPlace(),
    }),
    send,
    reserve: (calls, holder, turn) => queue.reserve(calls, holder, turn.deadline),
    state: () => ({
      inFlight: queue.running,
      queued: queue.queued,
      isFull: queue.isFull,
      breaker: breaker.state,
    }),
    async [Symbol.asyncDispose]() {
      await pool.destroy();
    },
  };
}

function toAnswer(ask: (asker: Asker) => void): Promise<Answer> {
  return new Promise((answered, failed) => ask({ answered, failed }));
}

function toHarmless(failure: UpstreamError): UpstreamError {
  const { kind, message, cause, retryAfterMs } = failure;
  return failure.effect === "none" ? failure : new UpstreamError(kind, message, { cause, retryAfterMs });
}
