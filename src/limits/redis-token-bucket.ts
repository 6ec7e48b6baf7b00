/** Token buckets in Redis, shared by all replicas. */
import { z } from "zod";
import {
  type OpenConnection,
  type ReconnectingConnection,
  startReconnectingConnection,
} from "../lib/reconnecting-connection.ts";
import type { Debit, TokenBuckets, Wait } from "./token-bucket.ts";

/**
 * As in memory, in one step of Redis, by the one clock that the replicas share. A key expires when its bucket is full. A
 * state beyond what is possible was written before that clock was set back.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window = tonumber(ARGV[1])
local longest = 0
local index = 1
local states = {}
for i, key in ipairs(KEYS) do
  local at = tonumber(redis.call('GET', key) or '') or now
  local cost = tonumber(ARGV[i + 2])
  states[i] = math.max(now, math.min(at, now + 2 * window))
  local wait = states[i] + math.min(cost, window) - window - now
  if wait > longest then
    longest = wait
    index = i
  end
end
if ARGV[2] == 'debit' and longest > 0 then return { longest, index - 1 } end
for i, key in ipairs(KEYS) do
  local at = math.min(states[i] + tonumber(ARGV[i + 2]), now + 2 * window)
  if at > now then
    redis.call('SET', key, string.format('%.0f', at), 'PX', math.ceil((at - now) / 1000))
  else
    redis.call('DEL', key)
  end
end
return { 0, 0 }
`;

const waitShape = z.tuple([z.number(), z.number()]);

type RedisBuckets = OpenConnection & TokenBuckets<Promise<Wait>, Promise<unknown>>;

export type RedisBucketsOptions = {
  readonly windowMs: number;
  readonly answerWithinMs: number;
  onProblem(kind: string): void;
};

export async function startRedisBuckets(
  url: URL,
  { windowMs, answerWithinMs, onProblem }: RedisBucketsOptions,
): Promise<ReconnectingConnection<RedisBuckets>> {
  // Only here, so that a process without Redis does not load its client.
  const { openRedisConnection, prefix } = await import("../lib/redis-connection.ts");

  async function open(signal: AbortSignal): Promise<RedisBuckets> {
    const connection = await openRedisConnection({ url, signal, subscription: null });

    async function take(debits: readonly Debit[], mode: "debit" | "force", withinMs?: number): Promise<Wait> {
      const keys = debits.map(({ key }) => `${prefix}:rate:${key}`);
      const values = [windowMs * 1000, mode, ...debits.map(({ costUs }) => costUs)].map(String);
      const [us, index] = await connection.run(
        async ({ run }) => waitShape.parse(await run(script, keys, values)),
        withinMs,
      );
      return { us, index };
    }

    // A Redis that cannot be written to, or runs no scripts, is of no use: known here, no operation has to find out. Two
    // keys, as operations have: a cluster may keep them apart.
    const trial = ["trial", "another trial"].map((key) => ({ kind: "address", key, costUs: 1 }) as const);
    try {
      await take(trial, "force");
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
    return {
      lost: connection.lost,
      debit: (debits) => take(debits, "debit", answerWithinMs),
      force: (debits) => take(debits, "force"),
      [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
    };
  }

  return await startReconnectingConnection({ open, onProblem });
}
