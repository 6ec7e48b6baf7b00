/** Pages of lists in the shape of Relay, over the pages of the upstream API. */

import { hash } from "node:crypto";
import type { ArgBuilder, ObjectRef } from "@pothos/core";
import { badUserInput } from "../errors.ts";
import { type PageRequest, walkPages } from "../upstream/pages.ts";
import type { Page as UpstreamPage } from "../upstream/wire-types.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { defaultFirst, maxFirst, smallestUpstreamPage } from "./page-sizes.ts";
import { textOf } from "./plugins/text-arguments.ts";

/** A page of a list in Relay's shape, forwards only. */
export type Page<Row> = {
  readonly edges: readonly Edge<Row>[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
};

type Edge<Row> = { readonly cursor: string; readonly node: Row };

/**
 * A cursor of the graph means "after row N of the upstream page P". It is sealed, because it holds the upstream's own
 * cursor, which the service trusts blindly: shown, it would reveal the filter; accepted when changed, it could read any
 * row.
 */
type CursorPosition = { readonly upstream: string | number; readonly rowsSeen: number };

export type PageArgs = { readonly first?: number | null | undefined; readonly after?: string | null | undefined };

/**
 * @param list what a cursor is bound to besides the viewer: the field, what it hangs from, and its filter.
 * @throws BAD_USER_INPUT for `first` outside 1 to 100, and for a cursor that is forged or of another list or viewer.
 */
export async function loadPage<Row>(
  context: Context,
  list: readonly unknown[],
  args: PageArgs,
  load: (page: PageRequest) => Promise<UpstreamPage<Row>>,
): Promise<Page<Row>> {
  const first = toFirst(args.first);
  const { viewer, cursors } = context;
  let binding: string | undefined;
  // Many queries read no cursor. A hash, because a filter may be long, and a page has a cursor for each row.
  const toBinding = () => {
    binding ??= hash("sha256", JSON.stringify([viewer.subject, viewer.psuId, ...list]), "base64url");
    return binding;
  };
  const seal = (position: CursorPosition) =>
    cursors.seal(JSON.stringify([position.upstream, position.rowsSeen]), toBinding());
  const start = args.after == null ? null : parsePosition(cursors.open(args.after, toBinding()));
  let rowsSeen = start?.rowsSeen ?? 0;
  const edges: Edge<Row>[] = [];
  let hasNextPage = false;

  const request = toRequest(start?.upstream ?? Math.max(first, smallestUpstreamPage));
  await walkPages(load, request, ({ page, request: at, next }) => {
    const rows = page.data.slice(rowsSeen);
    for (const node of rows.slice(0, first - edges.length)) {
      rowsSeen += 1;
      const position =
        next !== null && rowsSeen === page.data.length
          ? { upstream: next, rowsSeen: 0 }
          : { upstream: "cursor" in at ? at.cursor : at.pageSize, rowsSeen };
      edges.push(new SealedEdge(node, position, seal));
    }
    hasNextPage = rowsSeen < page.data.length || next !== null;
    if (edges.length === first) return false;
    rowsSeen = 0;
    return true;
  });
  return {
    edges,
    pageInfo: new PageInfo(hasNextPage, start !== null, edges),
  };
}

/**
 * A row whose cursor is sealed only when a query selects it. A class, as is the next: for a getter in an object literal
 * the engine keeps a shape for each object, and all that it refers to, until the next major garbage collection.
 */
class SealedEdge<Row> implements Edge<Row> {
  readonly node: Row;
  readonly #position: CursorPosition;
  readonly #seal: (position: CursorPosition) => string;

  constructor(node: Row, position: CursorPosition, seal: (position: CursorPosition) => string) {
    this.node = node;
    this.#position = position;
    this.#seal = seal;
  }
  get cursor(): string {
    return this.#seal(this.#position);
  }
}

class PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #edges: readonly Edge<unknown>[];

  constructor(hasNextPage: boolean, hasPreviousPage: boolean, edges: readonly Edge<unknown>[]) {
    this.hasNextPage = hasNextPage;
    this.hasPreviousPage = hasPreviousPage;
    this.#edges = edges;
  }
  get startCursor(): string | null {
    return this.#edges[0]?.cursor ?? null;
  }
  get endCursor(): string | null {
    return this.#edges.at(-1)?.cursor ?? null;
  }
}

/** A list that is empty without any upstream call, because none of its rows can be the viewer's. */
export function emptyPage(args: PageArgs): Page<never> {
  toFirst(args.first);
  if (args.after != null) parsePosition(null);
  const pageInfo = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };
  return { edges: [], pageInfo };
}

function toFirst(first: number | null | undefined): number {
  const rows = first ?? defaultFirst;
  if (rows < 1 || rows > maxFirst) throw badUserInput(`\`first\` must be from 1 to ${maxFirst}.`, "first");
  return rows;
}

function toRequest(upstream: string | number): PageRequest {
  return typeof upstream === "number" ? { pageSize: upstream } : { cursor: upstream };
}

function parsePosition(text: string | null): CursorPosition {
  if (text === null) throw badUserInput("`after` is not a cursor of this list.", "after");
  const [upstream, rowsSeen] = JSON.parse(text) as [string | number, number];
  return { upstream, rowsSeen };
}

type Types = typeof builder.$inferSchemaTypes;

/** The stack's own cursor inside holds the filter: of twenty entries of a thousand characters each it takes 200 kB. */
const maxCursorLength = 262_144;

/** The arguments of every list. */
export const pageArgs = (t: ArgBuilder<Types>) => ({
  first: t.int({ defaultValue: defaultFirst, description: `How many rows, from 1 to ${maxFirst}.` }),
  after: t.string({
    extensions: textOf(maxCursorLength),
    description: "Rows after this cursor: any edge's `cursor`, or the last page's `endCursor`.",
  }),
});

/** Defines `<Noun>Page` and `<Noun>Edge`. */
export function definePage<Row>(noun: ObjectRef<Types, Row>) {
  const edge = builder.objectRef<Edge<Row>>(`${noun.name}Edge`).implement({
    description: `One ${noun.name} of a page, with its place in the list.`,
    authScopes: { read: true },
    fields: (t) => ({
      cursor: t.exposeString("cursor", {
        description: "Where this row stands: as `after` it gives the rows behind it.",
      }),
      node: t.field({ type: noun as ObjectRef<Types, unknown>, resolve: (row) => row.node }),
    }),
  });
  return builder.objectRef<Page<Row>>(`${noun.name}Page`).implement({
    description: `A page of a list of ${noun.name}.`,
    authScopes: { read: true },
    fields: (t) => ({
      edges: t.field({ type: [edge], resolve: (page) => page.edges }),
      nodes: t.field({
        type: [noun as ObjectRef<Types, unknown>],
        description: "The rows without their cursors.",
        resolve: (page) => page.edges.map((row) => row.node),
      }),
      pageInfo: t.field({ type: builder.pageInfoRef(), resolve: (page) => page.pageInfo }),
    }),
  });
}
