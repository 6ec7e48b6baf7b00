/** Payments: the type, its page, and the queries for one and for many. */

import { withMaskedNumbers } from "../../upstream/account-numbers.ts";
import { type PageRequest, withFilter } from "../../upstream/pages.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder, ownedBy } from "../builder.ts";
import type { Context } from "../context.ts";
import { byId, load, page } from "../cost.ts";
import { allOf, matching, maySee, rowsOf, within } from "../filter.ts";
import { toKey } from "../global-id.ts";
import { isBefore } from "../input.ts";
import { loadNodes } from "../loader.ts";
import { accountById } from "../loaders/account.ts";
import { maskedNumbers, readsNumbers } from "../loaders/bank-account.ts";
import { connectorById } from "../loaders/connector.ts";
import { loadDetail, loadPaymentInFull, paymentById } from "../loaders/payment.ts";
import { psuById } from "../loaders/payment-service-user.ts";
import { definePage, emptyPage, loadPage, type PageArgs, pageArgs } from "../pagination.ts";
import { Account, Connector, Payment, PaymentServiceUser } from "../refs.ts";
import { absolute, Money } from "./money/money.ts";
import { Counterparty, PaymentAdjustment, PaymentCategory } from "./payment-details.ts";
import { PaymentDirection, PaymentScheme, PaymentStatus, PaymentType } from "./payment-enums.ts";
import { fromOrTo, PaymentFilter, type PaymentFilterInput, readPaymentFilter } from "./payment-filter.ts";

/** What fields have in common that are not in the rows of lists. */
const ofDetails = "Costs one call for each payment, however many of such fields are selected.";

builder.node(Payment, {
  description: "Money that moved, or is to move, from or to an account.",
  authScopes: ownedBy((payment) => payment.psuID),
  id: { resolve: (payment) => payment.id },
  loadManyWithoutCache: loadNodes(paymentById.load),
  fields: (t) => ({
    paymentId: t.exposeString("id", { description: "The upstream's own id." }),
    reference: t.exposeString("reference", { description: "The provider's own id." }),
    type: t.field({
      type: PaymentType.type,
      description: "Of which kind it is; for which way the money went see `direction`.",
      resolve: ({ type }) => PaymentType.of(type),
    }),
    typeText: t.exposeString("type", { description: "The type as the payments stack writes it: `PAY-IN`." }),
    status: t.field({
      type: PaymentStatus.type,
      description: "As the payments stack states it; whether the bank has booked it is in `isPending`.",
      resolve: ({ status }) => PaymentStatus.of(status),
    }),
    statusText: t.exposeString("status", { description: "The status as the payments stack writes it." }),
    scheme: t.field({
      type: PaymentScheme.type,
      description: "By which rails the money moved.",
      resolve: ({ scheme }) => PaymentScheme.of(scheme),
    }),
    schemeText: t.exposeString("scheme", { description: "The scheme as the payments stack writes it." }),
    direction: t.field({
      type: PaymentDirection,
      nullable: true,
      description: "Which way the money went; null where that is not known, as for a transfer between two accounts.",
      resolve: directionOf,
    }),
    amount: t.field({
      type: Money,
      description: "The amount now, after refunds and adjustments. Never negative: see `direction`.",
      resolve: ({ asset, amount }) => ({ asset, amount: absolute(amount) }),
    }),
    initialAmount: t.field({
      type: Money,
      description: "The amount at first. Never negative: see `direction`.",
      resolve: ({ asset, initialAmount }) => ({ asset, amount: absolute(initialAmount) }),
    }),
    createdAt: t.expose("createdAt", {
      type: "DateTime",
      description:
        "By which payments are ordered. Where only a day is known it is that day's midnight in UTC: to show when a payment was, use `occurredAt` or `bookedOn`.",
    }),
    isPending: t.boolean({
      nullable: true,
      description: `Whether the bank has yet to book it; null where the provider does not say. ${ofDetails}`,
      extensions: load("paymentDetailsById"),
      resolve: (payment, _args, context) => loadDetail(context, payment, "isPending"),
    }),
    description: t.string({
      nullable: true,
      description: `What the bank's statement says; null where the provider has no text. ${ofDetails}`,
      extensions: load("paymentDetailsById"),
      resolve: (payment, _args, context) => loadDetail(context, payment, "description"),
    }),
    counterparty: t.field({
      type: Counterparty,
      nullable: true,
      description: `Who is on the other side; null where the provider does not say. ${ofDetails}`,
      extensions: load("paymentDetailsById"),
      resolve: (payment, _args, context) => loadDetail(context, payment, "counterparty"),
    }),
    category: t.field({
      type: PaymentCategory,
      nullable: true,
      description: `What it was for; null where the provider does not say. ${ofDetails}`,
      extensions: load("paymentDetailsById"),
      resolve: (payment, _args, context) => loadDetail(context, payment, "category"),
    }),
    bookedOn: t.field({
      type: "Date",
      nullable: true,
      description: `The day on which the bank booked it; null while it is pending. ${ofDetails}`,
      extensions: load("paymentDetailsById"),
      resolve: (payment, _args, context) => loadDetail(context, payment, "bookedOn"),
    }),
    valueOn: t.field({
      type: "Date",
      nullable: true,
      description: `The day from which it counts for interest; null where the provider does not say. ${ofDetails}`,
      extensions: load("paymentDetailsById"),
      resolve: (payment, _args, context) => loadDetail(context, payment, "valueOn"),
    }),
    occurredAt: t.field({
      type: "DateTime",
      nullable: true,
      description: `When it was made; null where no time of day is known, or nothing at all. ${ofDetails}`,
      extensions: load("paymentDetailsById"),
      resolve: (payment, _args, context) => loadDetail(context, payment, "occurredAt"),
    }),
    adjustments: t.field({
      type: [PaymentAdjustment],
      nullable: true,
      description: `The states that it has had, the newest first. ${ofDetails}`,
      extensions: load("paymentDetailsById", { rows: 2 }),
      resolve: async (payment, _args, context) => {
        const inFull = await loadPaymentInFull(context, payment);
        return inFull === null ? null : inFull.adjustments.map((row) => ({ ...row, paymentAsset: inFull.asset }));
      },
    }),
    metadata: t.field({
      type: "Metadata",
      description: `What the provider noted about the payment. ${maskedNumbers}`,
      resolve: ({ metadata }, _args, { viewer }) => (readsNumbers(viewer) ? metadata : withMaskedNumbers(metadata)),
    }),
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
  { filter, ...args }: PageArgs & { readonly filter?: PaymentFilterInput | null | undefined },
  of: { readonly psuId?: string; readonly accountId?: string },
) {
  const { viewer, upstream } = context;
  const { psuIds, conditions, createdFrom } = readPaymentFilter(filter);
  if (psuIds.some((psuId) => !maySee(viewer, psuId))) return emptyPage(args);
  const rows = within(viewer, allOf([...matching({ psu_id: of.psuId }), fromOrTo(of.accountId), ...conditions]));
  const load = async (request: PageRequest) => rowsOf(rows, await upstream.payments(withFilter(request, rows)));
  const isPastEnd = createdFrom === null ? undefined : (row: wire.Payment) => isBefore(row.createdAt, createdFrom);
  return loadPage(context, ["payments", of, rows, createdFrom], args, load, { isPastEnd });
}

/** By the user's account where the type does not say; `null` where neither does, as for a transfer between two accounts. */
function directionOf({ type, sourceAccountID, destinationAccountID }: wire.Payment): "IN" | "OUT" | null {
  if (type === "PAYOUT") return "OUT";
  if (type === "PAY-IN") return "IN";
  if ((sourceAccountID === null) === (destinationAccountID === null)) return null;
  return sourceAccountID === null ? "IN" : "OUT";
}
