/** The events that the service puts on its broker, for any listener; the webhooks are one. */
import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";

/** All that the sandbox ever sends. */
export const eventTypes = [
  "OPEN_BANKING_USER_LINK_STATUS",
  "OPEN_BANKING_USER_CONNECTION_DATA_SYNCED",
  "OPEN_BANKING_USER_CONNECTION_PENDING_DISCONNECT",
  "OPEN_BANKING_USER_CONNECTION_DISCONNECTED",
  "OPEN_BANKING_USER_CONNECTION_RECONNECTED",
  "SAVED_ACCOUNT",
  "SAVED_BALANCE",
  "SAVED_PAYMENT",
  "UPDATED_TASK",
] as const;

export type EventType = (typeof eventTypes)[number];

export type Envelope = {
  readonly idempotency_key: string;
  readonly date: string;
  readonly app: "payments";
  readonly version: "v3";
  readonly type: EventType;
  readonly payload: Readonly<Record<string, unknown>>;
};

export type Outbox = {
  /** Oldest first, the last 10,000. */
  readonly events: readonly Envelope[];
  onEvent(listener: (event: Envelope) => void): Disposable;
  /** Does nothing when an event of the same payload was ever emitted: the service's outbox is keyed by it. */
  emit(type: EventType, payload: Readonly<Record<string, unknown>>): void;
};

const bound = 10_000;

export function createOutbox(clock: Clock): Outbox {
  const events: Envelope[] = [];
  const seen = new Set<string>();
  const listeners = new Set<{ readonly notify: (event: Envelope) => void }>();
  return {
    events,
    onEvent(notify) {
      const listener = { notify };
      listeners.add(listener);
      return {
        [Symbol.dispose]() {
          listeners.delete(listener);
        },
      };
    },
    emit(type, payload) {
      const key = createHash("sha1").update(canonical(payload)).digest("hex");
      if (seen.has(`${type} ${key}`)) return;
      seen.add(`${type} ${key}`);
      const date = clock.now().toISOString();
      const event: Envelope = { idempotency_key: key, date, app: "payments", version: "v3", type, payload };
      events.push(event);
      if (events.length > bound) events.shift();
      for (const listener of [...listeners]) listener.notify(event);
    },
  };
}

/** JSON with sorted keys, so that equal payloads have equal keys. */
const canonical = (payload: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.entries(payload).sort(([a], [b]) => (a < b ? -1 : 1)));
