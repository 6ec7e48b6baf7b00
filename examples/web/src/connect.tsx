import { Button } from "./button.tsx";
import { toList, toName } from "./format.ts";
import { graphql } from "./graphql/gql.ts";
import type { ConnectorNeed } from "./graphql/graphql.ts";
import { texts } from "./language.ts";
import { applicationName, useLink } from "./link.ts";
import { type Psu, useBanks } from "./live.tsx";
import { useRead } from "./network.ts";
import { Loading, Problem } from "./notices.tsx";
import { operation } from "./operation.ts";
import { Link, Title } from "./router.tsx";

// A stack may have others, such as one for its company's own accounts: no user can connect a bank by those.
const Connectors = operation(
  graphql(`
    query Connectors { connectors(first: 100, filter: { canLink: true }) { nodes { id name provider needs } } }
  `),
);

export function ConnectPage() {
  const { psu, error: psuError, refresh } = useBanks();
  const { data, error, again } = useRead(Connectors, {});
  const { open, opening, error: linkError } = useLink();
  const connectors = data?.connectors?.nodes;
  return (
    <>
      <Title name={texts.connect} />
      <p className="soft">{texts.connectText}</p>
      {linkError && <Problem error={linkError} />}
      {error && <Problem error={error} retry={again} />}
      {psuError && !psu && !error && <Problem error={psuError} retry={refresh} />}
      {(!connectors || psu === undefined) && !error && !psuError && <Loading />}
      {connectors?.length === 0 && <p className="card outcome">{texts.noConnectors}</p>}
      <ul className="rows">
        {psu &&
          connectors?.map(({ id: connectorId, name, provider, needs }) => {
            const missing = toMissing(psu, needs);
            const text = (
              <span className="grow">
                <strong>{toName({ name })}</strong>
                <span className="soft">{missing === "" ? texts.providers[provider] : texts.lacks(missing)}</span>
              </span>
            );
            return (
              <li key={connectorId} className="card">
                {missing === "" ? (
                  <Button className="row" disabled={!!opening} onClick={() => open({ psuId: psu.id, connectorId })}>
                    {text}
                    {opening === connectorId ? texts.openingBank : <span aria-hidden="true">→</span>}
                  </Button>
                ) : (
                  <div className="row">{text}</div>
                )}
              </li>
            );
          })}
      </ul>
      <Link href="/">{texts.backToBanks}</Link>
    </>
  );
}

/** What the provider would refuse the user for. Ask for it where your app creates its users: they cannot be changed. */
function toMissing({ address, contactDetails }: Psu, needs: readonly ConnectorNeed[]): string {
  const given = { COUNTRY: address?.country, LOCALE: contactDetails?.locale, APPLICATION_NAME: applicationName };
  return toList(needs.filter((need) => !given[need]).map((need) => texts.needs[need]));
}
