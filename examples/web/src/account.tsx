import { useState } from "react";
import { useQuery } from "urql";
import { Button } from "./button.tsx";
import { HistoryChart } from "./chart.tsx";
import { isDebt, locale, toAge } from "./format.ts";
import { graphql } from "./graphql/gql.ts";
import { Loading, Problem } from "./notices.tsx";
import { operation } from "./operation.ts";
import { Payments } from "./payments.tsx";
import { Link, Title } from "./router.tsx";

const Account = operation(
  graphql(`
    query Account($id: ID!, $locale: String!) {
      account(id: $id) {
        name metadata defaultAsset connector { name }
        balances { lastUpdatedAt amount { asset currency decimal formatted(locale: $locale) } }
      }
    }
  `),
);

const History = operation(
  graphql(`
    query History($id: ID!, $asset: String!, $locale: String!) {
      account(id: $id) {
        balanceHistory(asset: $asset, first: 100) { nodes { createdAt lastUpdatedAt amount { amount formatted(locale: $locale) } } }
      }
    }
  `),
);

export function AccountPage({ id }: { id: string }) {
  const [{ data, error }, ask] = useQuery({ query: Account, variables: { id, locale } });
  const [chosen, choose] = useState<string | null>(null);
  const account = data?.account;
  const balances = account?.balances ?? [];
  const asset = chosen ?? account?.defaultAsset ?? balances[0]?.amount.asset;
  return (
    <>
      <Link href="/">← Your banks</Link>
      <Title name={account?.name ?? "Account"} />
      {error && <Problem error={error} retry={() => ask({ requestPolicy: "network-only" })} />}
      {!data && !error && <Loading what="the account" />}
      {account === null && <p>This account does not exist any more, or it is not yours.</p>}
      {account && (
        <>
          <p className="soft">{account.connector?.name}</p>
          <section className="card" aria-label="Balance">
            {balances.length === 0 && <p className="soft">No balance yet.</p>}
            {balances.map(({ amount, lastUpdatedAt }) => (
              <div key={amount.asset} className="head">
                <data className="large" value={amount.decimal}>
                  {amount.formatted}
                  {isDebt(account) && " owed"}
                </data>
                <span className="soft">{toAge(lastUpdatedAt)}</span>
                {balances.length > 1 && (
                  <Button className="plain" aria-pressed={asset === amount.asset} onClick={() => choose(amount.asset)}>
                    {amount.currency} over time
                  </Button>
                )}
              </div>
            ))}
            {asset != null && <BalanceHistory id={id} asset={asset} />}
          </section>
          <h2>Payments</h2>
          <Payments accountId={id} />
        </>
      )}
    </>
  );
}

function BalanceHistory({ id, asset }: { id: string; asset: string }) {
  const [{ data, error }, ask] = useQuery({ query: History, variables: { id, asset, locale } });
  const rows = data?.account?.balanceHistory.nodes;
  if (error) return <Problem error={error} retry={() => ask({ requestPolicy: "network-only" })} />;
  return rows === undefined ? <Loading what="the history" /> : <HistoryChart rows={rows} />;
}
