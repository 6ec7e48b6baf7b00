/** Where heavy operations begin: those of one holder in the order in which they came, holders in turn. */
export type Entrance = {
  /**
   * Waits until an operation of so many calls may begin, not at all while there is place. `leave` must follow.
   * @param holder whose operations take turns with those of others; `null`: this one has a turn of its own.
   */
  enter(calls: number, holder: string | null): Promise<void> | undefined;
  leave(calls: number): void;
};

type Waiting = { readonly calls: number; readonly begin: () => void };

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

  return {
    enter(calls, holder) {
      if (turns.size === 0 && fits(calls)) {
        inside += calls;
        return undefined;
      }
      return new Promise((begin) => {
        const key = holder ?? Symbol();
        const own = turns.get(key);
        if (own === undefined) turns.set(key, [{ calls, begin }]);
        else own.push({ calls, begin });
      });
    },
    leave(calls) {
      inside -= calls;
      if (isCalled || turns.size === 0) return;
      isCalled = true;
      setImmediate(call); // those that begin together ask together, and share more
    },
  };
}
