/** Bank connections: the type, the query for one, and its deletion. */

import { builder, ownedBy } from "../builder.ts";
import { accountsPerConnection, byId, calls, load } from "../cost.ts";
import { toGlobalId, toKey } from "../global-id.ts";
import { loadNodes } from "../loader.ts";
import { accountsByPsu } from "../loaders/account.ts";
import {
  consentExpiryOf,
  isSynced,
  loadConnection,
  loadOwnConnection,
  toConnectionKey,
} from "../loaders/bank-connection.ts";
import { loadConnector } from "../loaders/connector.ts";
import { loadPsu } from "../loaders/payment-service-user.ts";
import { taskById } from "../loaders/task.ts";
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
    status: t.expose("status", { type: BankConnectionStatus }),
    error: t.exposeString("error", { nullable: true, description: "Why the connection does not work." }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    updatedAt: t.expose("updatedAt", { type: "DateTime", nullable: true, description: "When its state last changed." }),
    dataUpdatedAt: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "When accounts, balances and payments were last fetched; null before the first time, and where the provider never tells (Tink and Powens, as of 2026-07).",
      resolve: (connection) => (isSynced(connection) ? connection.dataUpdatedAt : null),
    }),
    requiredAction: t.field({
      type: RequiredAction,
      description: "What the user must do. What the gateway makes of state, events and age, not a word of the stack's.",
      resolve: async (connection, _args, { live }) => {
        if (connection.status === "ERROR" || (await consentExpiryOf(live, connection)) !== null) return "RELINK";
        return !isSynced(connection) && isYounger(connection.createdAt, live.staleAfterMs) ? "WAIT" : "NONE";
      },
    }),
    consentExpiresAt: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "When the consent ends, once the provider has warned of it. Only the gateway keeps it: until then, until the connection is RECONNECTED, or until a link is COMPLETED that `updateLink` made after the warning. Null: no warning stands, or the connection is in ERROR.",
      resolve: (connection, _args, { live }) => consentExpiryOf(live, connection),
    }),
    isStale: t.boolean({
      nullable: true,
      description: "Whether the last sync is more than a day ago; null where none was ever told.",
      resolve: (connection, _args, { live }) =>
        isSynced(connection) ? !isYounger(connection.dataUpdatedAt, live.staleAfterMs) : null,
    }),
    metadata: t.expose("metadata", { type: "Metadata", description: "What the provider noted about the connection." }),
    accounts: t.field({
      type: [Account],
      description:
        "The accounts that the user has shared from this bank, newest first. Tink names no connection on its accounts (as of 2026-07): find those among the PSU's `accounts`.",
      extensions: load("accountsByPsu", { of: "account", rows: accountsPerConnection, isReadAhead: true }),
      // Out of the PSU's own accounts, which `accounts` of the PSU and of its other connections need, too. Connection
      // ids are the provider's: two connectors may use the same one.
      resolve: async ({ psuId, connectorID, connectionID }, _args, context) =>
        (await accountsByPsu.load(context, psuId)).filter(
          (account) => account.connectorID === connectorID && account.openBankingConnectionID === connectionID,
        ),
    }),
  }),
});

function isYounger(time: string, ms: number): boolean {
  return Date.now() - Date.parse(time) <= ms;
}

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
      "Deletes a connection with its accounts and payments (Tink's stay), and ends the consent. It is gone when the upstream no longer shows it. CONFLICT when the stack does not start it, because of an earlier deletion of this user's at this connector: wait, or see what the message says ends it.",
    authScopes: { write: true },
    extensions: calls(["connections", "deleteConnection", "task"]),
    args: { input: t.arg({ type: DeleteConnectionInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const connection = await loadOwnConnection(context, input.connectionId);
      const task = await startConnectionDelete(context, connection);
      taskById.prime(context, task.id, task);
      return { deletedId: toGlobalId("BankConnection", toConnectionKey(connection)), taskId: task.id };
    },
  }),
);
