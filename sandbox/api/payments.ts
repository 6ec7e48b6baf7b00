/** Routes of payments. */
import { notFound } from "../http/api-error.ts";
import { json } from "../http/response.ts";
import { listPage } from "../lists/list.ts";
import { type Payment, paymentColumns, toWirePayment, toWirePaymentInFull } from "../models/payment.ts";
import type { World } from "../world.ts";
import type { Routes } from "./rest-request.ts";

export function addPaymentRoutes({ on }: Routes, world: World): void {
  const toWire = (payment: Payment) => toWirePayment(payment, world.connector(payment.connectorID));

  on("GET", "/payments", (call) => json(200, listPage("payments", world.payments, paymentColumns, call, toWire)));

  on("GET", "/payments/:payment", (call) => {
    const id = call.encodedID("payment");
    const payment = world.payments.find((row) => row.id === id);
    if (payment === undefined) throw notFound("cannot get payment");
    return json(200, { data: toWirePaymentInFull(payment, world.connector(payment.connectorID)) });
  });
}
