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
    "\n    query Account($id: ID!, $locale: String!) {\n      account(id: $id) {\n        name officialName kind mask isLiability provider defaultAsset createdAt refreshedAt connector { name }\n        balances { lastUpdatedAt amount { asset currency decimal formatted(locale: $locale) } }\n        available { decimal formatted(locale: $locale) }\n        limit { decimal formatted(locale: $locale) }\n      }\n    }\n  ": typeof types.AccountDocument,
    "\n    query History($id: ID!, $asset: String!, $locale: String!) {\n      account(id: $id) {\n        balanceHistory(asset: $asset, first: 100) {\n          nodes { createdAt lastUpdatedAt amount { amount decimal formatted(locale: $locale) } }\n        }\n      }\n    }\n  ": typeof types.HistoryDocument,
    "mutation Disconnect($id: ID!) { deleteConnection(input: { connectionId: $id }) { deletedId } }": typeof types.DisconnectDocument,
    "\n    query Connectors { connectors(first: 100, filter: { canLink: true }) { nodes { id name provider needs } } }\n  ": typeof types.ConnectorsDocument,
    "\n    mutation Forward($input: ForwardPaymentServiceUserInput!) { forwardPaymentServiceUser(input: $input) { connector { id } } }\n  ": typeof types.ForwardDocument,
    "mutation CreateLink($input: CreateLinkInput!) { createLink(input: $input) { link } }": typeof types.CreateLinkDocument,
    "mutation UpdateLink($input: UpdateLinkInput!) { updateLink(input: $input) { link } }": typeof types.UpdateLinkDocument,
    "\n    query Banks($locale: String!) {\n      viewer {\n        paymentServiceUser {\n          id name address { country } contactDetails { locale }\n          connections {\n            id status requiredAction consentExpiresAt dataUpdatedAt createdAt\n            connector { id name }\n          }\n          accounts {\n            id name kind mask isLiability provider createdAt connection { id } connector { name }\n            balances { amount { asset decimal formatted(locale: $locale) } }\n          }\n          totals {\n            asset currency\n            assets { decimal formatted(locale: $locale) }\n            liabilities { decimal formatted(locale: $locale) }\n            net { decimal formatted(locale: $locale) }\n          }\n        }\n      }\n    }\n  ": typeof types.BanksDocument,
    "\n    subscription BanksChanged($psuId: ID!) {\n      connectionChanged(psuId: $psuId) {\n        kind connectionId\n        connection { status requiredAction dataUpdatedAt consentExpiresAt connector { name } }\n      }\n    }\n  ": typeof types.BanksChangedDocument,
    "\n    query Payments($accountId: ID!, $after: String, $locale: String!) {\n      account(id: $accountId) {\n        payments(first: 25, after: $after) {\n          nodes {\n            id direction type isPending description bookedOn occurredAt createdAt\n            counterparty { name logoUrl }\n            category { name }\n            amount { decimal formatted(locale: $locale) }\n          }\n          pageInfo { hasNextPage endCursor }\n        }\n      }\n    }\n  ": typeof types.PaymentsDocument,
    "\n    subscription Attempt($id: ID!) {\n      linkAttemptChanged(id: $id) { status isExpired createdAt connector { id name } }\n    }\n  ": typeof types.AttemptDocument,
};
const documents: Documents = {
    "\n    query Account($id: ID!, $locale: String!) {\n      account(id: $id) {\n        name officialName kind mask isLiability provider defaultAsset createdAt refreshedAt connector { name }\n        balances { lastUpdatedAt amount { asset currency decimal formatted(locale: $locale) } }\n        available { decimal formatted(locale: $locale) }\n        limit { decimal formatted(locale: $locale) }\n      }\n    }\n  ": types.AccountDocument,
    "\n    query History($id: ID!, $asset: String!, $locale: String!) {\n      account(id: $id) {\n        balanceHistory(asset: $asset, first: 100) {\n          nodes { createdAt lastUpdatedAt amount { amount decimal formatted(locale: $locale) } }\n        }\n      }\n    }\n  ": types.HistoryDocument,
    "mutation Disconnect($id: ID!) { deleteConnection(input: { connectionId: $id }) { deletedId } }": types.DisconnectDocument,
    "\n    query Connectors { connectors(first: 100, filter: { canLink: true }) { nodes { id name provider needs } } }\n  ": types.ConnectorsDocument,
    "\n    mutation Forward($input: ForwardPaymentServiceUserInput!) { forwardPaymentServiceUser(input: $input) { connector { id } } }\n  ": types.ForwardDocument,
    "mutation CreateLink($input: CreateLinkInput!) { createLink(input: $input) { link } }": types.CreateLinkDocument,
    "mutation UpdateLink($input: UpdateLinkInput!) { updateLink(input: $input) { link } }": types.UpdateLinkDocument,
    "\n    query Banks($locale: String!) {\n      viewer {\n        paymentServiceUser {\n          id name address { country } contactDetails { locale }\n          connections {\n            id status requiredAction consentExpiresAt dataUpdatedAt createdAt\n            connector { id name }\n          }\n          accounts {\n            id name kind mask isLiability provider createdAt connection { id } connector { name }\n            balances { amount { asset decimal formatted(locale: $locale) } }\n          }\n          totals {\n            asset currency\n            assets { decimal formatted(locale: $locale) }\n            liabilities { decimal formatted(locale: $locale) }\n            net { decimal formatted(locale: $locale) }\n          }\n        }\n      }\n    }\n  ": types.BanksDocument,
    "\n    subscription BanksChanged($psuId: ID!) {\n      connectionChanged(psuId: $psuId) {\n        kind connectionId\n        connection { status requiredAction dataUpdatedAt consentExpiresAt connector { name } }\n      }\n    }\n  ": types.BanksChangedDocument,
    "\n    query Payments($accountId: ID!, $after: String, $locale: String!) {\n      account(id: $accountId) {\n        payments(first: 25, after: $after) {\n          nodes {\n            id direction type isPending description bookedOn occurredAt createdAt\n            counterparty { name logoUrl }\n            category { name }\n            amount { decimal formatted(locale: $locale) }\n          }\n          pageInfo { hasNextPage endCursor }\n        }\n      }\n    }\n  ": types.PaymentsDocument,
    "\n    subscription Attempt($id: ID!) {\n      linkAttemptChanged(id: $id) { status isExpired createdAt connector { id name } }\n    }\n  ": types.AttemptDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Account($id: ID!, $locale: String!) {\n      account(id: $id) {\n        name officialName kind mask isLiability provider defaultAsset createdAt refreshedAt connector { name }\n        balances { lastUpdatedAt amount { asset currency decimal formatted(locale: $locale) } }\n        available { decimal formatted(locale: $locale) }\n        limit { decimal formatted(locale: $locale) }\n      }\n    }\n  "): typeof import('./graphql.ts').AccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query History($id: ID!, $asset: String!, $locale: String!) {\n      account(id: $id) {\n        balanceHistory(asset: $asset, first: 100) {\n          nodes { createdAt lastUpdatedAt amount { amount decimal formatted(locale: $locale) } }\n        }\n      }\n    }\n  "): typeof import('./graphql.ts').HistoryDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation Disconnect($id: ID!) { deleteConnection(input: { connectionId: $id }) { deletedId } }"): typeof import('./graphql.ts').DisconnectDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Connectors { connectors(first: 100, filter: { canLink: true }) { nodes { id name provider needs } } }\n  "): typeof import('./graphql.ts').ConnectorsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    mutation Forward($input: ForwardPaymentServiceUserInput!) { forwardPaymentServiceUser(input: $input) { connector { id } } }\n  "): typeof import('./graphql.ts').ForwardDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CreateLink($input: CreateLinkInput!) { createLink(input: $input) { link } }"): typeof import('./graphql.ts').CreateLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation UpdateLink($input: UpdateLinkInput!) { updateLink(input: $input) { link } }"): typeof import('./graphql.ts').UpdateLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Banks($locale: String!) {\n      viewer {\n        paymentServiceUser {\n          id name address { country } contactDetails { locale }\n          connections {\n            id status requiredAction consentExpiresAt dataUpdatedAt createdAt\n            connector { id name }\n          }\n          accounts {\n            id name kind mask isLiability provider createdAt connection { id } connector { name }\n            balances { amount { asset decimal formatted(locale: $locale) } }\n          }\n          totals {\n            asset currency\n            assets { decimal formatted(locale: $locale) }\n            liabilities { decimal formatted(locale: $locale) }\n            net { decimal formatted(locale: $locale) }\n          }\n        }\n      }\n    }\n  "): typeof import('./graphql.ts').BanksDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    subscription BanksChanged($psuId: ID!) {\n      connectionChanged(psuId: $psuId) {\n        kind connectionId\n        connection { status requiredAction dataUpdatedAt consentExpiresAt connector { name } }\n      }\n    }\n  "): typeof import('./graphql.ts').BanksChangedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Payments($accountId: ID!, $after: String, $locale: String!) {\n      account(id: $accountId) {\n        payments(first: 25, after: $after) {\n          nodes {\n            id direction type isPending description bookedOn occurredAt createdAt\n            counterparty { name logoUrl }\n            category { name }\n            amount { decimal formatted(locale: $locale) }\n          }\n          pageInfo { hasNextPage endCursor }\n        }\n      }\n    }\n  "): typeof import('./graphql.ts').PaymentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    subscription Attempt($id: ID!) {\n      linkAttemptChanged(id: $id) { status isExpired createdAt connector { id name } }\n    }\n  "): typeof import('./graphql.ts').AttemptDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
