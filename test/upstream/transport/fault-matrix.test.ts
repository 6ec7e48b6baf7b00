import { describe, expect, it } from "vitest";
import { once, operations, read, rows, sendAndRecord, shortTimeoutMs, startStage, toOutcomes } from "./fault-stage.ts";

/** One attempt and two retries, within the retry budget. */
const maxSends = 3;

const cells = rows.flatMap((row) =>
  operations.map((operation) => ({ row, operation, title: `${operation.name} meets ${row.name}` })),
);

describe("a fault that lasts", () => {
  it.concurrent.each(cells)("$title: the error says so, and nothing is written twice", async ({ row, operation }) => {
    await using stage = await startStage(row.code === "UPSTREAM_TIMEOUT" ? { timeoutMs: shortTimeoutMs } : {});
    const before = operation.done(stage);
    using _fault = stage.proxy.fault(row.fault(), operation.call);
    const [result, calls] = await sendAndRecord(stage, operation);
    // The client may retry what is safe to repeat, and what was certainly not done. The outcome of the rest is unknown.
    const retryable = operation.kind !== "write" || row.effect === "nothing";
    expect(toOutcomes(result)).toEqual([
      { code: row.code, retryable, ...(row.retryAfterMs && { retryAfterMs: expect.any(Number) }) },
    ]);
    if (row.retryAfterMs !== undefined) {
      const [least, most] = row.retryAfterMs;
      expect(result.errors[0]?.extensions["retryAfterMs"]).toBeGreaterThanOrEqual(least);
      expect(result.errors[0]?.extensions["retryAfterMs"]).toBeLessThanOrEqual(most);
    }
    const isRetried = row.isRetried && operation.kind !== "write";
    expect(calls.length).toBeGreaterThanOrEqual(isRetried ? 2 : 1);
    expect(calls.length).toBeLessThanOrEqual(isRetried ? maxSends : 1);
    if (operation.kind !== "read") expect(operation.done(stage) - before).toBe(row.effect === "done" ? 1 : 0);
  });
});

describe("a fault of one moment", () => {
  const retried = cells.filter(({ row, operation }) => row.isRetried && operation.kind !== "write");
  it.concurrent.each(retried)(
    "$title: is hidden by a retry, and nothing is written twice",
    async ({ row, operation }) => {
      await using stage = await startStage();
      const before = operation.done(stage);
      using _fault = stage.proxy.fault(row.fault(), once(operation.call));
      const [result, calls] = await sendAndRecord(stage, operation);
      expect(result.errors).toEqual([]);
      expect(calls).toHaveLength(2);
      if (operation.kind !== "read") expect(operation.done(stage) - before).toBe(1);
    },
  );

  it.concurrent.each(["1", "date"])(
    "is retried after the pause that the stack requests: Retry-After: %s",
    async (after) => {
      await using stage = await startStage({ timeoutMs: 5000 });
      const retryAfter = after === "date" ? new Date(Date.now() + 2000).toUTCString() : after;
      using _fault = stage.proxy.fault(
        { kind: "answer", status: 429, headers: { "retry-after": retryAfter } },
        once(read.call),
      );
      const sentAt = performance.now();
      const [result, calls] = await sendAndRecord(stage, read);
      expect(result.errors).toEqual([]);
      expect(calls).toHaveLength(2);
      expect(performance.now() - sentAt).toBeGreaterThan(950);
    },
  );
});

describe("latency and jitter", () => {
  it.concurrent.each(operations)("below the deadline do not affect $name: one call, done once", async (operation) => {
    await using stage = await startStage();
    const before = operation.done(stage);
    using _fault = stage.proxy.fault({ kind: "latency", ms: 50, jitterMs: 100 });
    const [result, calls] = await sendAndRecord(stage, operation);
    expect(result.errors).toEqual([]);
    expect(calls).toHaveLength(1);
    if (operation.kind !== "read") expect(operation.done(stage) - before).toBe(1);
  });
});
