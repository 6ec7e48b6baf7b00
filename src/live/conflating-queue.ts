/**
 * What one subscriber has yet to read. It never grows beyond one message for each key: a newer one takes the place of
 * the older that nobody has read, so a slow reader sees fewer messages and holds up nobody.
 */
export type ConflatingQueue<Message> = AsyncIterableIterator<Message, undefined> &
  Sink<Message> & {
    /** Ends the reading once everything put so far is read. */
    end(): void;
    /** Answers at once, also while a `next` is waiting: a generator would wait for the next message first. */
    return(): Promise<IteratorResult<Message, undefined>>;
    /** From now on its reader is given what passes here, the end of all as well. */
    setTransform(transform: Transform<Message>): void;
  };

/** A step between a queue and its reader; a promise of its own for each would take more room than all of a queue. */
export type Transform<Message> = {
  transform(result: IteratorResult<Message, undefined>): IteratorResult<Message, undefined>;
};

/** The side that messages are put in at. */
export type Sink<Message> = {
  put(key: string, message: Message): void;
  /** Whether what was put last under this key is yet to be read. */
  has(key: string): boolean;
  /** Takes back what is yet to be read under this key. */
  drop(key: string): void;
};

/** @param onClose called once, when the reader leaves or `end` is called: nothing put afterwards is read. */
export function createConflatingQueue<Message>(
  onClose: (queue: ConflatingQueue<Message>) => void,
): ConflatingQueue<Message> {
  return new OpenConflatingQueue(onClose);
}

type Result<Message> = IteratorResult<Message, undefined>;

const done = { done: true, value: undefined } as const;

/** A class, and without what only a slow reader needs: of thousands that wait, each is as small as can be. */
export class OpenConflatingQueue<Message> implements ConflatingQueue<Message> {
  #unread: Map<string, Message> | null = null;
  /** The one who waits, as a rule, and those who wait behind. */
  #reader: ((result: Result<Message>) => void) | null = null;
  #others: readonly ((result: Result<Message>) => void)[] | null = null;
  /** `null` once it is closed. */
  #onClose: ((queue: this) => void) | null;
  #transform: Transform<Message> | null = null;

  constructor(onClose: (queue: OpenConflatingQueue<Message>) => void) {
    this.#onClose = onClose;
  }

  setTransform(transform: Transform<Message>): void {
    this.#transform = transform;
  }

  put(key: string, message: Message): void {
    if (this.#onClose === null) return;
    const read = this.#reader;
    if (read !== null) {
      const [next = null, ...others] = this.#others ?? [];
      this.#reader = next;
      this.#others = others.length === 0 ? null : others;
      read(this.#transformed({ done: false, value: message }));
      return;
    }
    this.#unread ??= new Map();
    // At the end, not in the place of the older one: what was put between the two is older than this.
    this.#unread.delete(key);
    this.#unread.set(key, message);
  }

  has(key: string): boolean {
    return this.#unread?.has(key) === true;
  }

  drop(key: string): void {
    this.#unread?.delete(key);
  }

  end(): void {
    const onClose = this.#onClose;
    if (onClose === null) return;
    this.#onClose = null;
    const waiting = [this.#reader, ...(this.#others ?? [])];
    this.#reader = null;
    this.#others = null;
    for (const read of waiting) read?.(this.#transformed(done));
    onClose(this);
  }

  #transformed(result: Result<Message>): Result<Message> {
    return this.#transform === null ? result : this.#transform.transform(result);
  }

  next(): Promise<Result<Message>> {
    for (const [key, value] of this.#unread ?? []) {
      this.#unread?.delete(key);
      return Promise.resolve(this.#transformed({ done: false, value }));
    }
    this.#unread = null;
    if (this.#onClose === null) return Promise.resolve(this.#transformed(done));
    return new Promise((resolve) => {
      if (this.#reader === null) this.#reader = resolve;
      else this.#others = [...(this.#others ?? []), resolve];
    });
  }

  return(): Promise<Result<Message>> {
    this.#unread = null;
    this.end();
    return Promise.resolve(done);
  }

  throw(): Promise<Result<Message>> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
