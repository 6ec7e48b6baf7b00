import { useEffect, useRef, useState } from "react";
import { type CombinedError, useClient } from "urql";
import { graphql } from "./graphql/gql.ts";
import { operation } from "./operation.ts";

const Forward = operation(
  graphql(`
    mutation Forward($input: ForwardPaymentServiceUserInput!) { forwardPaymentServiceUser(input: $input) { connector { id } } }
  `),
);
const CreateLink = operation(
  graphql(`mutation CreateLink($input: CreateLinkInput!) { createLink(input: $input) { link } }`),
);
const UpdateLink = operation(
  graphql(`mutation UpdateLink($input: UpdateLinkInput!) { updateLink(input: $input) { link } }`),
);

/** What providers show to the user. */
export const applicationName = "Purse";

/** A new connection at a connector, or a known one that is to be repaired or renewed. */
export type LinkTarget = { readonly psuId: string; readonly connectorId: string } | { readonly connectionId: string };

/**
 * Sends the user to their bank: the whole page, since banks refuse frames, and nobody should type a password into one.
 * The user comes back at `/return`, which knows the attempt from its address: `{id}` becomes the attempt's id.
 */
export function useLink() {
  const client = useClient();
  const [opening, setOpening] = useState<string | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  // The same key asks for the same link again when an answer was lost on the way.
  const idempotencyKey = useRef(crypto.randomUUID());

  // With the browser's back button the page may come out of its memory, as it was when it was left.
  useEffect(() => {
    const wake = () => setOpening(null);
    window.addEventListener("pageshow", wake);
    return () => window.removeEventListener("pageshow", wake);
  }, []);

  async function ask(target: LinkTarget): Promise<{ link?: string | undefined; error?: CombinedError | undefined }> {
    const common = { applicationName, idempotencyKey: idempotencyKey.current };
    const back = `${location.origin}/return?attempt={id}`;
    if ("connectionId" in target) {
      const input = { ...common, ...target, clientRedirectUrl: `${back}&connection=${target.connectionId}` };
      const { data, error } = await client.mutation(UpdateLink, { input });
      return { link: data?.updateLink?.link, error };
    }
    const create = () => client.mutation(CreateLink, { input: { ...common, ...target, clientRedirectUrl: back } });
    let { data, error } = await create();
    if (error?.graphQLErrors[0]?.extensions["notForwarded"]) {
      // The first time at this provider: it has to know the user before it can give a link.
      const forwarded = await client.mutation(Forward, { input: target });
      // Another tab, or the back end, may have been first.
      if (forwarded.error && !forwarded.error.graphQLErrors[0]?.extensions["alreadyForwarded"]) return forwarded;
      ({ data, error } = await create());
    }
    return { link: data?.createLink?.link, error };
  }

  async function open(target: LinkTarget): Promise<void> {
    setOpening("connectionId" in target ? target.connectionId : target.connectorId);
    setError(null);
    const { link, error } = await ask(target);
    if (!error?.networkError) idempotencyKey.current = crypto.randomUUID();
    if (link !== undefined) return location.assign(link);
    setOpening(null);
    setError(error ?? null);
  }

  return { open, opening, error };
}
