/** What the sandbox's moving parts share. */
import type { Clock } from "./clock.ts";
import type { Account, Attempt, Connection, Connector, Person } from "./model.ts";
import type { Random } from "./random.ts";
import type { Store } from "./store.ts";
import { type Micros, toMicros } from "./time.ts";
import type { Outbox } from "./webhooks/outbox.ts";

export type Engine = {
  readonly store: Store;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly random: Random;
  /** See `createWorld`. */
  readonly syncGaps: boolean;
};

export const nowOf = ({ clock }: Pick<Engine, "clock">): Micros => toMicros(clock.now());

export const personOf = ({ store }: Engine, id: string): Person | undefined =>
  store.people.find((person) => person.id === id);

export const connectorOf = ({ store }: Pick<Engine, "store">, id: string): Connector | undefined =>
  store.connectors.find((connector) => connector.id === id);

export const attemptOf = ({ store }: Engine, id: string): Attempt | undefined =>
  store.attempts.find((attempt) => attempt.id === id);

/** By connector and id alone: the service asks for no PSU here. */
export const connectionOf = ({ store }: Engine, connectorID: string, connectionID: string): Connection | undefined =>
  store.connections.find((row) => row.connectorID === connectorID && row.connectionID === connectionID);

export const accountsOf = ({ store }: Engine, { psuID, connectorID, connectionID }: Connection): readonly Account[] =>
  store.accounts.filter(
    (row) => row.psuID === psuID && row.connectorID === connectorID && row.connectionID === connectionID,
  );
