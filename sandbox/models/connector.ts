/** A connector: one installed provider of open banking data. */
import { invalid } from "../http/api-error.ts";
import { toConnectorId } from "../ids.ts";
import { type Columns, text } from "../lists/columns.ts";
import { type Micros, toTimestamp } from "../time.ts";

export type Provider = "plaid" | "tink" | "powens";

export type Connector = {
  readonly id: string;
  readonly reference: string;
  readonly name: string;
  readonly provider: Provider | "generic";
  readonly createdAt: Micros;
  /** Holds provider secrets, as the real one does; each secret contains `s3cr3t-`. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
};

export const createConnector = (given: Omit<Connector, "id">): Connector => ({
  id: toConnectorId(given.provider, given.reference),
  ...given,
});

export const connectorColumns: Columns<Connector> = {
  named: {
    id: text("compare", (row) => row.id),
    name: text("compare", (row) => row.name),
    provider: {
      ...text("compare", (row) => row.provider),
      normalize(value) {
        if (typeof value !== "string") throw invalid("expected string type for provider: validation error");
        return value.toLowerCase();
      },
    },
  },
};

const capabilities = [
  "FETCH_ACCOUNTS",
  "FETCH_BALANCES",
  "FETCH_EXTERNAL_ACCOUNTS",
  "FETCH_PAYMENTS",
  "CREATE_WEBHOOKS",
  "TRANSLATE_WEBHOOKS",
];

/** As it is written inside an account. */
export const toWireConnectorBase = (connector: Connector) => ({
  id: connector.id,
  reference: connector.reference,
  name: connector.name,
  createdAt: toTimestamp(connector.createdAt),
  provider: connector.provider,
});

export const toWireConnector = (connector: Connector) => ({
  ...toWireConnectorBase(connector),
  config: connector.config,
  scheduledForDeletion: false,
  capabilities,
});
