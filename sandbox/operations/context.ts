/** What the operations share: the stored data, the clock, and how to find things. */
import type { Clock } from "../clock.ts";
import type { Account } from "../models/account.ts";
import type { Attempt } from "../models/attempt.ts";
import type { Connection } from "../models/connection.ts";
import type { Connector } from "../models/connector.ts";
import type { Person } from "../models/person.ts";
import type { Random } from "../random.ts";
import type { Outbox } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import { type Micros, toMicros } from "../time.ts";

export type SandboxContext = {
  readonly store: Store;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly random: Random;
};

export const nowOf = ({ clock }: Pick<SandboxContext, "clock">): Micros => toMicros(clock.now());

export const findPerson = ({ store }: SandboxContext, id: string): Person | undefined =>
  store.people.find((person) => person.id === id);

export const findConnector = ({ store }: Pick<SandboxContext, "store">, id: string): Connector | undefined =>
  store.connectors.find((connector) => connector.id === id);

export const findAttempt = ({ store }: SandboxContext, id: string): Attempt | undefined =>
  store.attempts.find((attempt) => attempt.id === id);

/** By connector and id alone: the service does not check the PSU here. */
export const findConnection = (
  { store }: SandboxContext,
  connectorID: string,
  connectionID: string,
): Connection | undefined =>
  store.connections.find((row) => row.connectorID === connectorID && row.connectionID === connectionID);

/** Also Tink's, which do not name their connection. Those that were deleted are missing. */
export const accountsOf = ({ store }: SandboxContext, { accountIDs }: Connection): readonly Account[] =>
  accountIDs.map((id) => store.accountByID.get(id)).filter((account) => account !== undefined);
