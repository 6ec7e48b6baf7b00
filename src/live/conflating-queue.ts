/** The queue between a watcher and one reader, who may be slower. */

/** Where messages are put for a reader. */
export type Sink<Message> = {
  put(key: string, message: Message): void;
  /** Whether the last message of this key is still unread. */
  has(key: string): boolean;
  /** Removes the unread message of this key. */
  drop(key: string): void;
};

/** Called as the queue is read. */
export type ReadObserver = {
  beforeRead(): void;
  onMessage(): void;
  /** The reader has got the end, or has cancelled. It can be called more than once. */
  onEnd(): void;
};

type Result<Message> = IteratorResult<Message, undefined>;

const done = { done: true, value: undefined } as const;

/**
 * It never holds more than one message of each key: a newer one replaces the older that is still unread. So a slow
 * reader gets fewer messages, and nobody waits for it.
 *
 * Thousands of them wait at once, so each is small: what only a slow reader needs is made when it is needed.
 */
export class ConflatingQueue<Message> implements AsyncIterableIterator<Message, undefined>, Sink<Message> {
  #unread: Map<string, Message> | null = null;
  /** The first read that waits; as a rule the only one. */
  #reader: ((result: Result<Message>) => void) | null = null;
  #others: readonly ((result: Result<Message>) => void)[] | null = null;
  /** `null` once it is closed. */
  #onClose: ((queue: this) => void) | null;
  #observer: ReadObserver | null = null;

  /** @param onClose called once, when the reader cancels or the queue is ended: nothing put afterwards is read. */
  constructor(onClose: (queue: ConflatingQueue<Message>) => void) {
    this.#onClose = onClose;
  }

  setObserver(observer: ReadObserver): void {
    this.#observer = observer;
  }

  put(key: string, message: Message): void {
    if (this.#onClose === null) return;
    const read = this.#reader;
    if (read !== null) {
      const [next = null, ...others] = this.#others ?? [];
      this.#reader = next;
      this.#others = others.length === 0 ? null : others;
      read(this.#toResult(message));
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

  /** The reader gets the end once it has read everything put so far. */
  end(): void {
    const onClose = this.#onClose;
    if (onClose === null) return;
    this.#onClose = null;
    const waiting = [this.#reader, ...(this.#others ?? [])];
    this.#reader = null;
    this.#others = null;
    for (const read of waiting) read?.(this.#toEnd());
    onClose(this);
  }

  /** Ends it with this message in place of everything unread. */
  endWith(message: Message): void {
    this.#unread = null;
    if (this.#reader === null) this.#unread = new Map([["last", message]]);
    else this.put("last", message);
    this.end();
  }

  next(): Promise<Result<Message>> {
    this.#observer?.beforeRead();
    for (const [key, message] of this.#unread ?? []) {
      this.#unread?.delete(key);
      return Promise.resolve(this.#toResult(message));
    }
    this.#unread = null;
    if (this.#onClose === null) return Promise.resolve(this.#toEnd());
    return new Promise((resolve) => {
      if (this.#reader === null) this.#reader = resolve;
      else this.#others = [...(this.#others ?? []), resolve];
    });
  }

  /** Settles at once, also while a `next` is waiting: a generator would wait for the next message first. */
  return(): Promise<Result<Message>> {
    this.#unread = null;
    this.end();
    return Promise.resolve(this.#toEnd());
  }

  throw(): Promise<Result<Message>> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #toResult(value: Message): Result<Message> {
    this.#observer?.onMessage();
    return { done: false, value };
  }

  #toEnd(): Result<Message> {
    this.#observer?.onEnd();
    return done;
  }
}
