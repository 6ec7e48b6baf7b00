/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
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

/** Who is to connect a bank, and how. */
export type CreateLinkInput = {
  /** The name that the provider shows to the user; some providers require it. */
  applicationName?: string | null | undefined;
  /** Where the user is sent back to: https, or http on localhost. In it, `{attemptId}` and `{id}` become the attempt's own; nothing else is added. */
  clientRedirectUrl: string;
  /** A global id, or the upstream's connector id. */
  connectorId: string | number;
  /** The same key gives the same attempt while that is pending, so that a lost answer can be asked for again; CONFLICT afterwards. */
  idempotencyKey?: string | null | undefined;
  /** A global id, or the upstream's PSU id. */
  psuId: string | number;
};

/** Which PSU is to be known to which connector. */
export type ForwardPaymentServiceUserInput = {
  /** A global id, or the upstream's connector id. */
  connectorId: string | number;
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

/** What a user must do so that a connection goes on giving data. */
export type RequiredAction =
  | 'NONE'
  /** Sign in at the bank again: `updateLink`. The connection is broken, or its consent ends. */
  | 'RELINK'
  /** Nothing: the first data is on its way. */
  | 'WAIT';

/** Which connection is to be repaired or renewed, and how. */
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

export type AccountQueryVariables = Exact<{
  id: string | number;
  locale: string;
}>;


export type AccountQuery = { account: { name: string | null, metadata: Record<string, string>, defaultAsset: string | null, connector: { name: string } | null, balances: Array<{ lastUpdatedAt: string, amount: { asset: string, currency: string, decimal: string, formatted: string } }> } | null };

export type HistoryQueryVariables = Exact<{
  id: string | number;
  asset: string;
  locale: string;
}>;


export type HistoryQuery = { account: { balanceHistory: { nodes: Array<{ createdAt: string, lastUpdatedAt: string, amount: { amount: string, formatted: string } }> } } | null };

export type DisconnectMutationVariables = Exact<{
  id: string | number;
}>;


export type DisconnectMutation = { deleteConnection: { deletedId: string } };

export type ConnectorsQueryVariables = Exact<{ [key: string]: never; }>;


export type ConnectorsQuery = { connectors: { nodes: Array<{ id: string, name: string, provider: string }> } };

export type ForwardMutationVariables = Exact<{
  input: ForwardPaymentServiceUserInput;
}>;


export type ForwardMutation = { forwardPaymentServiceUser: { connector: { id: string } } };

export type CreateLinkMutationVariables = Exact<{
  input: CreateLinkInput;
}>;


export type CreateLinkMutation = { createLink: { link: string } };

export type UpdateLinkMutationVariables = Exact<{
  input: UpdateLinkInput;
}>;


export type UpdateLinkMutation = { updateLink: { link: string } };

export type BanksQueryVariables = Exact<{
  locale: string;
}>;


export type BanksQuery = { viewer: { paymentServiceUser: { id: string, name: string, connections: Array<{ id: string, status: BankConnectionStatus, requiredAction: RequiredAction, consentExpiresAt: string | null, dataUpdatedAt: string | null, createdAt: string, connector: { id: string, name: string } }>, accounts: Array<{ id: string, name: string | null, metadata: Record<string, string>, connection: { id: string } | null, balances: Array<{ amount: { asset: string, decimal: string, formatted: string } }> }> } | null } };

export type BanksChangedSubscriptionVariables = Exact<{
  psuId: string | number;
}>;


export type BanksChangedSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connectionId: string, connection: { status: BankConnectionStatus, requiredAction: RequiredAction, dataUpdatedAt: string | null, consentExpiresAt: string | null, connector: { name: string } } | null } };

export type PaymentsQueryVariables = Exact<{
  accountId: string | number;
  after?: string | null | undefined;
  locale: string;
}>;


export type PaymentsQuery = { account: { metadata: Record<string, string>, payments: { nodes: Array<{ id: string, direction: PaymentDirection | null, status: PaymentStatus, createdAt: string, initialAmount: { decimal: string, formatted: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type AttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type AttemptSubscription = { linkAttemptChanged: { status: LinkAttemptStatus, isExpired: boolean, createdAt: string, connector: { id: string, name: string } } };

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

export const AccountDocument = new TypedDocumentString(`
    query Account($id: ID!, $locale: String!) {
  account(id: $id) {
    name
    metadata
    defaultAsset
    connector {
      name
    }
    balances {
      lastUpdatedAt
      amount {
        asset
        currency
        decimal
        formatted(locale: $locale)
      }
    }
  }
}
    `, {"hash":"sha256:593609ca8e542e585f4326917e73c9a2d9e3a38d6fcf82b928abebcba3bebbb5"}) as unknown as TypedDocumentString<AccountQuery, AccountQueryVariables>;
export const HistoryDocument = new TypedDocumentString(`
    query History($id: ID!, $asset: String!, $locale: String!) {
  account(id: $id) {
    balanceHistory(asset: $asset, first: 100) {
      nodes {
        createdAt
        lastUpdatedAt
        amount {
          amount
          formatted(locale: $locale)
        }
      }
    }
  }
}
    `, {"hash":"sha256:d3cf9d7b086562bb91ab61b084832579208e1cb00bcd8244a711c9f42b119409"}) as unknown as TypedDocumentString<HistoryQuery, HistoryQueryVariables>;
export const DisconnectDocument = new TypedDocumentString(`
    mutation Disconnect($id: ID!) {
  deleteConnection(input: {connectionId: $id}) {
    deletedId
  }
}
    `, {"hash":"sha256:323e2065315fdcd7515bcd816736efa147ac5f67b393765e1d73bd730036a32e"}) as unknown as TypedDocumentString<DisconnectMutation, DisconnectMutationVariables>;
export const ConnectorsDocument = new TypedDocumentString(`
    query Connectors {
  connectors(first: 100, filter: {canLink: true}) {
    nodes {
      id
      name
      provider
    }
  }
}
    `, {"hash":"sha256:8f6e9253dd5c538220944222ce110fc9c1a11e5125be6f89d3863bc774e2d548"}) as unknown as TypedDocumentString<ConnectorsQuery, ConnectorsQueryVariables>;
export const ForwardDocument = new TypedDocumentString(`
    mutation Forward($input: ForwardPaymentServiceUserInput!) {
  forwardPaymentServiceUser(input: $input) {
    connector {
      id
    }
  }
}
    `, {"hash":"sha256:c4357d811bc8f7e840458a81f1861eaf8bf55ae5476372b86d5119300a6b77c9"}) as unknown as TypedDocumentString<ForwardMutation, ForwardMutationVariables>;
export const CreateLinkDocument = new TypedDocumentString(`
    mutation CreateLink($input: CreateLinkInput!) {
  createLink(input: $input) {
    link
  }
}
    `, {"hash":"sha256:5d086d6193491cfa5b085f6fafbb602941532f8a79b95b84326e3165b513711c"}) as unknown as TypedDocumentString<CreateLinkMutation, CreateLinkMutationVariables>;
export const UpdateLinkDocument = new TypedDocumentString(`
    mutation UpdateLink($input: UpdateLinkInput!) {
  updateLink(input: $input) {
    link
  }
}
    `, {"hash":"sha256:2d15d2bc22055543b9b375946b00ed1d95538bbab2a1fa7f85853da1384f7115"}) as unknown as TypedDocumentString<UpdateLinkMutation, UpdateLinkMutationVariables>;
export const BanksDocument = new TypedDocumentString(`
    query Banks($locale: String!) {
  viewer {
    paymentServiceUser {
      id
      name
      connections {
        id
        status
        requiredAction
        consentExpiresAt
        dataUpdatedAt
        createdAt
        connector {
          id
          name
        }
      }
      accounts {
        id
        name
        metadata
        connection {
          id
        }
        balances {
          amount {
            asset
            decimal
            formatted(locale: $locale)
          }
        }
      }
    }
  }
}
    `, {"hash":"sha256:72fbf4b2c23657582f312be5e67e4b14097efb0f8e649c3371a55f9c2960ccda"}) as unknown as TypedDocumentString<BanksQuery, BanksQueryVariables>;
export const BanksChangedDocument = new TypedDocumentString(`
    subscription BanksChanged($psuId: ID!) {
  connectionChanged(psuId: $psuId) {
    kind
    connectionId
    connection {
      status
      requiredAction
      dataUpdatedAt
      consentExpiresAt
      connector {
        name
      }
    }
  }
}
    `, {"hash":"sha256:109b1026964e3bb2bf2c8db99b24f0d6826772ca4b5cb8b59ea95800fd79b527"}) as unknown as TypedDocumentString<BanksChangedSubscription, BanksChangedSubscriptionVariables>;
export const PaymentsDocument = new TypedDocumentString(`
    query Payments($accountId: ID!, $after: String, $locale: String!) {
  account(id: $accountId) {
    metadata
    payments(first: 25, after: $after) {
      nodes {
        id
        direction
        status
        createdAt
        initialAmount {
          decimal
          formatted(locale: $locale)
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `, {"hash":"sha256:641d171dc1dd0d50c5e8ac59e7617176299a8154ce75f330208457186c0e03be"}) as unknown as TypedDocumentString<PaymentsQuery, PaymentsQueryVariables>;
export const AttemptDocument = new TypedDocumentString(`
    subscription Attempt($id: ID!) {
  linkAttemptChanged(id: $id) {
    status
    isExpired
    createdAt
    connector {
      id
      name
    }
  }
}
    `, {"hash":"sha256:67e2a1795b694ba70f5038945fdd50987785d6f2fe7262969027f56c6c8b92a0"}) as unknown as TypedDocumentString<AttemptSubscription, AttemptSubscriptionVariables>;