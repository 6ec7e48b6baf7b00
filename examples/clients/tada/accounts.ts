import { initGraphQLTada, type ResultOf } from "gql.tada";
import { print } from "graphql";
import type { introspection } from "./graphql-env.d.ts";

/**
 * Documents that type themselves, without generated files for each: `gql.tada generate-output` makes `graphql-env.d.ts`
 * of the schema, `gql.tada check` checks the documents. Amounts are text: no digit is lost.
 */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: {
    BigInt: string;
    DateTime: string;
    JSON: unknown;
    Metadata: Record<string, string>;
    URL: string;
  };
}>();

export const Accounts = graphql(`
  query Accounts($first: Int!) {
    accounts(first: $first) {
      nodes { id name type balances { amount { decimal currency } } }
    }
  }
`);

type Data = ResultOf<typeof Accounts>;
/** The list as a whole may have failed, and so may the balances of each account. */
export type Account = NonNullable<Data["accounts"]>["nodes"][number];

export async function listAccounts(url: string, token: string, first: number): Promise<Account[]> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: print(Accounts), variables: { first } }),
  });
  const { data, errors } = (await response.json()) as { data?: Data | null; errors?: { message: string }[] };
  if (data?.accounts == null) throw new Error(errors?.[0]?.message ?? "There is no answer.");
  return data.accounts.nodes;
}
