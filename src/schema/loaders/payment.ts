/** Reads payments by their ids, and one by one in full. */

import { UpstreamError } from "../../upstream/errors.ts";
import { allRows, type PageRequest } from "../../upstream/pages.ts";
import { type PaymentState, toState } from "../../upstream/payment-cache.ts";
import { orMapperError } from "../../upstream/providers/mapper.ts";
import type { PaymentDetails } from "../../upstream/providers/payment-details.ts";
import type * as wire from "../../upstream/wire-types.ts";
import type { Context } from "../context.ts";
import { anyOf, rowsOf, within } from "../filter.ts";
import { defineLoader, inKeyOrder, loadEach, maxKeysPerFilter } from "../loader.ts";

export const paymentById = defineLoader<wire.Payment | null>(
  "paymentById",
  async (ids, { upstream, viewer }) => {
    const filter = within(viewer, anyOf("id", ids));
    const load = async (page: PageRequest) => rowsOf(filter, await upstream.payments(page));
    return inKeyOrder(ids, await allRows(load, filter), (row) => row.id);
  },
  { maxKeys: maxKeysPerFilter },
);

/** A key is a state of a payment. What any operation of the same viewer has read of it a moment ago is not read again. */
const paymentDetailsById = defineLoader<wire.PaymentInFull | null>("paymentDetailsById", (keys, { upstream, viewer }) =>
  loadEach(
    keys,
    async (key) => {
      const state = JSON.parse(key) as PaymentState;
      const known = upstream.knownPayments.get(viewer.psuId, state);
      if (known !== undefined) return known;
      const payment = await upstream.payment(state.id);
      // The service checks no owner. The one of the row has been checked.
      if (payment.id !== state.id || payment.psuID !== state.psuID) {
        throw new UpstreamError("malformed", "the payment is another one");
      }
      upstream.knownPayments.set(viewer.psuId, payment);
      return payment;
    },
    null,
  ),
);

/** @param row that the viewer may see. `null`: it has gone since it was read. */
export function loadPaymentInFull(context: Context, row: wire.Payment): Promise<wire.PaymentInFull | null> {
  return paymentDetailsById.load(context, JSON.stringify(toState(row)));
}

/** One member of what is known of a payment by its provider's row. Rejects where its provider's mapper failed. */
export async function loadDetail<Name extends keyof PaymentDetails>(
  context: Context,
  row: wire.Payment,
  name: Name,
): Promise<PaymentDetails[Name] | null> {
  const payment = await loadPaymentInFull(context, row);
  return payment === null
    ? null
    : orMapperError<PaymentDetails[Name]>(context.providers.paymentDetailsOf(payment)[name]);
}
