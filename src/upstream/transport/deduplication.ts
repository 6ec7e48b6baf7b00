/** In-flight deduplication: identical reads at the same moment share one call. */
import type { UpstreamError } from "../errors.ts";

export type Deduplication = {
  find(key: string): InFlightRead | undefined;
  /** Registers a read, which its caller must resolve or reject. */
  start(key: string): InFlightRead;
  /**
   * Lets no later read follow those in flight, since their data may be older than what a client knows by now. Called
   * when a write is sent and when it has ended, so that clients read their own writes, and with each refresh of a watched
   * resource, so that no query returns less than a live message has shown.
   */
  invalidate(): void;
};

export type InFlightRead = {
  addFollower(follower: Follower): void;
  resolve(data: unknown): void;
  reject(failure: UpstreamError): void;
};

/** A call that waits for an identical one; called once, the one or the other. */
export type Follower = {
  onData(data: unknown): void;
  onFailure(failure: UpstreamError): void;
};

export function createDeduplication(): Deduplication {
  const inFlight = new Map<string, InFlightRead>();

  /** A class that empties itself: old tables of the map keep it for a while (docs/decisions/0021-memory-per-stream.md). */
  class Read implements InFlightRead {
    #key: string;
    #followers: Follower[] | null = null;

    constructor(key: string) {
      this.#key = key;
    }

    addFollower(follower: Follower): void {
      if (this.#followers === null) this.#followers = [follower];
      else this.#followers.push(follower);
    }

    resolve(data: unknown): void {
      for (const follower of this.#end()) follower.onData(data);
    }

    reject(failure: UpstreamError): void {
      for (const follower of this.#end()) follower.onFailure(failure);
    }

    #end(): readonly Follower[] {
      if (inFlight.get(this.#key) === this) inFlight.delete(this.#key);
      const followers = this.#followers ?? [];
      this.#followers = null;
      this.#key = "";
      return followers;
    }
  }

  return {
    find: (key) => inFlight.get(key),
    start(key) {
      const read = new Read(key);
      inFlight.set(key, read);
      return read;
    },
    invalidate: () => inFlight.clear(),
  };
}
