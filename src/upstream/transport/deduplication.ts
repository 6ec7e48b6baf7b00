import type { UpstreamError } from "../errors.ts";

/** Reads that are on their way to the service and back, each for all who ask the same meanwhile. */
export type Sharing = {
  /** The read of this key that is under way. */
  find(key: string): Reading | undefined;
  /** Whoever starts a read ends it. */
  start(key: string): Reading;
  /**
   * What is under way may be older than what somebody knows from now on, and is found by nobody any more. Called when a
   * write is sent and when it has ended, so that one reads one's own writes; likewise with each look of a watch, so that
   * nobody reads less than a live message has told.
   */
  forget(): void;
};

/** A read that others have under way. Its answer is to all of them what it is to whoever has asked. */
export type Reading = {
  join(joiner: Joiner): void;
  answer(data: unknown): void;
  fail(failure: UpstreamError): void;
};

/** Told once, the one or the other. */
export type Joiner = {
  joined(data: unknown): void;
  unjoined(failure: UpstreamError): void;
};

export function createSharing(): Sharing {
  const underWay = new Map<string, SharedReading>();

  /**
   * A map that grows and shrinks all the time leaves old tables behind, which hold on to what was in them until the next
   * great collection of garbage: better to a reading that is empty by then.
   */
  class SharedReading implements Reading {
    #key: string;
    #joiners: Joiner[] | null = null;

    constructor(key: string) {
      this.#key = key;
    }

    join(joiner: Joiner): void {
      if (this.#joiners === null) this.#joiners = [joiner];
      else this.#joiners.push(joiner);
    }

    answer(data: unknown): void {
      for (const joiner of this.#end()) joiner.joined(data);
    }

    fail(failure: UpstreamError): void {
      for (const joiner of this.#end()) joiner.unjoined(failure);
    }

    #end(): readonly Joiner[] {
      if (underWay.get(this.#key) === this) underWay.delete(this.#key);
      const joiners = this.#joiners ?? [];
      this.#joiners = null;
      this.#key = "";
      return joiners;
    }
  }

  return {
    find: (key) => underWay.get(key),
    start(key) {
      const reading = new SharedReading(key);
      underWay.set(key, reading);
      return reading;
    },
    forget: () => underWay.clear(),
  };
}
