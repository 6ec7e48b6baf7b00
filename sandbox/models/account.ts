/** An account at a bank. */
import { toAccountId } from "../ids.ts";
import { type Columns, text, uuid } from "../lists/columns.ts";
import { type Micros, toTimestamp } from "../time.ts";
import { type OfConnection, toWireOwner } from "./connection.ts";
import { type Connector, toWireConnectorBase } from "./connector.ts";
import { type Metadata, toEventMetadata } from "./metadata.ts";

export type Account = OfConnection & {
  readonly id: string;
  readonly reference: string;
  readonly createdAt: Micros;
  readonly type: "UNKNOWN" | "INTERNAL" | "EXTERNAL";
  readonly name: string | null;
  readonly defaultAsset: string | null;
  readonly metadata: Metadata | null;
  /** What the provider sent last: of a kind of its own for each provider. */
  raw: Readonly<Record<string, unknown>>;
};

export const createAccount = (
  given: Pick<Account, "connectorID" | "reference" | "createdAt"> & Partial<Account>,
): Account => ({
  id: toAccountId(given.connectorID, given.reference),
  type: "INTERNAL",
  name: null,
  defaultAsset: null,
  psuID: null,
  connectionID: null,
  metadata: {},
  raw: { id: given.reference },
  ...given,
});

export const accountColumns: Columns<Account> = {
  named: {
    id: text("compare", (row) => row.id),
    reference: text("compare", (row) => row.reference),
    connector_id: text("compare", (row) => row.connectorID),
    type: text("compare", (row) => row.type),
    default_asset: text("compare", (row) => row.defaultAsset),
    name: text("compare", (row) => row.name),
    psu_id: uuid("compare", (row) => row.psuID),
    open_banking_connection_id: text("compare", (row) => row.connectionID),
  },
  metadata: (row) => row.metadata,
};

export const toWireAccount = (account: Account, connector: Connector | undefined) => ({
  id: account.id,
  connectorID: account.connectorID,
  connector: connector === undefined ? null : toWireConnectorBase(connector),
  provider: connector?.provider ?? "",
  reference: account.reference,
  createdAt: toTimestamp(account.createdAt),
  type: account.type,
  name: account.name,
  defaultAsset: account.defaultAsset,
  ...toWireOwner(account),
  metadata: account.metadata,
  raw: account.raw,
});

/** What there is none of is left out. */
export const toAccountEvent = (account: Account, provider: string) => ({
  id: account.id,
  ...(account.name === null ? {} : { name: account.name }),
  type: account.type,
  rawData: account.raw,
  provider,
  createdAt: toTimestamp(account.createdAt),
  reference: account.reference,
  connectorID: account.connectorID,
  ...(account.defaultAsset === null ? {} : { defaultAsset: account.defaultAsset }),
  ...toEventMetadata(account.metadata),
});
