import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient as createSocket } from "graphql-ws";

/** urql over HTTP, with subscriptions over one WebSocket that comes back by itself. */
export function createUrqlClient(url: string, getToken: () => Promise<string>) {
  const authorized = async () => ({ authorization: `Bearer ${await getToken()}` });
  const socket = createSocket({
    url: url.replace(/^http/, "ws"),
    connectionParams: authorized, // asked anew for each connection: a token may have ended
    shouldRetry: () => true,
    retryAttempts: Number.POSITIVE_INFINITY,
    keepAlive: 12_000,
  });
  const client = new Client({
    url,
    preferGetMethod: false,
    fetch: async (input, init) => fetch(input, { ...init, headers: { ...init?.headers, ...(await authorized()) } }),
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = "", variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables: variables as never }, sink) }),
        }),
      }),
    ],
  });
  return Object.assign(client, { [Symbol.asyncDispose]: async () => socket.dispose() });
}

type Payment = { readonly id: string; readonly amount: { readonly formatted: string }; readonly createdAt: string };
type Payments = {
  payments: { nodes: readonly Payment[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
};

export const PaymentsPage = gql<Payments, { after: string | null }>`
  query PaymentsPage($after: String) {
    payments(first: 15, after: $after) {
      nodes { id amount { formatted(locale: "en-GB") } createdAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

/** One page after the other, as a list asks for them when it is scrolled. */
export async function* pagesOfPayments(client: Client): AsyncGenerator<readonly Payment[]> {
  for (let after: string | null = null, more = true; more; ) {
    const { data, error } = await client.query(PaymentsPage, { after }).toPromise();
    // A list that failed is null beside its error: the types leave that null out, because this throws on any error.
    if (data === undefined || error !== undefined) throw error;
    yield data.payments.nodes;
    ({ hasNextPage: more, endCursor: after } = data.payments.pageInfo);
  }
}

type Attempt = { linkAttemptChanged: { status: "PENDING" | "COMPLETED" | "EXITED"; error: string | null } };

export const AttemptChanged = gql<Attempt, { id: string }>`
  subscription AttemptChanged($id: ID!) { linkAttemptChanged(id: $id) { status error } }
`;
