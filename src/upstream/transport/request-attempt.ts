/** One attempt at a call: follows an identical read that is in flight, or waits for capacity and sends the request. */
import { isUnanswered, toFailure, UpstreamError } from "../errors.ts";
import type { UpstreamObserver } from "../observer.ts";
import { toData } from "../response-body.ts";
import type { TokenSource } from "./access-token.ts";
import type { Call, CallContext } from "./call.ts";
import type { CircuitBreaker, Epoch } from "./circuit-breaker.ts";
import type { ConcurrencyLimiter } from "./concurrency-limiter.ts";
import type { DeadlineListener } from "./deadline.ts";
import type { Deduplication, Follower, InFlightRead } from "./deduplication.ts";
import type { HttpResponse, ResponseHandler } from "./http-exchange.ts";

/** What all attempts share. */
export type AttemptDeps = {
  readonly limiter: ConcurrencyLimiter;
  readonly breaker: CircuitBreaker;
  readonly deduplication: Deduplication;
  readonly token: TokenSource;
  readonly observer: UpstreamObserver;
  /** The time that an operation has. */
  readonly timeoutMs: number;
  /** How many calls were answered, and how many got no answer until their deadline. */
  readonly counts: { answered: number; silent: number };
  send(call: Call<unknown>, context: CallContext, bearer: string, handler: ResponseHandler): void;
  /** Goes on with a call whose first attempt has failed. */
  retry<Data>(call: Call<Data>, context: CallContext, failure: unknown): Promise<Data>;
};

/** A class, with promises only for what is rare: hundreds are under way at once (docs/decisions/0021-memory-per-stream.md). */
export class Attempt<Data> implements ResponseHandler, Follower, DeadlineListener {
  index = -1;
  readonly #deps: AttemptDeps;
  readonly #call: Call<Data>;
  readonly #context: CallContext;
  readonly #resolve: (data: Data) => void;
  readonly #reject: (failure: unknown) => void;
  /** Only the first one may be retried. */
  readonly #isFirst: boolean;
  /** Whether others may follow it, and it others. */
  readonly #shares: boolean;
  #key: string | null = null;
  /** This attempt's own read, which others may follow. */
  #read: InFlightRead | null = null;
  #bearer = "";
  #isRenewed = false;
  /** It has failed, and ignores the read that it followed. */
  #isExpired = false;
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
    this.#deps = deps;
    this.#call = call;
    this.#context = context;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#isFirst = isFirst;
    this.#shares = call.method === "GET" && context.scope.shares?.() === true;
  }

  /** Equal keys are the same read, whose responses have one shape. */
  #toKey(): string {
    const { path, body } = this.#call;
    this.#key ??= body === undefined ? path : `${path} ${body.text}`;
    return this.#key;
  }

  start(): void {
    const read = this.#findInFlight();
    if (read !== undefined) this.#follow(read);
    else this.#acquire();
  }

  /** Nothing follows a probe of the breaker. */
  #findInFlight(): InFlightRead | undefined {
    const { breaker, deduplication } = this.#deps;
    return !this.#shares || breaker.state !== "closed" ? undefined : deduplication.find(this.#toKey());
  }

  /** The breaker counts each follower as a call, so that it opens as soon as without deduplication. */
  #follow(read: InFlightRead): void {
    const { slot, deadline } = this.#context;
    slot.hasBegun = true;
    this.#noteStart(this.#deps.breaker.admit() ?? 0);
    deadline.addListener(this);
    read.addFollower(this);
  }

  onData(data: unknown): void {
    if (this.#isExpired) return;
    this.#context.deadline.removeListener(this);
    this.#context.slot.isAnswered = true;
    const { counts, limiter, breaker, observer } = this.#deps;
    counts.answered += 1;
    limiter.countDeduplicated();
    breaker.report(this.#epoch, true);
    observer.onDeduplicated(this.#call.name);
    this.#resolve(data as Data);
  }

  onFailure(failure: UpstreamError): void {
    if (this.#isExpired) return;
    this.#context.deadline.removeListener(this);
    // That the other caller cancelled, or had no more time, is no failure of this one.
    if (failure.kind === "cancelled" || failure.kind === "timeout") {
      this.#reportSilence();
      this.start();
      return;
    }
    this.#deps.breaker.report(this.#epoch, failure.kind !== "unavailable" || !failure.isPassing);
    this.#fail(failure);
  }

  /** While it follows a read; a request of its own has a listener of its own. */
  onExpire(reason: UpstreamError): void {
    this.#isExpired = true;
    if (reason.kind === "timeout") this.#reportSilence();
    this.#fail(reason);
  }

  #acquire(): void {
    let acquired: Promise<void> | undefined;
    try {
      acquired = this.#deps.limiter.acquire(this.#context.slot, this.#context.deadline);
    } catch (error) {
      this.#deps.observer.onRejected("queue-full");
      this.#fail(error);
      return;
    }
    if (acquired === undefined) this.#request();
    else acquired.then(() => this.#followOrRequest()).catch((error) => this.#fail(error));
  }

  #followOrRequest(): void {
    const read = this.#findInFlight();
    if (read === undefined) {
      this.#request();
    } else {
      this.#deps.limiter.release(); // an identical read has started while this one was queued
      this.#follow(read);
    }
  }

  #request(): void {
    const epoch = this.#deps.breaker.admit();
    if (epoch === null) {
      this.#deps.limiter.release();
      this.#deps.observer.onRejected("breaker-open");
      this.#fail(new UpstreamError("unavailable", "the stack has not answered of late"));
      return;
    }
    this.#noteStart(epoch);
    if (this.#shares) this.#read = this.#deps.deduplication.start(this.#toKey());
    const bearer = this.#deps.token.get(this.#context.deadline);
    if (typeof bearer === "string") this.#send(bearer);
    else bearer.then((granted) => this.#send(granted)).catch((error) => this.#endUnanswered(toFailure(error)));
  }

  #send(bearer: string): void {
    this.#bearer = bearer;
    if (!this.#shares) this.#deps.deduplication.invalidate();
    this.#deps.send(this.#call, this.#context, bearer, this);
  }

  onResponse(response: HttpResponse): void {
    if (!this.#shares) this.#deps.deduplication.invalidate();
    if (response.status !== 401 || this.#isRenewed) {
      this.#endAnswered(response);
      return;
    }
    this.#isRenewed = true;
    this.#deps.token
      .renew(this.#bearer, this.#context.deadline)
      .then((renewed) => (renewed === null ? this.#endAnswered(response) : this.#send(renewed)))
      .catch((error) => this.#endUnanswered(toFailure(error)));
  }

  onError(error: UpstreamError): void {
    if (!this.#shares) this.#deps.deduplication.invalidate();
    this.#endUnanswered(error);
  }

  #endAnswered(response: HttpResponse): void {
    this.#deps.limiter.release(); // before the body is parsed, so that the next call is sent meanwhile
    this.#context.slot.isAnswered = true;
    const isAnswered = !isUnanswered(response.status);
    if (isAnswered) this.#deps.counts.answered += 1;
    this.#deps.breaker.report(this.#epoch, isAnswered);
    let data: Data;
    try {
      data = toData(this.#call, response);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#resolve(data);
    this.#read?.resolve(data);
  }

  #endUnanswered(failure: UpstreamError): void {
    this.#deps.limiter.release();
    if (failure.kind === "timeout") this.#reportSilence();
    // A refused token is an answer.
    else if (failure.kind !== "cancelled") this.#deps.breaker.report(this.#epoch, failure.kind !== "unavailable");
    this.#fail(failure);
  }

  #fail(error: unknown): void {
    if (this.#isFirst) this.#deps.retry(this.#call, this.#context, error).then(this.#resolve, this.#reject);
    else this.#reject(error);
    this.#read?.reject(toFailure(error));
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
