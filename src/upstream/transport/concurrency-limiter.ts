/** Limits how many calls run at once, and shares that capacity fairly among operations. */
import { UpstreamError } from "../errors.ts";
import type { Deadline } from "./deadline.ts";
import {
  createFairAdmission,
  type MaxWaiting,
  type Permit,
  type Progress,
  type Reservation,
} from "./fair-admission.ts";
import { createPace } from "./pace.ts";

/** One operation's share of the limiter: its calls that wait. */
export type Slot = Progress & { readonly queue: QueuedCall[] };

/** What is queued is the caller's own object: hundreds wait at once. */
export type QueuedCall = {
  /** Kept by the limiter. */
  isQueued: boolean;
  /** There is capacity for it now. @returns whether it uses that; then `release` must follow. */
  begin(): boolean;
};

export type ConcurrencyLimiter = {
  /**
   * @returns whether the call may begin at once; then `release` must follow. Otherwise it is queued.
   * @throws {UpstreamError} when too many calls wait for one to begin that has reserved nothing, such as a refresh.
   */
  acquire(slot: Slot, call: QueuedCall): boolean;
  /** For a call that is queued, and will not begin any more. */
  leave(call: QueuedCall): void;
  release(): void;
  /** Counts a call that was answered without `acquire`, by an identical one. */
  countDeduplicated(): void;
  /**
   * Reserves capacity for an operation, at once or when there is some, until it is released. No operation counts for more
   * calls than can run at once, so that a heavy one does not shut out all others.
   */
  reserve(reservation: Reservation, slot: Slot, deadline: Deadline): Permit;
  /** To be called when the circuit breaker has opened or closed. */
  onBreaker(): void;
  readonly running: number;
  readonly queued: number;
  /** Operations that wait to begin. */
  readonly waiting: number;
  /** When not even a light operation from this address may wait: in how many milliseconds those that wait will have begun. */
  fullForMs(address: string | null): number | null;
};

export type ConcurrencyLimiterOptions = {
  /** The most calls that run at once. */
  readonly maxConcurrent: number;
  /**
   * With so many calls queued or reserved no further operation may begin; or with as many as complete in a second at the
   * current pace, if those are more. Operations that have begun may finish.
   */
  readonly maxQueued: number;
  /** What operations have. */
  readonly timeoutMs: number;
  /** Of light operations, and of heavy ones. */
  readonly maxWaiting: MaxWaiting;
  /** Calls are not sent, and fail at once: operations need no capacity. */
  readonly isBroken: () => boolean;
};

/** An operation is light, and waits for other light ones only, that needs less than this part (1/8) of what can run at once. */
const lightDivisor = 8;
/**
 * Heavy operations under way may need so many calls together for each that may run at once: with 256 about twenty of a
 * page of users with everything. That keeps all sockets busy while some operations wait between two steps, and lets those
 * with the same reads share many of them.
 */
const heavyCallsPerConcurrent = 12;
/** How long what is queued may take at the current pace. */
const maxQueueMs = 1000;

export const createSlot = (): Slot => ({ queue: [], hasBegun: false, isAnswered: false });

/**
 * Operations under way alternate call by call, so that one with a thousand calls does not slow the others down. Excess
 * operations wait before they begin: half an operation is worth nothing.
 */
export function createConcurrencyLimiter(options: ConcurrencyLimiterOptions): ConcurrencyLimiter {
  const { maxConcurrent, maxQueued, timeoutMs, maxWaiting, isBroken } = options;
  /** Slots with queued calls, in the order in which they are next. */
  const waitingSlots = new Set<Slot>();
  let running = 0;
  let queued = 0;
  const completed = createPace();
  const maxHeavy = heavyCallsPerConcurrent * maxConcurrent;
  const shared = { ownCalls: maxConcurrent, timeoutMs, maxWaiting };
  const light = createFairAdmission({
    ...shared,
    maxCalls: () => (isBroken() ? Number.POSITIVE_INFINITY : capacity()),
  });
  const heavy = createFairAdmission({ ...shared, maxCalls: toHeavyCapacity });

  /** How many calls may be queued, or reserved by light operations. */
  function capacity(): number {
    return Math.max(maxQueued, completed.perMs() * maxQueueMs);
  }

  /** The length of the queue is not enough: operations that make many calls in a row have few of them queued at a time. */
  function toHeavyCapacity(): number {
    if (isBroken()) return Number.POSITIVE_INFINITY;
    const most = capacity();
    return queued < most ? Math.min(maxHeavy, most) : 0; // more is queued than was estimated
  }

  /** How long it takes until what is queued has been sent; what runs now ends by its deadline. */
  function toDrainMs(): number {
    return Math.ceil(queued / Math.max(completed.perMs(), maxConcurrent / timeoutMs));
  }

  function startNext(): void {
    for (const slot of waitingSlots) {
      waitingSlots.delete(slot);
      const next = slot.queue.shift();
      if (slot.queue.length > 0) waitingSlots.add(slot);
      if (!next?.isQueued) continue;
      leave(next);
      running += 1;
      if (next.begin()) return;
      running -= 1;
    }
  }

  function leave(call: QueuedCall): void {
    call.isQueued = false;
    queued -= 1;
  }

  return {
    acquire(slot, call) {
      const isFree = running < maxConcurrent && queued === 0;
      if (!isFree && !slot.hasBegun && queued >= capacity() + maxHeavy) {
        throw new UpstreamError("unavailable", "too many calls are waiting", { retryAfterMs: toDrainMs() });
      }
      slot.hasBegun = true;
      if (isFree) {
        running += 1;
        return true;
      }
      call.isQueued = true;
      queued += 1;
      slot.queue.push(call);
      waitingSlots.add(slot);
      return false;
    },
    leave,
    release() {
      running -= 1;
      completed.count(1);
      startNext();
      heavy.schedule(); // less is queued
    },
    countDeduplicated() {
      completed.count(1);
    },
    reserve(reservation, slot, deadline) {
      const calls = Math.min(reservation.calls, maxConcurrent);
      if (calls * lightDivisor > maxConcurrent) return heavy.admit({ ...reservation, calls }, slot, deadline);
      return light.admit({ ...reservation, calls, toKey: null }, slot, deadline);
    },
    onBreaker() {
      light.schedule();
      heavy.schedule();
    },
    get running() {
      return running;
    },
    get queued() {
      return queued;
    },
    get waiting() {
      return light.waiting + heavy.waiting;
    },
    fullForMs: light.fullForMs,
  };
}
