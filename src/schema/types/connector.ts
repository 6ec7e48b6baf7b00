import { notFound } from "../../errors.ts";
import { allRows } from "../../upstream/client.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder } from "../builder.ts";
import type { Context } from "../context.ts";
import { byId, page } from "../cost.ts";
import { allOf, anyOf, matching } from "../filter.ts";
import { anyConnectorId, toKey } from "../global-id.ts";
import { defineLoader, loadNodes, maxKeysPerFilter } from "../loader.ts";
import { definePage, loadPage, pageArgs } from "../pagination.ts";

/**
 * Open to every viewer: who connects a bank must be able to choose by which provider. Those that any operation has read
 * a few seconds ago are not read again.
 */
export const connectorById = defineLoader<wire.Connector | null>(
  "connectorById",
  async (ids, { upstream }) => {
    const known = new Map(ids.map((id) => [id, upstream.knownConnectors.get(id)]));
    const unknown = ids.filter((id) => known.get(id) === undefined);
    const rows = unknown.length === 0 ? [] : await allRows((page) => upstream.connectors(page), anyOf("id", unknown));
    for (const row of rows) {
      known.set(row.id, row);
      upstream.knownConnectors.set(row.id, row);
    }
    return ids.map((id) => known.get(id) ?? null);
  },
  { maxKeys: maxKeysPerFilter },
);

export const Connector = builder.objectRef<wire.Connector>("Connector");

builder.node(Connector, {
  description: "An open banking provider that the stack is set up for: Plaid, Tink, Powens and others.",
  authScopes: { read: true },
  id: { resolve: (connector) => connector.id },
  loadManyWithoutCache: loadNodes(connectorById.load),
  fields: (t) => ({
    connectorId: t.exposeString("id", { description: "The upstream's own id." }),
    reference: t.exposeString("reference", { description: "The UUID of this set-up of the provider." }),
    name: t.exposeString("name", { description: "The name that the stack's operator gave it." }),
    provider: t.exposeString("provider", { description: 'The kind of provider, such as "plaid".' }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
  }),
});

const ConnectorPage = definePage(Connector);

const ConnectorFilter = builder.inputType("ConnectorFilter", {
  description: "Which connectors; all given fields must hold.",
  fields: (t) => ({ provider: t.string({ description: 'The kind of provider: "plaid".' }), name: t.string() }),
});

builder.queryFields((t) => ({
  connector: t.field({
    type: Connector,
    nullable: true,
    description: "One provider that the stack is set up for.",
    authScopes: { read: true },
    extensions: byId("Connector"),
    args: { id: t.arg.id({ required: true, description: anyConnectorId }) },
    resolve: (_root, { id }, context) => connectorById.load(context, toKey("Connector", id, "id")),
  }),
  connectors: t.field({
    type: ConnectorPage,
    description: "The providers that the stack is set up for.",
    authScopes: { read: true },
    extensions: page("connector"),
    args: { ...pageArgs(t.arg), filter: t.arg({ type: ConnectorFilter }) },
    resolve: async (_root, { filter, ...args }, context) => {
      const rows = allOf(matching({ provider: filter?.provider, name: filter?.name }));
      const page = await loadPage(context, ["connectors", rows], args, (request) =>
        context.upstream.connectors("cursor" in request ? request : { ...request, filter: rows }),
      );
      for (const { node } of page.edges) context.upstream.knownConnectors.set(node.id, node);
      return page;
    },
  }),
}));

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
