/** The sandbox without its HTTP server: people, connectors, connections and their data, and the operations on them. */

import { type Clock, systemClock } from "./clock.ts";
import type { Account } from "./models/account.ts";
import type { Attempt } from "./models/attempt.ts";
import type { Balance } from "./models/balance.ts";
import type { Connection } from "./models/connection.ts";
import type { Connector } from "./models/connector.ts";
import type { Payment } from "./models/payment.ts";
import type { Person } from "./models/person.ts";
import type { Task } from "./models/task.ts";
import { type BankAccounts, createBankAccounts } from "./operations/bank-account.ts";
import { type ConnectionEvents, createConnectionEvents } from "./operations/connection.ts";
import { findConnector, findPerson, nowOf, type SandboxContext } from "./operations/context.ts";
import { createDeletions, type Deletions } from "./operations/deletion.ts";
import { createLinks, type Links } from "./operations/link.ts";
import { createPeople, type People } from "./operations/person.ts";
import { createRandom } from "./random.ts";
import { seedDefaultWorld } from "./seed/default-world.ts";
import { seedUniformWorld, type WorldSize } from "./seed/uniform-world.ts";
import { createOutbox, type Outbox } from "./store/outbox.ts";
import { createStore } from "./store/store.ts";
import type { Micros } from "./time.ts";

export type World = Pick<Outbox, "events" | "onEvent"> &
  People &
  ConnectionEvents & {
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
    readonly bankAccounts: BankAccounts;
    now(): Micros;
    person(id: string): Person | undefined;
    connector(id: string): Connector | undefined;
    account(id: string): Account | undefined;
    task(id: string): Task | undefined;
    /** An account's history, newest first. */
    balances(accountID: string): readonly Balance[];
  };

export type WorldOptions = {
  readonly seed?: number;
  readonly clock?: Clock;
  /** A uniform world of this size instead of the default one. */
  readonly size?: WorldSize;
};

/** The same seed and the same time make equal worlds, ids included. */
export function createWorld(options: WorldOptions = {}): World {
  const { clock = systemClock, size } = options;
  const store = createStore();
  const outbox = createOutbox(clock);
  const random = createRandom(options.seed ?? 1);
  const context: SandboxContext = { store, clock, outbox, random: random.fork("running") };
  const seedContext = { store, random: random.fork("seed"), now: nowOf(context) };
  if (size === undefined) seedDefaultWorld(seedContext);
  else seedUniformWorld(seedContext, size);

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
    ...createPeople(context),
    ...createConnectionEvents(context),
    links: createLinks(context),
    deletions: createDeletions(context),
    bankAccounts: createBankAccounts(context),
    now: () => nowOf(context),
    person: (id) => findPerson(context, id),
    connector: (id) => findConnector(context, id),
    account: (id) => store.accountByID.get(id),
    task: (id) => store.tasks.get(id),
    balances: (accountID) => store.balances.get(accountID) ?? [],
  };
}
