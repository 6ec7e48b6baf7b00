/** What hangs from a payment: who is on the other side, what it was for, and its states. */

import { withMaskedNumbers } from "../../upstream/account-numbers.ts";
import type {
  PaymentCategory as CategoryShape,
  Counterparty as CounterpartyShape,
} from "../../upstream/providers/payment-details.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder } from "../builder.ts";
import { maskedNumbers, readsNumbers } from "../loaders/bank-account.ts";
import { absolute, Money } from "./money/money.ts";
import { PaymentStatus } from "./payment-enums.ts";

export const Counterparty = builder.objectRef<CounterpartyShape>("Counterparty").implement({
  description: "Who paid the user, or was paid: a shop, a person, an app.",
  authScopes: { read: true },
  fields: (t) => ({
    name: t.exposeString("name", { nullable: true }),
    logoUrl: t.expose("logoUrl", { type: "URL", nullable: true, description: "Always https." }),
    website: t.expose("website", { type: "URL", nullable: true, description: "Always https." }),
  }),
});

export const PaymentCategory = builder.objectRef<CategoryShape>("PaymentCategory").implement({
  description: "What a payment was for, in the words of its provider: each has words of its own.",
  authScopes: { read: true },
  fields: (t) => ({
    name: t.exposeString("name", { description: "Such as `FOOD_AND_DRINK` (Plaid) or `card` (Powens)." }),
    detailed: t.exposeString("detailed", { nullable: true, description: "Such as `FOOD_AND_DRINK_COFFEE`." }),
    source: t.exposeString("source", {
      description:
        "Whose words they are: `plaid`, `plaid-legacy` (Plaid's older categories), `powens`, or the name of another provider.",
    }),
  }),
});

/** An adjustment, with the asset that its amount is of. */
export type Adjustment = wire.PaymentAdjustment & { readonly paymentAsset: string };

export const PaymentAdjustment = builder.objectRef<Adjustment>("PaymentAdjustment").implement({
  description: "One state that a payment has had.",
  authScopes: { read: true },
  fields: (t) => ({
    id: t.exposeID("id", { description: "The upstream's own id; no global one." }),
    status: t.field({ type: PaymentStatus.type, resolve: ({ status }) => PaymentStatus.of(status) }),
    statusText: t.exposeString("status", { description: "The status as the payments stack writes it." }),
    amount: t.field({
      type: Money,
      nullable: true,
      description: "The amount of this state, never negative; null when it has none of its own.",
      resolve: ({ amount, asset, paymentAsset }) =>
        amount === null ? null : { asset: asset ?? paymentAsset, amount: absolute(amount) },
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    raw: t.field({
      type: "JSON",
      nullable: true,
      authScopes: { operator: true },
      description: `The payment as the provider sent it then. For operators. ${maskedNumbers}`,
      resolve: ({ raw }, _args, { viewer }) => (readsNumbers(viewer) ? raw : withMaskedNumbers(raw)),
    }),
  }),
});
