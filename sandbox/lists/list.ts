/** The lists of the API: which keys each can be filtered by, and with which operators. */

import { invalid } from "../http/api-error.ts";
import type { Account, Attempt, Connection, Connector, Payment, Person } from "../model.ts";
import { type Column, type Columns, toTest } from "./filter.ts";
import { type PageInput, readPage, toPage } from "./pagination.ts";

type Takes = Column<never>["takes"];

const text = <Row>(takes: Takes, read: (row: Row) => string | null): Column<Row> => ({ type: "text", takes, read });
const uuid = <Row>(takes: Takes, read: (row: Row) => string | null): Column<Row> => ({ type: "uuid", takes, read });
const integer = <Row>(read: (row: Row) => bigint): Column<Row> => ({ type: "integer", takes: "compare", read });

export const personColumns: Columns<Person> = {
  named: { id: uuid("match", (row) => row.id) },
  metadata: (row) => row.metadata,
};

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

export const connectionColumns: Columns<Connection> = {
  named: {
    connection_id: text("match", (row) => row.connectionID),
    status: text("match", (row) => row.status),
  },
  metadata: (row) => row.metadata,
};

export const attemptColumns: Columns<Attempt> = {
  named: { id: uuid("match", (row) => row.id), status: text("match", (row) => row.status) },
};

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

export const paymentColumns: Columns<Payment> = {
  named: {
    id: text("match", (row) => row.id),
    reference: text("match", (row) => row.reference),
    connector_id: text("match", (row) => row.connectorID),
    type: text("match", (row) => row.type),
    asset: text("match", (row) => row.asset),
    scheme: text("match", (row) => row.scheme),
    status: text("match", (row) => row.status),
    source_account_id: text("match", (row) => row.sourceAccountID),
    destination_account_id: text("match", (row) => row.destinationAccountID),
    psu_id: uuid("match", (row) => row.psuID),
    open_banking_connection_id: text("match", (row) => row.connectionID),
    amount: integer((row) => row.amount),
    initial_amount: integer((row) => row.initialAmount),
  },
  metadata: (row) => row.metadata,
};

/** One page of the rows that are in `scope` and pass the request's filter. */
export function listPage<Row>(
  rows: readonly Row[],
  columns: Columns<Row>,
  input: PageInput,
  toWire: (row: Row) => unknown,
): unknown {
  const request = readPage(input);
  const test = toTest(request.filter, columns);
  return toPage(request.filter === null ? rows : rows.filter(test), request, toWire);
}
