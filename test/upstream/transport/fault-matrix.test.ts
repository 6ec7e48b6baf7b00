import { describe, expect, it } from "vitest";
import { lateMs, once, operations, read, rows, sendAndRecord, startStage, toOutcomes } from "./fault-stage.ts";

/** Sent again twice at the most, and never beyond the retry budget. */
const mostSends = 3;

const cells = rows.flatMap((row) =>
  operations.map((operation) => ({ row, operation, title: `${operation.name} meets ${row.name}` })),
);

describe("a fault that lasts", () => {
  it.concurrent.each(cells)("$title: is told, and nothing is written twice", async ({ row, operation }) => {
    await using stage = await startStage(row.code === "UPSTREAM_TIMEOUT" ? { timeoutMs: lateMs } : {});
    const before = operation.done(stage);
    using _fault = stage.proxy.fault(row.fault(), operation.call);
    const [answer, calls] = await sendAndRecord(stage, operation);
    // What does no harm twice may be asked again, and so may what was certainly not done. Nobody can tell of the others.
    const retryable = operation.kind !== "write" || row.effect === "nothing";
    expect(toOutcomes(answer)).toEqual([
      { code: row.code, retryable, ...(row.retryAfterMs && { retryAfterMs: expect.any(Number) }) },
    ]);
    if (row.retryAfterMs !== undefined) {
      const [least, most] = row.retryAfterMs;
      expect(answer.errors[0]?.extensions["retryAfterMs"]).toBeGreaterThanOrEqual(least);
      expect(answer.errors[0]?.extensions["retryAfterMs"]).toBeLessThanOrEqual(most);
    }
    const isSentAgain = row.isRetried && operation.kind !== "write";
    expect(calls.length).toBeGreaterThanOrEqual(isSentAgain ? 2 : 1);
    expect(calls.length).toBeLessThanOrEqual(isSentAgain ? mostSends : 1);
    if (operation.kind !== "read") expect(operation.done(stage) - before).toBe(row.effect === "done" ? 1 : 0);
  });
});

describe("a fault of one moment", () => {
  const retried = cells.filter(({ row, operation }) => row.isRetried && operation.kind !== "write");
  it.concurrent.each(retried)("$title: is not noticed, and nothing is written twice", async ({ row, operation }) => {
    await using stage = await startStage();
    const before = operation.done(stage);
    using _fault = stage.proxy.fault(row.fault(), once(operation.call));
    const [answer, calls] = await sendAndRecord(stage, operation);
    expect(answer.errors).toEqual([]);
    expect(calls).toHaveLength(2);
    if (operation.kind !== "read") expect(operation.done(stage) - before).toBe(1);
  });

  it.concurrent.each(["1", "date"])("is waited out for as long as the stack asks: Retry-After: %s", async (after) => {
    await using stage = await startStage({ timeoutMs: 5000 });
    const retryAfter = after === "date" ? new Date(Date.now() + 2000).toUTCString() : after;
    using _fault = stage.proxy.fault(
      { kind: "answer", status: 429, headers: { "retry-after": retryAfter } },
      once(read.call),
    );
    const askedAt = performance.now();
    const [answer, calls] = await sendAndRecord(stage, read);
    expect(answer.errors).toEqual([]);
    expect(calls).toHaveLength(2);
    expect(performance.now() - askedAt).toBeGreaterThan(950);
  });
});

describe("latency and jitter", () => {
  it.concurrent.each(operations)("below the deadline leave $name whole: one call, done once", async (operation) => {
    await using stage = await startStage();
    const before = operation.done(stage);
    using _fault = stage.proxy.fault({ kind: "latency", ms: 50, jitterMs: 100 });
    const [answer, calls] = await sendAndRecord(stage, operation);
    expect(answer.errors).toEqual([]);
    expect(calls).toHaveLength(1);
    if (operation.kind !== "read") expect(operation.done(stage) - before).toBe(1);
  });
});
