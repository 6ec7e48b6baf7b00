/** A world of any size in which everybody has the same: for counting calls and measuring time. */
import { createAccount } from "../models/account.ts";
import { type Connection, createConnection } from "../models/connection.ts";
import type { Provider } from "../models/connector.ts";
import { createPerson } from "../models/person.ts";
import type { Product } from "../models/product.ts";
import { insertAccount, pair, storeBalance } from "../store/store.ts";
import { day, second } from "../time.ts";
import { spending } from "./payees.ts";
import { toPayment } from "./provider-rows.ts";
import { rowsByProvider } from "./rows-by-provider.ts";
import { addConnectors, type SeedContext } from "./seed-helpers.ts";

export type WorldSize = {
  readonly people: number;
  readonly connectionsEach: number;
  readonly accountsEach: number;
  /** Of each account. Default 2. */
  readonly paymentsEach?: number;
};

const bankIDs = { plaid: "harbour-vale", tink: "spreebank", powens: "lilas" };

export function seedUniformWorld(context: SeedContext, size: WorldSize): void {
  const { people, connectionsEach, accountsEach } = size;
  const { store, random, now } = context;
  const byProvider = addConnectors(context);
  const connectors = (["plaid", "powens", "tink"] as const).map((provider) => ({ ...byProvider[provider], provider }));
  const start = now - 30 * day;
  // Oldest first, so that each row goes to the front of its list.
  for (let at = 0; at < people; at++) {
    const createdAt = start + at * second;
    const person = createPerson({
      id: random.uuid(),
      name: `Person ${at + 1}`,
      createdAt,
      contactDetails: { email: `person${at + 1}@example.com`, phoneNumber: null, locale: "en_GB" },
      address: { streetName: null, streetNumber: null, city: null, region: null, postalCode: null, country: "GB" },
      metadata: {},
    });
    store.people.push(person);
    for (const connector of connectors) store.forwarded.add(pair(person.id, connector.id));
    for (let link = 0; link < connectionsEach; link++) {
      const { id: connectorID, provider } = connectors[link % connectors.length] as (typeof connectors)[number];
      const connection = createConnection({
        psuID: person.id,
        connectorID,
        connectionID: provider === "powens" ? `${(at + 1) * 100 + link}` : `connection-${at + 1}-${link + 1}`,
        createdAt: createdAt + link,
        dataUpdatedAt: provider === "plaid" ? now : null,
        bankID: bankIDs[provider],
        products: [],
      });
      store.connections.push(connection);
      for (let slot = 0; slot < accountsEach; slot++) addAccount(context, connection, provider, slot, size);
    }
  }
  store.people.reverse();
  store.connections.reverse();
  store.payments.sort((a, b) => b.createdAt - a.createdAt);
}

function addAccount(
  { store, random, now }: SeedContext,
  connection: Connection,
  provider: Provider,
  slot: number,
  { paymentsEach = 2 }: WorldSize,
): void {
  const rows = rowsByProvider[provider];
  const { psuID, connectorID, connectionID } = connection;
  // Powens' ids are numbers.
  const reference = provider === "powens" ? `${connectionID}${slot + 100}` : `${connectionID}-account-${slot + 1}`;
  const product: Product = { ...usualProduct, name: `Account ${slot + 1}` };
  const account = createAccount({
    connectorID,
    reference,
    createdAt: connection.createdAt + slot,
    name: product.name,
    psuID,
    ...rows.account(product, connection),
  });
  insertAccount(store, account);
  connection.accountIDs.push(account.id);
  let current = 0n;
  for (const asset of slot % 2 === 0 ? ["EUR/2"] : ["EUR/2", "USD/2"]) {
    for (const daysAgo of [20, 10, 1]) {
      const createdAt = now - daysAgo * day;
      const amount = BigInt(random.integer(10_000, 900_000));
      storeBalance(store, { accountID: account.id, createdAt, lastUpdatedAt: now, asset, amount });
      if (asset === product.asset) current = amount;
    }
  }
  account.raw = rows.accountRaw({ connection, reference, product, amount: current, mask: "0001", refreshedAt: now });
  for (let later = paymentsEach - 1; later >= 0; later--) {
    const daysAgo = 1 + 9 * later;
    const payment = toPayment(rows, {
      account,
      reference: provider === "powens" ? `${reference}${daysAgo}` : `${reference}-payment-${daysAgo}`,
      asset: product.asset,
      amount: BigInt(-random.integer(100, 9_000)),
      at: now - daysAgo * day - slot,
      refreshedAt: now,
      state: "booked",
      payee: random.pick(spending),
      random,
    });
    store.payments.push(payment);
  }
}

const usualProduct: Omit<Product, "name"> = {
  kind: "checking",
  asset: "EUR/2",
  opening: 0n,
  usual: 0n,
  paymentsPerMonth: 0,
};
