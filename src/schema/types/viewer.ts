/** The viewer: who the token speaks for, and what it allows. */

import type { Viewer as ViewerShape } from "../../auth/viewer.ts";
import { builder } from "../builder.ts";
import { load } from "../cost.ts";
import { psuById } from "../loaders/payment-service-user.ts";
import { PaymentServiceUser } from "../refs.ts";

const Viewer = builder.objectRef<ViewerShape>("Viewer").implement({
  description: "On whose behalf the operation runs.",
  authScopes: { anyone: true },
  fields: (t) => ({
    subject: t.exposeString("subject", { nullable: true, description: "The token's subject; null without a token." }),
    scopes: t.exposeStringList("scopes", { description: "What the token allows: `payments:read`, `payments:write`." }),
    paymentServiceUser: t.field({
      type: PaymentServiceUser,
      nullable: true,
      description: "The one PSU that the token speaks for; null for an operator.",
      extensions: load("psuById"),
      resolve: ({ psuId }, _args, context) => (psuId === null ? null : psuById.load(context, psuId)),
    }),
  }),
});

builder.queryField("viewer", (t) =>
  t.field({
    type: Viewer,
    description: "On whose behalf the operation runs.",
    authScopes: { anyone: true },
    resolve: (_root, _args, { viewer }) => viewer,
  }),
);
