import { useCallback, useEffect, useRef, useState } from "react";
import { useQuery } from "urql";
import { Button } from "./button.tsx";
import { locale, toDay } from "./format.ts";
import { graphql } from "./graphql/gql.ts";
import type { PaymentsQuery } from "./graphql/graphql.ts";
import { Loading, Problem } from "./notices.tsx";
import { operation } from "./operation.ts";

const PaymentsPage = operation(
  graphql(`
    query Payments($accountId: ID!, $after: String, $locale: String!) {
      account(id: $accountId) {
        payments(first: 25, after: $after) {
          nodes {
            id type status createdAt metadata sourceAccount { id }
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
  const page = data?.account?.payments;
  if (error) return <Problem error={error} retry={() => ask({ requestPolicy: "network-only" })} />;
  if (!page) return fetching ? <Loading what="payments" /> : null;
  const { hasNextPage, endCursor } = page.pageInfo;
  return (
    <>
      <ul className="rows card">
        {page.nodes.map((payment) => (
          <PaymentRow key={payment.id} payment={payment} accountId={accountId} />
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

const states: Readonly<Record<string, string>> = { PENDING: "Pending", FAILED: "Failed", REFUNDED: "Refunded" };

function PaymentRow({ payment, accountId }: { payment: Payment; accountId: string }) {
  const { type, status, createdAt, metadata, sourceAccount, initialAmount } = payment;
  const isOut = sourceAccount ? sourceAccount.id === accountId : type === "PAYOUT";
  const tone = status === "FAILED" || status === "REFUNDED" ? "void" : isOut ? "out" : "in";
  return (
    <li className="row">
      <span>
        <strong>{metadata["description"] ?? (isOut ? "Payment" : "Received")}</strong>
        <span className="soft">
          <time dateTime={createdAt}>{toDay(createdAt)}</time>
          {states[status] && ` · ${states[status]}`}
        </span>
      </span>
      <data className={tone} value={`${isOut ? "-" : ""}${initialAmount.decimal}`}>
        {isOut ? "−" : "+"}
        {initialAmount.formatted}
      </data>
    </li>
  );
}
