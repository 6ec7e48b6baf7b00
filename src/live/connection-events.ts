/** Reads the stack's events as invalidations. */
import { z } from "zod";
import { parseTaskOwner } from "../upstream/upstream-id.ts";
import { time } from "../upstream/wire-types.ts";

/**
 * That something may have changed. An event can be late, doubled, out of order or missing (a link completed by redirect
 * sends none), so clients are shown what the REST API says, and never an event alone. `PENDING_DISCONNECT` is the
 * exception: REST does not know it.
 */
export type Invalidation = {
  /** What may have changed. */
  readonly topics: readonly Topic[];
  /** What a connection's event says beyond that; `null` for other events. */
  readonly event: ConnectionEvent | null;
};

/** Where this replica has an invalidation from: the stack's webhook or broker, another replica, or itself. */
export type InvalidationSource = "webhook" | "nats" | "bus" | "own";

/** The attempts of a PSU at a connector (no event names an attempt), the connections of a PSU, or a task. */
export type Topic = `attempts:${string}` | `connections:${string}` | `task:${string}`;

export type ConnectionEvent = {
  readonly kind: "DATA_SYNCED" | "PENDING_DISCONNECT" | "DISCONNECTED" | "RECONNECTED";
  readonly psuId: string;
  readonly connectorId: string;
  /** Empty where the provider names none (Tink). */
  readonly connectionId: string;
  /** RFC 3339. For `PENDING_DISCONNECT` it lies ahead: when the consent ends. */
  readonly at: string;
  readonly reason: string | null;
};

export const attemptsTopic = (psuId: string, connectorId: string): Topic => `attempts:${psuId}:${connectorId}`;
export const connectionsTopic = (psuId: string): Topic => `connections:${psuId}`;
export const taskTopic = (taskId: string): Topic => `task:${taskId}`;

/** The events that are read, by the names that a webhook must be configured with. */
export const eventTypes = [
  "payments.open_banking_user_link_status",
  "payments.open_banking_user_connection_data_synced",
  "payments.open_banking_user_connection_pending_disconnect",
  "payments.open_banking_user_connection_disconnected",
  "payments.open_banking_user_connection_reconnected",
  "payments.open_banking_user_disconnected",
  "payments.updated_task",
] as const;

/** How far from now the end of a consent can lie: none lasts longer than 13 months. */
const maxConsentMs = 400 * 86_400_000;

/** Whether a consent can end then. What stands until its end is kept for as long. */
export function isConsentEnd(at: string): boolean {
  return Math.abs(Date.parse(at) - Date.now()) <= maxConsentMs;
}

/** Longer than any that the stack makes; ids of warnings are kept. All together fit into a message between replicas. */
const connectorId = z.string().min(1).max(256);
const connectionId = z.string().max(256);
const taskId = z.string().min(1).max(1000);
const reason = z.string().max(10_000);
const psuId = z.guid().transform((id) => id.toLowerCase());
const atConnector = z.object({ psuID: psuId, connectorID: connectorId });
const onConnection = atConnector.extend({
  connectionID: connectionId,
  at: time,
  reason: z.nullish(reason).transform((text) => text || null),
});

const connectionEvent = (kind: ConnectionEvent["kind"], shape = onConnection) =>
  shape.transform(({ psuID, connectorID, connectionID, at, reason }): Invalidation => {
    const event = { kind, psuId: psuID, connectorId: connectorID, connectionId: connectionID, at, reason };
    return { topics: [connectionsTopic(psuID)], event };
  });

/** By the broker's spelling of the type; a webhook's is the same in lower case behind `payments.`. */
const catalogue: Readonly<Record<string, z.ZodType<Invalidation>>> = {
  // A completed link also makes connections, for which there is no event.
  OPEN_BANKING_USER_LINK_STATUS: atConnector.transform(({ psuID, connectorID }) => ({
    topics: [attemptsTopic(psuID, connectorID), connectionsTopic(psuID)],
    event: null,
  })),
  OPEN_BANKING_USER_CONNECTION_DATA_SYNCED: connectionEvent("DATA_SYNCED"),
  OPEN_BANKING_USER_CONNECTION_PENDING_DISCONNECT: connectionEvent(
    "PENDING_DISCONNECT",
    onConnection.refine(({ at }) => isConsentEnd(at)),
  ),
  OPEN_BANKING_USER_CONNECTION_DISCONNECTED: connectionEvent("DISCONNECTED"),
  OPEN_BANKING_USER_CONNECTION_RECONNECTED: connectionEvent("RECONNECTED"),
  OPEN_BANKING_USER_DISCONNECTED: atConnector.transform(({ psuID }) => ({
    topics: [connectionsTopic(psuID)],
    event: null,
  })),
  UPDATED_TASK: z.object({ id: taskId }).transform(({ id }) => {
    const owner = parseTaskOwner(id);
    return { topics: [taskTopic(id), ...(owner === null ? [] : [connectionsTopic(owner)])], event: null };
  }),
};

const envelope = z.object({ type: z.string(), payload: z.unknown() });

/** From an event of the broker or of a webhook; `null` for other events, and for those not shaped as promised. */
export function toInvalidation(event: unknown): Invalidation | null {
  const parsed = envelope.safeParse(event);
  if (!parsed.success) return null;
  const type = parsed.data.type.replace(/^payments\./, "").toUpperCase();
  const invalidation = Object.hasOwn(catalogue, type) ? catalogue[type]?.safeParse(parsed.data.payload) : undefined;
  return invalidation?.success ? invalidation.data : null;
}
