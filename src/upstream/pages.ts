/** The pages of the service's lists: how one is requested, and how all of them are read. */
import { UpstreamError } from "./errors.ts";
import type { Filter, Page } from "./wire-types.ts";

/** Names a page: either the first one of a filter, or the one of an upstream cursor, and nothing else. */
export type PageRequest =
  /** `pageSize` from 1 to 100: the service clamps more to 100 without a word. */
  { readonly pageSize: number; readonly filter?: Filter | undefined } | { readonly cursor: string };

/** The first page of this filter; the filter of a cursor's page is inside the cursor. */
export function withFilter(page: PageRequest, filter: Filter | undefined): PageRequest {
  return "cursor" in page ? page : { ...page, filter };
}

/** The largest page that the service gives. */
export const maxPageSize = 100;

/** Every row of a list, page after page. */
export function allRows<Row>(
  load: (page: PageRequest) => Promise<Page<Row>>,
  filter?: Filter,
): Promise<readonly Row[]> {
  const first: PageRequest = { pageSize: maxPageSize, filter };
  return load(first).then((page) => (page.hasMore ? moreRows(load, first, page) : page.data));
}

async function moreRows<Row>(
  load: (page: PageRequest) => Promise<Page<Row>>,
  first: PageRequest,
  page: Page<Row>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const loadAfterFirst: typeof load = (request) => (request === first ? Promise.resolve(page) : load(request));
  await walkPages(loadAfterFirst, first, ({ page }) => {
    for (const row of page.data) rows.push(row);
    return true;
  });
  return rows;
}

/** With the request for the page, and the upstream cursor of the next one (`null`: it is the last). */
type PageInWalk<Row> = {
  readonly page: Page<Row>;
  readonly request: PageRequest;
  readonly next: string | null;
};

/**
 * Visits the pages of a list from `start` on, one after the other, while `visit` returns `true`. A cursor that
 * repeats ends in `malformed`. Rows that the service adds or removes meanwhile can be seen twice or missed, because
 * it pages by offset.
 */
export async function walkPages<Row>(
  load: (page: PageRequest) => Promise<Page<Row>>,
  start: PageRequest,
  visit: (at: PageInWalk<Row>) => boolean,
): Promise<void> {
  const seen = new Set<string>("cursor" in start ? [start.cursor] : []);
  for (let request = start; ; ) {
    const page = await load(request);
    const next = page.hasMore ? page.next : null;
    if (page.hasMore && next === null) throw new UpstreamError("malformed", "the list has more but no cursor");
    if (!visit({ page, request, next }) || next === null) return;
    if (seen.size >= maxPages) throw new UpstreamError("malformed", "the list has no end");
    if (seen.has(next)) throw new UpstreamError("malformed", "the list's cursor repeats");
    seen.add(next);
    request = { cursor: next };
  }
}

/** Against an endless list of new cursors: a hundred thousand rows in full pages. */
const maxPages = 1000;
