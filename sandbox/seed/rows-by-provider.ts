/** The rows of each provider. */
import type { Provider } from "../models/connector.ts";
import { plaidRows } from "./plaid-rows.ts";
import { powensRows } from "./powens-rows.ts";
import type { ProviderRows } from "./provider-rows.ts";
import { tinkRows } from "./tink-rows.ts";

export const rowsByProvider: Readonly<Record<Provider, ProviderRows>> = {
  plaid: plaidRows,
  tink: tinkRows,
  powens: powensRows,
};
