import { isUnanswered, toFailure, UpstreamError } from "../errors.ts";
import type { UpstreamObserver } from "../observer.ts";
import { toData } from "../response-body.ts";
import type { TokenSource } from "./access-token.ts";
import type { Call, Turn } from "./call.ts";
import type { Admitted, Breaker } from "./circuit-breaker.ts";
import type { Queue } from "./concurrency-limiter.ts";
import type { Waiter } from "./deadline.ts";
import type { Joiner, Reading, Sharing } from "./deduplication.ts";
import type { Answer, Asker } from "./http-exchange.ts";

/** What all attempts share. */
export type Around = {
  readonly queue: Queue;
  readonly breaker: Breaker;
  readonly sharing: Sharing;
  readonly token: TokenSource;
  readonly observer: UpstreamObserver;
  /** The time that an operation has. */
  readonly timeoutMs: number;
  /** How many calls were answered, and how many found silence until their end. */
  readonly told: { answered: number; silent: number };
  /** Sends a request. */
  ask(call: Call<unknown>, turn: Turn, body: string | null, bearer: string, asker: Asker): void;
  /** What becomes of a call whose first attempt has failed. */
  again<Data>(call: Call<Data>, turn: Turn, failed: unknown): Promise<Data>;
};

/**
 * One attempt at a call: it joins a read that is under way, or waits for its turn and asks. A class, and no promise of its
 * own but for what is rare: an operation has hundreds of them under way at once.
 */
export class Attempt<Data> implements Asker, Joiner, Waiter {
  place = -1;
  readonly #around: Around;
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
    around: Around,
    call: Call<Data>,
    turn: Turn,
    resolve: (data: Data) => void,
    reject: (failure: unknown) => void,
    isFirst: boolean,
  ) {
    this.#around = around;
    this.#call = call;
    this.#turn = turn;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#isFirst = isFirst;
    this.#body = call.body === undefined ? null : JSON.stringify(call.body);
    if (call.method !== "GET" || turn.scope.shares?.() !== true) this.#key = null;
    else this.#key = this.#body === null ? call.path : `${call.path} ${this.#body}`;
  }

  begin(): void {
    const reading = this.#find();
    if (reading !== undefined) this.#join(reading);
    else this.#enter();
  }

  /** Nobody waits for a probe of the breaker. */
  #find(): Reading | undefined {
    const { breaker, sharing } = this.#around;
    return this.#key === null || breaker.state !== "closed" ? undefined : sharing.find(this.#key);
  }

  /** To the breaker each who joins counts as one who asks: a stack that is away is left alone as soon. */
  #join(reading: Reading): void {
    const { place, deadline } = this.#turn;
    place.hasBegun = true;
    this.#listen(this.#around.breaker.admit() ?? 0);
    deadline.watch(this);
    reading.join(this);
  }

  joined(data: unknown): void {
    if (this.#isOver) return;
    this.#turn.deadline.forget(this);
    const { told, queue, breaker, observer } = this.#around;
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
    this.#around.breaker.report(this.#admitted, failure.kind !== "unavailable" || !failure.isPassing);
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
      waiting = this.#around.queue.enter(this.#turn.place, this.#turn.deadline);
    } catch (error) {
      this.#around.observer.refused("queue-full");
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
      this.#around.queue.leave(); // what it waited to ask has been asked meanwhile
      this.#join(reading);
    }
  }

  #ask(): void {
    const admitted = this.#around.breaker.admit();
    if (admitted === null) {
      this.#around.queue.leave();
      this.#around.observer.refused("breaker-open");
      this.#fail(new UpstreamError("unavailable", "the stack has not answered of late"));
      return;
    }
    this.#listen(admitted);
    if (this.#key !== null) this.#reading = this.#around.sharing.start(this.#key);
    const bearer = this.#around.token.get(this.#turn.deadline);
    if (typeof bearer === "string") this.#send(bearer);
    else bearer.then((granted) => this.#send(granted)).catch((error) => this.#end(toFailure(error)));
  }

  #send(bearer: string): void {
    this.#bearer = bearer;
    if (this.#key === null) this.#around.sharing.forget();
    this.#around.ask(this.#call, this.#turn, this.#body, bearer, this);
  }

  answered(answer: Answer): void {
    if (this.#key === null) this.#around.sharing.forget();
    if (answer.status !== 401 || this.#isRenewed) {
      this.#settle(answer);
      return;
    }
    this.#isRenewed = true;
    this.#around.token
      .renew(this.#bearer, this.#turn.deadline)
      .then((renewed) => (renewed === null ? this.#settle(answer) : this.#send(renewed)))
      .catch((error) => this.#end(toFailure(error)));
  }

  failed(failure: UpstreamError): void {
    if (this.#key === null) this.#around.sharing.forget();
    this.#end(failure);
  }

  #settle(answer: Answer): void {
    this.#around.queue.leave(); // before the answer is read, so that the next call is on its way meanwhile
    const isAnswered = !isUnanswered(answer.status);
    if (isAnswered) this.#around.told.answered += 1;
    this.#around.breaker.report(this.#admitted, isAnswered);
    let data: Data;
    try {
      data = toData(this.#call.shape, answer);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#resolve(data);
    this.#reading?.answer(data);
  }

  /** Without an answer. */
  #end(failure: UpstreamError): void {
    this.#around.queue.leave();
    if (failure.kind === "timeout") this.#noteSilence();
    // A refused token is an answer.
    else if (failure.kind !== "cancelled") this.#around.breaker.report(this.#admitted, failure.kind !== "unavailable");
    this.#fail(failure);
  }

  #fail(error: unknown): void {
    if (this.#isFirst) this.#around.again(this.#call, this.#turn, error).then(this.#resolve, this.#reject);
    else this.#reject(error);
    this.#reading?.fail(toFailure(error));
  }

  #listen(admitted: Admitted): void {
    this.#admitted = admitted;
    this.#startedAt = performance.now();
    this.#answeredBefore = this.#around.told.answered;
    this.#silentBefore = this.#around.told.silent;
  }

  #noteSilence(): void {
    // What was left of its operation's time may have been too little for any stack. And a silence that is over, as
    // most calls since have found, says nothing of now.
    if (performance.now() - this.#startedAt <= this.#around.timeoutMs / 2) return;
    const isOver = this.#around.told.answered - this.#answeredBefore > this.#around.told.silent - this.#silentBefore;
    this.#around.told.silent += 1;
    if (!isOver) this.#around.breaker.report(this.#admitted, false);
  }
}
