/** In-flight deduplication: identical reads at the same moment share one call. */
import type { UpstreamError } from "../errors.ts";

export type Deduplication = {
  /** Equal paths and bodies are the same read, whose responses have one shape. */
  find(path: string, body: string | null): InFlightRead | undefined;
  /** Registers a read, which its caller must resolve or reject. */
  start(path: string, body: string | null): InFlightRead;
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
  /** By path: no key is made of a path and a long body. */
  const inFlight = new Map<string, Read>();

  /** A class that empties itself: old tables of the map keep it for a while (docs/decisions/0021-memory-per-stream.md). */
  class Read implements InFlightRead {
    /** The next one of the same path. */
    next: Read | null;
    body: string | null;
    #path: string;
    #followers: Follower[] | null = null;

    constructor(path: string, body: string | null, next: Read | null) {
      this.#path = path;
      this.body = body;
      this.next = next;
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
      this.#unregister();
      const followers = this.#followers ?? none;
      this.#followers = null;
      this.#path = "";
      this.body = null;
      this.next = null;
      return followers;
    }

    #unregister(): void {
      const first = inFlight.get(this.#path);
      if (first === this) {
        if (this.next === null) inFlight.delete(this.#path);
        else inFlight.set(this.#path, this.next);
        return;
      }
      let before = first ?? null;
      while (before !== null && before.next !== this) before = before.next;
      if (before !== null) before.next = this.next;
    }
  }

  return {
    find(path, body) {
      let read = inFlight.get(path) ?? null;
      while (read !== null && read.body !== body) read = read.next;
      return read ?? undefined;
    },
    start(path, body) {
      const read = new Read(path, body, inFlight.get(path) ?? null);
      inFlight.set(path, read);
      return read;
    },
    invalidate: () => inFlight.clear(),
  };
}

const none: readonly Follower[] = [];
