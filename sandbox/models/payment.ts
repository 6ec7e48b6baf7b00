/** A payment from or to an account. */
import { toAccountId, toPaymentId } from "../ids.ts";
import { type Columns, integer, text, uuid } from "../lists/columns.ts";
import { type Micros, toTimestamp } from "../time.ts";
import { type OfConnection, toWireOwner } from "./connection.ts";
import type { Connector } from "./connector.ts";
import type { Metadata } from "./metadata.ts";

export type PaymentType = "PAY-IN" | "PAYOUT" | "TRANSFER" | "OTHER" | "UNKNOWN";

export type Payment = OfConnection & {
  readonly id: string;
  readonly reference: string;
  readonly createdAt: Micros;
  readonly type: PaymentType;
  /** Never negative: the type gives the direction. */
  readonly initialAmount: bigint;
  readonly amount: bigint;
  readonly asset: string;
  readonly scheme: string;
  readonly status: string;
  readonly sourceAccountID: string | null;
  readonly destinationAccountID: string | null;
  readonly metadata: Metadata | null;
};

type GivenPayment = Pick<Payment, "connectorID" | "reference" | "createdAt" | "type" | "amount" | "asset" | "scheme">;

export const createPayment = (given: GivenPayment & Partial<Payment>): Payment => ({
  id: toPaymentId(given.connectorID, given.reference, given.type),
  initialAmount: given.amount,
  status: "SUCCEEDED",
  sourceAccountID: null,
  destinationAccountID: null,
  psuID: null,
  connectionID: null,
  metadata: {},
  ...given,
});

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

export const toWirePayment = (payment: Payment, connector: Connector | undefined) => ({
  id: payment.id,
  connectorID: payment.connectorID,
  provider: connector?.provider ?? "",
  reference: payment.reference,
  createdAt: toTimestamp(payment.createdAt),
  type: payment.type,
  initialAmount: payment.initialAmount,
  amount: payment.amount,
  asset: payment.asset,
  scheme: payment.scheme,
  status: payment.status,
  sourceAccountID: payment.sourceAccountID,
  destinationAccountID: payment.destinationAccountID,
  ...toWireOwner(payment),
  metadata: payment.metadata,
  adjustments: [
    {
      id: toAccountId(payment.connectorID, `${payment.reference}/${payment.status}`),
      reference: payment.reference,
      createdAt: toTimestamp(payment.createdAt),
      status: payment.status,
      amount: payment.amount,
      asset: payment.asset,
      metadata: {},
      raw: { transaction_id: payment.reference, description: payment.metadata?.["description"] ?? "" },
    },
  ],
});

export const toPaymentEvent = (payment: Payment, provider: string) => ({
  id: payment.id,
  connectorID: payment.connectorID,
  provider,
  reference: payment.reference,
  createdAt: toTimestamp(payment.createdAt),
  type: payment.type,
  status: payment.status,
  scheme: payment.scheme,
  asset: payment.asset,
  rawData: { transaction_id: payment.reference },
  initialAmount: String(payment.initialAmount),
  amount: String(payment.amount),
  ...(payment.sourceAccountID === null ? {} : { sourceAccountID: payment.sourceAccountID }),
  ...(payment.destinationAccountID === null ? {} : { destinationAccountID: payment.destinationAccountID }),
  metadata: payment.metadata,
});
