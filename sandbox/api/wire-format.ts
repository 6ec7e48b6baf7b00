/** From stored rows to what the service writes: member by member, `null` or absent where it does so. */
import { toAccountId } from "../ids.ts";
import type { Account, Attempt, Balance, Connection, Connector, Payment, Person, Task } from "../model.ts";
import { toTimestamp, zeroTime } from "../time.ts";

const capabilities = [
  "FETCH_ACCOUNTS",
  "FETCH_BALANCES",
  "FETCH_EXTERNAL_ACCOUNTS",
  "FETCH_PAYMENTS",
  "CREATE_WEBHOOKS",
  "TRANSLATE_WEBHOOKS",
];

export const toWirePerson = (person: Person) => ({
  id: person.id,
  name: person.name,
  createdAt: toTimestamp(person.createdAt),
  contactDetails: person.contactDetails,
  address: person.address,
  bankAccountIDs: null,
  metadata: person.metadata,
});

const toConnectorBase = (connector: Connector) => ({
  id: connector.id,
  reference: connector.reference,
  name: connector.name,
  createdAt: toTimestamp(connector.createdAt),
  provider: connector.provider,
});

export const toWireConnector = (connector: Connector) => ({
  ...toConnectorBase(connector),
  config: connector.config,
  scheduledForDeletion: false,
  capabilities,
});

export const toWireConnection = (connection: Connection) => ({
  connectionID: connection.connectionID,
  connectorID: connection.connectorID,
  createdAt: toTimestamp(connection.createdAt),
  dataUpdatedAt: connection.dataUpdatedAt === null ? zeroTime : toTimestamp(connection.dataUpdatedAt),
  updatedAt: toTimestamp(connection.updatedAt),
  status: connection.status,
  error: connection.error,
  metadata: connection.metadata,
});

export const toWireAttempt = (attempt: Attempt) => ({
  id: attempt.id,
  psuID: attempt.psuID,
  connectorID: attempt.connectorID,
  createdAt: toTimestamp(attempt.createdAt),
  status: attempt.status,
  clientRedirectURL: attempt.clientRedirectURL,
  error: attempt.error,
});

/** PSU and connection are left out, not null, where there is none. */
const toOwner = (row: Pick<Account, "psuID" | "connectionID">) => ({
  ...(row.psuID === null ? {} : { psuID: row.psuID }),
  ...(row.connectionID === null ? {} : { openBankingConnectionID: row.connectionID }),
});

export const toWireAccount = (account: Account, connector: Connector | undefined) => ({
  id: account.id,
  connectorID: account.connectorID,
  connector: connector === undefined ? null : toConnectorBase(connector),
  provider: connector?.provider ?? "",
  reference: account.reference,
  createdAt: toTimestamp(account.createdAt),
  type: account.type,
  name: account.name,
  defaultAsset: account.defaultAsset,
  ...toOwner(account),
  metadata: account.metadata,
  raw: account.raw,
});

/** Here a missing PSU is an empty text. */
export const toWireBalance = (balance: Balance, account: Account) => ({
  accountID: balance.accountID,
  createdAt: toTimestamp(balance.createdAt),
  lastUpdatedAt: toTimestamp(balance.lastUpdatedAt),
  asset: balance.asset,
  balance: balance.amount,
  psuID: account.psuID ?? "",
  ...(account.connectionID === null ? {} : { openBankingConnectionID: account.connectionID }),
});

export const toWirePayment = (payment: Payment, connector: Connector | undefined) => ({
  id: payment.id,
  connectorID: payment.connectorID,
  provider: connector?.provider ?? "",
  reference: payment.reference,
  createdAt: toTimestamp(payment.createdAt),
  type: payment.type,
  initialAmount: payment.initialAmount,
  amount: payment.amount,
  asset: payment.asset,
  scheme: payment.scheme,
  status: payment.status,
  sourceAccountID: payment.sourceAccountID,
  destinationAccountID: payment.destinationAccountID,
  ...toOwner(payment),
  metadata: payment.metadata,
  adjustments: [
    {
      id: toAccountId(payment.connectorID, `${payment.reference}/${payment.status}`),
      reference: payment.reference,
      createdAt: toTimestamp(payment.createdAt),
      status: payment.status,
      amount: payment.amount,
      asset: payment.asset,
      metadata: {},
      raw: { transaction_id: payment.reference, description: payment.metadata?.["description"] ?? "" },
    },
  ],
});

export const toWireTask = (task: Task) => ({
  id: task.id,
  ...(task.connectorID === null ? {} : { connectorID: task.connectorID }),
  status: task.status,
  createdAt: toTimestamp(task.createdAt),
  updatedAt: toTimestamp(task.updatedAt),
  ...(task.createdObjectID === null ? {} : { createdObjectID: task.createdObjectID }),
  ...(task.error === null ? {} : { error: task.error }),
});
