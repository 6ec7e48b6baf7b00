import { useCallback, useEffect, useRef, useState } from "react";
import { useQuery } from "urql";
import { Button } from "./button.tsx";
import { isDebt, locale, toDay } from "./format.ts";
import { graphql } from "./graphql/gql.ts";
import type { PaymentsQuery } from "./graphql/graphql.ts";
import { Loading, Problem } from "./notices.tsx";
import { operation } from "./operation.ts";

const PaymentsPage = operation(
  graphql(`
    query Payments($accountId: ID!, $after: String, $locale: String!) {
      account(id: $accountId) {
        metadata payments(first: 25, after: $after) {
          nodes {
            id direction status createdAt
            initialAmount { decimal formatted(locale: $locale) }
          }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `),
);

/** One page after the other, each asked for when the end of the one before it comes near. */
export function Payments({ accountId }: { accountId: string }) {
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const onMore = useCallback((cursor: string) => setCursors((known) => [...new Set(known).add(cursor)]), []);
  return cursors.map((after) => (
    <Page key={after} accountId={accountId} after={after} onMore={after === cursors.at(-1) ? onMore : null} />
  ));
}

/** `onMore` is null where another page follows already. */
type PageProps = { accountId: string; after: string | null; onMore: ((cursor: string) => void) | null };

function Page({ accountId, after, onMore }: PageProps) {
  const [{ data, error, fetching }, ask] = useQuery({ query: PaymentsPage, variables: { accountId, after, locale } });
  const account = data?.account;
  if (error) return <Problem error={error} retry={() => ask({ requestPolicy: "network-only" })} />;
  if (!account) return fetching ? <Loading what="payments" /> : null;
  const page = account.payments;
  const { hasNextPage, endCursor } = page.pageInfo;
  return (
    <>
      <ul className="rows card">
        {page.nodes.map((payment) => (
          <PaymentRow key={payment.id} payment={payment} isCard={isDebt(account)} />
        ))}
      </ul>
      {onMore !== null && hasNextPage && endCursor && <More onMore={() => onMore(endCursor)} />}
      {!hasNextPage && <p className="soft">{page.nodes.length === 0 ? "No payments yet." : "These are all."}</p>}
    </>
  );
}

/** Acts by itself when it comes near, and is a button for whoever does not scroll. */
function More({ onMore }: { onMore: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore(), { rootMargin: "300px" });
    if (button.current !== null) observer.observe(button.current);
    return () => observer.disconnect();
  }, [onMore]);
  return (
    <Button ref={button} className="plain" onClick={onMore}>
      Show more
    </Button>
  );
}

type Payment = NonNullable<PaymentsQuery["account"]>["payments"]["nodes"][number];

/** Amounts have no sign: `direction` says which way the money went. */
function PaymentRow({ payment, isCard }: { payment: Payment; isCard: boolean }) {
  const { direction, status, createdAt, initialAmount } = payment;
  const isOut = direction === "OUT";
  return (
    <li className="row">
      <span>
        <strong>{isOut ? (isCard ? "Card payment" : "Payment") : "Money in"}</strong>
        <span className="soft">
          <time dateTime={createdAt}>{toDay(createdAt)}</time>
          {status === "PENDING" && " · Pending"}
        </span>
      </span>
      <data className={isOut ? "out" : "in"} value={`${isOut ? "-" : ""}${initialAmount.decimal}`}>
        {isOut ? "−" : "+"}
        {initialAmount.formatted}
      </data>
    </li>
  );
}
