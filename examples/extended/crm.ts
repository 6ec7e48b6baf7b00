/** A client of the CRM: another service, with a key of its own. */
import { clientError, type OwnCall } from "open-banking-graphql-gateway";

export type CustomerRow = { readonly psuId: string; readonly segment: string; readonly adviser: string | null };

/** How many ids one call takes. */
export const maxIds = 50;

type Selection = { readonly psuIds: readonly string[] } | { readonly segment: string; readonly limit: number };

export type Crm = { customers(selection: Selection, call: OwnCall): Promise<readonly CustomerRow[]> };

export function createCrm({ url, key }: { readonly url: string; readonly key: string }): Crm {
  return {
    async customers(selection, { signal, headers }) {
      const query = new URLSearchParams(
        "psuIds" in selection
          ? `ids=${selection.psuIds.join(",")}`
          : [
              ["segment", selection.segment],
              ["limit", String(selection.limit)],
            ],
      );
      const response = await fetch(`${url}/customers?${query}`, {
        signal,
        headers: { ...headers, authorization: `Bearer ${key}` },
      });
      if (response.status === 503) {
        throw clientError("UPSTREAM_UNAVAILABLE", "Customers cannot be read now.", { retryable: true });
      }
      // Callers see "Unexpected error." of everything else, whatever it says.
      if (!response.ok) throw new Error(`The CRM answered ${response.status}: ${await response.text()}`);
      return (await response.json()) as readonly CustomerRow[];
    },
  };
}
