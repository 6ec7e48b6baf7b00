/** Where heavy operations begin, in the order in which they came. */
export type Entrance = {
  /** Waits until an operation of so many calls may begin, not at all while there is place. `leave` must follow. */
  enter(calls: number): Promise<void> | undefined;
  leave(calls: number): void;
};

/**
 * Operations that all go on at once all end late, and all that they hold is in memory meanwhile, where each collection of
 * garbage copies it. So those under way may need so many calls together, and the others follow one after the other.
 */
export function createEntrance(mostCalls: number): Entrance {
  const waiting: { readonly calls: number; readonly begin: () => void }[] = [];
  let inside = 0;

  let isCalled = false;

  const fits = (calls: number) => inside === 0 || inside + calls <= mostCalls;

  function call(): void {
    isCalled = false;
    for (let [next] = waiting; next !== undefined && fits(next.calls); [next] = waiting) {
      waiting.shift();
      inside += next.calls;
      next.begin();
    }
  }

  return {
    enter(calls) {
      if (waiting.length === 0 && fits(calls)) {
        inside += calls;
        return undefined;
      }
      return new Promise((begin) => waiting.push({ calls, begin }));
    },
    leave(calls) {
      inside -= calls;
      if (isCalled || waiting.length === 0) return;
      isCalled = true;
      setImmediate(call); // those that begin together ask together, and share more
    },
  };
}
