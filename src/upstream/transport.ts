import { Pool } from "undici";
import type { z } from "zod";
import { type Admitted, type BreakerState, createBreaker } from "./breaker.ts";
import { createDeadline, type Deadline, type Waiter } from "./deadline.ts";
import { isUnanswered, toTokenError, toUpstreamError, UpstreamError } from "./errors.ts";
import { type Answer, type Asker, exchange, type Request } from "./exchange.ts";
import { parseJson } from "./json.ts";
import { nobody, type UpstreamObserver } from "./observer.ts";
import { createPlace, createQueue, type Place, type Queue } from "./queue.ts";
import { createRetries } from "./retry.ts";
import { createSharing, type Joiner, type Reading } from "./sharing.ts";
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
      const request: Request = { method: "POST", path: tokenPath, headers, body: form.toString() };
      const answer = await toAnswer((asker) => ask("token", request, createDeadline({ timeoutMs }), undefined, asker));
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

  function ask(
    name: string,
    request: Request,
    deadline: Deadline,
    startSpan: StartSpan | undefined,
    asker: Asker,
  ): void {
    const span = startSpan?.(name) ?? null;
    const headers = span === null ? request.headers : { ...request.headers, ...span.headers };
    const { method, path, body } = request;
    exchange(pool, { method, path: basePath + path, headers, body }, deadline, new Counted(name, span, asker));
  }

  /** Told of what becomes of a request before whoever asks: metrics and traces. */
  class Counted implements Asker {
    readonly #name: string;
    readonly #span: ReturnType<StartSpan>;
    readonly #asker: Asker;
    readonly #startedAt = performance.now();

    constructor(name: string, span: ReturnType<StartSpan>, asker: Asker) {
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

  function askFor(call: Call<unknown>, body: string | null, bearer: string | null, turn: Turn, asker: Asker): void {
    turn.onCall();
    const headers: Record<string, string> = {};
    if (body !== null) headers["content-type"] = "application/json";
    if (bearer !== null) headers["authorization"] = `Bearer ${bearer}`;
    ask(call.name, { method: call.method, path: call.path, headers, body }, turn.deadline, turn.startSpan, asker);
  }

  async function probe<Data>(call: Call<Data>, turn: Turn): Promise<Data> {
    return toData(call, await toAnswer((asker) => askFor(call, null, null, turn, asker)));
  }

  /**
   * One attempt at a call: it joins a read that is under way, or waits for its turn and asks. A class, and no promise of its
   * own but for what is rare: an operation has hundreds of them under way at once.
   */
  class Attempt<Data> implements Asker, Joiner, Waiter {
    place = -1;
    readonly #call: Call<Data>;
    readonly #turn: Turn;
    readonly #resolve: (data: Data) => void;
    readonly #reject: (failure: unknown) => void;
    /** Others may follow when it fails. */
    readonly #isFirst: boolean;
    readonly #body: string | null;
    /** Of what may be shared: equal keys are the same call, whose answers have one shape. */
    readonly #key: string | null;
    /** Which others may join. */
    #reading: Reading | null = null;
    #bearer = "";
    #isRenewed = false;
    /** It has failed, and hears no more of what it has joined. */
    #isOver = false;
    #admitted: Admitted = 0;
    #startedAt = 0;
    #answeredBefore = 0;
    #silentBefore = 0;

    constructor(
      call: Call<Data>,
      turn: Turn,
      resolve: (data: Data) => void,
      reject: (failure: unknown) => void,
      isFirst: boolean,
    ) {
      this.#call = call;
      this.#turn = turn;
      this.#resolve = resolve;
      this.#reject = reject;
      this.#isFirst = isFirst;
      this.#body = call.body === undefined ? null : JSON.stringify(call.body);
      if (call.method !== "GET" || !turn.shares()) this.#key = null;
      else this.#key = this.#body === null ? call.path : `${call.path} ${this.#body}`;
    }

    begin(): void {
      const reading = this.#find();
      if (reading !== undefined) this.#join(reading);
      else this.#enter();
    }

    /** Nobody waits for a probe of the breaker. */
    #find(): Reading | undefined {
      return this.#key === null || breaker.state !== "closed" ? undefined : sharing.find(this.#key);
    }

    /** To the breaker each who joins counts as one who asks: a stack that is away is left alone as soon. */
    #join(reading: Reading): void {
      const { place, deadline } = this.#turn;
      place.hasBegun = true;
      this.#listen(breaker.admit() ?? 0);
      deadline.watch(this);
      reading.join(this);
    }

    joined(data: unknown): void {
      if (this.#isOver) return;
      this.#turn.deadline.forget(this);
      told.answered += 1;
      queue.joined();
      breaker.report(this.#admitted, true);
      observer.shared(this.#call.name);
      this.#resolve(data as Data);
    }

    unjoined(failure: UpstreamError): void {
      if (this.#isOver) return;
      this.#turn.deadline.forget(this);
      // That its caller left, or had no more time, says nothing to anybody else.
      if (failure.kind === "cancelled" || failure.kind === "timeout") {
        this.#noteSilence();
        this.begin();
        return;
      }
      breaker.report(this.#admitted, failure.kind !== "unavailable" || !failure.isPassing);
      this.#fail(failure);
    }

    expire(reason: UpstreamError): void {
      this.#isOver = true;
      if (reason.kind === "timeout") this.#noteSilence();
      this.#fail(reason);
    }

    #enter(): void {
      let waiting: Promise<void> | undefined;
      try {
        waiting = queue.enter(this.#turn.place, this.#turn.deadline);
      } catch (error) {
        observer.refused("queue-full");
        this.#fail(error);
        return;
      }
      if (waiting === undefined) this.#ask();
      else waiting.then(() => this.#haveTurn()).catch((error) => this.#fail(error));
    }

    #haveTurn(): void {
      const reading = this.#find();
      if (reading === undefined) {
        this.#ask();
      } else {
        queue.leave(); // what it waited to ask has been asked meanwhile
        this.#join(reading);
      }
    }

    #ask(): void {
      const admitted = breaker.admit();
      if (admitted === null) {
        queue.leave();
        observer.refused("breaker-open");
        this.#fail(new UpstreamError("unavailable", "the stack has not answered of late"));
        return;
      }
      this.#listen(admitted);
      if (this.#key !== null) this.#reading = sharing.start(this.#key);
      const bearer = token.get(this.#turn.deadline);
      if (typeof bearer === "string") this.#send(bearer);
      else bearer.then((granted) => this.#send(granted)).catch((error) => this.#end(toFailure(error)));
    }

    #send(bearer: string): void {
      this.#bearer = bearer;
      if (this.#key === null) sharing.forget();
      askFor(this.#call, this.#body, bearer, this.#turn, this);
    }

    answered(answer: Answer): void {
      if (this.#key === null) sharing.forget();
      if (answer.status !== 401 || this.#isRenewed) {
        this.#settle(answer);
        return;
      }
      this.#isRenewed = true;
      token
        .renew(this.#bearer, this.#turn.deadline)
        .then((renewed) => (renewed === null ? this.#settle(answer) : this.#send(renewed)))
        .catch((error) => this.#end(toFailure(error)));
    }

    failed(failure: UpstreamError): void {
      if (this.#key === null) sharing.forget();
      this.#end(failure);
    }

    #settle(answer: Answer): void {
      queue.leave(); // before the answer is read, so that the next call is on its way meanwhile
      const isAnswered = !isUnanswered(answer.status);
      if (isAnswered) told.answered += 1;
      breaker.report(this.#admitted, isAnswered);
      let data: Data;
      try {
        data = toData(this.#call, answer);
      } catch (error) {
        this.#fail(error);
        return;
      }
      this.#resolve(data);
      this.#reading?.answer(data);
    }

    /** Without an answer. */
    #end(failure: UpstreamError): void {
      queue.leave();
      if (failure.kind === "timeout") this.#noteSilence();
      // A refused token is an answer.
      else if (failure.kind !== "cancelled") breaker.report(this.#admitted, failure.kind !== "unavailable");
      this.#fail(failure);
    }

    #fail(error: unknown): void {
      if (this.#isFirst) again(this.#call, this.#turn, error).then(this.#resolve, this.#reject);
      else this.#reject(error);
      this.#reading?.fail(toFailure(error));
    }

    #listen(admitted: Admitted): void {
      this.#admitted = admitted;
      this.#startedAt = performance.now();
      this.#answeredBefore = told.answered;
      this.#silentBefore = told.silent;
    }

    #noteSilence(): void {
      // What was left of its operation's time may have been too little for any stack. And a silence that is over, as
      // most calls since have found, says nothing of now.
      if (performance.now() - this.#startedAt <= timeoutMs / 2) return;
      const isOver = told.answered - this.#answeredBefore > told.silent - this.#silentBefore;
      told.silent += 1;
      if (!isOver) breaker.report(this.#admitted, false);
    }
  }

  /** What goes well, as nearly all does, does not come here. */
  async function again<Data>(call: Call<Data>, turn: Turn, failed: unknown): Promise<Data> {
    const attempt = () =>
      new Promise<Data>((resolve, reject) => new Attempt(call, turn, resolve, reject, false).begin());
    const isRepeatable = call.method === "GET" || call.isIdempotent === true;
    try {
      if (call.isProbe) throw failed;
      return await retries.again({ name: call.name, isRepeatable }, turn.deadline, failed, attempt);
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
    retries.began();
    return new Promise((resolve, reject) => new Attempt(call, turn, resolve, reject, true).begin());
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
      return (call) => send(call, turn);
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

function toAnswer(ask: (asker: Asker) => void): Promise<Answer> {
  return new Promise((answered, failed) => ask({ answered, failed }));
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
