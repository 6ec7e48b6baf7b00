/** Connectors: the open banking providers that the stack is set up for. */

import { UpstreamError } from "../../upstream/errors.ts";
import { withFilter } from "../../upstream/pages.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder } from "../builder.ts";
import { byId, page, whole } from "../cost.ts";
import { allOf, anyOf, matching } from "../filter.ts";
import { anyConnectorId, toKey } from "../global-id.ts";
import { loadNodes } from "../loader.ts";
import { canLinkAt, connectorById, isBeingRemoved, loadWhole } from "../loaders/connector.ts";
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
    canLink: t.boolean({
      description:
        "Whether users can connect banks by it: by its provider, and not while it is being removed. Offer no other.",
      extensions: whole(),
      resolve: async (connector, _args, context) =>
        context.providers.linkable.has(connector.provider) && canLinkAt(context, await loadWhole(context, connector)),
    }),
    needs: t.field({
      type: [ConnectorNeed],
      description:
        "What a user or a link must have before the provider takes them: a form asks for these first. Of the providers that the gateway knows; empty for others.",
      resolve: ({ provider }, _args, { providers }) => providers.needsOf(provider),
    }),
    capabilities: t.stringList({
      description:
        "What the stack can do by it, in the stack's words, such as FETCH_PAYMENTS. None of them says that users can connect banks: `canLink` does. An error where the stack names none (before v3.3.2).",
      extensions: whole(),
      resolve: async (connector, _args, context) => {
        const { capabilities } = await loadWhole(context, connector);
        if (capabilities === null) throw new UpstreamError("malformed", "the connector's capabilities are missing");
        return capabilities;
      },
    }),
    isBeingRemoved: t.boolean({
      description: "Whether the stack's operator is removing it: it is still listed, and goes with all its data.",
      extensions: whole(),
      resolve: async (connector, _args, context) => isBeingRemoved(await loadWhole(context, connector)),
    }),
  }),
});

const ConnectorNeed = builder.enumType("ConnectorNeed", {
  description: "What a provider refuses a user or a link without.",
  values: {
    COUNTRY: { description: "The user's `address.country`." },
    LOCALE: { description: "The user's `contactDetails.locale`." },
    APPLICATION_NAME: { description: "The `applicationName` of `createLink` and `updateLink`." },
  } as const,
});

const ConnectorPage = definePage(Connector);

const ConnectorFilter = builder.inputType("ConnectorFilter", {
  description: "Which connectors; all given fields must hold.",
  fields: (t) => ({
    provider: t.string({ description: 'The kind of provider: "plaid".' }),
    name: t.string(),
    canLink: t.boolean({ description: "Only those by which users can connect banks, or only the others." }),
  }),
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
      const canLink = filter?.canLink ?? null;
      const rows = allOf([
        ...matching({ provider: filter?.provider, name: filter?.name }),
        canLink === true ? anyOf("provider", [...context.providers.linkable]) : undefined,
      ]);
      // The service has no key for connectors that are being removed.
      const keep = canLink === null ? undefined : (row: wire.Connector) => canLinkAt(context, row) === canLink;
      const page = await loadPage(
        context,
        ["connectors", rows, canLink],
        args,
        (request) => context.upstream.connectors(withFilter(request, rows)),
        { keep },
      );
      for (const { node } of page.edges) context.upstream.knownConnectors.set(node.id, node);
      return page;
    },
  }),
}));
