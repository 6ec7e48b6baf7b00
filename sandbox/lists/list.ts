/** The response to a list request: filters the rows, then takes one page. */
import { ApiError, invalid } from "../http/api-error.ts";
import type { Columns } from "./columns.ts";
import { toTest } from "./filter.ts";
import { type PageInput, readPage, toPage } from "./pagination.ts";

/** `noun` is the service's for the rows: its messages have it. */
export function listPage<Row>(
  noun: string,
  rows: readonly Row[],
  columns: Columns<Row>,
  input: PageInput,
  toWire: (row: Row) => unknown,
): unknown {
  const request = readPage(input);
  const test = toTestOf(noun, () => toTest(request.filter, columns));
  return toPage(request.filter === null ? rows : rows.filter(test), request, toWire);
}

/** What the filter's SQL is refused for is wrapped on its way out, unlike what its JSON is. */
function toTestOf<Test>(noun: string, make: () => Test): Test {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "VALIDATION") throw error;
    throw invalid(`cannot list ${noun}: ${error.message}: validation error`);
  }
}
