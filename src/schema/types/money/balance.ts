/** Balances: what an account holds of one asset, now and before. */

import { builder, ownedBy } from "../../builder.ts";
import { definePage } from "../../pagination.ts";
import { Account, Balance } from "../../refs.ts";
import { Money } from "./money.ts";

builder.objectType(Balance, {
  description: "An amount of one asset on an account, over the time that it held.",
  authScopes: ownedBy(({ account }) => account.psuID),
  fields: (t) => ({
    amount: t.field({
      type: Money,
      description: "What was there.",
      resolve: ({ asset, balance }) => ({ asset, amount: balance }),
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When this amount was first seen." }),
    lastUpdatedAt: t.expose("lastUpdatedAt", {
      type: "DateTime",
      description: "When this amount was last confirmed, or when another replaced it.",
    }),
    account: t.expose("account", { type: Account, description: "Where it was." }),
  }),
});

export const BalancePage = definePage(Balance);
