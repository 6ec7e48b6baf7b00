/**
 * What one subscriber has yet to read. It never grows beyond one message for each key: a newer one takes the place of
 * the older that nobody has read, so a slow reader sees fewer messages and holds up nobody.
 */
export type Mailbox<Message> = AsyncIterableIterator<Message, undefined> &
  Box<Message> & {
    /** Ends the reading once everything put so far is read. */
    end(): void;
    /** Answers at once, also while a `next` is waiting: a generator would wait for the next message first. */
    return(): Promise<IteratorResult<Message, undefined>>;
  };

/** The side that messages are put in at. */
export type Box<Message> = {
  put(key: string, message: Message): void;
  /** Whether what was put last under this key is yet to be read. */
  has(key: string): boolean;
  /** Takes back what is yet to be read under this key. */
  drop(key: string): void;
};

/** @param onClose called once, when the reader leaves or `end` is called: nothing put afterwards is read. */
export function createMailbox<Message>(onClose: () => void): Mailbox<Message> {
  return new OpenMailbox(onClose);
}

type Result<Message> = IteratorResult<Message, undefined>;

const done = { done: true, value: undefined } as const;

/** A class, and without what only a slow reader needs: of thousands that wait, each is as small as can be. */
class OpenMailbox<Message> implements Mailbox<Message> {
  #unread: Map<string, Message> | null = null;
  #readers: readonly ((result: Result<Message>) => void)[] = [];
  /** `null` once it is closed. */
  #onClose: (() => void) | null;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  put(key: string, message: Message): void {
    if (this.#onClose === null) return;
    const [read, ...rest] = this.#readers;
    if (read !== undefined) {
      this.#readers = rest;
      read({ done: false, value: message });
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
    for (const read of this.#readers) read(done);
    this.#readers = [];
    onClose();
  }

  next(): Promise<Result<Message>> {
    for (const [key, value] of this.#unread ?? []) {
      this.#unread?.delete(key);
      return Promise.resolve({ done: false, value });
    }
    this.#unread = null;
    if (this.#onClose === null) return Promise.resolve(done);
    return new Promise((resolve) => {
      // Without the room for more that a spread would leave.
      this.#readers = this.#readers.length === 0 ? [resolve] : [...this.#readers, resolve];
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
