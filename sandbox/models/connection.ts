/** A user's connection to a bank, and what the accounts and payments of one have in common. */
import { type Columns, text } from "../lists/columns.ts";
import type { Random } from "../random.ts";
import { type Micros, toTimestamp, zeroTime } from "../time.ts";
import type { Connector } from "./connector.ts";
import type { Metadata } from "./metadata.ts";
import type { Product } from "./product.ts";

export type Connection = {
  readonly psuID: string;
  readonly connectorID: string;
  readonly connectionID: string;
  readonly createdAt: Micros;
  /** Null: never, and always for Tink's and Powens'; the wire says Go's zero time. */
  dataUpdatedAt: Micros | null;
  updatedAt: Micros;
  status: "ACTIVE" | "ERROR";
  error: string | null;
  readonly metadata: Metadata | null;
  /** Not on the wire: which of the sandbox's banks it leads to. */
  readonly bankID: string;
  /** Not on the wire: the accounts that the user agreed to share. */
  readonly products: readonly Product[];
  /** Not on the wire: the accounts that have come, one for each product. Tink's own rows do not name their connection. */
  readonly accountIDs: string[];
  /** Not on the wire: when the user gave or renewed the consent. */
  consentedAt: Micros;
};

/** A connection id alone is unique only for its connector and user. */
export type ConnectionKey = Pick<Connection, "psuID" | "connectorID" | "connectionID">;

export type NewConnection = ConnectionKey & Pick<Connection, "createdAt" | "bankID" | "products">;

export const createConnection = (given: NewConnection & Partial<Connection>): Connection => ({
  dataUpdatedAt: null,
  updatedAt: given.createdAt,
  status: "ACTIVE",
  error: null,
  metadata: null,
  accountIDs: [],
  consentedAt: given.createdAt,
  ...given,
});

/** Each provider makes ids of its own kind. */
export function createConnectionID(random: Random, { provider }: Connector): string {
  if (provider === "powens") return String(random.integer(100_000, 999_999));
  return provider === "tink" ? random.uuid().replaceAll("-", "") : random.token(37);
}

/** Accounts and payments are stored with their connection's key, or with nulls when they have none. */
export type OfConnection = {
  readonly psuID: string | null;
  readonly connectorID: string;
  readonly connectionID: string | null;
};

export const isOfConnection =
  ({ psuID, connectorID, connectionID }: ConnectionKey) =>
  (row: OfConnection): boolean =>
    row.psuID === psuID && row.connectorID === connectorID && row.connectionID === connectionID;

/** PSU and connection are left out, not null, where there is none. */
export const toWireOwner = (row: Pick<OfConnection, "psuID" | "connectionID">) => ({
  ...(row.psuID === null ? {} : { psuID: row.psuID }),
  ...(row.connectionID === null ? {} : { openBankingConnectionID: row.connectionID }),
});

export const connectionColumns: Columns<Connection> = {
  named: {
    connection_id: text("match", (row) => row.connectionID),
    status: text("match", (row) => row.status),
  },
  metadata: (row) => row.metadata,
};

export const toWireConnection = (connection: Connection) => ({
  connectionID: connection.connectionID,
  connectorID: connection.connectorID,
  createdAt: toTimestamp(connection.createdAt),
  dataUpdatedAt: connection.dataUpdatedAt === null ? zeroTime : toTimestamp(connection.dataUpdatedAt),
  updatedAt: toTimestamp(connection.updatedAt),
  status: connection.status,
  error: connection.error,
  metadata: connection.metadata,
});

export const toEventKey = ({ psuID, connectorID, connectionID }: Connection): ConnectionKey => ({
  psuID,
  connectorID,
  connectionID,
});
