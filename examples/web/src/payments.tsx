import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "./button.tsx";
import { toAmount, toDay } from "./format.ts";
import { graphql } from "./graphql/gql.ts";
import type { PaymentsQuery } from "./graphql/graphql.ts";
import { locale, texts } from "./language.ts";
import { logoOrigin } from "./logo-origin.ts";
import { useRead } from "./network.ts";
import { Loading, Problem } from "./notices.tsx";
import { operation } from "./operation.ts";

const PaymentsPage = operation(
  graphql(`
    query Payments($accountId: ID!, $after: String, $locale: String!) {
      account(id: $accountId) {
        payments(first: 25, after: $after) {
          nodes {
            id direction type isPending description bookedOn occurredAt createdAt
            counterparty { name logoUrl }
            category { name }
            amount { decimal formatted(locale: $locale) }
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
  const { data, error, fetching, again } = useRead(PaymentsPage, { accountId, after, locale });
  const page = data?.account?.payments;
  const { hasNextPage, endCursor } = page?.pageInfo ?? {};
  return (
    <>
      {error && (
        <Problem error={error} at="account.payments" retry={again}>
          {page && !error.networkError && texts.detailsGone}
        </Problem>
      )}
      {!page && !error && fetching && <Loading />}
      {page && page.nodes.length > 0 && (
        <ul className="rows card">
          {page.nodes.map((payment) => (
            <PaymentRow key={payment.id} payment={payment} />
          ))}
        </ul>
      )}
      {onMore !== null && hasNextPage && endCursor && <More onMore={() => onMore(endCursor)} />}
      {hasNextPage === false && <p className="soft">{page?.nodes.length === 0 ? texts.noPayments : texts.allShown}</p>}
    </>
  );
}

/** Acts by itself when it comes near, and is a button for those who do not scroll. */
function More({ onMore }: { onMore: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore(), { rootMargin: "300px" });
    if (button.current !== null) observer.observe(button.current);
    return () => observer.disconnect();
  }, [onMore]);
  return (
    <Button ref={button} className="plain" onClick={onMore}>
      {texts.more}
    </Button>
  );
}

type Payment = NonNullable<NonNullable<PaymentsQuery["account"]>["payments"]>["nodes"][number];

const signs = { IN: "+", OUT: "−" } as const;

/** Amounts have no sign: `direction` says which way the money went, if anybody knows. */
function PaymentRow({ payment }: { payment: Payment }) {
  const { direction, isPending, description, counterparty, amount } = payment;
  const payee = counterparty?.name || description || texts.paymentTypes[payment.type];
  const category = payment.category && texts.category(payment.category.name);
  // `createdAt` is a midnight where only a day is known.
  const time = payment.occurredAt ?? payment.bookedOn ?? payment.createdAt.slice(0, 10);
  const sign = direction ? signs[direction] : "";
  return (
    <li className="row">
      <Logo url={counterparty?.logoUrl} name={payee} />
      <span className="grow">
        <strong>{payee}</strong>
        <span className="soft">
          <time dateTime={time}>{toDay(time)}</time>
          {category && ` · ${category}`}
        </span>
      </span>
      <span>
        <data className={direction === "IN" ? "in" : "out"} value={(sign === "−" ? "-" : "") + amount.decimal}>
          {sign + toAmount(amount)}
        </data>
        {isPending && <span className="pill plain">{texts.pending}</span>}
      </span>
    </li>
  );
}

/** From where the page's policy allows, and once it has loaded; else the first letter. */
function Logo({ url, name }: { url: string | null | undefined; name: string }) {
  const [hasFailed, setFailed] = useState(false);
  if (hasFailed || !url?.startsWith(`${logoOrigin}/`)) {
    return (
      <span className="logo" aria-hidden="true">
        {[...name][0]?.toUpperCase()}
      </span>
    );
  }
  return (
    <img
      className="logo"
      src={url}
      alt=""
      loading="lazy"
      referrerPolicy="no-referrer"
      onError={() => setFailed(true)}
    />
  );
}
