import type { GraphQLResolveInfo } from "graphql";
import { asksFor } from "../../executor/collect-fields.ts";
import { allRows, type PageRequest } from "../../upstream/client.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder, ownedBy } from "../builder.ts";
import type { Context } from "../context.ts";
import { byId, load, page, psusPerAccountPage } from "../cost.ts";
import { allOf, anyOf, matching, matchingMetadata, maySee, rowsOf, within } from "../filter.ts";
import { anyConnectorId, anyPsuId, parseCompositeKey, toKey } from "../global-id.ts";
import { chunkEvenly, defineLoader, inKeyOrder, loadNodes, maxKeysPerFilter } from "../loader.ts";
import { definePage, emptyPage, loadPage, pageArgs } from "../pagination.ts";
import { Balance, BalancePage, balancesByAccount, loadBalanceHistory } from "./balance.ts";
import { BankConnection, connectionsByPsu } from "./bank-connection.ts";
import { Connector, connectorById } from "./connector.ts";
import { loadPayments, PaymentFilter, PaymentPage } from "./payment.ts";
import { PaymentServiceUser, psuById } from "./payment-service-user.ts";

export const accountById = defineLoader<wire.Account | null>(
  "accountById",
  async (ids, { upstream, viewer }) => {
    const load = async (page: PageRequest) => rowsOf(viewer.psuId, await upstream.accounts(page));
    return inKeyOrder(ids, await allRows(load, within(viewer, anyOf("id", ids))), (row) => row.id);
  },
  { maxKeys: maxKeysPerFilter },
);

/** In as many filters as pages are expected, side by side: pages of one filter come one after the other. */
export const accountsByPsu = defineLoader<readonly wire.Account[]>(
  "accountsByPsu",
  async (psuIds, { upstream, viewer }) => {
    const visible = psuIds.filter((psuId) => maySee(viewer, psuId));
    const parts = chunkEvenly(visible, psusPerAccountPage);
    const rows = await Promise.all(
      parts.map((some) => allRows((page) => upstream.accounts(page), anyOf("psu_id", some))),
    );
    const byPsu = Map.groupBy(rows.flat(), (row) => row.psuID);
    return psuIds.map((psuId) => byPsu.get(psuId) ?? []);
  },
);

/**
 * Connections' `accounts` come out of their PSU's, which need not wait for the connections. That a PSU has none is known
 * too late: it is one of many in a filter then, or alone has a call made in vain.
 */
export function readAhead(context: Context, psuId: string, ofConnections: GraphQLResolveInfo): void {
  if (!asksFor(ofConnections, "accounts")) return;
  accountsByPsu.load(context, psuId).catch(() => {}); // whoever asks for them learns what went wrong
}

const AccountType = builder.enumType("AccountType", {
  description: "Whose account it is, seen from the stack.",
  values: {
    UNKNOWN: {},
    INTERNAL: { description: "An account that was connected." },
    EXTERNAL: { description: "A counterparty's account." },
  },
});

export const Account = builder.objectRef<wire.Account>("Account");

builder.node(Account, {
  description: "An account at a bank.",
  authScopes: ownedBy((account) => account.psuID),
  id: { resolve: (account) => account.id },
  loadManyWithoutCache: loadNodes(accountById.load),
  fields: (t) => ({
    accountId: t.exposeString("id", { description: "The upstream's own id." }),
    reference: t.exposeString("reference", { description: "The provider's own id." }),
    name: t.exposeString("name", { nullable: true }),
    type: t.expose("type", { type: AccountType, description: "Whether it was connected, or is a counterparty's." }),
    provider: t.exposeString("provider", { description: "The kind of provider that the account came by." }),
    defaultAsset: t.exposeString("defaultAsset", {
      nullable: true,
      description: 'The asset that the account is kept in: "EUR/2".',
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    metadata: t.expose("metadata", { type: "Metadata", description: "What the provider noted about the account." }),
    raw: t.expose("raw", {
      type: "JSON",
      nullable: true,
      authScopes: { operator: true },
      description: "The account as the provider sent it. For operators.",
    }),
    connector: t.field({
      type: Connector,
      nullable: true,
      // No cost: the service's account brings its connector along.
      resolve: ({ connector, connectorID }, _args, context) => connector ?? connectorById.load(context, connectorID),
    }),
    connection: t.field({
      type: BankConnection,
      nullable: true,
      description: "The connection that the account was shared by; null for an account that no PSU connected.",
      extensions: load("connectionsByPsu", { of: "connection" }),
      resolve: async ({ psuID, connectorID, openBankingConnectionID }, _args, context) => {
        if (psuID === null || openBankingConnectionID === null) return null;
        const connections = await connectionsByPsu.load(context, psuID);
        const isItsOwn = (row: wire.BankConnection) =>
          row.connectorID === connectorID && row.connectionID === openBankingConnectionID;
        return connections.find(isItsOwn) ?? null;
      },
    }),
    paymentServiceUser: t.field({
      type: PaymentServiceUser,
      nullable: true,
      description: "Whose account it is; null for an account that no PSU connected.",
      extensions: load("psuById"),
      resolve: ({ psuID }, _args, context) => (psuID === null ? null : psuById.load(context, psuID)),
    }),
    balances: t.field({
      type: [Balance],
      description: "The current balance of each asset, by the asset's name.",
      extensions: load("balancesByAccount", { by: "asset" }),
      args: { asset: t.arg.string({ description: 'Only this asset: "USD/2".' }) },
      resolve: (account, { asset }, context) => balancesByAccount(context, account, asset ?? null),
    }),
    balanceHistory: t.field({
      type: BalancePage,
      description: "Every amount that the account has had, newest first: one row for each change of an asset's amount.",
      extensions: page("balance"),
      args: {
        asset: t.arg.string({ description: 'Only this asset: "USD/2".' }),
        from: t.arg({ type: "DateTime", description: "Only amounts that still held at this time or later." }),
        to: t.arg({ type: "DateTime", description: "Only amounts that held at this time or earlier." }),
        ...pageArgs(t.arg),
      },
      resolve: (account, args, context) => loadBalanceHistory(context, account, args),
    }),
    payments: t.field({
      type: PaymentPage,
      description: "Payments from or to this account, newest first.",
      extensions: page("payment"),
      args: { ...pageArgs(t.arg), filter: t.arg({ type: PaymentFilter }) },
      resolve: (account, args, context) => loadPayments(context, args, { accountId: account.id }),
    }),
  }),
});

const AccountPage = definePage(Account);

const AccountFilter = builder.inputType("AccountFilter", {
  description: "Which accounts; all given fields must hold.",
  fields: (t) => ({
    psuId: t.id({ description: anyPsuId }),
    connectorId: t.id({ description: anyConnectorId }),
    connectionId: t.id({ description: "A connection's global id." }),
    type: t.field({ type: AccountType, description: "Only connected ones, or only counterparties'." }),
    name: t.string(),
    reference: t.string(),
    defaultAsset: t.string({ description: 'With its scale: "USD/2".' }),
    metadata: t.field({ type: "Metadata", description: "Every given entry is among the account's metadata." }),
  }),
});

builder.queryFields((t) => ({
  account: t.field({
    type: Account,
    nullable: true,
    description: "One account.",
    authScopes: { read: true },
    extensions: byId("Account"),
    args: { id: t.arg.id({ required: true, description: "A global id, or the upstream's account id." }) },
    resolve: (_root, { id }, context) => accountById.load(context, toKey("Account", id, "id")),
  }),
  accounts: t.field({
    type: AccountPage,
    description: "Accounts, newest first: all of them for an operator, a PSU's own for a PSU.",
    authScopes: { read: true },
    extensions: page("account"),
    args: { ...pageArgs(t.arg), filter: t.arg({ type: AccountFilter }) },
    resolve: async (_root, { filter, ...args }, context) => {
      const { viewer, upstream } = context;
      const owner = toOwner(filter);
      const conditions = [
        ...owner.filters,
        ...matching({
          type: filter?.type,
          name: filter?.name,
          reference: filter?.reference,
          default_asset: filter?.defaultAsset,
        }),
        ...matchingMetadata(filter?.metadata),
      ];
      if (owner.psuIds.some((psuId) => !maySee(viewer, psuId))) return emptyPage(args);
      const rows = within(viewer, allOf(conditions));
      const page = await loadPage(context, ["accounts", rows], args, async (request) =>
        rowsOf(viewer.psuId, await upstream.accounts("cursor" in request ? request : { ...request, filter: rows })),
      );
      for (const { node } of page.edges) accountById.prime(context, node.id, node);
      return page;
    },
  }),
}));

type OwnerFilter = {
  readonly psuId?: string | null | undefined;
  readonly connectorId?: string | null | undefined;
  readonly connectionId?: string | null | undefined;
};

/** The part of a filter that says whose accounts or payments, and the PSUs that it names. */
export function toOwner(filter: OwnerFilter | null | undefined) {
  const psuId = filter?.psuId == null ? null : toKey("PaymentServiceUser", filter.psuId, "filter.psuId");
  const connectorId = filter?.connectorId == null ? null : toKey("Connector", filter.connectorId, "filter.connectorId");
  const connection =
    filter?.connectionId == null
      ? null
      : parseCompositeKey(toKey("BankConnection", filter.connectionId, "filter.connectionId"));
  return {
    psuIds: [psuId, connection?.psuId].filter((id) => id != null),
    filters: [
      ...matching({ psu_id: psuId, connector_id: connectorId }),
      ...matching({
        psu_id: connection?.psuId,
        connector_id: connection?.connectorId,
        open_banking_connection_id: connection?.ownId,
      }),
    ],
  };
}
