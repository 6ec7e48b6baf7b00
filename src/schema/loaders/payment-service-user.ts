/** Reads payment service users (PSUs). */

import { notFound } from "../../errors.ts";
import { allRows } from "../../upstream/pages.ts";
import type * as wire from "../../upstream/wire-types.ts";
import type { Context } from "../context.ts";
import { anyOf, maySee, rowsOf } from "../filter.ts";
import { toKey } from "../global-id.ts";
import { defineLoader, inKeyOrder, maxKeysPerFilter } from "../loader.ts";

export const psuById = defineLoader<wire.PaymentServiceUser | null>(
  "psuById",
  async (ids, { upstream, viewer }) => {
    const visible = ids.filter((id) => maySee(viewer, id));
    if (visible.length === 0) return ids.map(() => null);
    const filter = anyOf("id", visible);
    const rows = await allRows(async (page) => rowsOf(filter, await upstream.paymentServiceUsers(page)), filter);
    return inKeyOrder(ids, rows, (row) => row.id);
  },
  { maxKeys: maxKeysPerFilter },
);

/** The PSU that something else names, and that must therefore be there. */
export async function loadPsu(context: Context, psuId: string, field = "paymentServiceUser") {
  const psu = await psuById.load(context, psuId);
  if (psu === null) throw notFound(field);
  return psu;
}

/** The PSU that a mutation names, if it can be the viewer's. */
export function toOwnPsu({ viewer }: Context, id: string): string {
  const psuId = toKey("PaymentServiceUser", id, "input.psuId");
  if (!maySee(viewer, psuId)) throw notFound("input.psuId");
  return psuId;
}
