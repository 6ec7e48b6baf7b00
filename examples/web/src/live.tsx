import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { type CombinedError, useClient } from "urql";
import type { Line } from "./client.ts";
import { toName } from "./format.ts";
import { graphql } from "./graphql/gql.ts";
import type { BanksQuery } from "./graphql/graphql.ts";
import { locale, texts } from "./language.ts";
import { retryMs, useRead } from "./network.ts";
import { operation } from "./operation.ts";
import type { Store } from "./store.ts";

// Accounts are asked of the user, not of each connection: Tink names no connection on its accounts. What fails is null,
// with an error beside it, and all else is there: the types of this app say so, and its pages show what there is.
const Banks = operation(
  graphql(`
    query Banks($locale: String!) {
      viewer {
        paymentServiceUser {
          id name address { country } contactDetails { locale }
          connections {
            id status requiredAction consentExpiresAt dataUpdatedAt createdAt
            connector { id name }
          }
          accounts {
            id name kind mask isLiability provider createdAt connection { id } connector { name }
            balances { amount { asset decimal formatted(locale: $locale) } }
          }
          totals {
            asset currency
            assets { decimal formatted(locale: $locale) }
            liabilities { decimal formatted(locale: $locale) }
            net { decimal formatted(locale: $locale) }
          }
        }
      }
    }
  `),
);

const BanksChanged = operation(
  graphql(`
    subscription BanksChanged($psuId: ID!) {
      connectionChanged(psuId: $psuId) {
        kind connectionId
        connection { status requiredAction dataUpdatedAt consentExpiresAt connector { name } }
      }
    }
  `),
);

const streamed = ["status", "requiredAction", "dataUpdatedAt", "consentExpiresAt"] as const;

export type Psu = NonNullable<NonNullable<BanksQuery["viewer"]>["paymentServiceUser"]>;
export type Bank = NonNullable<Psu["connections"]>[number];
export type BankAccount = NonNullable<Psu["accounts"]>[number];

type Live = {
  /** `undefined`: not read yet; `null`: it is gone, or `error` says why it cannot be read. */
  readonly psu: Psu | null | undefined;
  readonly error: CombinedError | undefined;
  readonly isLost: boolean;
  /** What happened last, for people to read. */
  readonly news: string;
  readonly announce: (news: string) => void;
  readonly refresh: () => void;
};

const LiveContext = createContext<Live | null>(null);

/** The user's banks as they are now, on every page. */
export function useBanks(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error("There is no LiveBanks around this.");
  return live;
}

/**
 * Reads the banks, and again after every change that the gateway streams: an event invalidates, and what a query answers
 * is the truth. So nothing has to be merged, and nothing can be merged wrongly.
 */
export function LiveBanks({ line, children }: { line: Store<Line>; children: ReactNode }) {
  const client = useClient();
  const { data, error, again: refresh } = useRead(Banks, { locale });
  const [news, announce] = useState("");
  const [hasFailed, setFailed] = useState(false);
  const isLost = line.use() === "lost" || hasFailed;
  const psu = data?.viewer?.paymentServiceUser;
  const psuId = psu?.id;

  useEffect(() => {
    if (psuId === undefined) return;
    const cached = () => client.readQuery(Banks, { locale }, { requestPolicy: "cache-only" })?.data;
    let timer: number | undefined;
    const listen = () =>
      client.subscription(BanksChanged, { psuId }).subscribe(({ data, error }) => {
        setFailed(error !== undefined);
        // With an error a stream has ended, as when the stack did not answer at its start.
        if (error) timer = window.setTimeout(restart, retryMs);
        if (data === undefined) return;
        const { kind, connection, connectionId } = data.connectionChanged;
        const shown = cached()?.viewer?.paymentServiceUser?.connections?.find(({ id }) => id === connectionId);
        const name = toName(connection?.connector ?? shown?.connector);
        if (kind !== "CURRENT") announce(texts.changes[kind](name));
        // The stream begins with how things are, which the query has mostly read already.
        if (kind !== "CURRENT" || streamed.some((field) => shown?.[field] !== connection?.[field])) refresh();
      });
    let stream = listen();
    const restart = () => {
      stream.unsubscribe();
      stream = listen();
      refresh();
    };
    return () => {
      window.clearTimeout(timer);
      stream.unsubscribe();
    };
  }, [client, refresh, psuId]);

  // What may have changed unseen, while the gateway was away.
  useEffect(() => {
    let wasLost = false;
    return line.onChange(() => {
      if (wasLost && line.get() === "open") refresh();
      wasLost = line.get() === "lost";
    });
  }, [line, refresh]);

  useEffect(() => {
    if (news === "") return;
    const timer = window.setTimeout(() => announce(""), 8000);
    return () => window.clearTimeout(timer);
  }, [news]);

  return <LiveContext value={{ psu, error, isLost, news, announce, refresh }}>{children}</LiveContext>;
}
