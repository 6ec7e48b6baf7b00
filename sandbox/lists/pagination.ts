/**
 * Pages by offset. A cursor is unsigned base64url JSON that carries offset, page size and filter, and it overrides the
 * rest of the request: a forged cursor reads anything. The service works like this and the gateway must cope with it,
 * so the sandbox does the same.
 */
import { invalid } from "../http/api-error.ts";
import { fromIntegerJson, toJson } from "../http/json.ts";
import { type Filter, parseFilter, toFilter, toValue } from "./filter.ts";

const defaultPageSize = 15;
const maxPageSize = 100;

export type PageRequest = {
  readonly offset: number;
  /** 0 means no limit; only a forged cursor can contain it. */
  readonly pageSize: number;
  readonly filter: Filter | null;
  /** What a list adds of its own: the balances' account, asset and times. */
  readonly options: Readonly<Record<string, unknown>>;
};

export type PageInput = {
  readonly query: URLSearchParams;
  readonly body: string;
  readonly options?: Readonly<Record<string, unknown>>;
};

export function readPage({ query, body, options = {} }: PageInput): PageRequest {
  const cursor = query.get("cursor");
  if (cursor !== null && cursor !== "") return readCursor(cursor);
  // An And of one, as the service stores it; an empty filter is none.
  const filter = parseFilter(body === "" ? (query.get("query") ?? "") : body);
  return {
    offset: 0,
    pageSize: readPageSize(query.get("pageSize") ?? ""),
    filter: filter === null ? null : { kind: "all", items: [filter] },
    options,
  };
}

/** Silently clamped: a request for 1,000 gets 100 and a next page. */
function readPageSize(text: string): number {
  if (text === "") return defaultPageSize;
  if (!/^\d+$/.test(text) || Number(text) > 0xffff_ffff) throw invalid("invalid 'pageSize' query param");
  const size = Number(text);
  return size === 0 ? defaultPageSize : Math.min(size, maxPageSize);
}

function readCursor(cursor: string): PageRequest {
  try {
    if (!/^[\w-]+$/.test(cursor)) throw new SyntaxError("not base64url");
    const value = fromIntegerJson(Buffer.from(cursor, "base64url").toString()) as Record<string, unknown>;
    if (Array.isArray(value)) throw new SyntaxError("not an object");
    const filters = (value["filters"] ?? {}) as Record<string, unknown>;
    return {
      offset: toUnsigned(value["offset"]),
      pageSize: toUnsigned(value["pageSize"]),
      filter: toFilter(filters["qb"]),
      options: (filters["options"] ?? {}) as Record<string, unknown>,
    };
  } catch {
    throw invalid("invalid 'cursor' query param");
  }
}

function toUnsigned(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== "bigint" || value < 0n) throw new SyntaxError("not an unsigned integer");
  return Number(value);
}

function toCursor({ offset, pageSize, filter, options }: PageRequest): string {
  const filters = { qb: filter === null ? null : toValue(filter), pageSize, options };
  return Buffer.from(toJson({ offset, order: 0, pageSize, filters })).toString("base64url");
}

/** One page of `rows`, which are in the list's order and pass the filter already. */
export function toPage<Row>(rows: readonly Row[], request: PageRequest, toWire: (row: Row) => unknown): unknown {
  const { offset, pageSize } = request;
  const end = pageSize === 0 ? rows.length : offset + pageSize;
  const hasMore = rows.length > end;
  return {
    cursor: {
      ...(pageSize === 0 ? {} : { pageSize }),
      hasMore,
      ...(offset > 0 ? { previous: toCursor({ ...request, offset: Math.max(0, offset - pageSize) }) } : {}),
      ...(hasMore ? { next: toCursor({ ...request, offset: end }) } : {}),
      data: rows.slice(offset, end).map(toWire),
    },
  };
}
