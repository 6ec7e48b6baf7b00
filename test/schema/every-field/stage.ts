/** Two PSUs with the same kinds of data, and a gateway for each and for an operator. */

import { createManualClock } from "../../../sandbox/clock.ts";
import { startSandbox } from "../../../sandbox/server.ts";
import { createWorld, type World } from "../../../sandbox/world.ts";
import { createMemoryEventBus } from "../../../src/live/event-bus.ts";
import { createTestGateway, psuViewer } from "../../support/helpers.ts";
import { firstOf } from "../global-ids.ts";
import { schema } from "./rules.ts";

/** Makes every field of a PSU's rows hold something, and texts that no other PSU's hold. */
function mark(world: World, psuID: string, connectorID: string, country: string): void {
  const person = world.person(psuID);
  const of = (noun: string) => `${noun} of ${person?.name}`;
  const text = (noun: string, at: number) => ({
    metadata: { note: `${of(noun)} noted ${at}` },
    name: `${of(noun)} named ${at}`,
  });
  Object.assign(person ?? {}, {
    metadata: { note: of("note") },
    contactDetails: { email: of("email"), phoneNumber: of("phone"), locale: `${country.toLowerCase()}_${country}` },
    address: {
      streetName: of("street"),
      streetNumber: of("number"),
      city: of("city"),
      region: of("region"),
      postalCode: of("code"),
      country,
    },
  });
  const isOwn = (row: { readonly psuID: string | null }) => row.psuID === psuID;
  const accounts = world.accounts.filter(isOwn);
  for (const [at, row] of world.connections.filter(isOwn).entries()) {
    const broken = { status: "ERROR", error: of("failure") };
    Object.assign(row, { metadata: text("connection", at).metadata }, at === 0 ? broken : {});
  }
  for (const [at, row] of accounts.entries()) Object.assign(row, text("account", at), { raw: rawOf(of, at) });
  for (const [at, row] of world.payments.filter(isOwn).entries()) {
    const destinationAccountID = accounts[at % accounts.length]?.id ?? null;
    // As Plaid has them, and Tink.
    const described = { original_description: of(`payment ${at}`), descriptions: { display: of(`payment ${at}`) } };
    const raw = { ...row.raw, ...described };
    Object.assign(row, { metadata: text("payment", at).metadata, destinationAccountID, raw });
  }
  const clientRedirectURL = `https://app.example.com/${psuID}`;
  const { attemptID } = world.links.create({
    psuID,
    connectorID,
    key: null,
    applicationName: "Name",
    clientRedirectURL,
  });
  const attempts = world.attempts.filter(({ id }) => id === attemptID);
  // A PSU sees a code of the provider's, and nothing else.
  for (const row of attempts) Object.assign(row, { status: "exited", error: of("refusal").replace(/\W+/g, "_") });
  const number = (length: number) => psuID.replaceAll("-", "").slice(0, length);
  const bankAccount = world.bankAccounts.create({
    ...{ name: of("bank account"), iban: `DE00${number(16)}`, accountNumber: number(12), swiftBicCode: number(8) },
    ...{ country, metadata: { bank: of("bank account note") } },
  });
  const [related] = accounts;
  if (related !== undefined) bankAccount.relatedAccounts.push({ ...related, accountID: related.id });
  world.bankAccounts.add(psuID, bankAccount.id);
  // It fails, and its task stays.
  world.deletions.connection(psuID, connectorID, "no-such-connection");
}

/** All that any provider sends of an account. */
function rawOf(of: (noun: string) => string, at: number) {
  return {
    raw: of(`raw ${at}`),
    official_name: of(`official name ${at}`),
    mask: of(`mask ${at}`),
    balances: {
      available: 1.5,
      limit: 2.5,
      iso_currency_code: "EUR",
      last_updated_datetime: "2026-11-28T21:10:42Z",
    },
  };
}

const startedAt = new Date();

/** Equal each time. Two PSUs with the same kinds of data, one gateway for each and one for an operator, with one seal for cursors. */
export async function stage() {
  const clock = createManualClock(startedAt);
  const world = createWorld({ clock, size: { people: 2, connectionsEach: 3, accountsEach: 2 } });
  const sandbox = await startSandbox({ world });
  const [me = "", other = ""] = world.people.map(({ id }) => id);
  const connectorId = firstOf(world.connectors, ({ provider }) => provider === "plaid").id;
  const bus = createMemoryEventBus();
  for (const psuId of [me, other]) {
    mark(world, psuId, connectorId, psuId === me ? "DE" : "FR");
    for (const row of world.connections.filter(({ psuID }) => psuID === psuId)) {
      const consent = { psuId, connectorId: row.connectorID, connectionId: row.connectionID };
      await bus.consents.keep(consent, new Date(Date.now() + 9e8).toISOString());
    }
  }
  clock.advance(1000);
  const shared = { bus, cursorSecrets: ["the same for all of these gateways"] as const, guards: { schema } };
  // An operator's scopes make no operator of a PSU.
  const scopes = ["payments:read", "payments:write"];
  const mine = createTestGateway(sandbox, { ...shared, viewer: { ...psuViewer(me), scopes } });
  const theirs = createTestGateway(sandbox, { ...shared, viewer: psuViewer(other) });
  const operator = createTestGateway(sandbox, shared);
  return {
    ...{ clock, world, sandbox, me, other, connectorId, mine, theirs, operator },
    async [Symbol.asyncDispose]() {
      for (const gateway of [mine, theirs, operator, sandbox]) await gateway[Symbol.asyncDispose]();
    },
  };
}
