/** Reads accounts, one by one and all of a PSU's. */

import type { GraphQLResolveInfo } from "graphql";
import { asksFor } from "../../executor/collect-fields.ts";
import type { Upstream } from "../../upstream/client.ts";
import { allRows, type PageRequest } from "../../upstream/pages.ts";
import type * as wire from "../../upstream/wire-types.ts";
import type { Context } from "../context.ts";
import { psusPerAccountPage } from "../cost.ts";
import { anyOf, maySee, rowsOf, within } from "../filter.ts";
import { chunkEvenly, defineLoader, inKeyOrder, maxKeysPerFilter } from "../loader.ts";

export const accountById = defineLoader<wire.Account | null>(
  "accountById",
  async (ids, { upstream, viewer }) => {
    const filter = within(viewer, anyOf("id", ids));
    const load = async (page: PageRequest) => rowsOf(filter, await upstream.accounts(page));
    return inKeyOrder(ids, await allRows(load, filter), (row) => row.id);
  },
  { maxKeys: maxKeysPerFilter },
);

/** All accounts of these PSUs. */
export function readAccounts(upstream: Upstream, ...psuIds: readonly string[]): Promise<readonly wire.Account[]> {
  const filter = anyOf("psu_id", psuIds);
  return allRows(async (page) => rowsOf(filter, await upstream.accounts(page)), filter);
}

/** One filter for each expected page, in parallel: the pages of one filter can only be read one by one. */
export const accountsByPsu = defineLoader<readonly wire.Account[]>(
  "accountsByPsu",
  async (psuIds, { upstream, viewer }) => {
    const visible = psuIds.filter((psuId) => maySee(viewer, psuId));
    const parts = chunkEvenly(visible, psusPerAccountPage);
    const rows = await Promise.all(parts.map((some) => readAccounts(upstream, ...some)));
    const byPsu = Map.groupBy(rows.flat(), (row) => row.psuID);
    return psuIds.map((psuId) => byPsu.get(psuId) ?? []);
  },
);

/**
 * Begins to read the PSU's accounts together with its connections, because the connections' `accounts` are taken from
 * them. For a PSU without connections this is a call in vain.
 */
export function readAccountsAhead(context: Context, psuId: string, ofConnections: GraphQLResolveInfo): void {
  if (!asksFor(ofConnections, "accounts")) return;
  accountsByPsu.load(context, psuId).catch(() => {}); // the field that loads them reports the failure
}
