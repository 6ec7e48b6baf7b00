/** Connectors: the open banking providers that the stack is set up for. */

import { builder } from "../builder.ts";
import { byId, page } from "../cost.ts";
import { allOf, matching } from "../filter.ts";
import { anyConnectorId, toKey } from "../global-id.ts";
import { loadNodes } from "../loader.ts";
import { connectorById } from "../loaders/connector.ts";
import { definePage, loadPage, pageArgs } from "../pagination.ts";
import { Connector } from "../refs.ts";

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
