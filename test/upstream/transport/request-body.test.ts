/** The body of a call is written once, however often it is sent. */
import { expect, it } from "vitest";
import { createUpstreamClient } from "../../../src/upstream/client.ts";
import type { Filter } from "../../../src/upstream/wire-types.ts";
import { credentials, page, type Reply, startStack } from "../stack.ts";

/** A filter that counts how often it is written. */
function createFilter() {
  const filter = {
    times: 0,
    toJSON() {
      filter.times += 1;
      return { $match: { name: "x" } };
    },
  };
  return filter as typeof filter & Filter;
}

async function start(reply: (times: number) => Reply | Promise<Reply>) {
  let times = 0;
  const stack = await startStack(() => {
    times += 1;
    return reply(times);
  });
  const upstream = createUpstreamClient({ url: stack.url, credentials, timeoutMs: 3000, sockets: 4 });
  return {
    stack,
    upstream,
    async [Symbol.asyncDispose]() {
      await upstream[Symbol.asyncDispose]();
      await stack[Symbol.asyncDispose]();
    },
  };
}

const shares = () => true;

it.each([false, true])("once for all attempts at a call; deduplicated: %s", async (isShared) => {
  await using stage = await start((times) => (times < 3 ? { status: 503 } : page([])));
  const filter = createFilter();
  await stage.upstream.within({ shares: () => isShared }).accounts({ pageSize: 15, filter });
  expect(stage.stack.calls.map(({ body }) => body)).toEqual(Array(3).fill('{"$match":{"name":"x"}}'));
  expect(filter.times).toBe(1);
});

it("once to find an identical call that is under way", async () => {
  const { promise, resolve } = Promise.withResolvers<Reply>();
  await using stage = await start(() => promise);
  const filters = [createFilter(), createFilter(), createFilter()];
  const answers = filters.map((filter) => stage.upstream.within({ shares }).accounts({ pageSize: 15, filter }));
  await stage.stack.waitForCalls(1);
  resolve(page([]));
  await Promise.all(answers);
  expect(stage.stack.calls).toHaveLength(1);
  expect(filters.map(({ times }) => times)).toEqual([1, 1, 1]);
});
