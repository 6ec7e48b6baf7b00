/** The least that it takes: one field more for users. `node --conditions=checkout examples/extended/first-field.ts` runs it. */
import { createGateway, free, PaymentServiceUser } from "open-banking-graphql-gateway";

const gateway = await createGateway({
  extend(builder) {
    builder.objectField(PaymentServiceUser, "crmUrl", (t) =>
      t.string({
        description: "The user's page in the CRM.",
        extensions: free(),
        resolve: (psu) => `https://crm.example.com/customers/${psu.id}`,
      }),
    );
  },
});
process.once("SIGINT", () => gateway.close()).once("SIGTERM", () => gateway.close());
await gateway.listen();
