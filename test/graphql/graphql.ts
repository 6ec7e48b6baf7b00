/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Whether a connection works. */
export type BankConnectionStatus =
  /** Data is being fetched. */
  | 'ACTIVE'
  /** No data until the user repairs it, mostly by signing in again: `updateLink`. */
  | 'ERROR';

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