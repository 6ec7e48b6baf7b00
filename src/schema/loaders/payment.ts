/** Reads payments by their ids. */

import { allRows, type PageRequest } from "../../upstream/pages.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { anyOf, rowsOf, within } from "../filter.ts";
import { defineLoader, inKeyOrder, maxKeysPerFilter } from "../loader.ts";

export const paymentById = defineLoader<wire.Payment | null>(
  "paymentById",
  async (ids, { upstream, viewer }) => {
    const filter = within(viewer, anyOf("id", ids));
    const load = async (page: PageRequest) => rowsOf(filter, await upstream.payments(page));
    return inKeyOrder(ids, await allRows(load, filter), (row) => row.id);
  },
  { maxKeys: maxKeysPerFilter },
);
