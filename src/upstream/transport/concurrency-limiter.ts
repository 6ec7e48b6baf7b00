import { UpstreamError } from "../errors.ts";
import type { Deadline, Waiter } from "./deadline.ts";
import { createEntrance, type Permit } from "./fair-admission.ts";

/** The place of one operation in the queue. */
export type Place = { readonly waiting: Waiting[]; hasBegun: boolean };
type Waiting = Waiter & { start(): void; isOver: boolean };

export type Queue = {
  /** Waits until the call may start, not at all when there is room. `leave` must follow. */
  enter(place: Place, deadline: Deadline): Promise<void> | undefined;
  leave(): void;
  /** A call that never entered has its answer all the same: one that joined another's. */
  joined(): void;
  /**
   * Keeps room for an operation of about so many calls until it leaves. No operation counts for more than can run at once,
   * so that a heavy one does not keep all others out. When half of the room is taken, nor do all operations of one holder
   * together, beyond the first: then the answer is `null`. Of `null` as the holder there may be many.
   */
  reserve(calls: number, holder: string | null, deadline: Deadline): Permit | null;
  readonly running: number;
  readonly queued: number;
  /**
   * Operations that have not begun are refused. What is waiting does not tell: operations of many calls in a row have few
   * of them waiting at a time, and when all take turns, too many of them all come too late.
   */
  readonly isFull: boolean;
};

export type QueueOptions = {
  /** The most calls that run at once. */
  readonly atOnce: number;
  /**
   * With so many calls waiting, or to come, no further operation may begin; or with as many as end in a second and a half, as
   * fast as they did of late, where those are more. Those that have begun may end.
   */
  readonly longest: number;
};

/** Over how long it is counted how many calls end. */
const countedMs = 1000;
/** An operation is light, and never waits to begin, that needs less than this part of what can run at once. */
const lightestPart = 8;
/**
 * Heavy operations under way may need so many calls together, for each that may run at once: with 256 about twenty of a page
 * of users with everything. Enough to keep all busy while some of them wait between two steps, and for those that ask for
 * the same to share much.
 */
const heavyPerCall = 12;
/** So long an operation may have to wait for others. */
const waitMs = 1500;

export const createPlace = (): Place => ({ waiting: [], hasBegun: false });

/**
 * Bounds how many calls run at once. Operations that wait take turns, call by call, so that one with a thousand calls
 * leaves the others their pace. What is too much is refused before it has begun: half an operation is worth nothing.
 */
export function createQueue({ atOnce, longest }: QueueOptions): Queue {
  /** Whose turn it is, in order. */
  const turns = new Set<Place>();
  let running = 0;
  let queued = 0;
  let reserved = 0;
  const held = new Map<string, number>();
  const entrance = createEntrance(heavyPerCall * atOnce);
  let ended = 0;
  let countedAt = performance.now();
  /** How many end while one may have to wait. */
  let endIn = 0;

  /** How many calls may wait or be to come. */
  function room(): number {
    const elapsedMs = performance.now() - countedAt;
    if (elapsedMs >= countedMs) {
      endIn = (ended * waitMs) / elapsedMs;
      ended = 0;
      countedAt += elapsedMs;
    }
    return Math.max(longest, endIn);
  }

  function startNext(): void {
    for (const place of turns) {
      turns.delete(place);
      const next = place.waiting.shift();
      if (place.waiting.length > 0) turns.add(place);
      if (next === undefined || next.isOver) continue;
      queued -= 1;
      running += 1;
      next.start();
      return;
    }
  }

  return {
    enter(place, deadline) {
      if (running < atOnce && queued === 0) {
        place.hasBegun = true;
        running += 1;
        return undefined;
      }
      if (!place.hasBegun && queued >= room()) throw new UpstreamError("unavailable", "too many calls are waiting");
      place.hasBegun = true;
      return new Promise((resolve, reject) => {
        const waiting: Waiting = {
          place: -1,
          isOver: false,
          start() {
            deadline.forget(waiting);
            resolve();
          },
          expire(reason) {
            waiting.isOver = true;
            queued -= 1;
            reject(reason);
          },
        };
        deadline.watch(waiting);
        queued += 1;
        place.waiting.push(waiting);
        turns.add(place);
      });
    },
    leave() {
      running -= 1;
      ended += 1;
      startNext();
    },
    joined() {
      ended += 1;
    },
    reserve(calls, holder, deadline) {
      const taken = Math.min(calls, atOnce);
      const before = holder === null ? 0 : (held.get(holder) ?? 0);
      if (before > 0 && before + taken > atOnce && reserved + taken > room() / 2) return null;
      const inside = taken * lightestPart > atOnce ? entrance.enter(taken, holder, deadline) : undefined;
      if (holder !== null) held.set(holder, before + taken);
      reserved += taken;
      return {
        ready: inside?.ready,
        release() {
          reserved -= taken;
          inside?.release();
          if (holder === null) return;
          const left = (held.get(holder) ?? 0) - taken;
          if (left > 0) held.set(holder, left);
          else held.delete(holder);
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
      const most = room();
      return queued >= most || reserved >= most;
    },
  };
}
