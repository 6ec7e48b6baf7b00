/** A world of any size in which everybody has the same: for counting calls and measuring time. */
import { createAccount } from "../models/account.ts";
import { type Connection, createConnection } from "../models/connection.ts";
import { createPayment } from "../models/payment.ts";
import { createPerson } from "../models/person.ts";
import { insertAccount, pair, storeBalance } from "../store/store.ts";
import { day, second } from "../time.ts";
import { addConnectors, type SeedContext } from "./seed-helpers.ts";

export type WorldSize = { readonly people: number; readonly connectionsEach: number; readonly accountsEach: number };

export function seedUniformWorld(context: SeedContext, { people, connectionsEach, accountsEach }: WorldSize): void {
  const { store, random, now } = context;
  const { plaid, tink, powens } = addConnectors(context);
  const connectors = [plaid, tink, powens];
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
      const connector = connectors[link % connectors.length] ?? plaid;
      const connection = createConnection({
        psuID: person.id,
        connectorID: connector.id,
        connectionID: `connection-${at + 1}-${link + 1}`,
        createdAt: createdAt + link,
        dataUpdatedAt: now,
        bankID: { plaid: "harbour-vale", tink: "spreebank", powens: "lilas", generic: "" }[connector.provider],
        products: [],
      });
      store.connections.push(connection);
      for (let slot = 0; slot < accountsEach; slot++) addAccount(context, connection, slot);
    }
  }
  store.people.reverse();
  store.connections.reverse();
  store.payments.sort((a, b) => b.createdAt - a.createdAt);
}

function addAccount({ store, random, now }: SeedContext, connection: Connection, slot: number): void {
  const { psuID, connectorID, connectionID } = connection;
  const reference = `${connectionID}-account-${slot + 1}`;
  const account = createAccount({
    connectorID,
    reference,
    createdAt: connection.createdAt + slot,
    name: `Account ${slot + 1}`,
    defaultAsset: "EUR/2",
    psuID,
    connectionID,
  });
  insertAccount(store, account);
  for (const asset of slot % 2 === 0 ? ["EUR/2"] : ["EUR/2", "USD/2"]) {
    for (const daysAgo of [20, 10, 1]) {
      const createdAt = now - daysAgo * day;
      const amount = BigInt(random.integer(10_000, 900_000));
      storeBalance(store, { accountID: account.id, createdAt, lastUpdatedAt: now, asset, amount });
    }
  }
  for (const daysAgo of [10, 1]) {
    const amount = BigInt(random.integer(100, 9_000));
    const payment = createPayment({
      connectorID,
      reference: `${reference}-payment-${daysAgo}`,
      createdAt: now - daysAgo * day - slot,
      type: "PAYOUT",
      amount,
      asset: "EUR/2",
      scheme: "SEPA_DEBIT",
      sourceAccountID: account.id,
      psuID,
      connectionID,
    });
    store.payments.push(payment);
  }
}
