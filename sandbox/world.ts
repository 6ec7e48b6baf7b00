/** Everything that the sandbox knows: people, connectors, connections and their data, and what may be done to them. */

import type { PersonBody } from "./api/validation.ts";
import { type Clock, systemClock } from "./clock.ts";
import { invalid, notFound } from "./http/api-error.ts";
import type { Account, Attempt, Balance, Connection, Connector, Payment, Person, Task } from "./model.ts";
import { announceExpiry, breakConnection, syncConnection } from "./operations/connection.ts";
import { findConnector, findPerson, nowOf, type SandboxContext } from "./operations/context.ts";
import { createDeletions, type Deletions } from "./operations/deletion.ts";
import { createLinks, type Links } from "./operations/link.ts";
import { checkProviderCoverage } from "./operations/provider-coverage.ts";
import { createRandom } from "./random.ts";
import { seedDefaultWorld } from "./seed/default-world.ts";
import { seedUniformWorld } from "./seed/uniform-world.ts";
import { createOutbox, type Outbox } from "./store/outbox.ts";
import { createStore, insert, pair } from "./store/store.ts";
import { day, type Micros } from "./time.ts";

export type World = Pick<Outbox, "events" | "onEvent"> & {
  readonly clock: Clock;
  /** Rows of each list, newest first. */
  readonly people: readonly Person[];
  readonly connectors: readonly Connector[];
  readonly connections: readonly Connection[];
  readonly attempts: readonly Attempt[];
  readonly accounts: readonly Account[];
  readonly payments: readonly Payment[];
  readonly links: Links;
  readonly deletions: Deletions;
  now(): Micros;
  person(id: string): Person | undefined;
  connector(id: string): Connector | undefined;
  account(id: string): Account | undefined;
  task(id: string): Task | undefined;
  /** An account's history, newest first. */
  balances(accountID: string): readonly Balance[];
  isForwarded(psuID: string, connectorID: string): boolean;
  createPerson(body: PersonBody): Person;
  forward(psuID: string, connectorID: string): void;
  /** Plays a bank that ends access: the connection is in error and an event tells. */
  breakConnection(connection: Connection, reason: string): void;
  /** Plays a bank whose consent will end, in seven days if no time is given: only an event tells. */
  announceExpiry(connection: Connection, reason: string, endsAt?: Micros): void;
  /** Plays a provider that has fresh data. */
  syncConnection(connection: Connection): void;
};

export type WorldOptions = {
  readonly seed?: number;
  readonly clock?: Clock;
  /** A regular world instead of the believable one. */
  readonly size?: { readonly people: number; readonly connectionsEach: number; readonly accountsEach: number };
  /**
   * Deliver data with the gaps that the service's plugins leave: accounts of Tink name no connection and its
   * DATA_SYNCED event an empty one, Powens sends no such event, and only Plaid's connections ever get a
   * `dataUpdatedAt`. Default false: every provider fills in everything.
   */
  readonly syncGaps?: boolean;
};

/** The same seed and the same time make equal worlds, ids included. */
export function createWorld(options: WorldOptions = {}): World {
  const { clock = systemClock, size, syncGaps = false } = options;
  const store = createStore();
  const outbox = createOutbox(clock);
  const random = createRandom(options.seed ?? 1);
  const engine: SandboxContext = { store, clock, outbox, random: random.fork("running"), syncGaps };
  const plot = { store, random: random.fork("seed"), now: nowOf(engine) };
  if (size === undefined) seedDefaultWorld(plot);
  else seedUniformWorld(plot, size);

  return {
    clock,
    people: store.people,
    connectors: store.connectors,
    connections: store.connections,
    attempts: store.attempts,
    accounts: store.accounts,
    payments: store.payments,
    events: outbox.events,
    onEvent: outbox.onEvent,
    links: createLinks(engine),
    deletions: createDeletions(engine),
    now: () => nowOf(engine),
    person: (id) => findPerson(engine, id),
    connector: (id) => findConnector(engine, id),
    account: (id) => store.accountByID.get(id),
    task: (id) => store.tasks.get(id),
    balances: (accountID) => store.balances.get(accountID) ?? [],
    isForwarded: (psuID, connectorID) => store.forwarded.has(pair(psuID, connectorID)),
    createPerson(body) {
      // Bank accounts are no part of this world, so none can be given.
      if (body.bankAccountIDs.length > 0) throw notFound("cannot create payment service user");
      const person: Person = {
        id: engine.random.uuid(),
        name: body.name ?? "",
        createdAt: nowOf(engine),
        contactDetails: orNull(body.contactDetails),
        address: orNull(body.address),
        metadata: body.metadata,
      };
      insert(store.people, person);
      return person;
    },
    forward(psuID, connectorID) {
      if (store.forwarded.has(pair(psuID, connectorID))) {
        throw invalid("user already exists on this connector: validation error");
      }
      const person = findPerson(engine, psuID);
      if (person === undefined) throw notFound("select psu");
      const connector = findConnector(engine, connectorID);
      if (connector === undefined) throw notFound("connector");
      checkProviderCoverage(connector, person, "", "forward");
      store.forwarded.add(pair(psuID, connectorID));
    },
    breakConnection: (connection, reason) => breakConnection(engine, connection, reason),
    announceExpiry: (connection, reason, endsAt = nowOf(engine) + 7 * day) =>
      announceExpiry(engine, connection, reason, endsAt),
    syncConnection: (connection) => syncConnection(engine, connection),
  };
}

/** A group of which nothing is set is not stored, and read back as null. */
function orNull<Group extends object>(group: Group | null): Group | null {
  return group === null || Object.values(group).every((value) => value === null) ? null : group;
}
