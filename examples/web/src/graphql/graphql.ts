/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What an account is for. */
export type AccountKind =
  /** For daily payments. */
  | 'CHECKING'
  /** A liability. */
  | 'CREDIT_CARD'
  /** Securities, funds, insurances or cryptocurrencies. */
  | 'INVESTMENT'
  /** A liability, such as a student loan, a car loan or a line of credit. */
  | 'LOAN'
  /** A liability that is secured by a home. */
  | 'MORTGAGE'
  /** The provider names a kind that is none of these. */
  | 'OTHER'
  /** Investments that are kept until retirement. */
  | 'PENSION'
  /** Money put aside, also for a fixed time or for health expenses. */
  | 'SAVINGS'
  /** The provider does not say: Powens never does. */
  | 'UNKNOWN';

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

/** What a provider refuses a user or a link without. */
export type ConnectorNeed =
  /** The `applicationName` of `createLink` and `updateLink`. */
  | 'APPLICATION_NAME'
  /** The user's `address.country`. */
  | 'COUNTRY'
  /** The user's `contactDetails.locale`. */
  | 'LOCALE';

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

export type AccountQueryVariables = Exact<{
  id: string | number;
  locale: string;
}>;


export type AccountQuery = { account: { name: string | null, officialName: string | null, kind: AccountKind, mask: string | null, isLiability: boolean, provider: string, defaultAsset: string | null, createdAt: string, refreshedAt: string | null, connector: { name: string } | null, balances: Array<{ lastUpdatedAt: string, amount: { asset: string, currency: string, decimal: string, formatted: string | null } }> | null, available: { decimal: string, formatted: string | null } | null, limit: { decimal: string, formatted: string | null } | null } | null };

export type HistoryQueryVariables = Exact<{
  id: string | number;
  asset: string;
  locale: string;
}>;


export type HistoryQuery = { account: { balanceHistory: { nodes: Array<{ createdAt: string, lastUpdatedAt: string, amount: { amount: string, decimal: string, formatted: string | null } }> } | null } | null };

export type DisconnectMutationVariables = Exact<{
  id: string | number;
}>;


export type DisconnectMutation = { deleteConnection: { deletedId: string } | null };

export type ConnectorsQueryVariables = Exact<{ [key: string]: never; }>;


export type ConnectorsQuery = { connectors: { nodes: Array<{ id: string, name: string, provider: string, needs: Array<ConnectorNeed> }> } | null };

export type ForwardMutationVariables = Exact<{
  input: ForwardPaymentServiceUserInput;
}>;


export type ForwardMutation = { forwardPaymentServiceUser: { connector: { id: string } | null } | null };

export type CreateLinkMutationVariables = Exact<{
  input: CreateLinkInput;
}>;


export type CreateLinkMutation = { createLink: { link: string } | null };

export type UpdateLinkMutationVariables = Exact<{
  input: UpdateLinkInput;
}>;


export type UpdateLinkMutation = { updateLink: { link: string } | null };

export type BanksQueryVariables = Exact<{
  locale: string;
}>;


export type BanksQuery = { viewer: { paymentServiceUser: { id: string, name: string, address: { country: string | null } | null, contactDetails: { locale: string | null } | null, connections: Array<{ id: string, status: BankConnectionStatus | null, requiredAction: RequiredAction | null, consentExpiresAt: string | null, dataUpdatedAt: string | null, createdAt: string, connector: { id: string, name: string } | null }> | null, accounts: Array<{ id: string, name: string | null, kind: AccountKind, mask: string | null, isLiability: boolean, provider: string, createdAt: string, connection: { id: string } | null, connector: { name: string } | null, balances: Array<{ amount: { asset: string, decimal: string, formatted: string | null } }> | null }> | null, totals: Array<{ asset: string, currency: string, assets: { decimal: string, formatted: string | null }, liabilities: { decimal: string, formatted: string | null }, net: { decimal: string, formatted: string | null } }> | null } | null } | null };

export type BanksChangedSubscriptionVariables = Exact<{
  psuId: string | number;
}>;


export type BanksChangedSubscription = { connectionChanged: { kind: BankConnectionChangeKind, connectionId: string, connection: { status: BankConnectionStatus | null, requiredAction: RequiredAction | null, dataUpdatedAt: string | null, consentExpiresAt: string | null, connector: { name: string } | null } | null } };

export type PaymentsQueryVariables = Exact<{
  accountId: string | number;
  after?: string | null | undefined;
  locale: string;
}>;


export type PaymentsQuery = { account: { payments: { nodes: Array<{ id: string, direction: PaymentDirection | null, type: PaymentType, isPending: boolean | null, description: string | null, bookedOn: string | null, occurredAt: string | null, createdAt: string, counterparty: { name: string | null, logoUrl: string | null } | null, category: { name: string } | null, amount: { decimal: string, formatted: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type AttemptSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type AttemptSubscription = { linkAttemptChanged: { status: LinkAttemptStatus | null, isExpired: boolean, createdAt: string, connector: { id: string, name: string } | null } };

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
    officialName
    kind
    mask
    isLiability
    provider
    defaultAsset
    createdAt
    refreshedAt
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
    available {
      decimal
      formatted(locale: $locale)
    }
    limit {
      decimal
      formatted(locale: $locale)
    }
  }
}
    `, {"hash":"sha256:eecf9904b305f5460c876413217e662b526bb93f8f421c28cdb50d1c4c72f6c4"}) as unknown as TypedDocumentString<AccountQuery, AccountQueryVariables>;
export const HistoryDocument = new TypedDocumentString(`
    query History($id: ID!, $asset: String!, $locale: String!) {
  account(id: $id) {
    balanceHistory(asset: $asset, first: 100) {
      nodes {
        createdAt
        lastUpdatedAt
        amount {
          amount
          decimal
          formatted(locale: $locale)
        }
      }
    }
  }
}
    `, {"hash":"sha256:ae64f445b23f68245c73089f7aa1442d69134b820ecd0ce8acba699179dfb4b2"}) as unknown as TypedDocumentString<HistoryQuery, HistoryQueryVariables>;
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
      needs
    }
  }
}
    `, {"hash":"sha256:7a663a9e451d2579588fc095c1d0c2f2d8186b21d44659730f358957d4171191"}) as unknown as TypedDocumentString<ConnectorsQuery, ConnectorsQueryVariables>;
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
      address {
        country
      }
      contactDetails {
        locale
      }
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
        kind
        mask
        isLiability
        provider
        createdAt
        connection {
          id
        }
        connector {
          name
        }
        balances {
          amount {
            asset
            decimal
            formatted(locale: $locale)
          }
        }
      }
      totals {
        asset
        currency
        assets {
          decimal
          formatted(locale: $locale)
        }
        liabilities {
          decimal
          formatted(locale: $locale)
        }
        net {
          decimal
          formatted(locale: $locale)
        }
      }
    }
  }
}
    `, {"hash":"sha256:f6d369fa3568c43710de5b67ae4ce279e10c255678d34ef7facffdf5c4e880fd"}) as unknown as TypedDocumentString<BanksQuery, BanksQueryVariables>;
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
    payments(first: 25, after: $after) {
      nodes {
        id
        direction
        type
        isPending
        description
        bookedOn
        occurredAt
        createdAt
        counterparty {
          name
          logoUrl
        }
        category {
          name
        }
        amount {
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
    `, {"hash":"sha256:ea7506d0a7be88e4e319f25ffed1f33f4e34030e4c4fc37526ccd2891f4c9702"}) as unknown as TypedDocumentString<PaymentsQuery, PaymentsQueryVariables>;
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