/** Seeds the default world: a dozen people, their banks, and months of payments. */

import { type Account, createAccount } from "../models/account.ts";
import { type Attempt, createAttempt } from "../models/attempt.ts";
import { createConnection, createConnectionID } from "../models/connection.ts";
import { type Connector, isOpenBanking } from "../models/connector.ts";
import { createPerson, type Person } from "../models/person.ts";
import { insert, insertAccount, pair, storeBalance } from "../store/store.ts";
import { day, type Micros, second } from "../time.ts";
import { bankOf } from "./banks.ts";
import { spending } from "./payees.ts";
import { type BankLink, type SeedPerson, seedPeople } from "./people.ts";
import { toPayment } from "./provider-rows.ts";
import { rowsByProvider } from "./rows-by-provider.ts";
import { addConnectors, type SeedContext } from "./seed-helpers.ts";
import { createStatement } from "./statement.ts";

type Connectors = ReturnType<typeof addConnectors>;

export function seedDefaultWorld(context: SeedContext): void {
  const connectors = addConnectors(context);
  const people = seedPeople.map((seedPerson) => ({ seedPerson, person: addPerson(context, connectors, seedPerson) }));
  for (const { seedPerson, person } of people) {
    for (const [at, bankLink] of seedPerson.bankLinks.entries())
      addBankLink(context, connectors[bankLink.provider], person, bankLink, at);
    for (const attempt of seedPerson.incompleteAttempts ?? [])
      addAttempt(context, connectors[attempt.provider], person, attempt);
  }
  addTreasury(context, connectors);
}

function addPerson({ store, random, now }: SeedContext, connectors: Connectors, seedPerson: SeedPerson): Person {
  const { name, contactDetails, address, metadata = null } = seedPerson;
  const id = random.uuid();
  const createdAt = now - seedPerson.daysAgo * day - random.integer(0, 40_000) * second - random.integer(0, 999_999);
  const person = createPerson({ id, name, createdAt, contactDetails, address, metadata });
  insert(store.people, person);
  for (const provider of seedPerson.forwardedTo) store.forwarded.add(pair(person.id, connectors[provider].id));
  return person;
}

function addBankLink(
  { store, random, now }: SeedContext,
  connector: Connector,
  person: Person,
  bankLink: BankLink,
  at: number,
): void {
  const bank = bankOf(bankLink.bank);
  if (bank === undefined || !isOpenBanking(connector.provider)) throw new Error(`No bank ${bankLink.bank}.`);
  const createdAt = now - bankLink.daysAgo * day - (at * 3600 + random.integer(0, 3000)) * second;
  const syncedAt = bankLink.syncedHoursAgo === null ? null : now - bankLink.syncedHoursAgo * 3600 * second;
  const isPlaid = connector.provider === "plaid";
  // Each sync of Tink and Powens writes the connection as working again.
  const activeSince = isPlaid ? createdAt : (syncedAt ?? createdAt);
  const connection = createConnection({
    psuID: person.id,
    connectorID: connector.id,
    connectionID: bankLink.connectionID ?? createConnectionID(random, connector),
    createdAt,
    dataUpdatedAt: isPlaid ? syncedAt : null,
    updatedAt: bankLink.error === undefined ? activeSince : (syncedAt ?? now) + 900 * second,
    status: bankLink.error === undefined ? "ACTIVE" : "ERROR",
    error: bankLink.error ?? null,
    bankID: bank.id,
    products: [...(bankLink.products ?? bank.products), ...(bankLink.mortgage ? [bankLink.mortgage] : [])],
  });
  insert(store.connections, connection);
  addAttempt({ store, random, now }, connector, person, {
    status: "completed",
    error: null,
    ageS: (now - createdAt) / second + 95,
  });
  if (syncedAt === null) return;

  const { provider } = connector;
  const from = createdAt - 30 * day;
  const own = random.fork(`${person.name}/${bank.id}`);
  const input = { random: own, connection, provider, from, seenAt: createdAt + 40 * second, until: syncedAt };
  const statement = createStatement(input);
  for (const account of statement.accounts) {
    insertAccount(store, account);
    connection.accountIDs.push(account.id);
  }
  for (const balance of statement.balances) storeBalance(store, balance);
  for (const payment of statement.payments) insert(store.payments, payment);
  const [account] = statement.accounts;
  if (account === undefined) return;
  for (const { asset, amount, daysAgo } of bankLink.abroad ?? []) {
    const rows = rowsByProvider[provider];
    const abroad = own.fork(asset);
    const reference = rows.paymentReference(abroad);
    const paid = { reference, asset, amount, at: now - daysAgo * day, refreshedAt: syncedAt, random: abroad };
    insert(store.payments, toPayment(rows, { account, ...paid, state: "booked", payee: abroad.pick(spending) }));
  }
}

type AttemptInput = { readonly status: Attempt["status"]; readonly error: string | null; readonly ageS: number };

function addAttempt(
  { store, random, now }: SeedContext,
  connector: Connector,
  person: Person,
  input: AttemptInput,
): void {
  const attempt = createAttempt({
    id: random.uuid(),
    psuID: person.id,
    connectorID: connector.id,
    createdAt: Math.round(now - input.ageS * second),
    clientRedirectURL: "https://app.example.com/banks/linked",
    status: input.status,
    error: input.error,
  });
  insert(store.attempts, attempt);
}

/** Accounts that belong to no user: a company's own, from a source that is no open banking provider. */
function addTreasury(context: SeedContext, { add, common, secret }: Connectors): void {
  const { store, random, now } = context;
  const treasury = add("generic", "Treasury", 365 * day, {
    ...common,
    name: "Treasury",
    apiKey: secret(),
    endpoint: "https://treasury.sandbox.invalid",
  });
  const open = (name: string | null, type: Account["type"], asset: string | null, amounts: readonly bigint[]) => {
    const reference = random.uuid();
    const createdAt: Micros = now - 300 * day + random.integer(0, 1000) * second;
    const metadata = name === null ? null : { owner: "finance" };
    const connectorID = treasury.id;
    const account = createAccount({ connectorID, reference, createdAt, type, name, defaultAsset: asset, metadata });
    insertAccount(store, account);
    for (const [at, amount] of amounts.entries()) {
      const seenAt = createdAt + at * 90 * day;
      const seen = { createdAt: seenAt, lastUpdatedAt: seenAt };
      storeBalance(store, { accountID: account.id, ...seen, asset: asset ?? "EUR/2", amount });
    }
  };
  open("Operating account", "INTERNAL", "EUR/2", [10_000_000n, 12_500_000n, 9_871_245n]);
  open("Supplier payments", "EXTERNAL", "USD/2", [0n]);
  open(null, "UNKNOWN", null, []);
}
