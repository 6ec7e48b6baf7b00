/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
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

/** Whether a connection works. */
export type BankConnectionStatus =
  /** Data is being fetched. */
  | 'ACTIVE'
  /** No data until the user repairs it, mostly by signing in again: `updateLink`. */
  | 'ERROR';

/** How to reach a PSU. Plaid and Tink require the locale. */
export type ContactDetailsInput = {
  email?: string | null | undefined;
  /** A BCP 47 language tag: "fr-FR". */
  locale?: string | null | undefined;
  /** With its country code: "+33123456789". */
  phoneNumber?: string | null | undefined;
};

export type CreatePaymentServiceUserInput = {
  address?: AddressInput | null | undefined;
  contactDetails?: ContactDetailsInput | null | undefined;
  /** Notes of your own, such as your id of the user. */
  metadata?: Record<string, unknown> | null | undefined;
  /** From 1 to 1000 characters. */
  name: string;
};

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
   | null> };

export type MoneyOfQueryVariables = Exact<{
  id: string | number;
  locale?: string | null | undefined;
}>;


export type MoneyOfQuery = { account: { balanceHistory: { nodes: Array<{ amount: { asset: string, currency: string, scale: number, amount: string, decimal: string, formatted: string } }> } } | null };

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