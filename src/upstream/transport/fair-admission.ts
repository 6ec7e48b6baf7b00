/** Lets operations begin while there is capacity: those of one owner in order of arrival, owners in rotation. */
import type { UpstreamError } from "../errors.ts";
import type { Deadline, DeadlineListener } from "./deadline.ts";
import { createPace } from "./pace.ts";

/** Whose operations are in one line. */
export type Owner = {
  readonly id: string;
  /** Whether they may hold all of the capacity; otherwise they hold half of it. */
  readonly mayFill: boolean;
};

export type Reservation = {
  /** How many calls the operation is estimated to make. */
  readonly calls: number;
  readonly owner: Owner;
  /** Where it came from; `null`: from this process. */
  readonly address: string | null;
  /** Equal for queries that read the same; `null`: it shares no reads with others. */
  readonly toKey: (() => string) | null;
  /** It never begins late: a write that is cut off may have been done. */
  readonly isWrite: boolean;
};

/** How far an operation is. */
export type Progress = {
  hasBegun: boolean;
  /** Whether one of its calls was answered: an equal operation that begins later makes its calls again. */
  isAnswered: boolean;
};

/** The capacity that an operation has taken, or waits for. */
export type Permit = {
  /**
   * Until it may begin, or is refused; `undefined`: it has begun at once. One that is cancelled "begins", too: it holds no
   * capacity, and each of its calls fails.
   */
  readonly ready: Promise<Refusal | null> | undefined;
  /** Gives back what it holds, if anything. */
  release(): void;
};

/** Nothing of the operation was done. */
export type Refusal = {
  /** Other operations of its owner kept it out, and not those of others. */
  readonly isOwnShare: boolean;
  /** In how many milliseconds what waits now will have begun, at the current pace. */
  readonly retryAfterMs: number;
};

export type FairAdmission = {
  admit(reservation: Reservation, progress: Progress, deadline: Deadline): Permit;
  /** To be called when `maxCalls` has grown. */
  schedule(): void;
  /** How many operations wait. */
  readonly waiting: number;
  /** When no more from this address may wait: in how many milliseconds those that do will have begun. */
  fullForMs(address: string | null): number | null;
};

export type FairAdmissionOptions = {
  /** How many calls the operations under way may need together, at the moment. */
  readonly maxCalls: () => number;
  /** So many each owner may hold in any case. */
  readonly ownCalls: number;
  /** What operations have. */
  readonly timeoutMs: number;
  readonly maxWaiting: MaxWaiting;
};

/** How many operations may wait. Each holds its request and its connection in memory. */
export type MaxWaiting = {
  readonly all: number;
  /** Or from one address: there they can be refused before it is known whose they are. */
  readonly ofOwner: number;
};

/**
 * An operation counts for so much less beside an equal one whose first reads are in flight. They share all their reads;
 * what is left is a fifth of the processor time (docs/decisions/0018-fair-admission-and-load-shedding.md).
 */
const equalDivisor = 4;
/** How much of what is usual each operation that ends is. */
const durationShare = 1 / 4;
/** An operation that has waited begins with so many times the usual duration left, since few take exactly that. */
const durationMargin = 1.5;
/** Or with so much of its time, if that is as much as is usual: one that has just come may begin. */
const maxNeeded = 3 / 4;
/** `retryAfterMs` is a multiple of it. */
const retryStepMs = 100;

type OwnerState = {
  readonly owner: Owner;
  /** The calls of its operations under way. */
  held: number;
  /** How many of its operations wait. */
  waiting: number;
  /** Those of them that are not late. */
  readonly queue: Waiting[];
};
type Waiting = {
  readonly owner: OwnerState;
  readonly isWrite: boolean;
  /** Half of its time is over. */
  readonly isLate: boolean;
  /** What it adds to the calls of those under way. */
  addedCalls(): number;
  /** It can end in time, beside those under way. */
  hasTime(calls: number): boolean;
  begin(calls: number): void;
  refuse(): void;
};

/**
 * Operations that all run at once all end late, and hold their memory meanwhile, which every garbage collection copies. So
 * only those run together whose calls add up to the limit. The others wait, up to their deadline, and hold no capacity
 * meanwhile. Those that are late give way to those that are not, and begin only with enough time left: under lasting
 * overload all would otherwise begin too late to end.
 */
export function createFairAdmission(options: FairAdmissionOptions): FairAdmission {
  const { maxCalls, ownCalls, timeoutMs, maxWaiting } = options;
  const owners = new Map<string, OwnerState>();
  /** Owners with operations that wait and are not late, in the order in which they are next. */
  const rotation = new Set<OwnerState>();
  /** How many wait from each address. */
  const waitingFrom = new Map<string, number>();
  /** Those that have waited for half of their time, or too long to end beside those under way. */
  const late = new Set<Waiting>();
  /** The newest operation that makes all the calls of a key. */
  const leaders = new Map<string, Progress>();
  const released = createPace();
  let held = 0;
  let waiting = 0;
  let waitingCalls = 0;
  /** How long operations have taken of late that were not cut off, and how many calls were held meanwhile. */
  const usual = { ms: 0, held: 1 };
  let isScheduled = false;

  const fits = (calls: number) => held === 0 || held + calls <= maxCalls();
  const isOwnShareUsed = ({ owner, held: own }: OwnerState, calls: number) =>
    !owner.mayFill && own > 0 && own + calls > ownCalls && held + calls > maxCalls() / 2;

  function toRetryAfterMs(calls: number): number {
    // What runs now ends by its deadline, even where nothing has ended of late; so does what waits.
    const perMs = Math.max(released.perMs(), Math.max(maxCalls(), ownCalls) / timeoutMs);
    const ms = Math.min(timeoutMs, (waitingCalls + calls) / perMs);
    return Math.max(1, Math.ceil(ms / retryStepMs)) * retryStepMs;
  }

  class Operation implements Permit, Waiting, DeadlineListener {
    index = -1;
    ready: Promise<Refusal | null> | undefined = undefined;
    readonly #reservation: Reservation;
    readonly #progress: Progress;
    readonly #deadline: Deadline;
    readonly owner: OwnerState;
    #settle: ((refusal: Refusal | null) => void) | null = null;
    #key: string | null = null;
    #heldCalls = 0;
    #begunAt = 0;
    /** When it began. */
    #heldByAll = 0;

    constructor(reservation: Reservation, progress: Progress, deadline: Deadline, owner: OwnerState) {
      this.#reservation = reservation;
      this.#progress = progress;
      this.#deadline = deadline;
      this.owner = owner;
    }

    get isWrite(): boolean {
      return this.#reservation.isWrite;
    }

    get isLate(): boolean {
      return this.#deadline.leftMs() < timeoutMs / 2;
    }

    addedCalls(): number {
      const { calls, toKey } = this.#reservation;
      if (toKey === null) return calls;
      this.#key ??= toKey();
      return leaders.get(this.#key)?.isAnswered === false ? Math.ceil(calls / equalDivisor) : calls;
    }

    hasTime(calls: number): boolean {
      if (maxCalls() === Number.POSITIVE_INFINITY) return true; // its calls fail at once
      const expectedMs = usual.ms * Math.min(1, (held + calls) / usual.held);
      const neededMs = Math.min(expectedMs * durationMargin, Math.max(expectedMs, timeoutMs * maxNeeded));
      return this.#deadline.leftMs() >= neededMs;
    }

    begin(calls: number): void {
      if (this.#key !== null && calls === this.#reservation.calls) leaders.set(this.#key, this.#progress);
      this.#progress.hasBegun = true;
      this.#heldCalls = calls;
      this.#begunAt = performance.now();
      held += calls;
      this.owner.held += calls;
      this.#heldByAll = held;
      this.#leave()?.(null);
    }

    wait(): void {
      const { promise, resolve } = Promise.withResolvers<Refusal | null>();
      this.ready = promise;
      this.#settle = resolve;
      countWaiting(this.owner, this.#reservation, 1);
      this.owner.queue.push(this);
      rotation.add(this.owner);
      this.#deadline.addListener(this);
      schedule(); // those before it may be kept out by their own share
    }

    refuse(isOwnShare = false): void {
      const settle = this.#leave();
      const refusal = { isOwnShare, retryAfterMs: toRetryAfterMs(this.#reservation.calls) };
      if (settle === null) this.ready = Promise.resolve(refusal);
      else settle(refusal);
    }

    onExpire({ kind }: UpstreamError): void {
      if (kind === "cancelled") this.#leave()?.(null);
      else this.refuse(isOwnShareUsed(this.owner, this.addedCalls()));
      schedule(); // the next one may be small enough
    }

    release(): void {
      this.#leave()?.(null);
      if (this.#heldCalls > 0) {
        if (this.#deadline.leftMs() > 0) {
          noteDuration(performance.now() - this.#begunAt, Math.max(held, this.#heldByAll));
        }
        held -= this.#heldCalls;
        this.owner.held -= this.#heldCalls;
        released.count(this.#heldCalls);
        this.#heldCalls = 0;
      }
      if (this.#key !== null && leaders.get(this.#key) === this.#progress) leaders.delete(this.#key);
      forgetIdle(this.owner);
      schedule();
    }

    /** @returns how to tell the operation; `null`: it does not wait. */
    #leave(): ((refusal: Refusal | null) => void) | null {
      const settle = this.#settle;
      if (settle === null) return null;
      this.#settle = null;
      this.#deadline.removeListener(this);
      countWaiting(this.owner, this.#reservation, -1);
      if (!late.delete(this)) removeFromQueue(this);
      return settle;
    }
  }

  function countWaiting(owner: OwnerState, { calls, address }: Reservation, sign: 1 | -1): void {
    waiting += sign;
    waitingCalls += sign * calls;
    owner.waiting += sign;
    if (address === null) return;
    const others = (waitingFrom.get(address) ?? 0) + sign;
    if (others > 0) waitingFrom.set(address, others);
    else waitingFrom.delete(address);
  }

  function noteDuration(ms: number, beside: number): void {
    const share = usual.ms === 0 ? 1 : durationShare;
    usual.ms += (ms - usual.ms) * share;
    usual.held += (beside - usual.held) * share;
  }

  function toState(owner: Owner): OwnerState {
    let state = owners.get(owner.id);
    if (state === undefined) {
      state = { owner, held: 0, waiting: 0, queue: [] };
      owners.set(owner.id, state);
    }
    return state;
  }

  function forgetIdle(state: OwnerState): void {
    const { owner, held: own, waiting: ownWaiting } = state;
    if (own === 0 && ownWaiting === 0 && owners.get(owner.id) === state) owners.delete(owner.id);
  }

  function removeFromQueue(operation: Waiting): void {
    const { owner } = operation;
    owner.queue.splice(owner.queue.indexOf(operation), 1);
    if (owner.queue.length === 0) rotation.delete(owner);
  }

  function setAside(operation: Waiting): void {
    if (operation.isWrite) {
      operation.refuse();
    } else {
      removeFromQueue(operation);
      late.add(operation);
    }
  }

  /** @returns the first one of an owner that is not late. */
  function toNext({ queue }: OwnerState): Waiting | undefined {
    while (queue[0]?.isLate) setAside(queue[0]);
    return queue[0];
  }

  function admitNext(): void {
    isScheduled = false;
    for (const owner of rotation) {
      const next = toNext(owner);
      const calls = next?.addedCalls() ?? 0;
      if (next === undefined || isOwnShareUsed(owner, calls)) continue;
      if (!fits(calls)) return;
      rotation.delete(owner);
      rotation.add(owner); // behind the others, and out with its last one
      if (next.hasTime(calls)) next.begin(calls);
      else setAside(next);
    }
    for (const next of late) {
      const calls = next.addedCalls();
      if (!next.hasTime(calls) || isOwnShareUsed(next.owner, calls)) continue;
      if (!fits(calls)) return;
      next.begin(calls);
    }
  }

  function schedule(): void {
    if (isScheduled || waiting === 0) return;
    isScheduled = true;
    setImmediate(admitNext); // operations that begin together send the same reads together, and share more of them
  }

  return {
    admit(reservation, progress, deadline) {
      const owner = toState(reservation.owner);
      const operation = new Operation(reservation, progress, deadline, owner);
      const calls = waiting === 0 ? operation.addedCalls() : 0;
      if (waiting === 0 && fits(calls) && !isOwnShareUsed(owner, calls)) operation.begin(calls);
      else if (waiting >= maxWaiting.all) operation.refuse();
      else if (owner.waiting >= maxWaiting.ofOwner) operation.refuse(true);
      else operation.wait();
      return operation;
    },
    schedule,
    get waiting() {
      return waiting;
    },
    fullForMs(address) {
      const from = address === null ? 0 : (waitingFrom.get(address) ?? 0);
      return waiting < maxWaiting.all && from < maxWaiting.ofOwner ? null : toRetryAfterMs(0);
    },
  };
}
