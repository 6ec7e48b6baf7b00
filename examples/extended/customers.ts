/** What the CRM knows of a user, as fields of the graph. */
import {
  type Builder,
  callElsewhere,
  defineLoader,
  ownedBy,
  PaymentServiceUser,
  perBatch,
  perRow,
  psuById,
  textOf,
} from "open-banking-graphql-gateway";
import { type Crm, type CustomerRow, maxIds } from "./crm.ts";

export function extendWithCustomers(crm: Crm): (builder: Builder) => void {
  const customerByPsu = defineLoader<CustomerRow | null>(
    "customerByPsu",
    async (psuIds, call) => {
      const rows = await crm.customers({ psuIds }, call);
      const byPsu = new Map(rows.map((row) => [row.psuId, row]));
      return psuIds.map((psuId) => byPsu.get(psuId) ?? null);
    },
    { maxKeys: maxIds },
  );

  return (builder) => {
    const Customer = builder.objectRef<CustomerRow>("Customer").implement({
      description: "What the CRM knows of a user.",
      authScopes: ownedBy((row) => row.psuId),
      fields: (t) => ({
        segment: t.exposeString("segment"),
        adviser: t.exposeString("adviser", { nullable: true, description: "Whom the user can call." }),
        paymentServiceUser: t.field({
          type: PaymentServiceUser,
          nullable: true,
          extensions: perBatch(psuById),
          resolve: (row, _args, context) => psuById.load(context, row.psuId),
        }),
      }),
    });

    builder.objectField(PaymentServiceUser, "customer", (t) =>
      t.field({
        type: Customer,
        nullable: true,
        description: "Null for a user whom the CRM does not know.",
        extensions: perBatch(customerByPsu),
        resolve: (psu, _args, context) => customerByPsu.load(context, psu.id),
      }),
    );

    builder.queryField("customers", (t) =>
      t.field({
        type: [Customer],
        description: "Up to 100 customers of a segment.",
        authScopes: { operator: true },
        extensions: perRow(1, { rows: 100 }),
        args: { segment: t.arg.string({ required: true, extensions: textOf(40) }) },
        resolve: (_root, { segment }, context) =>
          callElsewhere(context, "customers", (call) => crm.customers({ segment, limit: 100 }, call)),
      }),
    );
  };
}
