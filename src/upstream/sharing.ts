import type { Deadline } from "./deadline.ts";
import { UpstreamError } from "./errors.ts";

/** Reads that are on their way to the service and back, each for all who ask the same meanwhile. */
export type Sharing = {
  /** The read of this key that is under way. */
  find(key: string): Promise<unknown> | undefined;
  start(key: string, reading: Promise<unknown>): void;
  /**
   * What is under way may be older than what somebody knows from now on, and is found by nobody any more. Called when a
   * write is sent and when it has ended, so that one reads one's own writes; likewise with each look of a watch, so that
   * nobody reads less than a live message has told.
   */
  forget(): void;
};

export function createSharing(): Sharing {
  const underWay = new Map<string, Box>();
  return {
    find: (key) => underWay.get(key)?.reading ?? undefined,
    start(key, reading) {
      const box: Box = { reading };
      const end = () => {
        box.reading = null;
        if (underWay.get(key) === box) underWay.delete(key);
      };
      underWay.set(key, box);
      reading.then(end, end);
    },
    forget: () => underWay.clear(),
  };
}

/**
 * A map that grows and shrinks all the time leaves old tables behind, which hold on to what was in them until the next
 * great collection of garbage: better to a box that is empty by then.
 */
type Box = { reading: Promise<unknown> | null };

/**
 * Waits for another's read until one's own deadline. `null`: its caller left, or had no more time, which says nothing
 * to anybody else. It fails as that one failed.
 */
export function join<Answer>(
  reading: Promise<Answer>,
  deadline: Deadline,
): Promise<{ readonly answer: Answer } | null> {
  return new Promise((resolve, reject) => {
    const forget = deadline.watch(reject);
    reading.then(
      (answer) => {
        forget();
        resolve({ answer });
      },
      (failure: unknown) => {
        forget();
        const isOfItsCaller = failure instanceof UpstreamError && ["cancelled", "timeout"].includes(failure.kind);
        if (isOfItsCaller) resolve(null);
        else reject(failure);
      },
    );
  });
}
