import type { Deadline, Waiter } from "./deadline.ts";

/** Where heavy operations begin: those of one holder in the order in which they came, holders in turn. */
export type Entrance = {
  /**
   * Takes place for an operation of so many calls, or waits for it.
   * @param holder whose operations take turns with those of others; `null`: this one has a turn of its own.
   */
  enter(calls: number, holder: string | null, deadline: Deadline): Permit;
};

/** What an operation has taken, or waits for. */
export type Permit = {
  /**
   * When it may begin; at once where there is place. Resolves, too, when its deadline comes first: it takes no place then,
   * and its calls tell of the deadline, each where it was asked for.
   */
  readonly ready: Promise<void> | undefined;
  /** Gives back what it has taken, if it has. */
  release(): void;
};

type Waiting = Waiter & { readonly calls: number; begin(): void };

/**
 * Operations that all go on at once all end late, and all that they hold is in memory meanwhile, where each collection of
 * garbage copies it. So those under way may need so many calls together, and the others follow one after the other.
 */
export function createEntrance(mostCalls: number): Entrance {
  /** Of each holder those that wait; whose turn it is, in order. */
  const turns = new Map<string | symbol, Waiting[]>();
  let inside = 0;
  /** Those who wait will be looked at in the next turn of the loop. */
  let isCalled = false;

  const fits = (calls: number) => inside === 0 || inside + calls <= mostCalls;

  function call(): void {
    isCalled = false;
    for (const [holder, own] of turns) {
      const [next] = own;
      if (next === undefined || !fits(next.calls)) return;
      own.shift();
      turns.delete(holder);
      if (own.length > 0) turns.set(holder, own);
      inside += next.calls;
      next.begin();
    }
  }

  function callSoon(): void {
    if (isCalled || turns.size === 0) return;
    isCalled = true;
    setImmediate(call); // those that begin together ask together, and share more
  }

  function leave(calls: number): void {
    inside -= calls;
    callSoon();
  }

  function wait(calls: number, holder: string | symbol, deadline: Deadline): Permit {
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    let hasBegun = false;
    const waiting: Waiting = {
      place: -1,
      calls,
      begin() {
        deadline.forget(waiting);
        hasBegun = true;
        resolve();
      },
      expire() {
        withdraw();
        resolve();
      },
    };
    function withdraw(): void {
      deadline.forget(waiting);
      const others = turns.get(holder)?.filter((one) => one !== waiting) ?? [];
      if (others.length > 0) turns.set(holder, others);
      else turns.delete(holder);
      callSoon(); // who is next now may fit
    }
    deadline.watch(waiting);
    const own = turns.get(holder);
    if (own === undefined) turns.set(holder, [waiting]);
    else own.push(waiting);
    return { ready, release: () => (hasBegun ? leave(calls) : withdraw()) };
  }

  return {
    enter(calls, holder, deadline) {
      if (turns.size > 0 || !fits(calls)) return wait(calls, holder ?? Symbol(), deadline);
      inside += calls;
      return { ready: undefined, release: () => leave(calls) };
    },
  };
}
