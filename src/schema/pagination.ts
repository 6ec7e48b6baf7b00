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

export type Edge<Row> = { readonly cursor: string; readonly node: Row };

/**
 * A cursor of the graph means "after row N of the upstream page P". It is sealed, because it holds the upstream's own
 * cursor, which the service trusts blindly: shown, it would reveal the filter; accepted when changed, it could read any
 * row.
 */
type CursorPosition = readonly [upstream: string | number, rowsSeen: number];

/** Seals places in a list, for this list and viewer alone. @throws BAD_USER_INPUT for a cursor of anything else. */
export function bindCursors<Position>({ viewer, cursors }: Context, list: readonly unknown[]) {
  let binding: string | undefined;
  // Many queries read no cursor. A hash, because a filter may be long, and a page has a cursor for each row.
  const toBinding = () => {
    binding ??= hash("sha256", JSON.stringify([viewer.subject, viewer.psuId, ...list]), "base64url");
    return binding;
  };
  return {
    seal: (position: Position) => cursors.seal(JSON.stringify(position), toBinding()),
    open: (cursor: string) => parsePosition(cursors.open(cursor, toBinding())) as Position,
  };
}

export type PageArgs = { readonly first?: number | null | undefined; readonly after?: string | null | undefined };

/**
 * @param list what a cursor is bound to besides the viewer: the field, what it hangs from, and its filter.
 * @param options.keep which rows belong to the list, where the service has no filter for it: the others are passed over.
 * Only for lists that are short.
 * @param options.isPastEnd whether this row, and so every row behind it, is no longer of the list.
 * @throws BAD_USER_INPUT for `first` outside 1 to 100, and for a cursor that is forged or of another list or viewer.
 */
export async function loadPage<Row>(
  context: Context,
  list: readonly unknown[],
  args: PageArgs,
  load: (page: PageRequest) => Promise<UpstreamPage<Row>>,
  options: {
    readonly keep?: ((row: Row) => boolean) | undefined;
    readonly isPastEnd?: ((row: Row) => boolean) | undefined;
  } = {},
): Promise<Page<Row>> {
  const { keep, isPastEnd } = options;
  const first = toFirst(args.first);
  const { seal, open } = bindCursors<CursorPosition>(context, list);
  const start = args.after == null ? null : open(args.after);
  let [, rowsSeen] = start ?? [0, 0];
  const edges: Edge<Row>[] = [];
  let hasNextPage = false;

  const smallest = keep === undefined ? smallestUpstreamPage : maxFirst;
  const request = toRequest(start?.[0] ?? Math.max(first, smallest));
  await walkPages(load, request, ({ page, request: at, next }) => {
    for (const node of page.data.slice(rowsSeen)) {
      if (isPastEnd?.(node) === true) {
        hasNextPage = false;
        return false;
      }
      const isKept = keep?.(node) ?? true;
      if (edges.length === first) {
        hasNextPage = isKept;
        if (hasNextPage) return false;
      }
      rowsSeen += 1;
      if (!isKept) continue;
      const position: CursorPosition =
        next !== null && rowsSeen === page.data.length
          ? [next, 0]
          : ["cursor" in at ? at.cursor : at.pageSize, rowsSeen];
      edges.push(new SealedEdge(node, position, seal));
    }
    // Where rows are passed over, the rest may have none.
    hasNextPage = next !== null && keep === undefined;
    if (edges.length === first && keep === undefined) return false;
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
export class SealedEdge<Row, Position> implements Edge<Row> {
  readonly node: Row;
  readonly #position: Position;
  readonly #seal: (position: Position) => string;

  constructor(node: Row, position: Position, seal: (position: Position) => string) {
    this.node = node;
    this.#position = position;
    this.#seal = seal;
  }
  get cursor(): string {
    return this.#seal(this.#position);
  }
}

export class PageInfo {
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

export function toFirst(first: number | null | undefined): number {
  const rows = first ?? defaultFirst;
  if (rows < 1 || rows > maxFirst) throw badUserInput(`\`first\` must be from 1 to ${maxFirst}.`, "first");
  return rows;
}

function toRequest(upstream: string | number): PageRequest {
  return typeof upstream === "number" ? { pageSize: upstream } : { cursor: upstream };
}

function parsePosition(text: string | null): unknown {
  if (text === null) throw badUserInput("`after` is not a cursor of this list.", "after");
  return JSON.parse(text);
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
