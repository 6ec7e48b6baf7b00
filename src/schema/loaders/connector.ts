/** Reads connectors. */

import { notFound } from "../../errors.ts";
import { allRows, type PageRequest } from "../../upstream/pages.ts";
import type * as wire from "../../upstream/wire-types.ts";
import type { Context } from "../context.ts";
import { anyOf, rowsOf } from "../filter.ts";
import { defineLoader, maxKeysPerFilter } from "../loader.ts";

/**
 * Open to every viewer, since every PSU chooses a provider to connect a bank by. Those that any operation has read in
 * the last few seconds are not read again.
 */
export const connectorById = defineLoader<wire.Connector | null>(
  "connectorById",
  async (ids, { upstream }) => {
    const known = new Map(ids.map((id) => [id, upstream.knownConnectors.get(id)]));
    const unknown = ids.filter((id) => known.get(id) === undefined);
    const filter = anyOf("id", unknown);
    const load = async (page: PageRequest) => rowsOf(filter, await upstream.connectors(page));
    const rows = unknown.length === 0 ? [] : await allRows(load, filter);
    for (const row of rows) {
      known.set(row.id, row);
      upstream.knownConnectors.set(row.id, row);
    }
    return ids.map((id) => known.get(id) ?? null);
  },
  { maxKeys: maxKeysPerFilter },
);

/** The connector that something else names, and that must therefore be there. */
export async function loadConnector(
  context: Context,
  connectorId: string,
  field = "connector",
): Promise<wire.Connector> {
  const connector = await connectorById.load(context, connectorId);
  if (connector === null) throw notFound(field);
  return connector;
}
