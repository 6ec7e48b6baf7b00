/** Limits how many calls run at once, and shares that capacity fairly among operations. */
import { UpstreamError } from "../errors.ts";
import type { Deadline, DeadlineListener } from "./deadline.ts";
import { createFairAdmission, type Permit } from "./fair-admission.ts";

/** One operation's share of the limiter: its calls that wait. */
export type Slot = { readonly queue: QueuedCall[]; hasBegun: boolean };
type QueuedCall = DeadlineListener & { start(): void; isExpired: boolean };

export type ConcurrencyLimiter = {
  /**
   * Waits until a call may start; `undefined`: at once. `release` must follow.
   * @throws {UpstreamError} when too many calls wait for an operation to begin.
   */
  acquire(slot: Slot, deadline: Deadline): Promise<void> | undefined;
  release(): void;
  /** Counts a call that was answered without `acquire`, by an identical one. */
  countDeduplicated(): void;
  /**
   * Reserves capacity for an operation of about so many calls, until it is released. No operation counts for more than
   * can run at once, so that a heavy one does not shut out all others. `null`: together with it, the operations of one
   * owner would hold more than half of the capacity, and it is not its only one. `null` as owner has no such limit.
   */
  reserve(calls: number, owner: string | null, deadline: Deadline): Permit | null;
  readonly running: number;
  readonly queued: number;
  /**
   * No new operation is admitted. The length of the queue is not enough: operations that make many calls in a row have
   * few of them queued at a time, and with too many such operations each would be late.
   */
  readonly isFull: boolean;
};

export type ConcurrencyLimiterOptions = {
  /** The most calls that run at once. */
  readonly maxConcurrent: number;
  /**
   * With so many calls queued or reserved no further operation may begin; or with as many as complete in a second and a
   * half at the current pace, if those are more. Operations that have begun may finish.
   */
  readonly maxQueued: number;
};

/** Over how long the pace of completed calls is measured. */
const paceWindowMs = 1000;
/** An operation is light, and begins at once, that needs less than this part (1/8) of what can run at once. */
const lightDivisor = 8;
/**
 * Heavy operations under way may need so many calls together for each that may run at once: with 256 about twenty of a
 * page of users with everything. That keeps all sockets busy while some operations wait between two steps, and lets those
 * with the same reads share many of them.
 */
const heavyCallsPerConcurrent = 12;
/** How long an operation may have to wait for others. */
const maxWaitMs = 1500;

export const createSlot = (): Slot => ({ queue: [], hasBegun: false });

/**
 * Operations that wait alternate call by call, so that one with a thousand calls does not slow the others down. Excess
 * operations are rejected before they begin: half an operation is worth nothing.
 */
export function createConcurrencyLimiter({ maxConcurrent, maxQueued }: ConcurrencyLimiterOptions): ConcurrencyLimiter {
  /** Slots with queued calls, in the order in which they are next. */
  const waitingSlots = new Set<Slot>();
  let running = 0;
  let queued = 0;
  let reserved = 0;
  const reservedByOwner = new Map<string, number>();
  const heavyAdmission = createFairAdmission(heavyCallsPerConcurrent * maxConcurrent);
  let completed = 0;
  let paceSince = performance.now();
  /** How many calls complete within `maxWaitMs`. */
  let completedInWait = 0;

  /** How many calls may be queued or reserved. */
  function capacity(): number {
    const elapsedMs = performance.now() - paceSince;
    if (elapsedMs >= paceWindowMs) {
      completedInWait = (completed * maxWaitMs) / elapsedMs;
      completed = 0;
      paceSince += elapsedMs;
    }
    return Math.max(maxQueued, completedInWait);
  }

  function startNext(): void {
    for (const slot of waitingSlots) {
      waitingSlots.delete(slot);
      const next = slot.queue.shift();
      if (slot.queue.length > 0) waitingSlots.add(slot);
      if (next === undefined || next.isExpired) continue;
      queued -= 1;
      running += 1;
      next.start();
      return;
    }
  }

  return {
    acquire(slot, deadline) {
      if (running < maxConcurrent && queued === 0) {
        slot.hasBegun = true;
        running += 1;
        return undefined;
      }
      if (!slot.hasBegun && queued >= capacity()) throw new UpstreamError("unavailable", "too many calls are waiting");
      slot.hasBegun = true;
      return new Promise((resolve, reject) => {
        const call: QueuedCall = {
          index: -1,
          isExpired: false,
          start() {
            deadline.removeListener(call);
            resolve();
          },
          onExpire(reason) {
            call.isExpired = true;
            queued -= 1;
            reject(reason);
          },
        };
        deadline.addListener(call);
        queued += 1;
        slot.queue.push(call);
        waitingSlots.add(slot);
      });
    },
    release() {
      running -= 1;
      completed += 1;
      startNext();
    },
    countDeduplicated() {
      completed += 1;
    },
    reserve(calls, owner, deadline) {
      const taken = Math.min(calls, maxConcurrent);
      const before = owner === null ? 0 : (reservedByOwner.get(owner) ?? 0);
      if (before > 0 && before + taken > maxConcurrent && reserved + taken > capacity() / 2) return null;
      const isHeavy = taken * lightDivisor > maxConcurrent;
      const permit = isHeavy ? heavyAdmission.admit(taken, owner, deadline) : undefined;
      if (owner !== null) reservedByOwner.set(owner, before + taken);
      reserved += taken;
      return {
        ready: permit?.ready,
        release() {
          reserved -= taken;
          permit?.release();
          if (owner === null) return;
          const left = (reservedByOwner.get(owner) ?? 0) - taken;
          if (left > 0) reservedByOwner.set(owner, left);
          else reservedByOwner.delete(owner);
        },
      };
    },
    get running() {
      return running;
    },
    get queued() {
      return queued;
    },
    get isFull() {
      const max = capacity();
      return queued >= max || reserved >= max;
    },
  };
}
