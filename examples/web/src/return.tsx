import { useEffect } from "react";
import { useSubscription } from "urql";
import { Button } from "./button.tsx";
import { isWrongId } from "./client.ts";
import { toMoment, toName } from "./format.ts";
import { graphql } from "./graphql/gql.ts";
import type { AttemptSubscription } from "./graphql/graphql.ts";
import { texts } from "./language.ts";
import { useLink } from "./link.ts";
import { useBanks } from "./live.tsx";
import { Loading, NotFound, Problem, useDelay } from "./notices.tsx";
import { operation } from "./operation.ts";
import { Link, Title } from "./router.tsx";

const Attempt = operation(
  graphql(`
    subscription Attempt($id: ID!) {
      linkAttemptChanged(id: $id) { status isExpired createdAt connector { id name } }
    }
  `),
);

/** From the address. `connectionId`: it was to renew this connection. */
type Visit = { readonly attemptId: string | null; readonly connectionId: string | null };

/**
 * Where the bank sends the user back to. All that it knows is in its address, so it can be reloaded, opened a day later
 * or by somebody who has to sign in first. It shows what the gateway says of the attempt: that the browser is back
 * proves nothing, and it may well be back first.
 */
export function ReturnPage({ attemptId, connectionId }: Visit) {
  const { psu, refresh } = useBanks();
  const variables = { id: attemptId ?? "" };
  const [{ data, error }, again] = useSubscription({ query: Attempt, variables, pause: attemptId === null });
  const attempt = data?.linkAttemptChanged;
  // Nothing announces a new connection, and the stream of changes may look for it only later.
  useEffect(() => {
    if (attempt?.status === "COMPLETED") refresh();
  }, [attempt?.status, refresh]);
  // A renewed connection is believed, even before it is listed.
  const isGone = connectionId !== null && psu?.connections?.every(({ id }) => id !== connectionId);
  if (attemptId === null || isWrongId(error) || (isGone && attempt?.status !== "COMPLETED")) return <NotFound />;
  return (
    <>
      <Title name={connectionId === null ? texts.connect : texts.renew} />
      <section className="card outcome" aria-live="polite">
        {error && <Problem error={error} retry={() => again()} />}
        {!attempt && !error && <Loading />}
        {attempt && <Outcome attempt={attempt} connectionId={connectionId} />}
      </section>
      <Link href="/">{texts.goToBanks}</Link>
    </>
  );
}

type Attempt = AttemptSubscription["linkAttemptChanged"];
type OutcomeProps = { readonly attempt: Attempt; readonly connectionId: string | null };

function Outcome({ attempt, connectionId }: OutcomeProps) {
  const { psu } = useBanks();
  const { open, opening, error } = useLink();
  const isLong = useDelay(8000);
  const isPending = attempt.status === "PENDING" && !attempt.isExpired;
  const [mark, title, text] = toOutcome(attempt, connectionId !== null);
  const target = connectionId
    ? { connectionId }
    : psu && attempt.connector && { psuId: psu.id, connectorId: attempt.connector.id };
  return (
    <>
      {isPending ? <span className="spinner" aria-hidden="true" /> : <span aria-hidden="true">{mark}</span>}
      <h2>{title}</h2>
      <p className="soft">{text}</p>
      {isPending && isLong && <p className="soft">{texts.leftEarly}</p>}
      {error && <Problem error={error} />}
      {target && attempt.status !== "COMPLETED" && (isLong || !isPending) && (
        <Button disabled={!!opening} onClick={() => open(target)}>
          {opening === null ? texts.again : texts.openingBank}
        </Button>
      )}
    </>
  );
}

function toOutcome({ status, isExpired, createdAt, connector }: Attempt, isRenewal: boolean) {
  const name = toName(connector);
  if (status === "COMPLETED") {
    return ["✓", isRenewal ? texts.consentRenewed : texts.bankConnected, texts.soon(name)] as const;
  }
  if (status === "EXITED") return ["×", texts.canceled(isRenewal), texts.canceledText] as const;
  if (isExpired) return ["×", texts.visitOver, texts.visitOverText(toMoment(createdAt))] as const;
  return ["", texts.waitingFor(name), texts.waitingText] as const;
}
