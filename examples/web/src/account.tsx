import { useState } from "react";
import { Button } from "./button.tsx";
import { HistoryChart } from "./chart.tsx";
import { isWrongId } from "./client.ts";
import { toAge, toAmount, toBalance, toDay, toKind, toName } from "./format.ts";
import { graphql } from "./graphql/gql.ts";
import { locale, texts } from "./language.ts";
import { useRead } from "./network.ts";
import { Loading, NotFound, Problem } from "./notices.tsx";
import { operation } from "./operation.ts";
import { Payments } from "./payments.tsx";
import { Link, Title } from "./router.tsx";

const Account = operation(
  graphql(`
    query Account($id: ID!, $locale: String!) {
      account(id: $id) {
        name officialName kind mask isLiability provider defaultAsset createdAt refreshedAt connector { name }
        balances { lastUpdatedAt amount { asset currency decimal formatted(locale: $locale) } }
        available { decimal formatted(locale: $locale) }
        limit { decimal formatted(locale: $locale) }
      }
    }
  `),
);

const History = operation(
  graphql(`
    query History($id: ID!, $asset: String!, $locale: String!) {
      account(id: $id) {
        balanceHistory(asset: $asset, first: 100) {
          nodes { createdAt lastUpdatedAt amount { amount decimal formatted(locale: $locale) } }
        }
      }
    }
  `),
);

export function AccountPage({ id }: { id: string }) {
  const { data, error, again } = useRead(Account, { id, locale });
  const [chosen, choose] = useState<string | null>(null);
  const account = data?.account;
  const balances = account?.balances;
  const asset = chosen ?? account?.defaultAsset ?? balances?.[0]?.amount.asset;
  // The provider's word of when the account was first read: no later one is kept.
  const readOn = account && toDay(account.refreshedAt ?? account.createdAt);
  if (isWrongId(error) || (account === null && !error)) return <NotFound />;
  return (
    <>
      <Link href="/">← {texts.banks}</Link>
      <Title name={account?.name ?? texts.account} />
      {error && <Problem error={error} retry={again} />}
      {!data && !error && <Loading />}
      {account && (
        <>
          <p className="soft">
            {[account.connector && toName(account.connector), toKind(account), account.officialName]
              .filter(Boolean)
              .join(" · ")}
          </p>
          <section className="card" aria-label={texts.balance}>
            {balances?.length === 0 && <p className="soft">{texts.noBalance}</p>}
            {balances === null && <p className="missing">{texts.balanceGone}</p>}
            {balances?.map(({ amount, lastUpdatedAt }) => (
              <div key={amount.asset} className="head">
                <data className="large" value={amount.decimal}>
                  {toBalance(account, amount)}
                </data>
                <span className="soft">{toAge(lastUpdatedAt)}</span>
                {balances.length > 1 && (
                  <Button className="plain" aria-pressed={asset === amount.asset} onClick={() => choose(amount.asset)}>
                    {texts.historyOf(amount.currency)}
                  </Button>
                )}
              </div>
            ))}
            {(["available", "limit"] as const).map((name) => {
              const money = account[name];
              return (
                money &&
                readOn && <p className="soft" key={name}>{`${texts.as(texts[name], readOn)}: ${toAmount(money)}`}</p>
              );
            })}
            {asset != null && <BalanceHistory id={id} asset={asset} />}
          </section>
          <h2>{texts.payments}</h2>
          <Payments accountId={id} />
        </>
      )}
    </>
  );
}

function BalanceHistory({ id, asset }: { id: string; asset: string }) {
  const { data, error, again } = useRead(History, { id, asset, locale });
  const rows = data?.account?.balanceHistory?.nodes;
  if (error) return <Problem error={error} retry={again} />;
  return rows === undefined ? <Loading /> : <HistoryChart rows={rows} />;
}
