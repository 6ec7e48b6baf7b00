/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Which accounts; all given fields must hold. */
export type AccountFilter = {
  /** A connection's global id. */
  connectionId?: string | number | null | undefined;
  connectorId?: string | number | null | undefined;
  /** With its scale: "USD/2". */
  defaultAsset?: string | null | undefined;
  /** Every given entry is among the account's metadata. */
  metadata?: Record<string, unknown> | null | undefined;
  name?: string | null | undefined;
  psuId?: string | number | null | undefined;
  reference?: string | null | undefined;
  type?: AccountType | null | undefined;
};

/** Whose account it is, seen from the stack. */
export type AccountType =
  /** A counterparty's account. */
  | 'EXTERNAL'
  /** An account that was connected. */
  | 'INTERNAL'
  | 'UNKNOWN';

/** Where a PSU lives. Plaid and Tink require the country. */
export type AddressInput = {
  city?: string | null | undefined;
  /** ISO 3166-1, two letters: "FR". */
  country?: string | null | undefined;
  postalCode?: string | null | undefined;
  region?: string | null | undefined;
  streetName?: string | null | undefined;
  /** Letters and digits: "12b". */
  streetNumber?: string | null | undefined;
};

/** What happened to a connection. */
export type BankConnectionChangeKind =
  /** A new connection. */
  | 'CREATED'
  /** How the connection is: at the beginning, and after a change that has no name of its own. */
  | 'CURRENT'
  /** New data has been fetched. */
  | 'DATA_SYNCED'
  /** The connection is gone. */
  | 'DELETED'
  /** The connection no longer works, perhaps only for a while: `reason` says why. */
  | 'DISCONNECTED'
  /** The consent ends soon: `at` says when. Relink before that. */
  | 'PENDING_DISCONNECT'
  /** The connection works again. */
  | 'RECONNECTED';

/** Whether a connection works. */
export type BankConnectionStatus =
  /** Data is being fetched. */
  | 'ACTIVE'
  /** No data until the user repairs it, mostly by signing in again: `updateLink`. */
  | 'ERROR';

/** Which connectors; all given fields must hold. */
export type ConnectorFilter = {
  name?: string | null | undefined;
  provider?: string | null | undefined;
};

/** How to reach a PSU. Plaid and Tink require the locale. */
export type ContactDetailsInput = {
  email?: string | null | undefined;
  /** A language and a region: "en_GB". Tink takes only its own list, written with an underscore. */
  locale?: string | null | undefined;
  /** With its country code: "+33123456789". */
  phoneNumber?: string | null | undefined;
};

export type CreateLinkInput = {
  /** The name that the provider shows to the user; some providers require it. */
  applicationName?: string | null | undefined;
  /** Where the user is sent back to: https, or http on localhost. In it, `{attemptId}` and `{id}` become the attempt's own; nothing else is added. */
  clientRedirectUrl: string;
  connectorId: string | number;
  /** The same key gives the same attempt while that is pending, so that a lost answer can be asked for again; CONFLICT afterwards. */
  idempotencyKey?: string | null | undefined;
  psuId: string | number;
};

export type CreatePaymentServiceUserInput = {
  address?: AddressInput | null | undefined;
  contactDetails?: ContactDetailsInput | null | undefined;
  /** Notes of your own, such as your id of the user. */
  metadata?: Record<string, unknown> | null | undefined;
  /** From 1 to 1000 characters. */
  name: string;
};

export type DeleteConnectionInput = {
  /** The connection's global id. */
  connectionId: string | number;
};

export type DeletePaymentServiceUserConnectorInput = {
  connectorId: string | number;
  psuId: string | number;
};

export type DeletePaymentServiceUserInput = {
  psuId: string | number;
};

/** What became of an attempt to connect a bank. */
export type LinkAttemptStatus =
  /** The bank is connected. */
  | 'COMPLETED'
  /** The user cancelled, or the bank refused: `error` says more. */
  | 'EXITED'
  /** The user is on the way. One who closes the page stays so for ever. */
  | 'PENDING';

/** Which payments; all given fields must hold. */
export type PaymentFilter = {
  /** From or to this account. */
  accountId?: string | number | null | undefined;
  /** With its scale: "USD/2". */
  asset?: string | null | undefined;
  /** A connection's global id. */
  connectionId?: string | number | null | undefined;
  connectorId?: string | number | null | undefined;
  /** Every given entry is among the payment's metadata. */
  metadata?: Record<string, unknown> | null | undefined;
  psuId?: string | number | null | undefined;
  reference?: string | null | undefined;
  /** Such as `SUCCEEDED`. */
  status?: string | null | undefined;
  /** `PAY-IN`, `PAYOUT`, `TRANSFER`, `OTHER` or `UNKNOWN`. */
  type?: string | null | undefined;
};

/** Which PSUs; all given fields must hold. */
export type PaymentServiceUserFilter = {
  /** Any of these, by global id or PSU id; 50 at the most. */
  ids?: Array<string | number> | null | undefined;
  /** Every given entry is among the PSU's metadata. */
  metadata?: Record<string, unknown> | null | undefined;
};

/** What a user must do so that a connection goes on giving data. */
export type RequiredAction =
  | 'NONE'
  /** Sign in at the bank again: `updateLink`. The connection is broken, or its consent ends. */
  | 'RELINK'
  /** Nothing: the first data is on its way. */
  | 'WAIT';

/** How far a task is. */
export type TaskStatus =
  /** `error` says why. */
  | 'FAILED'
  /** Not done yet. A task that shares its id with an earlier one may stay so. */
  | 'PROCESSING'
  | 'SUCCEEDED';

export type UpdateLinkInput = {
  /** The name that the provider shows to the user; some providers require it. */
  applicationName?: string | null | undefined;
  /** Where the user is sent back to: https, or http on localhost. In it, `{attemptId}` and `{id}` become the attempt's own; nothing else is added. */
  clientRedirectUrl: string;
  /** The connection's global id. */
  connectionId: string | number;
  /** The same key gives the same attempt while that is pending, so that a lost answer can be asked for again; CONFLICT afterwards. */
  idempotencyKey?: string | null | undefined;
};

export type CadencePeopleQueryVariables = Exact<{ [key: string]: never; }>;


export type CadencePeopleQuery = { paymentServiceUsers: { nodes: Array<{ psuId: string }> } };

export type WatchAttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type WatchAttemptSubscription = { linkAttemptChanged: { attemptId: string, status: LinkAttemptStatus } };

export type WatchConnectionsSubscriptionVariables = Exact<{
  psuId: string | number;
}>;


export type WatchConnectionsSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connection: { connectionId: string, accounts: Array<{ accountId: string }> } | null } };

export type WatchRawSubscriptionVariables = Exact<{
  psuId: string | number;
}>;


export type WatchRawSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connection: { accounts: Array<{ accountId: string, raw: unknown }> } | null } };

export type WatchTaskSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type WatchTaskSubscription = { taskChanged: { taskId: string, status: TaskStatus } };

export type LiveCreateLinkMutationVariables = Exact<{
  input: CreateLinkInput;
}>;


export type LiveCreateLinkMutation = { createLink: { link: string, attempt: { id: string, attemptId: string } } };

export type DrainedAttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type DrainedAttemptSubscription = { linkAttemptChanged: { status: LinkAttemptStatus } };

export type DrainedUsersQueryVariables = Exact<{ [key: string]: never; }>;


export type DrainedUsersQuery = { paymentServiceUsers: { nodes: Array<{ name: string }> } };

export type HealthOfConnectionQueryVariables = Exact<{
  id: string | number;
}>;


export type HealthOfConnectionQuery = { connection: { requiredAction: RequiredAction, consentExpiresAt: string | null, isStale: boolean | null } | null };

export type HealthOfAttemptQueryVariables = Exact<{
  id: string | number;
}>;


export type HealthOfAttemptQuery = { linkAttempt: { status: LinkAttemptStatus, isExpired: boolean } | null };

export type HealthUpdateLinkMutationVariables = Exact<{
  input: UpdateLinkInput;
}>;


export type HealthUpdateLinkMutation = { updateLink: { link: string, attempt: { id: string, attemptId: string } } };

export type HealthCreateLinkMutationVariables = Exact<{
  input: CreateLinkInput;
}>;


export type HealthCreateLinkMutation = { createLink: { link: string, attempt: { id: string, attemptId: string } } };

export type LeakyAttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type LeakyAttemptSubscription = { linkAttemptChanged: { status: LinkAttemptStatus } };

export type LeakyConnectionsSubscriptionVariables = Exact<{
  psuId: string | number;
}>;


export type LeakyConnectionsSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connection: { accounts: Array<{ name: string | null }> } | null } };

export type LoadedAttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type LoadedAttemptSubscription = { linkAttemptChanged: { attemptId: string, status: LinkAttemptStatus } };

export type ManyConnectionsSubscriptionVariables = Exact<{
  psuId: string | number;
}>;


export type ManyConnectionsSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connectionId: string, reason: string | null } };

export type SseAttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type SseAttemptSubscription = { linkAttemptChanged: { status: LinkAttemptStatus } };

export type StagedAttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type StagedAttemptSubscription = { linkAttemptChanged: { attemptId: string, status: LinkAttemptStatus, error: string | null, isExpired: boolean } };

export type StagedConnectionsSubscriptionVariables = Exact<{
  psuId: string | number;
  connectorId?: string | number | null | undefined;
}>;


export type StagedConnectionsSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connectionId: string, at: string, reason: string | null, connection: { id: string, status: BankConnectionStatus, error: string | null, createdAt: string, updatedAt: string | null, dataUpdatedAt: string | null, consentExpiresAt: string | null, requiredAction: RequiredAction } | null } };

export type StagedTaskSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type StagedTaskSubscription = { taskChanged: { taskId: string, status: TaskStatus, error: string | null } };

export type LiveAttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type LiveAttemptSubscription = { linkAttemptChanged: { attemptId: string, status: LinkAttemptStatus, error: string | null, paymentServiceUser: { psuId: string } } };

export type LiveConnectionsSubscriptionVariables = Exact<{
  psuId: string | number;
  connectorId?: string | number | null | undefined;
}>;


export type LiveConnectionsSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connectionId: string, at: string, reason: string | null, connection: { status: BankConnectionStatus, accounts: Array<{ name: string | null }> } | null } };

export type LiveTaskSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type LiveTaskSubscription = { taskChanged: { taskId: string, status: TaskStatus } };

export type LiveUpdateLinkMutationVariables = Exact<{
  input: UpdateLinkInput;
}>;


export type LiveUpdateLinkMutation = { updateLink: { link: string } };

export type LiveDeleteConnectionMutationVariables = Exact<{
  id: string | number;
}>;


export type LiveDeleteConnectionMutation = { deleteConnection: { deletedId: string, task: { id: string, taskId: string, status: TaskStatus } } };

export type LiveUserQueryVariables = Exact<{
  id: string | number;
}>;


export type LiveUserQuery = { paymentServiceUser: { psuId: string, name: string } | null };

export type LiveCreateUserMutationVariables = Exact<{
  input: CreatePaymentServiceUserInput;
}>;


export type LiveCreateUserMutation = { createPaymentServiceUser: { paymentServiceUser: { psuId: string, name: string } } };

export type TruthDeleteConnectionMutationVariables = Exact<{
  input: DeleteConnectionInput;
}>;


export type TruthDeleteConnectionMutation = { deleteConnection: { task: { id: string, taskId: string } } };

export type TruthDeletePsuMutationVariables = Exact<{
  input: DeletePaymentServiceUserInput;
}>;


export type TruthDeletePsuMutation = { deletePaymentServiceUser: { task: { id: string, taskId: string } } };

export type TruthConnectionsQueryVariables = Exact<{
  psuId: string | number;
}>;


export type TruthConnectionsQuery = { paymentServiceUser: { connections: Array<{ id: string, status: BankConnectionStatus, error: string | null, createdAt: string, updatedAt: string | null, dataUpdatedAt: string | null, consentExpiresAt: string | null, requiredAction: RequiredAction }> } | null };

export type TruthTreeSubscriptionVariables = Exact<{
  psuId: string | number;
  connectorId?: string | number | null | undefined;
}>;


export type TruthTreeSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connection: { status: BankConnectionStatus, accounts: Array<{ name: string | null }>, paymentServiceUser: { connections: Array<{ status: BankConnectionStatus }> } } | null } };

export type WatchedAttemptQueryVariables = Exact<{
  id: string | number;
}>;


export type WatchedAttemptQuery = { linkAttempt: { status: LinkAttemptStatus } | null };

export type WatchedAttemptsQueryVariables = Exact<{
  psuId: string | number;
  connectorId: string | number;
}>;


export type WatchedAttemptsQuery = { paymentServiceUser: { linkAttempts: { nodes: Array<{ status: LinkAttemptStatus }> } } | null };

export type WatchedConnectionsQueryVariables = Exact<{
  psuId: string | number;
}>;


export type WatchedConnectionsQuery = { paymentServiceUser: { connections: Array<{ status: BankConnectionStatus }> } | null };

export type WatchedTaskQueryVariables = Exact<{
  id: string | number;
}>;


export type WatchedTaskQuery = { task: { status: TaskStatus } | null };

export type WatchedCreateLinkMutationVariables = Exact<{
  input: CreateLinkInput;
}>;


export type WatchedCreateLinkMutation = { createLink: { link: string, attempt: { id: string } } };

export type WatchedUpdateLinkMutationVariables = Exact<{
  input: UpdateLinkInput;
}>;


export type WatchedUpdateLinkMutation = { updateLink: { link: string, attempt: { id: string } } };

export type WatchedDeleteConnectionMutationVariables = Exact<{
  input: DeleteConnectionInput;
}>;


export type WatchedDeleteConnectionMutation = { deleteConnection: { deletedId: string } };

export type WatchedDeletePsuMutationVariables = Exact<{
  input: DeletePaymentServiceUserInput;
}>;


export type WatchedDeletePsuMutation = { deletePaymentServiceUser: { deletedId: string } };

export type WatchedDeletePsuConnectorMutationVariables = Exact<{
  input: DeletePaymentServiceUserConnectorInput;
}>;


export type WatchedDeletePsuConnectorMutation = { deletePaymentServiceUserConnector: { deletedId: string } };

export type SocketAttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type SocketAttemptSubscription = { linkAttemptChanged: { status: LinkAttemptStatus } };

export type CreateCompleteMutationVariables = Exact<{
  input: CreatePaymentServiceUserInput;
}>;


export type CreateCompleteMutation = { createPaymentServiceUser: { paymentServiceUser: { name: string, metadata: Record<string, string>, contactDetails: { email: string | null, phoneNumber: string | null, locale: string | null } | null, address: { streetName: string | null, streetNumber: string | null, city: string | null, region: string | null, postalCode: string | null, country: string | null } | null } } };

export type BalancesOfAccountsQueryVariables = Exact<{ [key: string]: never; }>;


export type BalancesOfAccountsQuery = { accounts: { nodes: Array<{ accountId: string, balances: Array<{ createdAt: string, lastUpdatedAt: string, amount: { asset: string, amount: string }, account: { accountId: string } }> }> } };

export type BalancesOfAccountQueryVariables = Exact<{
  id: string | number;
  asset?: string | null | undefined;
}>;


export type BalancesOfAccountQuery = { account: { balances: Array<{ createdAt: string, lastUpdatedAt: string, amount: { asset: string, amount: string } }> } | null };

export type HistoryOfAccountQueryVariables = Exact<{
  id: string | number;
  asset?: string | null | undefined;
  from?: string | null | undefined;
  to?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type HistoryOfAccountQuery = { account: { balanceHistory: { nodes: Array<{ createdAt: string, lastUpdatedAt: string, amount: { asset: string, amount: string }, account: { accountId: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type WholeAccountsQueryVariables = Exact<{ [key: string]: never; }>;


export type WholeAccountsQuery = { accounts: { nodes: Array<{ accountId: string, reference: string, name: string | null, type: AccountType, provider: string, defaultAsset: string | null, createdAt: string, metadata: Record<string, string>, raw: unknown, connector: { id: string, name: string, provider: string } | null, connection: { id: string } | null, paymentServiceUser: { id: string } | null }> } };

export type ConnectionsOfUsersQueryVariables = Exact<{ [key: string]: never; }>;


export type ConnectionsOfUsersQuery = { paymentServiceUsers: { nodes: Array<{ psuId: string, accounts: Array<{ accountId: string }>, connections: Array<{ id: string, connectionId: string, status: BankConnectionStatus, error: string | null, createdAt: string, updatedAt: string | null, dataUpdatedAt: string | null, metadata: Record<string, string>, paymentServiceUser: { psuId: string }, connector: { connectorId: string }, accounts: Array<{ accountId: string }> }> }> } };

export type UsersWithConnectionsQueryVariables = Exact<{ [key: string]: never; }>;


export type UsersWithConnectionsQuery = { paymentServiceUsers: { nodes: Array<{ name: string, connections: Array<{ status: BankConnectionStatus, connectionId: string }> }> } };

export type UsersWithAccountsQueryVariables = Exact<{ [key: string]: never; }>;


export type UsersWithAccountsQuery = { paymentServiceUsers: { nodes: Array<{ name: string, accounts: Array<{ name: string | null, connector: { name: string } | null }> }> } };

export type TreeQueryVariables = Exact<{ [key: string]: never; }>;


export type TreeQuery = { paymentServiceUsers: { nodes: Array<{ name: string, accounts: Array<{ id: string }>, connections: Array<{ status: BankConnectionStatus, accounts: Array<{ id: string, name: string | null, balances: Array<{ amount: { decimal: string, currency: string }, account: { name: string | null } }> }> }> }> } };

export type AllAccountsQueryVariables = Exact<{
  first: number;
}>;


export type AllAccountsQuery = { accounts: { nodes: Array<{ id: string, accountId: string }> } };

export type NodesQueryVariables = Exact<{
  ids: Array<string | number> | string | number;
}>;


export type NodesQuery = { nodes: Array<
    | { accountId: string, id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
   | null> };

export type AccountCursorsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: AccountFilter | null | undefined;
}>;


export type AccountCursorsQuery = { accounts: { edges: Array<{ cursor: string }>, nodes: Array<{ accountId: string }> } };

export type DeletePsuMutationVariables = Exact<{
  input: DeletePaymentServiceUserInput;
}>;


export type DeletePsuMutation = { deletePaymentServiceUser: { deletedId: string, task: { id: string, taskId: string, status: TaskStatus, error: string | null, connector: { id: string } | null } } };

export type DeletePsuConnectorMutationVariables = Exact<{
  input: DeletePaymentServiceUserConnectorInput;
}>;


export type DeletePsuConnectorMutation = { deletePaymentServiceUserConnector: { deletedId: string, task: { id: string, status: TaskStatus, error: string | null, connector: { id: string } | null } } };

export type DeleteConnectionMutationVariables = Exact<{
  input: DeleteConnectionInput;
}>;


export type DeleteConnectionMutation = { deleteConnection: { deletedId: string, task: { id: string, status: TaskStatus, error: string | null, connector: { id: string } | null } } };

export type TaskByIdQueryVariables = Exact<{
  id: string | number;
}>;


export type TaskByIdQuery = { task: { id: string, status: TaskStatus, error: string | null, createdAt: string, updatedAt: string } | null };

export type WhatIsLeftQueryVariables = Exact<{
  psu: string | number;
  connection: string | number;
  account: string | number;
}>;


export type WhatIsLeftQuery = { paymentServiceUser: { connections: Array<{ id: string }>, accounts: Array<{ id: string }>, payments: { nodes: Array<{ id: string }> } } | null, connection: { id: string } | null, account: { id: string } | null };

export type FilteredAccountsQueryVariables = Exact<{
  filter?: AccountFilter | null | undefined;
}>;


export type FilteredAccountsQuery = { accounts: { nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean } } };

export type FilteredPaymentsQueryVariables = Exact<{
  filter?: PaymentFilter | null | undefined;
}>;


export type FilteredPaymentsQuery = { payments: { nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean } } };

export type FilteredUsersQueryVariables = Exact<{
  filter?: PaymentServiceUserFilter | null | undefined;
}>;


export type FilteredUsersQuery = { paymentServiceUsers: { nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean } } };

export type FilteredConnectorsQueryVariables = Exact<{
  filter?: ConnectorFilter | null | undefined;
}>;


export type FilteredConnectorsQuery = { connectors: { nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean } } };

export type PaymentsOfUserAndAccountQueryVariables = Exact<{
  psu: string | number;
  account: string | number;
  filter?: PaymentFilter | null | undefined;
}>;


export type PaymentsOfUserAndAccountQuery = { paymentServiceUser: { payments: { nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean } } } | null, account: { payments: { nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean } } } | null };

export type AttemptsByStatusQueryVariables = Exact<{
  psu: string | number;
  connector: string | number;
}>;


export type AttemptsByStatusQuery = { paymentServiceUser: { all: { nodes: Array<{ id: string }> }, pending: { nodes: Array<{ id: string }> }, completed: { nodes: Array<{ id: string }> }, exited: { nodes: Array<{ id: string }> } } | null };

export type EveryIdQueryVariables = Exact<{
  tink: string | number;
  plaid: string | number;
  powens: string | number;
}>;


export type EveryIdQuery = { paymentServiceUsers: { nodes: Array<{ id: string, connections: Array<{ id: string }>, tink: { nodes: Array<{ id: string }> }, plaid: { nodes: Array<{ id: string }> }, powens: { nodes: Array<{ id: string }> } }> }, connectors: { nodes: Array<{ id: string }> }, accounts: { nodes: Array<{ id: string }> }, payments: { nodes: Array<{ id: string }> } };

export type NodesByIdsQueryVariables = Exact<{
  ids: Array<string | number> | string | number;
}>;


export type NodesByIdsQuery = { nodes: Array<
    | { __typename: 'Account', id: string }
    | { __typename: 'BankConnection', id: string }
    | { __typename: 'Connector', id: string }
    | { __typename: 'LinkAttempt', id: string }
    | { __typename: 'Payment', id: string }
    | { __typename: 'PaymentServiceUser', id: string }
    | { __typename: 'Task', id: string }
   | null> };

export type NodeByIdQueryVariables = Exact<{
  id: string | number;
}>;


export type NodeByIdQuery = { node:
    | { __typename: 'Account', id: string }
    | { __typename: 'BankConnection', id: string }
    | { __typename: 'Connector', id: string }
    | { __typename: 'LinkAttempt', id: string }
    | { __typename: 'Payment', id: string }
    | { __typename: 'PaymentServiceUser', id: string }
    | { __typename: 'Task', id: string }
   | null };

export type DeleteForTaskMutationVariables = Exact<{
  connection: string | number;
}>;


export type DeleteForTaskMutation = { deleteConnection: { task: { id: string } } };

export type MineQueryVariables = Exact<{
  connector: string | number;
}>;


export type MineQuery = { viewer: { subject: string | null, paymentServiceUser: { id: string, connections: Array<{ id: string, accounts: Array<{ id: string }>, paymentServiceUser: { id: string } }>, accounts: Array<{ id: string, paymentServiceUser: { id: string } | null, connection: { id: string } | null, balances: Array<{ amount: { decimal: string } }> }>, linkAttempts: { nodes: Array<{ id: string }> }, payments: { nodes: Array<{ id: string }> } } | null }, connectors: { nodes: Array<{ id: string }> }, accounts: { nodes: Array<{ id: string }>, pageInfo: { hasNextPage: boolean } }, payments: { nodes: Array<{ id: string, sourceAccount: { id: string } | null, paymentServiceUser: { id: string } | null }>, pageInfo: { hasNextPage: boolean } } };

export type NodesForViewerQueryVariables = Exact<{
  ids: Array<string | number> | string | number;
}>;


export type NodesForViewerQuery = { nodes: Array<
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
   | null> };

export type CreateLinkMutationVariables = Exact<{
  input: CreateLinkInput;
}>;


export type CreateLinkMutation = { createLink: { link: string, attempt: { id: string, attemptId: string, status: LinkAttemptStatus, error: string | null, clientRedirectUrl: string | null, paymentServiceUser: { psuId: string }, connector: { connectorId: string } } } };

export type UpdateLinkMutationVariables = Exact<{
  input: UpdateLinkInput;
}>;


export type UpdateLinkMutation = { updateLink: { link: string, attempt: { id: string, attemptId: string, status: LinkAttemptStatus, clientRedirectUrl: string | null, paymentServiceUser: { psuId: string }, connector: { connectorId: string } } } };

export type AttemptByIdQueryVariables = Exact<{
  id: string | number;
}>;


export type AttemptByIdQuery = { linkAttempt: { attemptId: string, status: LinkAttemptStatus, error: string | null } | null };

export type ConnectionsAfterLinkQueryVariables = Exact<{
  psu: string | number;
}>;


export type ConnectionsAfterLinkQuery = { paymentServiceUser: { connections: Array<{ status: BankConnectionStatus, error: string | null, connector: { provider: string } }> } | null };

export type MoneyOfQueryVariables = Exact<{
  id: string | number;
  locale?: string | null | undefined;
}>;


export type MoneyOfQuery = { account: { balanceHistory: { nodes: Array<{ amount: { asset: string, currency: string, scale: number, amount: string, decimal: string, formatted: string } }> } } | null };

export type PageOfUsersQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type PageOfUsersQuery = { paymentServiceUsers: { edges: Array<{ cursor: string, node: { key: string } }>, nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type PageOfAccountsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type PageOfAccountsQuery = { accounts: { edges: Array<{ cursor: string, node: { key: string } }>, nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type PageOfPaymentsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type PageOfPaymentsQuery = { payments: { edges: Array<{ cursor: string, node: { key: string } }>, nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type PageOfAttemptsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  psu: string | number;
  connector: string | number;
}>;


export type PageOfAttemptsQuery = { paymentServiceUser: { linkAttempts: { edges: Array<{ cursor: string, node: { key: string } }>, nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } | null };

export type PageOfHistoryQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  account: string | number;
}>;


export type PageOfHistoryQuery = { account: { balanceHistory: { edges: Array<{ cursor: string, node: { key: string } }>, nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } | null };

export type PageOfConnectorsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  name?: string | null | undefined;
}>;


export type PageOfConnectorsQuery = { connectors: { edges: Array<{ cursor: string, node: { key: string } }>, nodes: Array<{ key: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type TwoPagesQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type TwoPagesQuery = { head: { nodes: Array<{ accountId: string }> }, rest: { nodes: Array<{ accountId: string }> }, payments: { nodes: Array<{ paymentId: string }> }, none: { nodes: Array<{ paymentId: string }> } };

export type FailingAccountQueryVariables = Exact<{
  id: string | number;
}>;


export type FailingAccountQuery = { account: { name: string | null } | null };

export type FailingLinkMutationVariables = Exact<{
  input: CreateLinkInput;
}>;


export type FailingLinkMutation = { createLink: { link: string } };

export type TwoUsersQueryVariables = Exact<{
  failing: string | number;
  other: string | number;
}>;


export type TwoUsersQuery = { failing: { name: string, connections: Array<{ connectionId: string }> } | null, other: { name: string, connections: Array<{ connectionId: string }> } | null };

export type AccountsWithConnectionQueryVariables = Exact<{ [key: string]: never; }>;


export type AccountsWithConnectionQuery = { accounts: { nodes: Array<{ accountId: string, connection: { connectionId: string } | null }> } };

export type ConnectionNodesQueryVariables = Exact<{
  ids: Array<string | number> | string | number;
}>;


export type ConnectionNodesQuery = { nodes: Array<
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
    | { id: string }
   | null> };

export type ConnectionIdsQueryVariables = Exact<{
  psuId: string | number;
}>;


export type ConnectionIdsQuery = { paymentServiceUser: { connections: Array<{ id: string }> } | null };

export type TwoBalancesQueryVariables = Exact<{
  failing: string | number;
  other: string | number;
}>;


export type TwoBalancesQuery = { failing: { balances: Array<{ amount: { amount: string } }> } | null, other: { balances: Array<{ amount: { amount: string } }> } | null };

export type RawAccountQueryVariables = Exact<{
  id: string | number;
}>;


export type RawAccountQuery = { account: { raw: unknown } | null };

export type ExactBalancesQueryVariables = Exact<{
  id: string | number;
  asset?: string | null | undefined;
}>;


export type ExactBalancesQuery = { account: { balances: Array<{ amount: { amount: string, decimal: string } }> } | null };

export type ExactPaymentsQueryVariables = Exact<{ [key: string]: never; }>;


export type ExactPaymentsQuery = { payments: { nodes: Array<{ amount: { amount: string, decimal: string }, initialAmount: { amount: string, decimal: string } }> } };

export type WholeListsQueryVariables = Exact<{
  psuId: string | number;
}>;


export type WholeListsQuery = { paymentServiceUser: { accounts: Array<{ accountId: string }>, connections: Array<{ connectionId: string }> } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const CadencePeopleDocument = new TypedDocumentString(`
    query CadencePeople {
  paymentServiceUsers(first: 20) {
    nodes {
      psuId
    }
  }
}
    `) as unknown as TypedDocumentString<CadencePeopleQuery, CadencePeopleQueryVariables>;
export const WatchAttemptDocument = new TypedDocumentString(`
    subscription WatchAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    attemptId
    status
  }
}
    `) as unknown as TypedDocumentString<WatchAttemptSubscription, WatchAttemptSubscriptionVariables>;
export const WatchConnectionsDocument = new TypedDocumentString(`
    subscription WatchConnections($psuId: ID!) {
  connectionChanged(psuId: $psuId) {
    kind
    connection {
      connectionId
      accounts {
        accountId
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WatchConnectionsSubscription, WatchConnectionsSubscriptionVariables>;
export const WatchRawDocument = new TypedDocumentString(`
    subscription WatchRaw($psuId: ID!) {
  connectionChanged(psuId: $psuId) {
    kind
    connection {
      accounts {
        accountId
        raw
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WatchRawSubscription, WatchRawSubscriptionVariables>;
export const WatchTaskDocument = new TypedDocumentString(`
    subscription WatchTask($id: ID!) {
  taskChanged(id: $id) {
    taskId
    status
  }
}
    `) as unknown as TypedDocumentString<WatchTaskSubscription, WatchTaskSubscriptionVariables>;
export const LiveCreateLinkDocument = new TypedDocumentString(`
    mutation LiveCreateLink($input: CreateLinkInput!) {
  createLink(input: $input) {
    link
    attempt {
      id
      attemptId
    }
  }
}
    `) as unknown as TypedDocumentString<LiveCreateLinkMutation, LiveCreateLinkMutationVariables>;
export const DrainedAttemptDocument = new TypedDocumentString(`
    subscription DrainedAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    status
  }
}
    `) as unknown as TypedDocumentString<DrainedAttemptSubscription, DrainedAttemptSubscriptionVariables>;
export const DrainedUsersDocument = new TypedDocumentString(`
    query DrainedUsers {
  paymentServiceUsers(first: 1) {
    nodes {
      name
    }
  }
}
    `) as unknown as TypedDocumentString<DrainedUsersQuery, DrainedUsersQueryVariables>;
export const HealthOfConnectionDocument = new TypedDocumentString(`
    query HealthOfConnection($id: ID!) {
  connection(id: $id) {
    requiredAction
    consentExpiresAt
    isStale
  }
}
    `) as unknown as TypedDocumentString<HealthOfConnectionQuery, HealthOfConnectionQueryVariables>;
export const HealthOfAttemptDocument = new TypedDocumentString(`
    query HealthOfAttempt($id: ID!) {
  linkAttempt(id: $id) {
    status
    isExpired
  }
}
    `) as unknown as TypedDocumentString<HealthOfAttemptQuery, HealthOfAttemptQueryVariables>;
export const HealthUpdateLinkDocument = new TypedDocumentString(`
    mutation HealthUpdateLink($input: UpdateLinkInput!) {
  updateLink(input: $input) {
    link
    attempt {
      id
      attemptId
    }
  }
}
    `) as unknown as TypedDocumentString<HealthUpdateLinkMutation, HealthUpdateLinkMutationVariables>;
export const HealthCreateLinkDocument = new TypedDocumentString(`
    mutation HealthCreateLink($input: CreateLinkInput!) {
  createLink(input: $input) {
    link
    attempt {
      id
      attemptId
    }
  }
}
    `) as unknown as TypedDocumentString<HealthCreateLinkMutation, HealthCreateLinkMutationVariables>;
export const LeakyAttemptDocument = new TypedDocumentString(`
    subscription LeakyAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    status
  }
}
    `) as unknown as TypedDocumentString<LeakyAttemptSubscription, LeakyAttemptSubscriptionVariables>;
export const LeakyConnectionsDocument = new TypedDocumentString(`
    subscription LeakyConnections($psuId: ID!) {
  connectionChanged(psuId: $psuId) {
    kind
    connection {
      accounts {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<LeakyConnectionsSubscription, LeakyConnectionsSubscriptionVariables>;
export const LoadedAttemptDocument = new TypedDocumentString(`
    subscription LoadedAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    attemptId
    status
  }
}
    `) as unknown as TypedDocumentString<LoadedAttemptSubscription, LoadedAttemptSubscriptionVariables>;
export const ManyConnectionsDocument = new TypedDocumentString(`
    subscription ManyConnections($psuId: ID!) {
  connectionChanged(psuId: $psuId) {
    kind
    connectionId
    reason
  }
}
    `) as unknown as TypedDocumentString<ManyConnectionsSubscription, ManyConnectionsSubscriptionVariables>;
export const SseAttemptDocument = new TypedDocumentString(`
    subscription SseAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    status
  }
}
    `) as unknown as TypedDocumentString<SseAttemptSubscription, SseAttemptSubscriptionVariables>;
export const StagedAttemptDocument = new TypedDocumentString(`
    subscription StagedAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    attemptId
    status
    error
    isExpired
  }
}
    `) as unknown as TypedDocumentString<StagedAttemptSubscription, StagedAttemptSubscriptionVariables>;
export const StagedConnectionsDocument = new TypedDocumentString(`
    subscription StagedConnections($psuId: ID!, $connectorId: ID) {
  connectionChanged(psuId: $psuId, connectorId: $connectorId) {
    kind
    connectionId
    at
    reason
    connection {
      id
      status
      error
      createdAt
      updatedAt
      dataUpdatedAt
      consentExpiresAt
      requiredAction
    }
  }
}
    `) as unknown as TypedDocumentString<StagedConnectionsSubscription, StagedConnectionsSubscriptionVariables>;
export const StagedTaskDocument = new TypedDocumentString(`
    subscription StagedTask($id: ID!) {
  taskChanged(id: $id) {
    taskId
    status
    error
  }
}
    `) as unknown as TypedDocumentString<StagedTaskSubscription, StagedTaskSubscriptionVariables>;
export const LiveAttemptDocument = new TypedDocumentString(`
    subscription LiveAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    attemptId
    status
    error
    paymentServiceUser {
      psuId
    }
  }
}
    `) as unknown as TypedDocumentString<LiveAttemptSubscription, LiveAttemptSubscriptionVariables>;
export const LiveConnectionsDocument = new TypedDocumentString(`
    subscription LiveConnections($psuId: ID!, $connectorId: ID) {
  connectionChanged(psuId: $psuId, connectorId: $connectorId) {
    kind
    connectionId
    at
    reason
    connection {
      status
      accounts {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<LiveConnectionsSubscription, LiveConnectionsSubscriptionVariables>;
export const LiveTaskDocument = new TypedDocumentString(`
    subscription LiveTask($id: ID!) {
  taskChanged(id: $id) {
    taskId
    status
  }
}
    `) as unknown as TypedDocumentString<LiveTaskSubscription, LiveTaskSubscriptionVariables>;
export const LiveUpdateLinkDocument = new TypedDocumentString(`
    mutation LiveUpdateLink($input: UpdateLinkInput!) {
  updateLink(input: $input) {
    link
  }
}
    `) as unknown as TypedDocumentString<LiveUpdateLinkMutation, LiveUpdateLinkMutationVariables>;
export const LiveDeleteConnectionDocument = new TypedDocumentString(`
    mutation LiveDeleteConnection($id: ID!) {
  deleteConnection(input: {connectionId: $id}) {
    deletedId
    task {
      id
      taskId
      status
    }
  }
}
    `) as unknown as TypedDocumentString<LiveDeleteConnectionMutation, LiveDeleteConnectionMutationVariables>;
export const LiveUserDocument = new TypedDocumentString(`
    query LiveUser($id: ID!) {
  paymentServiceUser(id: $id) {
    psuId
    name
  }
}
    `) as unknown as TypedDocumentString<LiveUserQuery, LiveUserQueryVariables>;
export const LiveCreateUserDocument = new TypedDocumentString(`
    mutation LiveCreateUser($input: CreatePaymentServiceUserInput!) {
  createPaymentServiceUser(input: $input) {
    paymentServiceUser {
      psuId
      name
    }
  }
}
    `) as unknown as TypedDocumentString<LiveCreateUserMutation, LiveCreateUserMutationVariables>;
export const TruthDeleteConnectionDocument = new TypedDocumentString(`
    mutation TruthDeleteConnection($input: DeleteConnectionInput!) {
  deleteConnection(input: $input) {
    task {
      id
      taskId
    }
  }
}
    `) as unknown as TypedDocumentString<TruthDeleteConnectionMutation, TruthDeleteConnectionMutationVariables>;
export const TruthDeletePsuDocument = new TypedDocumentString(`
    mutation TruthDeletePsu($input: DeletePaymentServiceUserInput!) {
  deletePaymentServiceUser(input: $input) {
    task {
      id
      taskId
    }
  }
}
    `) as unknown as TypedDocumentString<TruthDeletePsuMutation, TruthDeletePsuMutationVariables>;
export const TruthConnectionsDocument = new TypedDocumentString(`
    query TruthConnections($psuId: ID!) {
  paymentServiceUser(id: $psuId) {
    connections {
      id
      status
      error
      createdAt
      updatedAt
      dataUpdatedAt
      consentExpiresAt
      requiredAction
    }
  }
}
    `) as unknown as TypedDocumentString<TruthConnectionsQuery, TruthConnectionsQueryVariables>;
export const TruthTreeDocument = new TypedDocumentString(`
    subscription TruthTree($psuId: ID!, $connectorId: ID) {
  connectionChanged(psuId: $psuId, connectorId: $connectorId) {
    kind
    connection {
      status
      accounts {
        name
      }
      paymentServiceUser {
        connections {
          status
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TruthTreeSubscription, TruthTreeSubscriptionVariables>;
export const WatchedAttemptDocument = new TypedDocumentString(`
    query WatchedAttempt($id: ID!) {
  linkAttempt(id: $id) {
    status
  }
}
    `) as unknown as TypedDocumentString<WatchedAttemptQuery, WatchedAttemptQueryVariables>;
export const WatchedAttemptsDocument = new TypedDocumentString(`
    query WatchedAttempts($psuId: ID!, $connectorId: ID!) {
  paymentServiceUser(id: $psuId) {
    linkAttempts(connectorId: $connectorId, first: 10) {
      nodes {
        status
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WatchedAttemptsQuery, WatchedAttemptsQueryVariables>;
export const WatchedConnectionsDocument = new TypedDocumentString(`
    query WatchedConnections($psuId: ID!) {
  paymentServiceUser(id: $psuId) {
    connections {
      status
    }
  }
}
    `) as unknown as TypedDocumentString<WatchedConnectionsQuery, WatchedConnectionsQueryVariables>;
export const WatchedTaskDocument = new TypedDocumentString(`
    query WatchedTask($id: ID!) {
  task(id: $id) {
    status
  }
}
    `) as unknown as TypedDocumentString<WatchedTaskQuery, WatchedTaskQueryVariables>;
export const WatchedCreateLinkDocument = new TypedDocumentString(`
    mutation WatchedCreateLink($input: CreateLinkInput!) {
  createLink(input: $input) {
    link
    attempt {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<WatchedCreateLinkMutation, WatchedCreateLinkMutationVariables>;
export const WatchedUpdateLinkDocument = new TypedDocumentString(`
    mutation WatchedUpdateLink($input: UpdateLinkInput!) {
  updateLink(input: $input) {
    link
    attempt {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<WatchedUpdateLinkMutation, WatchedUpdateLinkMutationVariables>;
export const WatchedDeleteConnectionDocument = new TypedDocumentString(`
    mutation WatchedDeleteConnection($input: DeleteConnectionInput!) {
  deleteConnection(input: $input) {
    deletedId
  }
}
    `) as unknown as TypedDocumentString<WatchedDeleteConnectionMutation, WatchedDeleteConnectionMutationVariables>;
export const WatchedDeletePsuDocument = new TypedDocumentString(`
    mutation WatchedDeletePsu($input: DeletePaymentServiceUserInput!) {
  deletePaymentServiceUser(input: $input) {
    deletedId
  }
}
    `) as unknown as TypedDocumentString<WatchedDeletePsuMutation, WatchedDeletePsuMutationVariables>;
export const WatchedDeletePsuConnectorDocument = new TypedDocumentString(`
    mutation WatchedDeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {
  deletePaymentServiceUserConnector(input: $input) {
    deletedId
  }
}
    `) as unknown as TypedDocumentString<WatchedDeletePsuConnectorMutation, WatchedDeletePsuConnectorMutationVariables>;
export const SocketAttemptDocument = new TypedDocumentString(`
    subscription SocketAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    status
  }
}
    `) as unknown as TypedDocumentString<SocketAttemptSubscription, SocketAttemptSubscriptionVariables>;
export const CreateCompleteDocument = new TypedDocumentString(`
    mutation CreateComplete($input: CreatePaymentServiceUserInput!) {
  createPaymentServiceUser(input: $input) {
    paymentServiceUser {
      name
      contactDetails {
        email
        phoneNumber
        locale
      }
      address {
        streetName
        streetNumber
        city
        region
        postalCode
        country
      }
      metadata
    }
  }
}
    `) as unknown as TypedDocumentString<CreateCompleteMutation, CreateCompleteMutationVariables>;
export const BalancesOfAccountsDocument = new TypedDocumentString(`
    query BalancesOfAccounts {
  accounts(first: 100) {
    nodes {
      accountId
      balances {
        amount {
          asset
          amount
        }
        createdAt
        lastUpdatedAt
        account {
          accountId
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<BalancesOfAccountsQuery, BalancesOfAccountsQueryVariables>;
export const BalancesOfAccountDocument = new TypedDocumentString(`
    query BalancesOfAccount($id: ID!, $asset: String) {
  account(id: $id) {
    balances(asset: $asset) {
      amount {
        asset
        amount
      }
      createdAt
      lastUpdatedAt
    }
  }
}
    `) as unknown as TypedDocumentString<BalancesOfAccountQuery, BalancesOfAccountQueryVariables>;
export const HistoryOfAccountDocument = new TypedDocumentString(`
    query HistoryOfAccount($id: ID!, $asset: String, $from: DateTime, $to: DateTime, $first: Int, $after: String) {
  account(id: $id) {
    balanceHistory(
      asset: $asset
      from: $from
      to: $to
      first: $first
      after: $after
    ) {
      nodes {
        amount {
          asset
          amount
        }
        createdAt
        lastUpdatedAt
        account {
          accountId
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<HistoryOfAccountQuery, HistoryOfAccountQueryVariables>;
export const WholeAccountsDocument = new TypedDocumentString(`
    query WholeAccounts {
  accounts(first: 100) {
    nodes {
      accountId
      reference
      name
      type
      provider
      defaultAsset
      createdAt
      metadata
      raw
      connector {
        id
        name
        provider
      }
      connection {
        id
      }
      paymentServiceUser {
        id
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WholeAccountsQuery, WholeAccountsQueryVariables>;
export const ConnectionsOfUsersDocument = new TypedDocumentString(`
    query ConnectionsOfUsers {
  paymentServiceUsers(first: 100) {
    nodes {
      psuId
      accounts {
        accountId
      }
      connections {
        id
        connectionId
        status
        error
        createdAt
        updatedAt
        dataUpdatedAt
        metadata
        paymentServiceUser {
          psuId
        }
        connector {
          connectorId
        }
        accounts {
          accountId
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ConnectionsOfUsersQuery, ConnectionsOfUsersQueryVariables>;
export const UsersWithConnectionsDocument = new TypedDocumentString(`
    query UsersWithConnections {
  paymentServiceUsers(first: 20) {
    nodes {
      name
      connections {
        status
        connectionId
      }
    }
  }
}
    `) as unknown as TypedDocumentString<UsersWithConnectionsQuery, UsersWithConnectionsQueryVariables>;
export const UsersWithAccountsDocument = new TypedDocumentString(`
    query UsersWithAccounts {
  paymentServiceUsers(first: 20) {
    nodes {
      name
      accounts {
        name
        connector {
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<UsersWithAccountsQuery, UsersWithAccountsQueryVariables>;
export const TreeDocument = new TypedDocumentString(`
    query Tree {
  paymentServiceUsers(first: 20) {
    nodes {
      name
      accounts {
        id
      }
      connections {
        status
        accounts {
          id
          name
          balances {
            amount {
              decimal
              currency
            }
            account {
              name
            }
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TreeQuery, TreeQueryVariables>;
export const AllAccountsDocument = new TypedDocumentString(`
    query AllAccounts($first: Int!) {
  accounts(first: $first) {
    nodes {
      id
      accountId
    }
  }
}
    `) as unknown as TypedDocumentString<AllAccountsQuery, AllAccountsQueryVariables>;
export const NodesDocument = new TypedDocumentString(`
    query Nodes($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
    ... on Account {
      accountId
    }
  }
}
    `) as unknown as TypedDocumentString<NodesQuery, NodesQueryVariables>;
export const AccountCursorsDocument = new TypedDocumentString(`
    query AccountCursors($first: Int, $after: String, $filter: AccountFilter) {
  accounts(first: $first, after: $after, filter: $filter) {
    edges {
      cursor
    }
    nodes {
      accountId
    }
  }
}
    `) as unknown as TypedDocumentString<AccountCursorsQuery, AccountCursorsQueryVariables>;
export const DeletePsuDocument = new TypedDocumentString(`
    mutation DeletePsu($input: DeletePaymentServiceUserInput!) {
  deletePaymentServiceUser(input: $input) {
    deletedId
    task {
      id
      taskId
      status
      error
      connector {
        id
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DeletePsuMutation, DeletePsuMutationVariables>;
export const DeletePsuConnectorDocument = new TypedDocumentString(`
    mutation DeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {
  deletePaymentServiceUserConnector(input: $input) {
    deletedId
    task {
      id
      status
      error
      connector {
        id
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DeletePsuConnectorMutation, DeletePsuConnectorMutationVariables>;
export const DeleteConnectionDocument = new TypedDocumentString(`
    mutation DeleteConnection($input: DeleteConnectionInput!) {
  deleteConnection(input: $input) {
    deletedId
    task {
      id
      status
      error
      connector {
        id
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteConnectionMutation, DeleteConnectionMutationVariables>;
export const TaskByIdDocument = new TypedDocumentString(`
    query TaskById($id: ID!) {
  task(id: $id) {
    id
    status
    error
    createdAt
    updatedAt
  }
}
    `) as unknown as TypedDocumentString<TaskByIdQuery, TaskByIdQueryVariables>;
export const WhatIsLeftDocument = new TypedDocumentString(`
    query WhatIsLeft($psu: ID!, $connection: ID!, $account: ID!) {
  paymentServiceUser(id: $psu) {
    connections {
      id
    }
    accounts {
      id
    }
    payments(first: 1) {
      nodes {
        id
      }
    }
  }
  connection(id: $connection) {
    id
  }
  account(id: $account) {
    id
  }
}
    `) as unknown as TypedDocumentString<WhatIsLeftQuery, WhatIsLeftQueryVariables>;
export const FilteredAccountsDocument = new TypedDocumentString(`
    query FilteredAccounts($filter: AccountFilter) {
  accounts(first: 100, filter: $filter) {
    nodes {
      key: accountId
    }
    pageInfo {
      hasNextPage
    }
  }
}
    `) as unknown as TypedDocumentString<FilteredAccountsQuery, FilteredAccountsQueryVariables>;
export const FilteredPaymentsDocument = new TypedDocumentString(`
    query FilteredPayments($filter: PaymentFilter) {
  payments(first: 100, filter: $filter) {
    nodes {
      key: paymentId
    }
    pageInfo {
      hasNextPage
    }
  }
}
    `) as unknown as TypedDocumentString<FilteredPaymentsQuery, FilteredPaymentsQueryVariables>;
export const FilteredUsersDocument = new TypedDocumentString(`
    query FilteredUsers($filter: PaymentServiceUserFilter) {
  paymentServiceUsers(first: 100, filter: $filter) {
    nodes {
      key: psuId
    }
    pageInfo {
      hasNextPage
    }
  }
}
    `) as unknown as TypedDocumentString<FilteredUsersQuery, FilteredUsersQueryVariables>;
export const FilteredConnectorsDocument = new TypedDocumentString(`
    query FilteredConnectors($filter: ConnectorFilter) {
  connectors(first: 100, filter: $filter) {
    nodes {
      key: connectorId
    }
    pageInfo {
      hasNextPage
    }
  }
}
    `) as unknown as TypedDocumentString<FilteredConnectorsQuery, FilteredConnectorsQueryVariables>;
export const PaymentsOfUserAndAccountDocument = new TypedDocumentString(`
    query PaymentsOfUserAndAccount($psu: ID!, $account: ID!, $filter: PaymentFilter) {
  paymentServiceUser(id: $psu) {
    payments(first: 100, filter: $filter) {
      nodes {
        key: paymentId
      }
      pageInfo {
        hasNextPage
      }
    }
  }
  account(id: $account) {
    payments(first: 100, filter: $filter) {
      nodes {
        key: paymentId
      }
      pageInfo {
        hasNextPage
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PaymentsOfUserAndAccountQuery, PaymentsOfUserAndAccountQueryVariables>;
export const AttemptsByStatusDocument = new TypedDocumentString(`
    query AttemptsByStatus($psu: ID!, $connector: ID!) {
  paymentServiceUser(id: $psu) {
    all: linkAttempts(connectorId: $connector) {
      nodes {
        id
      }
    }
    pending: linkAttempts(connectorId: $connector, status: PENDING) {
      nodes {
        id
      }
    }
    completed: linkAttempts(connectorId: $connector, status: COMPLETED) {
      nodes {
        id
      }
    }
    exited: linkAttempts(connectorId: $connector, status: EXITED) {
      nodes {
        id
      }
    }
  }
}
    `) as unknown as TypedDocumentString<AttemptsByStatusQuery, AttemptsByStatusQueryVariables>;
export const EveryIdDocument = new TypedDocumentString(`
    query EveryId($tink: ID!, $plaid: ID!, $powens: ID!) {
  paymentServiceUsers(first: 100) {
    nodes {
      id
      connections {
        id
      }
      tink: linkAttempts(connectorId: $tink, first: 100) {
        nodes {
          id
        }
      }
      plaid: linkAttempts(connectorId: $plaid, first: 100) {
        nodes {
          id
        }
      }
      powens: linkAttempts(connectorId: $powens, first: 100) {
        nodes {
          id
        }
      }
    }
  }
  connectors {
    nodes {
      id
    }
  }
  accounts(first: 100) {
    nodes {
      id
    }
  }
  payments(first: 100) {
    nodes {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<EveryIdQuery, EveryIdQueryVariables>;
export const NodesByIdsDocument = new TypedDocumentString(`
    query NodesByIds($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    id
  }
}
    `) as unknown as TypedDocumentString<NodesByIdsQuery, NodesByIdsQueryVariables>;
export const NodeByIdDocument = new TypedDocumentString(`
    query NodeById($id: ID!) {
  node(id: $id) {
    __typename
    id
  }
}
    `) as unknown as TypedDocumentString<NodeByIdQuery, NodeByIdQueryVariables>;
export const DeleteForTaskDocument = new TypedDocumentString(`
    mutation DeleteForTask($connection: ID!) {
  deleteConnection(input: {connectionId: $connection}) {
    task {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteForTaskMutation, DeleteForTaskMutationVariables>;
export const MineDocument = new TypedDocumentString(`
    query Mine($connector: ID!) {
  viewer {
    subject
    paymentServiceUser {
      id
      connections {
        id
        accounts {
          id
        }
        paymentServiceUser {
          id
        }
      }
      accounts {
        id
        paymentServiceUser {
          id
        }
        connection {
          id
        }
        balances {
          amount {
            decimal
          }
        }
      }
      linkAttempts(connectorId: $connector) {
        nodes {
          id
        }
      }
      payments(first: 100) {
        nodes {
          id
        }
      }
    }
  }
  connectors {
    nodes {
      id
    }
  }
  accounts(first: 100) {
    nodes {
      id
    }
    pageInfo {
      hasNextPage
    }
  }
  payments(first: 100) {
    nodes {
      id
      sourceAccount {
        id
      }
      paymentServiceUser {
        id
      }
    }
    pageInfo {
      hasNextPage
    }
  }
}
    `) as unknown as TypedDocumentString<MineQuery, MineQueryVariables>;
export const NodesForViewerDocument = new TypedDocumentString(`
    query NodesForViewer($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
  }
}
    `) as unknown as TypedDocumentString<NodesForViewerQuery, NodesForViewerQueryVariables>;
export const CreateLinkDocument = new TypedDocumentString(`
    mutation CreateLink($input: CreateLinkInput!) {
  createLink(input: $input) {
    link
    attempt {
      id
      attemptId
      status
      error
      clientRedirectUrl
      paymentServiceUser {
        psuId
      }
      connector {
        connectorId
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CreateLinkMutation, CreateLinkMutationVariables>;
export const UpdateLinkDocument = new TypedDocumentString(`
    mutation UpdateLink($input: UpdateLinkInput!) {
  updateLink(input: $input) {
    link
    attempt {
      id
      attemptId
      status
      clientRedirectUrl
      paymentServiceUser {
        psuId
      }
      connector {
        connectorId
      }
    }
  }
}
    `) as unknown as TypedDocumentString<UpdateLinkMutation, UpdateLinkMutationVariables>;
export const AttemptByIdDocument = new TypedDocumentString(`
    query AttemptById($id: ID!) {
  linkAttempt(id: $id) {
    attemptId
    status
    error
  }
}
    `) as unknown as TypedDocumentString<AttemptByIdQuery, AttemptByIdQueryVariables>;
export const ConnectionsAfterLinkDocument = new TypedDocumentString(`
    query ConnectionsAfterLink($psu: ID!) {
  paymentServiceUser(id: $psu) {
    connections {
      status
      error
      connector {
        provider
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ConnectionsAfterLinkQuery, ConnectionsAfterLinkQueryVariables>;
export const MoneyOfDocument = new TypedDocumentString(`
    query MoneyOf($id: ID!, $locale: String) {
  account(id: $id) {
    balanceHistory(first: 100) {
      nodes {
        amount {
          asset
          currency
          scale
          amount
          decimal
          formatted(locale: $locale)
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MoneyOfQuery, MoneyOfQueryVariables>;
export const PageOfUsersDocument = new TypedDocumentString(`
    query PageOfUsers($first: Int, $after: String) {
  paymentServiceUsers(first: $first, after: $after) {
    edges {
      cursor
      node {
        key: psuId
      }
    }
    nodes {
      key: psuId
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<PageOfUsersQuery, PageOfUsersQueryVariables>;
export const PageOfAccountsDocument = new TypedDocumentString(`
    query PageOfAccounts($first: Int, $after: String) {
  accounts(first: $first, after: $after) {
    edges {
      cursor
      node {
        key: accountId
      }
    }
    nodes {
      key: accountId
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<PageOfAccountsQuery, PageOfAccountsQueryVariables>;
export const PageOfPaymentsDocument = new TypedDocumentString(`
    query PageOfPayments($first: Int, $after: String) {
  payments(first: $first, after: $after) {
    edges {
      cursor
      node {
        key: paymentId
      }
    }
    nodes {
      key: paymentId
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<PageOfPaymentsQuery, PageOfPaymentsQueryVariables>;
export const PageOfAttemptsDocument = new TypedDocumentString(`
    query PageOfAttempts($first: Int, $after: String, $psu: ID!, $connector: ID!) {
  paymentServiceUser(id: $psu) {
    linkAttempts(
      connectorId: $connector
      status: PENDING
      first: $first
      after: $after
    ) {
      edges {
        cursor
        node {
          key: attemptId
        }
      }
      nodes {
        key: attemptId
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PageOfAttemptsQuery, PageOfAttemptsQueryVariables>;
export const PageOfHistoryDocument = new TypedDocumentString(`
    query PageOfHistory($first: Int, $after: String, $account: ID!) {
  account(id: $account) {
    balanceHistory(first: $first, after: $after) {
      edges {
        cursor
        node {
          key: createdAt
        }
      }
      nodes {
        key: createdAt
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PageOfHistoryQuery, PageOfHistoryQueryVariables>;
export const PageOfConnectorsDocument = new TypedDocumentString(`
    query PageOfConnectors($first: Int, $after: String, $name: String) {
  connectors(first: $first, after: $after, filter: {name: $name}) {
    edges {
      cursor
      node {
        key: connectorId
      }
    }
    nodes {
      key: connectorId
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<PageOfConnectorsQuery, PageOfConnectorsQueryVariables>;
export const TwoPagesDocument = new TypedDocumentString(`
    query TwoPages($after: String) {
  head: accounts(first: 2) {
    nodes {
      accountId
    }
  }
  rest: accounts(first: 3, after: $after) {
    nodes {
      accountId
    }
  }
  payments(first: 1) {
    nodes {
      paymentId
    }
  }
  none: payments(first: 1, filter: {status: "NONE"}) {
    nodes {
      paymentId
    }
  }
}
    `) as unknown as TypedDocumentString<TwoPagesQuery, TwoPagesQueryVariables>;
export const FailingAccountDocument = new TypedDocumentString(`
    query FailingAccount($id: ID!) {
  account(id: $id) {
    name
  }
}
    `) as unknown as TypedDocumentString<FailingAccountQuery, FailingAccountQueryVariables>;
export const FailingLinkDocument = new TypedDocumentString(`
    mutation FailingLink($input: CreateLinkInput!) {
  createLink(input: $input) {
    link
  }
}
    `) as unknown as TypedDocumentString<FailingLinkMutation, FailingLinkMutationVariables>;
export const TwoUsersDocument = new TypedDocumentString(`
    query TwoUsers($failing: ID!, $other: ID!) {
  failing: paymentServiceUser(id: $failing) {
    name
    connections {
      connectionId
    }
  }
  other: paymentServiceUser(id: $other) {
    name
    connections {
      connectionId
    }
  }
}
    `) as unknown as TypedDocumentString<TwoUsersQuery, TwoUsersQueryVariables>;
export const AccountsWithConnectionDocument = new TypedDocumentString(`
    query AccountsWithConnection {
  accounts(first: 100) {
    nodes {
      accountId
      connection {
        connectionId
      }
    }
  }
}
    `) as unknown as TypedDocumentString<AccountsWithConnectionQuery, AccountsWithConnectionQueryVariables>;
export const ConnectionNodesDocument = new TypedDocumentString(`
    query ConnectionNodes($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
  }
}
    `) as unknown as TypedDocumentString<ConnectionNodesQuery, ConnectionNodesQueryVariables>;
export const ConnectionIdsDocument = new TypedDocumentString(`
    query ConnectionIds($psuId: ID!) {
  paymentServiceUser(id: $psuId) {
    connections {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<ConnectionIdsQuery, ConnectionIdsQueryVariables>;
export const TwoBalancesDocument = new TypedDocumentString(`
    query TwoBalances($failing: ID!, $other: ID!) {
  failing: account(id: $failing) {
    balances {
      amount {
        amount
      }
    }
  }
  other: account(id: $other) {
    balances {
      amount {
        amount
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TwoBalancesQuery, TwoBalancesQueryVariables>;
export const RawAccountDocument = new TypedDocumentString(`
    query RawAccount($id: ID!) {
  account(id: $id) {
    raw
  }
}
    `) as unknown as TypedDocumentString<RawAccountQuery, RawAccountQueryVariables>;
export const ExactBalancesDocument = new TypedDocumentString(`
    query ExactBalances($id: ID!, $asset: String) {
  account(id: $id) {
    balances(asset: $asset) {
      amount {
        amount
        decimal
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ExactBalancesQuery, ExactBalancesQueryVariables>;
export const ExactPaymentsDocument = new TypedDocumentString(`
    query ExactPayments {
  payments {
    nodes {
      amount {
        amount
        decimal
      }
      initialAmount {
        amount
        decimal
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ExactPaymentsQuery, ExactPaymentsQueryVariables>;
export const WholeListsDocument = new TypedDocumentString(`
    query WholeLists($psuId: ID!) {
  paymentServiceUser(id: $psuId) {
    accounts {
      accountId
    }
    connections {
      connectionId
    }
  }
}
    `) as unknown as TypedDocumentString<WholeListsQuery, WholeListsQueryVariables>;