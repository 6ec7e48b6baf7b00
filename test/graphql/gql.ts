/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n    mutation CreateComplete($input: CreatePaymentServiceUserInput!) {\n      createPaymentServiceUser(input: $input) {\n        paymentServiceUser {\n          name\n          contactDetails { email phoneNumber locale }\n          address { streetName streetNumber city region postalCode country }\n          metadata\n        }\n      }\n    }\n  ": typeof types.CreateCompleteDocument,
    "\n  query UsersWithConnections {\n    paymentServiceUsers(first: 20) { nodes { name connections { status connectionId } } }\n  }\n": typeof types.UsersWithConnectionsDocument,
    "\n  query UsersWithAccounts {\n    paymentServiceUsers(first: 20) { nodes { name accounts { name connector { name } } } }\n  }\n": typeof types.UsersWithAccountsDocument,
    "\n  query Tree {\n    paymentServiceUsers(first: 20) {\n      nodes {\n        name\n        accounts { id }\n        connections {\n          status\n          accounts { id name balances { amount { decimal currency } account { name } } }\n        }\n      }\n    }\n  }\n": typeof types.TreeDocument,
    "\n  query AllAccounts($first: Int!) {\n    accounts(first: $first) { nodes { id accountId } }\n  }\n": typeof types.AllAccountsDocument,
    "\n  query Nodes($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { accountId } }\n  }\n": typeof types.NodesDocument,
    "\n  query MoneyOf($id: ID!, $locale: String) {\n    account(id: $id) {\n      balanceHistory(first: 100) {\n        nodes { amount { asset currency scale amount decimal formatted(locale: $locale) } }\n      }\n    }\n  }\n": typeof types.MoneyOfDocument,
    "\n  query RawAccount($id: ID!) {\n    account(id: $id) { raw }\n  }\n": typeof types.RawAccountDocument,
    "\n  query ExactBalances($id: ID!, $asset: String) {\n    account(id: $id) { balances(asset: $asset) { amount { amount decimal } } }\n  }\n": typeof types.ExactBalancesDocument,
    "\n  query ExactPayments {\n    payments { nodes { amount { amount decimal } initialAmount { amount decimal } } }\n  }\n": typeof types.ExactPaymentsDocument,
    "\n  query WholeLists($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { accounts { accountId } connections { connectionId } }\n  }\n": typeof types.WholeListsDocument,
};
const documents: Documents = {
    "\n    mutation CreateComplete($input: CreatePaymentServiceUserInput!) {\n      createPaymentServiceUser(input: $input) {\n        paymentServiceUser {\n          name\n          contactDetails { email phoneNumber locale }\n          address { streetName streetNumber city region postalCode country }\n          metadata\n        }\n      }\n    }\n  ": types.CreateCompleteDocument,
    "\n  query UsersWithConnections {\n    paymentServiceUsers(first: 20) { nodes { name connections { status connectionId } } }\n  }\n": types.UsersWithConnectionsDocument,
    "\n  query UsersWithAccounts {\n    paymentServiceUsers(first: 20) { nodes { name accounts { name connector { name } } } }\n  }\n": types.UsersWithAccountsDocument,
    "\n  query Tree {\n    paymentServiceUsers(first: 20) {\n      nodes {\n        name\n        accounts { id }\n        connections {\n          status\n          accounts { id name balances { amount { decimal currency } account { name } } }\n        }\n      }\n    }\n  }\n": types.TreeDocument,
    "\n  query AllAccounts($first: Int!) {\n    accounts(first: $first) { nodes { id accountId } }\n  }\n": types.AllAccountsDocument,
    "\n  query Nodes($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { accountId } }\n  }\n": types.NodesDocument,
    "\n  query MoneyOf($id: ID!, $locale: String) {\n    account(id: $id) {\n      balanceHistory(first: 100) {\n        nodes { amount { asset currency scale amount decimal formatted(locale: $locale) } }\n      }\n    }\n  }\n": types.MoneyOfDocument,
    "\n  query RawAccount($id: ID!) {\n    account(id: $id) { raw }\n  }\n": types.RawAccountDocument,
    "\n  query ExactBalances($id: ID!, $asset: String) {\n    account(id: $id) { balances(asset: $asset) { amount { amount decimal } } }\n  }\n": types.ExactBalancesDocument,
    "\n  query ExactPayments {\n    payments { nodes { amount { amount decimal } initialAmount { amount decimal } } }\n  }\n": types.ExactPaymentsDocument,
    "\n  query WholeLists($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { accounts { accountId } connections { connectionId } }\n  }\n": types.WholeListsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    mutation CreateComplete($input: CreatePaymentServiceUserInput!) {\n      createPaymentServiceUser(input: $input) {\n        paymentServiceUser {\n          name\n          contactDetails { email phoneNumber locale }\n          address { streetName streetNumber city region postalCode country }\n          metadata\n        }\n      }\n    }\n  "): typeof import('./graphql.ts').CreateCompleteDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query UsersWithConnections {\n    paymentServiceUsers(first: 20) { nodes { name connections { status connectionId } } }\n  }\n"): typeof import('./graphql.ts').UsersWithConnectionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query UsersWithAccounts {\n    paymentServiceUsers(first: 20) { nodes { name accounts { name connector { name } } } }\n  }\n"): typeof import('./graphql.ts').UsersWithAccountsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Tree {\n    paymentServiceUsers(first: 20) {\n      nodes {\n        name\n        accounts { id }\n        connections {\n          status\n          accounts { id name balances { amount { decimal currency } account { name } } }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').TreeDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AllAccounts($first: Int!) {\n    accounts(first: $first) { nodes { id accountId } }\n  }\n"): typeof import('./graphql.ts').AllAccountsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Nodes($ids: [ID!]!) {\n    nodes(ids: $ids) { id ... on Account { accountId } }\n  }\n"): typeof import('./graphql.ts').NodesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query MoneyOf($id: ID!, $locale: String) {\n    account(id: $id) {\n      balanceHistory(first: 100) {\n        nodes { amount { asset currency scale amount decimal formatted(locale: $locale) } }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').MoneyOfDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query RawAccount($id: ID!) {\n    account(id: $id) { raw }\n  }\n"): typeof import('./graphql.ts').RawAccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ExactBalances($id: ID!, $asset: String) {\n    account(id: $id) { balances(asset: $asset) { amount { amount decimal } } }\n  }\n"): typeof import('./graphql.ts').ExactBalancesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ExactPayments {\n    payments { nodes { amount { amount decimal } initialAmount { amount decimal } } }\n  }\n"): typeof import('./graphql.ts').ExactPaymentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WholeLists($psuId: ID!) {\n    paymentServiceUser(id: $psuId) { accounts { accountId } connections { connectionId } }\n  }\n"): typeof import('./graphql.ts').WholeListsDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
