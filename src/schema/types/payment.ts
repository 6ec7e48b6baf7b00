/** Payments: the type, its page and filter, and the queries for one and for many. */

import type * as wire from "../../upstream/wire-types.ts";
import { builder, ownedBy } from "../builder.ts";
import type { Context } from "../context.ts";
import { byId, load, page } from "../cost.ts";
import { allOf, matching, matchingMetadata, maySee, rowsOf, toOwner, within } from "../filter.ts";
import { anyConnectorId, anyPsuId, toKey } from "../global-id.ts";
import { loadNodes } from "../loader.ts";
import { accountById } from "../loaders/account.ts";
import { connectorById } from "../loaders/connector.ts";
import { paymentById } from "../loaders/payment.ts";
import { psuById } from "../loaders/payment-service-user.ts";
import { definePage, emptyPage, loadPage, type PageArgs, pageArgs } from "../pagination.ts";
import { Account, Connector, Payment, PaymentServiceUser } from "../refs.ts";
import { Money } from "./money.ts";

builder.node(Payment, {
  description: "Money that moved, or is to move, from or to an account.",
  authScopes: ownedBy((payment) => payment.psuID),
  id: { resolve: (payment) => payment.id },
  loadManyWithoutCache: loadNodes(paymentById.load),
  fields: (t) => ({
    paymentId: t.exposeString("id", { description: "The upstream's own id." }),
    reference: t.exposeString("reference", { description: "The provider's own id." }),
    type: t.exposeString("type", { description: "`PAY-IN`, `PAYOUT`, `TRANSFER`, `OTHER` or `UNKNOWN`." }),
    status: t.exposeString("status", { description: "Such as `PENDING`, `SUCCEEDED`, `FAILED`, `REFUNDED`." }),
    scheme: t.exposeString("scheme", {
      description: "By which rails, such as `SEPA CREDIT`; `UNKNOWN` when not told.",
    }),
    amount: t.field({
      type: Money,
      description: "The amount now, after refunds and adjustments.",
      resolve: ({ asset, amount }) => ({ asset, amount }),
    }),
    initialAmount: t.field({
      type: Money,
      description: "The amount at first.",
      resolve: ({ asset, initialAmount }) => ({ asset, amount: initialAmount }),
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    metadata: t.expose("metadata", { type: "Metadata", description: "What the provider noted about the payment." }),
    connector: t.field({
      type: Connector,
      nullable: true,
      extensions: load("connectorById"),
      resolve: ({ connectorID }, _args, context) => connectorById.load(context, connectorID),
    }),
    sourceAccount: t.field({
      type: Account,
      nullable: true,
      description: "The account that the money left; null when it is not known, or not yours to see.",
      extensions: load("accountById", { of: "account" }),
      resolve: ({ sourceAccountID: id }, _args, context) => (id === null ? null : accountById.load(context, id)),
    }),
    destinationAccount: t.field({
      type: Account,
      nullable: true,
      description: "The account that the money reached; null when it is not known, or not yours to see.",
      extensions: load("accountById", { of: "account" }),
      resolve: ({ destinationAccountID: id }, _args, context) => (id === null ? null : accountById.load(context, id)),
    }),
    paymentServiceUser: t.field({
      type: PaymentServiceUser,
      nullable: true,
      extensions: load("psuById"),
      resolve: ({ psuID }, _args, context) => (psuID === null ? null : psuById.load(context, psuID)),
    }),
  }),
});

export const PaymentPage = definePage(Payment);

export const PaymentFilter = builder.inputType("PaymentFilter", {
  description: "Which payments; all given fields must hold.",
  fields: (t) => ({
    psuId: t.id({ description: anyPsuId }),
    connectorId: t.id({ description: anyConnectorId }),
    connectionId: t.id({ description: "A connection's global id." }),
    accountId: t.id({ description: "From or to this account." }),
    type: t.string({ description: "`PAY-IN`, `PAYOUT`, `TRANSFER`, `OTHER` or `UNKNOWN`." }),
    status: t.string({ description: "Such as `SUCCEEDED`." }),
    asset: t.string({ description: 'With its scale: "USD/2".' }),
    reference: t.string(),
    metadata: t.field({ type: "Metadata", description: "Every given entry is among the payment's metadata." }),
  }),
});

builder.queryFields((t) => ({
  payment: t.field({
    type: Payment,
    nullable: true,
    description: "One payment.",
    authScopes: { read: true },
    extensions: byId("Payment"),
    args: { id: t.arg.id({ required: true, description: "A global id, or the upstream's payment id." }) },
    resolve: (_root, { id }, context) => paymentById.load(context, toKey("Payment", id, "id")),
  }),
  payments: t.field({
    type: PaymentPage,
    description: "Payments, newest first: all of them for an operator, a PSU's own for a PSU.",
    authScopes: { read: true },
    extensions: page("payment"),
    args: { ...pageArgs(t.arg), filter: t.arg({ type: PaymentFilter }) },
    resolve: (_root, args, context) => loadPayments(context, args, {}),
  }),
}));

/** @param of what the list hangs from: a PSU, an account, or nothing. */
export async function loadPayments(
  context: Context,
  { filter, ...args }: PageArgs & { readonly filter?: typeof PaymentFilter.$inferInput | null | undefined },
  of: { readonly psuId?: string; readonly accountId?: string },
) {
  const { viewer, upstream } = context;
  const owner = toOwner(filter);
  const accountId = filter?.accountId == null ? undefined : toKey("Account", filter.accountId, "filter.accountId");
  const conditions = [
    ...matching({ psu_id: of.psuId }),
    fromOrTo(of.accountId),
    ...owner.filters,
    fromOrTo(accountId),
    ...matching({ type: filter?.type, status: filter?.status, asset: filter?.asset, reference: filter?.reference }),
    ...matchingMetadata(filter?.metadata),
  ];
  if (owner.psuIds.some((psuId) => !maySee(viewer, psuId))) return emptyPage(args);
  const rows = within(viewer, allOf(conditions));
  return loadPage(context, ["payments", of, rows], args, async (request) => {
    const page = await upstream.payments("cursor" in request ? request : { ...request, filter: rows });
    return rowsOf(rows, page);
  });
}

function fromOrTo(accountId: string | undefined): wire.Filter | undefined {
  if (accountId === undefined) return undefined;
  return { $or: matching({ source_account_id: accountId, destination_account_id: accountId }) };
}
