/** The believable world: a dozen people, their banks, and months of their money. */

import { toAccountId } from "../ids.ts";
import type { Account, Attempt, Connection, Connector, Person } from "../model.ts";
import { toConnectionId } from "../operations/link.ts";
import { insert, insertAccount, pair, storeBalance } from "../store/store.ts";
import { day, type Micros, second } from "../time.ts";
import { bankOf } from "./banks.ts";
import { type BankLink, type SeedPerson, seedPeople } from "./people.ts";
import { addConnectors, type SeedContext } from "./seed-helpers.ts";
import { createStatement } from "./statement.ts";

type Connectors = ReturnType<typeof addConnectors>;

export function seedDefaultWorld(plot: SeedContext): void {
  const connectors = addConnectors(plot);
  const people = seedPeople.map((role) => ({ role, person: addPerson(plot, connectors, role) }));
  for (const { role, person } of people) {
    for (const [at, tie] of role.bankLinks.entries()) addBankLink(plot, connectors[tie.provider], person, tie, at);
    for (const left of role.incompleteAttempts ?? []) addAttempt(plot, connectors[left.provider], person, left);
  }
  addTreasury(plot, connectors);
}

function addPerson({ store, random, now }: SeedContext, connectors: Connectors, role: SeedPerson): Person {
  const person: Person = {
    id: random.uuid(),
    name: role.name,
    createdAt: now - role.daysAgo * day - random.integer(0, 40_000) * second - random.integer(0, 999_999),
    contactDetails: role.contactDetails,
    address: role.address,
    metadata: role.metadata ?? null,
  };
  insert(store.people, person);
  for (const provider of role.forwardedTo) store.forwarded.add(pair(person.id, connectors[provider].id));
  return person;
}

function addBankLink(
  { store, random, now }: SeedContext,
  connector: Connector,
  person: Person,
  tie: BankLink,
  at: number,
): void {
  const bank = bankOf(tie.bank);
  if (bank === undefined || connector.provider === "generic") throw new Error(`No bank ${tie.bank}.`);
  const createdAt = now - tie.daysAgo * day - (at * 3600 + random.integer(0, 3000)) * second;
  const syncedAt = tie.syncedHoursAgo === null ? null : now - tie.syncedHoursAgo * 3600 * second;
  const connection: Connection = {
    psuID: person.id,
    connectorID: connector.id,
    connectionID: tie.connectionID ?? toConnectionId({ random }, connector),
    createdAt,
    dataUpdatedAt: syncedAt,
    updatedAt: tie.error === undefined ? createdAt : (syncedAt ?? now) + 900 * second,
    status: tie.error === undefined ? "ACTIVE" : "ERROR",
    error: tie.error ?? null,
    metadata: null,
    bankID: bank.id,
    products: tie.products ?? bank.products,
  };
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
  for (const account of statement.accounts) insertAccount(store, account);
  for (const balance of statement.balances) storeBalance(store, balance);
  for (const payment of statement.payments) insert(store.payments, payment);
}

type AttemptInput = { readonly status: Attempt["status"]; readonly error: string | null; readonly ageS: number };

function addAttempt(
  { store, random, now }: SeedContext,
  connector: Connector,
  person: Person,
  input: AttemptInput,
): void {
  insert(store.attempts, {
    id: random.uuid(),
    psuID: person.id,
    connectorID: connector.id,
    createdAt: Math.round(now - input.ageS * second),
    clientRedirectURL: "https://app.example.com/banks/linked",
    status: input.status,
    error: input.error,
  });
}

/** Accounts that belong to no user: a company's own, from a source that is no open banking provider. */
function addTreasury(plot: SeedContext, { add, common, secret }: Connectors): void {
  const { store, random, now } = plot;
  const treasury = add("generic", "Treasury", 365 * day, {
    ...common,
    name: "Treasury",
    apiKey: secret(),
    endpoint: "https://treasury.sandbox.invalid",
  });
  const open = (name: string | null, type: Account["type"], asset: string | null, amounts: readonly bigint[]) => {
    const reference = random.uuid();
    const id = toAccountId(treasury.id, reference);
    const createdAt: Micros = now - 300 * day + random.integer(0, 1000) * second;
    const owner = { psuID: null, connectionID: null };
    const rest = { metadata: name === null ? null : { owner: "finance" }, raw: { id: reference } };
    const connectorID = treasury.id;
    insertAccount(store, { id, connectorID, reference, createdAt, type, name, defaultAsset: asset, ...owner, ...rest });
    for (const [at, amount] of amounts.entries()) {
      const seenAt = createdAt + at * 90 * day;
      storeBalance(store, { accountID: id, createdAt: seenAt, lastUpdatedAt: seenAt, asset: asset ?? "EUR/2", amount });
    }
  };
  open("Operating account", "INTERNAL", "EUR/2", [10_000_000n, 12_500_000n, 9_871_245n]);
  open("Supplier payments", "EXTERNAL", "USD/2", [0n]);
  open(null, "UNKNOWN", null, []);
}
