/** A payment from or to an account. */
import { toAdjustmentId, toPaymentId } from "../ids.ts";
import { type Columns, integer, text, uuid } from "../lists/columns.ts";
import { type Micros, toTimestamp } from "../time.ts";
import { type OfConnection, toWireOwner } from "./connection.ts";
import type { Connector } from "./connector.ts";
import { type Metadata, toEventMetadata } from "./metadata.ts";

export type PaymentType = "PAY-IN" | "PAYOUT";

export type Payment = OfConnection & {
  readonly id: string;
  readonly reference: string;
  readonly createdAt: Micros;
  readonly type: PaymentType;
  /** Of Powens negative when money goes out; else never: the type gives the direction. */
  readonly initialAmount: bigint;
  readonly amount: bigint;
  readonly asset: string;
  readonly scheme: string;
  readonly status: string;
  readonly sourceAccountID: string | null;
  readonly destinationAccountID: string | null;
  readonly metadata: Metadata | null;
  /** What the provider sent: of a kind of its own for each provider. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** The states before this one, the newest first. */
  readonly earlier: readonly EarlierState[];
};

/** The provider may give it the same time as the state that follows. */
export type EarlierState = Pick<Payment, "createdAt" | "status" | "amount" | "raw">;

type GivenPayment = Pick<Payment, "connectorID" | "reference" | "createdAt" | "type" | "amount" | "asset" | "raw">;

export const createPayment = (given: GivenPayment & Partial<Payment>): Payment => ({
  id: toPaymentId(given.connectorID, given.reference, given.type),
  initialAmount: given.amount,
  scheme: "OTHER",
  status: "SUCCEEDED",
  sourceAccountID: null,
  destinationAccountID: null,
  psuID: null,
  connectionID: null,
  metadata: {},
  earlier: [],
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

/** As lists have it: without what it is made of. */
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
  adjustments: null,
});

/** As the service answers for one payment: its states, of which the newest is first, each with what the provider sent. */
export function toWirePaymentInFull(payment: Payment, connector: Connector | undefined) {
  const { id, reference, asset, earlier } = payment;
  const adjustments = [payment, ...earlier].map(({ status, amount, raw, ...state }) => {
    const createdAt = toTimestamp(state.createdAt);
    const adjustmentId = toAdjustmentId(id, createdAt, reference, status);
    return { id: adjustmentId, reference, createdAt, status, amount, asset, metadata: {}, raw };
  });
  return { ...toWirePayment(payment, connector), adjustments };
}

/** In events amounts are texts, and what there is none of is left out. */
export const toPaymentEvent = (payment: Payment, provider: string) => ({
  id: payment.id,
  type: payment.type,
  asset: payment.asset,
  amount: String(payment.amount),
  scheme: payment.scheme,
  status: payment.status,
  rawData: payment.raw,
  provider,
  createdAt: toTimestamp(payment.createdAt),
  reference: payment.reference,
  connectorID: payment.connectorID,
  initialAmount: String(payment.initialAmount),
  ...(payment.sourceAccountID === null ? {} : { sourceAccountID: payment.sourceAccountID }),
  ...(payment.destinationAccountID === null ? {} : { destinationAccountID: payment.destinationAccountID }),
  ...toEventMetadata(payment.metadata),
});
