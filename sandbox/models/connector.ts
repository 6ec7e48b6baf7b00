/** A connector: one installed provider of open banking data. */
import { invalid } from "../http/api-error.ts";
import { toGoType } from "../http/json.ts";
import { toConnectorId } from "../ids.ts";
import { type Columns, text } from "../lists/columns.ts";
import { type Micros, toTimestamp } from "../time.ts";

export type Provider = "plaid" | "tink" | "powens";
export const isOpenBanking = (provider: string): provider is Provider =>
  provider === "plaid" || provider === "tink" || provider === "powens";

/** Some of those that create bank accounts; none of open banking does. */
export type BankAccountCreator = "bankingcircle" | "column" | "dummypay";

export type Connector = {
  readonly id: string;
  readonly reference: string;
  readonly name: string;
  readonly provider: Provider | BankAccountCreator | "generic";
  readonly createdAt: Micros;
  /** Holds provider secrets, as the real one does; each secret contains `s3cr3t-`. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
  /** It is being uninstalled. */
  scheduledForDeletion: boolean;
};

export const createConnector = (given: Omit<Connector, "id" | "scheduledForDeletion">): Connector => ({
  id: toConnectorId(given.provider, given.reference),
  scheduledForDeletion: false,
  ...given,
});

export const connectorColumns: Columns<Connector> = {
  named: {
    id: text("compare", (row) => row.id),
    name: text("compare", (row) => row.name),
    provider: {
      ...text("compare", (row) => row.provider),
      normalize(value) {
        if (typeof value !== "string") throw invalid(`expected string type for provider, got ${toGoType(value)}`);
        return value === "DUMMY-PAY" ? "dummypay" : value.toLowerCase();
      },
    },
  },
};

const fetches = ["FETCH_ACCOUNTS", "FETCH_EXTERNAL_ACCOUNTS", "FETCH_BALANCES", "FETCH_PAYMENTS"];
const webhooks = ["CREATE_WEBHOOKS", "TRANSLATE_WEBHOOKS"];

/** What each provider's plugin can do, in its own order. None says "open banking". */
export const capabilities: Readonly<Partial<Record<string, readonly string[]>>> = {
  generic: [
    ...["FETCH_ACCOUNTS", "FETCH_BALANCES", "FETCH_EXTERNAL_ACCOUNTS", "FETCH_PAYMENTS"],
    ...["CREATE_TRANSFER", "CREATE_PAYOUT", "ALLOW_FORMANCE_ACCOUNT_CREATION", "ALLOW_FORMANCE_PAYMENT_CREATION"],
  ],
  plaid: ["FETCH_ACCOUNTS", "FETCH_BALANCES", "FETCH_EXTERNAL_ACCOUNTS", "FETCH_PAYMENTS", ...webhooks],
  powens: [...fetches, ...webhooks],
  tink: [...fetches, ...webhooks],
};

const setting = (dataType: string, required = true, defaultValue = "") => ({ dataType, required, defaultValue });
const shared = { name: setting("string"), pollingPeriod: setting("duration ns", false, "30m") };
const client = { clientID: setting("string"), clientSecret: setting("string") };

/** The settings that each provider's plugin takes. */
export const configSchemas = {
  generic: { apiKey: setting("string"), endpoint: setting("string"), ...shared },
  plaid: { ...client, isSandbox: setting("boolean", false), ...shared },
  powens: {
    ...client,
    ...{ configurationToken: setting("string"), domain: setting("string"), endpoint: setting("string") },
    ...{ maxConnectionsPerLink: setting("unsigned integer"), ...shared },
  },
  tink: { ...client, endpoint: setting("string"), ...shared },
};

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
  scheduledForDeletion: connector.scheduledForDeletion,
  capabilities: capabilities[connector.provider] ?? [],
  updatedAt: toTimestamp(connector.createdAt),
});

/** By itself the config also names its provider, with a capital. */
export const toWireConfig = ({ config, provider }: Connector) => ({
  ...config,
  provider: provider.replace(/^./, (first) => first.toUpperCase()),
});
