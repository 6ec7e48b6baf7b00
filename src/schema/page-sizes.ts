/** The sizes of pages, in the graph and in the upstream API. */

import { maxPageSize } from "../upstream/pages.ts";

/** One upstream page holds as many rows as a client can want. */
export const maxFirst = maxPageSize;
export const defaultFirst = 15;

/**
 * A list is never begun with a smaller upstream page. The upstream's cursor fixes the size of all pages that follow,
 * so a client that begins with `first: 1` and goes on with `first: 100` would otherwise cost a hundred calls.
 */
export const smallestUpstreamPage = defaultFirst;
