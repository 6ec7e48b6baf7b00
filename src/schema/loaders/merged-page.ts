/** A page out of several lists of the service's at once, newest first. */

import type { PageRequest } from "../../upstream/pages.ts";
import { walkPages } from "../../upstream/pages.ts";
import type { Page as UpstreamPage } from "../../upstream/wire-types.ts";
import type { Context } from "../context.ts";
import { smallestUpstreamPage } from "../page-sizes.ts";
import { bindCursors, type Edge, type Page, type PageArgs, PageInfo, SealedEdge, toFirst } from "../pagination.ts";

/** After so many rows of a page of the list with this key. A list that has ended has none. */
type ListPosition = readonly [key: string, upstream: string | number, rowsSeen: number];

export type Lists<Row> = {
  keys(): Promise<readonly string[]>;
  load(key: string, page: PageRequest): Promise<UpstreamPage<Row>>;
};

/**
 * Reads the lists side by side, and takes the newest row of all each time. A list that fails fails the page. A cursor
 * holds the place in each list, so that later pages read the same lists; a list that appears meanwhile has newer rows
 * only.
 * @param list what a cursor is bound to, as of `loadPage`.
 */
export async function loadMergedPage<Row extends { readonly createdAt: string }>(
  context: Context,
  list: readonly unknown[],
  args: PageArgs,
  { keys, load }: Lists<Row>,
): Promise<Page<Row>> {
  const first = toFirst(args.first);
  const cursors = bindCursors<readonly ListPosition[]>(context, list);
  const start = args.after == null ? null : cursors.open(args.after);
  const pageSize = Math.max(first, smallestUpstreamPage);
  const positions = start ?? (await keys()).map((key): ListPosition => [key, pageSize, 0]);
  const lists = positions.map((position) => new ListReader(position, load));
  await Promise.all(lists.map((one) => one.fill()));
  const edges: Edge<Row>[] = [];
  for (let newest = newestOf(lists); newest !== null && edges.length < first; newest = newestOf(lists)) {
    const node = newest.take();
    const at = lists.flatMap(({ position }) => (position === null ? [] : [position]));
    edges.push(new SealedEdge(node, at, cursors.seal));
    if (edges.length < first) await newest.fill();
  }
  const hasNextPage = lists.some(({ position }) => position !== null);
  return { edges, pageInfo: new PageInfo(hasNextPage, start !== null, edges) };
}

/** Reads one list row by row. */
class ListReader<Row extends { readonly createdAt: string }> {
  /** Behind the last row that was taken; `null`: there are no more. */
  position: ListPosition | null;
  readonly #load: Lists<Row>["load"];
  #rows: readonly Row[] = [];
  #next: string | null = null;

  constructor(position: ListPosition, load: Lists<Row>["load"]) {
    this.position = position;
    this.#load = load;
  }

  get head(): Row | null {
    return this.position === null ? null : (this.#rows[this.position[2]] ?? null);
  }

  /** Reads on where no row is at hand. */
  async fill(): Promise<void> {
    if (this.position === null || this.head !== null) return;
    const [key, upstream] = this.position;
    const start: PageRequest = typeof upstream === "number" ? { pageSize: upstream } : { cursor: upstream };
    await walkPages(
      (page) => this.#load(key, page),
      start,
      ({ page, request, next }) => {
        const rowsSeen = request === start ? (this.position?.[2] ?? 0) : 0;
        this.#rows = page.data;
        this.#next = next;
        this.position = [key, "cursor" in request ? request.cursor : request.pageSize, rowsSeen];
        return rowsSeen >= page.data.length;
      },
    );
    if (this.head === null) this.position = null;
  }

  take(): Row {
    const { head, position } = this;
    if (head === null || position === null) throw new Error("no row is at hand");
    const [key, upstream, rowsSeen] = position;
    if (rowsSeen + 1 < this.#rows.length) this.position = [key, upstream, rowsSeen + 1];
    else {
      this.position = this.#next === null ? null : [key, this.#next, 0];
      this.#rows = [];
    }
    return head;
  }
}

/** Of rows of the same time, the one of the earlier list. */
function newestOf<Row extends { readonly createdAt: string }>(lists: readonly ListReader<Row>[]) {
  let newest: ListReader<Row> | null = null;
  for (const list of lists) {
    if (list.head === null) continue;
    if (newest?.head == null || compareTimes(list.head.createdAt, newest.head.createdAt) > 0) newest = list;
  }
  return newest;
}

/** To the nanosecond: a `Date` has milliseconds, and the service leaves out zeros at the end. */
export function compareTimes(a: string, b: string): number {
  const seconds = Math.floor(Date.parse(a) / 1000) - Math.floor(Date.parse(b) / 1000);
  return seconds === 0 ? nanosecondsOf(a) - nanosecondsOf(b) : seconds;
}

function nanosecondsOf(time: string): number {
  return Number((/\.(\d+)/.exec(time)?.[1] ?? "").padEnd(9, "0").slice(0, 9));
}
