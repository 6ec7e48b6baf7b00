import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { isSubscriptionOperation, relayStylePagination } from "@apollo/client/utilities";
import { createClient as createSocket } from "graphql-ws";

/**
 * Lists are called `…Page` and have the shape of Relay's connections, so `relayStylePagination` joins their pages. It
 * keeps `edges`: ask for those, and not for the short cut `nodes`. Name the arguments that make a list another one.
 */
const cache = () =>
  new InMemoryCache({
    typePolicies: {
      Query: {
        fields: {
          accounts: relayStylePagination(["filter"]),
          connectors: relayStylePagination(["filter"]),
          payments: relayStylePagination(["filter"]),
          paymentServiceUsers: relayStylePagination(["filter"]),
        },
      },
      PaymentServiceUser: {
        fields: {
          accounts: { merge: false },
          connections: { merge: false },
          linkAttempts: relayStylePagination(["connectorId", "statuses"]),
          payments: relayStylePagination(["filter"]),
        },
      },
      BankConnection: { fields: { accounts: { merge: false } } },
      Account: {
        fields: {
          balances: { merge: false },
          balanceHistory: relayStylePagination(["asset", "from", "to"]),
          payments: relayStylePagination(["filter"]),
        },
      },
    },
  });

/** Apollo Client 4: queries and mutations over HTTP, subscriptions over one WebSocket that comes back by itself. */
export function createApolloClient(url: string, getToken: () => Promise<string>) {
  const authorized = async () => ({ authorization: `Bearer ${await getToken()}` });
  const socket = createSocket({
    url: url.replace(/^http/, "ws"),
    connectionParams: authorized,
    shouldRetry: () => true,
    retryAttempts: Number.POSITIVE_INFINITY,
    keepAlive: 12_000,
  });
  const http = new SetContextLink(async ({ headers }) => ({ headers: { ...headers, ...(await authorized()) } }));
  const client = new ApolloClient({
    cache: cache(),
    link: ApolloLink.split(
      ({ query }) => isSubscriptionOperation(query),
      new GraphQLWsLink(socket),
      http.concat(new HttpLink({ uri: url })),
    ),
  });
  return Object.assign(client, {
    async [Symbol.asyncDispose]() {
      client.stop();
      await socket.dispose();
    },
  });
}

/** `fetchMore({ variables: { after: data.payments.pageInfo.endCursor } })` adds the next page. */
export const PAYMENTS = gql`
  query Payments($after: String) {
    payments(first: 15, after: $after) {
      edges { cursor node { id amount { formatted(locale: "en-GB") } createdAt } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

/**
 * A field that failed is null, and the others have their data. `client.query({ query: OVERVIEW, errorPolicy: "all" })`
 * gives both `data` and `error`; without it (`"none"`) any error rejects, and nothing in `data` is null because of one:
 * graphql-codegen's `nullability: { errorHandlingClient: true }` leaves such nulls out of the types.
 */
export const OVERVIEW = gql`
  query Overview($id: ID!, $locale: String!) {
    paymentServiceUser(id: $id) {
      name
      accounts { id name balances { amount { decimal formatted(locale: $locale) } } }
    }
  }
`;

export const ATTEMPT_CHANGED = gql`
  subscription AttemptChanged($id: ID!) { linkAttemptChanged(id: $id) { id status error } }
`;
