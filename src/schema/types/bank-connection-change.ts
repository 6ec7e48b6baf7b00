/** The subscription to a PSU's connections: which message each change becomes. */

import { isDeepStrictEqual } from "node:util";
import { notFound } from "../../errors.ts";
import type { Sink } from "../../live/conflating-queue.ts";
import type { ConnectionEvent } from "../../live/connection-events.ts";
import type { Differ } from "../../live/watched.ts";
import { builder, ownedBy } from "../builder.ts";
import { perPsu, stream } from "../cost.ts";
import { maySee } from "../filter.ts";
import { anyPsuId, parseCompositeKey, toGlobalId, toKey } from "../global-id.ts";
import { type Connection, toConnectionKey, toOwnRow, watchConnections } from "../loaders/bank-connection.ts";
import { isSynced } from "../loaders/connection-health.ts";
import { BankConnection } from "../refs.ts";
import { orThrow, type StreamItem, subscribeTo } from "../subscription.ts";

type ChangeKind = keyof typeof kinds;

type Change = {
  readonly kind: ChangeKind;
  readonly key: string;
  readonly connection: Connection | null;
  readonly at: string;
  readonly reason: string | null;
};

const kinds = {
  CURRENT: { description: "How the connection is: at the beginning, and after a change that has no name of its own." },
  CREATED: { description: "A new connection." },
  DATA_SYNCED: { description: "New data has been fetched." },
  PENDING_DISCONNECT: { description: "The consent ends soon: `at` says when. Relink before that." },
  DISCONNECTED: { description: "The connection no longer works, perhaps only for a while: `reason` says why." },
  RECONNECTED: { description: "The connection works again." },
  DELETED: { description: "The connection is gone." },
} as const;

const BankConnectionChangeKind = builder.enumType("BankConnectionChangeKind", {
  description: "What happened to a connection.",
  values: kinds,
});

const BankConnectionChange = builder.objectRef<Change>("BankConnectionChange").implement({
  description: "A connection as it is now, and what happened to it.",
  authScopes: ownedBy(({ key }) => parseCompositeKey(key).psuId),
  fields: (t) => ({
    kind: t.expose("kind", { type: BankConnectionChangeKind, description: "What happened." }),
    connectionId: t.id({
      description: "The connection's global id, also when it is gone.",
      resolve: ({ key }) => toGlobalId("BankConnection", key),
    }),
    connection: t.expose("connection", { type: BankConnection, nullable: true, description: "Null when it is gone." }),
    at: t.expose("at", {
      type: "DateTime",
      description: "When it happened, as far as known; for PENDING_DISCONNECT when the consent ends.",
    }),
    reason: t.exposeString("reason", { nullable: true, description: "Why, in the provider's words." }),
  }),
});

/** Compares each new state with what the subscriber has read last. */
export function createChangeDiffer(connectorId: string | null): Differ<readonly Connection[], StreamItem<Change>> {
  return new ChangeDiffer(connectorId);
}

type ByKey = ReadonlyMap<string, Connection>;

/** A class that shares all that it can: there is one for each of thousands of subscribers. */
class ChangeDiffer implements Differ<readonly Connection[], StreamItem<Change>> {
  readonly #connectorId: string | null;
  /** Those with an unread message, as the subscriber knows them from the message before. New ones are not in it. */
  #asRead: Map<string, Connection> | null = null;
  #latest: ByKey | null = null;
  /** Those that were there at the beginning, for which CREATED would be wrong. */
  #initial: ByKey | ReadonlySet<string> | null = null;

  constructor(connectorId: string | null) {
    this.#connectorId = connectorId;
  }

  diff(all: readonly Connection[], events: readonly ConnectionEvent[], sink: Sink<StreamItem<Change>>): void {
    const now = toConnections(all, this.#connectorId);
    this.#initial ??= now;
    for (const [key, connection] of now) {
      const own = events.filter((event) => isAbout(event, connection));
      const old = this.#latest?.get(key);
      if (old === undefined || !isDeepStrictEqual(old, connection)) this.#put(key, connection, own, sink);
      const warning = old === undefined ? null : toWarning(key, old, connection, own);
      // Under its own key: a newer state must not replace it, since the upstream does not keep warnings.
      if (warning !== null) sink.put(`${key} ending`, warning);
    }
    for (const key of this.#latest?.keys() ?? []) {
      if (!now.has(key)) this.#put(key, undefined, [], sink);
    }
    this.#latest = now;
  }

  emitGone(sink: Sink<StreamItem<Change>>): void {
    for (const key of this.#latest?.keys() ?? []) this.#put(key, undefined, [], sink);
    sink.put("gone", notFound("psuId"));
  }

  /** Puts the one message that leads from the state that was read to the present one; none if they are equal. */
  #put(
    key: string,
    now: Connection | undefined,
    events: readonly ConnectionEvent[],
    sink: Sink<StreamItem<Change>>,
  ): void {
    const before = (sink.has(key) ? this.#asRead : this.#latest)?.get(key);
    let change: Change | null;
    if (now === undefined) change = before === undefined ? null : toDeleted(key);
    else if (before === undefined) change = this.#initial?.has(key) ? toCurrent(key, now) : toCreated(key, now);
    else change = toChange(key, before, now, events);
    if (change === null) sink.drop(key);
    else sink.put(key, change);
    if (before !== undefined && sink.has(key)) {
      this.#asRead ??= new Map();
      this.#asRead.set(key, before);
    } else {
      this.#asRead?.delete(key);
    }
    // If it comes back, it is new.
    if (now === undefined && this.#initial?.has(key)) {
      this.#initial = new Set([...this.#initial.keys()].filter((one) => one !== key));
    }
  }
}

const byKeys = new WeakMap<readonly Connection[], ByKey>();

/** By key, made once for all subscribers of the same state. */
function toConnections(all: readonly Connection[], connectorId: string | null): ByKey {
  let byKey = byKeys.get(all);
  if (byKey === undefined) {
    byKey = new Map(all.map((connection) => [toConnectionKey(connection), connection]));
    byKeys.set(all, byKey);
  }
  if (connectorId === null) return byKey;
  return new Map([...byKey].filter(([, { connectorID }]) => connectorID === connectorId));
}

function toCreated(key: string, connection: Connection): Change {
  return { kind: "CREATED", key, connection, at: connection.createdAt, reason: connection.error };
}

function toCurrent(key: string, connection: Connection): Change {
  return {
    kind: "CURRENT",
    key,
    connection,
    at: connection.updatedAt ?? connection.createdAt,
    reason: connection.error,
  };
}

function toDeleted(key: string): Change {
  return { kind: "DELETED", key, connection: null, at: new Date().toISOString(), reason: null };
}

/** The one change that explains a difference, with time and reason from its event if there was one. */
function toChange(
  key: string,
  before: Connection,
  connection: Connection,
  events: readonly ConnectionEvent[],
): Change | null {
  const { status, error, updatedAt, dataUpdatedAt } = connection;
  const toNamed = (kind: ConnectionEvent["kind"], at: string): Change => {
    const event = events.find((one) => one.kind === kind && isNewerThan(before, one));
    return {
      kind,
      key,
      connection,
      at: event?.at ?? at,
      reason: event?.reason ?? (kind === "DISCONNECTED" ? error : null),
    };
  };
  const changedAt = updatedAt ?? new Date().toISOString();
  // What a status means that this gateway does not know is neither of the two.
  if (before.status !== status && status === null) return toCurrent(key, connection);
  if (before.status !== status) return toNamed(status === "ACTIVE" ? "RECONNECTED" : "DISCONNECTED", changedAt);
  if (status === "ERROR" && before.error !== error) return toNamed("DISCONNECTED", changedAt);
  if (isSynced(connection) && before.dataUpdatedAt !== dataUpdatedAt) return toNamed("DATA_SYNCED", dataUpdatedAt);
  if (hasNewData(before, connection))
    return toNamed("DATA_SYNCED", connection.known?.health.dataUpdatedAt ?? changedAt);
  const isSame = isDeepStrictEqual(toOwnRow(before), toOwnRow(connection)) && isSameBeside(before, connection);
  return isSame || isSyncUnderWay(before, connection) ? null : toCurrent(key, connection);
}

/** The next refresh emits DATA_SYNCED, when what was fetched is stored. */
function isSyncUnderWay(before: Connection, connection: Connection): boolean {
  const { status, updatedAt, known } = connection;
  if (!known?.data?.length || status !== "ACTIVE" || known.settledAt === updatedAt) return false;
  return isDeepStrictEqual({ ...toOwnRow(before), updatedAt }, toOwnRow(connection));
}

/** Where neither an event nor the connection's `dataUpdatedAt` says so: its accounts are others, or a sync has moved it on. */
function hasNewData({ known: before }: Connection, { status, known: now }: Connection): boolean {
  if (before === undefined || now?.data == null || now.data.length === 0 || status !== "ACTIVE") return false;
  // Where they could not be read before, they are new to one who waits.
  if (before.data === null) return before.health.requiredAction === "WAIT";
  return !isDeepStrictEqual(before.data, now.data) || (before.data.length > 0 && before.settledAt !== now.settledAt);
}

/** A new warning has a message of its own. */
function isSameBeside({ known: before }: Connection, { known: now }: Connection): boolean {
  if (before?.consentEndsAt !== now?.consentEndsAt) return now?.consentEndsAt != null;
  return before?.health.isStale === now?.health.isStale && before?.health.requiredAction === now?.health.requiredAction;
}

/** A new warning for a connection that works. */
function toWarning(
  key: string,
  before: Connection,
  connection: Connection,
  events: readonly ConnectionEvent[],
): Change | null {
  const at = connection.known?.consentEndsAt ?? null;
  if (at === null || at === before.known?.consentEndsAt || before.status !== "ACTIVE") return null;
  const event = events.find((one) => one.kind === "PENDING_DISCONNECT" && one.at === at);
  return { kind: "PENDING_DISCONNECT", key, connection, at, reason: event?.reason ?? null };
}

/** A late event describes an earlier change, not the one that was just seen. */
function isNewerThan({ updatedAt, dataUpdatedAt }: Connection, { kind, at }: ConnectionEvent): boolean {
  const known = kind === "DATA_SYNCED" ? dataUpdatedAt : updatedAt;
  return known === null || Date.parse(at) >= Date.parse(known);
}

function isAbout(event: ConnectionEvent, { connectorID, connectionID }: Connection): boolean {
  return event.connectorId === connectorID && event.connectionId === connectionID;
}

builder.subscriptionField("connectionChanged", (t) =>
  t.field({
    type: BankConnectionChange,
    description:
      "One CURRENT message for each connection of a PSU, then every change. NOT_FOUND when the PSU is not there, or no longer.",
    authScopes: { read: true },
    extensions: stream(perPsu.connection, 2), // the connections, and the accounts where only these show data
    args: {
      psuId: t.arg.id({ required: true, description: anyPsuId }),
      connectorId: t.arg.id({ description: "Only connections of this connector." }),
    },
    subscribe: (_root, args, context) => {
      const psuId = toKey("PaymentServiceUser", args.psuId, "psuId");
      const connectorId = args.connectorId == null ? null : toKey("Connector", args.connectorId, "connectorId");
      if (!maySee(context.viewer, psuId)) throw notFound("psuId");
      const { live, providers } = context;
      return subscribeTo(context, watchConnections(live, providers, psuId), createChangeDiffer(connectorId));
    },
    resolve: orThrow,
  }),
);
