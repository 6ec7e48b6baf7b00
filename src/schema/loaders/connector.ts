/** Reads connectors. */

import { conflict, notFound } from "../../errors.ts";
import { UpstreamError } from "../../upstream/errors.ts";
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

/** All at which users can link banks, with those that are being removed; read once by an operation. */
const byProviders = defineLoader<readonly wire.Connector[]>(
  "connectorsByProviders",
  async (keys, { upstream, providers }) => {
    const filter = anyOf("provider", [...providers.linkable]);
    const rows = await allRows((page) => upstream.connectors(page), filter);
    for (const row of rows) upstream.knownConnectors.set(row.id, row);
    const found = rows.filter(({ provider }) => providers.linkable.has(provider));
    return keys.map(() => found);
  },
);

export const loadOpenBankingConnectors = (context: Context) => byProviders.load(context, "");

/** With all that its own list has of it. */
export function loadWhole(
  context: Context,
  connector: wire.ConnectorBase | wire.Connector,
): wire.Connector | Promise<wire.Connector> {
  return "capabilities" in connector ? connector : loadConnector(context, connector.id);
}

/** Whether users can link banks at it. */
export function canLinkAt({ providers }: Context, connector: wire.Connector): boolean {
  return providers.linkable.has(connector.provider) && !isBeingRemoved(connector);
}

export function isBeingRemoved({ scheduledForDeletion }: wire.Connector): boolean {
  if (scheduledForDeletion === null) throw new UpstreamError("malformed", "whether the connector stays is missing");
  return scheduledForDeletion;
}

/**
 * Refuses a new user or link at a connector of which is known that it is being removed: what would be made there goes
 * with it. Only out of what was read in the last seconds, as by a page that lists connectors: it is not worth a call.
 */
export function checkStays({ upstream }: Context, connectorId: string): void {
  if (upstream.knownConnectors.get(connectorId)?.scheduledForDeletion !== true) return;
  throw conflict("This connector is being removed: choose another.", "input.connectorId");
}

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
