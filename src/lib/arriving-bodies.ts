/** Bounds the memory of bodies that are still arriving, from callers that nobody knows yet. */
import { toNetwork } from "./network/ip-network.ts";

export type ArrivingBodiesOptions = {
  /** All together. */
  readonly maxBytes: number;
  /** From one IPv4 address, or one IPv6 network of 64 bits. */
  readonly maxBytesEach: number;
};

export type ArrivingBody = {
  /** More of it has arrived. Cuts others where that is too much, or this one. */
  grow(bytes: number): void;
  /** It has ended, in whichever way. */
  end(): void;
};

type Body = { readonly network: string; readonly cut: () => void; size: number };

/**
 * Where there is too much, the body that has been arriving for the longest is cut, and not the newest: a body that comes
 * at once finds space however many others are held back. Among all it is one of the address that holds the most.
 */
export class ArrivingBodies {
  readonly #options: ArrivingBodiesOptions;
  /** Oldest first. */
  readonly #bodies = new Set<Body>();
  readonly #bytesOf = new Map<string, number>();
  #bytes = 0;

  constructor(options: ArrivingBodiesOptions) {
    this.#options = options;
  }

  /** @param cut is called at most once, and must end the body. */
  add(address: string, cut: () => void): ArrivingBody {
    const body: Body = { network: toNetwork(address), cut, size: 0 };
    this.#bodies.add(body);
    return { grow: (bytes) => this.#grow(body, bytes), end: () => this.#end(body) };
  }

  #grow(body: Body, bytes: number): void {
    body.size += bytes;
    this.#count(body.network, bytes);
    while ((this.#bytesOf.get(body.network) ?? 0) > this.#options.maxBytesEach) this.#cutOldest(body.network);
    while (this.#bytes > this.#options.maxBytes) {
      const [largest] = [...this.#bytesOf].reduce((one, other) => (other[1] > one[1] ? other : one));
      this.#cutOldest(largest);
    }
  }

  #cutOldest(network: string): void {
    for (const body of this.#bodies) {
      if (body.network !== network || body.size === 0) continue;
      this.#end(body);
      body.cut();
      return;
    }
  }

  #end(body: Body): void {
    if (this.#bodies.delete(body)) this.#count(body.network, -body.size);
  }

  #count(network: string, bytes: number): void {
    const now = (this.#bytesOf.get(network) ?? 0) + bytes;
    if (now === 0) this.#bytesOf.delete(network);
    else this.#bytesOf.set(network, now);
    this.#bytes += bytes;
  }
}
