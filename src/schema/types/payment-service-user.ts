/** Payment service users (PSUs): the type, its queries and mutations. */

import { z } from "zod";
import { doneButUnread } from "../../errors.ts";
import { attemptsTopic } from "../../live/connection-events.ts";
import { withFilter } from "../../upstream/pages.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder, ownedBy } from "../builder.ts";
import type { Context } from "../context.ts";
import { attemptPage, byId, calls, countOf, load, page, perPsu, through } from "../cost.ts";
import { allOf, anyOf, matchingMetadata, rowsOf } from "../filter.ts";
import { anyConnectorId, anyPsuId, toGlobalId, toKey } from "../global-id.ts";
import * as input from "../input.ts";
import { loadNodes } from "../loader.ts";
import { accountsByPsu, readAccountsAhead } from "../loaders/account.ts";
import { loadBankAccounts } from "../loaders/bank-account.ts";
import { connectionsByPsu } from "../loaders/bank-connection.ts";
import { checkStays, loadConnector } from "../loaders/connector.ts";
import { loadLinkAttempts } from "../loaders/link-attempt.ts";
import { loadPsu, psuById, toOwnPsu } from "../loaders/payment-service-user.ts";
import { definePage, loadPage, pageArgs } from "../pagination.ts";
import { Account, BankAccount, BankConnection, Connector, PaymentServiceUser } from "../refs.ts";
import { BankConnectionStatus } from "./bank-connection.ts";
import { DeletePayload, startConnectorDelete, startPsuDelete } from "./delete.ts";
import { LinkAttemptPage, LinkAttemptStatus } from "./link-attempt.ts";
import { loadTotals, Total } from "./money/total.ts";
import { loadPayments, PaymentPage } from "./payment.ts";
import { PaymentFilter } from "./payment-filter.ts";

const ContactDetails = builder
  .objectRef<NonNullable<wire.PaymentServiceUser["contactDetails"]>>("ContactDetails")
  .implement({
    description: "How to reach a PSU.",
    authScopes: { read: true },
    fields: (t) => ({
      email: t.exposeString("email", { nullable: true }),
      phoneNumber: t.exposeString("phoneNumber", { nullable: true }),
      locale: t.exposeString("locale", { nullable: true, description: "Plaid and Tink require one." }),
    }),
  });

const Address = builder.objectRef<NonNullable<wire.PaymentServiceUser["address"]>>("Address").implement({
  description: "Where a PSU lives.",
  authScopes: { read: true },
  fields: (t) => ({
    streetName: t.exposeString("streetName", { nullable: true }),
    streetNumber: t.exposeString("streetNumber", { nullable: true }),
    city: t.exposeString("city", { nullable: true }),
    region: t.exposeString("region", { nullable: true }),
    postalCode: t.exposeString("postalCode", { nullable: true }),
    country: t.exposeString("country", { nullable: true, description: "ISO 3166-1. Plaid and Tink require one." }),
  }),
});

builder.node(PaymentServiceUser, {
  description: "A payment service user (PSU): a person or company whose banks are connected.",
  authScopes: ownedBy((psu) => psu.id),
  id: { resolve: (psu) => psu.id },
  loadManyWithoutCache: loadNodes(psuById.load),
  fields: (t) => ({
    psuId: t.exposeString("id", { description: "The upstream's own id, a UUID." }),
    name: t.exposeString("name"),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    contactDetails: t.expose("contactDetails", { type: ContactDetails, nullable: true }),
    address: t.expose("address", { type: Address, nullable: true }),
    metadata: t.expose("metadata", {
      type: "Metadata",
      description: "What your own systems noted about the PSU, who can read it, too.",
    }),
    connections: t.field({
      type: [BankConnection],
      description: "Every connection to a bank, of all connectors.",
      extensions: load("connectionsByPsu", {
        of: "connection",
        readsAhead: true,
        rows: ({ connectorIds }) =>
          connectorIds == null ? perPsu.connection : Math.min(perPsu.connection, countOf(connectorIds)),
      }),
      args: {
        connectorIds: t.arg.idList({ description: "Only those of any of these connectors; 50 at the most." }),
        statuses: t.arg({ type: [BankConnectionStatus], description: "Only those in any of these states." }),
      },
      resolve: async (psu, args, context, info) => {
        const connectors = input
          .anyOfThese(args.connectorIds, "connectorIds")
          ?.map((id, index) => toKey("Connector", id, `connectorIds.${index}`));
        const statuses = input.anyOfThese(args.statuses, "statuses");
        readAccountsAhead(context, psu.id, info);
        const connections = await connectionsByPsu.load(context, psu.id);
        return connections.filter(
          ({ connectorID, status }) =>
            (connectors?.includes(connectorID) ?? true) && (statuses?.some((one) => one === status) ?? true),
        );
      },
    }),
    accounts: t.field({
      type: [Account],
      description: "Every account, of all connections, newest first.",
      extensions: load("accountsByPsu", { of: "account", rows: perPsu.account }),
      resolve: (psu, _args, context) => accountsByPsu.load(context, psu.id),
    }),
    totals: t.field({
      type: [Total],
      description:
        "What the PSU has and owes, one sum for each currency, by its name. Fails where the balance of any account is not known: a sum without it would be wrong. An account with an unknown kind, as all of Powens', counts as an asset, with its sign.",
      extensions: through(load("accountsByPsu", { of: "account", rows: perPsu.account }), load("balancesByAccount")),
      resolve: (psu, _args, context) => loadTotals(context, psu.id),
    }),
    bankAccounts: t.field({
      type: [BankAccount],
      description:
        "The bank accounts that were noted for payments to the PSU: `addBankAccount`. Not those of connections.",
      extensions: load("bankAccountById", { of: "bankAccount", rows: perPsu.bankAccount }),
      resolve: (psu, _args, context) => loadBankAccounts(context, psu),
    }),
    linkAttempts: t.field({
      type: LinkAttemptPage,
      description:
        "The PSU's attempts to connect a bank, newest first. Without `connectorId` those at every connector at which users can link banks, and at those that are being removed.",
      extensions: attemptPage(),
      args: {
        connectorId: t.arg.id({ description: "Only those at this connector." }),
        statuses: t.arg({ type: [LinkAttemptStatus], description: "Only those in any of these states." }),
        ...pageArgs(t.arg),
      },
      resolve: (psu, args, context) => loadLinkAttempts(context, psu.id, args),
    }),
    payments: t.field({
      type: PaymentPage,
      description: "The PSU's payments, newest first.",
      extensions: page("payment"),
      args: { ...pageArgs(t.arg), filter: t.arg({ type: PaymentFilter }) },
      resolve: (psu, args, context) => loadPayments(context, args, { psuId: psu.id }),
    }),
  }),
});

const PaymentServiceUserPage = definePage(PaymentServiceUser);

const PaymentServiceUserFilter = builder.inputType("PaymentServiceUserFilter", {
  description: "Which PSUs; all given fields must hold.",
  fields: (t) => ({
    ids: t.idList({ description: "Any of these, by global id or PSU id; 50 at the most." }),
    metadata: t.field({ type: "Metadata", description: "Every given entry is among the PSU's metadata." }),
  }),
});

builder.queryFields((t) => ({
  paymentServiceUser: t.field({
    type: PaymentServiceUser,
    nullable: true,
    description: "One PSU.",
    authScopes: { read: true },
    extensions: byId("PaymentServiceUser"),
    args: { id: t.arg.id({ required: true, description: anyPsuId }) },
    resolve: (_root, { id }, context) => psuById.load(context, toKey("PaymentServiceUser", id, "id")),
  }),
  paymentServiceUsers: t.field({
    type: PaymentServiceUserPage,
    description: "All PSUs, newest first. For operators.",
    authScopes: { operator: true },
    extensions: page("psu"),
    args: { ...pageArgs(t.arg), filter: t.arg({ type: PaymentServiceUserFilter }) },
    resolve: async (_root, { filter, ...args }, context) => {
      const ids = input
        .anyOfThese(filter?.ids, "filter.ids")
        ?.map((id, index) => toKey("PaymentServiceUser", id, `filter.ids.${index}`));
      const rows = allOf([ids && anyOf("id", ids), ...matchingMetadata(filter?.metadata)]);
      const page = await loadPage(context, ["paymentServiceUsers", rows], args, async (request) => {
        return rowsOf(rows, await context.upstream.paymentServiceUsers(withFilter(request, rows)));
      });
      const psus = page.edges.map(({ node }) => node);
      psuById.prime(context, psus, ({ id }) => id);
      return page;
    },
  }),
}));

const ContactDetailsInput = builder.inputType("ContactDetailsInput", {
  description: "How to reach a PSU. Plaid and Tink require the locale.",
  fields: (t) => ({
    email: t.string(),
    phoneNumber: t.string({ description: 'With its country code: "+33123456789".' }),
    locale: t.string({
      description: 'A language and a region: "en_GB". Tink takes only its own list, written with an underscore.',
    }),
  }),
});

const AddressInput = builder.inputType("AddressInput", {
  description: "Where a PSU lives. Plaid and Tink require the country.",
  fields: (t) => ({
    streetName: t.string(),
    streetNumber: t.string({ description: 'Letters and digits: "12b".' }),
    city: t.string(),
    region: t.string(),
    postalCode: t.string(),
    country: t.string({ description: 'ISO 3166-1, two letters: "FR".' }),
  }),
});

const CreatePaymentServiceUserInput = builder.inputType("CreatePaymentServiceUserInput", {
  description: "A new PSU.",
  fields: (t) => ({
    name: t.string({ required: true, description: "From 1 to 1000 characters." }),
    contactDetails: t.field({ type: ContactDetailsInput }),
    address: t.field({ type: AddressInput }),
    metadata: t.field({ type: "Metadata", description: "Notes of your own, such as your id of the user." }),
  }),
});

const addressLine = input.optional(input.filledText(1000));
const newPaymentServiceUser: z.ZodType<wire.NewPaymentServiceUser> = z.object({
  name: input.filledText(1000),
  contactDetails: input.optional(
    z.object({
      email: input.optional(input.email),
      phoneNumber: input.optional(input.phoneNumber),
      locale: input.optional(input.locale),
    }),
  ),
  address: input.optional(
    z.object({
      streetName: addressLine,
      streetNumber: input.optional(input.streetNumber),
      city: addressLine,
      region: addressLine,
      postalCode: addressLine,
      country: input.optional(input.country),
    }),
  ),
  metadata: input.optional(input.metadata),
});

const CreatePaymentServiceUserPayload = builder
  .objectRef<{ psuId: string }>("CreatePaymentServiceUserPayload")
  .implement({
    description: "The PSU that was created.",
    authScopes: { operatorWrite: true },
    fields: (t) => ({
      paymentServiceUser: t.field({
        type: PaymentServiceUser,
        extensions: calls(["paymentServiceUser"]),
        resolve: ({ psuId }, _args, context) => readBack(context, psuId),
      }),
    }),
  });

/** A create is not idempotent: if only the read fails, the caller must learn that the PSU exists. */
async function readBack(context: Context, psuId: string): Promise<wire.PaymentServiceUser> {
  try {
    return await context.upstream.paymentServiceUser(psuId);
  } catch (error) {
    const message = "The payment service user was created, but could not be read back.";
    throw doneButUnread(error, message, toGlobalId("PaymentServiceUser", psuId));
  }
}

const ForwardPaymentServiceUserInput = builder.inputType("ForwardPaymentServiceUserInput", {
  description: "Which PSU is to be known to which connector.",
  fields: (t) => ({
    psuId: t.id({ required: true, description: anyPsuId }),
    connectorId: t.id({ required: true, description: anyConnectorId }),
  }),
});

const ForwardPaymentServiceUserPayload = builder
  .objectRef<{ psuId: string; connectorId: string }>("ForwardPaymentServiceUserPayload")
  .implement({
    description: "The PSU, and the connector that knows it now.",
    authScopes: ownedBy(({ psuId }) => psuId),
    fields: (t) => ({
      paymentServiceUser: t.field({
        type: PaymentServiceUser,
        extensions: load("psuById"),
        resolve: ({ psuId }, _args, context) => loadPsu(context, psuId),
      }),
      connector: t.field({
        type: Connector,
        extensions: load("connectorById"),
        resolve: ({ connectorId }, _args, context) => loadConnector(context, connectorId),
      }),
    }),
  });

const DeletePaymentServiceUserInput = builder.inputType("DeletePaymentServiceUserInput", {
  description: "Which PSU is to be deleted.",
  fields: (t) => ({ psuId: t.id({ required: true, description: anyPsuId }) }),
});

const DeletePaymentServiceUserConnectorInput = builder.inputType("DeletePaymentServiceUserConnectorInput", {
  description: "Which PSU is to be removed from which connector.",
  fields: (t) => ({
    psuId: t.id({ required: true, description: anyPsuId }),
    connectorId: t.id({ required: true, description: anyConnectorId }),
  }),
});

builder.mutationFields((t) => ({
  createPaymentServiceUser: t.field({
    type: CreatePaymentServiceUserPayload,
    description:
      "Creates a PSU. For operators. Not idempotent: after a lost answer, search for it by your metadata first.",
    authScopes: { operatorWrite: true },
    extensions: calls(["createPaymentServiceUser"]),
    args: { input: t.arg({ type: CreatePaymentServiceUserInput, required: true }) },
    resolve: async (_root, args, { upstream }) => {
      const user = input.checkInput(newPaymentServiceUser, args.input, "input");
      return { psuId: await upstream.createPaymentServiceUser(user) };
    },
  }),
  forwardPaymentServiceUser: t.field({
    type: ForwardPaymentServiceUserPayload,
    description:
      "Makes a PSU known to a connector's provider, once, before the first link at that connector. CONFLICT with `alreadyForwarded` when it is known there.",
    authScopes: { write: true },
    extensions: calls(["forwardPaymentServiceUser"]),
    args: { input: t.arg({ type: ForwardPaymentServiceUserInput, required: true }) },
    resolve: async (_root, args, context) => {
      const psuId = toOwnPsu(context, args.input.psuId);
      const connectorId = toKey("Connector", args.input.connectorId, "input.connectorId");
      checkStays(context, connectorId);
      await context.upstream.forwardPaymentServiceUser(psuId, connectorId);
      return { psuId, connectorId };
    },
  }),
  deletePaymentServiceUser: t.field({
    type: DeletePayload,
    description:
      "Deletes a PSU with its connections, accounts and payments. Irreversible. It is gone when the task has succeeded.",
    authScopes: { write: true },
    extensions: calls(["paymentServiceUsers", "deletePaymentServiceUser", "task"]),
    args: { input: t.arg({ type: DeletePaymentServiceUserInput, required: true }) },
    resolve: async (_root, args, context) => {
      const psuId = toOwnPsu(context, args.input.psuId);
      await loadPsu(context, psuId, "input.psuId"); // the service would start a task for a PSU that does not exist
      const task = await startPsuDelete(context, psuId);
      return { deletedId: toGlobalId("PaymentServiceUser", psuId), task };
    },
  }),
  deletePaymentServiceUserConnector: t.field({
    type: DeletePayload,
    description:
      "Removes a PSU from one connector, with its accounts and payments from there; the stack goes on listing its connections. CONFLICT when an earlier one has succeeded and the stack does not confirm this one. `deletedId` is the connector's id: the connector itself stays.",
    authScopes: { write: true },
    extensions: calls(["paymentServiceUsers", "connectors", "deletePaymentServiceUserConnector", "task"]),
    args: { input: t.arg({ type: DeletePaymentServiceUserConnectorInput, required: true }) },
    resolve: async (_root, args, context) => {
      const psuId = toOwnPsu(context, args.input.psuId);
      const connectorId = toKey("Connector", args.input.connectorId, "input.connectorId");
      await Promise.all([
        loadPsu(context, psuId, "input.psuId"),
        loadConnector(context, connectorId, "input.connectorId"),
      ]);
      const task = await startConnectorDelete(context, psuId, connectorId);
      context.live.invalidate(attemptsTopic(psuId, connectorId));
      return { deletedId: toGlobalId("Connector", connectorId), task };
    },
  }),
}));
