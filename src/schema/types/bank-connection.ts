/** Bank connections: the type, the query for one, and its deletion. */

import { orMalformed } from "../../upstream/errors.ts";
import { builder, ownedBy } from "../builder.ts";
import { accountsPerConnection, byId, calls, load } from "../cost.ts";
import { toGlobalId, toKey } from "../global-id.ts";
import { loadNodes } from "../loader.ts";
import { accountsByPsu } from "../loaders/account.ts";
import {
  consentExpiryOf,
  loadConnection,
  loadHealth,
  loadOwnConnection,
  loadRequiredAction,
  toConnectionKey,
} from "../loaders/bank-connection.ts";
import { accountsOf } from "../loaders/connection-health.ts";
import { loadConnector } from "../loaders/connector.ts";
import { loadPsu } from "../loaders/payment-service-user.ts";
import { Account, BankConnection, Connector, PaymentServiceUser } from "../refs.ts";
import { DeletePayload, startConnectionDelete } from "./delete.ts";

export const BankConnectionStatus = builder.enumType("BankConnectionStatus", {
  description: "Whether a connection works.",
  values: {
    ACTIVE: { description: "Data is being fetched." },
    ERROR: { description: "No data until the user repairs it, mostly by signing in again: `updateLink`." },
  },
});

builder.node(BankConnection, {
  description: "A bank that a PSU has connected, with the consent to read from it.",
  authScopes: ownedBy(({ psuId }) => psuId),
  id: { resolve: toConnectionKey },
  loadManyWithoutCache: loadNodes(loadConnection),
  fields: (t) => ({
    connectionId: t.exposeString("connectionID", {
      description: "The provider's own id. It is unique only within its connector.",
    }),
    paymentServiceUser: t.field({
      type: PaymentServiceUser,
      extensions: load("psuById"),
      resolve: ({ psuId }, _args, context) => loadPsu(context, psuId),
    }),
    connector: t.field({
      type: Connector,
      extensions: load("connectorById"),
      resolve: ({ connectorID }, _args, context) => loadConnector(context, connectorID),
    }),
    status: t.field({
      type: BankConnectionStatus,
      semanticNonNull: true,
      resolve: ({ status }) => orMalformed(status, "status of a connection"),
    }),
    error: t.exposeString("error", { nullable: true, description: "Why the connection does not work." }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    updatedAt: t.expose("updatedAt", { type: "DateTime", nullable: true, description: "When its state last changed." }),
    dataUpdatedAt: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "When the bank was last read, as far as that is known: for Plaid when accounts, balances and payments were fetched; for Tink and Powens the newest of its accounts' own times and of `updatedAt`, which each sync moves on. Null before the first data and, for Tink and Powens, in ERROR.",
      extensions: load("accountsByPsu"),
      resolve: async (connection, _args, context) => (await loadHealth(context, connection)).dataUpdatedAt,
    }),
    requiredAction: t.field({
      type: RequiredAction,
      description:
        "What the user must do. The gateway derives it from state, events and data; the stack has no such word.",
      extensions: load("accountsByPsu"),
      resolve: (connection, _args, context) => loadRequiredAction(context, connection),
    }),
    consentExpiresAt: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "When the consent ends or has ended, once the provider has warned of it (Plaid). Only the gateway keeps it: until the connection is in ERROR, has new data after that time, is RECONNECTED, or until a link is COMPLETED that `updateLink` made after the warning. Null: no warning stands.",
      resolve: (connection, _args, { live }) => consentExpiryOf(live, connection),
    }),
    isStale: t.boolean({
      nullable: true,
      description: "Whether `dataUpdatedAt` is more than a day ago; null where that is null.",
      extensions: load("accountsByPsu"),
      resolve: async (connection, _args, context) => (await loadHealth(context, connection)).isStale,
    }),
    metadata: t.expose("metadata", { type: "Metadata", description: "What the provider noted about the connection." }),
    accounts: t.field({
      type: [Account],
      description:
        "The accounts that the user has shared from this bank, newest first. Tink names no connection on its accounts (as of 2026-07): find those among the PSU's `accounts`.",
      extensions: load("accountsByPsu", { of: "account", rows: accountsPerConnection, isReadAhead: true }),
      // Out of the PSU's own accounts, which `accounts` of the PSU and of its other connections need, too.
      resolve: async (connection, _args, context) =>
        accountsOf(connection, await accountsByPsu.load(context, connection.psuId)),
    }),
  }),
});

const RequiredAction = builder.enumType("RequiredAction", {
  description: "What a user must do so that a connection goes on giving data.",
  values: {
    NONE: {},
    RELINK: { description: "Sign in at the bank again: `updateLink`. The connection is broken, or its consent ends." },
    WAIT: { description: "Nothing: the first data is on its way." },
  },
});

builder.queryField("connection", (t) =>
  t.field({
    type: BankConnection,
    nullable: true,
    description: "One bank that a PSU has connected.",
    authScopes: { read: true },
    extensions: byId("BankConnection"),
    args: { id: t.arg.id({ required: true, description: "A global id." }) },
    resolve: (_root, { id }, context) => loadConnection(context, toKey("BankConnection", id, "id")),
  }),
);

const DeleteConnectionInput = builder.inputType("DeleteConnectionInput", {
  description: "Which connection is to end.",
  fields: (t) => ({ connectionId: t.id({ required: true, description: "The connection's global id." }) }),
});

builder.mutationField("deleteConnection", (t) =>
  t.field({
    type: DeletePayload,
    description:
      "Deletes a connection with its accounts and payments (Tink's stay), and ends the consent. It is gone when the upstream no longer shows it. CONFLICT when the stack does not do it, or does not confirm it, because of an earlier deletion of this user's at this connector: the message says what else ends it.",
    authScopes: { write: true },
    extensions: calls(["connections", "deleteConnection", "task"]),
    args: { input: t.arg({ type: DeleteConnectionInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const connection = await loadOwnConnection(context, input.connectionId);
      const task = await startConnectionDelete(context, connection);
      return { deletedId: toGlobalId("BankConnection", toConnectionKey(connection)), task };
    },
  }),
);
