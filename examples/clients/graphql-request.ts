import { ClientError, GraphQLClient, gql } from "graphql-request";

/** For back ends and scripts: a document in, data out. */
export function createRequestClient(url: string, getToken: () => Promise<string>): GraphQLClient {
  return new GraphQLClient(url, {
    requestMiddleware: async (request) => ({
      ...request,
      headers: { ...Object.fromEntries(new Headers(request.headers)), authorization: `Bearer ${await getToken()}` },
    }),
  });
}

type Banks = {
  paymentServiceUser: { connections: { id: string; status: string; connector: { name: string } }[] } | null;
};

export const BANKS = gql`
  query Banks($userId: ID!) {
    paymentServiceUser(id: $userId) { connections { id status connector { name } } }
  }
`;

export async function listBanks(client: GraphQLClient, userId: string) {
  const { paymentServiceUser } = await client.request<Banks>(BANKS, { userId });
  return paymentServiceUser?.connections ?? [];
}

/** What a program may decide by: `extensions.code`, never the words; and whether to try again. */
export function toFailure(error: unknown) {
  if (!(error instanceof ClientError)) return { code: "NETWORK", retryable: true };
  const { code, retryable } = error.response.errors?.[0]?.extensions ?? {};
  return { code: String(code), retryable: retryable === true };
}
