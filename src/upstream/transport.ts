import { Pool } from "undici";
import type { z } from "zod";
import { type BreakerState, createBreaker } from "./breaker.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { isUnanswered, toTokenError, toUpstreamError, UpstreamError } from "./errors.ts";
import { type Answer, exchange, type Request } from "./exchange.ts";
import { parseJson } from "./json.ts";
import { nobody, type UpstreamObserver } from "./observer.ts";
import { createPlace, createQueue, type Place, type Queue } from "./queue.ts";
import { createRetries } from "./retry.ts";
import { createSharing, join } from "./sharing.ts";
import { createRefreshingToken, createStaticToken, type GrantedToken, type TokenSource } from "./token.ts";
import { errorBody, tokenResponse } from "./types.ts";

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

/** What belongs to one operation of the graph: who may cancel its calls, who counts them, when they must be over. */
export type CallScope = {
  readonly signal?: AbortSignal | undefined;
  /** Told of each request as it is sent. */
  readonly onCall?: (() => void) | undefined;
  /** When its time began (`performance.now()`); when left out, with its first call. */
  readonly since?: (() => number) | undefined;
  /** Less than what operations have. */
  readonly timeoutMs?: number;
  /** Told of each request as it begins; `null`: it is not traced. */
  readonly startSpan?: StartSpan | undefined;
  /**
   * Whether its reads may be answered by identical ones that others have under way, and theirs by its own. Not for those
   * that want to know how things are after something that they have heard of, or before a write.
   */
  readonly shares?: (() => boolean) | undefined;
};

/** `headers` go with the request. */
export type StartSpan = (name: string) => {
  readonly headers: Readonly<Record<string, string>>;
  end(ended: { readonly isFault: boolean; readonly attributes: Readonly<Record<string, string | number>> }): void;
} | null;

export type Call<Answer> = {
  /** As metrics call it. */
  readonly name: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the stack's URL, starting with a slash; every part of it already encoded. */
  readonly path: string;
  /** Sent as JSON, also with GET: that is where the service reads filters. */
  readonly body?: unknown;
  /** The shape that the answer must have; `null` where the answer has no body. */
  readonly shape: z.ZodType<Answer> | null;
  /** A write that does the same when it is sent twice. */
  readonly isIdempotent?: boolean;
  /** Whether the stack is there: open to all, and asked past queue, breaker and retries, once only. */
  readonly isProbe?: boolean;
};

/** @throws {UpstreamError} and nothing else. */
export type Send = <Answer>(call: Call<Answer>) => Promise<Answer>;

export type TransportState = {
  readonly inFlight: number;
  readonly queued: number;
  /** No operation that has not begun would be taken now. */
  readonly isFull: boolean;
  readonly breaker: BreakerState;
};

export type Transport = AsyncDisposable & {
  within(scope: CallScope): Send;
  /** Room for an operation of about so many calls: see `Queue`. */
  readonly reserve: Queue["reserve"];
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

/** The calls of one operation. */
type Turn = {
  readonly deadline: Deadline;
  readonly place: Place;
  readonly onCall: () => void;
  readonly shares: () => boolean;
  readonly startSpan: StartSpan | undefined;
};

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
  const token: TokenSource =
    credentials.kind === "token" ? createStaticToken(credentials.token) : createRefreshingToken(grantToken);
  const breaker = createBreaker((state) => observer.breaker(state));
  /** How many calls were answered, and how many found silence until their end. */
  const told = { answered: 0, silent: 0 };
  const queue = createQueue({ atOnce: sockets, longest: queuedPerSocket * sockets });
  const retries = createRetries((name) => observer.retried(name));
  const sharing = createSharing();

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
      const answer = await ask("token", { method: "POST", path: tokenPath, headers, body: form.toString() }, own());
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
  const own = () => createDeadline({ timeoutMs });

  async function ask(name: string, request: Request, deadline: Deadline, startSpan?: StartSpan): Promise<Answer> {
    const startedAt = performance.now();
    const span = startSpan?.(name) ?? null;
    function tell(outcome: number | UpstreamError["kind"]): void {
      observer.called({ name, outcome, ms: performance.now() - startedAt });
      const isFault = typeof outcome === "string" || outcome >= 400;
      span?.end({ isFault, attributes: { "gateway.upstream_outcome": outcome } });
    }
    const headers = span === null ? request.headers : { ...request.headers, ...span.headers };
    try {
      const answer = await exchange(pool, { ...request, headers, path: basePath + request.path }, deadline);
      tell(answer.status);
      return answer;
    } catch (error) {
      tell(toFailure(error).kind);
      throw error;
    }
  }

  /** One attempt, with a second request where the token was refused. */
  async function attempt(call: Call<unknown>, turn: Turn): Promise<Answer> {
    const { deadline, onCall, startSpan } = turn;
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const send = (bearer: string | null) => {
      onCall();
      const headers: Record<string, string> = {};
      if (body !== null) headers["content-type"] = "application/json";
      if (bearer !== null) headers["authorization"] = `Bearer ${bearer}`;
      const answer = ask(call.name, { method: call.method, path: call.path, headers, body }, deadline, startSpan);
      if (call.isProbe || isShared(call, turn)) return answer;
      sharing.forget();
      return answer.finally(sharing.forget);
    };
    if (call.isProbe) return send(null);
    const bearer = await token.get(deadline);
    const answer = await send(bearer);
    if (answer.status !== 401) return answer;
    const renewed = await token.renew(bearer, deadline);
    return renewed === null ? answer : send(renewed);
  }

  /** @throws {UpstreamError} for an answer that is no success, too. */
  async function once<Data>(call: Call<Data>, turn: Turn): Promise<Data> {
    return toData(call, await attempt(call, turn));
  }

  /** What to do when a call that begins now ends in silence. */
  function listen(report: (isAnswered: boolean) => void): () => void {
    const startedAt = performance.now();
    const { answered, silent } = told;
    return () => {
      // What was left of its operation's time may have been too little for any stack. And a silence that is over, as
      // most calls since have found, says nothing of now.
      if (performance.now() - startedAt <= timeoutMs / 2) return;
      const isOver = told.answered - answered > told.silent - silent;
      told.silent += 1;
      if (!isOver) report(false);
    };
  }

  async function guarded<Data>(call: Call<Data>, turn: Turn): Promise<Data> {
    const report = breaker.admit();
    if (report === null) {
      queue.leave();
      observer.refused("breaker-open");
      throw new UpstreamError("unavailable", "the stack has not answered of late");
    }
    const noteSilence = listen(report);
    let answer: Answer;
    try {
      answer = await attempt(call, turn);
    } catch (error) {
      const failure = toFailure(error);
      if (failure.kind === "timeout") noteSilence();
      else if (failure.kind !== "cancelled") report(failure.kind !== "unavailable"); // a refused token is an answer
      throw failure;
    } finally {
      queue.leave(); // before the answer is read, so that the next call is on its way meanwhile
    }
    const isAnswered = !isUnanswered(answer.status);
    if (isAnswered) told.answered += 1;
    report(isAnswered);
    return toData(call, answer);
  }

  async function queued<Data>(call: Call<Data>, turn: Turn): Promise<Data> {
    const key = isShared(call, turn) ? `${call.path} ${JSON.stringify(call.body)}` : null;
    for (;;) {
      const reading = find<Data>(key);
      if (reading !== undefined) {
        turn.place.hasBegun = true;
        const joined = await joinRead(reading, turn.deadline);
        if (joined === null) continue;
        observer.shared(call.name);
        return joined.answer;
      }
      const waiting = enter(turn);
      if (waiting === undefined) break;
      await waiting;
      if (find(key) === undefined) break;
      queue.leave(); // what it waited to ask has been asked meanwhile
    }
    const asking = guarded(call, turn);
    if (key !== null) sharing.start(key, asking);
    return asking;
  }

  /** What goes well, as nearly all does, does not come here. */
  async function again<Data>(call: Call<Data>, turn: Turn, failed: unknown): Promise<Data> {
    const isRepeatable = call.method === "GET" || call.isIdempotent === true;
    try {
      if (call.isProbe) throw failed;
      return await retries.again({ name: call.name, isRepeatable }, turn.deadline, failed, () => queued(call, turn));
    } catch (error) {
      const failure = toFailure(error);
      throw isRepeatable ? toHarmless(failure) : failure; // what may be sent again does no harm by having been sent
    }
  }

  /** Equal keys are the same call, whose answers have one shape. Nobody waits for a probe of the breaker. */
  function find<Data>(key: string | null): Promise<Data> | undefined {
    if (key === null || breaker.state !== "closed") return undefined;
    return sharing.find(key) as Promise<Data> | undefined;
  }

  /** To the breaker each who joined counts as one who asked: a stack that is away is left alone as soon. */
  async function joinRead<Data>(reading: Promise<Data>, deadline: Deadline) {
    const report = breaker.admit() ?? (() => {});
    const noteSilence = listen(report);
    try {
      const joined = await join(reading, deadline);
      if (joined === null) noteSilence();
      else {
        told.answered += 1;
        queue.joined();
        report(true);
      }
      return joined;
    } catch (error) {
      const { kind, isPassing } = toFailure(error);
      if (kind === "timeout") noteSilence();
      else if (kind !== "cancelled") report(kind !== "unavailable" || !isPassing);
      throw error;
    }
  }

  function enter({ place, deadline }: Turn): Promise<void> | undefined {
    try {
      return queue.enter(place, deadline);
    } catch (error) {
      observer.refused("queue-full");
      throw error;
    }
  }

  return {
    within(scope) {
      const turn: Turn = {
        deadline: createDeadline({ timeoutMs: scope.timeoutMs ?? timeoutMs, signal: scope.signal, since: scope.since }),
        place: createPlace(),
        onCall: scope.onCall ?? (() => {}),
        shares: scope.shares ?? (() => false),
        startSpan: scope.startSpan,
      };
      return async (call) => {
        try {
          turn.deadline.check();
          if (call.isProbe) return await once(call, turn);
          retries.began();
          return await queued(call, turn);
        } catch (error) {
          return await again(call, turn, error);
        }
      };
    },
    reserve: queue.reserve,
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

function isShared({ method, isProbe }: Call<unknown>, { shares }: Turn): boolean {
  return method === "GET" && !isProbe && shares();
}

function check<Answer>(shape: z.ZodType<Answer>, text: string): Answer {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw new UpstreamError("malformed", "the answer is not JSON");
  }
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  // Paths and codes only: the values may be a person's, and so may the keys inside metadata.
  const issues = result.error.issues.slice(0, 5).map(({ path, code }) => {
    const known = path.includes("metadata") ? path.slice(0, path.indexOf("metadata") + 1) : path;
    return `${known.join(".")}: ${code}`;
  });
  throw new UpstreamError("malformed", `the answer has not the promised shape (${issues.join("; ")})`);
}

/** The service's error body, when the text is one. A proxy's HTML or an empty body is not. */
function readError(text: string): { code: string | undefined; message: string | undefined } {
  try {
    const body = errorBody.parse(JSON.parse(text));
    return { code: body.errorCode, message: body.errorMessage ?? undefined };
  } catch {
    return { code: undefined, message: undefined };
  }
}

function toData<Data>({ shape }: Call<Data>, answer: Answer): Data {
  if (!isSuccess(answer.status)) throw toUpstreamError({ ...answer, ...readError(answer.text) });
  return shape === null ? (undefined as never) : check(shape, answer.text);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

function toFailure(error: unknown): UpstreamError {
  return error instanceof UpstreamError
    ? error
    : new UpstreamError("unavailable", "the connection failed", { cause: error });
}

function toHarmless(failure: UpstreamError): UpstreamError {
  const { kind, message, cause, retryAfterMs } = failure;
  return failure.effect === "none" ? failure : new UpstreamError(kind, message, { cause, retryAfterMs });
}
