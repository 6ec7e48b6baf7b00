/** Whether the browser is online, and queries that are read again by themselves once they can be answered. */
import { useCallback, useEffect, useState } from "react";
import { type AnyVariables, type TypedDocumentNode, type UseQueryArgs, useQuery } from "urql";
import { createStore } from "./store.ts";

export const network = createStore(navigator.onLine);
for (const name of ["online", "offline"]) window.addEventListener(name, () => network.set(navigator.onLine));

export const retryMs = 5000;

/** Reads again when the browser is back online and, after a read that got no answer, every few seconds. */
export function useRecovery(read: () => void, isUnanswered: boolean): void {
  useEffect(() => {
    window.addEventListener("online", read);
    const timer = isUnanswered ? window.setInterval(read, retryMs) : undefined;
    return () => {
      window.removeEventListener("online", read);
      window.clearInterval(timer);
    };
  }, [read, isUnanswered]);
}

/** A query that recovers by itself; `again` is for a button. Without an answer the last one stays beside the error. */
export function useRead<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
) {
  const [{ data, error, fetching }, ask] = useQuery({ query, variables } as UseQueryArgs<Variables, Data>);
  const again = useCallback(() => ask({ requestPolicy: "network-only" }), [ask]);
  const isUnanswered = error?.networkError !== undefined;
  useRecovery(again, isUnanswered);
  const [last, keep] = useState(data);
  if (data !== undefined && data !== last) keep(data);
  return { data: isUnanswered ? last : data, error, fetching, again };
}
