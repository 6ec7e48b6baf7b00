import { describe, expect, it } from "vitest";
import { ConflatingQueue } from "../../src/live/conflating-queue.ts";

describe("a conflating queue", () => {
  it("gives what is put, in order, to a reader that comes later", async () => {
    const queue = new ConflatingQueue<string>(() => {});
    queue.put("a", "1");
    queue.put("b", "2");
    expect(await queue.next()).toEqual({ done: false, value: "1" });
    expect(await queue.next()).toEqual({ done: false, value: "2" });
  });

  it("gives what is put to reads that wait, each message once, in the order in which they came", async () => {
    const queue = new ConflatingQueue<string>(() => {});
    const waiting = [queue.next(), queue.next()];
    queue.put("a", "1");
    queue.put("a", "2");
    expect(await Promise.all(waiting)).toEqual([
      { done: false, value: "1" },
      { done: false, value: "2" },
    ]);
  });

  it("keeps only the newest unread message of a key, behind what was put before it", async () => {
    const queue = new ConflatingQueue<number>(() => {});
    for (let at = 0; at < 100_000; at += 1) queue.put(at % 2 === 0 ? "even" : "odd", at);
    queue.end();
    const read: number[] = [];
    for await (const message of queue) read.push(message);
    expect(read).toEqual([99_998, 99_999]);
  });

  it("ended, gives what was put before, then the end, again and again; nothing that is put afterwards", async () => {
    let closed = 0;
    const queue = new ConflatingQueue<string>(() => {
      closed += 1;
    });
    queue.put("a", "1");
    queue.end();
    queue.put("a", "2");
    queue.put("b", "3");
    queue.end();
    expect(await queue.next()).toEqual({ done: false, value: "1" });
    expect(await queue.next()).toEqual({ done: true, value: undefined });
    expect(await queue.next()).toEqual({ done: true, value: undefined });
    expect(closed).toBe(1);
  });

  it.each(["return", "throw"] as const)(
    "settles all reads that wait when its reader cancels by `%s`, and forgets the rest",
    async (how) => {
      let closed = 0;
      const queue = new ConflatingQueue<string>(() => {
        closed += 1;
      });
      const waiting = [queue.next(), queue.next()];
      expect(await queue[how]?.()).toEqual({ done: true, value: undefined });
      expect(await Promise.all(waiting)).toEqual(Array(2).fill({ done: true, value: undefined }));
      queue.put("a", "1");
      expect(await queue.next()).toEqual({ done: true, value: undefined });
      await queue[how]?.();
      expect(closed).toBe(1);
    },
  );

  it("forgets what is unread when its reader cancels", async () => {
    const queue = new ConflatingQueue<string>(() => {});
    queue.put("a", "1");
    await queue.return?.();
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it("may be put into, ended and cancelled from within its own closing", async () => {
    const queue = new ConflatingQueue<string>(() => {
      queue.put("a", "1");
      queue.end();
      void queue.return?.();
    });
    queue.end();
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it("ends with a last message in place of what is unread, also after its end", async () => {
    for (const isEnded of [false, true]) {
      const queue = new ConflatingQueue<string>(() => {});
      queue.put("a", "1");
      queue.put("b", "2");
      if (isEnded) queue.end();
      queue.endWith("last");
      expect(await queue.next()).toEqual({ done: false, value: "last" });
      expect(await queue.next()).toEqual({ done: true, value: undefined });
    }
  });

  it("gives a last message to the first read that waits, and the end to the others", async () => {
    const queue = new ConflatingQueue<string>(() => {});
    const waiting = [queue.next(), queue.next()];
    queue.endWith("last");
    expect(await Promise.all(waiting)).toEqual([
      { done: false, value: "last" },
      { done: true, value: undefined },
    ]);
  });

  it("calls its observer before each read, and with each message and end", async () => {
    const calls: string[] = [];
    const queue = new ConflatingQueue<string>(() => {});
    queue.setObserver({
      beforeRead: () => calls.push("read"),
      onMessage: () => calls.push("message"),
      onEnd: () => calls.push("end"),
    });
    queue.put("a", "1");
    await queue.next();
    const waiting = queue.next();
    queue.put("a", "2");
    await waiting;
    expect(calls).toEqual(["read", "message", "read", "message"]);
    queue.put("a", "3");
    await queue.return();
    expect(calls.slice(4)).toEqual(["end"]);
  });

  it("is at most one message for each key, in the order of what is left", async () => {
    const queue = new ConflatingQueue<string>(() => {});
    for (const [key, message] of [
      ["a", "a, first"],
      ["b", "b"],
      ["a ending", "a ends soon"],
      ["a", "a, gone"],
    ] as const) {
      queue.put(key, message);
    }
    queue.end();
    const read = [];
    for await (const message of queue) read.push(message);
    expect(read).toEqual(["b", "a ends soon", "a, gone"]);
  });
});
