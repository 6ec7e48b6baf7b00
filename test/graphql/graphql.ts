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
  /** A global id, or the upstream's connector id. */
  connectorId?: string | number | null | undefined;
  /** With its scale: "USD/2". */
  defaultAsset?: string | null | undefined;
  /** Every given entry is among the account's metadata. */
  metadata?: Record<string, unknown> | null | undefined;
  name?: string | null | undefined;
  /** A global id, or the upstream's PSU id. */
  psuId?: string | number | null | undefined;
  /** The provider's own id. */
  reference?: string | null | undefined;
  /** Only connected ones, or only counterparties'. */
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
  /** Only those by which users can connect banks, or only the others. */
  canLink?: boolean | null | undefined;
  name?: string | null | undefined;
  /** The kind of provider: "plaid". */
  provider?: string | null | undefined;
};

/** What a provider refuses a user or a link without. */
export type ConnectorNeed =
  /** The `applicationName` of `createLink` and `updateLink`. */
  | 'APPLICATION_NAME'
  /** The user's `address.country`. */
  | 'COUNTRY'
  /** The user's `contactDetails.locale`. */
  | 'LOCALE';

/** How to reach a PSU. Plaid and Tink require the locale. */
export type ContactDetailsInput = {
  email?: string | null | undefined;
  /** A language and a region: "en_GB". Tink takes only its own list, written with an underscore. */
  locale?: string | null | undefined;
  /** With its country code: "+33123456789". */
  phoneNumber?: string | null | undefined;
};

/** Who is to connect a bank, and how. */
export type CreateLinkInput = {
  /** The name that the provider shows to the user; some providers require it. */
  applicationName?: string | null | undefined;
  /** Where the user is sent back to: https, or http on localhost. In it, `{attemptId}` and `{id}` become the attempt's own; nothing else is added. */
  clientRedirectUrl: string;
  /** A global id, or the upstream's connector id. */
  connectorId: string | number;
  /** The same key gives the same attempt while that is pending, so that you can send it again after a lost answer; CONFLICT afterwards. */
  idempotencyKey?: string | null | undefined;
  /** A global id, or the upstream's PSU id. */
  psuId: string | number;
};

/** A new PSU. */
export type CreatePaymentServiceUserInput = {
  address?: AddressInput | null | undefined;
  contactDetails?: ContactDetailsInput | null | undefined;
  /** Notes of your own, such as your id of the user. */
  metadata?: Record<string, unknown> | null | undefined;
  /** From 1 to 1000 characters. */
  name: string;
};

/** Which connection is to end. */
export type DeleteConnectionInput = {
  /** The connection's global id. */
  connectionId: string | number;
};

/** Which PSU is to be removed from which connector. */
export type DeletePaymentServiceUserConnectorInput = {
  /** A global id, or the upstream's connector id. */
  connectorId: string | number;
  /** A global id, or the upstream's PSU id. */
  psuId: string | number;
};

/** Which PSU is to be deleted. */
export type DeletePaymentServiceUserInput = {
  /** A global id, or the upstream's PSU id. */
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

/** Which way money went, seen from the user. */
export type PaymentDirection =
  /** The user got it. */
  | 'IN'
  /** The user paid it. */
  | 'OUT';

/** Which payments; all given fields must hold. */
export type PaymentFilter = {
  /** From or to this account: a global id, or the upstream's account id. */
  accountId?: string | number | null | undefined;
  /** With its scale: "USD/2". */
  asset?: string | null | undefined;
  /** A connection's global id. */
  connectionId?: string | number | null | undefined;
  /** A global id, or the upstream's connector id. */
  connectorId?: string | number | null | undefined;
  /** Only payments whose `createdAt` is this time or later. The last page may be empty. */
  createdFrom?: string | null | undefined;
  /** To this account: a global id, or the upstream's account id. */
  destinationAccountId?: string | number | null | undefined;
  /** As `minAmount`. */
  maxAmount?: string | null | undefined;
  /** Every given entry is among the payment's metadata. */
  metadata?: Record<string, unknown> | null | undefined;
  /** In minor units of `asset`, which must be given: "1000" with "EUR/2" is 10 euros. Whichever way it went. */
  minAmount?: string | null | undefined;
  /** Only payments for which not all of these fields hold. It takes no users, connections, accounts or times, and no further `not`. */
  not?: PaymentFilter | null | undefined;
  /** A global id, or the upstream's PSU id. */
  psuId?: string | number | null | undefined;
  /** The provider's own id. */
  reference?: string | null | undefined;
  /** Any of these; 50 at the most. */
  schemes?: Array<PaymentScheme> | null | undefined;
  /** From this account: a global id, or the upstream's account id. */
  sourceAccountId?: string | number | null | undefined;
  /** Any of these; 50 at the most. */
  statuses?: Array<PaymentStatus> | null | undefined;
  /** Any of these; 50 at the most. */
  types?: Array<PaymentType> | null | undefined;
};

/** By which rails money moved. */
export type PaymentScheme =
  /** From account to account. */
  | 'A2A'
  /** ACH, of any kind. */
  | 'ACH'
  /** An ACH debit. */
  | 'ACH_DEBIT'
  /** Apple Pay. */
  | 'APPLE_PAY'
  /** Alipay. */
  | 'CARD_ALIPAY'
  /** An American Express card. */
  | 'CARD_AMEX'
  /** A card of China UnionPay. */
  | 'CARD_CUP'
  /** A Diners Club card. */
  | 'CARD_DINERS'
  /** A Discover card. */
  | 'CARD_DISCOVER'
  /** A JCB card. */
  | 'CARD_JCB'
  /** A Mastercard. */
  | 'CARD_MASTERCARD'
  /** A UnionPay card. */
  | 'CARD_UNION_PAY'
  /** A Visa card. */
  | 'CARD_VISA'
  /** DOKU. */
  | 'DOKU'
  /** Dragonpay. */
  | 'DRAGON_PAY'
  /** Google Pay. */
  | 'GOOGLE_PAY'
  /** A Maestro card. */
  | 'MAESTRO'
  /** MOLPay. */
  | 'MOL_PAY'
  /** Every payment of Plaid, Tink and Powens has it. */
  | 'OTHER'
  /** A value that this graph does not know yet: see `schemeText`. */
  | 'OTHER_VALUE'
  /** The RTP network. */
  | 'RTP'
  /** SEPA, of any kind. */
  | 'SEPA'
  /** A SEPA credit transfer. */
  | 'SEPA_CREDIT'
  /** A SEPA direct debit. */
  | 'SEPA_DEBIT'
  /** The provider does not say. */
  | 'UNKNOWN';

/** Which PSUs; all given fields must hold. */
export type PaymentServiceUserFilter = {
  /** Any of these, by global id or PSU id; 50 at the most. */
  ids?: Array<string | number> | null | undefined;
  /** Every given entry is among the PSU's metadata. */
  metadata?: Record<string, unknown> | null | undefined;
};

/** How far a payment has come, as the payments stack states it. For whether a bank has booked it, see `isPending`. */
export type PaymentStatus =
  /** Its amount has changed. */
  | 'AMOUNT_ADJUSTMENT'
  /** Authorised, and not captured yet. */
  | 'AUTHORISATION'
  /** Called off before it was done. */
  | 'CANCELLED'
  /** Captured after its authorisation. */
  | 'CAPTURE'
  /** Authorised, and its capture failed. */
  | 'CAPTURE_FAILED'
  /** The payer disputes it. */
  | 'DISPUTE'
  /** A dispute ended, and the payment was taken back. */
  | 'DISPUTE_LOST'
  /** A dispute ended, and the payment stands. */
  | 'DISPUTE_WON'
  /** Not done in time. */
  | 'EXPIRED'
  /** Not done, and it will not be. */
  | 'FAILED'
  /** The provider's state has no counterpart here. */
  | 'OTHER'
  /** A value that this graph does not know yet: see `statusText`. */
  | 'OTHER_VALUE'
  /** Not booked yet. */
  | 'PENDING'
  /** Paid back, whole or in part. */
  | 'REFUNDED'
  /** A refund failed. */
  | 'REFUNDED_FAILURE'
  /** A refund was taken back. */
  | 'REFUND_REVERSED'
  /** Done. Of some providers (Plaid) pending payments have it, too. */
  | 'SUCCEEDED'
  /** The provider does not say. */
  | 'UNKNOWN';

/** Of which kind a payment is. */
export type PaymentType =
  /** Of another kind. */
  | 'OTHER'
  /** A value that this graph does not know yet: see `typeText`. */
  | 'OTHER_VALUE'
  /** Money that went out. */
  | 'PAYOUT'
  /** Money that came in. */
  | 'PAY_IN'
  /** Between two accounts. */
  | 'TRANSFER'
  /** The provider does not say. */
  | 'UNKNOWN';

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

/** Which connection is to be repaired or renewed, and how. */
export type UpdateLinkInput = {
  /** The name that the provider shows to the user; some providers require it. */
  applicationName?: string | null | undefined;
  /** Where the user is sent back to: https, or http on localhost. In it, `{attemptId}` and `{id}` become the attempt's own; nothing else is added. */
  clientRedirectUrl: string;
  /** The connection's global id. */
  connectionId: string | number;
  /** The same key gives the same attempt while that is pending, so that you can send it again after a lost answer; CONFLICT afterwards. */
  idempotencyKey?: string | null | undefined;
};

export type WatchOwnSubscriptionVariables = Exact<{
  psuId: string | number;
}>;


export type WatchOwnSubscription = { connectionChanged: { kind: BankConnectionChangeKind } };

export type SameConnectionsSubscriptionVariables = Exact<{
  psuId: string | number;
}>;


export type SameConnectionsSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connection: { accounts: Array<{ accountId: string }> } | null } };

export type SameRawSubscriptionVariables = Exact<{
  psuId: string | number;
}>;


export type SameRawSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connection: { accounts: Array<{ accountId: string, raw: unknown }> } | null } };

export type TrustedViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type TrustedViewerQuery = { viewer: { subject: string | null } };

export type TrustedWatchSubscriptionVariables = Exact<{
  psuId: string | number;
}>;


export type TrustedWatchSubscription = { connectionChanged: { kind: BankConnectionChangeKind } };

export type TrustedCreateMutationVariables = Exact<{
  name: string;
}>;


export type TrustedCreateMutation = { createPaymentServiceUser: { paymentServiceUser: { name: string } } };

export type DrainedAttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type DrainedAttemptSubscription = { linkAttemptChanged: { status: LinkAttemptStatus } };

export type DrainedUsersQueryVariables = Exact<{ [key: string]: never; }>;


export type DrainedUsersQuery = { paymentServiceUsers: { nodes: Array<{ name: string }> } };

export type ManyConnectionsSubscriptionVariables = Exact<{
  psuId: string | number;
}>;


export type ManyConnectionsSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connectionId: string, reason: string | null } };

export type SseAttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type SseAttemptSubscription = { linkAttemptChanged: { status: LinkAttemptStatus } };

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

export type SocketAttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type SocketAttemptSubscription = { linkAttemptChanged: { status: LinkAttemptStatus } };

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

export type AgingSubscriptionVariables = Exact<{
  psuId: string | number;
  connectorId?: string | number | null | undefined;
}>;


export type AgingSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connection: { requiredAction: RequiredAction, isStale: boolean | null } | null } };

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

export type FirstDataSubscriptionVariables = Exact<{
  psuId: string | number;
  connectorId?: string | number | null | undefined;
}>;


export type FirstDataSubscription = { connectionChanged: { kind: BankConnectionChangeKind, at: string, connectionId: string, connection: { requiredAction: RequiredAction, dataUpdatedAt: string | null, isStale: boolean | null, accounts: Array<{ id: string }>, paymentServiceUser: { accounts: Array<{ id: string }> } } | null } };

export type KindsSubscriptionVariables = Exact<{
  psuId: string | number;
  connectorId?: string | number | null | undefined;
}>;


export type KindsSubscription = { connectionChanged: { kind: BankConnectionChangeKind } };

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

export type TruthTreeSubscriptionVariables = Exact<{
  psuId: string | number;
  connectorId?: string | number | null | undefined;
}>;


export type TruthTreeSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connection: { status: BankConnectionStatus, accounts: Array<{ name: string | null }>, paymentServiceUser: { connections: Array<{ status: BankConnectionStatus }> } } | null } };

export type CreateReaderMutationVariables = Exact<{
  input: CreatePaymentServiceUserInput;
}>;


export type CreateReaderMutation = { createPaymentServiceUser: { paymentServiceUser: { id: string, psuId: string } } };

export type ForwardReaderMutationVariables = Exact<{
  psuId: string | number;
  connectorId: string | number;
}>;


export type ForwardReaderMutation = { forwardPaymentServiceUser: { connector: { name: string } } };

export type RemoveReaderMutationVariables = Exact<{
  psuId: string | number;
  connectorId: string | number;
}>;


export type RemoveReaderMutation = { deletePaymentServiceUserConnector: { task: { id: string } } };

export type LinkReaderMutationVariables = Exact<{
  psuId: string | number;
  connectorId: string | number;
}>;


export type LinkReaderMutation = { createLink: { link: string, attempt: { id: string } } };

export type ReaderBanksQueryVariables = Exact<{
  psuId: string | number;
}>;


export type ReaderBanksQuery = { paymentServiceUser: { connections: Array<{ id: string, accounts: Array<{ id: string, name: string | null }> }> } | null };

export type CreateCompleteMutationVariables = Exact<{
  input: CreatePaymentServiceUserInput;
}>;


export type CreateCompleteMutation = { createPaymentServiceUser: { paymentServiceUser: { name: string, metadata: Record<string, string>, contactDetails: { email: string | null, phoneNumber: string | null, locale: string | null } | null, address: { streetName: string | null, streetNumber: string | null, city: string | null, region: string | null, postalCode: string | null, country: string | null } | null } } };

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
    | { id: string }
   | null> };

export type AccountCursorsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: AccountFilter | null | undefined;
}>;


export type AccountCursorsQuery = { accounts: { edges: Array<{ cursor: string }>, nodes: Array<{ accountId: string }> } };

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
    | { __typename: 'BankAccount', id: string }
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
    | { __typename: 'BankAccount', id: string }
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
    | { id: string }
   | null> };

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

export type ConnectorNameQueryVariables = Exact<{
  id: string | number;
}>;


export type ConnectorNameQuery = { connector: { name: string } | null };

export type ConnectorNamesQueryVariables = Exact<{ [key: string]: never; }>;


export type ConnectorNamesQuery = { connectors: { nodes: Array<{ id: string, name: string }> } };

export type LinkFieldsQueryVariables = Exact<{
  filter?: ConnectorFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type LinkFieldsQuery = { connectors: { nodes: Array<{ name: string, provider: string, canLink: boolean, needs: Array<ConnectorNeed>, capabilities: Array<string>, isBeingRemoved: boolean }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

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

export type FollowedTaskSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type FollowedTaskSubscription = { taskChanged: { status: TaskStatus } };

export type WhatIsLeftQueryVariables = Exact<{
  psu: string | number;
  connection: string | number;
  account: string | number;
}>;


export type WhatIsLeftQuery = { paymentServiceUser: { connections: Array<{ id: string }>, accounts: Array<{ id: string }>, payments: { nodes: Array<{ id: string }> } } | null, connection: { id: string } | null, account: { id: string } | null };

export type AttemptsOfAllQueryVariables = Exact<{
  psu: string | number;
  connector?: string | number | null | undefined;
  statuses?: Array<LinkAttemptStatus> | LinkAttemptStatus | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type AttemptsOfAllQuery = { paymentServiceUser: { linkAttempts: { edges: Array<{ cursor: string, node: { attemptId: string, status: LinkAttemptStatus } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, endCursor: string | null } } } | null };

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

export type FoundPaymentsQueryVariables = Exact<{
  filter?: PaymentFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type FoundPaymentsQuery = { payments: { nodes: Array<{ paymentId: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type PaymentInFullQueryVariables = Exact<{
  id: string | number;
}>;


export type PaymentInFullQuery = { payment: { type: PaymentType, typeText: string, status: PaymentStatus, statusText: string, scheme: PaymentScheme, schemeText: string, direction: PaymentDirection | null, isPending: boolean | null, description: string | null, bookedOn: string | null, valueOn: string | null, occurredAt: string | null, amount: { asset: string, amount: string }, initialAmount: { asset: string, amount: string, decimal: string }, counterparty: { name: string | null, logoUrl: string | null, website: string | null } | null, category: { name: string, detailed: string | null, source: string } | null, adjustments: Array<{ status: PaymentStatus, statusText: string, createdAt: string, raw: unknown, amount: { asset: string, amount: string } | null }> | null } | null };

export type PaymentsInFullQueryVariables = Exact<{
  first?: number | null | undefined;
}>;


export type PaymentsInFullQuery = { payments: { nodes: Array<{ paymentId: string, isPending: boolean | null, description: string | null, bookedOn: string | null, valueOn: string | null, occurredAt: string | null, counterparty: { name: string | null } | null, category: { name: string } | null, adjustments: Array<{ id: string, createdAt: string }> | null }> } };

export type PlainPaymentsQueryVariables = Exact<{
  first?: number | null | undefined;
}>;


export type PlainPaymentsQuery = { payments: { nodes: Array<{ paymentId: string, type: PaymentType, status: PaymentStatus, scheme: PaymentScheme, direction: PaymentDirection | null, createdAt: string, amount: { amount: string } }> } };

export type RedirectCreateMutationVariables = Exact<{
  input: CreateLinkInput;
}>;


export type RedirectCreateMutation = { createLink: { attempt: { clientRedirectUrl: string | null } } };

export type RedirectUpdateMutationVariables = Exact<{
  input: UpdateLinkInput;
}>;


export type RedirectUpdateMutation = { updateLink: { attempt: { clientRedirectUrl: string | null } } };

export type LiveCreateLinkMutationVariables = Exact<{
  input: CreateLinkInput;
}>;


export type LiveCreateLinkMutation = { createLink: { link: string, attempt: { id: string, attemptId: string } } };

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

export type RawAccountQueryVariables = Exact<{
  id: string | number;
}>;


export type RawAccountQuery = { account: { raw: unknown } | null };

export type RawAndIdQueryVariables = Exact<{
  id: string | number;
}>;


export type RawAndIdQuery = { account: { accountId: string, raw: unknown } | null };

export type ExactBalancesQueryVariables = Exact<{
  id: string | number;
  asset?: string | null | undefined;
}>;


export type ExactBalancesQuery = { account: { balances: Array<{ amount: { amount: string, decimal: string } }> } | null };

export type ExactPaymentsQueryVariables = Exact<{ [key: string]: never; }>;


export type ExactPaymentsQuery = { payments: { nodes: Array<{ amount: { amount: string, decimal: string }, initialAmount: { amount: string, decimal: string } }> } };

export type FailingAccountQueryVariables = Exact<{
  id: string | number;
}>;


export type FailingAccountQuery = { account: { name: string | null } | null };

export type FailingLinkMutationVariables = Exact<{
  input: CreateLinkInput;
}>;


export type FailingLinkMutation = { createLink: { link: string } };

export type WholeListsQueryVariables = Exact<{
  psuId: string | number;
}>;


export type WholeListsQuery = { paymentServiceUser: { accounts: Array<{ accountId: string }>, connections: Array<{ connectionId: string }> } | null };

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

export type FaultyReadQueryVariables = Exact<{
  id: string | number;
}>;


export type FaultyReadQuery = { account: { name: string | null } | null };

export type FaultyCreateMutationVariables = Exact<{ [key: string]: never; }>;


export type FaultyCreateMutation = { createPaymentServiceUser: { __typename: 'CreatePaymentServiceUserPayload' } };

export type FaultyForwardMutationVariables = Exact<{
  psuId: string | number;
  connectorId: string | number;
}>;


export type FaultyForwardMutation = { forwardPaymentServiceUser: { __typename: 'ForwardPaymentServiceUserPayload' } };

export type FaultyLinkMutationVariables = Exact<{
  psuId: string | number;
  connectorId: string | number;
}>;


export type FaultyLinkMutation = { createLink: { link: string } };

export type FaultyUpdateMutationVariables = Exact<{
  connectionId: string | number;
}>;


export type FaultyUpdateMutation = { updateLink: { link: string } };

export type FaultyDisconnectMutationVariables = Exact<{
  connectionId: string | number;
}>;


export type FaultyDisconnectMutation = { deleteConnection: { deletedId: string } };

export type FaultyDeleteMutationVariables = Exact<{
  psuId: string | number;
}>;


export type FaultyDeleteMutation = { deletePaymentServiceUser: { deletedId: string } };

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

export const WatchOwnDocument = new TypedDocumentString(`
    subscription WatchOwn($psuId: ID!) {
  connectionChanged(psuId: $psuId) {
    kind
  }
}
    `, {"hash":"sha256:a29b855112c70ac4c6fea3eda74243ad082b8a30154d1a2956830e14efee958e"}) as unknown as TypedDocumentString<WatchOwnSubscription, WatchOwnSubscriptionVariables>;
export const SameConnectionsDocument = new TypedDocumentString(`
    subscription SameConnections($psuId: ID!) {
  connectionChanged(psuId: $psuId) {
    kind
    connection {
      accounts {
        accountId
      }
    }
  }
}
    `, {"hash":"sha256:c62466498549febdb774b49e1cceae7c5cb83ae5e90eaa8511f01e1d3464beb9"}) as unknown as TypedDocumentString<SameConnectionsSubscription, SameConnectionsSubscriptionVariables>;
export const SameRawDocument = new TypedDocumentString(`
    subscription SameRaw($psuId: ID!) {
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
    `, {"hash":"sha256:0c00ba2b231f0674c800aec227d08ba6d7e94a6269d56401cedd51e6c8dcb476"}) as unknown as TypedDocumentString<SameRawSubscription, SameRawSubscriptionVariables>;
export const TrustedViewerDocument = new TypedDocumentString(`
    query TrustedViewer {
  viewer {
    subject
  }
}
    `, {"hash":"sha256:c1b5ee8a012866a21b48fb56ed3e2742b2146ea527a30d8f2cff533eda9cbd26"}) as unknown as TypedDocumentString<TrustedViewerQuery, TrustedViewerQueryVariables>;
export const TrustedWatchDocument = new TypedDocumentString(`
    subscription TrustedWatch($psuId: ID!) {
  connectionChanged(psuId: $psuId) {
    kind
  }
}
    `, {"hash":"sha256:ce428f064aa67e71e0625094a21733ccb870cd411ea14282dd5dd4a1e595a740"}) as unknown as TypedDocumentString<TrustedWatchSubscription, TrustedWatchSubscriptionVariables>;
export const TrustedCreateDocument = new TypedDocumentString(`
    mutation TrustedCreate($name: String!) {
  createPaymentServiceUser(input: {name: $name}) {
    paymentServiceUser {
      name
    }
  }
}
    `, {"hash":"sha256:c26767b2dbca69f9b2d993111b04b195917159b6d9c30575c3865174c3840532"}) as unknown as TypedDocumentString<TrustedCreateMutation, TrustedCreateMutationVariables>;
export const DrainedAttemptDocument = new TypedDocumentString(`
    subscription DrainedAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    status
  }
}
    `, {"hash":"sha256:1c9bfe5ff2014eaea9758bcd09d80e64e43cc01eacbf96c583e96c5359af44b2"}) as unknown as TypedDocumentString<DrainedAttemptSubscription, DrainedAttemptSubscriptionVariables>;
export const DrainedUsersDocument = new TypedDocumentString(`
    query DrainedUsers {
  paymentServiceUsers(first: 1) {
    nodes {
      name
    }
  }
}
    `, {"hash":"sha256:6aab78eac7b9db9fc097d4f14d011dad11795eadd507d81ae435df37cf71dc77"}) as unknown as TypedDocumentString<DrainedUsersQuery, DrainedUsersQueryVariables>;
export const ManyConnectionsDocument = new TypedDocumentString(`
    subscription ManyConnections($psuId: ID!) {
  connectionChanged(psuId: $psuId) {
    kind
    connectionId
    reason
  }
}
    `, {"hash":"sha256:70626367bff1172677d0f52c1dd8390d5cc94c6f9e320074bbdf13c6dc87e53d"}) as unknown as TypedDocumentString<ManyConnectionsSubscription, ManyConnectionsSubscriptionVariables>;
export const SseAttemptDocument = new TypedDocumentString(`
    subscription SseAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    status
  }
}
    `, {"hash":"sha256:0fffdd2ca6ac028bb9e19ae6f836ab4cd3d527ed9cd45f293b146dc514757d4f"}) as unknown as TypedDocumentString<SseAttemptSubscription, SseAttemptSubscriptionVariables>;
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
    `, {"hash":"sha256:dfaebfa4fb771308bf73c0c27c4e07bfe3c35cd3cfa25b6375036ca826d5c87d"}) as unknown as TypedDocumentString<LiveAttemptSubscription, LiveAttemptSubscriptionVariables>;
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
    `, {"hash":"sha256:b91535708cb32f32c0d1245d52f8944fb94024915d5cb14f15506a9f2b51bd80"}) as unknown as TypedDocumentString<LiveConnectionsSubscription, LiveConnectionsSubscriptionVariables>;
export const LiveTaskDocument = new TypedDocumentString(`
    subscription LiveTask($id: ID!) {
  taskChanged(id: $id) {
    taskId
    status
  }
}
    `, {"hash":"sha256:56e7d03e8083b41984758ddca18925ab480ec536645fab089321d206b9b0219e"}) as unknown as TypedDocumentString<LiveTaskSubscription, LiveTaskSubscriptionVariables>;
export const LiveUpdateLinkDocument = new TypedDocumentString(`
    mutation LiveUpdateLink($input: UpdateLinkInput!) {
  updateLink(input: $input) {
    link
  }
}
    `, {"hash":"sha256:0a1f0f600ba4d90fa4032d8babee5b96e345f5c93e6c36157f7895d68288e9f7"}) as unknown as TypedDocumentString<LiveUpdateLinkMutation, LiveUpdateLinkMutationVariables>;
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
    `, {"hash":"sha256:f33ceee697aa41768c9b88d9aa22fc449cebb0d349bcca7317261e663de4278d"}) as unknown as TypedDocumentString<LiveDeleteConnectionMutation, LiveDeleteConnectionMutationVariables>;
export const LiveUserDocument = new TypedDocumentString(`
    query LiveUser($id: ID!) {
  paymentServiceUser(id: $id) {
    psuId
    name
  }
}
    `, {"hash":"sha256:f39e894a97660cc537ef35cf024cd896429ed4fca5745af1d47d87d8b1b4e249"}) as unknown as TypedDocumentString<LiveUserQuery, LiveUserQueryVariables>;
export const LiveCreateUserDocument = new TypedDocumentString(`
    mutation LiveCreateUser($input: CreatePaymentServiceUserInput!) {
  createPaymentServiceUser(input: $input) {
    paymentServiceUser {
      psuId
      name
    }
  }
}
    `, {"hash":"sha256:d9b1cb0995a981369b8aa2838a6bd4dcdcc0f9567cfd57e238cc962478e631d0"}) as unknown as TypedDocumentString<LiveCreateUserMutation, LiveCreateUserMutationVariables>;
export const SocketAttemptDocument = new TypedDocumentString(`
    subscription SocketAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    status
  }
}
    `, {"hash":"sha256:8a2166415d2789a2ff8a2cf4e7ce07241d5b0f4c98654cea758241d2e222528a"}) as unknown as TypedDocumentString<SocketAttemptSubscription, SocketAttemptSubscriptionVariables>;
export const CadencePeopleDocument = new TypedDocumentString(`
    query CadencePeople {
  paymentServiceUsers(first: 20) {
    nodes {
      psuId
    }
  }
}
    `, {"hash":"sha256:938b1ddb8bfcfb26ee7e8988a1c54885357077d4822e6a1c9ed7d0dab688a81f"}) as unknown as TypedDocumentString<CadencePeopleQuery, CadencePeopleQueryVariables>;
export const WatchAttemptDocument = new TypedDocumentString(`
    subscription WatchAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    attemptId
    status
  }
}
    `, {"hash":"sha256:ecd4cb3b21309892c4628a77ec8a27361198f37e61c8883f048590655e2166d2"}) as unknown as TypedDocumentString<WatchAttemptSubscription, WatchAttemptSubscriptionVariables>;
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
    `, {"hash":"sha256:d949e9a240e1b554a9402f4d82b36f2dbed0c40e30ccd60b1cb35976898397ea"}) as unknown as TypedDocumentString<WatchConnectionsSubscription, WatchConnectionsSubscriptionVariables>;
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
    `, {"hash":"sha256:462a54f0a57cf31d395fb381a0d3096a7d8ada3bd369bcdec77897c0be448966"}) as unknown as TypedDocumentString<WatchRawSubscription, WatchRawSubscriptionVariables>;
export const WatchTaskDocument = new TypedDocumentString(`
    subscription WatchTask($id: ID!) {
  taskChanged(id: $id) {
    taskId
    status
  }
}
    `, {"hash":"sha256:8c8432d0c68e7206063615c8445dd5de290065345103a20bbbcca3d700c0659a"}) as unknown as TypedDocumentString<WatchTaskSubscription, WatchTaskSubscriptionVariables>;
export const AgingDocument = new TypedDocumentString(`
    subscription Aging($psuId: ID!, $connectorId: ID) {
  connectionChanged(psuId: $psuId, connectorId: $connectorId) {
    kind
    connection {
      requiredAction
      isStale
    }
  }
}
    `, {"hash":"sha256:0192615fee5b1954c61a32975fb9fcf469e6281a83bd1375b862a9105a4e4a7b"}) as unknown as TypedDocumentString<AgingSubscription, AgingSubscriptionVariables>;
export const TruthDeleteConnectionDocument = new TypedDocumentString(`
    mutation TruthDeleteConnection($input: DeleteConnectionInput!) {
  deleteConnection(input: $input) {
    task {
      id
      taskId
    }
  }
}
    `, {"hash":"sha256:be6acb3bc8e5c011e037435c5fe47bae79262f759ee1836ecafd8a19a1b12600"}) as unknown as TypedDocumentString<TruthDeleteConnectionMutation, TruthDeleteConnectionMutationVariables>;
export const TruthDeletePsuDocument = new TypedDocumentString(`
    mutation TruthDeletePsu($input: DeletePaymentServiceUserInput!) {
  deletePaymentServiceUser(input: $input) {
    task {
      id
      taskId
    }
  }
}
    `, {"hash":"sha256:98f33dc93535a034c6d1550216066da11e13d00b0e1c7662b3c554ff42255dd7"}) as unknown as TypedDocumentString<TruthDeletePsuMutation, TruthDeletePsuMutationVariables>;
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
    `, {"hash":"sha256:fe974958505dfbe0b02be58e3f95bfb76d4cf2a7d01a458829e4fc0dc131a8f3"}) as unknown as TypedDocumentString<TruthConnectionsQuery, TruthConnectionsQueryVariables>;
export const FirstDataDocument = new TypedDocumentString(`
    subscription FirstData($psuId: ID!, $connectorId: ID) {
  connectionChanged(psuId: $psuId, connectorId: $connectorId) {
    kind
    at
    connectionId
    connection {
      requiredAction
      dataUpdatedAt
      isStale
      accounts {
        id
      }
      paymentServiceUser {
        accounts {
          id
        }
      }
    }
  }
}
    `, {"hash":"sha256:fb96fd6d0730e018b018aede270c4c66d06143e919062cc9fcd3fd61593fb96a"}) as unknown as TypedDocumentString<FirstDataSubscription, FirstDataSubscriptionVariables>;
export const KindsDocument = new TypedDocumentString(`
    subscription Kinds($psuId: ID!, $connectorId: ID) {
  connectionChanged(psuId: $psuId, connectorId: $connectorId) {
    kind
  }
}
    `, {"hash":"sha256:46e4ee6567c863faaa61c09940f7139208c831965980e649edb0c186eb6323ea"}) as unknown as TypedDocumentString<KindsSubscription, KindsSubscriptionVariables>;
export const LeakyAttemptDocument = new TypedDocumentString(`
    subscription LeakyAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    status
  }
}
    `, {"hash":"sha256:37752d98d864f0f6adf68d8c9e7440feb38a08f6304ad294205a0ce62bb256e8"}) as unknown as TypedDocumentString<LeakyAttemptSubscription, LeakyAttemptSubscriptionVariables>;
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
    `, {"hash":"sha256:83c3bccdad41078f7c8788cec7222719799ca55887c04f6124f3bcae0981b205"}) as unknown as TypedDocumentString<LeakyConnectionsSubscription, LeakyConnectionsSubscriptionVariables>;
export const LoadedAttemptDocument = new TypedDocumentString(`
    subscription LoadedAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    attemptId
    status
  }
}
    `, {"hash":"sha256:772c3a912a6616717e9dd41eddeefbd552513625ee01a04afaee29c26de7615e"}) as unknown as TypedDocumentString<LoadedAttemptSubscription, LoadedAttemptSubscriptionVariables>;
export const WatchedAttemptDocument = new TypedDocumentString(`
    query WatchedAttempt($id: ID!) {
  linkAttempt(id: $id) {
    status
  }
}
    `, {"hash":"sha256:66c0e0804a8a0b19ddb843a17cc30f740cfcafca373e0e07998e5ee2f87f463a"}) as unknown as TypedDocumentString<WatchedAttemptQuery, WatchedAttemptQueryVariables>;
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
    `, {"hash":"sha256:ca365d5df5ad9b14663df5ace9040984940f108b2abcefd073bf6a83a0917f6f"}) as unknown as TypedDocumentString<WatchedAttemptsQuery, WatchedAttemptsQueryVariables>;
export const WatchedConnectionsDocument = new TypedDocumentString(`
    query WatchedConnections($psuId: ID!) {
  paymentServiceUser(id: $psuId) {
    connections {
      status
    }
  }
}
    `, {"hash":"sha256:99a9a92f938642bcc574a5b409a8f8db906fbd42f4bc1f83a7aa824fc2b4cb3f"}) as unknown as TypedDocumentString<WatchedConnectionsQuery, WatchedConnectionsQueryVariables>;
export const WatchedTaskDocument = new TypedDocumentString(`
    query WatchedTask($id: ID!) {
  task(id: $id) {
    status
  }
}
    `, {"hash":"sha256:e719bd766e2e4be559c3ff58688a04c65183e6d731df5afa2389da3cdf664fb8"}) as unknown as TypedDocumentString<WatchedTaskQuery, WatchedTaskQueryVariables>;
export const WatchedCreateLinkDocument = new TypedDocumentString(`
    mutation WatchedCreateLink($input: CreateLinkInput!) {
  createLink(input: $input) {
    link
    attempt {
      id
    }
  }
}
    `, {"hash":"sha256:38a1ff6811ecaa96568d300ad997f69448c4f8a45ee0555ebf97a31d3a4c892a"}) as unknown as TypedDocumentString<WatchedCreateLinkMutation, WatchedCreateLinkMutationVariables>;
export const WatchedUpdateLinkDocument = new TypedDocumentString(`
    mutation WatchedUpdateLink($input: UpdateLinkInput!) {
  updateLink(input: $input) {
    link
    attempt {
      id
    }
  }
}
    `, {"hash":"sha256:4e27158cfe16193a4d3ac7d31f6195f7fd27c4128c18e521f703a87abd3c3fa8"}) as unknown as TypedDocumentString<WatchedUpdateLinkMutation, WatchedUpdateLinkMutationVariables>;
export const WatchedDeleteConnectionDocument = new TypedDocumentString(`
    mutation WatchedDeleteConnection($input: DeleteConnectionInput!) {
  deleteConnection(input: $input) {
    deletedId
  }
}
    `, {"hash":"sha256:82d6ef137bf948291a08c025773c68bc5ac2e69ff733ef0b9f0696a18d352229"}) as unknown as TypedDocumentString<WatchedDeleteConnectionMutation, WatchedDeleteConnectionMutationVariables>;
export const WatchedDeletePsuDocument = new TypedDocumentString(`
    mutation WatchedDeletePsu($input: DeletePaymentServiceUserInput!) {
  deletePaymentServiceUser(input: $input) {
    deletedId
  }
}
    `, {"hash":"sha256:f1a0cabee84ab1a01e63fb2fd3eafb1d796ec56a3b7268f3bcdc5b544309eb8e"}) as unknown as TypedDocumentString<WatchedDeletePsuMutation, WatchedDeletePsuMutationVariables>;
export const WatchedDeletePsuConnectorDocument = new TypedDocumentString(`
    mutation WatchedDeletePsuConnector($input: DeletePaymentServiceUserConnectorInput!) {
  deletePaymentServiceUserConnector(input: $input) {
    deletedId
  }
}
    `, {"hash":"sha256:d0e4d766b3f1ba0e74bcbcb13639216aa3a9a12977ecf807470c6bd24f3c1c9a"}) as unknown as TypedDocumentString<WatchedDeletePsuConnectorMutation, WatchedDeletePsuConnectorMutationVariables>;
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
    `, {"hash":"sha256:e98ff7fee645da42b91864634d3f285f007d30b7693d7905be3a3e5c884a7ead"}) as unknown as TypedDocumentString<TruthTreeSubscription, TruthTreeSubscriptionVariables>;
export const CreateReaderDocument = new TypedDocumentString(`
    mutation CreateReader($input: CreatePaymentServiceUserInput!) {
  createPaymentServiceUser(input: $input) {
    paymentServiceUser {
      id
      psuId
    }
  }
}
    `, {"hash":"sha256:0644e590c9cdcfe23359e9aab86ab4dbee286ed4c71ec6fa13c9d79c0a977fd2"}) as unknown as TypedDocumentString<CreateReaderMutation, CreateReaderMutationVariables>;
export const ForwardReaderDocument = new TypedDocumentString(`
    mutation ForwardReader($psuId: ID!, $connectorId: ID!) {
  forwardPaymentServiceUser(input: {psuId: $psuId, connectorId: $connectorId}) {
    connector {
      name
    }
  }
}
    `, {"hash":"sha256:8bb69bd9bd79045da5d9ad5607422c8dd438aa4ae2730e6df0eacc07125bbef3"}) as unknown as TypedDocumentString<ForwardReaderMutation, ForwardReaderMutationVariables>;
export const RemoveReaderDocument = new TypedDocumentString(`
    mutation RemoveReader($psuId: ID!, $connectorId: ID!) {
  deletePaymentServiceUserConnector(
    input: {psuId: $psuId, connectorId: $connectorId}
  ) {
    task {
      id
    }
  }
}
    `, {"hash":"sha256:9cf7969f95db419c3b8d934652753c76cb9a5edda41e96dc1c79eb4f5efd24fc"}) as unknown as TypedDocumentString<RemoveReaderMutation, RemoveReaderMutationVariables>;
export const LinkReaderDocument = new TypedDocumentString(`
    mutation LinkReader($psuId: ID!, $connectorId: ID!) {
  createLink(
    input: {psuId: $psuId, connectorId: $connectorId, applicationName: "A", clientRedirectUrl: "https://app.example.com/"}
  ) {
    link
    attempt {
      id
    }
  }
}
    `, {"hash":"sha256:211ad9fb84b91eeb7787e0bf5b38749fd04bfde772474b7c276f4877d8b53623"}) as unknown as TypedDocumentString<LinkReaderMutation, LinkReaderMutationVariables>;
export const ReaderBanksDocument = new TypedDocumentString(`
    query ReaderBanks($psuId: ID!) {
  paymentServiceUser(id: $psuId) {
    connections {
      id
      accounts {
        id
        name
      }
    }
  }
}
    `, {"hash":"sha256:4a79c2fa3505698c736fa78c28ce9cfca4522694e4a738a77167949bb88f9aef"}) as unknown as TypedDocumentString<ReaderBanksQuery, ReaderBanksQueryVariables>;
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
    `, {"hash":"sha256:6467b730ad5c4d33945ed8673c7d381617968ad55af8cfcde3e868b37a493cb7"}) as unknown as TypedDocumentString<CreateCompleteMutation, CreateCompleteMutationVariables>;
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
    `, {"hash":"sha256:6c53b8b9c02af34544baef59f7c639130052be88cfad029bc41e5b42ea73c455"}) as unknown as TypedDocumentString<UsersWithConnectionsQuery, UsersWithConnectionsQueryVariables>;
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
    `, {"hash":"sha256:0cf38cd66f9eabd118025cd449030124c0b4f627f77b0a74039c873212912528"}) as unknown as TypedDocumentString<UsersWithAccountsQuery, UsersWithAccountsQueryVariables>;
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
    `, {"hash":"sha256:e60214a0698435190a765c34b528647ffc60564f5967dd30c2ecefc2e9985333"}) as unknown as TypedDocumentString<TreeQuery, TreeQueryVariables>;
export const AllAccountsDocument = new TypedDocumentString(`
    query AllAccounts($first: Int!) {
  accounts(first: $first) {
    nodes {
      id
      accountId
    }
  }
}
    `, {"hash":"sha256:fb70a61c265344351256aeededf4d4e81c76ac67e6769f4c608a766af4950368"}) as unknown as TypedDocumentString<AllAccountsQuery, AllAccountsQueryVariables>;
export const NodesDocument = new TypedDocumentString(`
    query Nodes($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
    ... on Account {
      accountId
    }
  }
}
    `, {"hash":"sha256:a3e1095fedb1101ffd2c32fcc72e19e264e923a181bca6e2f2fb807042c59c36"}) as unknown as TypedDocumentString<NodesQuery, NodesQueryVariables>;
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
    `, {"hash":"sha256:e36979b42de1215fe06c2e91ebdd33ea966e9b2c207fac6ea44f47db711d3447"}) as unknown as TypedDocumentString<AccountCursorsQuery, AccountCursorsQueryVariables>;
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
    `, {"hash":"sha256:a292515bdd5fba82de9df03cca82e0f49b1c82161765a2b85d2fa630d5bd0650"}) as unknown as TypedDocumentString<FilteredAccountsQuery, FilteredAccountsQueryVariables>;
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
    `, {"hash":"sha256:0a21f409ae909cfa6f10079ae103576fdb0dd50a75f3f708e984bc7bbda4608e"}) as unknown as TypedDocumentString<FilteredPaymentsQuery, FilteredPaymentsQueryVariables>;
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
    `, {"hash":"sha256:6f603056330851db6da7956f02ebe9e4dd8df63ca4ef03612ec2f3b34f2aada1"}) as unknown as TypedDocumentString<FilteredUsersQuery, FilteredUsersQueryVariables>;
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
    `, {"hash":"sha256:5eb3faf4cdf65c917c465fb536c93707c44eeb0773fb3cc17410ea6f307b79c3"}) as unknown as TypedDocumentString<FilteredConnectorsQuery, FilteredConnectorsQueryVariables>;
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
    `, {"hash":"sha256:1911fd21747904aa9226ee789ad0b274a8faec078e8bce21c5ae09d2a6417834"}) as unknown as TypedDocumentString<PaymentsOfUserAndAccountQuery, PaymentsOfUserAndAccountQueryVariables>;
export const AttemptsByStatusDocument = new TypedDocumentString(`
    query AttemptsByStatus($psu: ID!, $connector: ID!) {
  paymentServiceUser(id: $psu) {
    all: linkAttempts(connectorId: $connector) {
      nodes {
        id
      }
    }
    pending: linkAttempts(connectorId: $connector, statuses: [PENDING]) {
      nodes {
        id
      }
    }
    completed: linkAttempts(connectorId: $connector, statuses: [COMPLETED]) {
      nodes {
        id
      }
    }
    exited: linkAttempts(connectorId: $connector, statuses: [EXITED]) {
      nodes {
        id
      }
    }
  }
}
    `, {"hash":"sha256:4c66326b274c18225bd15cb7aa7b9177c5fcd0ade3012649be445aa256f59fd4"}) as unknown as TypedDocumentString<AttemptsByStatusQuery, AttemptsByStatusQueryVariables>;
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
    `, {"hash":"sha256:cc9c542d680f7a1e61b788eb25a7a14762c69dee569485e0c3f4519083219223"}) as unknown as TypedDocumentString<EveryIdQuery, EveryIdQueryVariables>;
export const NodesByIdsDocument = new TypedDocumentString(`
    query NodesByIds($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    id
  }
}
    `, {"hash":"sha256:d420e249d2371453b74c30b894f79d533948cb4920ce5745731efb4b997784cd"}) as unknown as TypedDocumentString<NodesByIdsQuery, NodesByIdsQueryVariables>;
export const NodeByIdDocument = new TypedDocumentString(`
    query NodeById($id: ID!) {
  node(id: $id) {
    __typename
    id
  }
}
    `, {"hash":"sha256:4b874610b09419d48602f9c9eb24aec0269442f809541448b555d4ba5e1331f9"}) as unknown as TypedDocumentString<NodeByIdQuery, NodeByIdQueryVariables>;
export const DeleteForTaskDocument = new TypedDocumentString(`
    mutation DeleteForTask($connection: ID!) {
  deleteConnection(input: {connectionId: $connection}) {
    task {
      id
    }
  }
}
    `, {"hash":"sha256:6ea4731870c849f37ad9677a04c48beba87d176ec560ae0ec9ff6c1725f9e01f"}) as unknown as TypedDocumentString<DeleteForTaskMutation, DeleteForTaskMutationVariables>;
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
    `, {"hash":"sha256:992ffca60f8f4e7594fd9ea76e1015df2e4b36dc956962a66bad95bca7908233"}) as unknown as TypedDocumentString<MineQuery, MineQueryVariables>;
export const NodesForViewerDocument = new TypedDocumentString(`
    query NodesForViewer($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
  }
}
    `, {"hash":"sha256:194b289ca3526080c9e40b746863bc7d9273055623ef38015684dbdc79c84170"}) as unknown as TypedDocumentString<NodesForViewerQuery, NodesForViewerQueryVariables>;
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
    `, {"hash":"sha256:067df3e2ec42a5ae3c53506e97074c2ebf3399ab74a930b874fbd766998504ee"}) as unknown as TypedDocumentString<PageOfUsersQuery, PageOfUsersQueryVariables>;
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
    `, {"hash":"sha256:388db9fb06d6f6c3c1ea54fe4a6c031b83faad0273f50f958a8e60feff176f29"}) as unknown as TypedDocumentString<PageOfAccountsQuery, PageOfAccountsQueryVariables>;
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
    `, {"hash":"sha256:5250230a059f1c495082adcd485b769cf7602a07e1bfc579367b46cc006d4c75"}) as unknown as TypedDocumentString<PageOfPaymentsQuery, PageOfPaymentsQueryVariables>;
export const PageOfAttemptsDocument = new TypedDocumentString(`
    query PageOfAttempts($first: Int, $after: String, $psu: ID!, $connector: ID!) {
  paymentServiceUser(id: $psu) {
    linkAttempts(
      connectorId: $connector
      statuses: [PENDING]
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
    `, {"hash":"sha256:799fd05e7bd3fb0f10ed39baa943e49e9ef4714ea3de3c8d39759538e2d8b8b3"}) as unknown as TypedDocumentString<PageOfAttemptsQuery, PageOfAttemptsQueryVariables>;
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
    `, {"hash":"sha256:08b8908e071dbd8090a59ea1d30722e57fb793bf5775e57eec40bc5a9446db71"}) as unknown as TypedDocumentString<PageOfHistoryQuery, PageOfHistoryQueryVariables>;
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
    `, {"hash":"sha256:37e8cfffddcc26ea62d875223ae8ea4e1bb2c1eb02fb6a725c12d65f1d513db2"}) as unknown as TypedDocumentString<PageOfConnectorsQuery, PageOfConnectorsQueryVariables>;
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
  none: payments(first: 1, filter: {statuses: [EXPIRED]}) {
    nodes {
      paymentId
    }
  }
}
    `, {"hash":"sha256:a0f177e30a445bd3a980f1b4125811da0766b8e28fc9b2ed7508cc3a32e74eaf"}) as unknown as TypedDocumentString<TwoPagesQuery, TwoPagesQueryVariables>;
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
    `, {"hash":"sha256:3f425eb5d81899c4d9e85a3ecaef105596c64e4df699acc881da79ff157324c3"}) as unknown as TypedDocumentString<BalancesOfAccountsQuery, BalancesOfAccountsQueryVariables>;
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
    `, {"hash":"sha256:fce46bc5a99487b1a1e207f2601f2966d664d9f54099a1092fb69363912eb00c"}) as unknown as TypedDocumentString<BalancesOfAccountQuery, BalancesOfAccountQueryVariables>;
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
    `, {"hash":"sha256:1451186a650dacd2c7f738f4359a0e6745096e49cb61860a66a9b70f26e9bf69"}) as unknown as TypedDocumentString<HistoryOfAccountQuery, HistoryOfAccountQueryVariables>;
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
    `, {"hash":"sha256:c49b8baeafc4f7ed6461bc4024ef85b7a8dbf39859be579ff0024fabf1bae1fe"}) as unknown as TypedDocumentString<WholeAccountsQuery, WholeAccountsQueryVariables>;
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
    `, {"hash":"sha256:155ec47922418cfa4800f506ebadb44e74fdf86abf3b8576b60c09172d2fff84"}) as unknown as TypedDocumentString<ConnectionsOfUsersQuery, ConnectionsOfUsersQueryVariables>;
export const HealthOfConnectionDocument = new TypedDocumentString(`
    query HealthOfConnection($id: ID!) {
  connection(id: $id) {
    requiredAction
    consentExpiresAt
    isStale
  }
}
    `, {"hash":"sha256:1d842a827917737c3a0ed2b80543a7ce11288fc316050f902d3fe47ae25bef30"}) as unknown as TypedDocumentString<HealthOfConnectionQuery, HealthOfConnectionQueryVariables>;
export const HealthOfAttemptDocument = new TypedDocumentString(`
    query HealthOfAttempt($id: ID!) {
  linkAttempt(id: $id) {
    status
    isExpired
  }
}
    `, {"hash":"sha256:2c45679fa475a85985ffc0f28db203a8d8c6661124e17c608947693d1f4c0dbf"}) as unknown as TypedDocumentString<HealthOfAttemptQuery, HealthOfAttemptQueryVariables>;
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
    `, {"hash":"sha256:51de6a3e69ca9457bd00e32fc85ae9f7b71c777a87b794b4e3c478b14433cf90"}) as unknown as TypedDocumentString<HealthUpdateLinkMutation, HealthUpdateLinkMutationVariables>;
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
    `, {"hash":"sha256:32e0d4686926226d4a1bd4e5f5e95ba2cb4a7e8a9d7f8a1c3b660ac1a2c4f9e0"}) as unknown as TypedDocumentString<HealthCreateLinkMutation, HealthCreateLinkMutationVariables>;
export const ConnectorNameDocument = new TypedDocumentString(`
    query ConnectorName($id: ID!) {
  connector(id: $id) {
    name
  }
}
    `, {"hash":"sha256:17bd8940dc148646236fd2216ff650e148e9f01631e59539a05daa40bb79010a"}) as unknown as TypedDocumentString<ConnectorNameQuery, ConnectorNameQueryVariables>;
export const ConnectorNamesDocument = new TypedDocumentString(`
    query ConnectorNames {
  connectors {
    nodes {
      id
      name
    }
  }
}
    `, {"hash":"sha256:8034f78e58fa6e5648077533385c9e1d67848a5c92fbcda987dccc328172b509"}) as unknown as TypedDocumentString<ConnectorNamesQuery, ConnectorNamesQueryVariables>;
export const LinkFieldsDocument = new TypedDocumentString(`
    query LinkFields($filter: ConnectorFilter, $first: Int, $after: String) {
  connectors(filter: $filter, first: $first, after: $after) {
    nodes {
      name
      provider
      canLink
      needs
      capabilities
      isBeingRemoved
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `, {"hash":"sha256:87f607e16f597b9ebe67c4bbc73675324fbe1db26a22b37fc4449d4219af3a01"}) as unknown as TypedDocumentString<LinkFieldsQuery, LinkFieldsQueryVariables>;
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
    `, {"hash":"sha256:170d8a6966ad43e162e8d3f46f3a61efc9c16a43828a325124a8274c464ad88d"}) as unknown as TypedDocumentString<DeletePsuMutation, DeletePsuMutationVariables>;
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
    `, {"hash":"sha256:da6d8bc8955de7b88a9e72303fc24a0d59f207eb615ad9c20dc00a676b243d02"}) as unknown as TypedDocumentString<DeletePsuConnectorMutation, DeletePsuConnectorMutationVariables>;
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
    `, {"hash":"sha256:b7d8c220acd40e60a2da11d8d0d62c123efa1e0e9ad1c8962120fa985eed0338"}) as unknown as TypedDocumentString<DeleteConnectionMutation, DeleteConnectionMutationVariables>;
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
    `, {"hash":"sha256:c74e32c48144993dba48d20c9dc47edfb07c473c2270b0d4ea731b7b4228571c"}) as unknown as TypedDocumentString<TaskByIdQuery, TaskByIdQueryVariables>;
export const FollowedTaskDocument = new TypedDocumentString(`
    subscription FollowedTask($id: ID!) {
  taskChanged(id: $id) {
    status
  }
}
    `, {"hash":"sha256:70fa21cbbbcdd151b9d31b4f0cc022d7832af214cc6f4c570a4b3bf740a795af"}) as unknown as TypedDocumentString<FollowedTaskSubscription, FollowedTaskSubscriptionVariables>;
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
    `, {"hash":"sha256:ede80f8d80a0d637d6f1a16b92e04455ab81afba9f6f4fd8c9849f30197cacf0"}) as unknown as TypedDocumentString<WhatIsLeftQuery, WhatIsLeftQueryVariables>;
export const AttemptsOfAllDocument = new TypedDocumentString(`
    query AttemptsOfAll($psu: ID!, $connector: ID, $statuses: [LinkAttemptStatus!], $first: Int, $after: String) {
  paymentServiceUser(id: $psu) {
    linkAttempts(
      connectorId: $connector
      statuses: $statuses
      first: $first
      after: $after
    ) {
      edges {
        cursor
        node {
          attemptId
          status
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        endCursor
      }
    }
  }
}
    `, {"hash":"sha256:540f5324b3e3221e1f318ae56e055ab7a285edd14704c77344cb43786dd49fbc"}) as unknown as TypedDocumentString<AttemptsOfAllQuery, AttemptsOfAllQueryVariables>;
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
    `, {"hash":"sha256:6dc8e488e76a5e91cf546afdb2348998a6cb89fe1d7cdbcfab95157bfbdee7e7"}) as unknown as TypedDocumentString<CreateLinkMutation, CreateLinkMutationVariables>;
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
    `, {"hash":"sha256:208c42d75429bc3a59919d1bb2b1283a1dd6e2ce37afa0b2f57130de74388c51"}) as unknown as TypedDocumentString<UpdateLinkMutation, UpdateLinkMutationVariables>;
export const AttemptByIdDocument = new TypedDocumentString(`
    query AttemptById($id: ID!) {
  linkAttempt(id: $id) {
    attemptId
    status
    error
  }
}
    `, {"hash":"sha256:8de61bed748c5149681d2314003fa86497961872d2d3132e6b5a4c2452ef7022"}) as unknown as TypedDocumentString<AttemptByIdQuery, AttemptByIdQueryVariables>;
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
    `, {"hash":"sha256:2c7de6a5df7b6dec536a17ca7ad9e63b214684cb6c36394fc4fec23b4cfe1387"}) as unknown as TypedDocumentString<ConnectionsAfterLinkQuery, ConnectionsAfterLinkQueryVariables>;
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
    `, {"hash":"sha256:9222826ea21b3d490773999e34c6d90daa3f72c545ca55eeb6a4cc79764b263f"}) as unknown as TypedDocumentString<MoneyOfQuery, MoneyOfQueryVariables>;
export const FoundPaymentsDocument = new TypedDocumentString(`
    query FoundPayments($filter: PaymentFilter, $first: Int, $after: String) {
  payments(filter: $filter, first: $first, after: $after) {
    nodes {
      paymentId
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `, {"hash":"sha256:2d47f1ea8dc06a2e4788dd8c22f719adab380bbb611f321ceccf826feb41f811"}) as unknown as TypedDocumentString<FoundPaymentsQuery, FoundPaymentsQueryVariables>;
export const PaymentInFullDocument = new TypedDocumentString(`
    query PaymentInFull($id: ID!) {
  payment(id: $id) {
    type
    typeText
    status
    statusText
    scheme
    schemeText
    direction
    amount {
      asset
      amount
    }
    initialAmount {
      asset
      amount
      decimal
    }
    isPending
    description
    bookedOn
    valueOn
    occurredAt
    counterparty {
      name
      logoUrl
      website
    }
    category {
      name
      detailed
      source
    }
    adjustments {
      status
      statusText
      amount {
        asset
        amount
      }
      createdAt
      raw
    }
  }
}
    `, {"hash":"sha256:3faad21494d3428f94a9ec8268cabac8c5e1c3413783307f00412f4b82296889"}) as unknown as TypedDocumentString<PaymentInFullQuery, PaymentInFullQueryVariables>;
export const PaymentsInFullDocument = new TypedDocumentString(`
    query PaymentsInFull($first: Int) {
  payments(first: $first) {
    nodes {
      paymentId
      isPending
      description
      bookedOn
      valueOn
      occurredAt
      counterparty {
        name
      }
      category {
        name
      }
      adjustments {
        id
        createdAt
      }
    }
  }
}
    `, {"hash":"sha256:ab43b4e4a0897ac9266e9f7230a65b6a3a21b951d8f11eb6281924cfc4886dfb"}) as unknown as TypedDocumentString<PaymentsInFullQuery, PaymentsInFullQueryVariables>;
export const PlainPaymentsDocument = new TypedDocumentString(`
    query PlainPayments($first: Int) {
  payments(first: $first) {
    nodes {
      paymentId
      type
      status
      scheme
      direction
      amount {
        amount
      }
      createdAt
    }
  }
}
    `, {"hash":"sha256:89d0217357c9c90207b7ae457c0bf65e269680675db22e6f4920cd4ebed07a01"}) as unknown as TypedDocumentString<PlainPaymentsQuery, PlainPaymentsQueryVariables>;
export const RedirectCreateDocument = new TypedDocumentString(`
    mutation RedirectCreate($input: CreateLinkInput!) {
  createLink(input: $input) {
    attempt {
      clientRedirectUrl
    }
  }
}
    `, {"hash":"sha256:6fd87121f0cfe46de7921ddebe37432ef30999384be29f4c0b7e69d2d67117a9"}) as unknown as TypedDocumentString<RedirectCreateMutation, RedirectCreateMutationVariables>;
export const RedirectUpdateDocument = new TypedDocumentString(`
    mutation RedirectUpdate($input: UpdateLinkInput!) {
  updateLink(input: $input) {
    attempt {
      clientRedirectUrl
    }
  }
}
    `, {"hash":"sha256:87643871a029d1b831332c2c39b41099b503a973323d0fabdc179d27382c8c89"}) as unknown as TypedDocumentString<RedirectUpdateMutation, RedirectUpdateMutationVariables>;
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
    `, {"hash":"sha256:d8f604abce050d8632b68dca7a36b18206770d3b2a360dbd2a14df3e549126e4"}) as unknown as TypedDocumentString<LiveCreateLinkMutation, LiveCreateLinkMutationVariables>;
export const StagedAttemptDocument = new TypedDocumentString(`
    subscription StagedAttempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    attemptId
    status
    error
    isExpired
  }
}
    `, {"hash":"sha256:3c00c8a388d02d5e75712831d7742eb9e47ccd32fea4ce0470989b8669e736ac"}) as unknown as TypedDocumentString<StagedAttemptSubscription, StagedAttemptSubscriptionVariables>;
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
    `, {"hash":"sha256:7f9ce674d5f36a25907c5ee7b49d0e7b6b8ee65ac0ef1cfd6a0e4b0256cec11f"}) as unknown as TypedDocumentString<StagedConnectionsSubscription, StagedConnectionsSubscriptionVariables>;
export const StagedTaskDocument = new TypedDocumentString(`
    subscription StagedTask($id: ID!) {
  taskChanged(id: $id) {
    taskId
    status
    error
  }
}
    `, {"hash":"sha256:6f896735d29d5eea07476da1a47ba1d7c4126de53a798e0716b2ab63da1ea6c1"}) as unknown as TypedDocumentString<StagedTaskSubscription, StagedTaskSubscriptionVariables>;
export const RawAccountDocument = new TypedDocumentString(`
    query RawAccount($id: ID!) {
  account(id: $id) {
    raw
  }
}
    `, {"hash":"sha256:fac0cbc20f15a44044df6cb1341e3f3547adc4d528fea1a5ee8e4319d1e2bf45"}) as unknown as TypedDocumentString<RawAccountQuery, RawAccountQueryVariables>;
export const RawAndIdDocument = new TypedDocumentString(`
    query RawAndId($id: ID!) {
  account(id: $id) {
    accountId
    raw
  }
}
    `, {"hash":"sha256:c6560f9a0124b5c8d2236250e7706dbf7cff963d57e3945a255bc370728e4ed4"}) as unknown as TypedDocumentString<RawAndIdQuery, RawAndIdQueryVariables>;
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
    `, {"hash":"sha256:7bbad46db1e126e64a591a3ee72b3c6654f73d28cd629fd2cd071912b624c3c7"}) as unknown as TypedDocumentString<ExactBalancesQuery, ExactBalancesQueryVariables>;
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
    `, {"hash":"sha256:e153f4b38f7b066f2f3c6f2dd5af500950766888c655ee04e7915f88eb0e7ef9"}) as unknown as TypedDocumentString<ExactPaymentsQuery, ExactPaymentsQueryVariables>;
export const FailingAccountDocument = new TypedDocumentString(`
    query FailingAccount($id: ID!) {
  account(id: $id) {
    name
  }
}
    `, {"hash":"sha256:1659ba40f4be228704c6d0063e076bd6339b052cc57a20869461cafd61db89cb"}) as unknown as TypedDocumentString<FailingAccountQuery, FailingAccountQueryVariables>;
export const FailingLinkDocument = new TypedDocumentString(`
    mutation FailingLink($input: CreateLinkInput!) {
  createLink(input: $input) {
    link
  }
}
    `, {"hash":"sha256:28d93775acd1ca6335d73b8efa74ddf7d236ee80b8616d9b53fbffa3455730fe"}) as unknown as TypedDocumentString<FailingLinkMutation, FailingLinkMutationVariables>;
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
    `, {"hash":"sha256:992cd8681b7c4c0f520be8b38c6c692925d21a5fc911d2862634116fb1c57c3b"}) as unknown as TypedDocumentString<WholeListsQuery, WholeListsQueryVariables>;
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
    `, {"hash":"sha256:86580a8f90f6e9e5f48f7bb7c2a3ed60770dc179d7a559684aba9c07a7177e10"}) as unknown as TypedDocumentString<TwoUsersQuery, TwoUsersQueryVariables>;
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
    `, {"hash":"sha256:bc3a6b03b4795ef31eb2185c479cf2393d54267310302d0d4951e63956e1835e"}) as unknown as TypedDocumentString<AccountsWithConnectionQuery, AccountsWithConnectionQueryVariables>;
export const ConnectionNodesDocument = new TypedDocumentString(`
    query ConnectionNodes($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
  }
}
    `, {"hash":"sha256:171327c83d4aad9ca20e568923f5b946ea935b9470fd1cecd93e071214ce891c"}) as unknown as TypedDocumentString<ConnectionNodesQuery, ConnectionNodesQueryVariables>;
export const ConnectionIdsDocument = new TypedDocumentString(`
    query ConnectionIds($psuId: ID!) {
  paymentServiceUser(id: $psuId) {
    connections {
      id
    }
  }
}
    `, {"hash":"sha256:888c87a2d672a6a662ea1071fb0df2831e843d11c17a0b74a441f39753779e06"}) as unknown as TypedDocumentString<ConnectionIdsQuery, ConnectionIdsQueryVariables>;
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
    `, {"hash":"sha256:afbf33fd50b71123b3356972dcc01aafa5b13b3e050ff81552d15dc197c6050f"}) as unknown as TypedDocumentString<TwoBalancesQuery, TwoBalancesQueryVariables>;
export const FaultyReadDocument = new TypedDocumentString(`
    query FaultyRead($id: ID!) {
  account(id: $id) {
    name
  }
}
    `, {"hash":"sha256:82fbf3560edbca6a56f0c8b6b88dde7f7cfa654b19a793349ec5bd910e901778"}) as unknown as TypedDocumentString<FaultyReadQuery, FaultyReadQueryVariables>;
export const FaultyCreateDocument = new TypedDocumentString(`
    mutation FaultyCreate {
  createPaymentServiceUser(input: {name: "Nobody Else"}) {
    __typename
  }
}
    `, {"hash":"sha256:88e17600d91024e0f43003900d262e0ca8995c29331cf6ed360ee01ec8653f18"}) as unknown as TypedDocumentString<FaultyCreateMutation, FaultyCreateMutationVariables>;
export const FaultyForwardDocument = new TypedDocumentString(`
    mutation FaultyForward($psuId: ID!, $connectorId: ID!) {
  forwardPaymentServiceUser(input: {psuId: $psuId, connectorId: $connectorId}) {
    __typename
  }
}
    `, {"hash":"sha256:acb9f1e7063f0fa48f2dcabf2f10b20ba6e3e66eb0c36e2bc8e5e901ec2f9b86"}) as unknown as TypedDocumentString<FaultyForwardMutation, FaultyForwardMutationVariables>;
export const FaultyLinkDocument = new TypedDocumentString(`
    mutation FaultyLink($psuId: ID!, $connectorId: ID!) {
  createLink(
    input: {psuId: $psuId, connectorId: $connectorId, clientRedirectUrl: "https://app.example.com", applicationName: "Test"}
  ) {
    link
  }
}
    `, {"hash":"sha256:9629c533dff870c2a41fee05a97d0b04a13fc49a14dc5bf62fd7a23b29351d00"}) as unknown as TypedDocumentString<FaultyLinkMutation, FaultyLinkMutationVariables>;
export const FaultyUpdateDocument = new TypedDocumentString(`
    mutation FaultyUpdate($connectionId: ID!) {
  updateLink(
    input: {connectionId: $connectionId, clientRedirectUrl: "https://app.example.com", applicationName: "Test"}
  ) {
    link
  }
}
    `, {"hash":"sha256:cded812a2326acb225f4edb3f26cd47e7d9592d7716625a3561c8827ac4965b3"}) as unknown as TypedDocumentString<FaultyUpdateMutation, FaultyUpdateMutationVariables>;
export const FaultyDisconnectDocument = new TypedDocumentString(`
    mutation FaultyDisconnect($connectionId: ID!) {
  deleteConnection(input: {connectionId: $connectionId}) {
    deletedId
  }
}
    `, {"hash":"sha256:23614d65aada398d452a85ea09f871a578a094c3406a9456f25a37b3e84e5b62"}) as unknown as TypedDocumentString<FaultyDisconnectMutation, FaultyDisconnectMutationVariables>;
export const FaultyDeleteDocument = new TypedDocumentString(`
    mutation FaultyDelete($psuId: ID!) {
  deletePaymentServiceUser(input: {psuId: $psuId}) {
    deletedId
  }
}
    `, {"hash":"sha256:0d0c0346a47aa0ae5755e9de2e5d80a426c15af2a0bbfb9025e36ea78bfb98e4"}) as unknown as TypedDocumentString<FaultyDeleteMutation, FaultyDeleteMutationVariables>;