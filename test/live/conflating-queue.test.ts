import { describe, expect, it } from "vitest";
import { ConflatingQueue } from "../../src/live/conflating-queue.ts";

describe("a mailbox", () => {
  it("gives what is put, in order, to a reader that comes later", async () => {
    const mailbox = new ConflatingQueue<string>(() => {});
    mailbox.put("a", "1");
    mailbox.put("b", "2");
    expect(await mailbox.next()).toEqual({ done: false, value: "1" });
    expect(await mailbox.next()).toEqual({ done: false, value: "2" });
  });

  it("gives what is put to readers that wait, each message once, in the order in which they came", async () => {
    const mailbox = new ConflatingQueue<string>(() => {});
    const waiting = [mailbox.next(), mailbox.next()];
    mailbox.put("a", "1");
    mailbox.put("a", "2");
    expect(await Promise.all(waiting)).toEqual([
      { done: false, value: "1" },
      { done: false, value: "2" },
    ]);
  });

  it("keeps only the newest unread message of a key, behind what was put before it", async () => {
    const mailbox = new ConflatingQueue<number>(() => {});
    for (let at = 0; at < 100_000; at += 1) mailbox.put(at % 2 === 0 ? "even" : "odd", at);
    mailbox.end();
    const read: number[] = [];
    for await (const message of mailbox) read.push(message);
    expect(read).toEqual([99_998, 99_999]);
  });

  it("ended, gives what was put before, then the end, again and again; nothing that is put afterwards", async () => {
    let closed = 0;
    const mailbox = new ConflatingQueue<string>(() => {
      closed += 1;
    });
    mailbox.put("a", "1");
    mailbox.end();
    mailbox.put("a", "2");
    mailbox.put("b", "3");
    mailbox.end();
    expect(await mailbox.next()).toEqual({ done: false, value: "1" });
    expect(await mailbox.next()).toEqual({ done: true, value: undefined });
    expect(await mailbox.next()).toEqual({ done: true, value: undefined });
    expect(closed).toBe(1);
  });

  it.each(["return", "throw"] as const)(
    "lets all who wait go at once when its reader leaves by `%s`, and forgets the rest",
    async (how) => {
      let closed = 0;
      const mailbox = new ConflatingQueue<string>(() => {
        closed += 1;
      });
      const waiting = [mailbox.next(), mailbox.next()];
      expect(await mailbox[how]?.()).toEqual({ done: true, value: undefined });
      expect(await Promise.all(waiting)).toEqual(Array(2).fill({ done: true, value: undefined }));
      mailbox.put("a", "1");
      expect(await mailbox.next()).toEqual({ done: true, value: undefined });
      await mailbox[how]?.();
      expect(closed).toBe(1);
    },
  );

  it("forgets what is unread when its reader leaves", async () => {
    const mailbox = new ConflatingQueue<string>(() => {});
    mailbox.put("a", "1");
    await mailbox.return?.();
    expect(await mailbox.next()).toEqual({ done: true, value: undefined });
  });

  it("may be put into, ended and left from within its own closing", async () => {
    const mailbox = new ConflatingQueue<string>(() => {
      mailbox.put("a", "1");
      mailbox.end();
      void mailbox.return?.();
    });
    mailbox.end();
    expect(await mailbox.next()).toEqual({ done: true, value: undefined });
  });
});
