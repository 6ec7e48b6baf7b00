/** One measurement: callers who ask a running system as fast as it answers. */
import { setTimeout as wait } from "node:timers/promises";
import autocannon from "autocannon";
import { mix, type QueryName, toVariables } from "../queries.ts";
import { usage } from "../systems/program.ts";
import type { Session } from "../systems/session.ts";
import { countCalls, type Stack } from "../systems/stack.ts";
import { type System, type Target, toRequest } from "../systems/system.ts";
import type { Figures } from "./figures.ts";

export type LoadName = QueryName | "Mixed";

export type Load = {
  readonly name: LoadName;
  readonly callers: number;
  /**
   * Meanwhile sockets are opened, caches are filled and code is compiled on the same processor, and requests may be
   * refused before the gateway knows its capacity. The measurement continues on the same sockets: Node accepts one
   * connection per iteration of its event loop, so that the last of fifty would measure only that.
   */
  readonly warmUpS: number;
  readonly seconds: number;
};

/** @throws when a request fails. */
export async function measure(system: System, target: Target, load: Load, stack: Stack): Promise<Figures> {
  const { name, callers, warmUpS, seconds } = load;
  const requests = (name === "Mixed" ? mix : [name]).map((query) => {
    const all = toVariables(query, stack.psuIds).map((variables) =>
      toRequest(target, system.toOperation(query, variables)),
    );
    return { setupRequest: () => all[Math.floor(Math.random() * all.length)] ?? {} };
  });
  const counted = async () => ({ ...(await usage(target.pid)), calls: await countCalls(stack) });
  const tookMs: number[] = [];
  let failed = 0;
  let startedAt = Number.NaN;
  const { promise: ended, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  const running = autocannon(
    { url: target.url, connections: callers, duration: warmUpS + seconds, requests },
    (error, result) => {
      if (error == null) resolve(result);
      else reject(error as Error);
    },
  );
  running.on("response", (_client, status, _bytes, ms) => {
    if (Number.isNaN(startedAt)) return;
    tookMs.push(ms);
    if (status !== 200) failed += 1;
  });
  await wait(warmUpS * 1000);
  const before = await counted();
  startedAt = performance.now();
  const { errors } = await ended;
  const elapsedMs = performance.now() - startedAt;
  const after = await counted();
  const total = tookMs.length;
  if (failed + errors > 0)
    throw new Error(`${system.name}, ${name}, ${callers} callers: ${failed + errors} of ${total} requests failed.`);
  tookMs.sort((a, b) => a - b);
  return {
    perSecond: (total * 1000) / elapsedMs,
    medianMs: tookMs[Math.floor(tookMs.length * 0.5)] ?? Number.NaN,
    p99Ms: tookMs[Math.floor(tookMs.length * 0.99)] ?? Number.NaN,
    cpuMs: (after.cpuMs - before.cpuMs) / total,
    calls: (after.calls - before.calls) / total,
    peakMb: after.peakMb,
  };
}

export type Run = { readonly stack: Stack; readonly session: Session; readonly rounds: number };

/**
 * The figures of each system, round by round. Each is measured in a new process each time, and each round begins with
 * another one.
 */
export async function measureInTurn(
  systems: readonly System[],
  load: Load,
  { stack, session, rounds }: Run,
): Promise<readonly (readonly Figures[])[]> {
  const all = systems.map((): Figures[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < systems.length; turn += 1) {
      const at = (round + turn) % systems.length;
      const system = systems[at] as System;
      await using target = await system.start(stack, session);
      all[at]?.push(await measure(system, target, load, stack));
    }
  }
  return all;
}
