/** One measurement: a caller who reads a long list of one user page by page, as an export does. */
import { Client } from "undici";
import { type WalkName, walks } from "../queries.ts";
import { usage } from "../systems/program.ts";
import { countCalls, type Stack } from "../systems/stack.ts";
import { type Target, toRequest } from "../systems/system.ts";
import { median } from "./figures.ts";

type Page = {
  readonly nodes: readonly object[];
  readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
};

export type WalkFigures = {
  readonly pages: number;
  readonly rows: number;
  /** Of one page: the median, and the medians of the first and of the last tenth of the walk. */
  readonly medianMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly cpuMs: number;
  readonly calls: number;
  readonly perSecond: number;
};

type WalkOptions = {
  readonly list: WalkName;
  readonly mostPages: number;
  readonly warmUpS: number;
  readonly seconds: number;
};

/** Walks to the end, or for `mostPages`, again and again, but always to the end of a walk. */
export async function walk(target: Target, stack: Stack, options: WalkOptions): Promise<WalkFigures> {
  const { list, mostPages, warmUpS, seconds } = options;
  const client = new Client(target.url);
  const query = walks[list];
  const [psuId] = stack.psuIds;

  async function readPage(after: string | null): Promise<Page> {
    const operation = { operationName: "Walk", query, variables: { psuId, after } };
    const { body } = await client.request(toRequest(target, operation));
    const { data, errors } = (await body.json()) as { data?: { page: Page | null }; errors?: object };
    if (data?.page == null) throw new Error(`A page of ${list} failed: ${JSON.stringify(errors)}`);
    return data.page;
  }

  async function walkOnce() {
    const tookMs: number[] = [];
    let rows = 0;
    let after: string | null = null;
    while (tookMs.length < mostPages) {
      const startedAt = performance.now();
      const { nodes, pageInfo }: Page = await readPage(after);
      tookMs.push(performance.now() - startedAt);
      rows += nodes.length;
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    return { tookMs, rows };
  }

  async function walkFor(lengthMs: number) {
    const all = [];
    const startedAt = performance.now();
    do all.push(await walkOnce());
    while (performance.now() - startedAt < lengthMs);
    return { found: all, elapsedMs: performance.now() - startedAt };
  }

  try {
    await walkFor(warmUpS * 1000);
    const before = { ...(await usage(target.pid)), calls: await countCalls(stack) };
    const { found, elapsedMs } = await walkFor(seconds * 1000);
    const after = { ...(await usage(target.pid)), calls: await countCalls(stack) };
    const [{ tookMs: { length: pages } = [], rows = 0 } = {}] = found;
    const all = pages * found.length;
    const tenth = Math.max(1, Math.floor(pages / 10));
    const medianOf = (from: number, to: number) => median(found.flatMap(({ tookMs }) => tookMs.slice(from, to)));
    return {
      pages,
      rows,
      medianMs: medianOf(0, pages),
      firstMs: medianOf(0, tenth),
      lastMs: medianOf(pages - tenth, pages),
      cpuMs: (after.cpuMs - before.cpuMs) / all,
      calls: (after.calls - before.calls) / all,
      perSecond: (all * 1000) / elapsedMs,
    };
  } finally {
    await client.close();
  }
}
