/** Reads and watches the connections of a PSU. */

import { isDeepStrictEqual } from "node:util";
import { notFound } from "../../errors.ts";
import { connectionsTopic } from "../../live/connection-events.ts";
import type { ConnectionKey } from "../../live/event-bus.ts";
import type { Live } from "../../live/live.ts";
import type { Watched } from "../../live/watched.ts";
import { orNull, type Upstream } from "../../upstream/client.ts";
import { orMalformed } from "../../upstream/errors.ts";
import { allRows } from "../../upstream/pages.ts";
import type { Providers } from "../../upstream/providers/providers.ts";
import type * as wire from "../../upstream/wire-types.ts";
import type { Context } from "../context.ts";
import { maySee } from "../filter.ts";
import { parseCompositeKey, toCompositeKey, toKey } from "../global-id.ts";
import { defineLoader, loadEach } from "../loader.ts";
import { accountsByPsu, readAccounts } from "./account.ts";
import { type ConnectionData, type Health, healthOf, lacksSyncTime, toConnectionData } from "./connection-health.ts";

/** A connection with the PSU that it was found under: the service's own row does not name one. */
export type Connection = wire.BankConnection & {
  readonly psuId: string;
  /** What a watcher knows beside the row; if missing, it is read when a query selects it. */
  readonly known?: Known;
};

type Known = {
  /** `null`: no warning stands. */
  readonly consentEndsAt: string | null;
  /** As it was read last; `null`: it was not, or that failed. */
  readonly data: ConnectionData | null;
  readonly health: Health;
  /** When the watcher first saw the row's `updatedAt`, by this gateway's clock. */
  readonly changeSeenAt: number;
  /** The `updatedAt` that the refresh before has seen, too: what was fetched then is there by now. */
  readonly settledAt: string | null;
};

/** All connections of a PSU in one call, however many connectors. */
export async function readConnections(upstream: Upstream, psuId: string): Promise<Connection[]> {
  const rows = await orNull(allRows((page) => upstream.connections(psuId, null, page)));
  return (rows ?? []).map((row) => ({ ...row, psuId }));
}

export const connectionsByPsu = defineLoader<readonly Connection[]>(
  "connectionsByPsu",
  (psuIds, { upstream, viewer, live }) =>
    loadEach(psuIds, async (psuId) => {
      if (!maySee(viewer, psuId)) return [];
      const connections = await readConnections(upstream, psuId);
      live.watchers.observe(toConnectionsWatcherKey(psuId), connections);
      return connections;
    }),
);

function toConnectionsWatcherKey(psuId: string): string {
  return `connections:${psuId}`;
}

/** Searches only the PSU's own connections: the service does not check whose a connection is. */
export async function loadConnection(context: Context, key: string): Promise<Connection | null> {
  const { psuId, connectorId, ownId } = parseCompositeKey(key);
  const connections = await connectionsByPsu.load(context, psuId);
  return connections.find((row) => row.connectorID === connectorId && row.connectionID === ownId) ?? null;
}

/** The connection that a mutation names. Rejects with NOT_FOUND unless it is among its PSU's own. */
export async function loadOwnConnection(context: Context, id: string): Promise<Connection> {
  const connection = await loadConnection(context, toKey("BankConnection", id, "input.connectionId"));
  if (connection === null) throw notFound("input.connectionId");
  return connection;
}

export function toConnectionKey({ psuId, connectorID, connectionID }: Connection): string {
  return toCompositeKey({ psuId, connectorId: connectorID, ownId: connectionID });
}

export function toLiveKey({ psuId, connectorID, connectionID }: Connection): ConnectionKey {
  return { psuId, connectorId: connectorID, connectionId: connectionID };
}

/**
 * When its consent ends or has ended, if a warning of that stands: until the connection is in error, has changed or got
 * data since that time, was RECONNECTED, or was renewed.
 */
export async function consentExpiryOf(live: Live, connection: Connection): Promise<string | null> {
  if (connection.known !== undefined) return connection.known.consentEndsAt;
  if (connection.status === "ERROR") return null;
  const endsAt = await live.consents.expiryOf(toLiveKey(connection));
  const isAfter = (time: string | null) => time !== null && endsAt !== null && Date.parse(time) > Date.parse(endsAt);
  return isAfter(connection.updatedAt) || isAfter(connection.dataUpdatedAt) ? null : endsAt;
}

export async function loadHealth(context: Context, connection: Connection): Promise<Health> {
  return connection.known?.health ?? toHealth(context, connection, await loadData(context, connection));
}

/** Where the accounts cannot be read, what the connection alone shows: a bank must not be gone for that. */
export async function loadRequiredAction(context: Context, connection: Connection) {
  const health = await loadHealth(context, connection).catch(() => toHealth(context, connection, null));
  return orMalformed(health.requiredAction, "status of a connection");
}

async function toHealth({ live }: Context, connection: Connection, data: ConnectionData | null): Promise<Health> {
  return healthOf(connection, data, await consentExpiryOf(live, connection), live.staleAfterMs);
}

/** `null`: the connection has the time of its data itself. */
async function loadData(context: Context, connection: Connection): Promise<ConnectionData | null> {
  if (!lacksSyncTime(connection, context.providers)) return null;
  const { psuId } = connection;
  const [accounts, all] = await Promise.all([
    accountsByPsu.load(context, psuId),
    connectionsByPsu.load(context, psuId),
  ]);
  return toConnectionData(connection, accounts, all, context.providers);
}

/** Watches the connections of one PSU: as a list, since no event reports new and deleted ones. */
export function watchConnections(live: Live, providers: Providers, psuId: string): Watched<readonly Connection[]> {
  return {
    key: toConnectionsWatcherKey(psuId),
    topics: [connectionsTopic(psuId)],
    invalidates: [],
    async read(upstream, before) {
      const connections = await readConnections(upstream, psuId);
      // The service answers an empty list for a PSU that it does not know.
      const isThere = connections.length > 0 || (await orNull(upstream.paymentServiceUser(psuId))) !== null;
      if (!isThere) return null;
      const older = new Map(before?.map((connection) => [toConnectionKey(connection), connection]));
      const olderOf = (connection: Connection) => older.get(toConnectionKey(connection));
      const due = new Set(connections.filter((one) => isDataDue(one, olderOf(one), providers, live.staleAfterMs)));
      // Where that fails, the connections are emitted all the same, and the data after the next refresh.
      const accounts = due.size === 0 ? null : await readAccounts(upstream, psuId).catch(() => null);
      return Promise.all(
        connections.map(async (connection) => {
          const old = olderOf(connection);
          if (old?.status === "ERROR" && connection.status === "ACTIVE") await live.consents.answered(toLiveKey(old));
          const consentEndsAt = await consentExpiryOf(live, connection);
          const isRead = accounts !== null && due.has(connection);
          const data = isRead
            ? toConnectionData(connection, accounts, connections, providers)
            : (old?.known?.data ?? null);
          const health = healthOf(connection, data, consentEndsAt, live.staleAfterMs);
          return { ...connection, known: { consentEndsAt, data, health, ...toChangeTimes(connection, old) } };
        }),
      );
    },
    isSame: (a, b) => isDeepStrictEqual(a.map(toOwnRow), b.map(toOwnRow)) && hasSameData(a, b),
    isFinal: () => false,
    maxPauseMs: 30_000,
    isSettled: () => false,
    changesAt: (connections) => Math.min(...connections.map(({ known }) => known?.health.changesAt ?? never)),
  };
}

const never = Number.POSITIVE_INFINITY;

/** For so long after a connection was created or changed, news of its accounts is likely. */
const expectsDataForMs = 10 * 60_000;

/** Whether a watcher reads the accounts, where nothing else shows that data has come. */
function isDataDue(
  connection: Connection,
  old: Connection | undefined,
  providers: Providers,
  staleAfterMs: number,
): boolean {
  if (!lacksSyncTime(connection, providers)) return false;
  if (old?.known?.data == null) return true;
  if (connection.status === "ERROR") return false;
  const { changeSeenAt } = toChangeTimes(connection, old);
  return Date.now() - changeSeenAt < (old.known.data.length === 0 ? staleAfterMs : expectsDataForMs);
}

/** At first by the service's clock, which may be another. */
function toChangeTimes({ createdAt, updatedAt }: Connection, old: Connection | undefined) {
  const known = old?.known;
  if (known === undefined) {
    const changedAt = Math.max(Date.parse(createdAt), Date.parse(updatedAt ?? createdAt));
    return { changeSeenAt: Math.min(Date.now(), changedAt), settledAt: updatedAt };
  }
  return old?.updatedAt === updatedAt
    ? { changeSeenAt: known.changeSeenAt, settledAt: updatedAt }
    : { changeSeenAt: Date.now(), settledAt: known.settledAt };
}

/** Rows that a query has read have no data beside them. */
function hasSameData(a: readonly Connection[], b: readonly Connection[]): boolean {
  return a.every(({ known }, index) => {
    const other = b[index]?.known?.data;
    return known?.data == null || other == null || isDeepStrictEqual(known.data, other);
  });
}

export function toOwnRow({ known, ...row }: Connection): Omit<Connection, "known"> {
  return row;
}
