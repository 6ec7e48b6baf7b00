import { useQuery } from "urql";
import { Button } from "./button.tsx";
import { graphql } from "./graphql/gql.ts";
import { useLink } from "./link.ts";
import { useBanks } from "./live.tsx";
import { Loading, Problem } from "./notices.tsx";
import { operation } from "./operation.ts";
import { Link, Title } from "./router.tsx";

const Connectors = operation(
  graphql(`query Connectors { connectors(first: 100, filter: { canLink: true }) { nodes { id name provider } } }`),
);

const descriptions: Readonly<Record<string, string>> = {
  plaid: "Banks in the US, Canada and much of Europe",
  tink: "Banks in Europe",
  powens: "Banks in France and elsewhere; several at once",
  dummypay: "Invented banks, for trials",
};

export function ConnectPage() {
  const { psu } = useBanks();
  const [{ data, error }, ask] = useQuery({ query: Connectors });
  const { open, opening, error: linkError } = useLink();
  return (
    <>
      <Title name="Connect a bank" />
      <p className="soft">
        You leave Purse, sign in at your bank, and choose what Purse may see. It never sees your password and cannot
        move money.
      </p>
      {linkError && <Problem error={linkError} />}
      {error && <Problem error={error} retry={() => ask({ requestPolicy: "network-only" })} />}
      {(!data || psu === undefined) && !error && <Loading what="the providers" />}
      <ul className="rows">
        {psu &&
          data?.connectors.nodes.map(({ id: connectorId, name, provider }) => (
            <li key={connectorId} className="card">
              <Button className="row" disabled={!!opening} onClick={() => open({ psuId: psu.id, connectorId })}>
                <span>
                  <strong>{name}</strong>
                  <span className="soft">{descriptions[provider]}</span>
                </span>
                {opening === connectorId ? "Opening your bank…" : <span aria-hidden="true">→</span>}
              </Button>
            </li>
          ))}
      </ul>
      <Link href="/">Back to your banks</Link>
    </>
  );
}
