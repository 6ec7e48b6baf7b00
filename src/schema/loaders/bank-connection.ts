/** Reads and watches the connections of a PSU. */

import { isDeepStrictEqual } from "node:util";
import { notFound } from "../../errors.ts";
import { connectionsTopic } from "../../live/connection-events.ts";
import type { ConnectionKey } from "../../live/event-bus.ts";
import type { Live } from "../../live/live.ts";
import type { Watched } from "../../live/watched.ts";
import { orNull, type Upstream } from "../../upstream/client.ts";
import { allRows } from "../../upstream/pages.ts";
import type * as wire from "../../upstream/wire-types.ts";
import type { Context } from "../context.ts";
import { maySee } from "../filter.ts";
import { parseCompositeKey, toCompositeKey, toKey } from "../global-id.ts";
import { defineLoader, loadEach } from "../loader.ts";

/** A connection with the PSU that it was found under: the service's own row does not name one. */
export type Connection = wire.BankConnection & {
  readonly psuId: string;
  /** When its consent ends, as known when the row was read; if missing, it is read when a query selects it. */
  readonly consentEndsAt?: string | null;
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

/** `null` also for a connection in error: its consent is of no use, whenever it ends. */
export async function consentExpiryOf(live: Live, connection: Connection): Promise<string | null> {
  if (connection.consentEndsAt !== undefined) return connection.consentEndsAt;
  return connection.status === "ERROR" ? null : live.consents.expiryOf(toLiveKey(connection));
}

/** Watches the connections of one PSU: as a list, since no event reports new and deleted ones. */
export function watchConnections(live: Live, psuId: string): Watched<readonly Connection[]> {
  return {
    key: toConnectionsWatcherKey(psuId),
    topics: [connectionsTopic(psuId)],
    invalidates: [],
    async read(upstream) {
      const connections = await readConnections(upstream, psuId);
      // The service answers an empty list for a PSU that it does not know.
      const isThere = connections.length > 0 || (await orNull(upstream.paymentServiceUser(psuId))) !== null;
      if (!isThere) return null;
      return Promise.all(
        connections.map(async (connection) => ({
          ...connection,
          consentEndsAt: await consentExpiryOf(live, connection),
        })),
      );
    },
    // Rows that a query has read do not say when consents end.
    isSame: (a, b) => isDeepStrictEqual(a.map(withoutConsent), b.map(withoutConsent)),
    isFinal: () => false,
    maxPauseMs: 30_000,
    refreshesUntil: () => Number.POSITIVE_INFINITY,
  };
}

export function withoutConsent({ consentEndsAt, ...connection }: Connection): Omit<Connection, "consentEndsAt"> {
  return connection;
}

/** Before the first sync the service writes Go's zero time. */
export function isSynced({ dataUpdatedAt }: wire.BankConnection): boolean {
  return !dataUpdatedAt.startsWith("0001-01-01T00:00:00");
}
