import { describe, expect, it } from "vitest";
import { ConflatingQueue } from "../../src/live/conflating-queue.ts";
import type { Connection } from "../../src/schema/loaders/bank-connection.ts";
import { createStateDiffer } from "../../src/schema/subscription.ts";
import { createChangeDiffer } from "../../src/schema/types/bank-connection-change.ts";
import { startTestGateway, until } from "../support/helpers.ts";

describe("a subscription that asks for nothing", () => {
  it.each([
    'linkAttemptChanged(id: "x") @skip(if: true) { status }',
    '... @include(if: false) { linkAttemptChanged(id: "x") { status } }',
  ])("{ %s } is its client's mistake", async (skipped) => {
    await using gateway = await startTestGateway();
    await using stream = gateway.subscribe(`subscription Nothing { ${skipped} }`, {});
    await until(async () => stream.messages.length > 0);
    expect(stream.messages).toMatchObject([
      {
        data: null,
        errors: [
          {
            message: "A subscription must ask for a field that is not skipped.",
            extensions: { code: "BAD_USER_INPUT", retryable: false },
          },
        ],
      },
    ]);
  });
});

const connection = (connectionID: string, more: Partial<Connection> = {}): Connection => ({
  psuId: "00000000-0000-4000-8000-000000000001",
  connectorID: "c",
  connectionID,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  dataUpdatedAt: "0001-01-01T00:00:00Z",
  status: "ACTIVE",
  error: null,
  metadata: {},
  ...more,
});

describe("a reader who is behind", () => {
  it("gets no state that has come and gone", async () => {
    const queue = new ConflatingQueue<unknown>(() => {});
    const differ = createStateDiffer<string>();
    differ.diff("A", [], queue);
    expect(await queue.next()).toMatchObject({ value: "A" });
    differ.diff("B", [], queue);
    differ.diff("A", [], queue);
    expect(queue.has("state")).toBe(false);
    differ.diff("B", [], queue);
    differ.diff("C", [], queue);
    expect(await queue.next()).toMatchObject({ value: "C" });
    expect(queue.has("state")).toBe(false);
  });

  it("gets a connection first as new or as there, and nothing of one that has come and gone", async () => {
    const queue = new ConflatingQueue<unknown>(() => {});
    const differ = createChangeDiffer(null);
    const synced = { dataUpdatedAt: "2026-01-02T00:00:00Z" };
    differ.diff([connection("old")], [], queue);
    differ.diff([connection("old", synced), connection("new"), connection("brief")], [], queue);
    differ.diff([connection("old", synced), connection("new", synced)], [], queue);
    queue.end();
    const received: unknown[] = [];
    for await (const { kind, connection: of } of queue as AsyncIterable<{
      kind: string;
      connection: Connection | null;
    }>) {
      received.push([kind, of?.connectionID, of?.dataUpdatedAt]);
    }
    expect(received).toEqual([
      ["CURRENT", "old", synced.dataUpdatedAt],
      ["CREATED", "new", synced.dataUpdatedAt],
    ]);
  });

  it("gets a connection that was gone and came back as new", async () => {
    const queue = new ConflatingQueue<unknown>(() => {});
    const differ = createChangeDiffer(null);
    for (const [state, kind] of [
      [[connection("back")], "CURRENT"],
      [[], "DELETED"],
      [[connection("back")], "CREATED"],
    ] as const) {
      differ.diff(state, [], queue);
      expect(await queue.next()).toMatchObject({ value: { kind } });
    }
  });
});
