/** Accounts at banks: the type, its page and filter, and the queries for one and for many. */

import { withMaskedNumbers } from "../../upstream/account-numbers.ts";
import { orMalformed } from "../../upstream/errors.ts";
import { withFilter } from "../../upstream/pages.ts";
import { isLiability, type AccountKind as Kind } from "../../upstream/providers/account-details.ts";
import { MapperError, orMapperError } from "../../upstream/providers/mapper.ts";
import type { Providers } from "../../upstream/providers/providers.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder, ownedBy } from "../builder.ts";
import { byId, load, page, withAccount } from "../cost.ts";
import { allOf, matching, matchingMetadata, maySee, rowsOf, toOwner, within } from "../filter.ts";
import { anyConnectorId, anyPsuId, toKey } from "../global-id.ts";
import { loadNodes } from "../loader.ts";
import { accountById } from "../loaders/account.ts";
import { balancesByAccount, loadBalanceHistory } from "../loaders/balance.ts";
import { maskedNumbers, readsNumbers } from "../loaders/bank-account.ts";
import { connectionsByPsu } from "../loaders/bank-connection.ts";
import { connectorById } from "../loaders/connector.ts";
import { psuById } from "../loaders/payment-service-user.ts";
import { definePage, emptyPage, loadPage, pageArgs } from "../pagination.ts";
import { Account, Balance, BankConnection, Connector, PaymentServiceUser } from "../refs.ts";
import { BalancePage } from "./money/balance.ts";
import { Money } from "./money/money.ts";
import { loadPayments, PaymentPage } from "./payment.ts";
import { PaymentFilter } from "./payment-filter.ts";

const asOfFirst =
  "As the provider said when the account was first stored (`refreshedAt`): the stack does not renew it, unlike `balances`. Null where the provider does not say; Powens never does.";

const AccountType = builder.enumType("AccountType", {
  description: "Whose account it is, seen from the stack.",
  values: {
    UNKNOWN: {},
    INTERNAL: { description: "An account that was connected." },
    EXTERNAL: { description: "A counterparty's account." },
  },
});

const AccountKind = builder.enumType("AccountKind", {
  description: "What an account is for.",
  values: {
    CHECKING: { description: "For daily payments." },
    SAVINGS: { description: "Money put aside, also for a fixed time or for health expenses." },
    CREDIT_CARD: { description: "A liability." },
    LOAN: { description: "A liability, such as a student loan, a car loan or a line of credit." },
    MORTGAGE: { description: "A liability that is secured by a home." },
    INVESTMENT: { description: "Securities, funds, insurances or cryptocurrencies." },
    PENSION: { description: "Investments that are kept until retirement." },
    OTHER: { description: "The provider names a kind that is none of these." },
    UNKNOWN: { description: "The provider does not say: Powens never does." },
  },
});

builder.node(Account, {
  description: "An account at a bank.",
  authScopes: ownedBy((account) => account.psuID),
  id: { resolve: (account) => account.id },
  loadManyWithoutCache: loadNodes(accountById.load),
  fields: (t) => ({
    accountId: t.exposeString("id", { description: "The upstream's own id." }),
    reference: t.exposeString("reference", { description: "The provider's own id." }),
    name: t.exposeString("name", { nullable: true }),
    officialName: t.string({
      nullable: true,
      description:
        "The bank's own name of the product, often longer than `name`. Of the built-in providers, Plaid's alone.",
      resolve: (account, _args, { providers }) => orMapperError(providers.accountDetailsOf(account).officialName),
    }),
    mask: t.string({
      nullable: true,
      description:
        "The last digits or letters of the account's number, mostly four: \"4321\". Of the built-in providers, Plaid's alone.",
      resolve: (account, _args, { providers }) => orMapperError(providers.accountDetailsOf(account).mask),
    }),
    type: t.field({
      type: AccountType,
      semanticNonNull: true,
      description: "Whether it was connected, or is a counterparty's.",
      resolve: ({ type }) => orMalformed(type, "type of an account"),
    }),
    kind: t.field({
      type: AccountKind,
      description: "What the account is for, in the same words for all providers.",
      resolve: (account, _args, { providers }) => toKind(account, providers),
    }),
    isLiability: t.boolean({
      description:
        "Whether its balance is owed: that of a credit card, a loan or a mortgage. For Plaid's a positive balance is then what is owed, for Tink's a negative one.",
      resolve: (account, _args, { providers }) => isLiability(toKind(account, providers)),
    }),
    available: t.field({
      type: Money,
      nullable: true,
      description: `What could be spent. ${asOfFirst}`,
      resolve: (account, _args, { providers }) => orMapperError(providers.accountDetailsOf(account).available),
    }),
    limit: t.field({
      type: Money,
      nullable: true,
      description: `How much credit the bank grants in all: a card's limit, or an overdraft. ${asOfFirst}`,
      resolve: (account, _args, { providers }) => orMapperError(providers.accountDetailsOf(account).limit),
    }),
    refreshedAt: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "When the bank had been read for `available` and `limit`, as the provider says: Tink and Powens for all accounts, Plaid rarely. Later reads do not move it: see `BankConnection.dataUpdatedAt` for those.",
      resolve: (account, _args, { providers }) => orMapperError(providers.accountDetailsOf(account).refreshedAt),
    }),
    provider: t.exposeString("provider", { description: "The kind of provider that the account came by." }),
    defaultAsset: t.exposeString("defaultAsset", {
      nullable: true,
      description: 'The asset that the account is kept in: "EUR/2".',
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    metadata: t.field({
      type: "Metadata",
      description: `What the provider noted about the account. ${maskedNumbers}`,
      resolve: ({ metadata }, _args, { viewer }) => (readsNumbers(viewer) ? metadata : withMaskedNumbers(metadata)),
    }),
    raw: t.field({
      type: "JSON",
      nullable: true,
      authScopes: { operator: true },
      description: `The account as the provider sent it. For operators. ${maskedNumbers}`,
      resolve: ({ raw }, _args, { viewer }) => (readsNumbers(viewer) ? raw : withMaskedNumbers(raw)),
    }),
    connector: t.field({
      type: Connector,
      nullable: true,
      // No call: the service's account brings its connector along.
      extensions: withAccount(),
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

/** Where the provider's mapper failed it is not known: the account must not be gone for that. `totals` fail. */
function toKind(account: wire.Account, providers: Providers): Kind {
  const { kind } = providers.accountDetailsOf(account);
  return kind instanceof MapperError ? "UNKNOWN" : kind;
}

const AccountPage = definePage(Account);

const AccountFilter = builder.inputType("AccountFilter", {
  description: "Which accounts; all given fields must hold.",
  fields: (t) => ({
    psuId: t.id({ description: anyPsuId }),
    connectorId: t.id({ description: anyConnectorId }),
    connectionId: t.id({ description: "A connection's global id." }),
    type: t.field({ type: AccountType, description: "Only connected ones, or only counterparties'." }),
    name: t.string(),
    reference: t.string({ description: "The provider's own id." }),
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
        rowsOf(rows, await upstream.accounts(withFilter(request, rows))),
      );
      const accounts = page.edges.map(({ node }) => node);
      accountById.prime(context, accounts, ({ id }) => id);
      return page;
    },
  }),
}));
