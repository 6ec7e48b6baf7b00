/** The response to a list request: filters the rows, then takes one page. */
import type { Columns } from "./columns.ts";
import { toTest } from "./filter.ts";
import { type PageInput, readPage, toPage } from "./pagination.ts";

export function listPage<Row>(
  rows: readonly Row[],
  columns: Columns<Row>,
  input: PageInput,
  toWire: (row: Row) => unknown,
): unknown {
  const request = readPage(input);
  const test = toTest(request.filter, columns);
  return toPage(request.filter === null ? rows : rows.filter(test), request, toWire);
}
