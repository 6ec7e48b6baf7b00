/** A provider of one's own, given to `createGateway`: that of examples/extended, over a stack with a connector of it. */
import { afterAll, expect, it } from "vitest";
import { acme } from "../../examples/extended/provider.ts";
import { createPayment, type Payment } from "../../sandbox/models/payment.ts";
import { createWorld } from "../../sandbox/world.ts";
import { crm, startExtended } from "./stage.ts";

afterAll(() => crm[Symbol.asyncDispose]());

/** Where all rows are of acme's connector. */
function createAcmeWorld() {
  const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } });
  for (const connector of world.connectors) Object.assign(connector, { provider: "acme", name: "Acme" });
  const accountRow = { product: "card", iban: "GB29NWBK60161331926819", currency: "EUR", left: 12.5 };
  for (const account of world.accounts) {
    Object.assign(account, { raw: accountRow, defaultAsset: "EUR/2" });
    const payment = createPayment({
      ...{ connectorID: account.connectorID, reference: "one", type: "PAYOUT", amount: 5n, asset: "EUR/2" },
      ...{ createdAt: world.now(), sourceAccountID: account.id, psuID: account.psuID },
      raw: { state: "open", text: "Ramen", shop: { name: "Shop", site: "shop.example" }, day: "2026-11-20" },
    });
    (world.payments as Payment[]).splice(0, Number.POSITIVE_INFINITY, payment);
  }
  return world;
}

const query = `{
  connectors { nodes { provider canLink needs } }
  accounts(first: 1) { nodes { kind mask available { decimal } } }
  payments(first: 1) { nodes { isPending description bookedOn counterparty { name website } } }
}`;

it("says what accounts and payments mean, and who can link a bank", async () => {
  await using stage = await startExtended({ providers: { acme } }, { world: createAcmeWorld() });
  const { data, errors } = await stage.send(query);
  expect(errors).toBeUndefined();
  expect(data).toMatchObject({
    connectors: { nodes: expect.arrayContaining([{ provider: "acme", canLink: true, needs: ["COUNTRY"] }]) },
    accounts: { nodes: [{ kind: "CREDIT_CARD", mask: "6819", available: { decimal: "12.50" } }] },
    payments: {
      nodes: [
        {
          ...{ isPending: true, description: "Ramen", bookedOn: "2026-11-20" },
          counterparty: { name: "Shop", website: "https://shop.example" },
        },
      ],
    },
  });
});

it("is of its own gateway alone: another one in the process shows what the service says", async () => {
  await using stage = await startExtended({}, { world: createAcmeWorld() });
  expect(await stage.send(query)).toMatchObject({
    data: {
      connectors: { nodes: expect.arrayContaining([{ provider: "acme", canLink: false, needs: [] }]) },
      accounts: { nodes: [{ kind: "UNKNOWN", mask: null, available: null }] },
      payments: { nodes: [{ description: null, bookedOn: null, counterparty: null }] },
    },
  });
});
