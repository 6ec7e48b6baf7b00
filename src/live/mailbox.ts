/**
 * What one subscriber has yet to read. It never grows beyond one message for each key: a newer one takes the place of
 * the older that nobody has read, so a slow reader sees fewer messages and holds up nobody.
 */
export type Mailbox<Message> = AsyncIterableIterator<Message, undefined> &
  Box<Message> & {
    /** Ends the reading once everything put so far is read. */
    end(): void;
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
  type Result = IteratorResult<Message, undefined>;
  const done: Result = { done: true, value: undefined };
  const unread = new Map<string, Message>();
  const readers: ((result: Result) => void)[] = [];
  let isOpen = true;

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    for (const read of readers.splice(0)) read(done);
    onClose();
  }

  function leave(): Promise<Result> {
    unread.clear();
    close();
    return Promise.resolve(done);
  }

  return {
    put(key, message) {
      if (!isOpen) return;
      const read = readers.shift();
      if (read !== undefined) {
        read({ done: false, value: message });
        return;
      }
      // At the end, not in the place of the older one: what was put between the two is older than this.
      unread.delete(key);
      unread.set(key, message);
    },
    has: (key) => unread.has(key),
    drop: (key) => void unread.delete(key),
    end: close,
    next() {
      for (const [key, message] of unread) {
        unread.delete(key);
        return Promise.resolve({ done: false, value: message });
      }
      return isOpen ? new Promise((resolve) => readers.push(resolve)) : Promise.resolve(done);
    },
    // Both answer at once, also while a `next` is waiting: a generator would wait for the next message first.
    return: leave,
    throw: leave,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
