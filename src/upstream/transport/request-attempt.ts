/** One attempt at a call: follows an identical read that is in flight, or waits for capacity and sends the request. */
import type { Span } from "../../lib/span.ts";
import { isUnanswered, toFailure, UpstreamError } from "../errors.ts";
import { toData } from "../response-body.ts";
import type { TokenSource } from "./access-token.ts";
import type { Call, CallContext } from "./call.ts";
import type { CircuitBreaker, Epoch } from "./circuit-breaker.ts";
import type { ConcurrencyLimiter, QueuedCall } from "./concurrency-limiter.ts";
import type { Deduplication, Follower, InFlightRead } from "./deduplication.ts";
import { HttpExchange, type HttpExchangeDeps, type HttpResponse } from "./http-exchange.ts";

/** What all attempts share. */
export type AttemptDeps = HttpExchangeDeps & {
  readonly limiter: ConcurrencyLimiter;
  readonly breaker: CircuitBreaker;
  readonly deduplication: Deduplication;
  readonly token: TokenSource;
  readonly toHeaders: (bearer: string, hasBody: boolean) => readonly string[];
  /** The time that an operation has. */
  readonly timeoutMs: number;
  /** How many calls were answered, and how many got no answer until their deadline. */
  readonly counts: { answered: number; silent: number };
  /** Goes on with a call whose first attempt has failed. */
  retry<Data>(call: Call<Data>, context: CallContext, failure: unknown): Promise<Data>;
};

/**
 * A class, with promises only for what is rare, and one object for all that a call is: hundreds are under way at once
 * (docs/decisions/0021-memory-per-stream.md).
 */
export class Attempt<Data> extends HttpExchange implements Follower, QueuedCall {
  isQueued = false;
  readonly #deps: AttemptDeps;
  readonly #call: Call<Data>;
  readonly #context: CallContext;
  readonly #resolve: (data: Data) => void;
  readonly #reject: (failure: unknown) => void;
  /** Only the first one may be retried. */
  readonly #isFirst: boolean;
  /** Whether others may follow it, and it others. */
  readonly #shares: boolean;
  /** This attempt's own read, which others may follow. */
  #read: InFlightRead | null = null;
  #state: "waiting" | "following" | "authorizing" | "sent" | "ended" = "waiting";
  #bearer = "";
  #isRenewed = false;
  #epoch: Epoch = 0;
  #startedAt = 0;
  #answeredBefore = 0;
  #silentBefore = 0;

  constructor(
    deps: AttemptDeps,
    call: Call<Data>,
    context: CallContext,
    resolve: (data: Data) => void,
    reject: (failure: unknown) => void,
    isFirst: boolean,
  ) {
    super(deps, context.deadline);
    this.#deps = deps;
    this.#call = call;
    this.#context = context;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#isFirst = isFirst;
    this.#shares = call.method === "GET" && context.scope.shares?.() === true;
  }

  start(): void {
    this.deadline.addListener(this);
    this.#followOrWait();
  }

  #followOrWait(): void {
    const read = this.#findInFlight();
    if (read === undefined) this.#wait();
    else this.#follow(read);
  }

  /** Nothing follows a probe of the breaker. */
  #findInFlight(): InFlightRead | undefined {
    if (!this.#shares || this.#deps.breaker.state !== "closed") return undefined;
    return this.#deps.deduplication.find(this.#call.path, this.#call.body);
  }

  /** The breaker counts each follower as a call, so that it opens as soon as without deduplication. */
  #follow(read: InFlightRead): void {
    this.#state = "following";
    this.#context.slot.hasBegun = true;
    this.#noteStart(this.#deps.breaker.admit() ?? 0);
    read.addFollower(this);
  }

  onData(data: unknown): void {
    if (this.#state !== "following") return;
    this.#context.slot.isAnswered = true;
    const { counts, limiter, breaker, observer } = this.#deps;
    counts.answered += 1;
    limiter.countDeduplicated();
    breaker.report(this.#epoch, true);
    observer.onDeduplicated(this.#call.name);
    this.#succeed(data as Data);
  }

  onFailure(failure: UpstreamError): void {
    if (this.#state !== "following") return;
    // That the other caller cancelled, or had no more time, is no failure of this one.
    if (failure.kind === "cancelled" || failure.kind === "timeout") {
      this.#reportSilence();
      this.#followOrWait();
      return;
    }
    this.#deps.breaker.report(this.#epoch, failure.kind !== "unavailable" || !failure.isPassing);
    this.#fail(failure);
  }

  override onExpire(reason: UpstreamError): void {
    if (this.#state === "sent") {
      super.onExpire(reason);
    } else if (this.#state === "authorizing") {
      this.#endUnanswered(reason);
    } else {
      if (this.#state === "following" && reason.kind === "timeout") this.#reportSilence();
      if (this.isQueued) this.#deps.limiter.leave(this);
      this.#fail(reason);
    }
  }

  #wait(): void {
    this.#state = "waiting";
    try {
      if (!this.#deps.limiter.acquire(this.#context.slot, this)) return;
    } catch (error) {
      this.#deps.observer.onRejected("queue-full");
      this.#fail(error);
      return;
    }
    if (!this.#request()) this.#deps.limiter.release();
  }

  /** There is capacity now. @returns whether it is used. */
  begin(): boolean {
    const read = this.#findInFlight();
    if (read === undefined) return this.#request();
    this.#follow(read); // an identical read has started while this one was queued
    return false;
  }

  #request(): boolean {
    const epoch = this.#deps.breaker.admit();
    if (epoch === null) {
      this.#deps.observer.onRejected("breaker-open");
      this.#fail(new UpstreamError("unavailable", "the stack has not answered of late"));
      return false;
    }
    this.#noteStart(epoch);
    if (this.#shares) this.#read = this.#deps.deduplication.start(this.#call.path, this.#call.body);
    this.#state = "authorizing";
    const bearer = this.#deps.token.get(this.deadline);
    if (typeof bearer === "string") this.#send(bearer);
    else this.#sendWith(bearer);
    return true;
  }

  #sendWith(bearer: Promise<string>): void {
    bearer.then((granted) => this.#send(granted)).catch((error) => this.#endUnanswered(toFailure(error)));
  }

  #send(bearer: string): void {
    if (this.#state !== "authorizing") return; // its time is over
    try {
      this.deadline.check(); // its timer may be late
    } catch (error) {
      this.#endUnanswered(error as UpstreamError);
      return;
    }
    const { name, method, path, body } = this.#call;
    this.#bearer = bearer;
    this.#state = "sent";
    if (!this.#shares) this.#deps.deduplication.invalidate();
    this.#context.scope.onCall?.();
    const span: Span | null = this.#context.scope.startSpan?.(name) ?? null;
    this.sendRequest({ name, method, path, headers: this.#deps.toHeaders(bearer, body !== null), body }, span);
  }

  protected override onResponse(response: HttpResponse): void {
    if (!this.#shares) this.#deps.deduplication.invalidate();
    if (response.status !== 401 || this.#isRenewed) {
      this.#endAnswered(response);
      return;
    }
    this.#isRenewed = true;
    this.#state = "authorizing";
    this.#deps.token
      .renew(this.#bearer, this.deadline)
      .then((renewed) => (renewed === null ? this.#endAnswered(response) : this.#send(renewed)))
      .catch((error) => this.#endUnanswered(toFailure(error)));
  }

  protected override onError(error: UpstreamError): void {
    if (!this.#shares) this.#deps.deduplication.invalidate();
    this.#endUnanswered(error);
  }

  #endAnswered(response: HttpResponse): void {
    if (this.#state === "ended") return;
    this.#context.slot.isAnswered = true;
    const { limiter, breaker, counts } = this.#deps;
    const isAnswered = !isUnanswered(response.status);
    if (isAnswered) counts.answered += 1;
    breaker.report(this.#epoch, isAnswered);
    limiter.release(); // before the body is parsed, so that the next call, which begins here, is sent meanwhile
    let data: Data;
    try {
      data = toData(this.#call, response);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#succeed(data);
    this.#read?.resolve(data);
  }

  #endUnanswered(failure: UpstreamError): void {
    if (this.#state === "ended") return;
    if (failure.kind === "timeout") this.#reportSilence();
    // A refused token is an answer.
    else if (failure.kind !== "cancelled") this.#deps.breaker.report(this.#epoch, failure.kind !== "unavailable");
    this.#deps.limiter.release();
    this.#fail(failure);
  }

  #succeed(data: Data): void {
    this.#end();
    this.#resolve(data);
  }

  #fail(error: unknown): void {
    this.#end();
    if (this.#isFirst) this.#deps.retry(this.#call, this.#context, error).then(this.#resolve, this.#reject);
    else this.#reject(error);
    this.#read?.reject(toFailure(error));
  }

  #end(): void {
    this.#state = "ended";
    this.deadline.removeListener(this);
  }

  #noteStart(epoch: Epoch): void {
    this.#epoch = epoch;
    this.#startedAt = performance.now();
    this.#answeredBefore = this.#deps.counts.answered;
    this.#silentBefore = this.#deps.counts.silent;
  }

  /** Lets the breaker count a call that got no answer in time, unless that says nothing of the stack. */
  #reportSilence(): void {
    const { timeoutMs, counts, breaker } = this.#deps;
    // The operation may have had too little time left for any stack.
    if (performance.now() - this.#startedAt <= timeoutMs / 2) return;
    // Most calls since were answered: the silence is over.
    const isOver = counts.answered - this.#answeredBefore > counts.silent - this.#silentBefore;
    counts.silent += 1;
    if (!isOver) breaker.report(this.#epoch, false);
  }
}
