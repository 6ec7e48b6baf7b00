/** Admits heavy operations: those of one owner in order of arrival, owners in rotation. */
import type { Deadline, DeadlineListener } from "./deadline.ts";

export type FairAdmission = {
  /**
   * Admits an operation of so many calls, at once or when there is capacity.
   * @param owner its operations alternate with those of other owners; `null`: an owner of its own.
   */
  admit(calls: number, owner: string | null, deadline: Deadline): Permit;
};

/** The capacity that an operation has taken, or waits for. */
export type Permit = {
  /**
   * Until it may begin; `undefined`: at once. Also resolves at its deadline: it then holds no capacity, and each of its
   * calls fails by the deadline, where the error belongs.
   */
  readonly ready: Promise<void> | undefined;
  /** Gives back what it holds, if anything. */
  release(): void;
};

type QueuedOperation = DeadlineListener & { readonly calls: number; begin(): void };

/**
 * Heavy operations that all run at once all end late, and hold their memory meanwhile, which every garbage collection
 * copies. So only those run together whose calls add up to the limit; the others follow one by one.
 */
export function createFairAdmission(maxCalls: number): FairAdmission {
  /** The queue of each owner; owners in the order in which they are next. */
  const queues = new Map<string | symbol, QueuedOperation[]>();
  let admitted = 0;
  let isScheduled = false;

  const fits = (calls: number) => admitted === 0 || admitted + calls <= maxCalls;

  function admitNext(): void {
    isScheduled = false;
    for (const [owner, queue] of queues) {
      const [next] = queue;
      if (next === undefined || !fits(next.calls)) return;
      queue.shift();
      queues.delete(owner);
      if (queue.length > 0) queues.set(owner, queue);
      admitted += next.calls;
      next.begin();
    }
  }

  function schedule(): void {
    if (isScheduled || queues.size === 0) return;
    isScheduled = true;
    setImmediate(admitNext); // operations that begin together send the same reads together, and share more of them
  }

  function release(calls: number): void {
    admitted -= calls;
    schedule();
  }

  function enqueue(calls: number, owner: string | symbol, deadline: Deadline): Permit {
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    let hasBegun = false;
    const queued: QueuedOperation = {
      index: -1,
      calls,
      begin() {
        deadline.removeListener(queued);
        hasBegun = true;
        resolve();
      },
      onExpire() {
        withdraw();
        resolve();
      },
    };
    function withdraw(): void {
      deadline.removeListener(queued);
      const others = queues.get(owner)?.filter((one) => one !== queued) ?? [];
      if (others.length > 0) queues.set(owner, others);
      else queues.delete(owner);
      schedule(); // the next one may be small enough
    }
    deadline.addListener(queued);
    const queue = queues.get(owner);
    if (queue === undefined) queues.set(owner, [queued]);
    else queue.push(queued);
    return { ready, release: () => (hasBegun ? release(calls) : withdraw()) };
  }

  return {
    admit(calls, owner, deadline) {
      if (queues.size > 0 || !fits(calls)) return enqueue(calls, owner ?? Symbol(), deadline);
      admitted += calls;
      return { ready: undefined, release: () => release(calls) };
    },
  };
}
